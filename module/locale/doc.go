// Package locale speaks to people in their language: sentences from catalogues with CLDR plurals, and numbers, money,
// dates and spans of time in their form.
//
// A room that speaks keeps its sentences in locales/<language>/*.json, embeds them, and hands the tree to [Load]; this
// package adds the words for months, spans and the like, in English, Slovene, German and Russian. English is the
// reference: a key that another language lacks is said in English, and [Catalogue.Missing] tells, for tests.
//
// A sentence is a text with {names}, or an object of such texts by plural category, chosen by the argument count:
//
//	{"customers.title": "Customers", "people": {"one": "{count} person", "other": "{count} people"}}
package locale
