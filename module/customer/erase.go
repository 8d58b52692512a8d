package customer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Whom is all by which rooms know somebody who asks what is known of them, or to be forgotten.
type Whom struct {
	ProfileIDs []int64 // the profile first, then those that went into it
	Emails     []contact.Email
	Phones     []contact.Phone
	Accounts   []ShopKey
	Orders     []ShopKey
}

// ShopKey is a shop's own key of something.
type ShopKey struct {
	ShopID int64
	Key    string
}

// Keeper is a room above this one that keeps something of people.
type Keeper interface {
	// Tell gives what the room knows of somebody.
	Tell(ctx context.Context, db bun.IDB, w Whom) ([]Section, error)
	// Forget takes out all that tells who somebody was, in the transaction of their erasure. Sums stay true.
	Forget(ctx context.Context, tx bun.IDB, w Whom) error
}

// AddKeeper makes access and erasure ask k too. It is called while the rooms are being wired, not later.
func (r *Registry) AddKeeper(k Keeper) { r.keepers = append(r.keepers, k) }

// Erasure is how much goes, or went, with a person.
type Erasure struct {
	Profile    Profile
	Identities int64
	Events     int64 // notes, consents, mails and clicks
	Orders     int64 // that stay in the sums, without a name
}

// PreviewErase tells what [Registry.Erase] would do. It needs staff.AnswerPeople.
func (r *Registry) PreviewErase(ctx context.Context, profileID int64) (Erasure, error) {
	if _, err := staff.Require(ctx, staff.AnswerPeople); err != nil {
		return Erasure{}, err
	}
	row, err := r.follow(ctx, r.db, profileID, false)
	if err != nil {
		return Erasure{}, err
	}
	return r.erasure(ctx, r.db, row)
}

func (r *Registry) erasure(ctx context.Context, db bun.IDB, row profileRow) (Erasure, error) {
	e := Erasure{Profile: row.profile()}
	const who = "JOIN (SELECT ? AS id UNION ALL SELECT id FROM crm_profiles WHERE merged_into = ?) who ON who.id = x.profile_id"
	err := db.NewRaw(`SELECT (SELECT COUNT(*) FROM crm_identities WHERE profile_id = ?) AS identities, (SELECT COUNT(*) FROM crm_orders WHERE profile_id = ?) AS orders,
			(SELECT COUNT(*) FROM crm_notes WHERE profile_id = ?) + (SELECT COUNT(*) FROM crm_consents WHERE profile_id = ?)
			+ (SELECT COUNT(*) FROM crm_deliveries x `+who+`) + (SELECT COUNT(*) FROM crm_touches x `+who+`) AS events`,
		row.ID, row.ID, row.ID, row.ID, row.ID, row.ID, row.ID, row.ID).Scan(ctx, &e.Identities, &e.Orders, &e.Events)
	if err != nil {
		return Erasure{}, fmt.Errorf("counting what is known of profile %d: %w", row.ID, err)
	}
	return e, nil
}

// Erase forgets a person everywhere. Orders stay, with their keys and sums, and nobody's; of addresses and of the shop's
// keys of accounts and orders only hashes stay, by which whoever was erased is not mailed, and not written down again when
// the shop delivers them anew. Who subscribes anew afterwards is somebody new, and so is what they order from then on; the
// old orders stay nobody's. It needs staff.AnswerPeople and cannot be undone.
func (r *Registry) Erase(ctx context.Context, profileID int64) (e Erasure, err error) {
	if _, err := staff.Require(ctx, staff.AnswerPeople); err != nil {
		return Erasure{}, err
	}
	var w Whom
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		row, err := r.follow(ctx, tx, profileID, true)
		if err != nil {
			return err
		}
		if e, err = r.erasure(ctx, tx, row); err != nil {
			return err
		}
		if w, err = r.whom(ctx, tx, row.ID); err != nil {
			return err
		}
		return r.erase(ctx, tx, w, e)
	})
	if err != nil {
		return e, fmt.Errorf("erasing profile %d: %w", profileID, err)
	}
	return e, r.orders.ForgetAddresses(ctx, w.Emails)
}

