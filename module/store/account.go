package store

import "strings"

// Account writes a user as CURRENT_USER() gives it, maja@%, as GRANT wants it: 'maja'@'%'.
func Account(user string) string {
	at := strings.LastIndex(user, "@")
	if at < 0 {
		return "'" + user + "'"
	}
	return "'" + user[:at] + "'@'" + user[at+1:] + "'"
}
