package customer

import (
	"strings"
	"time"

	"github.com/kupec/kupec/module/contact"
)

// Person is somebody as one row of a shop, or one confirmed form, shows them: everything normalised already.
type Person struct {
	Evidence   Evidence // EvidenceAccount: the account's own row; EvidenceOrder: an order; EvidenceSignup: a subscription
	Ref        string   // by what staff find the evidence: the account's key, the order's number
	AccountKey string   // the shop's key of the account; empty: a guest
	OrderKey   string   // the shop's key of the order, for EvidenceOrder
	Email      contact.Email
	Phone      contact.Phone
	Name       contact.Name
	Company    string
	Address    contact.Address
	Language   string
	At         time.Time // registration, order or confirmation; zero: the shop does not say
	Deleted    bool      // the account is no longer in the shop: its identity is kept and marked, its data are not read
}

// Linked is where a person was found.
type Linked struct {
	ProfileID  int64   // 0: a deleted account that was never known
	IdentityID int64   // the account, else the address, else the order: what an order follows when links are undone
	Created    bool    // the profile is new with this person
	Erased     bool    // the person was erased: the profile is the emptied one, and what the row says of them must not be kept
	NoEmail    bool    // the person is somebody, but the address is of one who was erased, and must not be kept
	Touched    []int64 // other profiles that were merged into this one, or lost an identity and its orders to it
}

// clean cuts texts to what the columns hold and takes out what cannot be shown.
func (p Person) clean() Person {
	p.Ref = contact.CleanText(p.Ref, 64)
	p.Name = contact.CleanName(p.Name.First, p.Name.Last, 120)
	p.Company = contact.CleanText(p.Company, 160)
	p.Address = contact.Address{Line1: contact.CleanText(p.Address.Line1, 255), Line2: contact.CleanText(p.Address.Line2, 255),
		City: contact.CleanText(p.Address.City, 120), Postcode: contact.CleanText(p.Address.Postcode, 32),
		Region: contact.CleanText(p.Address.Region, 120), Country: country(p.Address.Country)}
	p.Language = contact.CleanText(p.Language, 16)
	return p
}

func country(s string) string {
	if len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return s
}

// field is a set of the parts of a profile that are filled as a whole, so that a street never stands beside another
// address's town.
type field uint8

const (
	fieldName field = 1 << iota
	fieldCompany
	fieldPhone
	fieldAddress
	fieldLanguage
	fieldEmail
	fieldChosenLanguage // the person chose it on the preference page: neither accounts nor orders change it
)

// learn takes over what the person shows. lead: it is the account whose own word stands. ownsEmail: the person's
// address is one of this profile's identities.
func (r *profileRow) learn(p Person, lead, ownsEmail bool) {
	email := ""
	if ownsEmail {
		email = string(p.Email)
	}
	at := null(p.At)
	newest := r.FilledAt.IsZero() || !at.Before(r.FilledAt.Time)
	offered := false
	part := func(f field, given, blank bool, set func()) {
		switch {
		case lead && given:
			set()
			r.OwnFields |= f
		case lead && r.OwnFields&f != 0 && f != fieldEmail: // the account no longer says; a mailbox is not lost by that
			set()
			r.OwnFields &^= f
		case !lead && given && r.OwnFields&f == 0:
			offered = true
			if newest || blank {
				set()
			}
		}
	}
	part(fieldName, p.Name != contact.Name{}, r.FirstName == "" && r.LastName == "", func() { r.FirstName, r.LastName = p.Name.First, p.Name.Last })
	part(fieldCompany, p.Company != "", r.Company == "", func() { r.Company = p.Company })
	part(fieldPhone, p.Phone != "", r.Phone == "", func() { r.Phone = string(p.Phone) })
	if r.OwnFields&fieldChosenLanguage == 0 {
		part(fieldLanguage, p.Language != "", r.Language == "", func() { r.Language = p.Language })
	}
	part(fieldEmail, email != "", r.Email == "", func() { r.Email = email })
	if onlyCountry(p.Address) { // less than an address: it must not hide the one an order shows
		if r.Country == "" {
			r.Country = p.Address.Country
		}
	} else {
		part(fieldAddress, !p.Address.IsZero(), onlyCountry(r.address()), func() { r.setAddress(p.Address) })
	}
	if offered && newest {
		r.FilledAt = at
	}
	r.FirstSeenAt = earliest(r.FirstSeenAt, at)
	if p.Evidence != EvidenceOrder && p.Evidence != EvidenceImport {
		r.RegisteredAt = earliest(r.RegisteredAt, at)
	}
}

// learnFrom fills in from a guest who turned out to be this person.
func (r *profileRow) learnFrom(guest profileRow) {
	registered := guest.RegisteredAt
	p := Person{Evidence: EvidenceOrder, Email: contact.Email(guest.Email), Phone: contact.Phone(guest.Phone), Company: guest.Company,
		Name: contact.Name{First: guest.FirstName, Last: guest.LastName}, Address: guest.address(), Language: guest.Language, At: guest.FilledAt.Time}
	r.learn(p, false, true)
	r.FirstSeenAt = earliest(r.FirstSeenAt, guest.FirstSeenAt)
	r.RegisteredAt = earliest(r.RegisteredAt, registered)
}

func onlyCountry(a contact.Address) bool {
	a.Country = ""
	return a.IsZero()
}
