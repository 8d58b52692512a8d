// Package foreign reads what shops hold in their databases as text: numbers, dates, HTML, PHP's serialised lists. None of
// it is believed: what does not fit is an error that names the field ([Check]), and nothing is allocated beyond the size
// of the text. The adapters of all platforms use it; it knows none of them.
package foreign
