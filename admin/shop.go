package admin

import (
	"context"
	"time"

	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/money"
)

// shop is an attached shop, as screens need it.
type shop struct {
	ID       int64
	Name     string // what it calls itself, or else its name in the configuration
	Currency string
	Zone     *time.Location
	URL      string
	Locale   string
}

// zero is no money in the shop's currency.
func (s shop) zero() money.Money { return money.Zero(s.Currency) }

// health is how reading the shops goes, as of now, with what is mirrored of each, which may be some seconds old.
func (v *visit) health() ([]intake.Health, error) {
	now, err := v.a.rooms.Intake.States(v.ctx)
	if err != nil {
		return nil, err
	}
	counted, err := v.a.health.get(struct{}{}, func() ([]intake.Health, error) { return v.a.rooms.Intake.Health(v.ctx) })
	if err != nil {
		return nil, err
	}
	for i := range now {
		for _, h := range counted {
			if h.Shop.ID == now[i].Shop.ID {
				now[i].Rows = h.Rows
			}
		}
	}
	return now, nil
}

// shops lists the attached shops, in the order they were attached.
func (a *Admin) shops(ctx context.Context) ([]shop, error) {
	attached, err := a.rooms.Intake.Shops(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]shop, len(attached))
	for i, s := range attached {
		all[i] = a.shop(s)
	}
	return all, nil
}

func (a *Admin) shop(s intake.Shop) shop {
	name := s.Title
	if name == "" {
		name = s.Name
	}
	return shop{s.ID, name, s.Currency, a.zone(s.Zone), s.URL, s.Locale}
}
