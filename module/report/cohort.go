package report

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Cohort is the people whose first order was in one month.
type Cohort struct {
	Month  time.Time // its first day; zero: their orders have no time
	People int64
	Months []Later // by Months[i].Index, ascending; those in which nobody ordered are left out
}

// Later is what a cohort did in one month of its life.
type Later struct {
	Index  int             // months after the first order's; 0 is that month
	People int64           // who ordered, whatever they paid in
	Orders int64           // in the query's currency
	Net    decimal.Decimal // likewise
}

// Until gives the net revenue of a cohort up to a month of its life, that month included.
func (c Cohort) Until(index int) (net decimal.Decimal) {
	for _, m := range c.Months {
		if m.Index <= index {
			net = net.Add(m.Net)
		}
	}
	return net
}

// At gives what a cohort did in a month of its life.
func (c Cohort) At(index int) Later {
	for _, m := range c.Months {
		if m.Index == index {
			return m
		}
	}
	return Later{Index: index}
}

// Cohorts gives the cohorts of the months that the frame touches, oldest first. Their later orders are told also where they
// lie outside of the frame.
func (r *Reports) Cohorts(ctx context.Context, q Query) ([]Cohort, error) {
	s, err := r.cohorts(ctx, q)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Cohort         time.Time
		Currency       string
		Later          int
		People, Orders int64
		Net            decimal.Decimal
	}
	err = r.db.NewRaw("SELECT c.cohort, c.later, c.currency, SUM(c.people) AS people, SUM(c.orders) AS orders, SUM(c.net) AS net FROM "+s.sql+
		" GROUP BY c.cohort, c.later, c.currency ORDER BY c.cohort, c.later, c.currency", s.args...).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading cohorts: %w", err)
	}
	var cohorts []Cohort
	for _, row := range rows {
		month := row.Cohort
		if month.Equal(undated) {
			month = time.Time{}
		}
		if n := len(cohorts); n == 0 || !cohorts[n-1].Month.Equal(month) {
			cohorts = append(cohorts, Cohort{Month: month})
		}
		c := &cohorts[len(cohorts)-1]
		if n := len(c.Months); n == 0 || c.Months[n-1].Index != row.Later {
			c.Months = append(c.Months, Later{Index: row.Later})
		}
		m := &c.Months[len(c.Months)-1]
		if row.Currency != "" {
			m.Orders, m.Net = row.Orders, row.Net
			continue
		}
		m.People = row.People
		if row.Later == 0 {
			c.People = row.People
		}
	}
	return cohorts, nil
}

// Seconds is how long people took to their second order.
type Seconds struct {
	People  int64        // whose first order was in the frame's months
	Again   int64        // of them, those who ordered a second time
	Days    []DaysToNext // ascending
	Median  int          // days; of those who ordered again, and 0 without any
	Quarter int          // days by which a quarter of them had
	Most    int          // days by which three quarters of them had
}

// DaysToNext is how many people took so many days.
type DaysToNext struct {
	Days   int
	People int64
}

// Within says how many ordered again within so many days.
func (s Seconds) Within(days int) (people int64) {
	for _, d := range s.Days {
		if d.Days <= days {
			people += d.People
		}
	}
	return people
}

// SecondOrders gives how long people took to their second order, of those whose first was in the months that the frame touches.
func (r *Reports) SecondOrders(ctx context.Context, q Query) (Seconds, error) {
	var all Seconds
	s, err := r.seconds(ctx, q)
	if err != nil {
		return all, err
	}
	err = r.db.NewRaw("SELECT c.days, SUM(c.people) AS people FROM "+s.sql+" GROUP BY c.days ORDER BY c.days", s.args...).Scan(ctx, &all.Days)
	if err != nil {
		return all, fmt.Errorf("reading how long people take to their second order: %w", err)
	}
	if len(all.Days) > 0 && all.Days[0].Days < 0 {
		all.People, all.Days = all.Days[0].People, all.Days[1:]
	}
	for _, d := range all.Days {
		all.Again += d.People
	}
	all.Quarter, all.Median, all.Most = all.by(1), all.by(2), all.by(3)
	return all, nil
}

// by is the days by which so many quarters of those who ordered again had done so.
func (s Seconds) by(quarters int64) int {
	var seen int64
	for _, d := range s.Days {
		if seen += d.People; 4*seen >= quarters*s.Again {
			return d.Days
		}
	}
	return 0
}
