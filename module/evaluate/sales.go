package evaluate

import (
	"maps"
	"slices"
	"time"
)

// Source is the file itself.
type Source struct {
	Name     string           `json:"name"`
	Rows     int              `json:"rows"`  // without the head
	Lines    int              `json:"lines"` // taken
	Left     map[Reason]int   `json:"left_out"`
	FirstBad string           `json:"first_unreadable,omitempty"`
	Columns  map[Field]string `json:"columns"` // by what they tell
	First    string           `json:"first_day"`
	Last     string           `json:"last_day"`
	Currency string           `json:"currency"` // "" where the file does not say
}

func (o *Orders) source(name string, first, last int32) Source {
	s := Source{Name: name, Lines: o.Lines.Len(), Left: o.Left, Columns: o.Columns, First: Date(first).Format(time.DateOnly), Last: Date(last).Format(time.DateOnly), Currency: o.Currency}
	s.Rows = s.Lines
	for _, n := range o.Left {
		s.Rows += n
	}
	if o.FirstBad != nil {
		s.FirstBad = o.FirstBad.Error()
	}
	return s
}

// Sales is who bought, how often and for how much.
type Sales struct {
	Customers   int      `json:"customers"`
	Returning   int      `json:"returning"` // customers who bought on more than one day
	Orders      int      `json:"orders"`
	Products    int      `json:"products"`
	Revenue     *Amount  `json:"revenue,omitempty"`
	PerOrder    *Amount  `json:"per_order,omitempty"`
	PerCustomer *Amount  `json:"per_customer,omitempty"`
	Top         *float64 `json:"top_tenth_share,omitempty"` // of the revenue, by the tenth of customers who spent most
	Months      []Month  `json:"months"`                    // all from the first to the last
}

// Month is what was sold in one. An order is of the month of its first line.
type Month struct {
	Month     string  `json:"month"` // as 2024-03
	Customers int     `json:"customers"`
	New       int     `json:"new_customers"`
	Orders    int     `json:"orders"`
	Revenue   *Amount `json:"revenue,omitempty"`
}

// Cohorts are customers by the month of their first purchase, the latest [CohortsTold] months with any.
type Cohorts struct {
	Months  []Cohort `json:"months"`            // the oldest first
	Earlier int      `json:"earlier_customers"` // of months before these
}

// Cohort is the customers of a month. Lists go by months since then, the month itself first.
type Cohort struct {
	Month     string   `json:"month"`
	Customers int      `json:"customers"`
	Came      []int    `json:"came"`              // who bought in that month
	Revenue   []Amount `json:"revenue,omitempty"` // of all months up to that one
}

// CohortsTold is how many months are told of cohorts, back and on: a hostile file has thousands.
const CohortsTold = 60

// month counts months since the year 0.
type month int

func monthOf(day int32) month {
	t := Date(day)
	return month(12*t.Year() + int(t.Month()) - 1)
}

func (m month) String() string {
	return time.Date(int(m)/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// tally adds lines up, customer by customer.
type tally struct {
	months  map[month]*Month
	revenue map[month]int64
	cohorts map[month]*Cohort
	spent   []int64 // by customer
	seen    []bool  // by order
}

func (o *Orders) sales() (Sales, Cohorts) {
	t := tally{map[month]*Month{}, map[month]int64{}, map[month]*Cohort{}, make([]int64, len(o.Customers)), make([]bool, o.Count)}
	s := Sales{Customers: len(o.Customers), Orders: o.Count, Products: len(o.Products)}
	start, lines := o.ByCustomer()
	for c := range o.Customers {
		theirs := lines[start[c]:start[c+1]]
		if o.Lines.Day(int(theirs[0])) != o.Lines.Day(int(theirs[len(theirs)-1])) {
			s.Returning++
		}
		t.customer(o, c, theirs)
	}
	first, last := o.Span()
	for m := monthOf(first); m <= monthOf(last); m++ {
		told := Month{Month: m.String()}
		if known := t.months[m]; known != nil {
			told = *known
		}
		if o.priced() {
			revenue := Amount(t.revenue[m])
			told.Month, told.Revenue = m.String(), &revenue
		}
		s.Months = append(s.Months, told)
	}
	if o.priced() {
		s.money(t.spent)
	}
	return s, t.told(monthOf(last), o.priced())
}

// customer adds up one customer's lines, the oldest first.
func (t *tally) customer(o *Orders, c int, lines []uint32) {
	var first, now month
	for k, i := range lines {
		if m := monthOf(o.Lines.Day(int(i))); k == 0 || m != now {
			now = m
			if t.months[m] == nil {
				t.months[m] = &Month{Month: m.String()}
			}
			t.months[m].Customers++
			if k == 0 {
				first = m
				t.months[m].New++
				if t.cohorts[m] == nil {
					t.cohorts[m] = &Cohort{Month: m.String()}
				}
				t.cohorts[m].Customers++
			}
			t.cohorts[first].at(int(now - first))
			if at := int(now - first); at < CohortsTold {
				t.cohorts[first].Came[at]++
			}
		}
		amount := o.Lines.Amount[i]
		t.spent[c] += amount
		t.revenue[now] += amount
		if at := int(now - first); at < CohortsTold {
			t.cohorts[first].Revenue[at] += Amount(amount)
		}
		if order := o.Lines.Order[i]; !t.seen[order] {
			t.seen[order] = true
			t.months[now].Orders++
		}
	}
}

// at makes room for a month since the first.
func (c *Cohort) at(since int) {
	for len(c.Came) <= min(since, CohortsTold-1) {
		c.Came, c.Revenue = append(c.Came, 0), append(c.Revenue, 0)
	}
}

// told gives the latest cohorts, each up to the file's last month, and what each brought in up to each of its months.
func (t *tally) told(last month, priced bool) (c Cohorts) {
	months := slices.Sorted(maps.Keys(t.cohorts))
	for i, m := range months {
		cohort := t.cohorts[m]
		if i < len(months)-CohortsTold {
			c.Earlier += cohort.Customers
			continue
		}
		cohort.at(int(last - m))
		for k := 1; k < len(cohort.Revenue); k++ {
			cohort.Revenue[k] += cohort.Revenue[k-1]
		}
		if !priced {
			cohort.Revenue = nil
		}
		c.Months = append(c.Months, *cohort)
	}
	return c
}

func (s *Sales) money(spent []int64) {
	slices.Sort(spent)
	var all, top Amount
	for i, sum := range spent {
		all += Amount(sum)
		if i >= len(spent)-(len(spent)+9)/10 {
			top += Amount(sum)
		}
	}
	perOrder, perCustomer, share := all.over(s.Orders), all.over(s.Customers), 0.0
	if all > 0 {
		share = float64(top) / float64(all)
	}
	s.Revenue, s.PerOrder, s.PerCustomer, s.Top = &all, &perOrder, &perCustomer, &share
}
