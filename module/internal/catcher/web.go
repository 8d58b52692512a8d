package catcher

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// pageLength is how many messages the list shows at once.
const pageLength = 100

// pagePolicy allows our own files and the frame with the mail, nothing else; framePolicy is for the mail itself.
const (
	pagePolicy  = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	framePolicy = "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; font-src http: https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
)

// Handler returns the web pages and the JSON API. Requests from other sites that would change something are refused.
func (c *Catcher) Handler() http.Handler {
	pages := template.Must(template.New("").Funcs(template.FuncMap{
		"clock": func(t time.Time) string { return t.Format("2 Jan 2006, 15:04:05") },
		"size":  sizeText,
		"join":  func(s []string) string { return strings.Join(s, ", ") },
	}).ParseFS(templateFiles, "templates/*.html"))
	w := &web{catcher: c, pages: pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.list)
	mux.HandleFunc("GET /messages/{id}", w.message)
	mux.HandleFunc("GET /messages/{id}/html", w.frame)
	mux.HandleFunc("GET /messages/{id}/source", w.source)
	mux.HandleFunc("POST /delete", w.deleteAll)
	mux.HandleFunc("GET /api/messages", w.apiList)
	mux.HandleFunc("GET /api/messages/{id}", w.apiMessage)
	mux.HandleFunc("DELETE /api/messages", w.apiDelete)
	mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		guarded.ServeHTTP(rw, r)
	})
}

type web struct {
	catcher *Catcher
	pages   *template.Template
}

type listPage struct {
	Title    string
	To       string
	Messages []Message
	Older    int64 // the id to page on before; 0 at the end
	Newest   int64
	Kept     int
	SMTP     string
	Paged    bool
}

func (w *web) list(rw http.ResponseWriter, r *http.Request) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	page := listPage{Title: "Caught mail", To: r.URL.Query().Get("to"), Newest: w.catcher.Count(), SMTP: w.catcher.SMTPAddr(), Paged: before > 0}
	page.Messages = w.summaries(page.To, before, pageLength+1)
	if len(page.Messages) > pageLength {
		page.Messages = page.Messages[:pageLength]
		page.Older = page.Messages[pageLength-1].ID
	}
	w.catcher.mu.RLock()
	page.Kept = len(w.catcher.kept)
	w.catcher.mu.RUnlock()
	w.render(rw, "list.html", page)
}

func (w *web) summaries(to string, before int64, limit int) []Message {
	out := []Message{}
	for _, e := range w.catcher.find(to, before, limit) {
		out = append(out, e.summary())
	}
	return out
}

type messagePage struct {
	Title string
	Message
	Unsubscribe string
}

func (w *web) message(rw http.ResponseWriter, r *http.Request) {
	m, ok := w.asked(rw, r)
	if !ok {
		return
	}
	title := m.Subject
	if title == "" {
		title = "No subject"
	}
	w.render(rw, "message.html", messagePage{Title: title, Message: m, Unsubscribe: m.Header("List-Unsubscribe")})
}

var headTag = regexp.MustCompile(`(?i)<head(\s[^>]*)?>`)

// frame serves the HTML part so that its links leave the frame.
func (w *web) frame(rw http.ResponseWriter, r *http.Request) {
	m, ok := w.asked(rw, r)
	if !ok {
		return
	}
	const base = `<base target="_top">`
	page := m.HTML
	if at := headTag.FindStringIndex(page); at != nil {
		page = page[:at[1]] + base + page[at[1]:]
	} else {
		page = base + page
	}
	rw.Header().Set("Content-Security-Policy", framePolicy)
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(rw, page) // the reader may be gone
}

func (w *web) source(rw http.ResponseWriter, r *http.Request) {
	e, err := w.catcher.envelope(idOf(r))
	if err != nil {
		http.Error(rw, "This message is not kept any more.", http.StatusNotFound)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = rw.Write(e.raw)
}

func (w *web) deleteAll(rw http.ResponseWriter, r *http.Request) {
	w.catcher.Clear()
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}

func (w *web) apiList(rw http.ResponseWriter, r *http.Request) {
	limit := pageLength
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			writeJSON(rw, http.StatusBadRequest, map[string]string{"error": "limit: give a whole number from 1"})
			return
		}
		limit = n
	}
	writeJSON(rw, http.StatusOK, w.summaries(r.URL.Query().Get("to"), 0, limit))
}

func (w *web) apiMessage(rw http.ResponseWriter, r *http.Request) {
	m, err := w.catcher.Message(idOf(r))
	if errors.Is(err, ErrNotFound) {
		writeJSON(rw, http.StatusNotFound, map[string]string{"error": "this message is not kept any more"})
		return
	}
	writeJSON(rw, http.StatusOK, m)
}

func (w *web) apiDelete(rw http.ResponseWriter, _ *http.Request) {
	w.catcher.Clear()
	rw.WriteHeader(http.StatusNoContent)
}

func idOf(r *http.Request) int64 {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64) // 0 is nobody's id
	return id
}

func (w *web) asked(rw http.ResponseWriter, r *http.Request) (Message, bool) {
	m, err := w.catcher.Message(idOf(r))
	if err != nil {
		rw.WriteHeader(http.StatusNotFound)
		w.render(rw, "gone.html", listPage{Title: "Not kept any more"})
		return Message{}, false
	}
	return m, true
}

func (w *web) render(rw http.ResponseWriter, name string, page any) {
	var b bytes.Buffer
	if err := w.pages.ExecuteTemplate(&b, name, page); err != nil {
		w.catcher.cfg.Logger.Error("mail catcher page", "page", name, "error", err)
		http.Error(rw, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	_, _ = b.WriteTo(rw)
}

func writeJSON(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	enc := json.NewEncoder(rw)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

func sizeText(n int) string {
	if n < 1024 {
		return strconv.Itoa(n) + " B"
	}
	return strconv.FormatFloat(float64(n)/1024, 'f', 1, 64) + " KB"
}
