package customer

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// What makes two profiles look like one person.
const (
	AlikePhone   = "phone"   // the same number
	AlikeAddress = "address" // the same name at the same postal address
	AlikeTypo    = "typo"    // the same name, and e-mail addresses of which one looks like the other typed wrong
	AlikeName    = "name"    // the same name, beside something else: a name alone suggests nothing
)

// Alike is one reason to take two profiles for one person.
type Alike struct {
	Kind  string `json:"kind"` // one of the Alike constants
	Value string `json:"value,omitempty"`
	Other string `json:"other,omitempty"` // of AlikeTypo: the other profile's address
}

// Suggestion is two profiles that may be one person. Only the staff can say so.
type Suggestion struct {
	Profile, Other Profile
	Score          float64 // 0 to 1: how sure it is
	Reasons        []Alike // Value is of Profile, Other of Other
	FoundAt        time.Time
}

const (
	sharedPhone    = 5  // profiles with one number, at most; more is a shop's own number, or a made-up one
	sharedAddress  = 20 // of one name at one address
	suggestionStep = 200
	leastScore     = 30 // of 100
)

type suggestionRow struct {
	bun.BaseModel `bun:"table:crm_suggestions"`

	ProfileID   int64 // the smaller id
	OtherID     int64
	Score       int     // of 100
	Reasons     []Alike `bun:"type:json"`
	FoundAt     time.Time
	DismissedAt bun.NullTime
	DismissedBy int64
}

func (s suggestionRow) suggestion(profiles map[int64]Profile) (Suggestion, bool) {
	a, ok := profiles[s.ProfileID]
	b, also := profiles[s.OtherID]
	return Suggestion{Profile: a, Other: b, Score: float64(s.Score) / 100, Reasons: s.Reasons, FoundAt: s.FoundAt}, ok && also
}

// turned tells a suggestion from the other side.
func (s Suggestion) turned() Suggestion {
	s.Profile, s.Other = s.Other, s.Profile
	s.Reasons = slices.Clone(s.Reasons)
	for i := range s.Reasons {
		if s.Reasons[i].Other != "" {
			s.Reasons[i].Value, s.Reasons[i].Other = s.Reasons[i].Other, s.Reasons[i].Value
		}
	}
	return s
}

// Suggestions is who may be the same person as a profile, the surest first. It needs staff.SeePeople.
func (r *Registry) Suggestions(ctx context.Context, profileID int64) ([]Suggestion, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	var rows []suggestionRow
	err := r.db.NewRaw(`SELECT profile_id, other_id, score, reasons, found_at FROM crm_suggestions WHERE profile_id = ? AND dismissed_at IS NULL
		UNION ALL SELECT profile_id, other_id, score, reasons, found_at FROM crm_suggestions WHERE other_id = ? AND dismissed_at IS NULL
		ORDER BY score DESC, profile_id, other_id LIMIT ?`, profileID, profileID, store.PageMax).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading who may be the same as profile %d: %w", profileID, err)
	}
	list, err := r.suggestions(ctx, rows)
	for i, s := range list {
		if s.Profile.ID != profileID {
			list[i] = s.turned()
		}
	}
	return list, err
}

// AllSuggestions is a page of all pairs, the surest first, and the cursor of the next page. It needs staff.SeePeople.
func (r *Registry) AllSuggestions(ctx context.Context, after string, limit int) (page []Suggestion, next string, err error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, "", err
	}
	if limit <= 0 || limit > store.PageMax {
		limit = 50
	}
	order := store.Keyset{{Column: "score", Desc: true}, {Column: "profile_id", Desc: true}, {Column: "other_id", Desc: true}}
	var rows []suggestionRow
	q := order.Order(r.db.NewSelect().Model(&rows).Column("profile_id", "other_id", "score", "reasons", "found_at").Where("dismissed_at IS NULL").Limit(int64(limit) + 1))
	if after != "" {
		place, err := order.Decode(after)
		if err != nil {
			return nil, "", err
		}
		q = place.After(q)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("listing who may be the same: %w", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = order.Encode(last.Score, last.ProfileID, last.OtherID)
	}
	page, err = r.suggestions(ctx, rows)
	return page, next, err
}

