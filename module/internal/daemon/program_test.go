package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program, built once for all tests of the package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kupec-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kupec")
	out, err := exec.Command("go", "build", "-o", path, "github.com/kupec/kupec/module/cmd/kupec").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building kupec: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// place is a folder with the program's data and the environment it runs in.
type place struct {
	dir string
	env []string
}

func newPlace(t *testing.T, env ...string) *place {
	t.Helper()
	dir := t.TempDir()
	return &place{dir: dir, env: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "KUPEC_DATA_DIR=" + filepath.Join(dir, ".kupec")}, env...)}
}

// variable is what the place's environment says of a name.
func (p *place) variable(name string) string {
	for _, pair := range p.env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

func (p *place) command(t *testing.T, ctx context.Context, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// run runs a command to its end and gives what it printed and its exit code.
func (p *place) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := p.command(t, ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("kupec %v: %v", args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// write makes a file in the place and gives its name.
func (p *place) write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// demo is a running `kupec demo`.
type demo struct {
	*place
	panel, shop, mail string // addresses
	email, password   string // of the login
	stop              func() // as Ctrl-C does; the test fails unless it ends well
}

var addresses = regexp.MustCompile(`The panel +(\S+)\n +sign in as (\S+) with (\S+)\n +The demo shop +(\S+)\n +The mail catcher +(\S+)\n`)

// startDemo runs the demo until it is stopped, which the end of the test does at the latest.
func startDemo(t *testing.T, args ...string) *demo {
	t.Helper()
	address := freeAddress(t)
	d := &demo{place: newPlace(t, "KUPEC_LISTEN="+address, "KUPEC_BASE_URL=http://"+address)}
	cmd := d.command(t, context.Background(), append([]string{"demo"}, args...)...)
	out := &buffer{}
	errs := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	d.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the demo did not end well: %v\n%s", err, errs)
			}
		case <-time.After(60 * time.Second):
			_ = cmd.Process.Kill()
			t.Error("the demo did not end within a minute of Ctrl-C")
		}
	})
	t.Cleanup(d.stop)
	deadline := time.After(3 * time.Minute)
	for {
		if m := addresses.FindStringSubmatch(out.String()); m != nil {
			d.panel, d.email, d.password, d.shop, d.mail = m[1], m[2], m[3], m[4], m[5]
			return d
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the demo ended: %v\n%s%s", err, out, errs)
		case <-deadline:
			_ = cmd.Process.Signal(syscall.SIGQUIT)
			t.Fatalf("the demo did not come up:\n%s%s", out, errs)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// buffer is a bytes.Buffer that one goroutine writes while another reads.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

var _ io.Writer = (*buffer)(nil)

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
