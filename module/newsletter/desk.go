package newsletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/token"
)

// MailingKind is the kind of mailing that newsletters are, for [delivery.Post.Register].
const MailingKind = "newsletter"

// Purposes of the tokens in a mail's links, for whoever checks them.
const (
	PurposeUnsubscribe = "unsubscribe" // values: mailing, profile
	PurposePreferences = "preferences" // values: profile, mailing
	PurposeBrowser     = "browser"     // values: mailing (or the newsletter's id, negative, in a test), profile
)

// Links makes the addresses that are counted. attribution.Tracker is one.
type Links interface {
	// LinkIDs gives each address its id in a mailing, the same every time.
	LinkIDs(ctx context.Context, mailingID int64, urls []string) (map[string]int64, error)
	ClickURL(mailingID, profileID, linkID int64) string
	OpenURL(mailingID, profileID int64) string
}

// Rooms is whom a [Desk] works with. All are needed.
type Rooms struct {
	Catalog   *catalog.Catalog
	Recommend *recommend.Engine
	Segments  *segment.Segments
	Post      *delivery.Post
	Links     Links
}

// Config tunes a [Desk].
type Config struct {
	BaseURL     string            // public address of the installation without a slash at the end; needed
	Secret      []byte            // signs the links in mails, at least token.MinSecret bytes; needed
	Catalogue   *locale.Catalogue // with this package's Locales among its trees; needed
	DefaultFrom delivery.Mailbox  // sender of shops that have set none; default: none, and nothing can be sent
	Clock       func() time.Time  // default time.Now
	Logger      *slog.Logger      // default: nothing is logged
}

// Desk is where newsletters are written, sent and read about. It is safe for concurrent use.
type Desk struct {
	db     *bun.DB
	rooms  Rooms
	cfg    Config
	signer *token.Signer

	mu      sync.Mutex
	letters map[int64]*cached // by mailing
}

// New makes a desk. It registers nothing and starts nothing: give [Desk.Renderer] to the post under [MailingKind] before
// the post starts, and call [Desk.DueTick] every some seconds.
func New(db *bun.DB, rooms Rooms, cfg Config) (*Desk, error) {
	if rooms.Catalog == nil || rooms.Recommend == nil || rooms.Segments == nil || rooms.Post == nil || rooms.Links == nil || cfg.Catalogue == nil {
		return nil, errors.New("newsletter: a room or the catalogue is missing")
	}
	signer, err := token.NewSigner(cfg.Secret)
	if err != nil {
		return nil, fmt.Errorf("newsletter: %w", err)
	}
	if u, err := url.Parse(cfg.BaseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("newsletter: the base address %q cannot stand in mails: set KUPEC_BASE_URL to https://host/path", cfg.BaseURL)
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Desk{db: db, rooms: rooms, cfg: cfg, signer: signer, letters: map[int64]*cached{}}, nil
}

func (d *Desk) now() time.Time { return d.cfg.Clock().UTC().Truncate(time.Microsecond) }

const (
	seeing  = staff.SeeSales
	writing = staff.WriteNewsletters
	sending = staff.SendNewsletters
)

func may(ctx context.Context, p staff.Permission) error {
	_, err := staff.Require(ctx, p)
	return err
}

// likeEscaper makes a person's text match only itself in LIKE.
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// blocksJSON writes blocks as they are stored.
func blocksJSON(blocks []Block) (string, error) {
	if blocks == nil {
		blocks = []Block{}
	}
	raw, err := json.Marshal(blocks)
	if err != nil {
		return "", fmt.Errorf("writing blocks: %w", err)
	}
	// What was put together in code or by a form obeys the same rules as a file.
	if _, err := ParseBlocks(raw); err != nil {
		return "", err
	}
	return string(raw), nil
}

// Create keeps a new draft. Of n it takes shop, name, subject, line under it, topic, language, audience and blocks. It
// needs [staff.WriteNewsletters]. Unfinished drafts are fine; what cannot be kept is an [*InvalidError].
func (d *Desk) Create(ctx context.Context, n Newsletter) (Newsletter, error) {
	actor, err := staff.Require(ctx, writing)
	if err != nil {
		return Newsletter{}, err
	}
	if err := d.complete(ctx, &n); err != nil {
		return Newsletter{}, err
	}
	now := d.now()
	n.ID, n.State, n.MailingID, n.Version = 0, Draft, 0, 1
	n.CreatedBy, n.CreatedAt, n.UpdatedAt = actor.Account.ID, now, now
	r, err := newRow(n)
	if err != nil {
		return Newsletter{}, err
	}
	err = store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		r.ID = 0
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return fmt.Errorf("keeping a newsletter: %w", err)
		}
		return staff.Record(ctx, tx, "newsletter.create", "newsletter", r.ID, map[string]any{"name": n.Name})
	})
	if err != nil {
		return Newsletter{}, err
	}
	return r.newsletter(d.rooms.Segments.Vocabulary())
}