// suggestions leaves out pairs of which one is no longer there, until they are worked out anew.
func (r *Registry) suggestions(ctx context.Context, rows []suggestionRow) ([]Suggestion, error) {
	var ids []int64
	for _, row := range rows {
		ids = append(ids, row.ProfileID, row.OtherID)
	}
	profiles, err := r.Profiles(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []Suggestion
	for _, row := range rows {
		if s, ok := row.suggestion(profiles); ok {
			list = append(list, s)
		}
	}
	return list, nil
}

// Dismiss says that two profiles are not the same person: the pair is never suggested again. It needs staff.EditPeople.
func (r *Registry) Dismiss(ctx context.Context, profileID, otherID int64) error {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return err
	}
	if profileID == otherID {
		return ErrSamePerson
	}
	return store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := r.hold(ctx, tx, profileID, otherID); err != nil {
			return err
		}
		row := suggestionRow{ProfileID: min(profileID, otherID), OtherID: max(profileID, otherID), Reasons: []Alike{}, FoundAt: r.now(),
			DismissedAt: null(r.now()), DismissedBy: actor.Account.ID}
		_, err := tx.NewInsert().Model(&row).On("DUPLICATE KEY UPDATE dismissed_at = VALUES(dismissed_at), dismissed_by = VALUES(dismissed_by)").Exec(ctx)
		if err != nil {
			return fmt.Errorf("noting that profiles %d and %d are two people: %w", profileID, otherID, err)
		}
		return staff.Record(ctx, tx, "customer.not_same", "customer", profileID, map[string]any{"other": otherID})
	})
}

// Reconsider takes back what [Registry.Dismiss] said. It needs staff.EditPeople.
func (r *Registry) Reconsider(ctx context.Context, profileID, otherID int64) error {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return err
	}
	return store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Table("crm_suggestions").
			Where("profile_id = ? AND other_id = ? AND dismissed_at IS NOT NULL", min(profileID, otherID), max(profileID, otherID)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("taking back that profiles %d and %d are two people: %w", profileID, otherID, err)
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return fmt.Errorf("nobody said that profiles %d and %d are two people: %w", profileID, otherID, store.ErrNotFound)
		}
		if err := r.markChanged(ctx, tx, []int64{profileID, otherID}); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "customer.reconsidered", "customer", profileID, map[string]any{"other": otherID})
	})
}

// SharedPhones tells which of the numbers so many people gave that they suggest nothing, and of how many profiles they are.
func (r *Registry) SharedPhones(ctx context.Context, numbers []string) (map[string]int64, error) {
	return sharedPhones(ctx, r.db, numbers)
}

func sharedPhones(ctx context.Context, db bun.IDB, numbers []string) (map[string]int64, error) {
	shared := map[string]int64{}
	if len(numbers) == 0 {
		return shared, nil
	}
	var rows []struct {
		Value string
		N     int64
	}
	err := db.NewRaw("SELECT value, COUNT(DISTINCT profile_id) AS n FROM crm_identities WHERE kind = ? AND value IN (?) AND shop_id = 0 GROUP BY value HAVING n > ?",
		KindPhone, bun.List(numbers), sharedPhone).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting whose phone numbers they are: %w", err)
	}
	for _, row := range rows {
		shared[row.Value] = row.N
	}
	return shared, nil
}