func (r *Registry) erase(ctx context.Context, tx bun.IDB, w Whom, e Erasure) error {
	id := w.ProfileIDs[0]
	if err := r.writeErasures(ctx, tx, id, w); err != nil {
		return err
	}
	if err := r.orders.Forget(ctx, tx, w.ProfileIDs, w.Emails); err != nil {
		return err
	}
	if err := r.consents.Forget(ctx, tx, w.ProfileIDs, w.Emails); err != nil {
		return err
	}
	for _, k := range r.keepers {
		if err := k.Forget(ctx, tx, w); err != nil {
			return err
		}
	}
	if err := r.forget(ctx, tx, w.ProfileIDs); err != nil {
		return err
	}
	if err := staff.Forget(ctx, tx, "customer", w.ProfileIDs); err != nil {
		return err
	}
	if err := r.onChange(ctx, tx, w.ProfileIDs); err != nil {
		return err
	}
	return staff.Record(ctx, tx, "customer.erase", "customer", id, map[string]any{"identities": e.Identities, "events": e.Events, "orders": e.Orders})
}

// forget empties this room's own rows.
func (r *Registry) forget(ctx context.Context, tx bun.IDB, ids []int64) error {
	list := bun.List(ids)
	var names []string
	if err := tx.NewRaw("SELECT CONCAT(first_name, ' ', last_name) FROM crm_profiles WHERE id IN (?)", list).Scan(ctx, &names); err != nil {
		return fmt.Errorf("reading names: %w", err)
	}
	for _, table := range []string{"crm_identities", "crm_notes", "crm_name_words", "crm_likenesses", "crm_changed_people"} {
		if _, err := tx.NewDelete().Table(table).Where("profile_id IN (?)", list).Exec(ctx); err != nil {
			return fmt.Errorf("emptying %s: %w", table, err)
		}
	}
	for _, table := range []string{"crm_suggestions", "crm_separations", "crm_regroupings"} {
		for _, column := range []string{"profile_id", "other_id"} {
			if _, err := tx.NewDelete().Table(table).Where("? IN (?)", bun.Ident(column), list).Exec(ctx); err != nil {
				return fmt.Errorf("emptying %s: %w", table, err)
			}
		}
	}
	_, err := tx.NewRaw(`UPDATE crm_profiles SET first_name = '', last_name = '', company = '', email = NULL, phone = '', line1 = '', line2 = '', city = '', postcode = '',
		region = '', country = '', language = '', account_id = NULL, own_fields = 0, filled_at = NULL, has_account = FALSE, registered_at = NULL, first_seen_at = NULL,
		updated_at = ?, erased_at = ? WHERE id IN (?)`, r.now(), r.now(), list).Exec(ctx)
	if err != nil {
		return fmt.Errorf("emptying profiles: %w", err)
	}
	return forgetSpellings(ctx, tx, nameWords(strings.Join(names, " ")))
}

// whom gathers by what somebody is known. The keys of all their orders are among it, for the shop may take the address out
// of an order later.
func (r *Registry) whom(ctx context.Context, db bun.IDB, profileID int64) (Whom, error) {
	w := Whom{ProfileIDs: []int64{profileID}}
	var merged []int64
	if err := db.NewRaw("SELECT id FROM crm_profiles WHERE merged_into = ? ORDER BY id", profileID).Scan(ctx, &merged); err != nil {
		return w, fmt.Errorf("reading what went into profile %d: %w", profileID, err)
	}
	w.ProfileIDs = append(w.ProfileIDs, merged...)
	identities, err := r.identityRows(ctx, db, profileID)
	if err != nil {
		return w, err
	}
	for _, i := range identities {
		switch i.Kind {
		case KindEmail:
			w.Emails = append(w.Emails, contact.Email(i.Value))
		case KindPhone:
			w.Phones = append(w.Phones, contact.Phone(i.Value))
		case KindAccount:
			w.Accounts = append(w.Accounts, ShopKey{i.ShopID, i.Value})
		case KindOrder:
			w.Orders = append(w.Orders, ShopKey{i.ShopID, i.Value})
		}
	}
	var orders []struct {
		ShopID  int64
		ShopKey string
	}
	if err := db.NewRaw("SELECT shop_id, shop_key FROM crm_orders WHERE profile_id = ? ORDER BY id", profileID).Scan(ctx, &orders); err != nil {
		return w, fmt.Errorf("reading the orders of profile %d: %w", profileID, err)
	}
	for _, o := range orders {
		if key := (ShopKey{o.ShopID, o.ShopKey}); !slices.Contains(w.Orders, key) {
			w.Orders = append(w.Orders, key)
		}
	}
	return w, nil
}

