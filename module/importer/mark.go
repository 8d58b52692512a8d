package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// How a step leaves its mark on the rows of a batch. To read many values of many rows out of a statement is dear for a
// server, so that what is the same for many rows is said once.

// keepVerdicts writes what a check found of rows of one import.
func (i *Importer) keepVerdicts(ctx context.Context, lines []lineRow) error {
	plain := map[Outcome][]int{} // lines of which there is nothing else to say
	var rest []lineRow
	for _, l := range lines {
		if l.Reason == "" && l.ProfileID == 0 && l.Changes == "" {
			plain[l.Outcome] = append(plain[l.Outcome], l.Line)
		} else {
			rest = append(rest, l)
		}
	}
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		for outcome, those := range plain {
			_, err := tx.NewRaw("UPDATE crm_import_rows SET outcome = ?, reason = NULL, profile_id = 0, changes = NULL WHERE import_id = ? AND line IN (?)",
				outcome, lines[0].ImportID, bun.List(those)).Exec(ctx)
			if err != nil {
				return fmt.Errorf("marking rows of import %d: %w", lines[0].ImportID, err)
			}
		}
		return mark(ctx, tx, rest, "outcome", "reason", "profile_id", "changes")
	})
}

// mark writes columns of rows of one import, those that are still there.
func mark(ctx context.Context, tx bun.Tx, lines []lineRow, columns ...string) error {
	lines, err := held(ctx, tx, lines)
	if err != nil || len(lines) == 0 {
		return err
	}
	set := "DUPLICATE KEY UPDATE "
	for n, column := range columns {
		if n > 0 {
			set += ", "
		}
		set += column + " = VALUES(" + column + ")"
	}
	_, err = tx.NewInsert().Model(&lines).Column(append([]string{"import_id", "line", "cells"}, columns...)...).On(set).Exec(ctx)
	if err != nil {
		return fmt.Errorf("marking rows of import %d: %w", lines[0].ImportID, err)
	}
	return nil
}

// held keeps those of the rows that are there, until the transaction ends: somebody may have been forgotten since they
// were read, and is not written down again.
func held(ctx context.Context, tx bun.Tx, lines []lineRow) ([]lineRow, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	var there []int
	err := tx.NewRaw("SELECT line FROM crm_import_rows WHERE import_id = ? AND line IN (?) ORDER BY line FOR UPDATE", lines[0].ImportID, bun.List(numbers(lines))).Scan(ctx, &there)
	if err != nil {
		return nil, fmt.Errorf("holding rows of import %d: %w", lines[0].ImportID, err)
	}
	var kept []lineRow
	for _, l := range lines {
		if _, is := slices.BinarySearch(there, l.Line); is {
			l.Cells = "" // they stay as they are
			kept = append(kept, l)
		}
	}
	return kept, nil
}

// unmark takes from rows of one import what was done with them.
func unmark(ctx context.Context, tx bun.Tx, lines []lineRow) error {
	_, err := tx.NewRaw("UPDATE crm_import_rows SET applied = NULL WHERE import_id = ? AND line IN (?)", lines[0].ImportID, bun.List(numbers(lines))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("unmarking rows of import %d: %w", lines[0].ImportID, err)
	}
	return nil
}

func numbers(lines []lineRow) []int {
	list := make([]int, len(lines))
	for n, l := range lines {
		list[n] = l.Line
	}
	return list
}
