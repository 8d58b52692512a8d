package consent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// State is what a person said last.
type State string

// The two answers there are. Silence is neither, and means no.
const (
	Granted   State = "granted"
	Withdrawn State = "withdrawn"
	// Retracted is no answer: an entry that takes back what was recorded by mistake. Nobody stands in this state.
	Retracted State = "retracted"
)

// Where an entry came from. Other rooms may add their own, in lower-case ASCII of at most 32 characters.
const (
	SourceForm        = "form"        // a sign-up form, confirmed from the mailbox
	SourceUnsubscribe = "unsubscribe" // the link or the button of a mail, RFC 8058 included
	SourcePreferences = "preferences" // the preference page
	SourceStaff       = "staff"       // somebody in the control panel, on the person's word
	SourceShop        = "shop"        // the shop's own record
)

// Entry is one statement of a person about one topic of one shop.
type Entry struct {
	ID         int64
	ProfileID  int64
	IdentityID int64 // the address or account that spoke; 0: the person, see the package comment
	ShopID     int64
	Topic      string
	State      State
	Source     string
	Wording    string // what the person was shown and agreed to; empty for a withdrawal
	IP         string
	UserAgent  string
	MailingID  int64     // the mail whose link was used; 0: none
	At         time.Time // zero: now
}

// StateOf is where a profile stands on a topic of a shop.
type StateOf struct {
	Topic     string
	ShopID    int64
	State     State
	ChangedAt time.Time // when the entry that decides was made
}

// Config tunes a Ledger. The zero value is good.
type Config struct {
	Clock  func() time.Time // default time.Now
	Limits Limits           // of opt-in mails; see there for the defaults
}

// Ledger is the room's service. It is safe for concurrent use.
type Ledger struct {
	db     *bun.DB
	clock  func() time.Time
	limits Limits
}

// New makes a ledger over the CRM's database.
func New(db *bun.DB, cfg Config) *Ledger {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Ledger{db: db, clock: cfg.Clock, limits: cfg.Limits.withDefaults()}
}

func (l *Ledger) now() time.Time { return l.clock().UTC().Truncate(time.Microsecond) }

// Bounds of columns, in characters.
const (
	maxTopic     = 64
	maxUserAgent = 255
	maxIP        = 64
	maxWording   = 4000
)

type entryRow struct {
	bun.BaseModel `bun:"table:crm_consents"`

	ID         int64 `bun:",pk,autoincrement"`
	ProfileID  int64
	IdentityID int64
	ShopID     int64
	Topic      string
	State      State
	Source     string
	Wording    string
	IP         string `bun:"ip"`
	UserAgent  string
	MailingID  int64
	At         time.Time
}

func (r entryRow) entry() Entry {
	return Entry{ID: r.ID, ProfileID: r.ProfileID, IdentityID: r.IdentityID, ShopID: r.ShopID, Topic: r.Topic, State: r.State,
		Source: r.Source, Wording: r.Wording, IP: r.IP, UserAgent: r.UserAgent, MailingID: r.MailingID, At: r.At}
}

var entryColumns = []string{"id", "profile_id", "identity_id", "shop_id", "topic", "state", "source", "wording", "ip", "user_agent", "mailing_id", "at"}

// Record adds e to the ledger and brings the profile's state up to date, both in the caller's transaction when db is
// one, else in its own. Two calls for the same profile, topic and shop wait for each other. A caller who cannot be sure
// that e.ProfileID is not being merged into another profile meanwhile goes through customer.Registry.Choose.
func (l *Ledger) Record(ctx context.Context, db bun.IDB, e Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	return store.Within(ctx, db, func(ctx context.Context, tx bun.IDB) error {
		if err := l.lock(ctx, tx, e.ProfileID, e.Topic, e.ShopID); err != nil {
			return err
		}
		said, err := l.lastWords(ctx, tx, e.ProfileID, e.Topic, e.ShopID)
		if err != nil {
			return err
		}
		rows := l.rows(e, said)
		if len(rows) == 0 {
			return nil // already so
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("writing the consent ledger: %w", err)
		}
		if said, err = l.lastWords(ctx, tx, e.ProfileID, e.Topic, e.ShopID); err != nil {
			return err
		}
		last := strictest(said)
		return saveStates(ctx, tx, []stateRow{{ProfileID: e.ProfileID, Topic: e.Topic, ShopID: e.ShopID, State: last.State, ConsentID: last.ID, ChangedAt: last.At}})
	})
}

