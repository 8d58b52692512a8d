package storefront

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/newsletter"
)

func (v *visit) touch() attribution.Visit {
	return attribution.Visit{IP: v.ip, UserAgent: v.agent, Method: strings.Clone(v.c.Method())}
}

// click counts and redirects. Where to is what the mail's maker stored for the link; nothing in the request can change it.
func (s *Storefront) click(v *visit) error {
	click, err := s.rooms.Clicks.ResolveClick(v.ctx, v.param("token"))
	if err != nil {
		var bad *attribution.TokenError
		if errors.As(err, &bad) && !s.guessing.allow(v.ip) {
			return errTooMany
		}
		return err
	}
	if !strings.HasPrefix(click.URL, "https://") && !strings.HasPrefix(click.URL, "http://") {
		return errBadLink
	}
	if v.c.Method() == fiber.MethodGet {
		if err := s.rooms.Clicks.RecordClick(v.ctx, click, v.touch()); err != nil {
			// The reader wants to get there whether or not we can count.
			s.cfg.Logger.ErrorContext(v.ctx, "a click was not counted", "mailing", click.MailingID, "error", err)
		}
	}
	v.c.Set(fiber.HeaderReferrerPolicy, "origin") // the shop may know that it was Kupec, not which token
	return v.c.Redirect(click.URL, fiber.StatusFound)
}

// pixel is a transparent GIF of one pixel.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// opening answers with a picture whatever the token is: a mail program would only show a broken one.
func (s *Storefront) opening(v *visit) error {
	text, _ := strings.CutSuffix(v.param("file"), ".gif")
	if o, err := s.rooms.Clicks.ResolveOpen(text); err == nil && v.c.Method() == fiber.MethodGet {
		if err := s.rooms.Clicks.RecordOpen(v.ctx, o, v.touch()); err != nil {
			s.cfg.Logger.ErrorContext(v.ctx, "an opening was not counted", "mailing", o.MailingID, "error", err)
		}
	}
	v.c.Set(fiber.HeaderContentType, "image/gif")
	v.c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return v.c.SendString(pixel)
}

// view shows a mail in the browser. Its styles are inline, as mail programs need them, and its pictures may be anywhere;
// nothing in it can run.
func (s *Storefront) view(v *visit) error {
	values, err := v.verify(newsletter.PurposeBrowser, 2)
	if err != nil {
		return err
	}
	mail, err := s.rooms.Letters.View(v.ctx, values[0], values[1])
	if err != nil {
		return err
	}
	v.c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-top-navigation-by-user-activation")
	v.c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return v.c.SendString(mail.HTML)
}
