package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/text/language"

	"github.com/kupec/kupec/adapters"
)

// Shop is an attached site as it described itself last.
type Shop struct {
	ID          int64
	Name        string // given by the installation
	Title       string // as the site calls itself
	Platform    string // empty: it could not be reached yet
	Version     string
	Mode        string
	URL         string
	Currency    string // ISO 4217
	Zone        string // IANA name or offset
	Locale      string // BCP 47
	DescribedAt time.Time
	Spared      string        // why its server is asked for less than it could be, in words; empty: it is not
	ClockSkew   time.Duration // how far its server's clock is ahead of ours, at the last look; 0 also when that is not known
}

type shopRow struct {
	bun.BaseModel `bun:"table:crm_shops,alias:s"`

	ID          int64     `bun:"id,pk,autoincrement"`
	Name        string    `bun:"name"`
	Title       string    `bun:"title"`
	Platform    string    `bun:"platform"`
	Version     string    `bun:"version"`
	Mode        string    `bun:"mode"`
	URL         string    `bun:"url"`
	Currency    string    `bun:"currency"`
	Zone        string    `bun:"zone"`
	Locale      string    `bun:"locale"`
	CreatedAt   time.Time `bun:"created_at"`
	DescribedAt time.Time `bun:"described_at,nullzero"`
	Program     string    `bun:"program"`           // the version of this program that read it last
	Statuses    string    `bun:"statuses,nullzero"` // the overrides it was read with last, as JSON
	ClockSkew   float64   `bun:"clock_skew,nullzero"`
	Spared      string    `bun:"spared"`
}

func (r shopRow) shop() Shop {
	return Shop{ID: r.ID, Name: r.Name, Title: r.Title, Platform: r.Platform, Version: r.Version, Mode: r.Mode, URL: r.URL,
		Currency: r.Currency, Zone: r.Zone, Locale: r.Locale, DescribedAt: r.DescribedAt,
		Spared: r.Spared, ClockSkew: time.Duration(r.ClockSkew * float64(time.Second))}
}

// Shops lists all shops that were ever attached to this CRM, by name.
func (i *Intake) Shops(ctx context.Context) ([]Shop, error) {
	rows, err := i.shopRows(ctx)
	if err != nil {
		return nil, err
	}
	shops := make([]Shop, len(rows))
	for n, row := range rows {
		shops[n] = row.shop()
	}
	return shops, nil
}

func (i *Intake) shopRows(ctx context.Context) ([]shopRow, error) {
	var rows []shopRow
	if err := i.db.NewSelect().Model(&rows).Order("s.name").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the attached shops: %w", err)
	}
	return rows, nil
}

// enrol gives the shop of that name, and founds its rows when it is new.
func (i *Intake) enrol(ctx context.Context, source Source) (shopRow, error) {
	name := source.Name
	row := shopRow{Name: name, CreatedAt: i.now()}
	_, err := i.db.NewInsert().Model(&row).On("DUPLICATE KEY UPDATE name = VALUES(name)").Exec(ctx)
	if err != nil {
		return shopRow{}, fmt.Errorf("noting shop %q: %w", name, err)
	}
	if err := i.db.NewSelect().Model(&row).ExcludeColumn("name").Where("s.name = ?", name).Scan(ctx); err != nil {
		return shopRow{}, fmt.Errorf("reading shop %q: %w", name, err)
	}
	for _, stream := range streamsOf(source.Shop) {
		_, err := i.db.NewInsert().Model(&streamRow{ShopID: row.ID, Stream: stream}).On("DUPLICATE KEY UPDATE stream = VALUES(stream)").Exec(ctx)
		if err != nil {
			return shopRow{}, fmt.Errorf("noting stream %s of shop %q: %w", stream, name, err)
		}
	}
	return row, nil
}

// describe asks the shop what it is and notes the answer.
func (i *Intake) describe(ctx context.Context, row *shopRow, shop adapters.Shop) error {
	info, err := shop.Describe(ctx)
	if err != nil {
		return err
	}
	next := *row
	next.Title, next.Platform, next.Version, next.Mode = cut(info.Name, 255), cut(info.Platform, 32), cut(info.Version, 32), cut(info.Mode, 32)
	next.URL, next.Currency, next.Zone, next.Locale = webAddress(info.URL, 512), info.Currency, cut(info.Zone, 64), cut(info.Locale, 16)
	next.DescribedAt = i.now()
	if _, err := i.db.NewUpdate().Model(&next).WherePK().ExcludeColumn("name", "created_at", "program", "statuses", "spared").Exec(ctx); err != nil {
		return fmt.Errorf("noting what shop %q says about itself: %w", row.Name, err)
	}
	*row = next
	return nil
}

// country is where a phone number without a country code belongs when its row names no country: the land of the
// site's language, or where that has several, the one it is spoken in most.
func country(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil || locale == "" {
		return ""
	}
	region, confidence := tag.Region()
	if confidence == language.No || !region.IsCountry() {
		return ""
	}
	return region.String()
}
