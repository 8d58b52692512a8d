package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/staff"
)

// Change is one part of a known person that a row would change.
type Change struct {
	Field  Field  `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Judged is a row with what would become of it, or became.
type Judged struct {
	Row
	Outcome   Outcome
	Reason    Remark // of rows that are bad, repeated or doubtful
	ProfileID int64  // who it is, or looks like; 0: nobody
	Changes   []Change
	Applied   bool
}

// Preview gives the first rows as they would be read with the settings, without looking who is known. It needs
// [staff.EditPeople].
func (i *Importer) Preview(ctx context.Context, id int64, s Settings, limit int) ([]Row, error) {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return nil, err
	}
	im, err := i.load(ctx, i.db, id, false)
	if err != nil {
		return nil, err
	}
	im.Settings = s
	lines, err := i.lines(ctx, i.db, im, "", 0, limit)
	if err != nil {
		return nil, err
	}
	read := i.reader(im)
	rows := make([]Row, len(lines))
	for n, line := range lines {
		cells, err := line.cells()
		if err != nil {
			return nil, err
		}
		rows[n] = read.row(line.Line, cells)
	}
	return rows, nil
}

func (i *Importer) reader(im Import) *reader {
	zone, err := time.LoadLocation(im.Settings.Zone)
	if err != nil {
		zone = time.UTC // Configure lets no such in
	}
	return newReader(im.Settings, im.ID, zone, i.now())
}

// lines reads rows behind a line, the head left out, with a further condition of fixed text.
func (i *Importer) lines(ctx context.Context, db bun.IDB, im Import, condition string, after, limit int) ([]lineRow, error) {
	var rows []lineRow
	q := db.NewSelect().Model(&rows).Where("r.import_id = ?", im.ID).Where("r.line > ?", after).OrderExpr("r.line").Limit(int64(limit))
	if !im.Settings.Headless {
		q = q.Where("r.line <> ?", im.HeadLine)
	}
	if condition != "" {
		q = q.Where(condition)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the rows of import %d: %w", im.ID, err)
	}
	return rows, nil
}

// Check finds out what would become of each row, and writes nothing but that. It needs [staff.EditPeople], and
// [staff.ManageMail] where consent is claimed.
func (i *Importer) Check(ctx context.Context, id int64, tell Progress) error {
	im, err := i.enter(ctx, id, Draft, before[StepCheck])
	if err != nil {
		return err
	}
	if err := allowed(ctx, im.Settings); err != nil {
		return err
	}
	if err := im.Settings.check(len(im.Head), i.now()); err != nil {
		return err
	}
	c := &checker{Importer: i, im: im, seed: maphash.MakeSeed(), seen: make(map[uint64]int32, im.Total),
		report: Report{Rows: map[Outcome]int{}, Changes: map[Field]int{}}}
	passed := &counter{tell: tell, total: im.Total}
	err = ahead(ctx, c.recognising(i.reading(im, "")), func(ctx context.Context, b batch) error {
		if err := c.batch(ctx, b); err != nil {
			return err
		}
		return passed.add(ctx, len(b.lines))
	})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(c.report)
	if err != nil {
		return err
	}
	if _, err := i.db.NewRaw("UPDATE crm_imports SET report = ? WHERE id = ?", string(raw), id).Exec(ctx); err != nil {
		return fmt.Errorf("keeping what the check of import %d found: %w", id, err)
	}
	return i.leave(ctx, id, Checked, "checked_at")
}

// checker is one check. What it remembers of the whole file is a number for each address.
type checker struct {
	*Importer
	im     Import
	seed   maphash.Seed
	seen   map[uint64]int32
	report Report
}

// recognising finds out who the rows are that read gives.
func (c *checker) recognising(read func(ctx context.Context) (batch, error)) func(ctx context.Context) (batch, error) {
	return func(ctx context.Context) (batch, error) {
		b, err := read(ctx)
		if err != nil {
			return b, err
		}
		var people []customer.Person
		var at []int
		for n, row := range b.rows {
			if row.Problem.zero() {
				people, at = append(people, row.Person), append(at, n)
			}
		}
		known, err := c.people.Know(ctx, c.db, people)
		if err != nil {
			return b, err
		}
		b.known = make([]customer.Known, len(b.rows))
		for n, k := range known {
			b.known[at[n]] = k
		}
		return b, nil
	}
}

func (c *checker) batch(ctx context.Context, b batch) error {
	for n := range b.lines {
		if err := c.judge(&b.lines[n], b.rows[n], b.known[n]); err != nil {
			return err
		}
	}
	return c.keepVerdicts(ctx, b.lines)
}

func (c *checker) judge(line *lineRow, row Row, who customer.Known) error {
	reason := row.Problem
	line.Outcome, line.ProfileID, line.Changes = Bad, 0, ""
	if row.Problem.zero() {
		hash := maphash.String(c.seed, string(row.Person.Email))
		first, repeated := c.seen[hash]
		if !repeated {
			c.seen[hash] = int32(row.Line)
		}
		changes := changes(who, row.Person, c.im.Settings.Overwrite)
		line.ProfileID = who.Profile.ID
		switch {
		case repeated:
			line.Outcome, reason = Repeated, remark("importer.repeated", "line", strconv.Itoa(int(first)))
		case who.Profile.ID == 0:
			line.Outcome = Stranger
		case who.By != customer.MatchedEmail:
			line.Outcome, reason = Doubtful, doubt(who)
		case len(changes) == 0:
			line.Outcome = Same
		default:
			line.Outcome = Update
			raw, err := json.Marshal(changes)
			if err != nil {
				return err
			}
			line.Changes = string(raw)
			for _, change := range changes {
				c.report.Changes[change.Field]++
			}
		}
		if row.Consented && slices.Contains(c.im.Settings.takes(), line.Outcome) {
			c.report.Consents++
		}
	}
	if len(row.Warnings) > 0 {
		c.report.Warnings++
	}
	line.Reason = reason.store()
	c.report.Rows[line.Outcome]++
	return nil
}

func doubt(who customer.Known) Remark {
	key := "importer.same_name"
	if who.By == customer.MatchedPhone {
		key = "importer.same_phone"
	}
	return remark(key, "count", strconv.Itoa(who.Others+1))
}

// changes is what a row would make of a known person, part by part.
func changes(who customer.Known, p customer.Person, overwrite bool) []Change {
	if who.Profile.ID == 0 {
		return nil
	}
	is := who.Profile
	before := customer.Details{Name: is.Name, Company: is.Company, Phone: is.Phone, Address: is.Address, Language: is.Language}
	said := customer.Details{Name: p.Name, Company: p.Company, Phone: p.Phone, Address: p.Address, Language: p.Language}
	after := before.Offer(said, who.Own, overwrite)
	var list []Change
	add := func(f Field, before, after string) {
		if before != after {
			list = append(list, Change{f, before, after})
		}
	}
	add(FullName, before.Name.Display(""), after.Name.Display(""))
	add(Company, before.Company, after.Company)
	add(Phone, string(before.Phone), string(after.Phone))
	add(Line1, postal(before.Address), postal(after.Address))
	add(Language, before.Language, after.Language)
	return list
}

func postal(a contact.Address) string {
	parts := []string{a.Line1, a.Line2, strings.TrimSpace(a.Postcode + " " + a.City), a.Region, a.Country}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// Rows gives rows of an outcome (empty: of any) behind a line, at most limit, as the check found them. It needs
// [staff.EditPeople].
func (i *Importer) Rows(ctx context.Context, id int64, outcome Outcome, after, limit int) ([]Judged, error) {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return nil, err
	}
	im, err := i.load(ctx, i.db, id, false)
	if err != nil {
		return nil, err
	}
	condition := ""
	if outcome != "" {
		condition = "r.outcome = '" + string(known(outcome)) + "'"
	}
	lines, err := i.lines(ctx, i.db, im, condition, after, limit)
	if err != nil {
		return nil, err
	}
	read := i.reader(im)
	rows := make([]Judged, len(lines))
	for n, line := range lines {
		cells, err := line.cells()
		if err != nil {
			return nil, err
		}
		reason, err := line.reason()
		if err != nil {
			return nil, err
		}
		rows[n] = Judged{Row: read.row(line.Line, cells), Outcome: line.Outcome, Reason: reason, ProfileID: line.ProfileID, Applied: line.Applied != ""}
		if line.Changes != "" {
			if err := json.Unmarshal([]byte(line.Changes), &rows[n].Changes); err != nil {
				return nil, &DamagedError{id, line.Line, err}
			}
		}
	}
	return rows, nil
}

// known keeps foreign text out of a condition.
func known(o Outcome) Outcome {
	switch o {
	case Stranger, Update, Same, Doubtful, Repeated, Bad:
		return o
	}
	return "none"
}
