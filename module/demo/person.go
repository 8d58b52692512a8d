package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// A person is one profile: somebody with an account, or a guest. Nobody here exists; the mail addresses are under the
// domains that RFC 2606 sets aside.
type person struct {
	number    uint64 // 0-based
	account   bool
	first     string
	last      string
	company   string
	street    string
	city      string
	postcode  string
	country   string // ISO 3166-1 alpha-2
	phone     string
	email     string // as the account has it
	locale    string
	subscribe string // "1", "0", or empty when never asked
}

func (p *person) login() string { return p.email[:strings.IndexByte(p.email, '@')] }

func (p *person) name() string { return p.first + " " + p.last }

// The currency a person pays in: the shop shows pounds to buyers from Britain.
func (p *person) currency() string {
	if p.country == "GB" {
		return "GBP"
	}
	return "EUR"
}

// A name as written and as it goes into an address.
type name struct{ text, latin string }

func plain(words string) []name {
	fold := strings.NewReplacer("č", "c", "š", "s", "ž", "z", "ć", "c", "đ", "d", "Č", "C", "Š", "S", "Ž", "Z",
		"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "Ö", "Oe", "é", "e", "'", "")
	var out []name
	for w := range strings.FieldsSeq(words) {
		w = strings.ReplaceAll(w, "_", " ")
		out = append(out, name{w, strings.ReplaceAll(strings.ToLower(fold.Replace(w)), " ", "")})
	}
	return out
}

// paired reads "Ольга/olga" words.
func paired(words string) []name {
	var out []name
	for w := range strings.FieldsSeq(words) {
		text, latin, _ := strings.Cut(w, "/")
		out = append(out, name{text, latin})
	}
	return out
}

// A nation has names, places, phones.
type nation struct {
	country string
	locale  string
	women   []name
	men     []name
	last    []name
	lastF   []name // for women, where the surname has a feminine form
	streets []string
	number  string // how street and number are joined
	cities  [][2]string
	phone   func(*dice) string
}

func digits(d *dice, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + d.IntN(10))
	}
	return string(b)
}

// census is the people's stock of names and places.
type census struct {
	nations []nation
	weights []int
	domains []string
}

