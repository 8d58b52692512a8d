package customer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// linkChunk is how many people are linked at a time. With at most this many values in one IN list MariaDB still looks
// each up in the index; from 1,000 on it makes a temporary table of them.
const linkChunk = 900

var identityList = "i." + strings.Join(identityColumns, ", i.")

// linkAttempts is how often a chunk is begun anew because another process linked the same people meanwhile.
const linkAttempts = 5

// errRaced says that another process founded or moved an identity between our looking and our writing.
var errRaced = errors.New("somebody else linked the same people")

// Link finds for each person, in order, the profile they are, and makes those that are not there yet. It writes through
// db when that is the caller's transaction, else in one of its own for each 900 people. The same input twice changes no
// row. It needs a handful of statements for 900 people, and a few more for each guest that an account absorbs. Two
// processes may link the same address at once: one founds the profile and the other finds it. A deadlock ends the
// caller's transaction; store.InTx begins it anew.
func (r *Registry) Link(ctx context.Context, db bun.IDB, shopID int64, people []Person) ([]Linked, error) {
	linked := make([]Linked, 0, len(people))
	for chunk := range slices.Chunk(people, linkChunk) {
		var done []Linked
		err := store.Within(ctx, db, func(ctx context.Context, tx bun.IDB) error {
			var err error
			done, err = r.linkChunk(ctx, tx, shopID, chunk)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("linking people of shop %d: %w", shopID, err)
		}
		linked = append(linked, done...)
	}
	return linked, nil
}

func (r *Registry) linkChunk(ctx context.Context, tx bun.IDB, shopID int64, people []Person) ([]Linked, error) {
	for try := 1; ; try++ {
		b := &batch{r: r, tx: tx, shopID: shopID, now: r.now(), people: people,
			identities: make(map[key]*identity), profiles: make(map[int64]*profile), linked: make([]linkedTo, len(people))}
		err := b.run(ctx)
		if err == nil {
			return b.results(), nil
		}
		if !errors.Is(err, errRaced) || try == linkAttempts {
			return nil, err
		}
	}
}

// key is what makes an identity unique among its kind.
type key struct {
	kind   Kind
	shopID int64
	value  string
	slot   int64
}

// identity is an identity in the making or as found.
type identity struct {
	row     identityRow
	profile *profile
	via     *identity // of a new one: by which its person was recognised
	changed bool
}

// viaID is the id of the nearest identity behind this one that has one: those of one batch get theirs together.
func (i *identity) viaID() int64 {
	for v := i.via; v != nil; v = v.via {
		if v.row.ID != 0 {
			return v.row.ID
		}
	}
	return 0
}

// byHand says whether the staff decided where the identity belongs.
func (i *identity) byHand() bool { return i.row.LinkedBy == LinkedByStaff }

// profile is a profile in the making or as found.
type profile struct {
	row      profileRow
	before   profileRow
	phone    string      // as it was found
	founder  *identity   // of a new one: the identity that gives it its id
	accounts []*identity // as far as they are known here
	lead     *identity   // the account that became the one whose own word stands
	into     *profile    // set when absorbed
}

// living is the profile that this one went into, or itself.
func (p *profile) living() *profile {
	for p.into != nil {
		p = p.into
	}
	return p
}

// seen says whether an account's own row was ever read for this profile; orders alone do not show one.
func (p *profile) seen() bool { return p.row.AccountID != 0 || p.lead != nil }

// hasOther says whether the profile has another account of the shop, shown by its own row and still there.
func (p *profile) hasOther(account *identity, shopID int64) bool {
	return slices.ContainsFunc(p.accounts, func(i *identity) bool {
		return i != account && i.row.ShopID == shopID && i.row.Evidence == EvidenceAccount && i.row.GoneAt.IsZero()
	})
}

func (p *profile) isLead(account *identity) bool {
	return p.lead == account || p.lead == nil && p.row.AccountID == account.row.ID
}

// reachable says whether more is known of the profile than orders that name nobody.
func (p *profile) reachable() bool { return p.seen() || len(p.accounts) > 0 || p.row.Email != "" }

type moved struct {
	identity *identity
	from, to *profile
}

type phoneOf struct {
	profile *profile
	person  Person
	via     *identity
}

// asBefore says whether the number is the one that the profile shows since before this batch, which makes it one that the
// profile has: people mostly order with the same number again.
func (o phoneOf) asBefore() bool {
	return o.profile.into == nil && o.profile.phone == string(o.person.Phone)
}

type linkedTo struct {
	identity *identity
	created  bool
	took     []*profile
	erased   int64 // the emptied profile of somebody who was erased
	noEmail  bool
}

// batch is one attempt at linking some people.
type batch struct {
	r          *Registry
	tx         bun.IDB
	shopID     int64
	now        time.Time
	people     []Person
	identities map[key]*identity
	profiles   map[int64]*profile
	apart      map[[2]int64]bool  // profiles that the staff parted, both ways round
	erased     map[[32]byte]int64 // by the hashes of keys: the emptied profiles of people who were erased
	fresh      []*profile         // new profiles, in order
	phones     []phoneOf
	added      []*identity // new identities that did not found a profile, in order
	moved      []moved
	gone       []*identity // accounts that were just seen to be deleted
	altered    []int64     // profiles that may be like others now
	linked     []linkedTo
}

func (b *batch) run(ctx context.Context) error {
	if err := b.load(ctx); err != nil {
		return err
	}
	for i := range b.people {
		p, gone := b.withoutErased(b.people[i].clean())
		if gone.erased == 0 {
			noEmail := gone.noEmail
			gone = b.link(p)
			gone.noEmail = noEmail
		}
		b.linked[i] = gone
	}
	return b.save(ctx)
}

func (b *batch) results() []Linked {
	out := make([]Linked, len(b.linked))
	for i, l := range b.linked {
		if l.erased != 0 {
			out[i] = Linked{ProfileID: l.erased, IdentityID: l.erased, Erased: true}
			continue
		}
		if l.identity == nil {
			continue
		}
		out[i] = Linked{ProfileID: l.identity.profile.living().row.ID, IdentityID: l.identity.row.ID, Created: l.created, NoEmail: l.noEmail}
		for _, p := range l.took {
			if p.row.ID != 0 {
				out[i].Touched = append(out[i].Touched, p.row.ID)
			}
		}
	}
	return out
}

func (b *batch) account(k string) key { return key{kind: KindAccount, shopID: b.shopID, value: k} }
func (b *batch) order(k string) key   { return key{kind: KindOrder, shopID: b.shopID, value: k} }
func email(e contact.Email) key       { return key{kind: KindEmail, value: string(e)} }

// load reads the identities which the people show, and holds the profiles that own them.
func (b *batch) load(ctx context.Context) error {
	var keys []key
	for _, p := range b.people {
		keys = append(keys, p.keys(b.shopID)...)
	}
	rows, err := b.findIdentities(ctx, keys)
	if err != nil {
		return err
	}
	owners := make([]int64, 0, len(rows))
	for _, row := range rows {
		owners = append(owners, row.ProfileID)
	}
	if err := b.loadProfiles(ctx, owners); err != nil {
		return err
	}
	for _, row := range rows {
		owner := b.profiles[row.ProfileID]
		if owner == nil {
			return fmt.Errorf("identity %d belongs to profile %d, which is not there", row.ID, row.ProfileID)
		}
		if owner.row.Moves != row.OwnerMoves {
			return errRaced // it may be among what was taken away since we looked
		}
		b.know(row.identityRow)
	}
	if b.erased, err = b.r.erasedAs(ctx, b.tx, keys); err != nil {
		return err
	}
	if err := b.loadSeparations(ctx); err != nil {
		return err
	}
	return b.loadAccounts(ctx)
}

func (b *batch) know(row identityRow) {
	k := key{row.Kind, row.ShopID, row.Value, row.Slot}
	if _, known := b.identities[k]; known {
		return
	}
	i := &identity{row: row, profile: b.profiles[row.ProfileID]}
	b.identities[k] = i
	if row.Kind == KindAccount {
		i.profile.accounts = append(i.profile.accounts, i)
	}
}

// foundIdentity is an identity with its owner's count of moves at the moment it was read.
type foundIdentity struct {
	identityRow `bun:",extend"`
	OwnerMoves  int64
}

// findIdentities looks the keys up, each list of one kind in the unique index.
func (b *batch) findIdentities(ctx context.Context, keys []key) ([]foundIdentity, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	type list struct {
		kind   Kind
		shopID int64
	}
	values := map[list][]string{}
	for _, k := range keys {
		l := list{k.kind, k.shopID}
		values[l] = append(values[l], k.value)
	}
	var parts []string
	var args []any
	for _, l := range slices.SortedFunc(maps.Keys(values), func(a, c list) int { return strings.Compare(string(a.kind), string(c.kind)) }) {
		slices.Sort(values[l])
		parts = append(parts, "SELECT "+identityList+", COALESCE((SELECT p.moves FROM crm_profiles p WHERE p.id = i.profile_id), 0) AS owner_moves"+
			" FROM crm_identities i WHERE i.kind = ? AND i.value IN (?) AND i.shop_id = ? AND i.slot = 0")
		args = append(args, l.kind, bun.List(slices.Compact(values[l])), l.shopID)
	}
	var rows []foundIdentity
	if err := b.tx.NewRaw(strings.Join(parts, " UNION ALL "), args...).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("looking identities up: %w", err)
	}
	return rows, nil
}

