package bench_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/module/internal/bench"
	"github.com/kupec/kupec/module/store/storetest"
)

// asSink is the argument that makes this test binary the mail server's process.
const asSink = "run-as-the-mail-sink"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == asSink {
		if err := bench.Sink(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestARunMeasuresEverythingAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	server := storetest.Server(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	report, err := bench.Run(ctx, bench.Config{DSN: server, Profiles: 300, Messages: 200, Conns: 3, Sink: []string{self, asSink}})
	if err != nil {
		t.Fatal(err)
	}

	parts := map[string]int{}
	for _, m := range report.Measures {
		parts[m.Part]++
		if m.Name == "" || m.Unit == "" || m.Kupec <= 0 || m.Better != "higher" && m.Better != "lower" {
			t.Errorf("a measure is not whole: %+v", m)
		}
		if (m.Against != "") != (m.Comparison > 0) || (m.Against != "") != (m.Ratio > 0) {
			t.Errorf("a comparison is not whole: %+v", m)
		}
	}
	for _, part := range bench.Parts {
		if parts[part] == 0 {
			t.Errorf("nothing of the part %s was measured", part)
		}
	}
	for part, want := range map[string]int{bench.PartSegments: 12, bench.PartMail: 2, bench.PartModels: 5} {
		if parts[part] != want {
			t.Errorf("%d measures of the part %s, want %d", parts[part], part, want)
		}
	}
	messages := find(t, report, "messages")
	if sent, _ := messages.Settings["messages"].(int64); sent < 100 || sent > 200 {
		t.Errorf("%d messages were sent, want at most 200 and most of them", sent)
	}
	ours, _ := messages.Settings["html_bytes"].(int)
	theirs, _ := messages.Settings["html_bytes_alone"].(int)
	if ours < 20_000 || theirs < ours || theirs > ours*21/20 {
		t.Errorf("the letters have %d and %d bytes, want two of about the same size", ours, theirs)
	}

	var table bytes.Buffer
	if err := report.Print(&table); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range report.Measures {
		name, err := json.Marshal(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(table.String(), m.Name) || !bytes.Contains(raw, name) {
			t.Errorf("%s is missing in what is printed", m.Name)
		}
	}
	checkDropped(t, server, report)
	t.Log("\n" + table.String())
}

func find(t *testing.T, r bench.Report, name string) bench.Measure {
	t.Helper()
	i := slices.IndexFunc(r.Measures, func(m bench.Measure) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("nothing called %q was measured", name)
	}
	return r.Measures[i]
}

func checkDropped(t *testing.T, dsn string, report bench.Report) {
	t.Helper()
	if len(report.Databases) != 2 {
		t.Fatalf("the run had the databases %v, want two", report.Databases)
	}
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var left int
	err = db.QueryRowContext(context.WithoutCancel(t.Context()), "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?, ?)",
		report.Databases[0], report.Databases[1]).Scan(&left)
	if err != nil {
		t.Fatal(err)
	}
	if left > 0 {
		t.Errorf("%d of the databases %v are left", left, report.Databases)
	}
}

func TestARunThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg  bench.Config
		want string
	}{
		"an unknown part":     {bench.Config{Only: []string{"tea"}}, `no part "tea"`},
		"no sink":             {bench.Config{DSN: "root@tcp(127.0.0.1:1)/"}, "Sink"},
		"no server":           {bench.Config{DSN: "root@tcp(127.0.0.1:1)/", Only: []string{bench.PartModels}}, "making the database"},
		"an unreadable place": {bench.Config{DSN: "nonsense", Only: []string{bench.PartModels}}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bench.Run(t.Context(), test.cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want something with %q", err, test.want)
			}
		})
	}
}

func TestAStoppedRunDropsItsDatabases(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server := storetest.Server(t)
	report, err := bench.Run(ctx, bench.Config{DSN: server, Profiles: 300, Only: []string{bench.PartModels}, Progress: func(name string, _, _ int64) {
		if name == "customers" {
			stop()
		}
	}})
	if err == nil {
		t.Fatal("the run was not stopped")
	}
	checkDropped(t, server, report)
}