func newCensus() *census {
	si := nation{country: "SI", locale: "sl_SI", number: "%s %d",
		women:   plain("Maja Ana Nina Katja Mojca Petra Tina Eva Sara Urška Špela Barbara Tanja Alenka Nataša Polona Manca Živa Zala Lara Neža Vesna Irena Darja Andreja Jana Klara Ajda Anja Metka"),
		men:     plain("Marko Luka Matej Andrej Jan Rok Miha Gregor Aleš Tomaž Peter Boštjan Janez Matjaž Žiga Nejc Blaž Jure Primož Uroš Anže Borut Damjan Klemen Simon David Jakob Tadej Vid Žan"),
		last:    plain("Novak Horvat Kovačič Krajnc Zupančič Potočnik Kovač Mlakar Kos Vidmar Golob Turk Božič Kralj Korošec Zupan Bizjak Hribar Kotnik Kavčič Rozman Kastelic Oblak Petek Hočevar Kolar Košir Koren Žagar Klemenčič Pirc Medved Jereb Šuštar Logar Bergant Zajc Lah Jerman Primožič Čeh Rupnik Furlan Petrič Mrak Erjavec"),
		streets: []string{"Slovenska cesta", "Trubarjeva cesta", "Celovška cesta", "Dunajska cesta", "Prešernova ulica", "Gosposka ulica", "Cankarjeva ulica", "Vodnikova cesta", "Ulica talcev", "Kidričeva ulica", "Šmartinska cesta", "Pot k ribniku"},
		cities:  [][2]string{{"1000", "Ljubljana"}, {"1000", "Ljubljana"}, {"1000", "Ljubljana"}, {"2000", "Maribor"}, {"3000", "Celje"}, {"4000", "Kranj"}, {"6000", "Koper"}, {"5000", "Nova Gorica"}, {"8000", "Novo mesto"}, {"3320", "Velenje"}, {"2250", "Ptuj"}, {"9000", "Murska Sobota"}, {"4220", "Škofja Loka"}, {"1230", "Domžale"}, {"6330", "Piran"}},
		phone: func(d *dice) string {
			op, n := oneOf(d, "31", "40", "41", "51", "64", "68", "70"), digits(d, 6)
			switch d.weighted(5, 3, 1, 1) {
			case 0:
				return "0" + op + " " + n[:3] + " " + n[3:]
			case 1:
				return "+386 " + op + " " + n[:3] + " " + n[3:]
			case 2:
				return "00386" + op + n
			}
			return "0" + op + "/" + n[:3] + "-" + n[3:]
		}}
	de := nation{country: "DE", locale: "de_DE", number: "%s %d",
		women:   plain("Anna Julia Katharina Sabine Claudia Susanne Lena Laura Hannah Sophie Petra Monika Birgit Stefanie Jana Franziska Käthe Ulrike Heike Marlene"),
		men:     plain("Jürgen Thomas Michael Andreas Stefan Lukas Jonas Felix Maximilian Wolfgang Klaus Jörg Uwe Tobias Matthias Götz Florian Sebastian Günther Paul"),
		last:    plain("Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hartmann Lange Köhler König Weiß Groß Vogel Jäger"),
		streets: []string{"Hauptstraße", "Bahnhofstraße", "Gartenstraße", "Schillerstraße", "Goethestraße", "Lindenweg", "Kastanienallee", "Am Mühlbach", "Rosenweg", "Kirchgasse"},
		cities:  [][2]string{{"10115", "Berlin"}, {"20095", "Hamburg"}, {"80331", "München"}, {"50667", "Köln"}, {"60311", "Frankfurt am Main"}, {"70173", "Stuttgart"}, {"04109", "Leipzig"}, {"01067", "Dresden"}, {"90402", "Nürnberg"}, {"79098", "Freiburg im Breisgau"}},
		phone: func(d *dice) string {
			op, n := oneOf(d, "151", "160", "170", "171", "175", "176"), digits(d, 7)
			switch d.weighted(4, 3, 1) {
			case 0:
				return "0" + op + " " + n
			case 1:
				return "+49 " + op + " " + n
			}
			return "0" + op + "/" + n[:3] + " " + n[3:5] + " " + n[5:]
		}}
	at := de
	at.country, at.locale = "AT", "de_AT"
	at.streets = []string{"Mariahilfer Straße", "Landstraßer Hauptstraße", "Herrengasse", "Annenstraße", "Linzer Gasse", "Sparkassenplatz", "Bahnhofstraße"}
	at.cities = [][2]string{{"1010", "Wien"}, {"1070", "Wien"}, {"8010", "Graz"}, {"4020", "Linz"}, {"5020", "Salzburg"}, {"6020", "Innsbruck"}, {"9020", "Klagenfurt am Wörthersee"}, {"9500", "Villach"}}
	at.phone = func(d *dice) string {
		op, n := oneOf(d, "650", "660", "664", "676", "699"), digits(d, 7)
		if d.chance(.5) {
			return "0" + op + " " + n
		}
		return "+43 " + op + " " + n
	}
	ru := nation{country: "RU", locale: "ru_RU", number: "%s, д. %d",
		women:   paired("Ольга/olga Елена/elena Наталья/natalya Анна/anna Мария/maria Татьяна/tatiana Ирина/irina Светлана/svetlana Екатерина/ekaterina Юлия/yulia Дарья/daria Ксения/ksenia Алёна/alyona Вера/vera Полина/polina"),
		men:     paired("Александр/alexander Дмитрий/dmitry Сергей/sergey Андрей/andrey Алексей/alexey Михаил/mikhail Иван/ivan Николай/nikolay Фёдор/fyodor Павел/pavel Игорь/igor Олег/oleg Константин/konstantin Юрий/yury Артём/artyom"),
		last:    paired("Смирнов/smirnov Иванов/ivanov Кузнецов/kuznetsov Соколов/sokolov Попов/popov Лебедев/lebedev Козлов/kozlov Новиков/novikov Морозов/morozov Петров/petrov Волков/volkov Соловьёв/solovyov Васильев/vasiliev Зайцев/zaitsev Павлов/pavlov Голубев/golubev Виноградов/vinogradov Богданов/bogdanov Воробьёв/vorobyov Фёдоров/fyodorov"),
		lastF:   paired("Смирнова/smirnova Иванова/ivanova Кузнецова/kuznetsova Соколова/sokolova Попова/popova Лебедева/lebedeva Козлова/kozlova Новикова/novikova Морозова/morozova Петрова/petrova Волкова/volkova Соловьёва/solovyova Васильева/vasilieva Зайцева/zaitseva Павлова/pavlova Голубева/golubeva Виноградова/vinogradova Богданова/bogdanova Воробьёва/vorobyova Фёдорова/fyodorova"),
		streets: []string{"ул. Ленина", "ул. Садовая", "Невский пр.", "ул. Пушкина", "Ленинский пр.", "ул. Мира", "ул. Гагарина", "наб. Фонтанки"},
		cities:  [][2]string{{"101000", "Москва"}, {"190000", "Санкт-Петербург"}, {"420111", "Казань"}, {"620014", "Екатеринбург"}, {"603000", "Нижний Новгород"}, {"630099", "Новосибирск"}, {"236000", "Калининград"}},
		phone: func(d *dice) string {
			op, n := oneOf(d, "903", "905", "910", "916", "921", "926", "985"), digits(d, 7)
			switch d.weighted(4, 3, 1) {
			case 0:
				return "+7 " + op + " " + n[:3] + "-" + n[3:5] + "-" + n[5:]
			case 1:
				return "8 (" + op + ") " + n[:3] + "-" + n[3:5] + "-" + n[5:]
			}
			return "8" + op + n
		}}
	gb := nation{country: "GB", locale: "en_GB", number: "%[2]d %[1]s",
		women:   plain("Olivia Amelia Emily Charlotte Grace Sophie Lucy Hannah Rebecca Eleanor Fiona Siobhan Gemma Harriet Megan"),
		men:     plain("Oliver George Harry Jack James William Thomas Daniel Edward Alistair Callum Rhys Simon Graham Ben"),
		last:    plain("Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker White Green Hall Clarke Hughes Edwards O'Connor MacDonald Thompson Robinson Evans"),
		streets: []string{"High Street", "Station Road", "Church Lane", "Victoria Road", "Mill Lane", "Queen's Road", "The Crescent", "Park Avenue"},
		cities:  [][2]string{{"SW1A 2AA", "London"}, {"E1 6AN", "London"}, {"M1 1AE", "Manchester"}, {"EH1 1YZ", "Edinburgh"}, {"BS1 4ST", "Bristol"}, {"LS1 4DY", "Leeds"}, {"CF10 1EP", "Cardiff"}, {"OX1 2JD", "Oxford"}},
		phone: func(d *dice) string { // 07700 900000 to 900999 is Ofcom's range for drama; the first digits are kept
			n := digits(d, 5)
			if d.chance(.6) {
				return "07700 9" + n
			}
			return "+44 7700 9" + n
		}}
	hr := si
	hr.country, hr.locale = "HR", "hr"
	hr.streets = []string{"Ilica", "Vukovarska ulica", "Riva", "Korzo", "Strossmayerova ulica"}
	hr.cities = [][2]string{{"10000", "Zagreb"}, {"21000", "Split"}, {"51000", "Rijeka"}, {"52100", "Pula"}}
	hr.phone = func(d *dice) string { return oneOf(d, "091 ", "098 ", "+385 95 ", "+385 99 ") + digits(d, 7) }
	it := nation{country: "IT", locale: "it_IT", number: "%s %d",
		women:   plain("Giulia Chiara Francesca Elisa Martina Lucia Paola Silvia"),
		men:     plain("Luca Marco Alessandro Matteo Davide Paolo Giorgio Andrea"),
		last:    plain("Rossi Russo Ferrari Bianchi Romano Gallo Costa Fontana Conti De_Luca Furlan Cossutta"),
		streets: []string{"Via Roma", "Via Garibaldi", "Corso Italia", "Via Carducci", "Via Mazzini"},
		cities:  [][2]string{{"34121", "Trieste"}, {"33100", "Udine"}, {"34170", "Gorizia"}, {"20121", "Milano"}, {"30121", "Venezia"}},
		phone:   func(d *dice) string { return oneOf(d, "", "+39 ") + oneOf(d, "328", "333", "347") + " " + digits(d, 7) }}
	abroad := ru // Russian speakers who live in Slovenia
	abroad.country, abroad.locale, abroad.streets, abroad.number, abroad.cities, abroad.phone = "SI", "ru_RU", si.streets, si.number, si.cities, si.phone
	return &census{
		nations: []nation{si, at, de, ru, gb, hr, it, abroad},
		weights: []int{50, 12, 15, 7, 8, 3, 3, 2},
		domains: []string{"posta.example", "mail.example", "example.com", "example.net", "example.org", "brief.example", "pisma.example"},
	}
}

