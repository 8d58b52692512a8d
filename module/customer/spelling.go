package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
)

// Two words one slip of the finger apart have a variant in common: themselves, or what is left when one letter is taken
// out. So the words of all names are kept with their variants, each word once however many people have it, and a mistyped
// word is found by a handful of look-ups in an index.

const (
	spellingLeast = 4  // letters of a word that may be mistyped: of shorter ones half are one slip apart
	spellingMost  = 60 // letters of a word that is kept
	spellingTries = 4  // other words tried for one that was typed
	spellingPaths = 8  // ways to put them together that are tried
)

type spellingRow struct {
	bun.BaseModel `bun:"table:crm_spellings"`

	Variant string
	Word    string
}

// variants is a folded word and what is left of it without each of its letters.
func variants(folded string) []string {
	letters := []rune(folded)
	list := []string{folded}
	for i := range letters {
		list = append(list, string(letters[:i])+string(letters[i+1:]))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// nameWords is the words of a name, in lower case, with their accents.
func nameWords(name string) (list []string) {
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == ' ' || c == '-' || c == '‑' || c == '.' || c == ',' }) {
		if n := utf8.RuneCountInString(word); n >= spellingLeast && n <= spellingMost && !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
	return list
}

// learnSpellings keeps the words of names that were not known yet.
func learnSpellings(ctx context.Context, tx bun.IDB, looks map[int64]*look) error {
	var words []string
	for _, l := range looks {
		words = append(words, nameWords(l.who)...)
	}
	slices.Sort(words)
	for part := range slices.Chunk(slices.Compact(words), linkChunk) {
		var known []string
		if err := tx.NewRaw("SELECT DISTINCT word FROM crm_spellings WHERE word IN (?)", bun.List(part)).Scan(ctx, &known); err != nil {
			return fmt.Errorf("looking up spellings: %w", err)
		}
		var rows []spellingRow
		for _, word := range part {
			if !slices.Contains(known, word) {
				for _, v := range variants(contact.Fold(word)) {
					rows = append(rows, spellingRow{Variant: v, Word: word})
				}
			}
		}
		for rows := range slices.Chunk(rows, linkChunk) {
			if _, err := tx.NewInsert().Model(&rows).Ignore().Exec(ctx); err != nil {
				return fmt.Errorf("keeping spellings: %w", err)
			}
		}
	}
	return nil
}

// forgetSpellings takes out words of names that nobody who lives has, or has the beginning of a name in.
func forgetSpellings(ctx context.Context, tx bun.IDB, words []string) error {
	for _, word := range words {
		const living = " AND merged_into IS NULL AND erased_at IS NULL"
		var used bool
		err := tx.NewRaw("SELECT EXISTS (SELECT 1 FROM crm_profiles WHERE first_name LIKE ?"+living+") OR EXISTS (SELECT 1 FROM crm_profiles WHERE last_name LIKE ?"+living+
			") OR EXISTS (SELECT 1 FROM crm_name_words WHERE word LIKE ?)", prefix(word), prefix(word), prefix(word)).Scan(ctx, &used)
		if err == nil && !used {
			_, err = tx.NewDelete().Table("crm_spellings").Where("word = ?", word).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("forgetting spellings: %w", err)
		}
	}
	return nil
}

// bySpelling looks for names of which each word is one slip of the finger from the query's, at most. It is asked when
// nothing is found as it was typed.
func (r *Registry) bySpelling(ctx context.Context, query string, limit int) ([]match, error) {
	typed := strings.Fields(strings.ReplaceAll(query, ",", " "))
	if len(typed) == 0 || strings.ContainsAny(query, "@0123456789") {
		return nil, nil
	}
	typed = typed[:min(searchWord, len(typed))]
	meant := make([][]string, len(typed))
	changed := false
	for i, word := range typed {
		others, err := r.meant(ctx, word)
		if err != nil {
			return nil, err
		}
		changed = changed || len(others) > 0
		meant[i] = append(others, word)
	}
	if !changed {
		return nil, nil
	}
	var found []match
	for _, words := range together(meant) {
		more, err := r.byName(ctx, strings.Join(words, " "), limit)
		if err != nil {
			return nil, err
		}
		if found = append(found, more...); len(found) >= limit {
			break
		}
	}
	return found, nil
}

// meant is the words of names that somebody who typed one may have meant, those that begin alike first.
func (r *Registry) meant(ctx context.Context, typed string) ([]string, error) {
	folded := contact.Fold(typed)
	if n := utf8.RuneCountInString(folded); n < spellingLeast || n > spellingMost {
		return nil, nil
	}
	var words []string
	err := r.db.NewRaw("SELECT DISTINCT word FROM crm_spellings WHERE variant IN (?) ORDER BY word LIMIT 200", bun.List(variants(folded))).Scan(ctx, &words)
	if err != nil {
		return nil, fmt.Errorf("looking up spellings: %w", err)
	}
	words = slices.DeleteFunc(words, func(word string) bool { return !contact.OneTypo(folded, contact.Fold(word)) })
	first, _ := utf8.DecodeRuneInString(folded)
	begins := func(word string) int {
		if r, _ := utf8.DecodeRuneInString(contact.Fold(word)); r == first {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(words, func(a, b string) int { return begins(a) - begins(b) })
	return words[:min(spellingTries, len(words))], nil
}

// together is the ways to take one of each list, those of the first ones first, as far as they are tried. The last of a
// list is what was typed; all of those together were tried already.
func together(lists [][]string) (paths [][]string) {
	paths = [][]string{nil}
	for _, list := range lists {
		var longer [][]string
		for _, path := range paths {
			for _, word := range list {
				longer = append(longer, append(slices.Clone(path), word))
			}
		}
		paths = longer
	}
	slices.SortStableFunc(paths, func(a, b []string) int { return asTyped(b, lists) - asTyped(a, lists) })
	return slices.DeleteFunc(paths, func(path []string) bool { return asTyped(path, lists) == len(lists) })[:min(spellingPaths, len(paths)-1)]
}

// asTyped counts the words that are as they were typed: the fewer slips, the likelier.
func asTyped(path []string, lists [][]string) (n int) {
	for i, word := range path {
		if word == lists[i][len(lists[i])-1] {
			n++
		}
	}
	return n
}
