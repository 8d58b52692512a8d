package attribution

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/token"
)

const (
	purposeClick = "click"
	purposeOpen  = "open"
	urlMax       = 2048 // characters
)

// LinkError says that an address cannot be linked to from a message.
type LinkError struct {
	URL     string
	Problem string
}

func (e *LinkError) Error() string { return fmt.Sprintf("the link %q %s", e.URL, e.Problem) }

// TokenError says that a click's or an opening's address is not one of ours: damaged on its way, or made up.
type TokenError struct{ Err error }

func (e *TokenError) Error() string {
	return "this address was not made here or is damaged: " + e.Err.Error()
}

// Unwrap gives token.ErrInvalid.
func (e *TokenError) Unwrap() error { return e.Err }

// LinkIDs gives the id of each address of a mailing, made at first use and then remembered. Only absolute http and https
// addresses of at most 2048 characters can be links; the error for others is a [*LinkError].
func (t *Tracker) LinkIDs(ctx context.Context, mailingID int64, urls []string) (map[string]int64, error) {
	got := make(map[string]int64, len(urls))
	var missing []string
	t.mu.Lock()
	for _, u := range urls {
		if id, ok := t.links[mailingID][u]; ok {
			got[u] = id
		} else if _, seen := got[u]; !seen {
			got[u] = 0
			missing = append(missing, u)
		}
	}
	t.mu.Unlock()
	if len(missing) == 0 {
		return got, nil
	}
	for _, u := range missing {
		if err := checkURL(u); err != nil {
			return nil, err
		}
	}
	made, err := t.makeLinks(ctx, mailingID, missing)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for u, id := range made {
		got[u] = id
		t.remember(id, link{mailingID, u})
	}
	return got, nil
}

// remember is called with mu held.
func (t *Tracker) remember(id int64, l link) {
	if len(t.urls) >= cached {
		t.forget()
	}
	if t.links[l.mailingID] == nil {
		t.links[l.mailingID] = map[string]int64{}
	}
	t.links[l.mailingID][l.url] = id
	t.urls[id] = l
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return &LinkError{text, "is not a complete web address"}
	case u.Scheme != "https" && u.Scheme != "http":
		return &LinkError{text, "does not begin with https:// or http://"}
	case len(text) > urlMax:
		return &LinkError{text[:80] + "…", fmt.Sprintf("has more than %d characters", urlMax)}
	}
	return nil
}

// makeLinks finds or makes the rows. Two processes may do it at once: the unique key lets one make each row.
func (t *Tracker) makeLinks(ctx context.Context, mailingID int64, urls []string) (map[string]int64, error) {
	type row struct {
		bun.BaseModel `bun:"table:crm_links"`

		ID        int64 `bun:",pk,autoincrement"`
		MailingID int64
		URLHash   []byte `bun:"url_hash"`
		URL       string `bun:"url"`
	}
	rows := make([]row, len(urls))
	hashes := make([][]byte, len(urls))
	for i, u := range urls {
		hash := sha256.Sum256([]byte(u))
		hashes[i] = hash[:]
		rows[i] = row{MailingID: mailingID, URLHash: hash[:], URL: u}
	}
	err := store.Retry(ctx, func() error {
		_, err := t.db.NewInsert().Model(&rows).Column("mailing_id", "url_hash", "url").On("DUPLICATE KEY UPDATE id = id").Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("making links: %w", err)
	}
	var found []row
	err = t.db.NewSelect().Model(&found).Column("id", "url").
		Where("mailing_id = ?", mailingID).Where("url_hash IN (?)", bun.List(hashes)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading links: %w", err)
	}
	ids := make(map[string]int64, len(found))
	for _, r := range found {
		ids[r.URL] = r.ID
	}
	return ids, nil
}

// ClickURL is the address that stands in a person's message for a link. It never expires: old mail is read late.
func (t *Tracker) ClickURL(mailingID, profileID, linkID int64) string {
	return t.base + "/s/c/" + t.signer.Sign(purposeClick, time.Time{}, mailingID, profileID, linkID)
}

// OpenURL is the address of the picture that tells of an opening.
func (t *Tracker) OpenURL(mailingID, profileID int64) string {
	return t.base + "/s/o/" + t.signer.Sign(purposeOpen, time.Time{}, mailingID, profileID) + ".gif"
}

// Click is a followed link.
type Click struct {
	MailingID, ProfileID, LinkID int64
	URL                          string // where it leads, as it was when the message was made
}

// ResolveClick tells where a click's token leads. The error is a [*TokenError] when it is not one of ours, and
// store.ErrNotFound when its mailing is gone.
func (t *Tracker) ResolveClick(ctx context.Context, text string) (Click, error) {
	values, err := t.verify(purposeClick, text, 3)
	if err != nil {
		return Click{}, err
	}
	c := Click{MailingID: values[0], ProfileID: values[1], LinkID: values[2]}
	t.mu.Lock()
	l, known := t.urls[c.LinkID]
	t.mu.Unlock()
	if !known {
		err := t.db.NewRaw("SELECT mailing_id, url FROM crm_links WHERE id = ?", c.LinkID).Scan(ctx, &l.mailingID, &l.url)
		if err != nil {
			return Click{}, fmt.Errorf("reading link %d: %w", c.LinkID, store.NotFound(err))
		}
		t.mu.Lock()
		t.remember(c.LinkID, l)
		t.mu.Unlock()
	}
	if l.mailingID != c.MailingID {
		return Click{}, &TokenError{token.ErrInvalid}
	}
	c.URL = l.url
	return c, nil
}

// Opening is a message whose picture was loaded.
type Opening struct{ MailingID, ProfileID int64 }

// ResolveOpen reads an opening's token, without ".gif". The error is a [*TokenError].
func (t *Tracker) ResolveOpen(text string) (Opening, error) {
	values, err := t.verify(purposeOpen, text, 2)
	if err != nil {
		return Opening{}, err
	}
	return Opening{values[0], values[1]}, nil
}

func (t *Tracker) verify(purpose, text string, count int) ([]int64, error) {
	values, err := t.signer.Verify(purpose, text, t.now())
	if err == nil && len(values) != count {
		err = errors.New("another form")
	}
	if err != nil {
		return nil, &TokenError{err}
	}
	return values, nil
}
