package daemon_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestAFileOfPeopleIsCheckedAppliedAndTakenBack(t *testing.T) {
	t.Parallel()
	p, _ := attached(t)
	if out, errs, code := p.run(t, "sync", "--once"); code != 0 {
		t.Fatalf("sync: %d\n%s%s", code, out, errs)
	}
	dir := t.TempDir()
	path, rest := filepath.Join(dir, "people.csv"), filepath.Join(dir, "rest.csv")
	content := "Mail;Ime in priimek;Telefon\nzala@fair.example;Zala Zajc;041 111 222\nno address;X;\nbor@fair.example;Bor Kos;\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	type result struct {
		Import   int64
		State    string
		Rows     map[string]int
		Consents int
	}
	run := func(args ...string) result {
		t.Helper()
		out, errs, code := p.run(t, append([]string{"import", "--json"}, args...)...)
		if code != 0 {
			t.Fatalf("%v: %d\n%s", args, code, errs)
		}
		var r result
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		return r
	}
	count := func() string {
		t.Helper()
		out, errs, code := p.run(t, "status", "--json")
		var s struct{ Profiles, Subscribed json.Number }
		if err := json.Unmarshal([]byte(out), &s); err != nil || code != 0 {
			t.Fatalf("%v, %d: %s", err, code, errs)
		}
		return s.Profiles.String() + " " + s.Subscribed.String()
	}
	before := count()
	checked := run(path, "--country", "SI", "--topic", "newsletter", "--source", "Paper at the fair", "--given", "2025-09-01", "--everybody", "--rest", rest)
	if checked.State != "checked" || checked.Rows["new"] != 2 || checked.Rows["bad"] != 1 || checked.Consents != 2 {
		t.Errorf("got %+v", checked)
	}
	if got := count(); got != before {
		t.Errorf("the check changed %s into %s", before, got)
	}
	if raw, err := os.ReadFile(rest); err != nil || !strings.Contains(string(raw), "3,bad,") {
		t.Errorf("the rest: %v\n%s", err, raw)
	}
	id := strconv.FormatInt(checked.Import, 10)
	if applied := run("--apply", id); applied.State != "done" {
		t.Errorf("got %+v", applied)
	}
	if got := count(); got == before {
		t.Error("nobody came in")
	}
	if undone := run("--undo", id); undone.State != "undone" {
		t.Errorf("got %+v", undone)
	}
	if got := count(); got != before {
		t.Errorf("undone: %s, before: %s", got, before)
	}
	// What is given out can be taken in again, and then says nothing new.
	buyers, tree := filepath.Join(dir, "buyers.xlsx"), filepath.Join(dir, "buyers.json")
	if err := os.WriteFile(tree, []byte(`{"is":"orders","at_least":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var given, selected struct{ People, Profiles int }
	out, errs, code := p.run(t, "export", buyers, "--segment", tree, "--json")
	if err := json.Unmarshal([]byte(out), &given); err != nil || code != 0 {
		t.Fatalf("export: %v, %d: %s", err, code, errs)
	}
	out, errs, code = p.run(t, "segment", "count", tree, "--json")
	if err := json.Unmarshal([]byte(out), &selected); err != nil || code != 0 || given.People != selected.Profiles || given.People == 0 {
		t.Errorf("%d people were given out of %d: %v, %s", given.People, selected.Profiles, err, errs)
	}
	if again := run(buyers); again.Rows["same"] != given.People-again.Rows["bad"] || again.Rows["new"] != 0 {
		t.Errorf("taken in again, %d people are %+v", given.People, again.Rows)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "say one of"},
		{[]string{"people.ods"}, ".xlsx or .csv"},
		{[]string{buyers}, "exists"},
		{[]string{filepath.Join(dir, "x.csv"), "--segment-id", "99"}, "not found"},
		{[]string{filepath.Join(dir, "x.csv"), "--segment-id", "1", "--segment", tree}, "say one of"},
	} {
		if _, errs, code := p.run(t, append([]string{"export"}, tt.args...)...); code == 0 || !strings.Contains(errs, tt.want) {
			t.Errorf("export %v: %d, %q does not say %q", tt.args, code, errs, tt.want)
		}
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "a file to bring in"},
		{[]string{path, "--map", "Nowhere=email"}, "Mail"},
		{[]string{path, "--topic", "weather", "--source", "x", "--given", "2025-01-01", "--everybody"}, "newsletter"},
		{[]string{path, "--topic", "newsletter", "--everybody"}, "claim.source"},
		{[]string{path, "--country", "Slovenia"}, "country"},
		{[]string{"--apply", id}, "undone"},
		{[]string{"--undo", "999999"}, "not found"},
		{[]string{filepath.Join(dir, "none.csv")}, "no such file"},
	} {
		if _, errs, code := p.run(t, append([]string{"import"}, tt.args...)...); code == 0 || !strings.Contains(errs, tt.want) {
			t.Errorf("%v: %d, %q does not say %q", tt.args, code, errs, tt.want)
		}
	}
}
