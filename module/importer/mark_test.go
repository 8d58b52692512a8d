package importer

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestARowThatWasForgottenIsNotWrittenDownAgain(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	rows := []lineRow{{ImportID: 1, Line: 2, Cells: `["a@example.com"]`}, {ImportID: 1, Line: 4, Cells: `["c@example.com"]`}}
	if _, err := db.NewInsert().Model(&rows).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := []lineRow{{ImportID: 1, Line: 2, ProfileID: 20, Applied: "{}"}, {ImportID: 1, Line: 3, ProfileID: 30, Applied: "{}"}, {ImportID: 1, Line: 4, ProfileID: 40, Applied: "{}"}}
	err := store.InTx(t.Context(), db, func(ctx context.Context, tx bun.Tx) error { return mark(ctx, tx, read, "profile_id", "applied") })
	if err != nil {
		t.Fatal(err)
	}
	var got []lineRow
	if err := db.NewSelect().Model(&got).OrderExpr("line").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows[0].ProfileID, rows[0].Applied, rows[1].ProfileID, rows[1].Applied = 20, "{}", 40, "{}"
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Error(diff)
	}
}
