package adapters

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGrantLinesOfBothFamiliesAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		lines []string
		want  Grants
	}{
		{"nothing", []string{"GRANT USAGE ON *.* TO `k`@`%` IDENTIFIED BY PASSWORD '*5'"}, Grants{}},
		{"MariaDB", []string{"GRANT SELECT, SHOW VIEW ON `shop`.* TO `k`@`%`"}, Grants{Select: true}},
		{"another database", []string{"GRANT ALL PRIVILEGES ON `crm`.* TO `k`@`%`", "GRANT SELECT ON `shop`.* TO `k`@`%`"}, Grants{Select: true}},
		{"a pattern", []string{"GRANT SELECT, INSERT ON `sh%`.* TO `k`@`%`"}, Grants{Select: true, Writes: []string{"INSERT"}}},
		{"an underscore that is one", []string{`GRANT INSERT ON ` + "`sho\\_`" + `.* TO ` + "`k`@`%`"}, Grants{}},
		{"an underscore for any letter", []string{"GRANT INSERT ON `sho_`.* TO `k`@`%`"}, Grants{Writes: []string{"INSERT"}}},
		{"everything", []string{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"}, Grants{Select: true, Writes: []string{"ALL PRIVILEGES"}}},
		{"MySQL's root", []string{"GRANT SELECT, INSERT, PROCESS ON *.* TO `root`@`%`", "GRANT BACKUP_ADMIN,SHOW_ROUTINE ON *.* TO `root`@`%`", "GRANT PROXY ON ``@`` TO `root`@`%` WITH GRANT OPTION"},
			Grants{Select: true, Writes: []string{"BACKUP_ADMIN", "INSERT"}}},
		{"a role", []string{"GRANT `reader`@`%` TO `k`@`%`", "GRANT SELECT ON `shop`.* TO `reader`@`%`"}, Grants{Select: true}},
		{"columns", []string{"GRANT SELECT (`id`, `total`), UPDATE (`total`) ON `shop`.`orders` TO `k`@`%`"}, Grants{Partial: true, Writes: []string{"UPDATE"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Grants{Database: "shop"}
			for _, line := range tt.lines {
				got.add(line)
			}
			slices.Sort(got.Writes)
			tt.want.Database = "shop"
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzGrantLine(f *testing.F) {
	f.Add("GRANT SELECT (`a`, `b`), INSERT ON `sh\\_p%`.* TO `k`@`%`")
	f.Add("GRANT ALL ON *.* TO k")
	f.Fuzz(func(t *testing.T, line string) {
		g := Grants{Database: "shop"}
		g.add(line) // must not panic
		for _, right := range g.Writes {
			if harmless[right] {
				t.Errorf("%q: %s counts as a write", line, right)
			}
		}
	})
}
