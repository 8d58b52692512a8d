// Package predict works out from purchase days what customers will do: how often they will come, what that is worth, when
// the next order is due, and how they rank by recency, frequency and money.
//
// A customer is a [History]: how many purchase days came after the first, when the last of them was, how long the customer
// has been watched, and what a purchase day was worth. Time has one unit throughout, a day or a week, which the caller chooses.
//
// The count models are fitted by maximum likelihood ([Fit]):
//
//   - BG/NBD: P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way, Marketing Science 24, 2005
//   - MBG/NBD: E. Batislam, M. Denizel, A. Filiztekin, Int. J. of Research in Marketing 24, 2007
//   - Pareto/NBD: D. Schmittlein, D. Morrison, R. Colombo, Management Science 33, 1987
//   - NBD: A. Ehrenberg, Applied Statistics 8, 1959: nobody ever leaves
//   - Gamma-Gamma for the value of a purchase day: P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value, 2013 ([FitValue])
//
// None of them is right for every shop, so [Choose] lets the shop's own last months decide, with the naive guess among the
// candidates. Where the data do not bear a model the result says what stands in for it ([Degenerate]), and where they are
// too thin for any the error says what is missing ([TooFewError]). No result is ever NaN or infinite.
//
// BG/NBD's probability of being alive is 1 for everybody who bought once; do not use it for churn. Expected purchases within
// a horizon tell it better under every model.
//
// All of it is arithmetic: nothing is read or written here, and randomness comes from a seed.
package predict
