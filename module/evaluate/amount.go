package evaluate

import (
	"math"

	"github.com/shopspring/decimal"
)

// Amount is money in [Unit]. In JSON it is decimal text, with as many places as are needed and two at least.
type Amount int64

// Decimal is the exact amount.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(int64(a), -4) }

// MarshalJSON writes "12.50".
func (a Amount) MarshalJSON() ([]byte, error) {
	places := int32(4)
	if a%100 == 0 {
		places = 2
	}
	return []byte(`"` + a.Decimal().StringFixed(places) + `"`), nil
}

// amountOf rounds what a model expects. What no shop can take in is taken for the most that one can.
func amountOf(money float64) Amount { return Amount(math.Round(min(money, maxSum/Unit) * Unit)) }

// over is the amount by head, of so many; 0 of none.
func (a Amount) over(n int) Amount {
	if n == 0 {
		return 0
	}
	return Amount(math.Round(float64(a) / float64(n)))
}
