package importer

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func TestWhyAStepStoppedIsToldInTheReadersLanguageAndNeverAsTheProgramSaysIt(t *testing.T) {
	t.Parallel()
	catalogue, err := locale.Load(Locales)
	if err != nil {
		t.Fatal(err)
	}
	slovene := catalogue.Printer("sl", nil)
	for want, err := range map[string]error{
		"dva stolpca sta »Telefon«":       &SettingsError{"columns", "importer.settings.twice", []any{"field", Phone}},
		"vrstica 12 datoteke":             &DamagedError{1, 12, errors.New("unexpected end of JSON input")},
		"tega ne sme":                     &staff.DeniedError{},
		"prevzel drug proces":             fmt.Errorf("keeping: %w", store.ErrLeaseLost),
		"spreminjal iste ljudi":           fmt.Errorf("given up after 8 tries: %w", &mysql.MySQLError{Number: 1213, Message: "Deadlock found"}),
		"podatkov ni bila dosegljiva":     fmt.Errorf("reading: %w", driver.ErrBadConn),
		"ni bila dosegljiva: nadaljujte":  &net.OpError{Op: "dial", Err: errors.New("connection refused")},
		"šlo nekaj narobe":                &mysql.MySQLError{Number: 1146, Message: "Table 'crm_x' doesn't exist"},
		"vprašajte skrbnika, kaj pravi d": guarded(func() error { panic("a nil map") }),
	} {
		stop := stopped(err)
		if !errors.Is(stop, err) {
			t.Errorf("%v: the cause is lost", err)
		}
		raw, err := json.Marshal(stop)
		if err != nil {
			t.Fatal(err)
		}
		for _, said := range []string{stop.Say(slovene), stoppedBefore(string(raw)).Say(slovene)} {
			if !strings.Contains(said, want) {
				t.Errorf("%v: %q is not in %q", stop.Err, want, said)
			}
		}
	}
	if stoppedBefore("") != nil {
		t.Error("a step that came to its end is told to have stopped")
	}
	if said := stoppedBefore("Error 1213 (40001): Deadlock found").Say(slovene); strings.Contains(said, "Deadlock") {
		t.Errorf("what an older program wrote is shown: %s", said)
	}
}
