package admin

import (
	"context"
	"time"

	"github.com/kupec/kupec/module/money"
)

// shop is an attached shop, as screens need it.
type shop struct {
	ID       int64
	Name     string // what it calls itself, or else its name in the configuration
	Currency string
	Zone     *time.Location
	URL      string
}

// zero is no money in the shop's currency.
func (s shop) zero() money.Money { return money.Zero(s.Currency) }

// shops lists the attached shops, in the order they were attached.
func (a *Admin) shops(ctx context.Context) ([]shop, error) {
	return nil, nil
}
