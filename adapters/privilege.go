package adapters

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Grants is what the shop's server lets Kupec's user do, as far as it concerns Kupec.
type Grants struct {
	User     string   // "kupec@10.0.0.%", as the server has it
	Database string   // the database that was looked at
	Select   bool     // the user may read all of the database
	Partial  bool     // the user may read some tables or columns of it only
	Writes   []string // privileges that could change the shop, sorted: "DELETE", "INSERT"; empty is as it should be
}

// Missing lists those of the wanted privileges, in capitals, that the user does not have.
func (g Grants) Missing(wanted ...string) []string {
	var missing []string
	for _, right := range wanted {
		held := slices.Contains(g.Writes, right) || right == "SELECT" && (g.Select || g.Partial)
		if !held && !slices.Contains(g.Writes, "ALL PRIVILEGES") {
			missing = append(missing, right)
		}
	}
	return missing
}

// CanWrite says whether the user has more rights than Kupec needs.
func (g Grants) CanWrite() bool { return len(g.Writes) > 0 }

// Privileges asks the server for the rights of the pool's user on the pool's database. Rights that come through a role
// are seen when the role is active, as it is for statements.
func Privileges(ctx context.Context, db *sql.DB) (Grants, error) {
	var g Grants
	var database sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT CURRENT_USER(), DATABASE()").Scan(&g.User, &database); err != nil {
		return Grants{}, fmt.Errorf("asking who we are: %w", err)
	}
	g.Database = database.String
	lines, err := showGrants(ctx, db)
	if err != nil {
		return Grants{}, err
	}
	for _, line := range lines {
		g.add(line)
	}
	slices.Sort(g.Writes)
	g.Writes = slices.Compact(g.Writes)
	return g, nil
}

func showGrants(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SHOW GRANTS")
	if err != nil {
		return nil, fmt.Errorf("asking for our rights: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("reading our rights: %w", err)
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}

// harmless are privileges that change nothing in a shop. All others are named, also those of a server not yet
// released: better one warning too many.
var harmless = map[string]bool{
	"USAGE": true, "SELECT": true, "SHOW VIEW": true, "SHOW DATABASES": true, "PROCESS": true,
	"REPLICATION CLIENT": true, "BINLOG MONITOR": true, "SLAVE MONITOR": true, "REPLICA MONITOR": true,
	"SHOW_ROUTINE": true, "SHOW CREATE ROUTINE": true,
}

// grantLine is one line of SHOW GRANTS: the rights, the database and the table, in back quotes or *. A line without ON
// (GRANT `role`@`%` TO …) gives a role, whose own lines follow.
var grantLine = regexp.MustCompile("^GRANT (.+?) ON (?:TABLE )?(\\*|`(?:[^`]|``)+`|[^.` ]+)\\.(\\*|`(?:[^`]|``)+`|[^.` ]+) TO ")

func (g *Grants) add(line string) {
	found := grantLine.FindStringSubmatch(line)
	if found == nil {
		return
	}
	database := strings.ReplaceAll(strings.Trim(found[2], "`"), "``", "`")
	if database != "*" && !likeMatch(database, g.Database) {
		return
	}
	for _, right := range splitRights(found[1]) {
		name, _, columns := strings.Cut(right, "(")
		name = strings.ToUpper(strings.TrimSpace(name))
		switch {
		case name == "SELECT" && (columns || found[3] != "*"):
			g.Partial = true
		case name == "SELECT":
			g.Select = true
		case strings.HasPrefix(name, "ALL"):
			g.Select = true
			g.Writes = append(g.Writes, "ALL PRIVILEGES")
		case !harmless[name]:
			g.Writes = append(g.Writes, name)
		}
	}
}

// splitRights cuts "SELECT (a, b), INSERT" at the commas outside of brackets.
func splitRights(s string) []string {
	var rights []string
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				rights = append(rights, s[from:i])
				from = i + 1
			}
		}
	}
	return append(rights, s[from:])
}

// likeMatch says whether a database's name fits the pattern of a grant, where % and _ are wildcards unless a backslash
// stands before them.
func likeMatch(pattern, name string) bool {
	var b strings.Builder
	b.WriteString("(?is)^")
	escaped := false
	for _, c := range pattern {
		switch {
		case !escaped && c == '\\':
			escaped = true
			continue
		case !escaped && c == '%':
			b.WriteString(".*")
		case !escaped && c == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
		escaped = false
	}
	b.WriteString("$")
	re, err := regexp.Compile(b.String())
	return err == nil && re.MatchString(name)
}
