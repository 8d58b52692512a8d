package bitrix

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/kupec/kupec/adapters/foreign"
)

// countryNumbers are the countries in the order of the numbers that b_user.PERSONAL_COUNTRY has for them, from 1 on; --
// for a number that stands for none any more (Bitrix, module main, countries.php).
var countryNumbers = strings.Fields("RU AZ AM BY GE KZ KG LV LT MD TJ TM UZ UA EE AU AT AL DZ AO AE AR AW AF BS BD BB BE BJ BM BG BO BA BR BN GB HU VE VN HT " +
	"GM HN GP GT GN DE GI NL HK GD GL GR GY DK DO EG -- ZM ZW IL IN ID JO IQ IR IE IS ES IT YE KY CM CA KE CY CN CO KH CG KR " +
	"CR CU KW LR LI LU MR MG MK MY ML MT MX MZ MC MN MA NA NP NG -- NI NZ NO PK PA PG PY PE PL PT PR RO SA SN SG SY SK SI SO " +
	"SD US TW TH TT TN TR UG UY PH FI FR TD CZ CL CH SE LK EC ET ZA RS JM JP BH AD BZ BT BW BF BI CF KM CI DJ TL SV GQ ER FJ " +
	"GA GH GW KP LB LS LY MV MH NE OM QA RW WS SC SL SR SZ TZ EH HR AI AQ AG BV IO VG MM CV CX CC CK DM FK FO GF PF TF HM KI " +
	"LA MO MW MQ MU YT FM MS NR -- NC NU NF PW PS PN RE SH KN LC PM VC SM SB GS SJ TG TK TO TC TV VI VU VA WF ME ")

// countryNumber is the country that a number stands for; sites that were changed by hand may have a code there.
func countryNumber(text string) string {
	n := foreign.ID(text)
	if n < 1 || n > int64(len(countryNumbers)) {
		return foreign.Country(text)
	}
	return foreign.Country(countryNumbers[n-1])
}

// countryNames tell a country by what it is called, in the languages that Bitrix comes with: its places have names only.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, tag := range []language.Tag{language.English, language.Russian, language.Ukrainian, language.MustParse("be"), language.Kazakh, language.German, language.Polish} {
		addCountries(names, tag)
	}
	return names
})

func addCountries(names map[string]string, tag language.Tag) {
	namer := display.Regions(tag)
	if namer == nil {
		return
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !region.IsCountry() || region.Canonicalize() != region || region.String() != string([]rune{a, b}) {
				continue
			}
			if name := strings.ToLower(namer.Name(region)); name != "" && names[name] == "" {
				names[name] = region.String()
			}
		}
	}
}

// countryNamed finds the code for any of the names a place has.
func countryNamed(names ...string) string {
	for _, name := range names {
		if code := countryNames()[strings.ToLower(foreign.Plain(name))]; code != "" {
			return code
		}
	}
	return ""
}
