package demo

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kupec/kupec/module/store"
)

// The tables rows are written to, in the order of the arrays below.
const (
	tOptions = iota
	tUsers
	tUserMeta
	tPosts
	tPostMeta
	tTerms
	tTermTaxonomy
	tTermRelationships
	tOrders
	tAddresses
	tOperational
	tOrderMeta
	tItems
	tItemMeta
	tAttributes
	tTaxRates
	tProductLookup
	tCategoryLookup
	tCustomerLookup
	tSessions
	tableCount
)

// tableColumns names each table and the columns that rows give; the rest keep their defaults.
func tableColumns() [tableCount][2]string {
	return [tableCount][2]string{
		tOptions:           {"options", "option_id,option_name,option_value,autoload"},
		tUsers:             {"users", "ID,user_login,user_pass,user_nicename,user_email,user_registered,display_name"},
		tUserMeta:          {"usermeta", "umeta_id,user_id,meta_key,meta_value"},
		tPosts:             {"posts", "ID,post_author,post_date,post_date_gmt,post_content,post_title,post_excerpt,post_status,comment_status,ping_status,post_name,to_ping,pinged,post_modified,post_modified_gmt,post_content_filtered,post_parent,guid,menu_order,post_type,post_mime_type"},
		tPostMeta:          {"postmeta", "meta_id,post_id,meta_key,meta_value"},
		tTerms:             {"terms", "term_id,name,slug"},
		tTermTaxonomy:      {"term_taxonomy", "term_taxonomy_id,term_id,taxonomy,description,parent,count"},
		tTermRelationships: {"term_relationships", "object_id,term_taxonomy_id"},
		tOrders:            {"wc_orders", "id,status,currency,type,tax_amount,total_amount,customer_id,billing_email,date_created_gmt,date_updated_gmt,parent_order_id,payment_method,payment_method_title,transaction_id,ip_address,user_agent,customer_note"},
		tAddresses:         {"wc_order_addresses", "id,order_id,address_type,first_name,last_name,company,address_1,city,postcode,country,email,phone"},
		tOperational:       {"wc_order_operational_data", "id,order_id,created_via,woocommerce_version,prices_include_tax,coupon_usages_are_counted,download_permission_granted,cart_hash,new_order_email_sent,order_key,order_stock_reduced,date_paid_gmt,date_completed_gmt,shipping_tax_amount,shipping_total_amount,discount_tax_amount,discount_total_amount,recorded_sales"},
		tOrderMeta:         {"wc_orders_meta", "id,order_id,meta_key,meta_value"},
		tItems:             {"woocommerce_order_items", "order_item_id,order_item_name,order_item_type,order_id"},
		tItemMeta:          {"woocommerce_order_itemmeta", "meta_id,order_item_id,meta_key,meta_value"},
		tAttributes:        {"woocommerce_attribute_taxonomies", "attribute_id,attribute_name,attribute_label,attribute_type,attribute_orderby,attribute_public"},
		tTaxRates:          {"woocommerce_tax_rates", "tax_rate_id,tax_rate_country,tax_rate_state,tax_rate,tax_rate_name,tax_rate_priority,tax_rate_compound,tax_rate_shipping,tax_rate_order,tax_rate_class"},
		tProductLookup:     {"wc_product_meta_lookup", "product_id,sku,min_price,max_price,onsale,stock_quantity,stock_status,total_sales,tax_status,tax_class"},
		tCategoryLookup:    {"wc_category_lookup", "category_tree_id,category_id"},
		tCustomerLookup:    {"wc_customer_lookup", "customer_id,user_id,username,first_name,last_name,email,date_last_active,date_registered,country,postcode,city"},
		tSessions:          {"woocommerce_sessions", "session_id,session_key,session_value,session_expiry"},
	}
}

// A batch is an INSERT statement that grows row by row. Its methods append one value each, in column order.
type batch struct {
	head  string
	buf   []byte
	rows  int
	first bool // no value in this row yet
}

// Rows go out when a batch reaches either bound; both are far below the smallest usual max_allowed_packet (4 MB).
const (
	batchRows  = 2000
	batchBytes = 1 << 20
)

func (b *batch) open() *batch {
	if len(b.buf) == 0 {
		b.buf = append(b.buf, b.head...)
	} else {
		b.buf = append(b.buf, ',')
	}
	b.buf = append(b.buf, '(')
	b.first = true
	b.rows++
	return b
}

func (b *batch) comma() {
	if !b.first {
		b.buf = append(b.buf, ',')
	}
	b.first = false
}

func (b *batch) num(n int64) *batch {
	b.comma()
	b.buf = strconv.AppendInt(b.buf, n, 10)
	return b
}

// id writes a key; 0 leaves it to AUTO_INCREMENT.
func (b *batch) id(n uint64) *batch {
	if n == 0 {
		return b.null()
	}
	b.comma()
	b.buf = strconv.AppendUint(b.buf, n, 10)
	return b
}