// RefreshSuggestions looks, for up to limit profiles that changed, for others that may be the same person, and tells how
// many it did: fewer than limit when there are no more. It reads candidates from indexes, a fixed number of statements for
// 200 profiles; numbers and addresses of very many people are left out. Every process may call it; one works.
func (r *Registry) RefreshSuggestions(ctx context.Context, limit int) (n int, err error) {
	// One at a time: of two who work side by side neither would see the other's half of a pair.
	lease, err := store.TakeLease(ctx, r.db, "suggestions")
	if errors.Is(err, store.ErrLeaseHeld) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking for people who are the same: %w", err)
	}
	defer lease.Release(context.WithoutCancel(ctx))
	for n < limit {
		did := 0
		err := store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
			var err error
			did, err = r.refreshSome(ctx, tx, min(suggestionStep, limit-n))
			return err
		})
		if err != nil {
			return n, fmt.Errorf("looking for people who are the same: %w", err)
		}
		n += did
		if did < suggestionStep {
			break
		}
		if err := lease.Keep(ctx); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r *Registry) refreshSome(ctx context.Context, tx bun.Tx, limit int) (int, error) {
	var ids []int64
	err := tx.NewRaw("SELECT profile_id FROM crm_changed_people ORDER BY profile_id LIMIT ? FOR UPDATE SKIP LOCKED", limit).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	looks, err := r.looks(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	if err := writeLikenesses(ctx, tx, ids, looks); err != nil {
		return 0, err
	}
	if err := learnSpellings(ctx, tx, looks); err != nil {
		return 0, err
	}
	pairs, err := r.candidates(ctx, tx, looks)
	if err != nil {
		return 0, err
	}
	var missing []int64
	for pair := range pairs {
		for _, id := range pair {
			if looks[id] == nil && !slices.Contains(missing, id) {
				missing = append(missing, id)
			}
		}
	}
	others, err := r.looks(ctx, tx, missing)
	if err != nil {
		return 0, err
	}
	maps.Copy(looks, others)
	apart, err := r.separations(ctx, tx, slices.Collect(maps.Keys(looks)))
	if err != nil {
		return 0, err
	}
	var rows []suggestionRow
	for pair := range pairs {
		a, b := looks[pair[0]], looks[pair[1]]
		if a == nil || b == nil || apart[pair] {
			continue
		}
		if score, reasons := a.compare(b); score >= leastScore {
			rows = append(rows, suggestionRow{ProfileID: a.id, OtherID: b.id, Score: score, Reasons: reasons, FoundAt: r.now()})
		}
	}
	if err := writeSuggestions(ctx, tx, ids, rows); err != nil {
		return 0, err
	}
	_, err = tx.NewDelete().Table("crm_changed_people").Where("profile_id IN (?)", bun.List(ids)).Exec(ctx)
	return len(ids), err
}

// writeSuggestions puts what was found in place of what was found before; what was dismissed stays dismissed.
func writeSuggestions(ctx context.Context, tx bun.IDB, ids []int64, rows []suggestionRow) error {
	for _, column := range []string{"profile_id", "other_id"} {
		if _, err := tx.NewDelete().Table("crm_suggestions").Where("? IN (?) AND dismissed_at IS NULL", bun.Ident(column), bun.List(ids)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b suggestionRow) int {
		return slices.Compare([]int64{a.ProfileID, a.OtherID}, []int64{b.ProfileID, b.OtherID})
	})
	_, err := tx.NewInsert().Model(&rows).On("DUPLICATE KEY UPDATE score = VALUES(score), reasons = VALUES(reasons)").Exec(ctx)
	return err
}

// look is what a person is compared by.
type look struct {
	id      int64
	name    string // the keys of package contact; empty: nothing to compare
	address string
	where   string // the address for people
	who     string
	last    string
	emails  []contact.Email
	phones  []string
}

// looks reads what those of the profiles that live are compared by, without numbers of very many.
func (r *Registry) looks(ctx context.Context, tx bun.IDB, ids []int64) (map[int64]*look, error) {
	looks := make(map[int64]*look, len(ids))
	var numbers []string
	for part := range slices.Chunk(ids, linkChunk) {
		var rows []profileRow
		err := tx.NewSelect().Model(&rows).Column(profileColumns...).Where("id IN (?) AND merged_into IS NULL AND erased_at IS NULL", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			name := contact.Name{First: row.FirstName, Last: row.LastName}
			looks[row.ID] = &look{id: row.ID, name: name.Key(), who: name.Display(""), last: contact.Fold(row.LastName), address: row.address().Key(), where: row.Line1 + ", " + row.City}
		}
		var identities []identityRow
		err = tx.NewSelect().Model(&identities).Column("profile_id", "kind", "value").
			Where("profile_id IN (?) AND kind IN (?)", bun.List(part), bun.List([]Kind{KindEmail, KindPhone})).OrderExpr("id").Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, i := range identities {
			switch l := looks[i.ProfileID]; {
			case l == nil:
			case i.Kind == KindEmail:
				l.emails = append(l.emails, contact.Email(i.Value))
			case !slices.Contains(l.phones, i.Value):
				l.phones = append(l.phones, i.Value)
				numbers = append(numbers, i.Value)
			}
		}
	}
	for part := range slices.Chunk(numbers, linkChunk) {
		shared, err := sharedPhones(ctx, tx, part)
		if err != nil {
			return nil, err
		}
		for _, l := range looks {
			l.phones = slices.DeleteFunc(l.phones, func(number string) bool { return shared[number] > 0 })
		}
	}
	return looks, nil
}

// hashes are by what a look finds others: the name at the address, and the name with the beginning and with the end of
// each address's local part. One slip of the finger leaves one of the two ends as it was.
func (l *look) hashes() []uint64 {
	if l.name == "" {
		return nil
	}
	var list []uint64
	if l.address != "" {
		list = append(list, hash("address", l.name, l.address))
	}
	for _, e := range l.emails {
		local := []rune(e.Local())
		end := min(2, len(local))
		list = append(list, hash("begins", l.name, string(local[:end])), hash("ends", l.name, string(local[len(local)-end:])))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func hash(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // a hash takes all
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

type likenessRow struct {
	bun.BaseModel `bun:"table:crm_likenesses"`

	ProfileID int64
	Hash      uint64
}

func writeLikenesses(ctx context.Context, tx bun.IDB, ids []int64, looks map[int64]*look) error {
	if _, err := tx.NewDelete().Table("crm_likenesses").Where("profile_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return err
	}
	var rows []likenessRow
	for _, id := range ids {
		if l := looks[id]; l != nil {
			for _, h := range l.hashes() {
				rows = append(rows, likenessRow{ProfileID: id, Hash: h})
			}
		}
	}
	for part := range slices.Chunk(rows, linkChunk) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// candidates gives pairs of ids, the smaller first, that share a number or a hash which not too many have.
func (r *Registry) candidates(ctx context.Context, tx bun.IDB, looks map[int64]*look) (map[[2]int64]bool, error) {
	var numbers []string
	var hashes []uint64
	for _, l := range looks {
		numbers = append(numbers, l.phones...)
		hashes = append(hashes, l.hashes()...)
	}
	pairs := map[[2]int64]bool{}
	slices.Sort(numbers)
	slices.Sort(hashes)
	for part := range slices.Chunk(slices.Compact(numbers), linkChunk) {
		err := pairUp(ctx, tx, pairs, looks, "SELECT value AS shared, profile_id FROM crm_identities WHERE kind = 'phone' AND value IN (?) AND shop_id = 0", bun.List(part))
		if err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(slices.Compact(hashes), linkChunk) {
		err := pairUp(ctx, tx, pairs, looks, `SELECT CAST(l.hash AS CHAR) AS shared, l.profile_id FROM crm_likenesses l
			JOIN (SELECT hash FROM crm_likenesses WHERE hash IN (?) GROUP BY hash HAVING COUNT(*) BETWEEN 2 AND ?) few ON few.hash = l.hash`, bun.List(part), sharedAddress)
		if err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// pairUp reads who shares something and notes each pair with one of the looks in it.
func pairUp(ctx context.Context, tx bun.IDB, pairs map[[2]int64]bool, looks map[int64]*look, query string, args ...any) error {
	var rows []struct {
		Shared    string
		ProfileID int64
	}
	if err := tx.NewRaw(query, args...).Scan(ctx, &rows); err != nil {
		return err
	}
	byShared := map[string][]int64{}
	for _, row := range rows {
		byShared[row.Shared] = append(byShared[row.Shared], row.ProfileID)
	}
	for _, ids := range byShared {
		for i, a := range ids {
			for _, b := range ids[i+1:] {
				if a != b && (looks[a] != nil || looks[b] != nil) {
					pairs[[2]int64{min(a, b), max(a, b)}] = true
				}
			}
		}
	}
	return nil
}

// How sure each reason is by itself, of 1. A number at which another name answers is often a household's.
const (
	surePhone          = 0.6
	surePhoneSameName  = 0.9
	surePhoneHousehold = 0.4
	surePhoneOtherName = 0.3
	sureAddress        = 0.8
	sureTypo           = 0.7
)

// compare gives of 100 how sure it is that two looks are one person's, and why. Several reasons make each other surer.
func (l *look) compare(o *look) (score int, reasons []Alike) {
	doubt := 1.0
	add := func(sure float64, reason Alike) {
		doubt *= 1 - sure
		reasons = append(reasons, reason)
	}
	sameName := l.name != "" && l.name == o.name
	for _, number := range l.phones {
		if !slices.Contains(o.phones, number) {
			continue
		}
		sure := surePhoneOtherName
		switch {
		case sameName:
			sure = surePhoneSameName
		case l.who == "" || o.who == "":
			sure = surePhone
		case l.last == o.last && l.last != "":
			sure = surePhoneHousehold
		}
		add(sure, Alike{Kind: AlikePhone, Value: number})
		break // a second number of the same two says nothing new
	}
	if sameName && l.address != "" && l.address == o.address {
		add(sureAddress, Alike{Kind: AlikeAddress, Value: l.where})
	}
	if mine, theirs, ok := l.typo(o); ok && sameName {
		add(sureTypo, Alike{Kind: AlikeTypo, Value: string(mine), Other: string(theirs)})
	}
	if sameName && len(reasons) > 0 {
		reasons = append(reasons, Alike{Kind: AlikeName, Value: l.who})
	}
	return min(99, int(math.Round(100*(1-doubt)))), reasons
}

func (l *look) typo(o *look) (mine, theirs contact.Email, ok bool) {
	for _, a := range l.emails {
		for _, b := range o.emails {
			if contact.EmailTypo(a, b) {
				return a, b, true
			}
		}
	}
	return "", "", false
}
