package admin

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

type errorPage struct {
	frame
	Heading, Text, Request string
	Status                 int
}

// fail shows an error as a page: a sentence for people, the cause and the request's id in the log.
func (v *visit) fail(err error) error {
	status, kind := statusOf(err)
	if status >= fiber.StatusInternalServerError {
		v.a.cfg.Logger.ErrorContext(v.ctx, "a page of the panel failed", "request", v.requestID, "method", v.c.Method(), "route", v.c.Route().Path, "error", err)
	} else {
		v.a.cfg.Logger.InfoContext(v.ctx, "a page of the panel was refused", "request", v.requestID, "status", status, "route", v.c.Route().Path, "error", err)
	}
	around := v.errorFrame()
	if status < fiber.StatusInternalServerError && v.signedIn() {
		around = v.frame("", "")
	}
	page := &errorPage{frame: around, Heading: v.t("error." + kind + ".title"), Text: v.t("error." + kind + ".text"), Status: status}
	if status >= fiber.StatusInternalServerError {
		page.Request = v.requestID
	}
	page.Title = page.Heading
	if rendering := v.respond(status, "error", "layout", page); rendering != nil {
		v.a.cfg.Logger.ErrorContext(v.ctx, "the error page failed", "request", v.requestID, "error", rendering)
		return v.c.Status(fiber.StatusInternalServerError).SendString(page.Heading)
	}
	return nil
}

// errorFrame asks the database nothing more: it may be the reason.
func (v *visit) errorFrame() frame {
	f := frame{Lang: v.p.Lang(), Theme: v.account.Theme, CSRF: v.token(), Errors: formErrors{}}
	if v.signedIn() {
		f.Back = &backLink{v.t("nav.home"), v.a.link("/")}
	}
	return f
}

func statusOf(err error) (status int, kind string) {
	var denied *staff.DeniedError
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fiber.StatusNotFound, "missing"
	case errors.As(err, &denied):
		return fiber.StatusForbidden, "denied"
	case errors.Is(err, errForged):
		return fiber.StatusForbidden, "forged"
	case errors.Is(err, store.ErrCursor):
		return fiber.StatusBadRequest, "cursor"
	case errors.Is(err, context.DeadlineExceeded):
		return fiber.StatusGatewayTimeout, "slow"
	}
	return fiber.StatusInternalServerError, "broken"
}
