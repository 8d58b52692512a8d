package bitrix

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// An order's buyer is told by properties that each shop makes up for itself, other ones for each kind of buyer. What one
// holds is told by its flags; its code is a mere convention, and used where no property has the flag.

// role is what a property holds.
type role int

const (
	noRole role = iota
	roleEmail
	rolePhone
	rolePayer
	roleCompany
	roleZIP
	roleCity
	roleStreet
	roleLocation
	roles
)

// contact is who ordered, as typed in, by role.
type contact [roles]string

// codes are what Bitrix's own installation, and most shops, call their properties.
var codes = map[string]role{
	"EMAIL": roleEmail, "PHONE": rolePhone, "FIO": rolePayer, "CONTACT_PERSON": rolePayer, "COMPANY": roleCompany, "ZIP": roleZIP, "CITY": roleCity,
	"ADDRESS": roleStreet, "LOCATION": roleLocation,
}

// definition is a property of the orders of one kind of buyer.
type definition struct {
	person                                               int64
	code, multiple                                       string
	email, phone, payer, profile, zip, location, address string // flags
}

// flagged is what the flags say. The name of a buyer's profile is the company where it is not the buyer.
func (d definition) flagged() role {
	switch "Y" {
	case d.email:
		return roleEmail
	case d.phone:
		return rolePhone
	case d.payer:
		return rolePayer
	case d.zip:
		return roleZIP
	case d.location:
		return roleLocation
	case d.address:
		return roleStreet
	case d.profile:
		return roleCompany
	}
	return noRole
}

// first is a value, or the first where a property holds several, as a serialised list.
func (d definition) first(text string) string {
	if d.multiple != "Y" {
		return text
	}
	list, err := foreign.ParsePHP(text)
	if err != nil {
		return text
	}
	for _, e := range list.Entries {
		if strings.TrimSpace(e.Value.Text) != "" {
			return e.Value.Text
		}
	}
	return list.Text
}

// definitions are all properties, by id, with what each holds.
type definitions map[int64]struct {
	definition
	role
}

func (r *reader) definitions(ctx context.Context) (definitions, error) {
	all := map[int64]definition{}
	flagged := map[int64]contact{} // by kind of buyer: what has a flag
	err := r.Each(ctx, "properties of orders", `SELECT p.ID, p.PERSON_TYPE_ID, p.CODE, p.MULTIPLE, p.IS_EMAIL, p.IS_PHONE, p.IS_PAYER, p.IS_PROFILE_NAME, p.IS_ZIP, p.IS_LOCATION, `+
		r.column("p", "sale_order_props", "IS_ADDRESS", "'N'")+" FROM {sale_order_props} p", nil, func(scan func(...any) error) error {
		var id int64
		var d definition
		err := scan(&id, &d.person, follow.Text(&d.code), &d.multiple, &d.email, &d.phone, &d.payer, &d.profile, &d.zip, &d.location, &d.address)
		all[id] = d
		c := flagged[d.person]
		c[d.flagged()] = "Y"
		flagged[d.person] = c
		return err
	})
	found := definitions{}
	for id, d := range all {
		holds := d.flagged()
		if coded := codes[strings.ToUpper(strings.TrimSpace(d.code))]; holds == noRole && flagged[d.person][coded] == "" {
			holds = coded
		}
		x := found[id]
		x.definition, x.role = d, holds
		found[id] = x
	}
	return found, err
}

// orderProperties is the condition for values to be the order's own, and not a shipment's.
func (r *reader) orderProperties(alias string) string {
	if !r.shipmentProperties() {
		return "TRUE"
	}
	return alias + ".ENTITY_TYPE = 'ORDER'"
}

// put notes a property's value where it is the first for what it holds. Of a property that was deleted since, the values keep
// the code.
func (defined definitions) put(c *contact, property int64, code, text string) {
	d, ok := defined[property]
	if !ok {
		d.role = codes[strings.ToUpper(strings.TrimSpace(code))]
	}
	if text = d.first(text); c[d.role] == "" && strings.TrimSpace(text) != "" {
		c[d.role] = text
	}
}

// contacts reads the orders' properties.
func (r *reader) contacts(ctx context.Context, ids []int64) (map[int64]contact, error) {
	defined, err := r.definitions(ctx)
	if err != nil {
		return nil, err
	}
	all := map[int64]contact{}
	err = r.Each(ctx, "orders' properties", "SELECT v.ORDER_ID, COALESCE(v.ORDER_PROPS_ID, 0), v.VALUE, v.CODE FROM {sale_order_props_value} v WHERE v.ORDER_ID "+follow.In(ids)+
		" AND "+r.orderProperties("v")+" ORDER BY v.ID", nil, func(scan func(...any) error) error {
		var order, property int64
		var text, code string
		if err := scan(&order, &property, follow.Text(&text), follow.Text(&code)); err != nil {
			return err
		}
		c := all[order]
		defined.put(&c, property, code, text)
		all[order] = c
		return nil
	})
	return all, err
}

// names takes a buyer's one name apart as Bitrix does when it registers one: the family name comes first. A patronymic is
// left out.
func (r *reader) names(text string) (given, family string) {
	words := strings.Fields(foreign.Plain(text))
	if len(words) < 2 {
		return strings.Join(words, ""), ""
	}
	if r.cfg.GivenNameFirst {
		return strings.Join(words[:len(words)-1], " "), words[len(words)-1]
	}
	if len(words) == 3 && patronymic(words[2]) {
		words = words[:2]
	}
	return strings.Join(words[1:], " "), words[0]
}

func patronymic(word string) bool {
	word = strings.ToLower(word)
	for _, end := range []string{"вич", "вна", "ична", "ьич", "мич", "кич"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// address joins what was typed in with the place that was chosen from the shop's list.
func (c contact) address(p place) adapters.Address {
	line1, line2 := lines(c[roleStreet])
	return adapters.Address{Line1: line1, Line2: line2, City: foreign.First(foreign.Plain(p.city), foreign.Plain(c[roleCity])), Postcode: foreign.Plain(c[roleZIP]),
		Region: foreign.Plain(p.region), Country: p.country}
}
