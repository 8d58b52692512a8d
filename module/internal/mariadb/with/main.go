// Command with runs another command beside a private database server made for tests, which KUPEC_TEST_DSN then names,
// so that all test packages share one server instead of starting one each:
//
//	go run ./module/internal/mariadb/with go test ./...
//
// When KUPEC_TEST_DSN is set already, it only runs the command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/kupec/kupec/module/internal/mariadb"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New("usage: with COMMAND [ARGUMENT…]")
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if os.Getenv("KUPEC_TEST_DSN") == "" {
		dir, err := os.MkdirTemp("", "kupec-test-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		server, err := mariadb.Start(ctx, mariadb.Config{Dir: dir, Quick: true, BufferM: 1024})
		if err != nil {
			return 1, err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			_ = server.Stop(ctx)
		}()
		if err := os.Setenv("KUPEC_TEST_DSN", server.DSN("")); err != nil {
			return 1, err
		}
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err := cmd.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return max(1, failed.ExitCode()), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
