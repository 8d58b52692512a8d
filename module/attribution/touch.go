package attribution

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// Verdicts on a touch.
const (
	Human      = "human"
	Machine    = "machine"
	Unverified = "unverified" // every opening
)

// Rules by which a click was found to be a machine's.
const (
	RuleAgent = "agent" // the user agent is a scanner's, a preview's or a program's, or there is none
	RuleEarly = "early" // sooner after the message was accepted than anybody reads
	RuleBurst = "burst" // several of the message's links at once
)

const (
	early      = 5 * time.Second
	burstTime  = 3 * time.Second
	burstLinks = 3
)

// Visit is what is known of a request.
type Visit struct {
	IP        string
	UserAgent string
	Method    string // HTTP's
}

// agents are parts of user agents, in lower case, of what follows links in mail without being asked: security gateways,
// previews of chat programs, crawlers, monitoring, programming libraries.
var agents = [...]string{
	"bot", "crawl", "spider", "slurp", "preview", "scan", "barracuda", "proofpoint", "mimecast", "safelinks", "forcepoint",
	"cloudmark", "symantec", "trendmicro", "sophos", "fireeye", "facebookexternalhit", "whatsapp", "telegram", "skypeuripreview",
	"monitor", "headless", "phantomjs", "curl/", "wget/", "python", "java/", "okhttp", "go-http-client", "apache-httpclient",
	"libwww", "ruby", "axios", "node-fetch", "postman", "googleimageproxy", "yahoomailproxy",
}

func scanner(agent string) bool {
	agent = strings.ReplaceAll(strings.ToLower(agent), "cubot", "") // a maker of telephones
	for _, part := range agents {
		if strings.Contains(agent, part) {
			return true
		}
	}
	return strings.TrimSpace(agent) == ""
}

type touchRow struct {
	bun.BaseModel `bun:"table:crm_touches"`

	ID        int64 `bun:",pk,autoincrement"`
	MailingID int64
	ProfileID int64
	Kind      string
	LinkID    int64
	Verdict   string
	Rule      string
	IP        string `bun:"ip"`
	UserAgent string
	At        time.Time
}

// RecordClick keeps a click with its verdict. HEAD requests are not kept: nobody clicks with them.
func (t *Tracker) RecordClick(ctx context.Context, c Click, v Visit) error {
	if v.Method == http.MethodHead {
		return nil
	}
	row := t.row(c.MailingID, c.ProfileID, "click", v)
	row.LinkID, row.Verdict = c.LinkID, Human
	if scanner(v.UserAgent) {
		row.Verdict, row.Rule = Machine, RuleAgent
	} else {
		soon, err := t.soonAfterSending(ctx, c, row.At)
		if err != nil {
			return err
		}
		if soon {
			row.Verdict, row.Rule = Machine, RuleEarly
		}
	}
	if err := t.insert(ctx, row); err != nil {
		return fmt.Errorf("recording a click: %w", err)
	}
	return t.findBurst(ctx, c, row.At)
}

// RecordOpen keeps an opening, unverified.
func (t *Tracker) RecordOpen(ctx context.Context, o Opening, v Visit) error {
	if v.Method == http.MethodHead {
		return nil
	}
	row := t.row(o.MailingID, o.ProfileID, "open", v)
	row.Verdict = Unverified
	if err := t.insert(ctx, row); err != nil {
		return fmt.Errorf("recording an opening: %w", err)
	}
	return nil
}

func (t *Tracker) row(mailingID, profileID int64, kind string, v Visit) *touchRow {
	ip := contact.CleanText(v.IP, 64)
	if strings.ContainsFunc(ip, func(r rune) bool { return r > '~' }) {
		ip = ""
	}
	return &touchRow{MailingID: mailingID, ProfileID: profileID, Kind: kind, IP: ip, UserAgent: contact.CleanText(v.UserAgent, 255), At: t.now()}
}

func (t *Tracker) insert(ctx context.Context, row *touchRow) error {
	return store.Retry(ctx, func() error {
		_, err := t.db.NewInsert().Model(row).Exec(ctx)
		return err
	})
}

func (t *Tracker) soonAfterSending(ctx context.Context, c Click, at time.Time) (bool, error) {
	var n int
	err := t.db.NewRaw(`SELECT COUNT(*) FROM crm_deliveries WHERE mailing_id = ? AND profile_id = ?
		AND (state = 'sending' OR state = 'sent' AND settled_at > ?)`, c.MailingID, c.ProfileID, at.Add(-early)).Scan(ctx, &n)
	if err != nil {
		return false, fmt.Errorf("asking when a message was sent: %w", err)
	}
	return n > 0, nil
}

// findBurst looks for other links of the same message within the time of a burst, and takes the verdict on all of them
// back when there are enough. It runs after the click is committed, so that of clicks which come at once the last one
// recorded sees them all.
func (t *Tracker) findBurst(ctx context.Context, c Click, at time.Time) error {
	from := at.Add(-burstTime)
	var links int
	err := t.db.NewRaw(`SELECT COUNT(DISTINCT link_id) FROM crm_touches
		WHERE mailing_id = ? AND kind = 'click' AND profile_id = ? AND at >= ?`, c.MailingID, c.ProfileID, from).Scan(ctx, &links)
	if err != nil {
		return fmt.Errorf("looking for a burst of clicks: %w", err)
	}
	if links < burstLinks {
		return nil
	}
	err = store.Retry(ctx, func() error {
		_, err := t.db.ExecContext(ctx, `UPDATE crm_touches SET verdict = ?, rule = ?
			WHERE mailing_id = ? AND kind = 'click' AND profile_id = ? AND at >= ? AND verdict = ?`,
			Machine, RuleBurst, c.MailingID, c.ProfileID, from, Human)
		return err
	})
	if err != nil {
		return fmt.Errorf("marking a burst of clicks: %w", err)
	}
	return nil
}
