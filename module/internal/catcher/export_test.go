package catcher

// Parse lets the fuzz test at the parser without a server.
func Parse(raw []byte) Message { return (&envelope{raw: raw}).parse() }
