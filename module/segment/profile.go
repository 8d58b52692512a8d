package segment

import (
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/insight"
)

// registeredKind: whether somebody has a shop account, or when they registered (account or subscription).
//
//	{"is":"registered","within":14}    {"is":"registered","account":false}
func registeredKind() Kind {
	return Kind{
		Name:  "registered",
		Slots: []Slot{momentSlot(Option{Name: "account", Fields: []Field{{Name: "account", Type: Flag, Default: true}}})},
		Check: checkDates,
		Compile: func(b *Builder, c *Condition) {
			if c.Has("account") {
				b.SQL("p.has_account = ?", c.Flag("account"))
				return
			}
			b.SQL("p.registered_at IS NOT NULL")
			b.within("p.registered_at", b.span(c))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			switch {
			case c.Has("account") && c.Flag("account"):
				return s.T("segment.registered.account")
			case c.Has("account"):
				return s.T("segment.registered.guest")
			}
			return s.T("segment.registered", "when", s.Moment(c))
		},
	}
}

// The consent states a condition may ask for.
const (
	stateGranted   = string(consent.Granted)
	stateWithdrawn = string(consent.Withdrawn)
	stateNone      = "none" // never said either
)

// consentKind: what somebody said about a topic.
//
//	{"is":"consent","topic":"newsletter","state":"granted"}
func consentKind() Kind {
	return Kind{
		Name: "consent",
		Slots: []Slot{
			{Name: "state", Options: []Option{{Name: "state", Default: true, Fields: []Field{{
				Name: "state", Type: Word, Options: []string{stateGranted, stateWithdrawn, stateNone}, Default: stateGranted}}}}},
			{Name: "topic", Options: []Option{{Name: "topic", Default: true, Fields: []Field{{
				Name: "topic", Type: Word, Default: consent.DefaultTopic}}}}},
		},
		Compile: func(b *Builder, c *Condition) {
			granted, grantedArgs := consent.GrantedSQL(c.Text("topic"), b.ShopID)
			withdrawn, withdrawnArgs := consent.WithdrawnSQL(c.Text("topic"), b.ShopID)
			switch c.Text("state") {
			case stateGranted:
				b.SQL(granted, grantedArgs...)
			case stateWithdrawn:
				b.SQL(withdrawn, withdrawnArgs...)
			default:
				b.SQL("NOT "+granted+" AND NOT "+withdrawn, slices.Concat(grantedArgs, withdrawnArgs)...)
			}
		},
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.consent."+c.Text("state"), "topic", s.Topic(c.Text("topic")))
		},
	}
}

// countryKind: the country of somebody's address.
//
//	{"is":"country","in":["AT","SI"]}
func countryKind() Kind {
	return Kind{
		Name:  "country",
		Slots: []Slot{{Name: "in", Options: []Option{{Name: "in", Fields: []Field{{Name: "in", Type: Country}}}}}},
		Compile: func(b *Builder, c *Condition) {
			b.SQL("p.country IN (?)", bun.List(c.List("in")))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			names := make([]string, 0, len(c.List("in")))
			for _, code := range c.List("in") {
				names = append(names, s.printer.Country(code))
			}
			return s.T("segment.country", "names", s.or(names))
		},
	}
}

// stageKind: where somebody stands in their life as a customer. Whoever has no facts yet is a lead.
//
//	{"is":"stage","in":["loyal","slipping"]}
func stageKind() Kind {
	var stages []string
	for _, stage := range insight.Stages {
		stages = append(stages, string(stage))
	}
	return Kind{
		Name:  "stage",
		Slots: []Slot{{Name: "in", Options: []Option{{Name: "in", Fields: []Field{{Name: "in", Type: Words, Options: stages}}}}}},
		facts: func(b *Builder, c *Condition) func() {
			if slices.Contains(c.List("in"), string(insight.StageLead)) {
				return nil
			}
			return func() { b.SQL("f.stage IN (?)", bun.List(c.List("in"))) }
		},
		Compile: func(b *Builder, c *Condition) { // leads are also those without facts
			b.SQL("p.id NOT IN (SELECT f.profile_id FROM crm_facts AS f WHERE f.stage NOT IN (?))", bun.List(c.List("in")))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			names := make([]string, 0, len(c.List("in")))
			for _, stage := range c.List("in") {
				names = append(names, s.T("segment.stage."+stage))
			}
			return s.T("segment.stage", "names", s.or(names))
		},
	}
}
