package admin

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func (a *Admin) newsletterTest(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/newsletters/%d", id)
	to, err := contact.ParseEmail(v.form("to"))
	if _, sentence, ok := v.invalidInput(err); ok {
		return v.refused(path, sentence)
	}
	if err != nil {
		return err
	}
	as, err := strconv.ParseInt(v.form("as"), 10, 64)
	if err != nil || as < 0 {
		as = 0
	}
	err = a.rooms.Newsletters.SendTest(v.ctx, id, to, as)
	var denied *staff.DeniedError
	switch {
	case errors.Is(err, store.ErrNotFound), errors.As(err, &denied):
		return err
	case err != nil:
		if sentence, ok := v.newsletterRefusal(err); ok {
			return v.refused(path, sentence)
		}
		a.cfg.Logger.WarnContext(v.ctx, "a test mail could not be sent", "request", v.requestID, "newsletter", id, "error", err)
		return v.refused(path, v.t("newsletters.test.failed"))
	}
	return v.done(path, "newsletters.test.sent", "address", to.Unicode())
}

func (a *Admin) newsletterSend(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	_, err = a.rooms.Newsletters.Send(v.ctx, id)
	path := fmt.Sprintf("/newsletters/%d", id)
	var notReady *newsletter.NotReadyError
	if errors.As(err, &notReady) {
		sentence, _ := v.newsletterRefusal(err)
		return v.refused(path+"?tab=checks", sentence)
	}
	if errors.Is(err, newsletter.ErrState) {
		return v.redirect(path) // pressed twice: the report shows what the first press did
	}
	if sentence, ok := v.newsletterRefusal(err); ok {
		return v.refused(path, sentence)
	}
	if err != nil {
		return err
	}
	return v.done(path, "newsletters.started")
}

func (a *Admin) newsletterSchedule(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/newsletters/%d", id)
	at, err := time.ParseInLocation(localTime, v.form("at"), v.shop.Zone)
	if err != nil {
		return v.refused(path, v.t("newsletters.schedule.unreadable"))
	}
	_, err = a.rooms.Newsletters.Schedule(v.ctx, id, at)
	var notReady *newsletter.NotReadyError
	if sentence, ok := v.newsletterRefusal(err); ok {
		if errors.As(err, &notReady) {
			path += "?tab=checks"
		}
		return v.refused(path, sentence)
	}
	if err != nil {
		return err
	}
	return v.done(path, "newsletters.scheduled", "when", v.p.DateTime(at))
}
