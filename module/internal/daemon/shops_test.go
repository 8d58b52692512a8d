package daemon

import (
	"strings"
	"testing"
)

func TestTheFileOfShopsIsReadWithWhereEachStands(t *testing.T) {
	t.Setenv("SHOP_PASSWORD", "p:w@d/")
	list, err := parseShops([]byte(`# two
shops:
  - name: coffee
    platform: woocommerce
    dsn: kupec_ro:${SHOP_PASSWORD}@tcp(db:3306)/coffee
    statuses: {packed: paid}

  - name: tea
    platform: woocommerce
    dsn: kupec_ro@tcp(db:3306)/tea
    prefix: tea_
`), "shops.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].DSN != "kupec_ro:p:w@d/@tcp(db:3306)/coffee" || list[0].Statuses["packed"] != "paid" || list[1].Prefix != "tea_" ||
		list[1].from != "shops.yaml, line 8" {
		t.Errorf("got %+v", list)
	}
}

func TestWhatIsWrongInTheFileOfShopsIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	const good = "shops:\n  - name: a\n    platform: woocommerce\n    dsn: x@tcp(h)/d\n"
	for name, tt := range map[string]struct {
		file string
		want []string
	}{
		"empty":           {"", []string{"no shops", "platform: woocommerce"}},
		"unknown field":   {good + "    colour: red\n", []string{"line 5", "colour"}},
		"unknown at top":  {good + "more: 1\n", []string{"line 5", "more"}},
		"no list":         {"shops: yes\n", []string{"line 1"}},
		"no name":         {"shops:\n  - platform: woocommerce\n    dsn: x\n", []string{"line 2", "name"}},
		"twice":           {good + strings.TrimPrefix(good, "shops:\n"), []string{"line 5", "line 2", `"a"`}},
		"no variable":     {strings.Replace(good, "x@", "x:${KUPEC_NO_SUCH}@", 1), []string{"line 2", "dsn", "KUPEC_NO_SUCH"}},
		"not YAML":        {"shops:\n  - [", []string{"line"}},
		"a list for text": {strings.Replace(good, "name: a", "name: [a]", 1), []string{"line 2"}},
	} {
		_, err := parseShops([]byte(tt.file), "shops.yaml")
		if err == nil {
			t.Errorf("%s was taken", name)
			continue
		}
		for _, part := range tt.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
		if strings.Contains(err.Error(), "daemon") || strings.Contains(err.Error(), "struct") {
			t.Errorf("%s: the program's own words: %v", name, err)
		}
	}
}

func TestASettingThatAPlatformHasNoUseForIsRefused(t *testing.T) {
	t.Parallel()
	var opened closers
	defer opened.close()
	for _, tt := range []struct {
		a    attachment
		want string
	}{
		{attachment{Platform: "abacus", DSN: "x@tcp(h)/d", from: "shops.yaml, line 2"}, "woocommerce"},
		{attachment{Platform: "woocommerce", DSN: "x@tcp(h)/d", Store: "2", from: "shops.yaml, line 2"}, "store"},
		{attachment{Platform: "woocommerce", DSN: "nonsense", from: "shops.yaml, line 2", dir: "/"}, "shops.yaml, line 2, dsn"},
	} {
		if _, _, err := tt.a.attach(&opened); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.a, err)
		}
	}
}

func FuzzShops(f *testing.F) {
	f.Add([]byte("shops:\n  - name: a\n    platform: woocommerce\n    dsn: x\n"))
	f.Add([]byte("shops: [&a {name: *a}]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parseShops(raw, "shops.yaml")
		if err == nil && len(list) == 0 {
			t.Error("no shops, and no error")
		}
	})
}
