package prestashop

import (
	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// address is a row of the table of that name, in text.
type address struct {
	first, last, company, phone, mobile string
	line1, line2, city, postcode, land  string
	stateCode, stateName                string
}

// addressColumns and addressJoins read an address whose table goes by the alias a.
const (
	addressColumns = "a.firstname, a.lastname, a.company, a.phone, a.phone_mobile, a.address1, a.address2, a.city, a.postcode, land.iso_code, region.iso_code, region.name"
	addressJoins   = " LEFT JOIN {country} land ON land.id_country = a.id_country LEFT JOIN {state} region ON region.id_state = a.id_state"
)

// addressSum is what a digest sums up of one. Countries and states do not change.
var addressSum = []string{"a.id_address", "a.firstname", "a.lastname", "a.company", "a.phone", "a.phone_mobile", "a.address1", "a.address2", "a.city", "a.postcode", "a.id_country", "a.id_state"}

func (a *address) into() []any {
	fields := []*string{&a.first, &a.last, &a.company, &a.phone, &a.mobile, &a.line1, &a.line2, &a.city, &a.postcode, &a.land, &a.stateCode, &a.stateName}
	into := make([]any, len(fields))
	for i, f := range fields {
		into[i] = follow.Text(f)
	}
	return into
}

func (a *address) tel() string { return foreign.Plain(foreign.First(a.phone, a.mobile)) }

func (a *address) postal() adapters.Address {
	return adapters.Address{
		Line1: foreign.Plain(a.line1), Line2: foreign.Plain(a.line2), City: foreign.Plain(a.city), Postcode: foreign.Plain(a.postcode),
		Region: foreign.Plain(foreign.First(a.stateCode, a.stateName)), Country: foreign.Country(a.land),
	}
}
