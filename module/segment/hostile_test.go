package segment_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"github.com/kupec/kupec/module/segment"
)

// hostile is text that would end a string, a comment or a statement, or stand for an argument.
var hostile = []string{`' OR 1=1 -- `, `"; DROP TABLE crm_segments; --`, `?`, `?0 /* */`, `\'`, `\\' OR ''='`, "x\x00y", "%", "_", "\u202e", "'; SELECT SLEEP(9); -- ", "{{7*7}}", "ſ', 'İ"}

// Wherever a tree may hold text, hostile text is refused or reaches the server as a value: the statement is the same as
// with any other text, and it selects nobody.
func TestForeignTextNeverBecomesSQL(t *testing.T) {
	t.Parallel()
	b := setup(t, 30)
	r := rand.New(rand.NewPCG(2, 3))
	tried := 0
	for _, kind := range b.segments.Vocabulary().Kinds() {
		for _, slot := range kind.Slots {
			for _, option := range slot.Options {
				for _, f := range option.Fields {
					for _, evil := range hostile {
						node := randomOf(r, b.segments.Vocabulary(), kind, option.Name)
						ask := func(v any) (segment.Query, error) {
							node.Is.Values[f.Name] = v
							return b.segments.Compile(context.Background(), segment.Tree{Root: node}, segment.Scope{})
						}
						for evil, tame := range map[any]any{evil: "tame", [1]string{evil}: []string{"tame"}} {
							if many, ok := evil.([1]string); ok {
								evil = many[:]
							}
							got, err := ask(evil)
							var invalid *segment.InvalidError
							if errors.As(err, &invalid) {
								continue
							}
							want, wantErr := ask(tame)
							if err != nil || wantErr != nil || got.SQL != want.SQL {
								t.Fatalf("%s.%s with %q: %v, %v\n%s\n%s", kind.Name, f.Name, evil, err, wantErr, got.SQL, want.SQL)
							}
							var n int
							if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_profiles AS p WHERE "+got.SQL, got.Args...).Scan(context.Background(), &n); err != nil {
								t.Errorf("%s.%s with %q: %v", kind.Name, f.Name, evil, err)
							}
							tried++
						}
					}
				}
			}
		}
	}
	if tried < len(hostile) {
		t.Errorf("only %d texts reached the server: this proves little", tried)
	}
	for _, evil := range hostile {
		count, err := b.segments.Count(context.Background(), segment.Tree{}, 0, evil)
		if foreign := strings.ContainsFunc(evil, func(r rune) bool { return r > unicode.MaxASCII }); err != nil && !foreign { // the column is ASCII, and says so
			t.Errorf("a topic %q: %v", evil, err)
		}
		if count.Mailable > 0 {
			t.Errorf("a topic %q: %d have agreed to it", evil, count.Mailable)
		}
	}
}
