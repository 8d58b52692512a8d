package consent_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestRecordingManyIsRecordingEach(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dice := rand.New(rand.NewPCG(4, 2))
	var rounds [][]consent.Entry
	for range 4 {
		var round []consent.Entry
		for range 300 {
			round = append(round, consent.Entry{ProfileID: 1 + dice.Int64N(150), IdentityID: 1 + dice.Int64N(3), Topic: news, ShopID: 1,
				State: []consent.State{consent.Granted, consent.Withdrawn}[dice.IntN(2)], Source: consent.SourceShop, At: time.Date(2026, 1, 1, 0, 0, dice.IntN(9999), 0, time.UTC)})
		}
		rounds = append(rounds, round)
	}
	dump := func(db *bun.DB) (rows []string) {
		t.Helper()
		err := db.NewRaw(`SELECT CONCAT_WS(' ', c.profile_id, c.identity_id, c.state, c.at,
				(SELECT COUNT(*) FROM crm_consents e WHERE e.profile_id = c.profile_id AND e.id < c.id),
				(SELECT CONCAT(s.state, s.changed_at, s.consent_id = c.id) FROM crm_consent_states s WHERE s.profile_id = c.profile_id)) FROM crm_consents c ORDER BY c.profile_id, c.id`).Scan(ctx, &rows)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	each, many := storetest.DB(t), storetest.DB(t)
	for _, round := range rounds {
		l := consent.New(each, consent.Config{})
		for _, e := range round {
			if err := l.Record(ctx, each, e); err != nil {
				t.Fatal(err)
			}
		}
		if err := consent.New(many, consent.Config{}).RecordMany(ctx, many, news, 1, round); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(dump(each), dump(many)); diff != "" {
		t.Errorf("(-each +many):\n%s", diff)
	}
}
