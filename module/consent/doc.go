// Package consent decides who may be mailed. It keeps a ledger to which entries are only ever added, the state that
// follows from it for each profile, topic and shop, the addresses that must get no marketing mail whatever they once
// agreed to, the topics there are, and the requests to subscribe that still wait to be confirmed from the mailbox.
//
// It owns crm_consents, crm_consent_states, crm_suppressions, crm_topics and crm_opt_ins.
//
// The rules:
//
//   - No entry, no mail. A state is granted only where somebody said so.
//   - A profile may have several identities (addresses, accounts). For each of them the last entry on a topic of a shop
//     counts; over all of them the strictest wins: one withdrawal is a withdrawal. So it stays right when two profiles
//     turn out to be one person, and again when they are parted, because an entry follows its identity.
//   - An entry without an identity is the person speaking for themselves, as on the preference page: a grant then
//     speaks for each identity that had withdrawn, and a later grant by any identity answers such a withdrawal.
//   - A withdrawal that is in force already is not written again; a grant always is, for it renews the evidence.
//   - A suppression is kept under the hash of the address, so that it outlives the erasure of the person.
//
// Entries are written by module/customer, which finds the profile and holds its lock; [Ledger.May] is asked by
// module/delivery at the last moment before each mail; the SQL fragments are for module/segment and module/delivery.
package consent
