package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// What a search found somebody by.
const (
	MatchedOrder = "order"
	MatchedEmail = "email"
	MatchedPhone = "phone"
	MatchedName  = "name"
)

// Hit is one person a search found.
type Hit struct {
	Profile Profile
	Matched string // one of the Matched constants
	Value   string // the order's number, the address or the phone number that matched; empty for names
}

const (
	searchMax  = 100 // characters of a query that count
	searchWord = 4   // words of a name that count
)

// Search finds people by order number, e-mail address or its beginning, phone number in any notation or its beginning,
// and name: its parts in either order, several words, whole or only begun, without regard to case and accents, in any
// script. At most limit hits come (0: 20), order numbers before phones before names before addresses, names that are
// whole before those that are only begun. When nothing is found so, names are looked for of which each word of four letters
// or more may be typed wrong once. It needs staff.SeePeople.
func (r *Registry) Search(ctx context.Context, query string, limit int) ([]Hit, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	if limit <= 0 || limit > store.PageMax {
		limit = 20
	}
	query = contact.CleanText(query, searchMax)
	if query == "" {
		return nil, nil
	}
	var found []match
	for _, by := range []func(context.Context, string, int) ([]match, error){r.byOrder, r.byPhone, r.byName, r.byEmail} {
		more, err := by(ctx, query, limit)
		if err != nil {
			return nil, fmt.Errorf("searching: %w", err)
		}
		for _, m := range more {
			if !slices.ContainsFunc(found, func(have match) bool { return have.ProfileID == m.ProfileID }) {
				found = append(found, m)
			}
		}
		if len(found) >= limit {
			break
		}
	}
	if len(found) == 0 {
		var err error
		if found, err = r.bySpelling(ctx, query, limit); err != nil {
			return nil, fmt.Errorf("searching: %w", err)
		}
	}
	found = found[:min(limit, len(found))]
	ids := make([]int64, len(found))
	for i, m := range found {
		ids[i] = m.ProfileID
	}
	profiles, err := r.Profiles(ctx, ids)
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, len(found))
	for _, m := range found {
		if p, ok := profiles[m.ProfileID]; ok {
			hits = append(hits, Hit{Profile: p, Matched: m.Matched, Value: m.Value})
		}
	}
	return hits, nil
}

type match struct {
	ProfileID int64
	Matched   string
	Value     string
}

func (r *Registry) byOrder(ctx context.Context, query string, limit int) ([]match, error) {
	number := strings.TrimSpace(strings.TrimLeft(query, "#№ "))
	if number == "" || !strings.ContainsFunc(number, unicode.IsDigit) || strings.Contains(number, "@") {
		return nil, nil
	}
	var found []match
	err := r.db.NewRaw(`(SELECT profile_id, 'order' AS matched, number AS value FROM crm_orders WHERE number = ? LIMIT ?)
		UNION ALL (SELECT profile_id, 'order', number FROM crm_orders WHERE number LIKE ? ORDER BY number LIMIT ?)`,
		number, limit, prefix(number), limit).Scan(ctx, &found)
	return found, err
}

func (r *Registry) byEmail(ctx context.Context, query string, limit int) ([]match, error) {
	if strings.ContainsAny(query, " +") && !strings.Contains(query, "@") {
		return nil, nil // a name or a phone number
	}
	begun := strings.ToLower(query)
	if whole, err := contact.ParseEmail(query); err == nil {
		begun = string(whole)
	}
	return r.byIdentity(ctx, KindEmail, []string{begun}, limit)
}

func (r *Registry) byPhone(ctx context.Context, query string, limit int) ([]match, error) {
	return r.byIdentity(ctx, KindPhone, contact.PhonePrefixes(query, r.country), limit)
}

