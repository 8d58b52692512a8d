package locale

import (
	"strconv"
	"strings"
	"time"
)

// Zone finds the time zone of a shop by its IANA name or, where the shop keeps only an offset, "UTC+02:00". Anything
// else is UTC.
func Zone(name string) *time.Location {
	if hours, minutes, ok := strings.Cut(strings.TrimPrefix(name, "UTC"), ":"); ok && strings.HasPrefix(name, "UTC") {
		h, err := strconv.Atoi(hours)
		m, err2 := strconv.Atoi(minutes)
		if err != nil || err2 != nil || h < -14 || h > 14 || m < 0 || m > 59 {
			return time.UTC
		}
		if strings.HasPrefix(hours, "-") {
			m = -m
		}
		return time.FixedZone(name, h*3600+m*60)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // the machine's own zone is nobody's shop
		return time.UTC
	}
	return zone
}
