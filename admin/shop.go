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
