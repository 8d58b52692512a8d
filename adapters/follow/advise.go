package follow

import (
	"context"
	"fmt"
	"strings"

	"github.com/kupec/kupec/adapters"
)

// Advise says of each source whose changes are followed by a time without an index which one would help, unless the shop
// has got it since.
func Advise(ctx context.Context, db DB, sources ...Source) ([]adapters.Advice, error) {
	var list []adapters.Advice
	asked := map[string]bool{} // streams may share a table
	for _, src := range sources {
		if src.Time == "" || src.Region == 0 {
			continue
		}
		table, column := strings.Trim(src.Table, "`"), strings.Trim(src.Time, "`")
		if name, ok := strings.CutPrefix(src.Table, "{"); ok {
			table = db.Table(strings.TrimSuffix(name, "}"))
		}
		if asked[table+"."+column] {
			continue
		}
		asked[table+"."+column] = true
		var n int
		err := db.One(ctx, "the indexes of table "+table, `SELECT COUNT(*) FROM information_schema.statistics
			WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ? AND seq_in_index = 1`, []any{table, column}, &n)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			list = append(list, adapters.Advice{
				Finding: fmt.Sprintf("table %s has no index on %s, so changes of %s older than the newest %d rows are found by sweeping, minutes later", table, column, src.What, src.Region),
				Next:    fmt.Sprintf("It can stay so. An index would help the shop's own lists as well: CREATE INDEX `%[2]s` ON `%[1]s` (`%[2]s`)", table, column),
			})
		}
	}
	return list, nil
}
