package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

type commands struct {
	Settings

	Demo       demoCommand       `cmd:"" help:"A demo shop with its CRM, a mail catcher and the panel, all on this machine."`
	Serve      serveCommand      `cmd:"" help:"Follow the attached shop, send mail, and serve the panel and the storefront."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the CRM database's schema up to date."`
	Doctor     doctorCommand     `cmd:"" help:"Check the settings, the databases and the mail server, and say what to do."`
	Sync       syncCommand       `cmd:"" help:"Copy the shop's history and follow its changes."`
	Reconcile  reconcileCommand  `cmd:"" help:"Compare the shop with its mirror, and mend what differs."`
	Status     statusCommand     `cmd:"" help:"What is mirrored, and how far behind."`
	Staff      staffCommand      `cmd:"" help:"Who may enter the panel."`
	Segment    segmentCommand    `cmd:"" help:"Ask who meets a condition."`
	Newsletter newsletterCommand `cmd:"" help:"Send a newsletter that a file describes."`
	Report     reportCommand     `cmd:"" help:"What the shop sold: over time, by cohort, product, category and country."`
	Recommend  recommendCommand  `cmd:"" help:"What to offer to somebody next, and why."`
	Evaluate   evaluateCommand   `cmd:"" help:"Try Kupec's knowledge of customers on any shop's order export, without the shop."`
	Import     importCommand     `cmd:"" help:"Take people in from an .xlsx or .csv file, or take that back."`
	SQLMap     sqlmapCommand     `cmd:"" name:"sqlmap" help:"Print a file by which a shop of no known platform is attached, to begin with."`
	Export     exportCommand     `cmd:"" help:"Write people to an .xlsx or .csv file, or give out everything that is known of one."`
	Erase      eraseCommand      `cmd:"" help:"Forget a person for good; sums stay true."`
	Bench      benchCommand      `cmd:"" help:"Measure Kupec beside plain SQL and plain go-mail, as ratios."`
}

// terminal is where a command speaks.
type terminal struct {
	out, err    io.Writer
	interactive bool // err is a terminal: bars may be drawn
	log         *slog.Logger
}

func (t *terminal) printf(format string, args ...any) { fmt.Fprintf(t.out, format, args...) }

// Main runs the program with the arguments after its name and gives its exit code: 0 for success, 1 when a command
// failed, 2 for wrong usage. It ends in order on SIGINT and SIGTERM.
func Main(args []string, stdout, stderr *os.File) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()

	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("kupec"),
		kong.Description("A CRM beside an online shop: profiles, segments, newsletters."),
		kong.Vars{"platforms": strings.Join(slices.Sorted(maps.Keys(platforms)), ", ")},
		kong.UsageOnError(),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }))
	if err != nil {
		panic(err) // the struct above is wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "kupec: "+err.Error())
		return 2
	}
	t := &terminal{out: stdout, err: stderr, interactive: term.IsTerminal(int(stderr.Fd()))}
	t.log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: c.level()}))
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&c.Settings, t); err != nil {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			fmt.Fprintln(stderr, "kupec: stopped")
			return 1
		}
		fmt.Fprintln(stderr, "kupec: "+sentence(err))
		return 1
	}
	return 0
}

// sentence joins an error of several lines, as errors.Join makes, under one another.
func sentence(err error) string { return strings.ReplaceAll(err.Error(), "\n", "\n       ") }
