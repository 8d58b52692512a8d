// Package storefront answers shoppers over HTTP: the sign-up form and its confirmation, the preference page, one-click
// unsubscribing (RFC 8058), counted links, the opening picture, and a mail shown in the browser. It owns no table and
// holds no rule: each handler reads a request, calls one room, and answers.
//
// It stands at <base>/s, which [Storefront.Mount] is given:
//
//	GET  /form                 the sign-up form as a page
//	POST /subscribe            asks for a subscription (urlencoded; also from other origins, JSON when asked for)
//	GET  /embed.js             turns <div data-kupec-form> on the shop's own pages into the form
//	GET  /confirm/:token       a button; POST confirms
//	GET  /preferences/:token   topics and language; POST saves
//	GET  /unsubscribe/:token   a button; POST withdraws, also without a cookie or a form, as mailbox providers do it
//	GET  /c/:token             a counted link: leads to where the mail said, nowhere else
//	GET  /o/:token.gif         the opening picture
//	GET  /m/:token             the mail in the browser
//
// Programs that look through mail follow its links, so a GET or HEAD never changes anything about a person. Nobody signs
// in here: a token, made by newsletter, attribution or this room, is the right to act for one person. It is bound to its
// purpose and cannot be changed. Pages tell nobody whether an address is known, neither in words nor by how long they
// take: confirmations are mailed by a background job.
//
// Behind a proxy the app that mounts these routes must say so, or all shoppers share the proxy's address and its rate
// limit: fiber.Config{ProxyHeader: fiber.HeaderXForwardedFor, EnableTrustedProxyCheck: true, TrustedProxies: …}. Without
// EnableTrustedProxyCheck anybody could claim any address.
package storefront
