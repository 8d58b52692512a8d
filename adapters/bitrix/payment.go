package bitrix

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// payments are those of one order: several, each of a part; in old versions what its user's inner account was given back.
type payments struct {
	rows []payment
	back []payment // movements of the inner account, without payments
}

// payment is one in text.
type payment struct {
	id, order                     int64
	paid, at, sum, returned       string // returned: N, Y to the buyer's inner account, P by the payment system
	returnDate, returnAt, comment string // returnDate is a day, returnAt the moment at which the inner account got it
	failed                        string
}

// givenBack is the condition for a movement of an inner account to be money back on an order. Others with an order are
// what a buyer paid into the account from outside, to pay with it, and what was paid too much.
func givenBack(alias string) string {
	return alias + ".DEBIT = 'Y' AND " + alias + ".DESCRIPTION IN ('ORDER_UNPAY','ORDER_CANCEL_PART','ORDER_PART_RETURN')"
}

func (r *reader) paymentsOf(ctx context.Context, ids []int64) (map[int64]payments, error) {
	found := map[int64]payments{}
	if !r.payments() {
		err := r.Each(ctx, "refunds", "SELECT t.ID, t.ORDER_ID, t.AMOUNT, t.TRANSACT_DATE, t.NOTES FROM {sale_user_transact} t WHERE t.ORDER_ID "+follow.In(ids)+
			" AND "+givenBack("t")+" ORDER BY t.ID", nil, func(scan func(...any) error) error {
			var p payment
			err := scan(&p.id, &p.order, &p.sum, follow.Text(&p.returnAt), follow.Text(&p.comment))
			all := found[p.order]
			all.back = append(all.back, p)
			found[p.order] = all
			return err
		})
		return found, err
	}
	err := r.Each(ctx, "payments", `SELECT p.ID, p.ORDER_ID, p.PAID, p.DATE_PAID, p.SUM, p.IS_RETURN, p.PAY_RETURN_DATE,
			(SELECT MAX(t.TRANSACT_DATE) FROM {sale_user_transact} t WHERE t.PAYMENT_ID = p.ID AND `+givenBack("t")+`), p.PAY_RETURN_COMMENT, p.PS_STATUS
		FROM {sale_order_payment} p WHERE p.ORDER_ID `+follow.In(ids)+" ORDER BY p.ID", nil, func(scan func(...any) error) error {
		var p payment
		err := scan(&p.id, &p.order, &p.paid, follow.Text(&p.at), &p.sum, &p.returned, follow.Text(&p.returnDate), follow.Text(&p.returnAt), follow.Text(&p.comment), follow.Text(&p.failed))
		all := found[p.order]
		all.rows = append(all.rows, p)
		found[p.order] = all
		return err
	})
	return found, err
}

// settlement is how an order stands with its money.
type settlement struct {
	status  adapters.Status
	at      time.Time // when it was paid in full
	refunds []adapters.Refund
}

// payment tells how an order stands. Being paid, called off and given back are flags of their own in Bitrix, whatever the
// status: an order that is called off keeps the status it had, and one that is given back is unpaid again.
func (r *reader) payment(o order, total decimal.Decimal, p payments, errs *foreign.Check) settlement {
	var s settlement
	in, back, failed := decimal.Zero, decimal.Zero, o.failed == "N"
	var latest time.Time
	for _, row := range p.rows {
		field := func(name string) string { return fmt.Sprintf("payment %d, %s", row.id, name) }
		sum := errs.Number(field("SUM"), row.sum)
		failed = failed || row.failed == "N"
		isBack := row.returned == "Y" || row.returned == "P"
		if isBack {
			back = back.Add(sum)
			s.refunds = append(s.refunds, r.refund(row, sum, field, errs))
		}
		if isBack || row.paid == "Y" {
			in = in.Add(sum)
			if at := errs.Time(field("DATE_PAID"), row.at, r.zone); at.After(latest) {
				latest = at
			}
		}
	}
	for _, row := range p.back {
		field := func(name string) string { return fmt.Sprintf("movement %d, %s", row.id, name) }
		sum := errs.Number(field("AMOUNT"), row.sum).Abs()
		back = back.Add(sum)
		s.refunds = append(s.refunds, r.refund(row, sum, field, errs))
	}
	if o.payed == "Y" && len(p.rows) == 0 && back.GreaterThanOrEqual(total) {
		back, s.refunds = decimal.Zero, nil // what went back to the inner account has paid for the order again
	}
	once := o.payed == "Y" || back.IsPositive() && (len(p.rows) == 0 || in.GreaterThanOrEqual(total))
	if o.payed == "Y" { // the date is that of the flag's last turn, either way
		s.at = foreign.Known(errs.Time("DATE_PAYED", o.datePayed, r.zone), latest)
	} else if once {
		s.at = latest
	}
	s.status = r.status(o, once, back.IsPositive() && back.GreaterThanOrEqual(total), failed)
	return s
}

func (r *reader) status(o order, paid, givenBack, failed bool) adapters.Status {
	known, ok := r.cfg.Statuses[o.status]
	switch {
	case givenBack:
		return adapters.StatusRefunded
	case o.canceled == "Y":
		return adapters.StatusCancelled
	case ok && known != adapters.StatusPending:
		return known
	case paid:
		return adapters.StatusPaid
	case failed:
		return adapters.StatusFailed
	case ok:
		return known
	}
	return adapters.StatusOther
}

// refund has the moment from the inner account where the money went there, and else the day that staff typed in.
func (r *reader) refund(p payment, sum decimal.Decimal, field func(string) string, errs *foreign.Check) adapters.Refund {
	return adapters.Refund{Key: foreign.Str(p.id), Amount: sum.String(), Reason: foreign.Plain(p.comment),
		RefundedAt: foreign.Known(errs.Time(field("TRANSACT_DATE"), p.returnAt, r.zone), errs.Time(field("PAY_RETURN_DATE"), p.returnDate, r.zone))}
}
