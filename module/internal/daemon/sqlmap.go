package daemon

import (
	"io"

	"github.com/kupec/kupec/adapters/sqlmap"
)

type sqlmapCommand struct {
	Sylius bool `help:"The one for Sylius, in place of the one that explains the form."`
}

// Run prints.
func (c *sqlmapCommand) Run(t *terminal) error {
	file := sqlmap.Example()
	if c.Sylius {
		file = sqlmap.Sylius()
	}
	_, err := io.WriteString(t.out, file)
	return err
}
