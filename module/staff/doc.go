// Package staff is who may enter the control panel, what each may do there, and what was done.
//
// It owns crm_staff, crm_sessions and crm_audit. It promises: passwords are kept as argon2id; a session is known to the
// database only by its hash; guessing is slowed and then locked out; a one-time code works once; and every act goes
// into the audit log in the transaction of the act itself.
//
// Who acts travels in the context ([WithActor], or [WithSystem] for the program's own work). A domain method that reveals
// or changes something asks [Require] first, so that a screen or a command that forgets to ask cannot open a door.
package staff
