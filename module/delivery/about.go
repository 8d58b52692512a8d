package delivery

// Transport is where mail goes out, for people to look at: without the password.
func (p *Post) Transport() Transport {
	t := p.transport
	t.Password = ""
	return t
}
