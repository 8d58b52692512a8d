package bench

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/segment"
)

// models works out facts and affinities, as later parts need, and measures it where it shall.
func (b *bench) models(ctx context.Context) error {
	began := time.Now()
	if err := b.crm.Facts.RefreshAll(ctx, func(done, total int64) { b.Progress("facts", done, total) }); err != nil {
		return err
	}
	facts := time.Since(began)
	var people int64
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_facts").Scan(ctx, &people); err != nil {
		return err
	}
	var run recommend.Run
	began = time.Now()
	run, err := b.crm.Recommend.Rebuild(ctx, b.shop.ID, func(done, total int64) { b.Progress("affinities", done, total) })
	if err != nil {
		return err
	}
	affinities := time.Since(began)
	began = time.Now()
	if _, err := b.crm.Reports.Check(ctx, func(done, total int64) { b.Progress("reports", done, total) }); err != nil {
		return err
	}
	reports := time.Since(began)
	if !b.measures(PartModels) {
		return nil
	}
	plain, err := b.plainFacts(ctx, people)
	if err != nil {
		return err
	}
	b.add(Measure{Part: PartModels, Name: "facts of everybody", Unit: "profiles/s", Better: higher, Kupec: perSecond(people, facts),
		Against: "INSERT … SELECT of counts and sums", Comparison: perSecond(people, plain),
		Settings: map[string]any{"profiles": people, "seconds": facts.Seconds()}})
	b.add(Measure{Part: PartModels, Name: "affinities", Unit: "buyers/s", Better: higher, Kupec: perSecond(run.Buyers, affinities),
		Settings: map[string]any{"buyers": run.Buyers, "pairs": run.Pairs, "seconds": affinities.Seconds()}})
	return b.reportsKept(ctx, reports)
}

// reportsKept measures how the reports' sums are made, and how soon they follow a change of many people.
func (b *bench) reportsKept(ctx context.Context, made time.Duration) error {
	var orders int64
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_report_orders").Scan(ctx, &orders); err != nil {
		return err
	}
	began := time.Now()
	if _, err := b.crm.Reports.Check(ctx, nil); err != nil {
		return err
	}
	checked := time.Since(began)
	if _, err := b.db.NewRaw("UPDATE crm_orders SET refunded = 0.01 WHERE profile_id IN (SELECT profile_id FROM crm_report_orders WHERE nth = 3) ORDER BY id DESC LIMIT 100").Exec(ctx); err != nil {
		return fmt.Errorf("refunding a hundred orders: %w", err)
	}
	if _, err := b.db.NewRaw("INSERT IGNORE INTO crm_report_changes (profile_id, since) SELECT profile_id, UTC_TIMESTAMP(6) FROM crm_orders WHERE refunded = 0.01").Exec(ctx); err != nil {
		return fmt.Errorf("marking people: %w", err)
	}
	began = time.Now()
	if err := b.crm.Reports.Catchup(ctx); err != nil {
		return err
	}
	b.add(Measure{Part: PartModels, Name: "reports made", Unit: "orders/s", Better: higher, Kupec: perSecond(orders, made), Settings: map[string]any{"orders": orders, "seconds": made.Seconds()}})
	b.add(Measure{Part: PartModels, Name: "reports checked", Unit: "orders/s", Better: higher, Kupec: perSecond(orders, checked), Settings: map[string]any{"orders": orders, "seconds": checked.Seconds()}})
	b.add(Measure{Part: PartModels, Name: "reports after 100 late refunds", Unit: "ms", Better: lower, Kupec: millis(time.Since(began))})
	return nil
}

// plainFacts puts counts, sums and times of everybody's orders into an empty copy of the facts, with one statement. It
// leaves out gaps and stages, and sums of currencies beside the main one.
func (b *bench) plainFacts(ctx context.Context, people int64) (time.Duration, error) {
	if _, err := b.db.ExecContext(ctx, "CREATE TABLE plain_facts LIKE crm_facts"); err != nil {
		return 0, err
	}
	began := time.Now()
	_, err := b.db.ExecContext(ctx, `INSERT INTO plain_facts (profile_id, orders, currency, net, refunded, average, first_order_at, last_order_at, stage, refreshed_at)
		SELECT p.id, COUNT(o.id), COALESCE(MIN(o.currency), ''), COALESCE(SUM(o.total - o.refunded), 0), COALESCE(SUM(o.refunded), 0),
			COALESCE(AVG(o.total - o.refunded), 0), MIN(o.placed_at), MAX(o.placed_at), '', UTC_TIMESTAMP(6)
		FROM crm_profiles p LEFT JOIN crm_orders o ON o.profile_id = p.id AND `+counting+`
		WHERE p.merged_into IS NULL AND p.erased_at IS NULL GROUP BY p.id`)
	if err != nil {
		return 0, fmt.Errorf("working out plain facts: %w", err)
	}
	took := time.Since(began)
	var same int64
	err = b.db.NewRaw(`SELECT COUNT(*) FROM crm_facts f JOIN plain_facts q ON q.profile_id = f.profile_id
		WHERE q.orders = f.orders AND q.last_order_at <=> f.last_order_at AND q.first_order_at <=> f.first_order_at`).Scan(ctx, &same)
	if err != nil {
		return 0, err
	}
	if same != people {
		return 0, fmt.Errorf("the facts of %d of %d people differ from what plain SQL finds", people-same, people)
	}
	_, err = b.db.ExecContext(ctx, "DROP TABLE plain_facts")
	return took, err
}

// Of ten people with an address six have granted the newsletter and one has withdrawn; one of a hundred must get no mail.
const (
	grantedShare   = 60
	withdrawnShare = 70
)

// mailTopic is what the measured newsletter is about: granted by as many people as a round sends messages.
const mailTopic = "bench"

// consents records what people said.
func (b *bench) consents(ctx context.Context) error {
	if err := b.crm.Consents.SaveTopic(ctx, consent.Topic{Topic: mailTopic, Name: "Benchmark"}); err != nil {
		return err
	}
	const batch = 2000
	wanted := b.perRound()
	for after, done := int64(0), int64(0); ; {
		people, err := b.crm.Segments.Members(ctx, segment.Tree{Root: segment.All()}, b.shop.ID, after, batch)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return nil
		}
		var entries []consent.Entry
		for _, p := range people {
			after = p.ID
			if p.Email == "" {
				continue
			}
			entry := consent.Entry{ProfileID: p.ID, ShopID: b.shop.ID, Topic: consent.DefaultTopic, State: consent.Granted,
				Source: consent.SourceImport, Wording: "Yes, send me news."}
			h := fnv.New32a()
			_, _ = h.Write(strconv.AppendInt(nil, p.ID, 10))
			switch share := h.Sum32() % 100; {
			case share == 0:
				if err := b.crm.Consents.Suppress(ctx, b.db, p.Email, consent.SuppressBounce, ""); err != nil {
					return err
				}
				entries = append(entries, entry)
			case share < grantedShare:
				entries = append(entries, entry)
				if wanted > 0 {
					wanted--
					entry.Topic = mailTopic
					entries = append(entries, entry)
				}
			case share < withdrawnShare:
				entry.State = consent.Withdrawn
				entries = append(entries, entry)
			}
		}
		if _, err := b.crm.Consents.Import(ctx, entries); err != nil {
			return err
		}
		done += int64(len(people))
		b.Progress("consents", done, 0)
	}
}
