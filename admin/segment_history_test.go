package admin_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/module/staff"
)

// watched is a panel with three segments, of which the first was followed before and after some people moved.
func watched(t *testing.T) (*panel, []int64) {
	t.Helper()
	p := open(t, "", 200)
	ctx := staff.WithSystem(t.Context(), "test")
	for name, text := range map[string]string{"Buyers": `{"is":"orders","at_least":1}`, "Regulars": `{"is":"orders","at_least":2}`, "Loyal": `{"is":"stage","in":["loyal","active"]}`} {
		tree, err := p.Segments.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Segments.Create(ctx, name, tree); err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	if err := p.DB.NewRaw("SELECT id FROM crm_segments ORDER BY name").Scan(ctx, &ids); err != nil {
		t.Fatal(err)
	}
	follow := func() {
		if _, err := p.Segments.Follow(ctx, ids[0], nil); err != nil {
			t.Fatal(err)
		}
	}
	follow()
	for _, query := range []string{ // three were not members yet, and two were who do not buy
		"UPDATE crm_segment_sizes SET day = day - INTERVAL 12 DAY, people = people - 1",
		"DELETE FROM crm_segment_members ORDER BY profile_id LIMIT 3",
		"INSERT INTO crm_segment_members (segment_id, profile_id, since) SELECT (SELECT MIN(segment_id) FROM crm_segment_editions), profile_id, NOW(6) FROM crm_facts WHERE orders = 0 ORDER BY profile_id LIMIT 2",
	} {
		if _, err := p.DB.NewRaw(query).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	follow()
	return p, ids
}

func TestASegmentsPageTellsWhoCameAndWent(t *testing.T) {
	t.Parallel()
	p, ids := watched(t)
	v := p.visitor(t).as(staff.RoleMarketer)
	page := v.get(fmt.Sprintf("/segments/%d/history", ids[0]))
	if page.Status != 200 || strings.Count(page.Body, `class="face face--s"`) != 5 || !strings.Contains(page.Body, `class="chart`) {
		t.Errorf("%d, %d people named", page.Status, strings.Count(page.Body, `class="face face--s"`))
	}
	for way, want := range map[string]int{"entered": 3, "left": 2} {
		list := v.get(fmt.Sprintf("/segments/%d/moves?way=%s", ids[0], way))
		if rows := strings.Count(list.Body, `scope="row"`); list.Status != 200 || rows != want {
			t.Errorf("%s: %d, %d people, want %d", way, list.Status, rows, want)
		}
		sheet := v.get(fmt.Sprintf("/segments/%d/moves.csv?way=%s", ids[0], way))
		if rows := strings.Count(strings.TrimSpace(sheet.Body), "\n"); sheet.Status != 200 || rows != want {
			t.Errorf("%s as .csv: %d, %d people, want %d", way, sheet.Status, rows, want)
		}
	}
	copied := v.post(fmt.Sprintf("/segments/%d/copy", ids[0]))
	if !regexp.MustCompile(`^/segments/\d+$`).MatchString(copied.Path) || !strings.Contains(copied.Body, "Buyers (copy)") {
		t.Errorf("the copy is at %s", copied.Path)
	}
	reader := p.visitor(t).as(staff.RoleReader)
	page = reader.get(fmt.Sprintf("/segments/%d/history", ids[0]))
	if page.Status != 200 || strings.Contains(page.Body, "/copy") || strings.Contains(page.Body, "people.csv") {
		t.Errorf("a reader may copy or export: %d", page.Status)
	}
	if denied := reader.post(fmt.Sprintf("/segments/%d/copy", ids[0])); denied.Status != 403 {
		t.Errorf("a reader copies: %d", denied.Status)
	}
	if denied := reader.get(fmt.Sprintf("/segments/%d/moves.csv", ids[0])); denied.Status != 403 {
		t.Errorf("a reader exports: %d", denied.Status)
	}
	if missing := v.get("/segments/4242/history"); missing.Status != 404 {
		t.Errorf("a segment that is not there: %d", missing.Status)
	}
}

func TestAComparisonLeadsToThePeopleOfEachPart(t *testing.T) {
	t.Parallel()
	p, ids := watched(t)
	v := p.visitor(t).as(staff.RoleMarketer)
	page := v.get(fmt.Sprintf("/segments/compare?s=%d&s=%d&s=%d", ids[0], ids[1], ids[2]))
	if page.Status != 200 || !strings.Contains(page.Body, "In all three") {
		t.Fatalf("%d\n%s", page.Status, page.Body)
	}
	c, err := p.Segments.Compare(staff.WithSystem(context.Background(), "test"), []int64{ids[0], ids[2]}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range c.Parts {
		path := fmt.Sprintf("/segments/compare/people%%s?s=%d&s=%d&part=%d", ids[0], ids[2], part.Number)
		sheet := v.get(fmt.Sprintf(path, ".csv"))
		if rows := strings.Count(strings.TrimSpace(sheet.Body), "\n"); sheet.Status != 200 || int64(rows) != part.People {
			t.Errorf("part %v as .csv: %d, %d people, want %d", part.In, sheet.Status, rows, part.People)
		}
		list := v.get(fmt.Sprintf(path, ""))
		if rows := strings.Count(list.Body, `scope="row"`); list.Status != 200 || int64(rows) != min(50, part.People) {
			t.Errorf("part %v: %d, %d people, want %d", part.In, list.Status, rows, part.People)
		}
	}
	if c.Parts[0].People == 0 || c.Parts[1].People == 0 || c.Parts[2].People != 0 {
		t.Errorf("regulars are buyers, and not all buyers are regulars: %+v", c.Parts)
	}
	for path, want := range map[string]int{
		"/segments/compare": 200, fmt.Sprintf("/segments/compare?s=%d", ids[0]): 200, fmt.Sprintf("/segments/compare?s=%d&s=%[1]d", ids[0]): 422, "/segments/compare?s=1&s=4242": 404,
		fmt.Sprintf("/segments/compare/people?s=%d&s=%d&part=4", ids[0], ids[2]): 404, fmt.Sprintf("/segments/compare/people?s=%d&s=%d&part=x", ids[0], ids[2]): 404,
		fmt.Sprintf("/segments/compare/people?s=%d&s=%[1]d&part=1", ids[0]): 404, "/segments/compare/people?part=1": 404,
	} {
		if got := v.get(path); got.Status != want {
			t.Errorf("%s: %d, want %d", path, got.Status, want)
		}
	}
}

func TestABacktestRunsInTheBackgroundAndNamesWhatItCannotTell(t *testing.T) {
	t.Parallel()
	p, ids := watched(t)
	v := p.visitor(t).as(staff.RoleMarketer)
	path := fmt.Sprintf("/segments/%d/backtest", ids[2])
	if page := v.get(path); page.Status != 200 || !strings.Contains(page.Body, "Look back") {
		t.Fatalf("%d", page.Status)
	}
	if page := v.post(path); !strings.Contains(page.Body, "data-live") {
		t.Fatalf("it does not run: %d at %s", page.Status, page.Path)
	}
	if err := p.Jobs.Start(staff.WithSystem(t.Context(), "test")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = p.Jobs.Stop(ctx)
	})
	deadline := time.Now().Add(time.Minute)
	for v.get(path+"/progress").Header.Get("X-Reload") == "" {
		if time.Now().After(deadline) {
			t.Fatal("it does not end")
		}
		time.Sleep(100 * time.Millisecond)
	}
	kept, err := p.Segments.LastBacktest(staff.WithSystem(t.Context(), "test"), ids[2])
	if err != nil || len(kept.Months) < 2 {
		t.Fatalf("kept %+v, %v", kept, err)
	}
	page := v.get(path)
	if rows := strings.Count(page.Body, `<th scope="row" class="nowrap">`); rows != len(kept.Months) || !strings.Contains(page.Body, `class="chart`) {
		t.Errorf("%d months are shown, want %d", rows, len(kept.Months))
	}
	unknown := fmt.Sprintf("/segments/%d/backtest", ids[1])
	if page := v.get(unknown); !strings.Contains(page.Body, "cannot be asked of the past") || strings.Contains(page.Body, `action="`+unknown+`"`) {
		t.Errorf("a stage is not named, or can be asked: %d", page.Status)
	}
	reader := p.visitor(t).as(staff.RoleReader)
	reader.get(path)
	if denied := reader.post(path); denied.Status != 403 {
		t.Errorf("a reader begins one: %d", denied.Status)
	}
}
