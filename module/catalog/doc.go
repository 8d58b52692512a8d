// Package catalog mirrors what a shop sells: products with their variants, and the tree of categories.
//
// It owns crm_categories, crm_products, crm_variants and crm_product_categories. Intake is the only caller of the
// writing methods; recommend, segment, newsletter and the panel read.
//
// Promises: a row that did not change is not written again (each product carries a fingerprint of its content); what
// the shop deleted stays, marked, because orders refer to it; and every product that an order line names is there,
// if only as a placeholder made by [Catalog.Mention], so that a line always finds its product.
package catalog
