package bitrix

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// DATETIMEs of Bitrix are in the zone of its server, which must be the same to PHP and to the database, and which is written
// down nowhere. The setting default_time_zone is what times are shown in, mostly the same; the database server's own zone
// may be another where the shop sets one for its connections. So candidates are held against the evidence: moments that
// the shop keeps both as a DATETIME and as a TIMESTAMP, which is UTC inside.

// foundZone is a zone, and the setting under which it was found out.
type foundZone struct {
	setting, name string
	zone          *time.Location
}

// zone is looked for once, and again when the setting has changed.
func (s *Shop) zone(ctx context.Context, r *reader) (*time.Location, string, error) {
	if s.cfg.Zone != "" {
		zone, name := zoneOf(s.cfg.Zone)
		if zone == nil {
			return nil, "", fmt.Errorf("bitrix: the zone %q is not one of the IANA time zone database, such as Europe/Moscow", foreign.Cut(s.cfg.Zone))
		}
		return zone, name, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	setting := r.options["main.default_time_zone"]
	if s.zones.zone != nil && s.zones.setting == setting {
		return s.zones.zone, s.zones.name, nil
	}
	var global, system string
	if err := r.One(ctx, "the server's time zone", "SELECT @@global.time_zone, @@system_time_zone", nil, &global, &system); err != nil {
		return nil, "", err
	}
	moments, err := r.moments(ctx)
	if err != nil {
		return nil, "", err
	}
	zone, name := chooseZone([]string{setting, global, system}, moments)
	s.zones = foundZone{setting, name, zone}
	return zone, name, nil
}

// moment is one that is kept both ways: as a DATETIME, read as if it were UTC, and in seconds since 1970.
type moment struct{ local, unix int64 }

// off is by how much the DATETIME is ahead; false where the two are not of one moment.
func (m moment) off() (seconds int64, ok bool) {
	const quarter, slack, most = 15 * 60, 3, 14 * 3600
	off := m.local - m.unix
	rounded := (off + quarter/2) / quarter * quarter
	if off < 0 {
		rounded = (off - quarter/2) / quarter * quarter
	}
	return rounded, max(off-rounded, rounded-off) <= slack && rounded >= -most && rounded <= most
}

// moments are of accounts made, of money moved, of elements saved with their prices; the newest 50 of each.
func (r *reader) moments(ctx context.Context) ([]moment, error) {
	var list []moment
	err := r.Each(ctx, "times", `(SELECT u.DATE_REGISTER, u.TIMESTAMP_X FROM {user} u ORDER BY u.ID DESC LIMIT 50) UNION ALL
		(SELECT t.TRANSACT_DATE, t.TIMESTAMP_X FROM {sale_user_transact} t ORDER BY t.ID DESC LIMIT 50) UNION ALL
		(SELECT e.TIMESTAMP_X, v.TIMESTAMP_X FROM {catalog_price} v JOIN {iblock_element} e ON e.ID = v.PRODUCT_ID ORDER BY v.ID DESC LIMIT 50)`, nil, func(scan func(...any) error) error {
		var local, stamp string
		if err := scan(follow.Text(&local), follow.Text(&stamp)); err != nil {
			return err
		}
		a, errA := foreign.Time(local, time.UTC)
		b, errB := foreign.Time(stamp, time.UTC)
		if errA == nil && errB == nil && !a.IsZero() && !b.IsZero() {
			list = append(list, moment{a.Unix(), b.Unix()})
		}
		return nil
	})
	return list, err
}

// chooseZone takes the name that agrees with most moments, the first of equals; or a mere distance, where five moments
// and more have it and no name fits half as many.
func chooseZone(names []string, moments []moment) (*time.Location, string) {
	zone, name, best := time.UTC, "UTC", -1
	for _, candidate := range names {
		z, text := zoneOf(candidate)
		if z == nil {
			continue
		}
		if n := agree(z, moments); n > best {
			zone, name, best = z, text, n
		}
	}
	offs, most := map[int64]int{}, int64(0)
	for _, m := range moments {
		if off, ok := m.off(); ok {
			offs[off]++
			if offs[off] > offs[most] {
				most = off
			}
		}
	}
	const few = 5
	if offs[most] >= few && 2*max(best, 0) < offs[most] {
		return distance(most)
	}
	return zone, name
}

func agree(zone *time.Location, moments []moment) (n int) {
	for _, m := range moments {
		off, ok := m.off()
		if _, own := time.Unix(m.unix, 0).In(zone).Zone(); ok && int64(own) == off {
			n++
		}
	}
	return n
}

// abbreviations are how servers call the zones that Bitrix shops are in, where the zone database does not know them.
var abbreviations = map[string]string{"MSK": "Europe/Moscow", "CEST": "CET", "EEST": "EET", "BST": "Europe/London"}

var offsetForm = regexp.MustCompile(`^([+-])([0-9]{2}):?([0-9]{2})?$`)

// zoneOf understands names, abbreviations and distances ("+03:00", or "+03" as newer zone data abbreviate); nil: none of them.
func zoneOf(name string) (*time.Location, string) {
	if full, ok := abbreviations[name]; ok {
		name = full
	}
	if m := offsetForm.FindStringSubmatch(name); m != nil {
		seconds := foreign.ID(m[2])*3600 + foreign.ID(m[3])*60
		if seconds > 14*3600 {
			return nil, ""
		}
		if m[1] == "-" {
			seconds = -seconds
		}
		return distance(seconds)
	}
	if name == "" || name == "SYSTEM" || name == "Local" {
		return nil, ""
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, ""
	}
	return zone, name
}

// distance is the zone that is so many seconds ahead of UTC.
func distance(seconds int64) (*time.Location, string) {
	sign, abs := "+", seconds
	if seconds < 0 {
		sign, abs = "-", -seconds
	}
	if seconds == 0 {
		return time.UTC, "UTC"
	}
	name := fmt.Sprintf("UTC%s%02d:%02d", sign, abs/3600, abs%3600/60)
	return time.FixedZone(name, int(seconds)), name
}

// local writes a moment as the shop's DATETIMEs hold it.
func (r *reader) local(unix int64) string {
	return time.Unix(unix, 0).In(r.zone).Format("2006-01-02 15:04:05")
}
