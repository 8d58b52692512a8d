package admin

import "github.com/kupec/kupec/module/staff"

func homeArea() area {
	return area{
		pages: []page{{"home", &homePage{}}},
		routes: func(a *Admin, r router) {
			r.get("/", staff.SeeSales, a.home)
		},
	}
}

type homePage struct {
	frame
}

func (a *Admin) home(v *visit) error {
	return v.render("home", &homePage{frame: v.frame("home", v.t("home.title"))})
}
