package consent

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
)

// Recipient is a profile about to be mailed at an address.
type Recipient struct {
	ProfileID int64
	Email     contact.Email
}

// Why somebody may not be mailed.
const (
	ReasonNoConsent  = "no_consent" // never said yes
	ReasonWithdrawn  = "withdrawn"  // said yes once, and no since
	ReasonSuppressed = "suppressed" // the address must get no marketing mail
)

// Refusal is why a recipient may not be mailed.
type Refusal struct {
	Reason string // one of the Reason constants
	Detail string // for [ReasonSuppressed]: the suppression's reason
}

// May says who of the recipients must not be mailed about the topic of the shop now, by profile; whoever is missing from
// the answer may be. It is one query for the whole batch, so that it can be asked at the last moment.
func (l *Ledger) May(ctx context.Context, recipients []Recipient, shopID int64, topic string) (map[int64]Refusal, error) {
	refused := make(map[int64]Refusal)
	if len(recipients) == 0 {
		return refused, nil
	}
	ids := make([]int64, len(recipients))
	hashes := make([][]byte, len(recipients))
	for i, r := range recipients {
		ids[i] = r.ProfileID
		hashes[i] = hashOf(r.Email)
	}
	var rows []struct {
		ProfileID int64
		Word      string
		Hash      []byte
	}
	err := l.db.NewRaw(`SELECT profile_id, state AS word, NULL AS hash FROM crm_consent_states WHERE profile_id IN (?) AND topic = ? AND shop_id = ?
		UNION ALL SELECT 0, reason, email_hash FROM crm_suppressions WHERE email_hash IN (?)
		UNION ALL SELECT p.id, su.reason, su.email_hash FROM `+suppressedPeople+` JOIN crm_profiles p ON p.id = si.profile_id
			WHERE p.id IN (?) AND p.joined AND si.kind = 'email'`,
		bun.List(ids), topic, shopID, bun.List(hashes), bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("asking who may be mailed: %w", err)
	}
	states := make(map[int64]State, len(rows))
	suppressed := make(map[[32]byte]string)
	joined := make(map[int64]string) // by another address of the same person
	for _, r := range rows {
		switch {
		case r.ProfileID == 0:
			suppressed[[32]byte(r.Hash)] = r.Word
		case r.Hash != nil:
			joined[r.ProfileID] = r.Word
		default:
			states[r.ProfileID] = State(r.Word)
		}
	}
	for _, r := range recipients {
		state := states[r.ProfileID]
		reason, never := suppressed[r.Email.Hash()]
		if !never {
			reason, never = joined[r.ProfileID]
		}
		switch {
		case state == Withdrawn:
			refused[r.ProfileID] = Refusal{Reason: ReasonWithdrawn}
		case state != Granted:
			refused[r.ProfileID] = Refusal{Reason: ReasonNoConsent}
		case never:
			refused[r.ProfileID] = Refusal{Reason: ReasonSuppressed, Detail: reason}
		}
	}
	return refused, nil
}

// GrantedSQL is a condition over crm_profiles under the alias p: the profile has granted the topic of the shop, or, for
// shop 0, of at least one shop.
func GrantedSQL(topic string, shopID int64) (sql string, args []any) {
	return stateSQL(topic, shopID, Granted)
}

// WithdrawnSQL is the same for a withdrawal.
func WithdrawnSQL(topic string, shopID int64) (sql string, args []any) {
	return stateSQL(topic, shopID, Withdrawn)
}

func stateSQL(topic string, shopID int64, state State) (string, []any) {
	sql := "EXISTS (SELECT 1 FROM crm_consent_states cs WHERE cs.profile_id = p.id AND cs.topic = ? AND cs.state = ?"
	args := []any{topic, string(state)}
	if shopID != 0 {
		sql += " AND cs.shop_id = ?"
		args = append(args, shopID)
	}
	return sql + ")", args
}

// SuppressedSQL is a condition over crm_profiles under the alias p: the profile's address must get no marketing mail. Of
// profiles that others went into, no address gets any when one of them must not because of its owner, and not of its
// mailbox: that a complaint was made from another address does not make it less of one.
func SuppressedSQL() string {
	return "(EXISTS (SELECT 1 FROM crm_suppressions su WHERE su.email_hash = UNHEX(SHA2(p.email, 256)))" +
		" OR " + suppressedJoined + ")"
}

const suppressedJoined = "p.joined AND EXISTS (SELECT 1 FROM " + suppressedPeople + " WHERE si.profile_id = p.id AND si.kind = 'email')"

// suppressedPeople is addresses with their suppressions, of these those that are about the person.
const suppressedPeople = "crm_identities si JOIN crm_suppressions su ON su.email_hash = UNHEX(SHA2(si.value, 256)) AND su.reason <> '" + SuppressBounce + "'"

func hashOf(e contact.Email) []byte {
	hash := e.Hash()
	return hash[:]
}
