// Package admin is the control panel: HTTP for the shop's staff. It owns no table and decides nothing; a handler decodes
// a request, calls one domain method with the staff member in its context, and then redirects or renders. What someone
// may do is decided in the domain (staff.Require); a route's permission only refuses sooner and hides what would be refused.
//
// Pages are html/template rendered to a buffer, so an embedding app's Fiber views are never touched, and several panels
// can live in one process. Every page works without script, under a Content-Security-Policy that allows no inline code.
//
// # Add a screen
//
// One file per subject holds an area: the subject's routes, and its pages with the type each template is executed with.
// List the area in [areas]; that is the only shared file to touch.
//
//	func teaArea() area {
//		return area{
//			pages: []page{{"tea_list", &teaListPage{}}, {"tea_form", &teaFormPage{}}},
//			routes: func(a *Admin, r router) {
//				r.get("/teas", staff.SeeSales, a.teaList)
//				r.post("/teas/:id", staff.WriteSegments, a.teaSave)
//			},
//		}
//	}
//
// A page struct embeds frame, which the layout reads; the rest is the page's own, ready to be shown:
//
//	type teaListPage struct {
//		frame
//		Teas []teaRow
//	}
//
//	func (a *Admin) teaList(v *visit) error {
//		teas, err := a.rooms.Teas.List(v.ctx, v.query("q"))
//		if err != nil {
//			return err // store.ErrNotFound: 404; *staff.DeniedError: 403; anything else: 500, the cause in the log
//		}
//		page := &teaListPage{frame: v.frame("products", v.t("teas.title"))} // rail item that is lit, title
//		…
//		return v.render("tea_list", page)
//	}
//
//	func (a *Admin) teaSave(v *visit) error {
//		id, err := v.id("id") // 404 when it is no number
//		…
//		errs := formErrors{}
//		if v.form("name") == "" {
//			errs.add("name", v.t("teas.error.name")) // say what to do
//		}
//		if len(errs) > 0 {
//			page.Errors = errs
//			return v.renderInvalid("tea_form", page) // 422, the form as it was typed
//		}
//		…
//		return v.done("/teas", "teas.saved", "name", name) // a toast, and 303 to the list
//	}
//
// The template is templates/tea_list.html and defines "content"; it may define "actions" (the buttons beside the title)
// and blocks of its own, which v.fragment renders alone for a script to put in place:
//
//	{{define "content"}}
//	<section class="card">{{range .Teas}}<a href="{{link "/teas/" .ID}}">{{.Name}}</a>{{end}}</section>
//	<form method="post" action="{{link "/teas/7"}}">{{template "csrf" .}}
//	  <div class="field"><label for="name">{{t "teas.name"}}</label>
//	    <input id="name" name="name" value="{{.Name}}" {{invalid .Errors "name"}}>{{template "error" (problem .Errors "name")}}</div>
//	</form>
//	{{end}}
//
// Every form that posts carries {{template "csrf" .}} (inside a range or with: $). Functions: t (key and name-value pairs),
// money, moneyRound, number, percent (ratio, places), date, dateShort, dateTime, clock, when (a <time> with the exact time
// on hover), ago (the same, as "14 days ago"), country, language, icon (name, further classes), link (path in the panel),
// asset (file in static), invalid and problem (form errors), text (any value as text, for attributes), dict. Partials in
// templates/parts.html: csrf, error, pager, tabs, steps, export, change, chart, and drawings for empty lists (empty-art, -people, -orders, -search, -shop). Icons are the symbols of static/icons.svg.
//
// Sentences are in locales/en/<subject>.json and locales/sl/<subject>.json, keys prefixed by the subject ("teas.title"); no
// text stands in a template or in Go. Styles are tokens and parts of static; add to app.css only what no part gives, in the
// layer screens. A script is an ES module in static, named in frame.Scripts, and only for what HTML cannot do; app.js
// already gives: data-live (an element whose content is fetched again every few seconds), data-submit (a control that sends
// its form when changed), data-dialog (a link to a page that asks, which a dialog of this page asks as well), dialogs by commandfor where the browser lacks them, and arrow keys in charts.
//
// The package's tests then check by themselves that the template fits its type, that every key and icon exists, that no
// text is literal, and that the page renders empty and full.
package admin
