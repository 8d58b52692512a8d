// Package delivery gets messages to people exactly as often as it says: one message to one profile is one row in a
// ledger, and the row's state, committed before and after each step on the wire, is the truth about it. It is the only
// room that knows SMTP and go-mail.
//
// It owns the tables crm_mailings (one message, or one kind of message, to one audience) and crm_deliveries (the ledger).
// Rooms above make mailings: they register a [Renderer] for their kind, freeze an audience with [Post.Freeze], start it
// with [Post.StartMailing], and ask [Post.Progress].
//
// A delivery moves through these states:
//
//	queued ──> leased ──> sending ──> sent
//	  ^  ^        │          ├──────> deferred ──> queued   a temporary answer: again after a pause, a limited number of times
//	  │  └────────┘          ├──────> bounced               a permanent answer
//	  └──────────────────────┤                              the connection was lost before the message was complete
//	                         └──────> uncertain             it was lost after: nobody can know, and it is not repeated
//	skipped, with a reason: at freezing or at the last moment
//
// What holds, whatever is killed when:
//
//   - Nobody twice. The primary key is (mailing, profile), one address gets one message of a mailing, and a row whose
//     message may have been accepted is never sent again.
//   - Nobody lost. A row is in "sending" only while its own message's content may be on the wire: each connection has at
//     most one such row. When a process dies, its rows in "leased" are queued again as soon as their lease has expired,
//     and those in "sending", one per open connection at most, become "uncertain".
//   - No consent, no mail. Consent and suppression are looked at when the audience is frozen and again not more than a
//     second before a message goes out.
//
// SMTP itself cannot promise more (RFC 1047): between a message's final dot and the server's answer both sides have it.
//
// Connections are dialled, secured and authenticated by go-mail; the commands on them are written here, because the
// state must be committed between a server's "go ahead" and the content, because MAIL, RCPT and DATA go out together
// with the end of the message before where the server allows it (RFC 2920), and because composing and stuffing a
// message through general writers costs ten times the processor time that sending it does. Leases are measured by the
// database's clock, everything else by Config.Clock.
package delivery
