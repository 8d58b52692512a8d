package insight

import (
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/predict"
)

// worth tells what an order of each is worth who pays in the currency that most pay in; of the others too little is known.
// Where it cannot be told of anybody the error is a *predict.TooFewError.
func (o *outlooks) worth(people []predict.History) (predict.FittedWorth, error) {
	main := o.mainCurrency()
	var paying []predict.History
	for i, h := range people {
		if o.currencies[i] == main {
			paying = append(paying, h)
		}
	}
	found, err := predict.FitValue(paying, predict.FitOptions{})
	if err != nil {
		return predict.FittedWorth{}, err
	}
	for i, h := range people {
		if o.currencies[i] == main {
			o.rows[i].Worth = decimal.NewNullDecimal(decimal.NewFromFloat(found.Worth.Mean(h)).Round(4))
		}
	}
	return found, nil
}
