package mariadb

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Running says whether a private server, started by this or another program, runs on dir and answers.
func Running(ctx context.Context, dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	password, err := os.ReadFile(filepath.Join(dir, "password"))
	if err != nil {
		return false
	}
	raw, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		return false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || !runsOn(ctx, pid, dir) {
		return false
	}
	s := &Server{dir: dir, socket: socketPath(dir), password: string(password)}
	db, err := sql.Open("mysql", s.DSN(""))
	if err != nil {
		return false
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return db.PingContext(ctx) == nil
}
