// Package evaluate tries Kupec's knowledge of customers on any shop's order export, without the shop.
//
// [Read] takes a table with a line for each product of an order (.csv, .csv.gz or .xlsx) and gives it as [Orders]: columns of
// numbers, so that 15 million lines take some 500 MB. Customers and products are numbered in the order of their names;
// a tie that is broken by number is thereby broken by name, in the same way on every machine.
//
// The file is hostile: its lines, its cells and all that is held of it are bounded, and an error names line and column.
// What a line tells and what not is counted: returns, lines without a customer and whatever the caller leaves out are in
// [Orders.Left] by their reason.
//
// [Orders.Recommend] tries module/affinity, the others module/predict. [Orders.Report] asks all of them, and [Report.WriteHTML]
// makes a page of it that loads nothing and runs nothing: everything that the file says is escaped, and charts are drawn as SVG.
// What an export does not bear is not told; the report says what is missing for it.
//
// No database is asked. kupec evaluate is the caller.
package evaluate