type erasureRow struct {
	bun.BaseModel `bun:"table:crm_erasures"`

	Hash      []byte
	Kind      Kind
	ProfileID int64
	At        bun.NullTime
}

// hash is what stays of an identity: enough to know it again, and not to tell it.
func (k key) hash() [32]byte {
	return sha256.Sum256([]byte(string(k.kind) + "\x00" + strconv.FormatInt(k.shopID, 10) + "\x00" + k.value))
}

func (r *Registry) writeErasures(ctx context.Context, tx bun.IDB, profileID int64, w Whom) error {
	var rows []erasureRow
	add := func(k key) {
		hash := k.hash()
		rows = append(rows, erasureRow{Hash: hash[:], Kind: k.kind, ProfileID: profileID, At: null(r.now())})
	}
	for _, e := range w.Emails {
		add(email(e))
	}
	for _, a := range w.Accounts {
		add(key{kind: KindAccount, shopID: a.ShopID, value: a.Key})
	}
	for _, o := range w.Orders {
		add(key{kind: KindOrder, shopID: o.ShopID, value: o.Key})
	}
	for part := range slices.Chunk(rows, linkChunk) {
		if _, err := tx.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE profile_id = VALUES(profile_id), at = VALUES(at)").Exec(ctx); err != nil {
			return fmt.Errorf("keeping hashes of what was erased: %w", err)
		}
	}
	return nil
}

// comeBack lifts what an erasure left of an address, and of the accounts that were its owner's: they came of themselves.
func (r *Registry) comeBack(ctx context.Context, tx bun.IDB, address contact.Email) error {
	if err := r.consents.ComeBack(ctx, tx, address); err != nil {
		return err
	}
	hash := email(address).hash()
	var id int64
	err := tx.NewRaw("SELECT profile_id FROM crm_erasures WHERE hash = ? FOR UPDATE", hash[:]).Scan(ctx, &id)
	if err = store.NotFound(err); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = tx.NewDelete().Table("crm_erasures").Where("profile_id = ? AND (hash = ? OR kind = ?)", id, hash[:], KindAccount).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("welcoming an erased address back: %w", err)
	}
	return nil
}

// erasedAs gives, by their keys' hashes, the emptied profiles of people who were erased. Where nobody was, it is one small
// statement.
func (r *Registry) erasedAs(ctx context.Context, db bun.IDB, keys []key) (map[[32]byte]int64, error) {
	var any bool
	if err := db.NewRaw("SELECT EXISTS (SELECT 1 FROM crm_erasures)").Scan(ctx, &any); err != nil {
		return nil, fmt.Errorf("asking whether somebody was erased: %w", err)
	}
	if !any {
		return nil, nil
	}
	found := map[[32]byte]int64{}
	for part := range slices.Chunk(keys, linkChunk) {
		hashes := make([][]byte, len(part))
		for i, k := range part {
			hash := k.hash()
			hashes[i] = hash[:]
		}
		var rows []erasureRow
		if err := db.NewSelect().Model(&rows).Column("hash", "profile_id").Where("hash IN (?)", bun.List(hashes)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("looking up who was erased: %w", err)
		}
		for _, row := range rows {
			found[[32]byte(row.Hash)] = row.ProfileID
		}
	}
	return found, nil
}

// Erased says of each person whether they, or the order that shows them, were erased.
func (r *Registry) Erased(ctx context.Context, db bun.IDB, shopID int64, people []Person) ([]bool, error) {
	var keys []key
	for _, p := range people {
		keys = append(keys, p.keys(shopID)...)
	}
	gone, err := r.erasedAs(ctx, db, keys)
	if err != nil {
		return nil, err
	}
	list := make([]bool, len(people))
	for i, p := range people {
		list[i] = slices.ContainsFunc(p.keys(shopID), func(k key) bool { return gone[k.hash()] != 0 })
	}
	return list, nil
}

// keys is all that a person shows and may be recognised by.
func (p Person) keys(shopID int64) (keys []key) {
	if p.AccountKey != "" {
		keys = append(keys, key{kind: KindAccount, shopID: shopID, value: p.AccountKey})
	}
	if p.Email != "" {
		keys = append(keys, email(p.Email))
	}
	if p.OrderKey != "" {
		keys = append(keys, key{kind: KindOrder, shopID: shopID, value: p.OrderKey})
	}
	return keys
}
