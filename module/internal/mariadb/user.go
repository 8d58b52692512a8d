package mariadb

import "os/user"

// userName is who the server shall run as: it refuses to run as root unless told so by name.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "root"
}
