package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/kupec/kupec/module/customer"
)

// batch is rows that are worked on together, as they are stored and as they are understood.
type batch struct {
	lines []lineRow
	rows  []Row
	known []customer.Known // of a check: who each row is, or looks like
	done  []done           // of an undoing: what each row did
}

// ahead does batches one after the other until there is none left. While one is done, which is mostly the database's
// work, the next one is read.
func ahead(ctx context.Context, read func(ctx context.Context) (batch, error), do func(ctx context.Context, b batch) error) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	batches := make(chan batch)
	ended := make(chan error, 1)
	go func() {
		defer close(batches)
		ended <- guarded(func() error { return feed(reading, read, batches) })
	}()
	for b := range batches {
		if err := do(ctx, b); err != nil {
			stop()
			<-ended
			return err
		}
	}
	return <-ended
}

// feed is the reading end of ahead.
func feed(ctx context.Context, read func(ctx context.Context) (batch, error), batches chan<- batch) error {
	for {
		b, err := read(ctx)
		if err != nil || len(b.lines) == 0 {
			return err
		}
		select {
		case batches <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// guarded turns a panic into an error: whoever waits for a goroutine hears of it.
func guarded(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("a mistake in the program: %v\n%s", v, debug.Stack())
		}
	}()
	return fn()
}

// counter tells how many rows are through, also where several count.
type counter struct {
	tell  Progress
	total int

	mu    sync.Mutex
	count int
}

func (c *counter) add(ctx context.Context, rows int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count += rows
	return c.tell(ctx, c.count, c.total)
}

// reading reads rows of an import in batches, with a further condition of fixed text, and understands them.
func (i *Importer) reading(im Import, condition string) func(ctx context.Context) (batch, error) {
	read, after := i.reader(im), 0
	return func(ctx context.Context) (batch, error) {
		lines, err := i.lines(ctx, i.db, im, condition, after, batchRows)
		if err != nil || len(lines) == 0 {
			return batch{}, err
		}
		after = lines[len(lines)-1].Line
		rows := make([]Row, len(lines))
		for n, line := range lines {
			cells, err := line.cells()
			if err != nil {
				return batch{}, err
			}
			rows[n] = read.row(line.Line, cells)
		}
		return batch{lines: lines, rows: rows}, nil
	}
}

// readingBack reads what an import did in batches, the last row first.
func (i *Importer) readingBack(id int64) func(ctx context.Context) (batch, error) {
	before := 1<<31 - 1
	return func(ctx context.Context) (batch, error) {
		var b batch
		err := i.db.NewSelect().Model(&b.lines).Column("import_id", "line", "applied").
			Where("r.import_id = ?", id).Where("r.line < ?", before).Where("r.applied IS NOT NULL").
			OrderExpr("r.line DESC").Limit(batchRows).Scan(ctx)
		if err != nil {
			return b, fmt.Errorf("reading the rows of import %d: %w", id, err)
		}
		if len(b.lines) == 0 {
			return b, nil
		}
		before = b.lines[len(b.lines)-1].Line
		b.done = make([]done, len(b.lines))
		for n, line := range b.lines {
			if err := json.Unmarshal([]byte(line.Applied), &b.done[n]); err != nil {
				return b, &DamagedError{id, line.Line, err}
			}
		}
		return b, nil
	}
}
