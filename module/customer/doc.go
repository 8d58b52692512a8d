// Package customer knows who is who. A profile is one person; it owns the identities by which that person is
// recognised: shop accounts, e-mail addresses, phone numbers, single orders. Each identity keeps the evidence by which
// it was linked, and the profile it came from, so that a link can be undone.
//
// It owns crm_profiles, crm_identities, crm_name_words and crm_notes; crm_regroupings and crm_separations, what the staff
// merged and parted; crm_suggestions with crm_changed_people and crm_likenesses, by which they are found; crm_spellings; crm_erasures. Intake feeds accounts and orders through [Registry.Link], the
// storefront subscriptions through [Registry.Confirm] and choices through [Registry.Choose]; the control panel reads
// profiles, lists, searches, and the timeline, to which rooms above add their moments ([Registry.AddTimeline]).
//
// How people are linked:
//
//   - The same account of the same shop is the same person; then the same normalised address. A phone alone never
//     links. An order with neither is a person of its own.
//   - An account that shows an address takes over the guest who was known by it: the guest's identities, orders,
//     consents and notes move, and the guest's profile points to where it went (merged_into).
//   - Two profiles that both have an account are never joined by themselves; the address stays where it was first.
//   - An order says less than an account's own row: what the account says of itself stands, and of the orders the newest
//     one fills in what the account leaves blank.
//   - Whatever the order in which accounts and guest orders arrive, the same people come out.
//
// What the staff decides stands above all of that:
//
//   - [Registry.Merge] and [Registry.Unlink] say before what moves ([Registry.PreviewMerge], [Registry.PreviewUnlink]) and
//     can be undone at any later time, in any order. Everything follows its identity, also what came after: orders,
//     consents, and identities that were recognised by it. Both profiles then tell what their own things say.
//   - What was unlinked is never joined again by what a shop says, nor suggested; merged identities are not taken away.
//   - After a merge the strictest consent wins. A complaint made from one address silences the whole person; a withdrawal
//     made while two were one holds for both after an undoing.
//   - A phone, the same name at the same postal address, or an e-mail address one slip away under the same name, only
//     suggest ([Registry.RefreshSuggestions]). A number of more than five people suggests nothing.
//
// [Registry.Access] gives out everything that is known of a person, and [Registry.Erase] forgets them, in all rooms: those
// above say and forget their part as a [Keeper]. Of an erased person stay an empty profile, orders with keys and sums and
// without a person, and hashes of the addresses and of the shop's keys of accounts and orders. By these [Registry.Link] knows
// whom the shop delivers again: [Linked] says Erased, and whoever writes such an order writes nobody's. Whoever subscribes
// anew from their mailbox is a new person from then on.
//
// A merged profile points to the living one at the end of the chain (merged_into), so that rooms that keep rows by profile
// find those of merged ones in one step.
//
// A profile's id is the id of its first identity. That makes founding a profile safe without gapless ids: whoever
// inserts the identity, under its unique key, founds the profile.
package customer