// loadProfiles holds profiles until the transaction ends, in the order of their ids, as everybody does who holds several.
func (b *batch) loadProfiles(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var rows []profileRow
	err := b.tx.NewSelect().Model(&rows).Column(profileColumns...).
		Where("id IN (?)", bun.List(slices.Compact(ids))).
		OrderExpr("id").
		For("UPDATE").
		Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading profiles: %w", err)
	}
	for _, row := range rows {
		if row.MergedInto != 0 || !row.ErasedAt.IsZero() {
			return errRaced // its identities have moved, or are gone, since we looked
		}
		b.profiles[row.ID] = &profile{row: row, before: row, phone: row.Phone}
	}
	return nil
}

// loadSeparations reads whom the staff parted from whom, for those profiles that are marked. Mostly none is.
func (b *batch) loadSeparations(ctx context.Context) error {
	var ids []int64
	for id, p := range b.profiles {
		if p.row.Parted {
			ids = append(ids, id)
		}
	}
	var err error
	b.apart, err = b.r.separations(ctx, b.tx, ids)
	return err
}

// separations gives which pairs with one of the profiles in it the staff parted, both ways round: of living profiles,
// also where one of them went into another since.
func (r *Registry) separations(ctx context.Context, db bun.IDB, ids []int64) (map[[2]int64]bool, error) {
	apart := map[[2]int64]bool{}
	for part := range slices.Chunk(ids, linkChunk) {
		const read = `SELECT COALESCE(a.merged_into, a.id) AS a, COALESCE(o.merged_into, o.id) AS b FROM crm_separations s
			JOIN crm_profiles a ON a.id = s.profile_id JOIN crm_profiles o ON o.id = s.other_id WHERE `
		var rows []struct{ A, B int64 }
		list := bun.List(part)
		err := db.NewRaw(read+"s.profile_id IN (?) UNION "+read+"s.other_id IN (?) UNION "+read+"a.merged_into IN (?) UNION "+read+"o.merged_into IN (?)", list, list, list, list).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("reading whom the staff parted: %w", err)
		}
		for _, row := range rows {
			apart[[2]int64{row.A, row.B}], apart[[2]int64{row.B, row.A}] = true, true
		}
	}
	return apart, nil
}

