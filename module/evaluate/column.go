package evaluate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Field is what a column tells.
type Field string

// The fields. A customer (or an e-mail address) and a date are needed; what else is needed depends on the question.
const (
	Customer Field = "customer"
	Order    Field = "order"
	Day      Field = "date"
	Product  Field = "product"
	Quantity Field = "quantity"
	Price    Field = "price" // of one piece; of the line where there is no quantity
	Category Field = "category"
	Name     Field = "name" // of the product
	Currency Field = "currency"
	Email    Field = "email"
)

// Fields are all fields.
var Fields = []Field{Customer, Order, Day, Product, Quantity, Price, Category, Name, Currency, Email}

// heads are the heads by which a column is guessed, the surest first, in small letters and without what is no letter or digit.
var heads = map[Field][]string{
	Customer: {"customer", "customerid", "customerno", "customernumber", "client", "clientid", "user", "userid", "buyer", "buyerid", "member", "memberid", "sampleid",
		"idcustomer", "kunde", "kundennummer", "kundenr", "stranka", "kupec", "idstranke"},
	Order: {"order", "orderid", "orderno", "ordernumber", "invoice", "invoiceno", "invoiceid", "invoicenumber", "transaction", "transactionid", "basket", "basketid",
		"basketno", "receipt", "receiptid", "idorder", "bestellung", "bestellnummer", "narocilo", "naročilo", "racun", "račun"},
	Day: {"date", "orderdate", "invoicedate", "createdat", "datecreated", "dateadd", "dateadded", "orderedat", "purchasedate", "purchasedat", "timestamp", "datetime", "time",
		"day", "created", "datum", "bestelldatum"},
	Product: {"product", "productid", "sku", "productsku", "stockcode", "item", "itemid", "itemsku", "lineitemsku", "productcode", "articleno", "article", "articleid",
		"variant", "variantid", "artikel", "artikelnummer", "izdelek", "sifra", "šifra"},
	Quantity: {"quantity", "qty", "lineitemquantity", "itemquantity", "units", "pieces", "menge", "anzahl", "kolicina", "količina"},
	Price:    {"price", "unitprice", "itemprice", "lineitemprice", "productprice", "preis", "einzelpreis", "cena"},
	Category: {"category", "productcategory", "categoryname", "maincategory", "kategorie", "kategorija"},
	Name:     {"productname", "itemname", "lineitemname", "description", "productdescription", "title", "name", "bezeichnung", "naziv"},
	Currency: {"currency", "currencycode", "ordercurrency", "währung", "valuta"},
	Email:    {"email", "customeremail", "billingemail", "emailaddress", "mail", "epošta", "eposta"},
}

// totals are heads of what a whole line cost, which is its price where no column tells a quantity.
var totals = []string{"amount", "total", "linetotal", "dollars", "revenue", "sales", "spend", "value", "sum", "betrag", "znesek"}

// place settles which column tells which field: what the caller says, and the rest by its head.
func place(head []string, said map[string]Field) (map[Field]int, error) {
	at := map[Field]int{}
	for column, field := range said {
		i := slices.Index(head, column)
		switch {
		case i < 0:
			return nil, &ColumnError{Column: column, Has: head}
		case !slices.Contains(Fields, field):
			return nil, &ColumnError{Column: column, Field: field, Has: head}
		}
		if _, twice := at[field]; twice {
			return nil, fmt.Errorf("two columns are said to tell the %s: say one", field)
		}
		at[field] = i
	}
	guess := func(field Field, names []string) {
		if _, known := at[field]; known {
			return
		}
		for _, name := range names {
			for i, h := range head {
				if bare(h) == name && !taken(at, i) {
					at[field] = i
					return
				}
			}
		}
	}
	for _, field := range Fields {
		guess(field, heads[field])
	}
	if _, counted := at[Quantity]; !counted {
		guess(Price, totals)
	}
	if _, known := at[Product]; !known {
		if i, named := at[Name]; named {
			at[Product] = i
		}
	}
	if _, known := at[Customer]; !known {
		if i, addressed := at[Email]; addressed {
			at[Customer] = i
		}
	}
	for _, field := range []Field{Customer, Day} {
		if _, known := at[field]; !known {
			return nil, &ColumnError{Field: field, Has: head}
		}
	}
	return at, nil
}

func taken(at map[Field]int, column int) bool {
	for _, i := range at {
		if i == column {
			return true
		}
	}
	return false
}

func bare(head string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, head)
}
