package storefront

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// assets are the two files that browsers fetch.
type assets struct {
	css, cssName string // address and name, which changes with the content
	style        []byte
	script       []byte
	scriptTag    string
}

// embedWords are what the embedded form says, by language.
var embedWords = []string{"form.email", "form.first_name", "form.optional", "form.consent", "form.button", "form.sending", "form.failed"}

func (s *Storefront) loadAssets() (assets, error) {
	var a assets
	var err error
	if a.style, err = files.ReadFile("static/style.css"); err != nil {
		return a, err
	}
	a.cssName = "style." + sum(a.style) + ".css"
	a.css = s.prefix + "/static/" + a.cssName
	script, err := files.ReadFile("static/embed.js")
	if err != nil {
		return a, err
	}
	words := map[string]map[string]string{}
	for _, lang := range s.languages {
		p := s.catalogue.Printer(lang, nil)
		words[lang] = map[string]string{}
		for _, key := range embedWords {
			words[lang][strings.TrimPrefix(key, "form.")] = p.T(key, "shop", "{shop}") // the script knows its page's shop
		}
	}
	raw, err := json.Marshal(words)
	if err != nil {
		return a, err
	}
	action, err := json.Marshal(s.cfg.BaseURL + "/s/subscribe")
	if err != nil {
		return a, err
	}
	a.script = []byte(strings.NewReplacer("__WORDS__", string(raw), "__ACTION__", string(action)).Replace(string(script)))
	a.scriptTag = `"` + sum(a.script) + `"`
	return a, nil
}

func sum(b []byte) string {
	hash := sha256.Sum256(b)
	return hex.EncodeToString(hash[:6])
}

func (s *Storefront) static(v *visit) error {
	if v.param("file") != s.assets.cssName {
		return errNoPage
	}
	v.c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	v.c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	return v.c.Send(s.assets.style)
}

func (s *Storefront) embed(v *visit) error {
	v.c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	v.c.Set(fiber.HeaderETag, s.assets.scriptTag)
	v.c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	v.c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // so that a page may pin it with integrity=
	v.c.Response().Header.Del(fiber.HeaderVary)
	if v.c.Get(fiber.HeaderIfNoneMatch) == s.assets.scriptTag {
		return v.c.SendStatus(fiber.StatusNotModified)
	}
	v.c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
	return v.c.Send(s.assets.script)
}

// Snippet is what a shop's developer copies into a page to have the form there: one line with the script, and the same
// form as plain HTML for pages without it. lang is a language of the form, shop the shop's name and heading its title.
func (s *Storefront) Snippet(lang, shop, heading string) (script, plain string) {
	p := s.catalogue.Printer(lang, nil)
	e := html.EscapeString
	script = fmt.Sprintf("<div data-kupec-form data-lang=\"%s\" data-shop=\"%s\" data-name=\"%s\"></div>\n<script src=\"%s/s/embed.js\" async></script>",
		e(p.Lang()), e(shop), e(heading), e(s.cfg.BaseURL))
	plain = fmt.Sprintf(`<form action="%s/s/subscribe" method="post">
  <input type="hidden" name="lang" value="%s">
  <input type="hidden" name="shop" value="%s">
  <input type="hidden" name="topic" value="newsletter">
  <label>%s <input type="email" name="email" autocomplete="email" required maxlength="254"></label>
  <p hidden><label>Website <input name="website" tabindex="-1" autocomplete="off"></label></p>
  <p>%s</p>
  <button>%s</button>
</form>`, e(s.cfg.BaseURL), e(p.Lang()), e(shop), e(p.T("form.email")), e(p.T("form.consent", "shop", heading)), e(p.T("form.button")))
	return script, plain
}
