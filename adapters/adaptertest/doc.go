// Package adaptertest holds every adapter to the contract of package adapters.
//
// It tells one shop's story in neutral words ([Tell]): customers and guests, variations, refunds in part and whole,
// products that are gone, odd statuses, zero dates, two currencies, a row that cannot be read. A platform writes the story
// into its true schema ([Seeder]), and [Run] checks that its adapter reads the same golden result out of it
// (testdata/story.json, rewritten by go test -update) as all the others, and that it pages, follows and fails as the
// contract says. What a platform cannot give is declared in [Platform.Lacks], and printed as skipped.
//
// To test a new adapter, call Run from a test in its package:
//
//	func TestContract(t *testing.T) {
//		adaptertest.Run(t, adaptertest.Platform{Name: "posts", Schema: schema, Open: open, Seeder: seeder{}})
//	}
//
// Each check has a database of its own on the server of package storetest, and the adapter reads it as a user who may
// SELECT and nothing else.
package adaptertest
