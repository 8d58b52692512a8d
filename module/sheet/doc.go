// Package sheet reads tables that people bring from a spreadsheet, and writes tables that they take away: .xlsx and .csv.
//
// Files that come are hostile: their size, rows, columns and cells are bounded, an archive that unpacks to more than it
// should is refused, and nothing in them is computed. What a .csv file does not say of itself, its encoding and the
// character between its cells, is found out ([Open]), and can be said by who knows better ([Options]). A .csv file may also
// come as a stream without end ([Read]); then only its rows are bounded, each by its length.
//
// Files that go are safe to open: a cell of text that a spreadsheet would take for a formula is written so that it does
// not ([NewWriter]). Both ways are streams; no table is ever held in memory.
//
// It knows nothing of profiles or orders: packages importer and export do.
package sheet
