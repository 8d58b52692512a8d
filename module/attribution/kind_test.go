package attribution_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/segment"
)

func TestPeopleAreSelectedByTheMailTheyGotAndWhatTheyDidWithIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profile(1, 2, 3, 4, 5)
	const day = 24 * time.Hour
	mailed := func(mailing, profile int64, state string, at time.Time) {
		b.t.Helper()
		b.exec("INSERT INTO crm_deliveries (mailing_id, profile_id, email, state, settled_at) VALUES (?, ?, 'a@b.example', ?, ?)", mailing, profile, state, at)
	}
	for id, frozen := range map[int64]time.Time{7: noon.Add(-50 * day), 8: noon.Add(-2 * day)} {
		b.exec("INSERT INTO crm_mailings (id, kind, ref_id, shop_id, topic, state, title, content, frozen_at, finished_at, created_at) VALUES (?, 'newsletter', 1, 1, 'newsletter', 'done', ?, '{}', ?, ?, ?)",
			id, map[int64]string{7: "Spring", 8: "Autumn"}[id], frozen, frozen.Add(day), frozen)
	}
	for _, p := range []int64{1, 2, 5} {
		mailed(7, p, "sent", noon.Add(-49*day))
	}
	mailed(8, 1, "sent", noon.Add(-day))
	mailed(8, 2, "bounced", noon.Add(-day))
	mailed(8, 3, "skipped", noon.Add(-day))
	b.exec("UPDATE crm_profiles SET merged_into = 4 WHERE id = 5") // 4 is who 5 was
	b.click(7, 5, noon.Add(-40*day), "https://shop.example/a")
	b.click(8, 1, noon.Add(-10*time.Hour), "https://shop.example/a")
	b.click(8, 1, noon.Add(-9*time.Hour), "https://shop.example/b")
	b.click(8, 2, noon.Add(-8*time.Hour), "https://shop.example/b")
	b.exec("UPDATE crm_touches SET verdict = 'machine' WHERE profile_id = 2")
	b.order(10, 1, "paid", "20", noon.Add(-7*time.Hour))
	b.order(11, 1, "paid", "20", noon.Add(-6*time.Hour))
	b.order(12, 4, "paid", "20", noon.Add(-39*day))
	b.refresh(noon)
	b.at(noon)
	if _, err := b.tracker.RefreshAll(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.exec("UPDATE crm_orders SET deleted_at = NOW(6) WHERE id = 11") // after its credit
	b.exec("INSERT INTO crm_facts (profile_id, orders, first_order_at, last_order_at, stage, refreshed_at) SELECT profile_id, 1, placed_at, placed_at, 'new', NOW(6) FROM crm_orders WHERE deleted_at IS NULL")

	segments, err := segment.New(b.db, segment.Config{Clock: func() time.Time { return noon }, Kinds: slices.Concat(delivery.Kinds(), attribution.Kinds())})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string][]int64{
		`{"is":"mailed"}`:                                        {1, 2, 4},
		`{"is":"mailed","at_least":2}`:                           {1},
		`{"is":"mailed","exactly":1}`:                            {2, 4},
		`{"is":"mailed","exactly":0}`:                            {3},
		`{"is":"mailed","days":30}`:                              {1},
		`{"is":"mailed","mailing":7}`:                            {1, 2, 4},
		`{"is":"mailed","before":"2026-11-01"}`:                  {1, 2, 4},
		`{"is":"clicked"}`:                                       {1, 4},
		`{"is":"clicked","at_least":2}`:                          {1},
		`{"is":"clicked","mailing":7}`:                           {4},
		`{"is":"clicked","exactly":0,"days":30}`:                 {2, 3, 4},
		`{"is":"converted"}`:                                     {1, 4},
		`{"is":"converted","at_least":2}`:                        nil,
		`{"is":"converted","mailing":8}`:                         {1},
		`{"not":{"is":"converted","days":30}}`:                   {2, 3, 4},
		`{"all":[{"is":"mailed"},{"is":"clicked","at_most":0}]}`: {2},
	} {
		tree, err := segments.Parse([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		people, err := segments.Members(b.ctx, tree, 0, 0, 0)
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		var got []int64
		for _, p := range people {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got) %s", in, diff)
		}
	}

	ready := map[string]int64{}
	for _, preset := range segments.Vocabulary().Presets(segment.About{}) {
		count, err := segments.Count(b.ctx, preset.Tree, 0, "")
		if err != nil {
			t.Fatalf("%s: %v", preset.Key, err)
		}
		ready[preset.Key] = count.Profiles
	}
	if ready["clickers"] != 0 || ready["deaf"] != 0 { // 1 clicked and ordered; nobody got three mails
		t.Errorf("of the ready questions: %v", ready)
	}
	b.exec("DELETE FROM crm_orders WHERE profile_id = 1")
	b.exec("DELETE FROM crm_facts WHERE profile_id = 1")
	b.exec("UPDATE crm_deliveries SET settled_at = ?", noon.Add(-day))
	for mailing := int64(9); mailing <= 11; mailing++ {
		b.exec("INSERT INTO crm_mailings SELECT ?, kind, ref_id, shop_id, topic, state, title, content, alarm, frozen_at, started_at, finished_at, created_at FROM crm_mailings WHERE id = 8", mailing)
		mailed(mailing, 3, "sent", noon.Add(-day))
	}
	for key, want := range map[string]int64{"clickers": 1, "deaf": 1} {
		for _, preset := range segments.Vocabulary().Presets(segment.About{}) {
			if preset.Key != key {
				continue
			}
			if count, err := segments.Count(b.ctx, preset.Tree, 0, ""); err != nil || count.Profiles != want {
				t.Errorf("%s: %d, %v, want %d", key, count.Profiles, err, want)
			}
		}
	}

	words, err := locale.Load(segment.Locales, delivery.Locales, attribution.Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range words.Missing("sl") {
		t.Errorf("Slovene lacks %s", key)
	}
	for in, want := range map[string][2]string{
		`{"is":"mailed","mailing":7}`:                {"People who got “Spring”", "Ljudje, ki so pismo »Spring« dobili vsaj 1-krat"},
		`{"is":"clicked","exactly":0,"days":30}`:     {"People who clicked in no mail in the last 30 days", "Ljudje, ki niso kliknili v nobenem pismu v zadnjih 30 dneh"},
		`{"is":"converted","at_least":2}`:            {"People who ordered at least 2 times after a click in their mail", "Ljudje, ki so po kliku v pismih naročili vsaj 2-krat"},
		`{"is":"converted","at_most":3,"mailing":8}`: {"People who ordered at most 3 times after a click in “Autumn”", "Ljudje, ki so po kliku v pismu »Autumn« naročili največ 3-krat"},
	} {
		tree, err := segments.Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		names, err := segments.Names(b.ctx, tree)
		if err != nil {
			t.Fatal(err)
		}
		for i, lang := range []string{"en", "sl"} {
			if got := segments.Sentence(words.Printer(lang, time.UTC), tree, names); got != want[i] {
				t.Errorf("%s: %q, want %q", in, got, want[i])
			}
		}
	}
	offers, err := segments.Offers(b.ctx)
	if diff := cmp.Diff([]segment.Thing{{ID: 8, Name: "Autumn"}, {ID: 7, Name: "Spring"}}, offers["mailing"][min(3, len(offers["mailing"])):]); err != nil || diff != "" {
		t.Errorf("%v, %s", err, diff)
	}
}
