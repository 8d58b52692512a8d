package affinity

import "math"

// Kind is a way to weigh what somebody has for what they may want.
type Kind string

// The kinds.
const (
	Cosine   Kind = "cosine"    // shrunken cosine
	LLR      Kind = "llr"       // log-likelihood ratio
	BM25     Kind = "bm25"      // a product as a document whose words are what its buyers also bought
	Ridge    Kind = "ridge"     // local ridge regression
	LLRRidge Kind = "llr+ridge" // the root of the ratio and the ridge, each measured by its mean strongest tie
)

// Method is a kind with or without the recency factor, (buyers of the last 90 days + 5) / (buyers ever + 20), which keeps
// seasons gone by from coming back.
type Method struct {
	Kind    Kind
	Recency bool
}

// Methods are those that a shop's own backtest chooses among. The first stands where there is too little to choose by.
var Methods = []Method{
	{Cosine, true}, {LLRRidge, true}, {Ridge, true}, {LLR, true}, {BM25, true},
	{Cosine, false}, {LLRRidge, false}, {Ridge, false}, {LLR, false}, {BM25, false},
}

// String is the method's name, such as "llr+ridge*recency".
func (m Method) String() string {
	if m.Recency {
		return string(m.Kind) + "*recency"
	}
	return string(m.Kind)
}

const (
	bm25Saturation = 1.2
	bm25Length     = .75
)

// bm25 is what a word weighs in a document: the first product, among those that the second's buyers bought. The document's
// length is its buyers. (S. Robertson, H. Zaragoza, The Probabilistic Relevance Framework, 2009.)
func (t tie) bm25(meanBuyers float64) float64 {
	rarity := math.Log(1 + (float64(t.all)-float64(t.first)+.5)/(float64(t.first)+.5))
	both := float64(t.both)
	return rarity * both * (bm25Saturation + 1) / (both + bm25Saturation*(1-bm25Length+bm25Length*float64(t.second)/meanBuyers))
}

// together ranks what is bought in the same order: the share of the first's orders that have the second too, times the
// fourth root of how much larger it is than by chance. Confidence alone puts what sells best everywhere, lift alone what
// hardly sells.
func (t tie) together() float64 {
	confidence := float64(t.both) / float64(t.first)
	return confidence * math.Pow(confidence*float64(t.all)/float64(t.second), .25)
}
