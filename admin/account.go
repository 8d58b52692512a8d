package admin

func accountArea() area {
	return area{
		routes: func(a *Admin, r router) {
			r.post("/account/theme", "", a.setTheme)
		},
	}
}

// setTheme is the moon and the sun in the bar; it leads back to the page they were pressed on.
func (a *Admin) setTheme(v *visit) error {
	if err := a.rooms.Staff.SetPreferences(v.ctx, v.account.ID, v.account.Language, v.form("theme")); err != nil {
		return err
	}
	return v.redirect(v.cameFrom("/"))
}
