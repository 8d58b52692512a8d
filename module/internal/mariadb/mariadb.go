// Package mariadb runs a private MariaDB or MySQL server for the demo and for tests: own data directory, own socket, a
// free port on the loopback, a root password made for it. It never touches a server that is already there.
package mariadb

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ErrNotInstalled says that this machine has no server binary.
var ErrNotInstalled = errors.New("no MariaDB or MySQL server is installed: install the package mariadb-server " +
	"(Debian, Ubuntu, Fedora) or mariadb (brew), or set KUPEC_DSN to a server you have")

// Config says where a private server keeps its data.
type Config struct {
	Dir     string // made when missing; must not be shared
	Quick   bool   // give up durability for speed: tests and benchmarks
	BufferM int    // InnoDB's buffer pool in MiB; default 256
}

// Server is a running private server.
type Server struct {
	cmd      *exec.Cmd
	dir      string
	socket   string
	password string
	port     int
	done     chan struct{} // closed when the process has ended
}

var folders = []string{"/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin",
	"/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin", "/usr/local/mysql/bin"}

func find(names ...string) (string, bool) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
		for _, dir := range folders {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				return path, true
			}
		}
	}
	return "", false
}

// Find gives the path of the server binary, or [ErrNotInstalled].
func Find() (string, error) {
	if path, ok := find("mariadbd", "mysqld"); ok {
		return path, nil
	}
	return "", ErrNotInstalled
}

// Start runs the server on cfg.Dir, creating its data the first time, and returns once it answers. A server that an
// earlier, killed program left behind on the same directory is stopped first.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.BufferM == 0 {
		cfg.BufferM = 256
	}
	binary, err := Find()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("the data directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	s := &Server{dir: dir, socket: socketPath(dir), done: make(chan struct{})}
	if err := s.stopLeftover(ctx); err != nil {
		return nil, err
	}
	if s.password, err = keepPassword(filepath.Join(dir, "password")); err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, binary, "--no-defaults", "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", binary, err)
	}
	isMariaDB := bytes.Contains(version, []byte("MariaDB"))
	if err := initialise(ctx, binary, dir, isMariaDB); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	if err := s.run(binary, cfg, isMariaDB); err != nil {
		return nil, err
	}
	if err := s.waitReady(ctx); err != nil {
		_ = s.Stop(context.WithoutCancel(ctx))
		return nil, err
	}
	return s, nil
}

// initialise fills the data directory once. It works in a directory beside it and renames, so that a half-made one is
// never taken for whole.
func initialise(ctx context.Context, binary, dir string, isMariaDB bool) error {
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(data); err == nil {
		return nil
	}
	fresh := filepath.Join(dir, "data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clearing a half-made data directory: %w", err)
	}
	var cmd *exec.Cmd
	if isMariaDB {
		install, ok := find("mariadb-install-db", "mysql_install_db")
		if !ok {
			return errors.New("mariadb-install-db is missing beside the MariaDB server: reinstall the package mariadb-server")
		}
		cmd = exec.CommandContext(ctx, install, "--no-defaults", "--datadir="+fresh, "--auth-root-authentication-method=normal",
			"--skip-test-db", "--skip-name-resolve", "--force", // a machine that cannot look up its own name is no hindrance
			"--user="+userName())
	} else {
		cmd = exec.CommandContext(ctx, binary, "--no-defaults", "--initialize-insecure", "--datadir="+fresh, "--user="+userName())
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("creating the private database in %s: %w\n%s", fresh, err, tail(out))
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("finishing the private database: %w", err)
	}
	return nil
}

