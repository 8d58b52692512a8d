// Package daemon is the program kupec: its commands, its settings from the environment, and the private database and
// mail catcher of a first run. It is the only room that reads the environment.
//
// Each command is a small type with its flags and a Run method; what they share (opening the database, the shop and the
// CRM) is in open.go. Commands that report take --json: stable keys, amounts as decimal text. A command that fails says
// what to do next and exits with 1; wrong usage exits with 2.
package daemon