func (e Entry) check() error {
	switch {
	case e.ProfileID == 0:
		return fmt.Errorf("consent: an entry without a profile")
	case e.State != Granted && e.State != Withdrawn:
		return fmt.Errorf("consent: there is no state %q", e.State)
	case !validTopic(e.Topic):
		return &TopicError{Topic: e.Topic}
	}
	return nil
}

// rows decides what e adds to what the profile's identities said last.
func (l *Ledger) rows(e Entry, said []entryRow) []entryRow {
	row := entryRow{ProfileID: e.ProfileID, IdentityID: e.IdentityID, ShopID: e.ShopID, Topic: e.Topic, State: e.State, Source: e.Source,
		Wording: clip(e.Wording, maxWording), IP: ascii(e.IP, maxIP), UserAgent: contact.CleanText(e.UserAgent, maxUserAgent), MailingID: e.MailingID, At: e.At.UTC().Truncate(time.Microsecond)}
	if e.At.IsZero() {
		row.At = l.now()
	}
	var rows []entryRow
	known := false
	for _, last := range said {
		mine := last.IdentityID == e.IdentityID
		known = known || mine
		switch {
		case e.State == Withdrawn && last.State == Withdrawn && (mine || e.IdentityID == 0):
			return nil // in force already
		case e.State == Granted && !mine && last.State == Withdrawn && (e.IdentityID == 0 || last.IdentityID == 0):
			other := row
			other.IdentityID = last.IdentityID
			rows = append(rows, other)
		}
	}
	if e.IdentityID == 0 && !known && len(rows) > 0 {
		return rows // the grant stands under the identities it speaks for
	}
	return append(rows, row)
}

// lock makes sure that the state's row is there and that nobody else works on it until the transaction ends.
func (l *Ledger) lock(ctx context.Context, tx bun.IDB, profileID int64, topic string, shopID int64) error {
	// Until an entry decides, the row says what no entry at all says: no.
	_, err := tx.NewRaw(`INSERT INTO crm_consent_states (profile_id, topic, shop_id, state, consent_id, changed_at) VALUES (?, ?, ?, ?, 0, ?)
		ON DUPLICATE KEY UPDATE profile_id = VALUES(profile_id)`, profileID, topic, shopID, Withdrawn, l.now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("locking the consent state of profile %d: %w", profileID, err)
	}
	return nil
}

// lastWords is the last entry of each identity of the profile on the topic.
func (l *Ledger) lastWords(ctx context.Context, db bun.IDB, profileID int64, topic string, shopID int64) ([]entryRow, error) {
	var rows []entryRow
	err := db.NewRaw(`SELECT id, identity_id, state, at FROM crm_consents WHERE state <> ? AND id IN (
			SELECT MAX(id) FROM crm_consents WHERE profile_id = ? AND topic = ? AND shop_id = ? GROUP BY identity_id) ORDER BY id`,
		Retracted, profileID, topic, shopID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading the consent ledger of profile %d: %w", profileID, err)
	}
	return rows, nil
}

type stateRow struct {
	bun.BaseModel `bun:"table:crm_consent_states"`

	ProfileID int64 `bun:",pk"`
	Topic     string
	ShopID    int64
	State     State
	ConsentID int64
	ChangedAt time.Time
}

type about struct {
	profileID int64
	topic     string
	shopID    int64
}

