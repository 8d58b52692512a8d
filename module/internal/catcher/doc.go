// Package catcher is the mail server of a first run: it accepts every message over SMTP, delivers none, and shows them in
// the browser. Tests and benchmarks use it as a server that answers as they wish (Config.Fault, Config.Delay) or that only
// counts (Config.Sink).
//
// It owns no table: messages are in memory, the newest Config.Keep of them, and gone with the process. It promises to answer
// 250 only after the message is kept. Mail is foreign text: message pages are shown in a sandboxed frame under a policy that
// runs no script. There is no password, so it belongs on a loopback address; the daemon puts it there.
//
// The web pages, relative to where Handler is mounted (which must be a root):
//
//	GET    /                         the list, newest first; ?to= searches in recipients, ?before= pages
//	GET    /messages/{id}            one message
//	GET    /messages/{id}/html       its HTML part alone, as the frame shows it
//	GET    /messages/{id}/source     the bytes as received
//	POST   /delete                   forget everything, then back to the list
//	GET    /api/messages?to=&limit=  JSON array, newest first, without bodies
//	GET    /api/messages/{id}        JSON of one message with headers, text, html, links
//	DELETE /api/messages             forget everything
package catcher
