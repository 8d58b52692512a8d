// Package newsletter is where newsletters are written, checked, sent and looked back on.
//
// It owns crm_newsletters (one message to one audience) and crm_brands (how a shop's mails look and who they are from).
// The panel and the command line call [Desk]; delivery calls it as the renderer of [MailingKind]; the storefront shows
// [Desk.View]; the daemon calls [Desk.DueTick].
//
// # Content
//
// A newsletter is a list of typed blocks ([Block]), kept as JSON and read strictly. Texts are Markdown, sanitised;
// merge tags are Liquid without loops and assignments, over a closed list of [Fields] and a few bounded filters. What a
// draft may not hold at all is an [*InvalidError]; what only must be mended before it goes out is a [Problem], which
// [Desk.Check] finds and [Desk.Send] refuses. Both name block, field and line, in a sentence of the catalogue.
//
// # Rendering
//
// A newsletter is compiled once into programs (program.go): static bytes, and between them instructions for what differs
// from person to person. Merge tags become marks before the text goes through Markdown, the sanitiser and html/template, and
// the marks become instructions after, so no person's data ever passes through any of these: it is escaped and put in
// its place, in one walk per mail. That takes about 15 µs. Blocks of recommendations are resolved for a whole batch with
// a constant number of queries. Products are read anew every minute: what is sold out meanwhile is left out.
//
// Promises: every link is counted, but for those in previews and tests; every mail has its sender's postal address, says
// why it came, and can be unsubscribed from; a name with markup or merge tags in it is shown as it is; a newsletter is
// sent once, however often the button is pressed, and what was frozen is sent even after a crash.
//
// # Links of a mail
//
// <BaseURL>/s/unsubscribe/…, /s/preferences/… and /s/m/… carry tokens of the purposes [PurposeUnsubscribe],
// [PurposePreferences] and [PurposeBrowser]. Mailing 0 with profile 0 is a test mail's: whoever shows those pages says so
// and changes nothing. In [PurposeBrowser] a negative mailing is a newsletter's id, for previews.
//
// # Files
//
// `kupec newsletter send FILE.json` reads one object. name, subject, segment and blocks are needed; preheader, topic
// (default "newsletter"), language (default the shop's) and shop (needed where there are several) are not. segment is a
// tree as package segment describes it. A product is named by its SKU, or by product_id, its number in the panel.
//
//	{
//	  "name": "Filters for everybody with a dripper",
//	  "subject": "{{ profile.first_name | default: \"friend\" }}, do you still have filters?",
//	  "preheader": "A hundred cups later",
//	  "language": "en",
//	  "segment": {"all": []},
//	  "blocks": [
//	    {"kind": "heading", "text": "Time for new filters"},
//	    {"kind": "text", "text": "Your last pack was **100 cups** ago. [All filters]({{ shop.url }}/filters)"},
//	    {"kind": "image", "url": "https://shop.example/filters.jpg", "alt": "A pack of filters", "link": "https://shop.example/filters"},
//	    {"kind": "product", "sku": "FILTER-02", "text": "100 pieces"},
//	    {"kind": "recommendations", "text": "Goes with what you have", "count": 2, "reason": true},
//	    {"kind": "divider"},
//	    {"kind": "button", "text": "To the shop", "url": "https://shop.example/"}
//	  ]
//	}
//
// Anything else in it is refused with its place: `blocks[1].text (line 3): There is no field "profile.nickname" …`.
package newsletter