// parted says whether the staff parted the two: then nothing that a shop says joins them again.
func (b *batch) parted(p, q *profile) bool { return b.apart[[2]int64{p.row.ID, q.row.ID}] }

// loadAccounts reads the accounts of those profiles to which an account's own row leads by the word of an order only, for
// only there it matters who else has one. Mostly there are none.
func (b *batch) loadAccounts(ctx context.Context) error {
	var ids []int64
	for _, p := range b.people {
		if p.Evidence != EvidenceAccount {
			continue
		}
		for _, i := range []*identity{b.identities[b.account(p.AccountKey)], b.identities[email(p.Email)]} {
			if i != nil && i.row.Evidence == EvidenceOrder {
				ids = append(ids, i.profile.row.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var rows []identityRow
	err := b.tx.NewSelect().Model(&rows).Column(identityColumns...).
		Where("profile_id IN (?)", bun.List(slices.Compact(ids))).
		Where("kind = ?", KindAccount).
		Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading accounts: %w", err)
	}
	for _, row := range rows {
		b.know(row)
	}
	return nil
}

// withoutErased finds people who were erased, and takes the address of one of them from somebody who has an account.
func (b *batch) withoutErased(p Person) (Person, linkedTo) {
	if len(b.erased) == 0 {
		return p, linkedTo{}
	}
	gone := func(k key) int64 { return b.erased[k.hash()] }
	if p.AccountKey != "" {
		if id := gone(b.account(p.AccountKey)); id != 0 {
			return p, linkedTo{erased: id}
		}
	}
	if p.OrderKey != "" {
		if id := gone(b.order(p.OrderKey)); id != 0 {
			return p, linkedTo{erased: id}
		}
	}
	if p.Email == "" {
		return p, linkedTo{}
	}
	id := gone(email(p.Email))
	if id == 0 {
		return p, linkedTo{}
	}
	if p.AccountKey != "" && b.identities[b.account(p.AccountKey)] != nil {
		p.Email = ""
		return p, linkedTo{noEmail: true}
	}
	return p, linkedTo{erased: id}
}

// link decides, in memory, who one person is. The package comment has the rules.
func (b *batch) link(p Person) linkedTo {
	var account, address, order *identity
	if p.AccountKey != "" {
		account = b.identities[b.account(p.AccountKey)]
	}
	if p.Email != "" {
		address = b.identities[email(p.Email)]
	}
	if p.OrderKey != "" {
		order = b.identities[b.order(p.OrderKey)]
	}
	if p.Deleted && p.Evidence == EvidenceAccount {
		return b.leave(account)
	}

	own := p.Evidence == EvidenceAccount
	var who *profile
	var did linkedTo
	// What an order said of an account or an address gives way when an account shows by its own row that it is otherwise.
	foreign := own && address != nil && address.row.Evidence == EvidenceOrder && !address.byHand() && address.profile.living().hasOther(account, b.shopID)
	parting := own && account != nil && account.row.Evidence == EvidenceOrder && !account.byHand() && p.Email != "" && !foreign &&
		(address == nil || address.profile.living() != account.profile.living()) && account.profile.living().hasOther(account, b.shopID)
	switch {
	case account != nil && !parting:
		who = account.profile.living()
	case address != nil && !foreign:
		who = address.profile.living()
	case p.AccountKey == "" && p.Email == "" && order != nil:
		who = order.profile.living()
	default:
		who = &profile{row: profileRow{ShopID: b.shopID, CreatedAt: b.now}}
		b.fresh = append(b.fresh, who)
		did.created = true
	}

	if p.AccountKey != "" && account == nil {
		account = b.attach(who, b.account(p.AccountKey), p, address)
	}
	if p.Email != "" && address == nil {
		address = b.attach(who, email(p.Email), p, account)
	}
	if parting {
		b.move(account, who, &did)
	}
	if foreign && address.profile.living() != who {
		b.move(address, who, &did)
	}
	if own {
		account.show(p)
		if address != nil && address.profile.living() == who && address.row.Evidence == EvidenceOrder {
			address.show(p)
		}
	}
	if p.AccountKey != "" && address != nil {
		switch other := address.profile.living(); {
		case other == who, b.parted(other, who):
		case !other.seen():
			absorb(other, who, &did)
		case !who.seen():
			absorb(who, other, &did)
			who = other
		}
	}
	if p.AccountKey == "" && p.Email == "" && p.OrderKey != "" && order == nil {
		order = b.attach(who, b.order(p.OrderKey), p, nil)
	} else if order != nil && order.profile.living() != who && !order.profile.living().reachable() && !b.parted(order.profile.living(), who) {
		absorb(order.profile.living(), who, &did) // the order was given an account or an address since
	}

	owns := address != nil && address.profile.living() == who
	lead := own && (!who.seen() || !who.row.HasAccount || who.isLead(account))
	if own {
		who.row.HasAccount = true
		if lead {
			who.lead = account
		}
	}
	who.row.learn(p, lead, owns)
	did.identity = cmp.Or(account, address, order)
	if p.Phone != "" {
		b.phones = append(b.phones, phoneOf{who, p, did.identity})
	}
	return did
}

// leave marks an account that the shop has deleted. The person stays: orders and consents are theirs still.
func (b *batch) leave(account *identity) linkedTo {
	if account != nil && account.row.GoneAt.IsZero() {
		account.row.GoneAt = null(b.now)
		b.gone = append(b.gone, account)
	}
	return linkedTo{identity: account}
}

func (b *batch) attach(who *profile, k key, p Person, via *identity) *identity {
	i := &identity{profile: who, via: via, row: identityRow{Kind: k.kind, ShopID: k.shopID, Value: k.value, Evidence: p.Evidence,
		EvidenceRef: p.Ref, LinkedBy: LinkedBySystem, CreatedAt: b.now}}
	b.identities[k] = i
	b.own(i, who)
	if i.row.Kind == KindAccount {
		who.accounts = append(who.accounts, i)
	}
	return i
}

// own makes a new identity the founder of a new profile that has none yet, else one more to be added.
func (b *batch) own(i *identity, who *profile) {
	if who.row.ID == 0 && who.founder == nil {
		who.founder = i
	} else {
		b.added = append(b.added, i)
	}
}

// move gives an identity to another profile, which has or will have a founder of its own.
func (b *batch) move(i *identity, to *profile, did *linkedTo) {
	from := i.profile.living()
	switch at := slices.Index(b.added, i); {
	case i.row.ID != 0:
		b.moved = append(b.moved, moved{i, from, to})
		did.took = append(did.took, from)
	case at >= 0:
		b.added = slices.Delete(b.added, at, at+1)
		b.own(i, to)
	default: // it was to found from, which has at least the account for whose sake it moves
		heir := slices.IndexFunc(b.added, func(a *identity) bool { return a.profile.living() == from })
		from.founder = b.added[heir]
		b.added = slices.Delete(b.added, heir, heir+1)
		b.own(i, to)
	}
	i.profile, i.via, i.row.ViaID = to, nil, 0
	if i.row.Kind == KindAccount {
		from.accounts = slices.DeleteFunc(from.accounts, func(a *identity) bool { return a == i })
		to.accounts = append(to.accounts, i)
	} else if from.row.Email == i.row.Value {
		from.row.Email = ""
		from.row.OwnFields &^= fieldEmail
	}
}

// show notes that the account's own row was seen.
func (i *identity) show(p Person) {
	if i.row.Evidence == EvidenceAccount && i.row.GoneAt.IsZero() {
		return
	}
	i.row.Evidence, i.row.EvidenceRef, i.row.GoneAt, i.changed = EvidenceAccount, p.Ref, bun.NullTime{}, true
}

// absorb makes the guest a part of who.
func absorb(guest, who *profile, did *linkedTo) {
	guest.into = who
	who.row.Joined = true
	who.row.Parted = who.row.Parted || guest.row.Parted
	who.accounts = append(who.accounts, guest.accounts...)
	who.row.learnFrom(guest.row)
	did.took = append(did.took, guest)
}
