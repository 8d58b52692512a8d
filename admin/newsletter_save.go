package admin

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/store"
)

// newsletterSave keeps what was typed, and then does what the pressed button says. A script that saves while somebody
// types gets only the parts of the page that depend on the content.
func (a *Admin) newsletterSave(v *visit) error {
	kept, err := v.newsletter()
	if err != nil {
		return err
	}
	n := kept
	n.Name, n.Subject, n.Preheader, n.Language = v.form("name"), v.form("subject"), v.form("preheader"), v.form("language")
	n.Version, err = strconv.Atoi(v.form("version"))
	if err != nil {
		return store.ErrNotFound
	}
	do, target, _ := strings.Cut(v.form("do"), ":")
	auto := do == "autosave"
	path := fmt.Sprintf("/newsletters/%d", n.ID)

	n.Blocks = v.typedBlocks(kept.Blocks)
	open := arrange(&n, do, target)
	saved, err := a.rooms.Newsletters.Update(v.ctx, n)
	var invalid *newsletter.InvalidError
	switch {
	case errors.As(err, &invalid):
		page, err := v.newsletterPage(n, invalid)
		if err != nil {
			return err
		}
		if auto {
			return v.respond(fiber.StatusUnprocessableEntity, "newsletter_edit", "live", page)
		}
		return v.renderInvalid("newsletter_edit", page)
	case errors.Is(err, newsletter.ErrConflict):
		// Theirs is kept. What was typed here stays on the screen, and may be saved over it.
		n.Version = kept.Version
		page, err := v.newsletterPage(n, nil)
		if err != nil {
			return err
		}
		page.Conflict = true
		if auto {
			page.Version = v.form("version")
			return v.respond(fiber.StatusConflict, "newsletter_edit", "live", page)
		}
		return v.respond(fiber.StatusConflict, "newsletter_edit", "layout", page)
	case errors.Is(err, newsletter.ErrState):
		return v.refused(path, v.t("newsletters.wrong_state"))
	case err != nil:
		return err
	}
	if auto {
		page, err := v.newsletterPage(saved, nil)
		if err != nil {
			return err
		}
		return v.fragment("newsletter_edit", "live", page)
	}
	values := url.Values{}
	if as := v.form("as"); as != "" {
		values.Set("as", as)
	}
	if do == "find" {
		values.Set("find", v.form("find."+target))
	}
	if open == "" {
		return v.done(path+"?"+values.Encode(), "newsletters.saved")
	}
	values.Set("block", open)
	return v.redirect(path + "?" + values.Encode() + "#block-" + url.PathEscape(open))
}

// typedBlocks reads the blocks of the form, in their order there. What the form does not show of a block stays as it was.
func (v *visit) typedBlocks(kept []newsletter.Block) []newsletter.Block {
	var blocks []newsletter.Block
	for _, id := range v.forms("block") {
		text := func(name string) string { return strings.ReplaceAll(v.form(name+"."+id), "\r\n", "\n") }
		b := newsletter.Block{ID: id, Kind: newsletter.Kind(v.form("kind." + id))}
		if i := slices.IndexFunc(kept, func(k newsletter.Block) bool { return k.ID == id && k.Kind == b.Kind }); i >= 0 {
			b = kept[i]
		}
		switch b.Kind {
		case newsletter.KindHeading, newsletter.KindText:
			b.Text = text("text")
		case newsletter.KindImage:
			b.URL, b.Alt, b.Link = text("url"), text("alt"), text("link")
		case newsletter.KindButton:
			b.Text, b.URL = text("text"), text("url")
		case newsletter.KindProduct:
			b.Text = text("text")
			if product, err := strconv.ParseInt(v.form("product."+id), 10, 64); err == nil {
				b.ProductID = product
			}
		case newsletter.KindRecommendations:
			b.Text, b.Reason = text("text"), v.form("reason."+id) != ""
			if count, err := strconv.Atoi(v.form("count." + id)); err == nil {
				b.Count = count
			}
			if pick := v.form("pick." + id); slices.Contains(newsletter.Picks, pick) {
				b.Pick = pick
			}
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// arrange does what a button of the editor says and gives the block that should be open then.
func arrange(n *newsletter.Newsletter, do, target string) (open string) {
	at := slices.IndexFunc(n.Blocks, func(b newsletter.Block) bool { return b.ID == target })
	switch do {
	case "add":
		b := newsletter.NewBlock(newsletter.Kind(target), n.Blocks)
		n.Blocks = append(n.Blocks, b)
		return b.ID
	case "find", "open":
		return target
	case "up":
		if at > 0 {
			n.Blocks[at-1], n.Blocks[at] = n.Blocks[at], n.Blocks[at-1]
		}
		return target
	case "down":
		if at >= 0 && at < len(n.Blocks)-1 {
			n.Blocks[at+1], n.Blocks[at] = n.Blocks[at], n.Blocks[at+1]
		}
		return target
	case "copy":
		if at >= 0 {
			twin := n.Blocks[at]
			twin.ID = newsletter.NewBlock(twin.Kind, n.Blocks).ID
			n.Blocks = slices.Insert(n.Blocks, at+1, twin)
			return twin.ID
		}
	case "remove":
		if at >= 0 {
			n.Blocks = slices.Delete(n.Blocks, at, at+1)
		}
	}
	return ""
}
