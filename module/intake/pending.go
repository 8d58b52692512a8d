package intake

import (
	"context"

	"github.com/uptrace/bun"
)

func New(db *bun.DB, rooms Rooms, shops []Source, cfg Config) (*Intake, error) { panic("pending") }

func (i *Intake) Start(ctx context.Context) error { panic("pending") }
func (i *Intake) Stop(ctx context.Context) error  { panic("pending") }
func (i *Intake) Once(ctx context.Context, progress func(Progress)) error {
	panic("pending")
}
func (i *Intake) Shops(ctx context.Context) ([]Shop, error)    { panic("pending") }
func (i *Intake) Health(ctx context.Context) ([]Health, error) { panic("pending") }
func (i *Intake) Quarantine(ctx context.Context, shopID int64, after string, limit int) (rows []SetAside, next string, err error) {
	panic("pending")
}
func (i *Intake) Retry(ctx context.Context, shopID int64) error { panic("pending") }
