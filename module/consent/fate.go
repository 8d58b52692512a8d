package consent

// The fates of people whom a mailing about a topic may reach or not: the first reason that holds leaves one out.
const (
	FateNoAddress  = "no_address"
	FateWithdrawn  = "withdrawn"
	FateNoConsent  = "no_consent" // never said yes or no
	FateSuppressed = "suppressed"
	FateMailable   = "mailable"
)

// Fate is an expression in SQL over crm_profiles under the alias p that says a person's fate, and the joins it needs after
// that table.
type Fate struct {
	SQL, Joins     string
	Args, JoinArgs []any
}

// FateSQL asks about a topic of the shop, or, for shop 0, of any shop. With a shop each person's consent is one row, and
// joined; a condition that is run for each person costs servers more than the look-up itself.
func FateSQL(topic string, shopID int64) Fate {
	if shopID == 0 {
		granted, grantedArgs := GrantedSQL(topic, 0)
		withdrawn, withdrawnArgs := WithdrawnSQL(topic, 0)
		return Fate{SQL: fateCase(granted, SuppressedSQL(), withdrawn), Args: append(grantedArgs, withdrawnArgs...)}
	}
	return Fate{
		SQL: fateCase("ct.state = 'granted'", "(cu.email_hash IS NOT NULL OR "+suppressedJoined+")", "ct.state = 'withdrawn'"),
		Joins: ` LEFT JOIN crm_consent_states AS ct ON ct.profile_id = p.id AND ct.topic = ? AND ct.shop_id = ?
			LEFT JOIN crm_suppressions AS cu ON cu.email_hash = IF(ct.state = 'granted', UNHEX(SHA2(p.email, 256)), NULL)`,
		JoinArgs: []any{topic, shopID},
	}
}

// GrantedFateSQL is the same for people of whom it is known that they have granted the topic.
func GrantedFateSQL() Fate {
	return Fate{
		SQL:   "CASE WHEN p.email IS NULL THEN 'no_address' WHEN cu.email_hash IS NOT NULL OR " + suppressedJoined + " THEN 'suppressed' ELSE 'mailable' END",
		Joins: " LEFT JOIN crm_suppressions AS cu ON cu.email_hash = UNHEX(SHA2(p.email, 256))",
	}
}

func fateCase(granted, suppressed, withdrawn string) string {
	return "CASE WHEN p.email IS NULL THEN 'no_address' WHEN " + granted + " THEN CASE WHEN " + suppressed + " THEN 'suppressed' ELSE 'mailable' END WHEN " +
		withdrawn + " THEN 'withdrawn' ELSE 'no_consent' END"
}
