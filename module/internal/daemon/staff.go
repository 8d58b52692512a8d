package daemon

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
)

type staffCommand struct {
	Add      staffAddCommand      `cmd:"" help:"Let somebody in. The first one should be an owner."`
	List     staffListCommand     `cmd:"" help:"Who may enter."`
	Password staffPasswordCommand `cmd:"" help:"Give somebody a new password and end their sessions."`
}

type staffAddCommand struct {
	Email string `arg:"" help:"The address to sign in with."`
	Name  string `required:"" help:"The person's name."`
	Role  string `default:"owner" enum:"owner,marketer,support,reader" help:"owner, marketer, support or reader."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run makes an account. The password is read from standard input; when that is a terminal and stays empty, one is made.
func (c *staffAddCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	email, err := contact.ParseEmail(c.Email)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Email, err)
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	password, made, err := readPassword(t)
	if err != nil {
		return err
	}
	account, err := w.Staff.Create(asCLI(ctx), staff.NewAccount{Email: email, Name: c.Name, Role: staff.Role(c.Role), Password: password})
	if err != nil {
		if invalid := new(staff.InvalidError); errors.As(err, &invalid) && invalid.Key == "staff.email.taken" {
			return fmt.Errorf("%s: %w; `kupec staff password %s` gives them a new password", email, err, email)
		}
		return err
	}
	if c.JSON {
		return t.json(struct {
			ID       int64  `json:"id"`
			Email    string `json:"email"`
			Role     string `json:"role"`
			Password string `json:"password,omitempty"`
		}{account.ID, string(account.Email), string(account.Role), made})
	}
	t.printf("%s may sign in as %s.\n", account.Email, account.Role)
	if made != "" {
		t.printf("The password is %s\n", made)
	}
	return nil
}

type staffListCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the accounts.
func (c *staffListCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	accounts, err := w.Staff.List(asCLI(ctx))
	if err != nil {
		return err
	}
	if c.JSON {
		type row struct {
			ID       int64  `json:"id"`
			Email    string `json:"email"`
			Name     string `json:"name"`
			Role     string `json:"role"`
			Disabled bool   `json:"disabled"`
		}
		rows := []row{}
		for _, a := range accounts {
			rows = append(rows, row{a.ID, string(a.Email), a.Name, string(a.Role), a.Disabled})
		}
		return t.json(rows)
	}
	out := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, a := range accounts {
		note := ""
		if a.Disabled {
			note = "disabled"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", a.Email, a.Name, a.Role, note)
	}
	return out.Flush()
}

type staffPasswordCommand struct {
	Email string `arg:"" help:"The account's address."`
}

// Run sets a password, read as in `staff add`.
func (c *staffPasswordCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	email, err := contact.ParseEmail(c.Email)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Email, err)
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	account, err := w.Staff.ByEmail(ctx, email)
	if err != nil {
		return fmt.Errorf("nobody signs in as %s: `kupec staff list` shows who does", email)
	}
	password, made, err := readPassword(t)
	if err != nil {
		return err
	}
	if err := w.Staff.SetPassword(asCLI(ctx), account.ID, password); err != nil {
		return err
	}
	t.printf("%s has a new password.\n", email)
	if made != "" {
		t.printf("It is %s\n", made)
	}
	return nil
}

// readPassword reads one line from standard input, unseen on a terminal; an empty one is answered with a made password,
// which is also given back to be shown.
func readPassword(t *terminal) (password, made string, err error) {
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		fmt.Fprint(t.err, "Password (empty: one is made): ")
		raw, err := term.ReadPassword(fd)
		fmt.Fprintln(t.err)
		if err != nil {
			return "", "", fmt.Errorf("reading the password: %w", err)
		}
		password = string(raw)
	} else {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		password = strings.TrimRight(line, "\r\n")
	}
	if password == "" {
		made = madePassword()
		password = made
	}
	return password, made, nil
}

// madePassword is one that can be typed from a screen: 80 random bits in four groups.
func madePassword() string {
	text := strings.ToLower(rand.Text())
	return text[0:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16]
}