// RefreshProfile works the profile's states out of the ledger anew: for each topic and shop the last word of each
// identity, and of these the strictest. It is called after entries were moved, in the same transaction.
func (l *Ledger) RefreshProfile(ctx context.Context, db bun.IDB, profileID int64) error {
	return l.refresh(ctx, db, []int64{profileID})
}

// refresh is RefreshProfile for several, in a constant number of statements.
func (l *Ledger) refresh(ctx context.Context, db bun.IDB, profileIDs []int64) error {
	if len(profileIDs) == 0 {
		return nil
	}
	// The rows are locked before the ledger is read, so that nobody's new entry is overlooked and overwritten. They are read,
	// and so locked, in the order of their key; if it were asked for, MySQL would walk through all of them.
	var held []stateRow
	err := db.NewSelect().Model(&held).Column("profile_id", "topic", "shop_id").
		ForceIndex("PRIMARY").
		Where("profile_id IN (?)", bun.List(profileIDs)).
		For("UPDATE").
		Scan(ctx)
	if err != nil {
		return fmt.Errorf("locking consent states: %w", err)
	}
	var entries []entryRow
	// All entries are read, by the index: to join them with each identity's last one, or for many profiles at once, MariaDB
	// would walk through the whole ledger.
	err = db.NewSelect().Model(&entries).Column("id", "profile_id", "identity_id", "topic", "shop_id", "state", "at").
		ForceIndex("crm_consents_profile").
		Where("profile_id IN (?)", bun.List(profileIDs)).
		OrderExpr("id").
		Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading the consent ledger: %w", err)
	}
	said := map[about][]entryRow{}
	for _, e := range lastOfIdentities(entries) {
		if e.State != Retracted {
			key := about{e.ProfileID, e.Topic, e.ShopID}
			said[key] = append(said[key], e)
		}
	}
	silent := map[about][]int64{} // profiles by topic and shop
	for _, h := range held {
		if len(said[about{h.ProfileID, h.Topic, h.ShopID}]) == 0 {
			on := about{topic: h.Topic, shopID: h.ShopID}
			silent[on] = append(silent[on], h.ProfileID)
		}
	}
	for on, ids := range silent {
		_, err := db.NewDelete().Table("crm_consent_states").Where("profile_id IN (?)", bun.List(ids)).Where("topic = ? AND shop_id = ?", on.topic, on.shopID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("clearing consent states: %w", err)
		}
	}
	if len(said) == 0 {
		return nil
	}
	rows := make([]stateRow, 0, len(said))
	for key, words := range said {
		e := strictest(words)
		rows = append(rows, stateRow{ProfileID: key.profileID, Topic: key.topic, ShopID: key.shopID, State: e.State, ConsentID: e.ID, ChangedAt: e.At})
	}
	sortStates(rows)
	return saveStates(ctx, db, rows)
}

// sortStates puts rows in the order of their key, in which everybody locks them.
func sortStates(rows []stateRow) {
	slices.SortFunc(rows, func(a, b stateRow) int {
		return cmp.Or(cmp.Compare(a.ProfileID, b.ProfileID), strings.Compare(a.Topic, b.Topic), cmp.Compare(a.ShopID, b.ShopID))
	})
}

// lastOfIdentities leaves of entries, which come in the order they were made, the last of each identity on each topic.
func lastOfIdentities(entries []entryRow) []entryRow {
	type speaker struct {
		about
		identityID int64
	}
	last := make(map[speaker]int64, len(entries))
	of := func(e entryRow) speaker { return speaker{about{e.ProfileID, e.Topic, e.ShopID}, e.IdentityID} }
	for _, e := range entries {
		last[of(e)] = e.ID
	}
	return slices.DeleteFunc(entries, func(e entryRow) bool { return last[of(e)] != e.ID })
}

// strictest picks the entry that decides, out of the identities' last words in the order they were said: the first
// withdrawal, or else the latest grant.
func strictest(said []entryRow) entryRow {
	for _, e := range said {
		if e.State == Withdrawn {
			return e
		}
	}
	return said[len(said)-1]
}