// person draws the person with the number. The same seed and number give the same person.
func (c *census) person(d *dice, seed, number uint64) person {
	d.set(seed, number, 0, streamPerson)
	n := &c.nations[d.weighted(c.weights...)]
	p := person{number: number, country: n.country, locale: n.locale, account: d.chance(.82)}
	var first, last name
	if d.chance(.54) {
		first, last = oneOf(d, n.women...), oneOf(d, n.last...)
		if n.lastF != nil {
			last = oneOf(d, n.lastF...)
		}
	} else {
		first, last = oneOf(d, n.men...), oneOf(d, n.last...)
	}
	p.first, p.last = first.text, last.text
	p.street = fmt.Sprintf(n.number, oneOf(d, n.streets...), d.between(1, 120))
	town := oneOf(d, n.cities...)
	p.postcode, p.city = town[0], town[1]
	if d.chance(.92) {
		p.phone = n.phone(d)
	}
	if d.chance(.05) {
		p.company = last.text + oneOf(d, " d.o.o.", " s.p.", " GmbH", " Ltd")
	}
	p.email = strings.ReplaceAll(first.latin, "'", "") + oneOf(d, ".", "", "_") + last.latin + strconv.FormatUint(number, 10) + "@" + oneOf(d, c.domains...)
	if p.account && d.chance(.04) { // WordPress keeps the case that was typed
		p.email = capitals(p.email)
	}
	switch d.weighted(62, 15, 23) {
	case 0:
		p.subscribe = "1"
	case 1:
		p.subscribe = "0"
	}
	return p
}

// capitals writes an address the way a phone's keyboard does: Each.Word@With.A.Capital.
func capitals(email string) string {
	b := []byte(email)
	start := true
	for i, c := range b {
		if start && c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		start = c == '.' || c == '@' || c == '_'
	}
	return string(b)
}
