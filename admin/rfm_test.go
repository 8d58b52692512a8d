package admin_test

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/module/staff"
)

var peopleLinks = regexp.MustCompile(`href="/crm/admin(/customers\?(?:rfm|group)=[^"]+)"[^>]*>(?:<b>)?([\d,]+)(?:</b>)?</a>`)

func TestEveryNumberOfTheRankingLeadsToItsPeople(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 300)
	v := p.visitor(t).as(staff.RoleReader)
	if body := v.get("/customers/rfm").Body; !strings.Contains(body, "Nobody is ranked yet") {
		t.Errorf("before the first night: %.300s", body)
	}
	if err := p.Facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"", "?by=independent", "?by=nested"} {
		links := peopleLinks.FindAllStringSubmatch(v.get("/customers/rfm"+by).Body, -1)
		if len(links) < 10 {
			t.Errorf("%s has %d links", by, len(links))
		}
		for _, link := range links {
			want, err := strconv.Atoi(strings.ReplaceAll(link[2], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			body := v.get(html.UnescapeString(link[1])).Body
			if rows := strings.Count(body, `<th role="rowheader"`); rows != min(50, want) {
				t.Errorf("%s lists %d people of %d", link[1], rows, want)
			}
		}
	}
	if body := v.get("/customers?rfm=fixed-9-9").Body; strings.Contains(body, "badge accent\">Last order") {
		t.Error("a cell that there is not is taken for one")
	}
	if body := v.get("/customers?group=champions-gone&country=SI").Body; !strings.Contains(body, "Gone → Champions") {
		t.Error("the list does not say whose people it shows")
	}
	if body := v.get("/customers/rfm?month=2001-01").Body; !strings.Contains(body, "Who moved in "+time.Now().Format("January 2006")) {
		t.Error("a month that there is not is taken for one")
	}
}

func TestAnOwnerSetsTheThresholdsOfGroups(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 120)
	if err := p.Facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	form := func(recency, frequency, money string) (fields []string) {
		for name, text := range map[string]string{"recency": recency, "frequency": frequency, "money": money} {
			for i, value := range strings.Fields(text) {
				fields = append(fields, fmt.Sprintf("%s%d", name, i), value)
			}
		}
		return fields
	}
	v := p.visitor(t).as(staff.RoleOwner)
	v.get("/customers/rfm")
	for field, fields := range map[string][]string{
		"recency":   form("30 20 90 120", "2 3 4 7", "50 100 200 400"),
		"frequency": form("30 60 90 120", "2 3 many 7", "50 100 200 400"),
		"money":     form("30 60 90 120", "2 3 4 7", "50 100 200"),
	} {
		if got := v.post("/customers/rfm", fields...); got.Status != 422 || !strings.Contains(got.Body, `id="`+field+`-error"`) {
			t.Errorf("%s: %d", field, got.Status)
		}
	}
	if got := v.post("/customers/rfm", form("15 45 90 200", "2 3 5 9", "49,5 100 200 400")...); got.Status != 200 {
		t.Errorf("saved: %d", got.Status)
	}
	if err := p.Facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if body := v.get("/customers/rfm").Body; !strings.Contains(body, `value="49.5"`) || !strings.Contains(body, "up to 15 days ago") || !strings.Contains(body, "9 or more") {
		t.Error("the thresholds do not hold")
	}
	if got := v.post("/customers/rfm", "own", "no"); got.Status != 200 {
		t.Errorf("dropped: %d", got.Status)
	}
	reader := p.visitor(t).as(staff.RoleReader)
	reader.get("/customers/rfm")
	if got := reader.post("/customers/rfm", form("15 45 90 200", "2 3 5 9", "50 100 200 400")...); got.Status != 403 {
		t.Errorf("a reader changes thresholds: %d", got.Status)
	}
}
