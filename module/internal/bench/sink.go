package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/internal/catcher"
)

// Sink is the mail server that both sides send to: it takes every message and keeps none. It writes its address as the
// first line to out; then each line it reads from in is answered with the number of messages taken so far, until in ends.
func Sink(ctx context.Context, in io.Reader, out io.Writer) error {
	c := catcher.New(catcher.Config{Sink: true})
	if err := c.Start(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = c.Stop(ctx)
	}()
	if _, err := fmt.Fprintln(out, c.SMTPAddr()); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		n := c.Count()
		c.Clear()
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
	return lines.Err()
}

// sink is the other process, which ends when its standard input does: also when we are killed.
type sink struct {
	addr  string
	cmd   *exec.Cmd
	ask   io.WriteCloser
	reply *bufio.Reader
}

func startSink(ctx context.Context, argv []string) (*sink, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the mail server: %w", err)
	}
	s := &sink{cmd: cmd, ask: ask, reply: bufio.NewReader(out)}
	if s.addr, err = s.line(); err != nil {
		s.stop()
		return nil, fmt.Errorf("the mail server did not say where it listens: %w", err)
	}
	return s, nil
}

func (s *sink) line() (string, error) {
	line, err := s.reply.ReadString('\n')
	return strings.TrimSpace(line), err
}

// count is the number of messages taken so far.
func (s *sink) count() (int64, error) {
	if _, err := io.WriteString(s.ask, "count\n"); err != nil {
		return 0, fmt.Errorf("the mail server is gone: %w", err)
	}
	line, err := s.line()
	if err != nil {
		return 0, fmt.Errorf("the mail server is gone: %w", err)
	}
	return strconv.ParseInt(line, 10, 64)
}

func (s *sink) stop() {
	_ = s.ask.Close()
	_ = s.cmd.Wait()
}
