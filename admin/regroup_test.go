package admin_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/staff"
)

// alike makes two guests of one name and phone, and gives their ids.
func (p *panel) alike(t *testing.T, n int) (first, second int64) {
	t.Helper()
	ctx := staff.WithSystem(t.Context(), "test")
	var people []customer.Person
	for i, email := range []string{"zora%d@example.si", "z.ora%d@example.org"} {
		people = append(people, customer.Person{Evidence: customer.EvidenceOrder, Ref: fmt.Sprint("Z-", i), OrderKey: fmt.Sprint("z", n, i), Email: contact.Email(fmt.Sprintf(email, n)),
			Name: contact.Name{First: "Zora", Last: fmt.Sprint("Vrh", n)}, Phone: contact.Phone(fmt.Sprintf("+3864055500%d", n))})
	}
	linked, err := p.People.Link(ctx, p.DB, 1, people)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.People.RefreshSuggestions(ctx, 1000); err != nil {
		t.Fatal(err)
	}
	return linked[0].ProfileID, linked[1].ProfileID
}

func TestStaffMergeUnlinkAndUndoInThePanel(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 0)
	v := p.visitor(t).as(staff.RoleSupport)
	first, second := p.alike(t, 1)
	path := fmt.Sprintf("/customers/%d", first)
	if page := v.get(path); !strings.Contains(page.Body, "may be the same person") || !strings.Contains(page.Body, "386 40 555 001, same name") || !strings.Contains(page.Body, "90% sure") {
		t.Fatalf("no suggestion in %s", page.Body)
	}
	if page := v.get("/customers/same"); strings.Count(page.Body, "Zora Vrh1") != 2 {
		t.Errorf("the pair is not in the list: %s", page.Body)
	}
	preview := v.get(fmt.Sprintf("%s/merge?with=%d", path, second))
	if preview.Status != 200 || !strings.Contains(preview.Body, "Merge Zora Vrh1 into Zora Vrh1?") || !strings.Contains(preview.Body, "Merge, 2 identities move") {
		t.Fatalf("%d %s", preview.Status, preview.Body)
	}
	merged := v.post(path+"/merge", "with", fmt.Sprint(second))
	if merged.Path != path || !strings.Contains(merged.Body, "Merged, 2 identities moved") || !strings.Contains(merged.Body, "z.ora1@example.org") || !strings.Contains(merged.Body, "Merged by Nina Kranjc") {
		t.Fatalf("%s %s", merged.Path, merged.Body)
	}
	if moved := v.get(fmt.Sprintf("/customers/%d", second)); moved.Path != path {
		t.Errorf("the merged one's address leads to %s", moved.Path)
	}
	unlink := regexp.MustCompile(`/customers/\d+/unlink/\d+`).FindAllString(merged.Body, -1)
	if len(unlink) != 2 {
		t.Fatalf("%d identities can be unlinked", len(unlink))
	}
	ofSecond := fmt.Sprintf("%s/unlink/%d", path, second) // a founder's identity has its profile's id
	if asked := v.get(ofSecond); !strings.Contains(asked.Body, "Unlink z.ora1@example.org from Zora Vrh1?") {
		t.Errorf("got %s", asked.Body)
	}
	if cut := v.post(ofSecond); cut.Path != path || strings.Contains(cut.Body, "mailto:z.ora1") || !strings.Contains(cut.Body, "Unlinked") {
		t.Errorf("%s %s", cut.Path, cut.Body)
	}
	// Both are undone from the timeline, the later one first, and again says that it was.
	for _, sentence := range []string{"Put back what was unlinked", "Take the merge into"} {
		page := v.get(path)
		var undone bool
		for _, link := range regexp.MustCompile(`/customers/regroupings/\d+`).FindAllString(page.Body, -1) {
			asked := v.get(link)
			if !strings.Contains(asked.Body, sentence) || strings.Contains(asked.Body, "undone already") {
				continue
			}
			if got := v.post(link + "/undo"); !strings.Contains(got.Body, "Everything is back with its owner") {
				t.Errorf("%s: %s", link, got.Body)
			}
			if again := v.post(link + "/undo"); !strings.Contains(again.Body, "This was undone already.") {
				t.Errorf("again: %s", again.Body)
			}
			undone = true
			break
		}
		if !undone {
			t.Fatalf("%q is not to be found", sentence)
		}
	}
	if back := v.get(fmt.Sprintf("/customers/%d", second)); back.Path != fmt.Sprintf("/customers/%d", second) {
		t.Errorf("the merged one did not return: %s", back.Path)
	}
	if _, err := p.People.RefreshSuggestions(staff.WithSystem(t.Context(), "test"), 1000); err != nil {
		t.Fatal(err)
	}
	v.get(path)
	if got := v.post(path+"/not-same", "other", fmt.Sprint(second)); !strings.Contains(got.Body, "They stay two people") || strings.Contains(got.Body, "may be the same person:") || !strings.Contains(got.Body, "/may-be-same") {
		t.Errorf("not the same: %s", got.Body)
	}
	if got := v.post(path+"/may-be-same", "other", fmt.Sprint(second)); !strings.Contains(got.Body, "They may be suggested again") {
		t.Errorf("undone: %s", got.Body)
	}
}

