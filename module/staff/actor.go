package staff

import (
	"context"
	"fmt"
)

// Actor is who does something: an account, or the program itself under a name.
type Actor struct {
	Account Account
	IP      string
	System  string // "cli", "schedule"; empty for people
}

// Name is what the audit log calls the actor.
func (a Actor) Name() string {
	if a.System != "" {
		return a.System
	}
	return a.Account.Name
}

// May says whether the actor has the permission. The program itself has all.
func (a Actor) May(p Permission) bool {
	return a.System != "" || !a.Account.Disabled && a.Account.Role.May(p)
}

type actorKey struct{}

// WithActor says that what is done under ctx is done by this account, from this network address.
func WithActor(ctx context.Context, account Account, ip string) context.Context {
	return context.WithValue(ctx, actorKey{}, Actor{Account: account, IP: ip})
}

// WithSystem says that what is done under ctx is done by the program itself, called name in the audit log.
func WithSystem(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, Actor{System: name})
}

// From tells who acts under ctx, if anybody does.
func From(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}

// DeniedError says that the actor's role does not allow something.
type DeniedError struct {
	Permission Permission
	Role       Role // empty: nobody is signed in
}

func (e *DeniedError) Error() string {
	if e.Role == "" {
		return fmt.Sprintf("nobody is signed in, and %s is needed", e.Permission)
	}
	return fmt.Sprintf("the role %s does not have %s: ask an owner", e.Role, e.Permission)
}

// Require gives the actor of ctx, or a [*DeniedError] when it lacks the permission.
func Require(ctx context.Context, p Permission) (Actor, error) {
	a, ok := From(ctx)
	if !ok {
		return Actor{}, &DeniedError{Permission: p}
	}
	if !a.May(p) {
		return a, &DeniedError{Permission: p, Role: a.Account.Role}
	}
	return a, nil
}
