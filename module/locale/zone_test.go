package locale_test

import (
	"testing"
	"time"

	"github.com/kupec/kupec/module/locale"
)

func TestZoneReadsNamesAndOffsetsAndFallsBackToUTC(t *testing.T) {
	t.Parallel()
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for name, seconds := range map[string]int{
		"Europe/Ljubljana": 7200, "UTC+05:30": 19800, "UTC-03:30": -12600, "UTC-00:30": -1800, "UTC": 0, "": 0,
		"Local": 0, "Nowhere/Town": 0, "UTC+99:00": 0, "UTC+x:00": 0,
	} {
		if _, got := summer.In(locale.Zone(name)).Zone(); got != seconds {
			t.Errorf("%q: %d s east of UTC, want %d", name, got, seconds)
		}
	}
}