func TestRegroupingThatCannotBeSaysWhy(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 0)
	v := p.visitor(t).as(staff.RoleSupport)
	first, second := p.alike(t, 2)
	path := fmt.Sprintf("/customers/%d", first)
	if got := v.get(fmt.Sprintf("%s/merge?with=%d", path, first)); !strings.Contains(got.Body, "They are one profile already.") {
		t.Errorf("with itself: %s", got.Body)
	}
	if got := v.get(fmt.Sprintf("%s/unlink/%d", path, first)); !strings.Contains(got.Body, "It is the only thing by which the profile is recognised.") {
		t.Errorf("the only one: %s", got.Body)
	}
	for _, missing := range []string{"/customers/regroupings/99", "/customers/regroupings/x", fmt.Sprintf("%s/merge?with=99999", path), path + "/unlink/99999"} {
		if got := v.get(missing); got.Status != 404 {
			t.Errorf("%s: %d", missing, got.Status)
		}
	}
	if found := v.get(path + "/merge?find=z.ora2"); !strings.Contains(found.Body, fmt.Sprintf("merge?with=%d", second)) {
		t.Errorf("the other is not found: %s", found.Body)
	}
	reader := p.visitor(t).as(staff.RoleReader)
	page := reader.get(path)
	for _, hidden := range []string{"/merge", "/unlink/", "/erase", "everything.json", "/not-same"} {
		if strings.Contains(page.Body, hidden) {
			t.Errorf("a reader sees %s", hidden)
		}
	}
	for _, denied := range []string{path + "/merge", path + "/erase", path + "/everything.json"} {
		if got := reader.get(denied); got.Status != 403 {
			t.Errorf("a reader gets %s: %d", denied, got.Status)
		}
	}
	if got := reader.post(path+"/erase", "x", "y"); got.Status != 403 {
		t.Errorf("a reader erases: %d", got.Status)
	}
}

func TestStaffGiveOutAndEraseAPersonInThePanel(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 0)
	v := p.visitor(t).as(staff.RoleSupport)
	first, _ := p.alike(t, 3)
	path := fmt.Sprintf("/customers/%d", first)
	file := v.get(path + "/everything.json")
	var dossier struct{ Identities []map[string]string }
	if err := json.Unmarshal([]byte(file.Body), &dossier); err != nil || len(dossier.Identities) != 2 || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%v, %+v, %s", err, dossier, file.Header.Get("Content-Disposition"))
	}
	if page := v.get(path + "/everything.html"); !strings.Contains(page.Body, "Everything that is known of Zora Vrh3") || !strings.HasPrefix(page.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("got %s", page.Body)
	}
	for _, at := range []string{path, path + "/erase"} { // the dialog, and the page for browsers without
		if page := v.get(at); !strings.Contains(page.Body, "Erase Zora Vrh3?") || !strings.Contains(page.Body, "The profile, 2 identities and 0 events go for good. 0 orders stay in the sums, without a name.") {
			t.Errorf("%s: %s", at, page.Body)
		}
	}
	if gone := v.post(path + "/erase"); gone.Path != "/customers" || !strings.Contains(gone.Body, "Erased.") {
		t.Errorf("%s %s", gone.Path, gone.Body)
	}
	if got := v.get(path); got.Status != 404 {
		t.Errorf("the erased person's page: %d", got.Status)
	}
}