// Update keeps a draft's new content. n.Version must be the one that was read: when somebody else was faster it is
// [ErrConflict], and nothing is lost on either side. A newsletter that is not a draft any more is [ErrState].
func (d *Desk) Update(ctx context.Context, n Newsletter) (Newsletter, error) {
	if err := may(ctx, writing); err != nil {
		return Newsletter{}, err
	}
	if err := d.complete(ctx, &n); err != nil {
		return Newsletter{}, err
	}
	n.State = Draft
	r, err := newRow(n)
	if err != nil {
		return Newsletter{}, err
	}
	err = store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE crm_newsletters SET name = ?, subject = ?, preheader = ?, topic = ?, language = ?,
				segment_id = ?, audience = ?, blocks = ?, updated_at = ?, version = version + 1
			WHERE id = ? AND version = ? AND state = ?`,
			r.Name, r.Subject, r.Preheader, r.Topic, r.Language, r.SegmentID, r.Audience, r.Blocks, d.now(), n.ID, n.Version, Draft)
		if err != nil {
			return fmt.Errorf("changing newsletter %d: %w", n.ID, err)
		}
		if changed, err := res.RowsAffected(); err != nil || changed == 1 {
			return err
		}
		return d.whyNot(ctx, tx, n.ID, n.Version, Draft)
	})
	if err != nil {
		return Newsletter{}, err
	}
	return d.get(ctx, d.db, n.ID)
}

// whyNot tells why an UPDATE of a newsletter found no row. Version 0 does not matter.
func (d *Desk) whyNot(ctx context.Context, db bun.IDB, id int64, version int, want ...State) error {
	now, err := d.get(ctx, db, id)
	switch {
	case err != nil:
		return err
	case !slices.Contains(want, now.State):
		return fmt.Errorf("newsletter %d is %s: %w", id, now.State, ErrState)
	case version != 0 && now.Version != version:
		return fmt.Errorf("newsletter %d: %w", id, ErrConflict)
	}
	return fmt.Errorf("newsletter %d changed while it was read: %w", id, ErrConflict)
}

// complete fills in what is the shop's and checks what must exist.
func (d *Desk) complete(ctx context.Context, n *Newsletter) error {
	shop, err := d.shop(ctx, n.ShopID)
	if err != nil {
		return err
	}
	languages := d.Languages()
	if n.Language == "" {
		n.Language = d.cfg.Catalogue.Match(shop.Locale)
	}
	if !slices.Contains(languages, n.Language) {
		return invalid("language", "newsletter.problem.language", "language", clipTo(n.Language, 20), "languages", strings.Join(languages, ", "))
	}
	if err := n.tidy(); err != nil {
		return err
	}
	known, err := d.db.NewSelect().Table("crm_topics").Where("topic = ?", n.Topic).Exists(ctx)
	if err != nil {
		return fmt.Errorf("looking for topic %s: %w", n.Topic, err)
	}
	if !known && n.Topic != consent.DefaultTopic {
		return invalid("topic", "newsletter.problem.topic", "topic", n.Topic)
	}
	if n.SegmentID != 0 {
		known, err := d.db.NewSelect().Table("crm_segments").Where("id = ?", n.SegmentID).Exists(ctx)
		if err != nil {
			return fmt.Errorf("looking for segment %d: %w", n.SegmentID, err)
		}
		if !known {
			return invalid("segment", "newsletter.problem.unknown_segment")
		}
	}
	return nil
}

// Languages is those that a newsletter can be in: a mail can say its fixed sentences in them.
func (d *Desk) Languages() []string {
	return slices.DeleteFunc(d.cfg.Catalogue.Languages(), func(lang string) bool {
		return !slices.Contains(d.cfg.Catalogue.Keys(lang), "mail.unsubscribe")
	})
}

// Copy makes a draft with the content and the audience of any newsletter.
func (d *Desk) Copy(ctx context.Context, id int64, name string) (Newsletter, error) {
	if err := may(ctx, writing); err != nil {
		return Newsletter{}, err
	}
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return Newsletter{}, err
	}
	n.Name = clipRunes(name, MaxName)
	return d.Create(ctx, n)
}

// Delete takes a draft away for good; what has been sent stays. Anything but a draft is [ErrState].
func (d *Desk) Delete(ctx context.Context, id int64) error {
	if err := may(ctx, writing); err != nil {
		return err
	}
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		n, err := d.get(ctx, tx, id)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, "DELETE FROM crm_newsletters WHERE id = ? AND state = ?", id, Draft)
		if err != nil {
			return fmt.Errorf("deleting newsletter %d: %w", id, err)
		}
		if gone, err := res.RowsAffected(); err != nil {
			return err
		} else if gone == 0 {
			return fmt.Errorf("newsletter %d is %s: %w", id, n.State, ErrState)
		}
		return staff.Record(ctx, tx, "newsletter.delete", "newsletter", id, map[string]any{"name": n.Name})
	})
}

func clipRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
