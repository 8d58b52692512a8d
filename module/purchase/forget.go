package purchase

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
)

// Forget takes out of an order who placed it. Keys, number, states, times, sums and the country, which taxes and reports
// go by, stay.
func (o *Order) Forget() {
	o.AccountKey, o.Email, o.Phone, o.Company, o.Language = "", "", "", "", ""
	o.Name, o.Address = contact.Name{}, contact.Address{Country: o.Address.Country}
	for i := range o.Refunds {
		o.Refunds[i].Reason = ""
	}
}

// Forget does the same for all mirrored orders of profiles, in the transaction of their erasure, and takes out their carts,
// which are in no sums, and those under their addresses. What the shop says is
// still known by its fingerprint, so that an order which did not change is not written again.
func (b *Book) Forget(ctx context.Context, db bun.IDB, profileIDs []int64, emails []contact.Email) error {
	_, err := db.NewRaw(`UPDATE crm_orders SET account_key = '', email = '', phone = '', first_name = '', last_name = '', company = '', line1 = '', line2 = '',
		city = '', postcode = '', region = '', language = '' WHERE profile_id IN (?)`, bun.List(profileIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting who placed orders: %w", err)
	}
	var carts []int64
	if err := db.NewRaw("SELECT id FROM crm_carts WHERE profile_id IN (?) UNION SELECT id FROM crm_carts WHERE email IN (?) AND email <> ''", bun.List(profileIDs), bun.List(append(slices.Clone(emails), ""))).Scan(ctx, &carts); err != nil {
		return fmt.Errorf("looking for carts: %w", err)
	}
	if err := dropCartLines(ctx, db, carts); err != nil {
		return err
	}
	if len(carts) > 0 {
		if _, err := db.NewDelete().TableExpr("crm_carts").Where("id IN (?)", bun.List(carts)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting carts: %w", err)
		}
	}
	_, err = db.NewRaw("UPDATE crm_refunds r JOIN crm_orders o ON o.id = r.order_id SET r.reason = '' WHERE o.profile_id IN (?)", bun.List(profileIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting why orders were refunded: %w", err)
	}
	return nil
}

// forgetRange is how many orders one statement looks at.
const forgetRange = 50_000

// ForgetAddresses takes e-mail addresses out of whosever orders: somebody else may have ordered under one. No index knows
// them, so it goes over all orders in ranges of ids, each a statement of its own; it takes a second for a million.
func (b *Book) ForgetAddresses(ctx context.Context, emails []contact.Email) error {
	if len(emails) == 0 {
		return nil
	}
	var last int64
	if err := b.db.NewRaw("SELECT COALESCE(MAX(id), 0) FROM crm_orders").Scan(ctx, &last); err != nil {
		return fmt.Errorf("looking for the last order: %w", err)
	}
	for from := int64(0); from < last; from += forgetRange {
		_, err := b.db.NewRaw("UPDATE crm_orders SET email = '' WHERE id > ? AND id <= ? AND email IN (?)", from, from+forgetRange, bun.List(emails)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting addresses in orders: %w", err)
		}
	}
	return nil
}
