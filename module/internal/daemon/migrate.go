package daemon

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/migrations"
)

type migrateCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run brings the schema up to date and says what it did.
func (c *migrateCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	var opened closers
	defer opened.close()
	own, _, err := s.dsns(ctx, &opened)
	if err != nil {
		return err
	}
	db, err := s.openDB(ctx, own, &opened)
	if err != nil {
		return err
	}
	applied, err := migrations.Migrate(ctx, db)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(struct {
			Applied []string `json:"applied"`
		}{append([]string{}, applied...)})
	}
	for _, name := range applied {
		t.printf("applied %s\n", name)
	}
	t.printf("The schema is up to date.\n")
	return nil
}

// upToDate fails when the database lacks migrations: no command but migrate, serve and demo changes the schema.
func upToDate(ctx context.Context, db *bun.DB) error {
	pending, err := migrations.Pending(ctx, db)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the CRM database lacks %d of its migrations: run `kupec migrate` first", len(pending))
	}
	return nil
}

// json prints v for machines.
func (t *terminal) json(v any) error {
	enc := json.NewEncoder(t.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
