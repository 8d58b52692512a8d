package demo

// Statuses as wc_orders has them. statusPickup is one that a plugin added: no core knows it.
const (
	statusPending    = "wc-pending"
	statusProcessing = "wc-processing"
	statusOnHold     = "wc-on-hold"
	statusCompleted  = "wc-completed"
	statusCancelled  = "wc-cancelled"
	statusRefunded   = "wc-refunded"
	statusFailed     = "wc-failed"
	statusDraft      = "wc-checkout-draft"
	statusPickup     = "wc-awaiting-pickup"
	statusTrash      = "trash"
)

type refundKind uint8

const (
	notRefunded refundKind = iota
	refundedPart
	refundedWhole
)

// A fate is how an order went on after it was placed. Times are Unix seconds, 0 for never.
type fate struct {
	status      string
	paidAt      int64
	completedAt int64
	updatedAt   int64
	refund      refundKind
	refundedAt  int64
}

// drawFate decides what became of an order by now. A guest's first order always goes well: it is all the shop knows of them.
func drawFate(d *dice, seed uint64, who *person, e event, now int64) fate {
	d.set(seed, uint64(e.profile), uint64(e.nth), streamFate)
	at := int64(e.at)
	f := fate{updatedAt: at}
	const (
		well = iota
		cancelled
		failed
		held
		pickup
		trashed
		drafted
	)
	way := d.weighted(900, 35, 22, 8, 12, 5, 4)
	if !who.account && e.nth == 0 {
		way = well
	}
	switch way {
	case cancelled:
		f.status, f.updatedAt = statusCancelled, min(at+int64(d.between(1, 48))*3600, now)
	case failed:
		f.status, f.updatedAt = statusFailed, min(at+60, now)
	case held:
		f.status = statusOnHold
		if now-at > 60*day {
			f.status = statusCancelled
		}
	case pickup:
		f.status, f.paidAt, f.updatedAt = statusPickup, at, min(at+day, now)
	case trashed:
		f.status, f.updatedAt = statusTrash, min(at+3*day, now)
	case drafted:
		f.status = statusDraft
	case well:
		f.paidAt = at + int64(d.between(5, 180))
		if d.chance(.15) { // bank transfer
			f.paidAt = at + int64(d.between(8, 60))*3600
		}
		f.completedAt = f.paidAt + int64(d.between(10, 70))*3600
		switch {
		case f.paidAt >= now:
			f.status, f.paidAt, f.completedAt = statusPending, 0, 0
			if now-at > 3600 {
				f.status = statusOnHold
			}
		case f.completedAt >= now:
			f.status, f.completedAt, f.updatedAt = statusProcessing, 0, f.paidAt
		default:
			f.status, f.updatedAt = statusCompleted, f.completedAt
		}
		if r := d.Float64(); f.status == statusCompleted && r < .045 {
			f.refundedAt = f.completedAt + int64(d.between(2, 21))*day + int64(d.IntN(day))
			if f.refundedAt < now {
				f.refund, f.updatedAt = refundedPart, f.refundedAt
				if r < .018 {
					f.refund, f.status = refundedWhole, statusRefunded
				}
			} else {
				f.refundedAt = 0
			}
		}
	}
	return f
}