func saveStates(ctx context.Context, db bun.IDB, rows []stateRow) error {
	_, err := db.NewInsert().Model(&rows).
		On("DUPLICATE KEY UPDATE state = VALUES(state), consent_id = VALUES(consent_id), changed_at = VALUES(changed_at)").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("writing consent states: %w", err)
	}
	return nil
}

// Reassign moves the entries of these identities, and what profile from said without one, to profile to, and refreshes
// both profiles' states. It belongs into the transaction that moves the identities.
func (l *Ledger) Reassign(ctx context.Context, db bun.IDB, identityIDs []int64, from, to int64) error {
	move := db.NewUpdate().Table("crm_consents").Set("profile_id = ?", to).Where("profile_id = ?", from)
	if len(identityIDs) > 0 {
		move = move.Where("identity_id IN (?, 0)", bun.List(identityIDs))
	} else {
		move = move.Where("identity_id = 0")
	}
	res, err := move.Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving consents of profile %d to %d: %w", from, to, err)
	}
	return l.refreshMoved(ctx, db, res, from, to)
}

// History is all that a profile's identities ever said, newest first.
func (l *Ledger) History(ctx context.Context, profileID int64) ([]Entry, error) {
	return l.HistoryBefore(ctx, profileID, time.Time{}, 0)
}

// HistoryBefore is what was said before a time (zero: till now), newest first, at most limit entries (0: all).
func (l *Ledger) HistoryBefore(ctx context.Context, profileID int64, before time.Time, limit int) ([]Entry, error) {
	var rows []entryRow
	q := l.db.NewSelect().Model(&rows).Column(entryColumns...).Where("profile_id = ?", profileID).OrderExpr("at DESC, id DESC")
	if !before.IsZero() {
		q = q.Where("at < ?", before.UTC())
	}
	if limit > 0 {
		q = q.Limit(int64(limit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the consent ledger of profile %d: %w", profileID, err)
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.entry()
	}
	return entries, nil
}

// States is where a profile stands, by topic and shop.
func (l *Ledger) States(ctx context.Context, profileID int64) ([]StateOf, error) {
	states, err := l.StatesOf(ctx, []int64{profileID})
	return states[profileID], err
}

// StatesOf is where each of the profiles stands, by topic and shop, in one query.
func (l *Ledger) StatesOf(ctx context.Context, profileIDs []int64) (map[int64][]StateOf, error) {
	states := make(map[int64][]StateOf, len(profileIDs))
	if len(profileIDs) == 0 {
		return states, nil
	}
	var rows []stateRow
	err := l.db.NewSelect().Model(&rows).Column("profile_id", "topic", "shop_id", "state", "changed_at").
		Where("profile_id IN (?)", bun.List(profileIDs)).
		OrderExpr("profile_id, topic, shop_id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading consent states: %w", err)
	}
	for _, r := range rows {
		states[r.ProfileID] = append(states[r.ProfileID], StateOf{Topic: r.Topic, ShopID: r.ShopID, State: r.State, ChangedAt: r.ChangedAt})
	}
	return states, nil
}

// Subscribed is how many living profiles would be mailed on some topic of a shop (0: of any shop).
func (l *Ledger) Subscribed(ctx context.Context, shopID int64) (int64, error) {
	q := `SELECT COUNT(*) FROM crm_profiles p WHERE p.merged_into IS NULL AND p.erased_at IS NULL AND p.email IS NOT NULL AND NOT ` + SuppressedSQL() +
		" AND EXISTS (SELECT 1 FROM crm_consent_states s WHERE s.profile_id = p.id AND s.state = ?"
	args := []any{Granted}
	if shopID != 0 {
		q += " AND s.shop_id = ?"
		args = append(args, shopID)
	}
	q += ")"
	var n int64
	if err := l.db.NewRaw(q, args...).Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("counting subscribers: %w", err)
	}
	return n, nil
}
