package consent_test

import (
	"context"
	"testing"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestAnImportSpeaksOnlyForThoseWhoHaveSaidNothing(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	ctx := staff.WithSystem(context.Background(), "test")
	ledger := consent.New(db, consent.Config{})
	const topic = consent.DefaultTopic
	entry := func(profile int64, state consent.State) consent.Entry {
		return consent.Entry{ProfileID: profile, ShopID: 1, Topic: topic, State: state, Source: consent.SourceImport, Wording: "Yes."}
	}
	if err := ledger.Record(ctx, db, entry(2, consent.Withdrawn)); err != nil {
		t.Fatal(err)
	}
	var all []consent.Entry
	for profile := int64(1); profile <= 2500; profile++ {
		all = append(all, entry(profile, consent.Granted))
	}
	all = append(all, entry(7, consent.Withdrawn)) // said twice in one file: the first counts
	if n, err := ledger.Import(ctx, all); err != nil || n != 2499 {
		t.Fatalf("the first import recorded %d, %v", n, err)
	}
	if n, err := ledger.Import(ctx, all); err != nil || n != 0 {
		t.Errorf("the second import recorded %d, %v", n, err)
	}
	for profile, want := range map[int64]consent.State{1: consent.Granted, 2: consent.Withdrawn, 7: consent.Granted, 2500: consent.Granted} {
		states, err := ledger.States(ctx, profile)
		if err != nil || len(states) != 1 || states[0].State != want {
			t.Errorf("profile %d: %+v, %v", profile, states, err)
		}
	}
	if _, err := ledger.Import(context.Background(), all); err == nil {
		t.Error("anybody may import")
	}
}
