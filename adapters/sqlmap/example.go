package sqlmap

import _ "embed"

var (
	//go:embed examples/example.yaml
	exampleFile string
	//go:embed examples/sylius.yaml
	syliusFile string
)

// Example is a file for a small shop, with comments that explain all of the form.
func Example() string { return exampleFile }

// Sylius is the file that attaches Sylius.
func Sylius() string { return syliusFile }
