package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Confirm turns a round of an opt-in request into a subscription, once; first is false when it was one already. ip and
// userAgent are those of the one who confirmed. It fails with store.ErrNotFound and consent.ErrOptInReplaced.
func (r *Registry) Confirm(ctx context.Context, optInID, round int64, ip, userAgent string) (p Profile, o consent.OptIn, first bool, err error) {
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		var err error
		o, first, err = r.consents.ConfirmOptIn(ctx, tx, optInID, round)
		if err != nil {
			return err
		}
		if !first {
			p, err = r.ByEmail(ctx, o.Email)
			if errors.Is(err, store.ErrNotFound) {
				return nil // erased since; that it was confirmed remains true
			}
			return err
		}
		o.IP, o.UserAgent = ip, userAgent
		p, err = r.subscribe(ctx, tx, o)
		return err
	})
	return p, o, first, err
}

// Subscribe finds or makes the profile that a confirmed opt-in belongs to and records its consents. An earlier
// erasure's suppression of the address is lifted: its owner has come back.
func (r *Registry) Subscribe(ctx context.Context, o consent.OptIn) (p Profile, err error) {
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		p, err = r.subscribe(ctx, tx, o)
		return err
	})
	return p, err
}

func (r *Registry) subscribe(ctx context.Context, tx bun.IDB, o consent.OptIn) (Profile, error) {
	at := o.ConfirmedAt
	if at.IsZero() {
		at = r.now()
	}
	if err := r.comeBack(ctx, tx, o.Email); err != nil {
		return Profile{}, err
	}
	linked, err := r.Link(ctx, tx, o.ShopID, []Person{{Evidence: EvidenceSignup, Email: o.Email, Name: o.Name, Language: o.Language, At: at}})
	if err != nil {
		return Profile{}, err
	}
	who := linked[0]
	for _, topic := range o.Topics {
		err := r.consents.Record(ctx, tx, consent.Entry{ProfileID: who.ProfileID, IdentityID: who.IdentityID, ShopID: o.ShopID, Topic: topic,
			State: consent.Granted, Source: consent.SourceForm, Wording: o.Wording, IP: o.IP, UserAgent: o.UserAgent, At: at})
		if err != nil {
			return Profile{}, err
		}
	}
	row, err := r.follow(ctx, tx, who.ProfileID, false)
	if err != nil {
		return Profile{}, err
	}
	return row.profile(), nil
}

// Choose records what a person decided about topics. It holds the profile, so that a merge at the same moment cannot
// leave the decision behind; an id that was merged away means the person it went into. Entries that name no identity
// and withdraw are kept under the address the person is mailed at.
func (r *Registry) Choose(ctx context.Context, profileID int64, choices []consent.Entry) error {
	return store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error { return r.decide(ctx, tx, profileID, choices) })
}

// WithdrawFor records that a person asked the staff for no more mail on a topic of a shop. It needs staff.EditPeople.
func (r *Registry) WithdrawFor(ctx context.Context, profileID, shopID int64, topic string) error {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return err
	}
	return store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		said := consent.Entry{ShopID: shopID, Topic: topic, State: consent.Withdrawn, Source: consent.SourceStaff}
		if err := r.decide(ctx, tx, profileID, []consent.Entry{said}); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "customer.withdraw", "customer", profileID, map[string]any{"topic": topic, "shop": shopID})
	})
}

func (r *Registry) decide(ctx context.Context, tx bun.IDB, profileID int64, choices []consent.Entry) error {
	row, err := r.follow(ctx, tx, profileID, true)
	if err != nil {
		return err
	}
	var address int64
	if row.Email != "" {
		err := tx.NewRaw("SELECT id FROM crm_identities WHERE kind = ? AND value = ? AND shop_id = 0 AND slot = 0 AND profile_id = ?",
			KindEmail, row.Email, row.ID).Scan(ctx, &address)
		if err = store.NotFound(err); err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("reading the address of profile %d: %w", row.ID, err)
		}
	}
	for _, e := range choices {
		e.ProfileID = row.ID
		if e.IdentityID == 0 && e.State == consent.Withdrawn {
			e.IdentityID = address
		}
		if err := r.consents.Record(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// ChooseLanguage sets the language in which a person wants to be written to, which what the shop says of them does not
// change any more. language is BCP 47.
func (r *Registry) ChooseLanguage(ctx context.Context, profileID int64, language string) (p Profile, err error) {
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		row, err := r.follow(ctx, tx, profileID, true)
		if err != nil {
			return err
		}
		if row.Language != language || row.OwnFields&fieldChosenLanguage == 0 {
			row.Language, row.OwnFields, row.UpdatedAt = contact.CleanText(language, 16), row.OwnFields|fieldChosenLanguage, r.now()
			if _, err := tx.NewUpdate().Model(&row).Column("language", "own_fields", "updated_at").WherePK().Exec(ctx); err != nil {
				return fmt.Errorf("setting the language of profile %d: %w", row.ID, err)
			}
		}
		p = row.profile()
		return nil
	})
	return p, err
}
