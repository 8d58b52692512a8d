package affinity

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A shop of five million orders with fifteen million lines and a hundred thousand products: its methods are tried, and the
// chosen one is worked out over everything, in under 60 seconds of two processors and 1 GB. KUPEC_SCALE=1 runs it. What is
// held to the limit is processor time, for other work on the machine stretches the clock's.
func TestALargeShopIsWorkedOutInAMinuteAndAGigabyte(t *testing.T) {
	if os.Getenv("KUPEC_SCALE") == "" {
		t.Skip("takes minutes: set KUPEC_SCALE=1")
	}
	trade := largeTrade(1_200_000, 100_000, 5_000_000)
	runtime.GC()
	t.Logf("%d customers, %d products, %d purchases, read into %d MB", trade.Customers(), trade.Products(), trade.Purchases(), peak(t))
	const workers = 2
	begun, spent, part := time.Now(), processor(t), time.Now()
	lap := func(what string) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		t.Logf("%s: %v, %d MB at most, %d MB in use", what, time.Since(part).Round(10*time.Millisecond), peak(t), m.HeapInuse>>20)
		part = time.Now()
	}
	_, last := trade.Span()
	trial, err := Backtest(t.Context(), trade, Plan{Most: MostTried, People: PeopleTried, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	lap("backtest chose " + trial.Method.String())
	opt := Options{Today: last + 1, Workers: workers}
	model, err := trade.People(t.Context(), Method{LLRRidge, true}, opt) // the dearest
	if err != nil {
		t.Fatal(err)
	}
	lap("what goes with what")
	orders, err := trade.Orders(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	lap("what is bought together")
	if _, _, err := trade.Backoff(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	lap("back-off")
	price := make([]float64, trade.Products())
	for i := range price {
		price[i] = float64(10 + i%37)
	}
	upgrades, err := trade.Upgrades(t.Context(), price, opt)
	if err != nil {
		t.Fatal(err)
	}
	lap("upgrades")
	pairs, together, steps := 0, 0, 0
	for i := range model.Ties {
		pairs, together, steps = pairs+len(model.Ties[i]), together+len(orders.Ties[i]), steps+len(upgrades.Ties[i])
	}
	used := processor(t) - spent
	t.Logf("%d and %d ties, %d upgrades in %v, %v of processors, %d MB at most", pairs, together, steps, time.Since(begun).Round(10*time.Millisecond), used.Round(10*time.Millisecond), peak(t))
	if used > workers*time.Minute || peak(t) > 1024 {
		t.Errorf("%v of processors and %d MB, want %v and 1024 MB at most", used, peak(t), workers*time.Minute)
	}
}

// processor is the time that the process had of all processors.
func processor(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// largeTrade is of customers with two or three tastes out of five hundred; what sells follows Zipf's law within a taste.
func largeTrade(customers, products, orders int) *Trade {
	r := rand.New(rand.NewPCG(7, 11))
	const tastes, days = 500, 730
	category := make([]uint32, products)
	for i := range category {
		category[i] = uint32(i % tastes)
	}
	trade := NewTrade(products, category)
	each := products / tastes
	item := func(taste int) uint32 {
		place := int(math.Exp(r.Float64()*math.Log(float64(each)))) - 1 // density 1/x
		return uint32(min(place, each-1)*tastes + taste)
	}
	var theirs []Purchase
	for range customers {
		theirs = theirs[:0]
		own := [3]int{r.IntN(tastes), r.IntN(tastes), r.IntN(tastes)}
		for range 1 + min(60, int(r.ExpFloat64()*(float64(orders)/float64(customers)-.5))) {
			at := int32(r.IntN(days))
			for range 1 + min(30, int(r.ExpFloat64()*2.5)) {
				taste := own[r.IntN(3)]
				if r.IntN(10) == 0 {
					taste = r.IntN(tastes)
				}
				theirs = append(theirs, Purchase{item(taste), at, int64(at)})
			}
		}
		trade.Add(theirs)
	}
	return trade
}

// peak is the most memory that the process ever had, in MB.
func peak(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("this system does not tell how much memory is used")
	}
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(size), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return kb >> 10
		}
	}
	t.Fatal("no VmHWM in /proc/self/status")
	return 0
}
