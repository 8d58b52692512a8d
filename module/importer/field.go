package importer

import (
	"strings"
	"unicode"

	"github.com/kupec/kupec/module/contact"
)

// Field is what a column tells.
type Field string

// The fields there are.
const (
	Ignore    Field = ""
	Email     Field = "email"
	FullName  Field = "name"
	FirstName Field = "first_name"
	LastName  Field = "last_name"
	Company   Field = "company"
	Phone     Field = "phone"
	Line1     Field = "line1"
	Line2     Field = "line2"
	City      Field = "city"
	Postcode  Field = "postcode"
	Region    Field = "region"
	Country   Field = "country"
	Language  Field = "language"
	Consent   Field = "consent"    // yes or no
	ConsentAt Field = "consent_at" // when it was given
)

// Fields is all of them, in the order in which people look for them.
var Fields = []Field{Email, FirstName, LastName, FullName, Company, Phone, Line1, Line2, Postcode, City, Region, Country, Language, Consent, ConsentAt}

// Key names the field's word in [Locales].
func (f Field) Key() string {
	if f == Ignore {
		return "importer.field.ignore"
	}
	return "importer.field." + string(f)
}

// words are heads of columns as programs and people write them, in the languages that the panel speaks, folded: lower
// case, letters and digits only.
var words = map[Field][]string{
	Email: {"email", "emailaddress", "mail", "emailaddr", "useremail", "billingemail", "epošta", "eposta", "epoštninaslov", "elektronskapošta", "elektronskinaslov",
		"emailadresse", "mailadresse", "почта", "email1", "emailvalue", "электроннаяпочта", "эпочта", "адресэлектроннойпочты", "имейл", "емейл"},
	FirstName: {"firstname", "first", "fname", "givenname", "forename", "billingfirstname", "ime", "vorname", "имя", "name1"},
	LastName:  {"lastname", "last", "lname", "surname", "familyname", "billinglastname", "priimek", "nachname", "familienname", "фамилия", "prezime"},
	FullName: {"name", "fullname", "displayname", "customer", "customername", "contact", "contactname", "imeinpriimek", "imepriimek", "kupec", "stranka",
		"vollername", "kunde", "kundenname", "фио", "имяифамилия", "полноеимя", "покупатель"},
	Company:  {"company", "companyname", "organization", "organisation", "billingcompany", "podjetje", "firma", "unternehmen", "компания", "организация", "фирма"},
	Phone:    {"phone", "phonenumber", "telephone", "tel", "mobile", "mobilephone", "cell", "billingphone", "telefon", "telefonskaštevilka", "telefonskastevilka", "gsm", "mobitel", "mobilni", "telefonnummer", "handy", "mobil", "телефон", "номертелефона", "мобильный"},
	Line1:    {"address", "address1", "addressline1", "street", "streetaddress", "line1", "billingaddress1", "naslov", "ulica", "ulicainhišnaštevilka", "adresse", "strasse", "straße", "strassehausnummer", "адрес", "улица"},
	Line2:    {"address2", "addressline2", "line2", "billingaddress2", "naslov2", "adresszusatz", "адрес2"},
	City:     {"city", "town", "billingcity", "kraj", "mesto", "pošta", "posta", "ort", "stadt", "город"},
	Postcode: {"postcode", "postalcode", "zip", "zipcode", "billingpostcode", "poštnaštevilka", "postnastevilka", "poštnašt", "plz", "postleitzahl", "индекс", "почтовыйиндекс"},
	Region:   {"region", "state", "province", "county", "billingstate", "regija", "pokrajina", "bundesland", "область", "регион"},
	Country:  {"country", "countrycode", "billingcountry", "država", "drzava", "land", "staat", "страна"},
	Language: {"language", "lang", "locale", "jezik", "sprache", "язык"},
	Consent:  {"consent", "subscribed", "optin", "newsletter", "acceptsmarketing", "acceptsemailmarketing", "emailmarketing", "marketing", "status", "soglasje", "privolitev", "naročen", "narocen", "einwilligung", "zustimmung", "подписан", "согласие", "рассылка"},
	ConsentAt: {"consentat", "consentdate", "subscribedat", "optindate", "optintime", "confirmtime", "confirmedat", "datumsoglasja", "datumprivolitve", "datumprijave", "einwilligungam", "anmeldedatum",
		"датасогласия", "датаподписки"},
}

// fold leaves lower-case letters and digits.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// Guess says what columns mean, by their heads and, where those say nothing, by what is in them. Each field is guessed
// once. some are rows of the file.
func Guess(head []string, some [][]string) []Field {
	guessed := make([]Field, len(head))
	taken := map[Field]bool{}
	take := func(i int, f Field) {
		if guessed[i] == Ignore && !taken[f] {
			guessed[i], taken[f] = f, true
		}
	}
	for _, f := range Fields {
		for _, word := range words[f] {
			for i, h := range head {
				if fold(h) == word {
					take(i, f)
				}
			}
		}
	}
	// "ime" is a first name beside a last name, and a whole one alone.
	if taken[FirstName] && !taken[LastName] && !taken[FullName] {
		for i, f := range guessed {
			if f == FirstName {
				guessed[i] = FullName
			}
		}
	}
	if !taken[Email] {
		for i := range head {
			if mostly(some, i, func(cell string) bool { _, err := contact.ParseEmail(cell); return err == nil }) {
				take(i, Email)
			}
		}
	}
	return guessed
}

// mostly says whether most cells of a column that are not blank are such.
func mostly(rows [][]string, column int, such func(string) bool) bool {
	full, are := 0, 0
	for _, row := range rows {
		if column < len(row) && row[column] != "" {
			full++
			if such(row[column]) {
				are++
			}
		}
	}
	return full > 0 && are*2 > full
}