func (s *Server) run(binary string, cfg Config, isMariaDB bool) error {
	initFile := filepath.Join(s.dir, "init.sql")
	statements := fmt.Sprintf("ALTER USER 'root'@'localhost' IDENTIFIED BY '%[1]s';\n"+
		"CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '%[1]s';\n"+
		"ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '%[1]s';\n"+
		"GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n", s.password)
	if err := os.WriteFile(initFile, []byte(statements), 0o600); err != nil {
		return fmt.Errorf("writing the private database's first statements: %w", err)
	}
	// Its own folder for temporary tables: servers that share /tmp clear away each other's at start.
	temporary := filepath.Join(s.dir, "tmp")
	if err := os.MkdirAll(temporary, 0o700); err != nil {
		return fmt.Errorf("making the private database's temporary folder: %w", err)
	}
	args := []string{"--no-defaults", "--tmpdir=" + temporary, "--user=" + userName(), "--datadir=" + filepath.Join(s.dir, "data"),
		"--socket=" + s.socket, "--bind-address=127.0.0.1", "--port=" + strconv.Itoa(s.port),
		"--pid-file=" + filepath.Join(s.dir, "pid"), "--log-error=" + filepath.Join(s.dir, "error.log"),
		"--init-file=" + initFile, "--skip-name-resolve", "--character-set-server=utf8mb4", "--max-connections=400",
		"--max-allowed-packet=64M", "--innodb-buffer-pool-size=" + strconv.Itoa(cfg.BufferM) + "M"}
	if isMariaDB {
		args = append(args, "--innodb-log-file-size=256M")
	} else {
		args = append(args, "--mysqlx=OFF", "--disable-log-bin", "--secure-file-priv=NULL")
	}
	if cfg.Quick {
		args = append(args, "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--sync-binlog=0")
	}
	s.cmd = exec.Command(binary, args...)
	dieWithParent(s.cmd)
	started := make(chan error, 1)
	go func() {
		// The kernel ends the child when the thread that made it ends: keep that thread until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait()
			close(s.done)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("starting %s: %w", binary, err)
	}
	return nil
}

func (s *Server) waitReady(ctx context.Context) error {
	db, err := sql.Open("mysql", s.DSN(""))
	if err != nil {
		return fmt.Errorf("the private database's address: %w", err)
	}
	defer db.Close()
	_ = mysql.SetLogger(quiet{}) // refused connections are expected until it answers
	defer func() { _ = mysql.SetLogger(nil) }()
	deadline := time.After(60 * time.Second)
	for {
		if db.PingContext(ctx) == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return fmt.Errorf("the private database stopped at once; the end of %s says why:\n%s",
				filepath.Join(s.dir, "error.log"), s.logTail())
		case <-deadline:
			return fmt.Errorf("the private database does not answer after 60 s; see %s", filepath.Join(s.dir, "error.log"))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

type quiet struct{}

func (quiet) Print(...any) {}

// DSN gives the go-sql-driver address of one of the server's databases, as root; "" for none.
func (s *Server) DSN(database string) string {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = "root", s.password, "unix", s.socket, database
	return c.FormatDSN()
}

// Port is the TCP port on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// Done is closed when the server's process has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop shuts the server down in order and waits for it, until ctx ends; then it kills it.
func (s *Server) Stop(ctx context.Context) error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		_ = s.cmd.Process.Kill()
		<-s.done
		return ctx.Err()
	}
}

func (s *Server) stopLeftover(ctx context.Context) error {
	raw, err := os.ReadFile(filepath.Join(s.dir, "pid"))
	if err != nil {
		return nil // no leftover
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || pid <= 1 || !runsOn(ctx, pid, s.dir) {
		return nil
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return nil
	}
	_ = process.Signal(syscall.SIGTERM)
	for range 300 {
		if process.Signal(syscall.Signal(0)) != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return fmt.Errorf("a database server (process %d) still runs on %s: stop it first", pid, s.dir)
}

// runsOn says whether the process is a server on our directory, and not a stranger with a reused number.
func runsOn(ctx context.Context, pid int, dir string) bool {
	out, err := exec.CommandContext(ctx, "ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && bytes.Contains(out, []byte("--datadir="+filepath.Join(dir, "data")))
}

func (s *Server) logTail() []byte {
	raw, err := os.ReadFile(filepath.Join(s.dir, "error.log"))
	if err != nil {
		return []byte(err.Error())
	}
	return tail(raw)
}

func tail(b []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-12):], []byte("\n"))
}

// socketPath keeps within the 107 bytes that a Unix socket's address may have.
func socketPath(dir string) string {
	if path := filepath.Join(dir, "sock"); len(path) < 100 {
		return path
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "kupec-"+hex.EncodeToString(sum[:8])+".sock")
}

func keepPassword(path string) (string, error) {
	if raw, err := os.ReadFile(path); err == nil && len(raw) > 0 {
		return string(raw), nil
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password), 0o600); err != nil {
		return "", fmt.Errorf("keeping the private database's password: %w", err)
	}
	return password, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
