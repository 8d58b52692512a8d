package staff_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

const password = "a long pass phrase"

type bundle struct {
	db    *bun.DB
	dir   *staff.Directory
	owner staff.Account
	now   *atomic.Int64 // Unix seconds
	sys   context.Context
}

func (b *bundle) pass(d time.Duration) { b.now.Add(int64(d / time.Second)) }
func (b *bundle) time() time.Time      { return time.Unix(b.now.Load(), 0).UTC() }

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: storetest.DB(t), now: &atomic.Int64{}, sys: staff.WithSystem(context.Background(), "test")}
	b.now.Store(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).Unix())
	var err error
	b.dir, err = staff.New(b.db, staff.Config{Secret: bytes.Repeat([]byte{7}, 32), Clock: b.time})
	if err != nil {
		t.Fatal(err)
	}
	b.owner = b.create(t, "nina@example.com", staff.RoleOwner)
	return b
}

func (b *bundle) create(t *testing.T, email contact.Email, role staff.Role) staff.Account {
	t.Helper()
	a, err := b.dir.Create(b.sys, staff.NewAccount{Email: email, Name: "Nina", Role: role, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bundle) signIn(t *testing.T, email, code string) string {
	t.Helper()
	token, _, err := b.dir.SignIn(context.Background(), email, password, code, staff.Origin{IP: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestASessionLastsUntilItEnds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, tt := range []struct {
		name string
		do   func(b *bundle, token string) error
		want error
	}{
		{"used at once", func(*bundle, string) error { return nil }, nil},
		{"used within the idle time", func(b *bundle, _ string) error { b.pass(23 * time.Hour); return nil }, nil},
		{"left idle", func(b *bundle, _ string) error { b.pass(25 * time.Hour); return nil }, staff.ErrNoSession},
		{"signed out", func(b *bundle, token string) error { return b.dir.SignOut(ctx, token) }, staff.ErrNoSession},
		{"password changed", func(b *bundle, _ string) error { return b.dir.SetPassword(b.sys, b.owner.ID, password+"!") }, staff.ErrNoSession},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := setup(t)
			token := b.signIn(t, "Nina@Example.com", "")
			if err := tt.do(b, token); err != nil {
				t.Fatal(err)
			}
			account, err := b.dir.Session(ctx, token)
			if !errors.Is(err, tt.want) || err == nil && account.ID != b.owner.ID {
				t.Errorf("got %+v, %v; want %v", account, err, tt.want)
			}
		})
	}
	t.Run("used each hour, for two weeks and no longer", func(t *testing.T) {
		b := setup(t)
		token := b.signIn(t, "nina@example.com", "")
		for hour := range 14 * 24 {
			if _, err := b.dir.Session(ctx, token); err != nil {
				t.Fatalf("after %d hours: %v", hour, err)
			}
			b.pass(time.Hour)
		}
		b.pass(time.Second)
		if _, err := b.dir.Session(ctx, token); !errors.Is(err, staff.ErrNoSession) {
			t.Errorf("after two weeks: %v", err)
		}
	})
}

func TestTheDatabaseKnowsNeitherPasswordNorToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.signIn(t, "nina@example.com", "")
	var hash string
	if err := b.db.NewRaw("SELECT password_hash FROM crm_staff").Scan(context.Background(), &hash); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix([]byte(hash), []byte("$argon2id$v=19$m=65536,")) {
		t.Errorf("the hash is %q", hash)
	}
	var n int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_sessions WHERE token_hash = ?", []byte(token)).Scan(context.Background(), &n); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestGuessingLocksTheAccountForLongerEachTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	try := func(p string) error {
		_, _, err := b.dir.SignIn(ctx, "nina@example.com", p, "", staff.Origin{})
		return err
	}
	for i := range 5 {
		if err := try("wrong password"); !errors.Is(err, staff.ErrWrongLogin) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	var locked *staff.LockedError
	if err := try(password); !errors.As(err, &locked) || !locked.Until.Equal(b.time().Add(30*time.Second)) {
		t.Fatalf("the right password after five wrong ones: %v", err)
	}
	b.pass(31 * time.Second)
	if err := try("wrong password"); !errors.Is(err, staff.ErrWrongLogin) {
		t.Fatal(err)
	}
	if err := try(password); !errors.As(err, &locked) || !locked.Until.Equal(b.time().Add(time.Minute)) {
		t.Fatalf("after the sixth: %v", err)
	}
	b.pass(61 * time.Second)
	if err := try(password); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	if _, _, err := b.dir.SignIn(ctx, "nobody@example.com", password, "", staff.Origin{}); !errors.Is(err, staff.ErrWrongLogin) {
		t.Errorf("an unknown address: %v", err)
	}
}

func TestAOneTimeCodeWorksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	me := staff.WithActor(ctx, b.owner, "")
	secret, uri, err := b.dir.BeginTOTP(me, b.owner.ID)
	if err != nil || uri == "" {
		t.Fatal(uri, err)
	}
	code := func() string {
		c, err := totp.GenerateCode(secret, b.time())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if b.signIn(t, "nina@example.com", "") == "" {
		t.Fatal("a code was asked for before it was confirmed")
	}
	var wrong *staff.InvalidError
	if err := b.dir.ConfirmTOTP(me, b.owner.ID, "000000x"); !errors.As(err, &wrong) {
		t.Fatalf("a wrong code: %v", err)
	}
	if err := b.dir.ConfirmTOTP(me, b.owner.ID, code()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.dir.SignIn(ctx, "nina@example.com", password, "", staff.Origin{}); !errors.Is(err, staff.ErrCodeNeeded) {
		t.Fatalf("no code: %v", err)
	}
	if _, _, err := b.dir.SignIn(ctx, "nina@example.com", password, code(), staff.Origin{}); !errors.As(err, &wrong) {
		t.Fatalf("the code that confirmed, again: %v", err)
	}
	b.pass(30 * time.Second)
	var in atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, _, err := b.dir.SignIn(ctx, "nina@example.com", password, code(), staff.Origin{}); err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("one code let %d in", in.Load())
	}
	var stored []byte
	if err := b.db.NewRaw("SELECT totp_secret FROM crm_staff WHERE id = ?", b.owner.ID).Scan(ctx, &stored); err != nil || bytes.Contains(stored, []byte(secret)) {
		t.Errorf("the secret rests in the clear, %v", err)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		role staff.Role
		may  []staff.Permission
		not  []staff.Permission
	}{
		{staff.RoleOwner, []staff.Permission{staff.ManageStaff, staff.SendNewsletters, staff.SeeAudit}, nil},
		{staff.RoleMarketer, []staff.Permission{staff.SendNewsletters, staff.WriteSegments}, []staff.Permission{staff.ManageStaff, staff.EditPeople, staff.AnswerPeople, staff.SeeAudit}},
		{staff.RoleSupport, []staff.Permission{staff.EditPeople, staff.SeePeople, staff.AnswerPeople}, []staff.Permission{staff.SendNewsletters, staff.ExportPeople}},
		{staff.RoleReader, []staff.Permission{staff.SeePeople}, []staff.Permission{staff.EditPeople, staff.WriteNewsletters, staff.ManageMail}},
		{"stranger", nil, []staff.Permission{staff.SeePeople}},
	} {
		for _, p := range tt.may {
			if !tt.role.May(p) {
				t.Errorf("%s lacks %s", tt.role, p)
			}
		}
		for _, p := range tt.not {
			if tt.role.May(p) {
				t.Errorf("%s has %s", tt.role, p)
			}
		}
	}
}

func TestActsAreRefusedWithoutTheRole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reader := b.create(t, "reader@example.com", staff.RoleReader)
	as := staff.WithActor(context.Background(), reader, "")
	var denied *staff.DeniedError
	for name, err := range map[string]error{
		"create":               second(b.dir.Create(as, staff.NewAccount{Email: "x@example.com", Name: "X", Role: staff.RoleOwner, Password: password})),
		"role":                 b.dir.SetRole(as, reader.ID, staff.RoleOwner),
		"another's password":   b.dir.SetPassword(as, b.owner.ID, password),
		"another's sessions":   second(b.dir.Sessions(as, b.owner.ID)),
		"audit log":            second(b.dir.Audit(as, staff.AuditFilter{})),
		"another's code":       b.dir.DropTOTP(as, b.owner.ID),
		"nobody at all, audit": second(b.dir.Audit(context.Background(), staff.AuditFilter{})),
	} {
		if !errors.As(err, &denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.dir.SetPassword(as, reader.ID, password+"2"); err != nil {
		t.Errorf("one's own password: %v", err)
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var invalid *staff.InvalidError
	if err := b.dir.Disable(b.sys, b.owner.ID); !errors.As(err, &invalid) || invalid.Key != "staff.owner.last" {
		t.Fatalf("got %v", err)
	}
	second := b.create(t, "second@example.com", staff.RoleOwner)
	var both sync.WaitGroup
	var kept atomic.Int32
	for _, id := range []int64{b.owner.ID, second.ID} {
		both.Go(func() {
			if b.dir.SetRole(b.sys, id, staff.RoleReader) != nil {
				kept.Add(1)
			}
		})
	}
	both.Wait()
	if kept.Load() != 1 {
		t.Errorf("two owners retired each other: %d kept", kept.Load())
	}
}

func TestEveryActIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.signIn(t, "nina@example.com", "")
	other := b.create(t, "other@example.com", staff.RoleSupport)
	as := staff.WithActor(context.Background(), b.owner, "192.0.2.9")
	for _, err := range []error{b.dir.SetRole(as, other.ID, staff.RoleMarketer), b.dir.Disable(as, other.ID), b.dir.Enable(as, other.ID)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, err := b.dir.Audit(as, staff.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Actor+" "+e.Action)
	}
	want := []string{"Nina staff.enable", "Nina staff.disable", "Nina staff.role", "test staff.create", "Nina staff.sign_in", "test staff.create"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if entries[0].IP != "192.0.2.9" || entries[0].ObjectID != other.ID {
		t.Errorf("got %+v", entries[0])
	}
	page, err := b.dir.Audit(as, staff.AuditFilter{Before: entries[3].ID, Limit: 1})
	if err != nil || len(page) != 1 || page[0].ID != entries[4].ID {
		t.Errorf("the next page: %v, %v", page, err)
	}
}

func TestCreateNamesTheField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tt := range []struct{ field, key, email, name, role, password string }{
		{"email", "staff.email.taken", "nina@example.com", "N", "owner", password},
		{"name", "staff.name.empty", "a@example.com", " \n", "owner", password},
		{"role", "staff.role.unknown", "a@example.com", "N", "king", password},
		{"password", "staff.password.short", "a@example.com", "N", "owner", "short"},
	} {
		_, err := b.dir.Create(b.sys, staff.NewAccount{Email: contact.Email(tt.email), Name: tt.name, Role: staff.Role(tt.role), Password: tt.password})
		var invalid *staff.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != tt.field || invalid.Key != tt.key {
			t.Errorf("%s: got %v", tt.key, err)
		}
	}
	if _, err := b.dir.Account(b.sys, 9999999); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestABoxOpensOnlyUnderItsSecretPurposeAndContext(t *testing.T) {
	t.Parallel()
	box := func(fill byte, purpose string) *staff.Box {
		b, err := staff.NewBox(bytes.Repeat([]byte{fill}, 32), purpose)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	sealed := box(1, "totp").Seal([]byte("plain"), []byte("staff 1"))
	if got, err := box(1, "totp").Open(sealed, []byte("staff 1")); err != nil || string(got) != "plain" {
		t.Errorf("got %q, %v", got, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another secret":  func() ([]byte, error) { return box(2, "totp").Open(sealed, []byte("staff 1")) },
		"another purpose": func() ([]byte, error) { return box(1, "smtp").Open(sealed, []byte("staff 1")) },
		"another context": func() ([]byte, error) { return box(1, "totp").Open(sealed, []byte("staff 2")) },
		"cut short":       func() ([]byte, error) { return box(1, "totp").Open(sealed[:5], []byte("staff 1")) },
	} {
		if got, err := open(); !errors.Is(err, staff.ErrSealed) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
