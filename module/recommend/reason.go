package recommend

import (
	"embed"
	"time"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/locale"
)

// Locales is the package's catalogue, English and Slovene, for [locale.Load].
//
//go:embed locales
var Locales embed.FS

// Suggestion is a product for one person, and why.
type Suggestion struct {
	Product  catalog.Product
	Kind     Kind             // empty for a Fallback
	Because  *catalog.Product // what the person has that it goes with, or that it is dearer than; nil otherwise
	Both     int64            // people who bought both; of an Upgrade, this one later; 0: staff say that they go together
	Buyers   int64            // people who bought Because
	Fallback bool             // a best seller of the last 30 days, for want of a better reason
	Popular  int64            // people who bought a best seller in the last 30 days
	Last     time.Time        // of Again: the day on which the person bought it last
	Lasts    int              // of Again: days after which it is usually bought again
	Score    float64          // of CrossSell and Upgrade: what it is ranked by; comparable within one list
	Placed   bool             // a rule of the staff's put it where it stands
}

// Reason says why, in the printer's language.
func (s Suggestion) Reason(p *locale.Printer) string {
	switch {
	case s.Kind == Again:
		return p.T("recommend.again", "date", p.Date(s.Last), "count", s.Lasts)
	case s.Kind == Upgrade:
		return p.T("recommend.upgrade", "both", s.Both, "count", s.Buyers, "product", s.Because.Name)
	case s.Because != nil && s.Both == 0:
		return p.T("recommend.pinned", "product", s.Because.Name)
	case s.Because != nil:
		return p.T("recommend.reason", "both", s.Both, "count", s.Buyers, "product", s.Because.Name)
	case s.Kind == Newest && !s.Product.CreatedAt.IsZero():
		return p.T("recommend.newest", "date", p.Date(s.Product.CreatedAt))
	case s.Popular == 0:
		return p.T("recommend.unsold")
	}
	return p.T("recommend.fallback", "count", s.Popular)
}
