package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

type wordRow struct {
	bun.BaseModel `bun:"table:crm_name_words"`

	Word      string
	ProfileID int64
}

// words collects what changes in crm_name_words: the words of names after the first, by which an index on the names
// themselves cannot be searched. Few people have any.
type words struct {
	drop []int64
	add  []wordRow
}

func (w *words) renamed(before, after profileRow) {
	if before.FirstName == after.FirstName && before.LastName == after.LastName {
		return
	}
	if len(further(before)) > 0 {
		w.drop = append(w.drop, before.ID)
	}
	for _, word := range further(after) {
		w.add = append(w.add, wordRow{Word: word, ProfileID: after.ID})
	}
}

func (w *words) save(ctx context.Context, tx bun.IDB) error {
	if len(w.drop) > 0 {
		if _, err := tx.NewDelete().Table("crm_name_words").Where("profile_id IN (?)", bun.List(w.drop)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting former names: %w", err)
		}
	}
	if len(w.add) == 0 {
		return nil
	}
	// The same word in another spelling of letters is a duplicate to the index, and no loss.
	if _, err := tx.NewInsert().Model(&w.add).Ignore().Exec(ctx); err != nil {
		return fmt.Errorf("noting second names: %w", err)
	}
	return nil
}

// further is the words of the names that do not begin one.
func further(r profileRow) []string {
	var list []string
	for _, name := range []string{r.FirstName, r.LastName} {
		parts := strings.FieldsFunc(name, func(c rune) bool { return c == ' ' || c == '-' || c == '‑' })
		for _, word := range parts[min(1, len(parts)):] {
			if utf8.RuneCountInString(word) > 1 && !slices.Contains(list, word) {
				list = append(list, word)
			}
		}
	}
	return list
}