func (b *batch) null() *batch {
	b.comma()
	b.buf = append(b.buf, "NULL"...)
	return b
}

func (b *batch) str(s string) *batch {
	b.comma()
	b.buf = append(b.buf, '\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\'', '\\':
			b.buf = append(b.buf, c, c)
		default:
			b.buf = append(b.buf, c)
		}
	}
	b.buf = append(b.buf, '\'')
	return b
}

// cents writes an amount of hundredths as a decimal.
func (b *batch) cents(n int64) *batch {
	b.comma()
	b.buf = appendCents(b.buf, n)
	return b
}

// at writes a Unix time as a UTC DATETIME; 0 is NULL.
func (b *batch) at(unix int64) *batch {
	if unix == 0 {
		return b.null()
	}
	return b.clock(time.Unix(unix, 0).UTC())
}

// clock writes the time as its own clock shows it.
func (b *batch) clock(t time.Time) *batch {
	b.comma()
	b.buf = append(b.buf, '\'')
	b.buf = t.AppendFormat(b.buf, time.DateTime)
	b.buf = append(b.buf, '\'')
	return b
}

func appendCents(b []byte, n int64) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	return append(b, '.', byte('0'+n/10%10), byte('0'+n%10))
}

func centsText(n int64) string { return string(appendCents(nil, n)) }

// A writer turns rows into statements. With flush set, full batches leave as they fill.
type writer struct {
	batches [tableCount]batch
	flush   func(statement []byte, rows int) error
	err     error
}

func newWriter(prefix string) *writer {
	w := &writer{}
	for i, t := range tableColumns() {
		w.batches[i].head = "INSERT INTO `" + prefix + t[0] + "` (" + t[1] + ") VALUES "
	}
	return w
}

func (w *writer) row(table int) *batch {
	b := &w.batches[table]
	if w.flush != nil && (b.rows >= batchRows || len(b.buf) >= batchBytes) {
		w.send(b)
	}
	return b.open()
}

func (w *writer) end(b *batch) { b.buf = append(b.buf, ')') }

func (w *writer) send(b *batch) {
	if b.rows > 0 && w.err == nil {
		w.err = w.flush(b.buf, b.rows)
	}
	b.buf, b.rows = nil, 0
}

// close sends what is left.
func (w *writer) close() error {
	for i := range w.batches {
		w.send(&w.batches[i])
	}
	return w.err
}

// apply executes the rows gathered so far within a transaction, table by table.
func (w *writer) apply(ctx context.Context, tx *sql.Tx) error {
	for i := range w.batches {
		b := &w.batches[i]
		if b.rows == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, string(b.buf)); err != nil {
			return fmt.Errorf("demo: write %s: %w", tableColumns()[i][0], err)
		}
		b.buf, b.rows = nil, 0
	}
	return nil
}

// session prepares a connection for loading: WordPress' zero dates are allowed, keys need not be checked one by one.
func session(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("demo: connect to the shop's database: %w", err)
	}
	for _, q := range []string{
		"SET SESSION sql_mode = 'STRICT_TRANS_TABLES'", "SET SESSION time_zone = '+00:00'", "SET NAMES utf8mb4",
		"SET SESSION unique_checks = 0", "SET SESSION foreign_key_checks = 0",
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			conn.Close()
			return nil, fmt.Errorf("demo: %s: %w", q, err)
		}
	}
	return conn, nil
}

// release gives a connection back as the server hands them out.
func release(ctx context.Context, conn *sql.Conn) {
	for _, q := range []string{
		"SET SESSION sql_mode = @@GLOBAL.sql_mode", "SET SESSION time_zone = @@GLOBAL.time_zone",
		"SET SESSION unique_checks = 1", "SET SESSION foreign_key_checks = 1",
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			break
		}
	}
	conn.Close()
}

// load runs produce with a writer whose statements are executed over several connections at once. Rows carry their own
// keys, so that the order in which statements arrive does not matter.
func load(ctx context.Context, db *sql.DB, prefix string, written *atomic.Int64, produce func(context.Context, *writer) error) error {
	g, ctx := errgroup.WithContext(ctx)
	statements := make(chan []byte, 2)
	for range max(2, min(4, runtime.GOMAXPROCS(0)+1)) {
		g.Go(func() error {
			conn, err := session(ctx, db)
			if err != nil {
				return err
			}
			defer release(context.WithoutCancel(ctx), conn)
			for s := range statements {
				// Connections that fill one table may block each other at its last page; a statement is a transaction.
				err := store.Retry(ctx, func() error {
					_, err := conn.ExecContext(ctx, string(s))
					return err
				})
				if err != nil {
					return fmt.Errorf("demo: %s: %w", strings.SplitN(string(s), " VALUES", 2)[0], err)
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(statements)
		w := newWriter(prefix)
		w.flush = func(s []byte, rows int) error {
			select {
			case statements <- s:
				written.Add(int64(rows))
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if err := produce(ctx, w); err != nil {
			return err
		}
		return w.close()
	})
	return g.Wait()
}
