package newsletter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
)

// PhoneSubject is how many characters of a subject most phones show.
const PhoneSubject = 45

// Check looks for everything that should be mended before a newsletter goes out, kept or not: what blocks it comes first,
// then in the order of the content. An error means that it could not be checked. It needs [staff.SeeSales].
func (d *Desk) Check(ctx context.Context, n Newsletter) ([]Problem, error) {
	if err := may(ctx, seeing); err != nil {
		return nil, err
	}
	in, err := d.content(ctx, n)
	if err != nil {
		return nil, err
	}
	l, problems, err := d.compileNow(ctx, in, true)
	if err != nil {
		return nil, err
	}
	add := func(s Severity, field, key string, args ...any) {
		problems = append(problems, Problem{Severity: s, Field: field, Key: "newsletter.problem." + key, Args: args})
	}
	if strings.TrimSpace(in.Subject) == "" {
		add(Blocking, "subject", "no_subject")
	} else if count := utf8.RuneCountInString(strings.TrimSpace(string((&reading{letter: l, to: plainAddresses{desk: d, letter: l}}).run(&l.subject, nil)))); count > PhoneSubject {
		add(Warning, "subject", "long_subject", "count", count)
	}
	if len(in.Blocks) == 0 {
		add(Blocking, "blocks", "no_blocks")
	} else if !slices.ContainsFunc(in.Blocks, func(b Block) bool { return b.Kind == KindText || b.Kind == KindHeading }) {
		add(Warning, "blocks", "no_text")
	}
	if in.Brand.SenderEmail == "" {
		add(Blocking, "brand", "no_sender")
	}
	if in.Brand.PostalAddress == "" {
		add(Blocking, "brand", "no_postal")
	}
	// Each recommendation is one card; links and names make up for the rest.
	if weight := l.html.size + l.picksWanted()*(l.cards[1].size+400) + 120*len(l.links); weight > GmailClips {
		add(Warning, "blocks", "heavy", "kilobytes", (weight+1023)/1024)
	}
	count, err := d.Count(ctx, n)
	var unreadable *segment.InvalidError
	switch {
	case errors.Is(err, errNoAudience):
		add(Blocking, "audience", "no_audience")
	case errors.Is(err, store.ErrNotFound):
		add(Blocking, "audience", "unknown_segment")
	case errors.As(err, &unreadable):
		add(Blocking, "audience", "segment", "detail", unreadable.Error())
	case err != nil:
		return nil, err
	case count.Mailable == 0:
		add(Blocking, "audience", "nobody", "people", count.Profiles)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Severity == b.Severity {
			return 0
		}
		if a.Severity == Blocking {
			return -1
		}
		return 1
	})
	return problems, nil
}

var errNoAudience = errors.New("no audience is chosen")

// tree is who a newsletter goes to: its segment as it is now, or its own tree.
func (d *Desk) tree(ctx context.Context, n Newsletter) (segment.Tree, error) {
	switch {
	case n.SegmentID != 0:
		s, err := d.rooms.Segments.Get(ctx, n.SegmentID)
		return s.Tree, err
	case n.Audience != nil:
		return *n.Audience, nil
	}
	return segment.Tree{}, errNoAudience
}

func (d *Desk) audience(ctx context.Context, n Newsletter) (segment.Query, error) {
	tree, err := d.tree(ctx, n)
	if err != nil {
		return segment.Query{}, err
	}
	return d.rooms.Segments.Compile(ctx, tree, segment.Scope{Now: d.now(), ShopID: n.ShopID})
}

// Count says how many people a newsletter would go to now, and why the others of its audience are left out. Without an
// audience all figures are 0.
func (d *Desk) Count(ctx context.Context, n Newsletter) (segment.Count, error) {
	tree, err := d.tree(ctx, n)
	if err != nil {
		return segment.Count{}, err
	}
	return d.rooms.Segments.Count(ctx, tree, n.ShopID, n.Topic)
}