func (r *Registry) byIdentity(ctx context.Context, kind Kind, begun []string, limit int) ([]match, error) {
	if len(begun) == 0 {
		return nil, nil
	}
	var parts []string
	var args []any
	for _, text := range begun {
		parts = append(parts, "(SELECT profile_id, kind AS matched, value FROM crm_identities WHERE kind = ? AND value LIKE ? ORDER BY value LIMIT ?)")
		args = append(args, kind, prefix(text), limit)
	}
	var found []match
	err := r.db.NewRaw(strings.Join(parts, " UNION ALL "), args...).Scan(ctx, &found)
	return found, err
}

// byName looks for the query's words as the beginnings of first and last name, cut between the two at every place and
// both ways round, each reading in the index of the name that comes first in it; then for each of them as a further word
// of a name, the second surname.
func (r *Registry) byName(ctx context.Context, query string, limit int) ([]match, error) {
	words := strings.Fields(strings.ReplaceAll(query, ",", " "))
	if len(words) == 0 || strings.Contains(query, "@") {
		return nil, nil
	}
	words = words[:min(searchWord, len(words))]
	const living = " AND merged_into IS NULL AND erased_at IS NULL"
	var parts []string
	var args []any
	read := func(first, last string) {
		var conditions []string
		for _, c := range []struct{ column, text string }{{"last_name", last}, {"first_name", first}} {
			if c.text != "" {
				conditions = append(conditions, c.column+" LIKE ?")
				args = append(args, prefix(c.text))
			}
		}
		order := ""
		switch {
		case first == "":
			order = " ORDER BY last_name, first_name"
		case last == "":
			order = " ORDER BY first_name, last_name"
		}
		parts = append(parts, "(SELECT id, first_name, last_name FROM crm_profiles WHERE "+strings.Join(conditions, " AND ")+living+order+" LIMIT ?)")
		args = append(args, limit)
	}
	spellings := []string{strings.Join(words, " ")}
	if sharp := strings.ReplaceAll(strings.ToLower(spellings[0]), "ss", "ß"); strings.Contains(sharp, "ß") {
		spellings = append(spellings, sharp) // LIKE compares letter by letter and never finds ß by ss
	}
	for _, whole := range spellings {
		read("", whole)
		read(whole, "")
		words := strings.Fields(whole)
		for cut := 1; cut < len(words); cut++ {
			a, b := strings.Join(words[:cut], " "), strings.Join(words[cut:], " ")
			read(a, b)
			read(b, a)
		}
	}
	for i, word := range words { // a name's second and further words have an index of their own
		condition := "w.word LIKE ?"
		args = append(args, prefix(word))
		for j, other := range words {
			if j != i {
				condition += " AND (p.first_name LIKE ? OR p.last_name LIKE ? OR EXISTS (SELECT 1 FROM crm_name_words o WHERE o.profile_id = p.id AND o.word LIKE ?))"
				args = append(args, prefix(other), prefix(other), prefix(other))
			}
		}
		parts = append(parts, "(SELECT p.id, p.first_name, p.last_name FROM crm_name_words w JOIN crm_profiles p ON p.id = w.profile_id WHERE "+condition+
			" AND p.merged_into IS NULL AND p.erased_at IS NULL LIMIT ?)")
		args = append(args, limit)
	}
	var rows []struct {
		ID        int64
		FirstName string
		LastName  string
	}
	if err := r.db.NewRaw(strings.Join(parts, " UNION "), args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	wholes := func(first, last string) (n int) {
		have := strings.Fields(strings.ToLower(first + " " + last))
		for _, w := range words {
			if slices.Contains(have, strings.ToLower(w)) {
				n++
			}
		}
		return n
	}
	found := make([]match, len(rows))
	rank := make(map[int64]int, len(rows))
	for i, row := range rows {
		found[i] = match{ProfileID: row.ID, Matched: MatchedName}
		rank[row.ID] = wholes(row.FirstName, row.LastName)
	}
	slices.SortStableFunc(found, func(a, b match) int { return rank[b.ProfileID] - rank[a.ProfileID] })
	return found, nil
}

// prefix is the LIKE pattern of what begins with text.
func prefix(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}
