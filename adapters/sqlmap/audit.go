package sqlmap

import (
	"context"
	"maps"
	"slices"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

var (
	_ adapters.Auditor = (*Shop)(nil)
	_ adapters.Adviser = (*Shop)(nil)
)

// Span implements [adapters.Auditor].
func (s *Shop) Span(ctx context.Context, stream adapters.Stream) (first, last int64, err error) {
	a, err := s.attach(ctx)
	if err != nil {
		return 0, 0, err
	}
	pl, ok := a.plans[string(stream)]
	if !ok {
		return 0, 0, nil
	}
	return pl.source.Span(ctx, a.DB)
}

// Digests implements [adapters.Auditor]: it sums up just the columns that the file names.
func (s *Shop) Digests(ctx context.Context, stream adapters.Stream, first, last, step int64) ([]adapters.Digest, error) {
	a, err := s.attach(ctx)
	if err != nil {
		return nil, err
	}
	pl, ok := a.plans[string(stream)]
	if !ok {
		return nil, nil
	}
	return pl.source.Digests(ctx, a.DB, first, last, step)
}

// Range implements [adapters.Auditor].
func (s *Shop) Range(stream adapters.Stream, first, last int64) adapters.Cursor {
	sec, ok := s.file.streams[string(stream)]
	if !ok {
		return none
	}
	return sec.seal(follow.Source{Letter: letters[sec.name]}.Range(first, last))
}

// Advise implements [adapters.Adviser]. Rows that never change need no index to be followed.
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	a, err := s.attach(ctx)
	if err != nil {
		return nil, err
	}
	var sources []follow.Source
	for _, name := range slices.Sorted(maps.Keys(s.file.streams)) {
		pl := a.plans[name]
		src, err := pl.now(ctx, a.DB, a.site.zone)
		if err != nil {
			s.forget(err)
			return nil, err
		}
		if !pl.sec.appendOnly {
			sources = append(sources, src)
		}
	}
	return follow.Advise(ctx, a.DB, sources...)
}
