// Command kupec is a CRM beside an online shop. `kupec --help` lists what it does.
package main

import (
	"os"

	"github.com/kupec/kupec/module/internal/daemon"
)

func main() { os.Exit(daemon.Main(os.Args[1:], os.Stdout, os.Stderr)) }
