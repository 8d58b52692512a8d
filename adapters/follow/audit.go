package follow

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters"
)

// Part is a table that a digest sums up: the rows themselves, or what belongs to them.
type Part struct {
	Table   string   // "{order_product} p JOIN …", with what it needs
	Key     string   // the key of the row of the stream that a row of this belongs to: "p.order_id"; an indexed column, also a DECIMAL one
	Columns []string // what is summed up; they may be NULL
	Where   string   // condition; default all
}

func (p Part) where() string {
	if p.Where == "" {
		return "TRUE"
	}
	return p.Where
}

// Auditor implements [adapters.Auditor] by the sources of an adapter's streams.
type Auditor struct {
	source  func(context.Context, adapters.Stream) (DB, Source, error)
	letters map[adapters.Stream]byte
}

// NewAuditor takes what opens the shop and gives a stream's source, and the letters of the sources, for which the shop need
// not be opened.
func NewAuditor(source func(context.Context, adapters.Stream) (DB, Source, error), letters map[adapters.Stream]byte) Auditor {
	return Auditor{source, letters}
}

// Span implements [adapters.Auditor].
func (a Auditor) Span(ctx context.Context, stream adapters.Stream) (first, last int64, err error) {
	db, src, err := a.source(ctx, stream)
	if err != nil {
		return 0, 0, err
	}
	return src.Span(ctx, db)
}

// Digests implements [adapters.Auditor].
func (a Auditor) Digests(ctx context.Context, stream adapters.Stream, first, last, step int64) ([]adapters.Digest, error) {
	db, src, err := a.source(ctx, stream)
	if err != nil {
		return nil, err
	}
	return src.Digests(ctx, db, first, last, step)
}

// Range implements [adapters.Auditor].
func (a Auditor) Range(stream adapters.Stream, first, last int64) adapters.Cursor {
	return Source{Letter: a.letters[stream]}.Range(first, last)
}

// Span gives the lowest and the highest id that the source's table, or its archive, has; 0, 0 where both are empty.
func (src Source) Span(ctx context.Context, db DB) (first, last int64, err error) {
	ends := func(key, table string) string {
		return fmt.Sprintf("SELECT MIN(%[1]s) AS low, MAX(%[1]s) AS high FROM %[2]s", key, table)
	}
	all := ends("t."+src.ID, src.Table+" t")
	if src.Archive.Table != "" {
		all += " UNION ALL " + ends(src.Archive.Key, src.Archive.Table)
	}
	err = db.One(ctx, src.What, "SELECT COALESCE(MIN(low), 0), COALESCE(MAX(high), 0) FROM ("+all+") e", nil, &first, &last)
	return first, last, err
}

// Range is the cursor of [adapters.Auditor].
func (src Source) Range(first, last int64) adapters.Cursor {
	return Place{source: src.Letter, stage: stageRange, id: max(first-1, 0), roll: max(last, 0)}.cursor()
}

// Digests sums up the rows with ids from first to last, in ranges of step ids that begin at multiples of step, ascending.
// It costs one statement for each part.
func (src Source) Digests(ctx context.Context, db DB, first, last, step int64) ([]adapters.Digest, error) {
	src = src.withDefaults()
	if step <= 0 || last < first || len(src.Parts) == 0 {
		return nil, nil
	}
	type sum struct {
		rows   int64
		hashed []byte
	}
	sums := map[int64]*sum{}
	parts := src.Parts
	if src.Archive.Table != "" {
		parts = append(slices.Clone(parts), src.Archive)
	}
	for i, part := range parts {
		columns := make([]string, len(part.Columns))
		for n, c := range part.Columns {
			columns[n] = "COALESCE(" + c + ",'\\0')"
		}
		// Both of XOR and SUM: the one alone cancels what comes twice, the other what is added here and taken there.
		hash := "CRC32(CONCAT_WS('\\n'," + strings.Join(columns, ",") + "))"
		err := db.Each(ctx, src.What, fmt.Sprintf(`SELECT CAST(%[1]s - MOD(%[1]s, ?) AS SIGNED) AS bucket, COUNT(*), CAST(BIT_XOR(%[2]s) AS UNSIGNED), CAST(SUM(%[2]s) AS UNSIGNED)
			FROM %[3]s WHERE %[1]s >= ? AND %[1]s <= ? AND %[4]s GROUP BY bucket`, part.Key, hash, part.Table, part.where()), []any{step, first, last},
			func(scan func(...any) error) error {
				var bucket, rows int64
				var xor, total uint64
				if err := scan(&bucket, &rows, &xor, &total); err != nil {
					return err
				}
				s := sums[bucket]
				if s == nil {
					s = &sum{}
					sums[bucket] = s
				}
				if i == 0 || i == len(src.Parts) {
					s.rows += rows
				}
				for _, n := range []uint64{uint64(i), uint64(rows), xor, total} {
					s.hashed = binary.LittleEndian.AppendUint64(s.hashed, n)
				}
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
	var digests []adapters.Digest
	for bucket := first - first%step; bucket <= last; bucket += step {
		if s := sums[bucket]; s != nil && s.rows > 0 {
			h := fnv.New64a()
			_, _ = h.Write(s.hashed)
			digests = append(digests, adapters.Digest{First: bucket, Rows: s.rows, Sum: h.Sum64()})
		}
	}
	return digests, nil
}
