package bitrix

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/kupec/kupec/adapters/foreign"
)

// Addresses of pages are templates with marks: "#SITE_DIR#catalog/#SECTION_CODE_PATH#/#ELEMENT_CODE#/".

var (
	mark    = regexp.MustCompile(`#[A-Z_]+#`)
	slashes = regexp.MustCompile(`/{2,}`)
)

// address fills a template in; empty where the iblock has no such page. A mark that is not known is left out, as Bitrix
// leaves out what it has no value for.
func (r *reader) address(c catalog, template string, marks map[string]string) string {
	if strings.TrimSpace(template) == "" {
		return ""
	}
	s, ok := r.sites[c.site]
	if !ok {
		s = r.main
	}
	home := r.home(s)
	if home == "" {
		return ""
	}
	path := mark.ReplaceAllStringFunc(template, func(m string) string {
		switch name := strings.Trim(m, "#"); name {
		case "SITE_DIR":
			return s.dir
		case "SERVER_NAME":
			return ""
		case "IBLOCK_ID":
			return foreign.Str(c.id)
		case "IBLOCK_CODE":
			return url.PathEscape(c.code)
		case "IBLOCK_TYPE_ID":
			return url.PathEscape(c.kind)
		case "IBLOCK_EXTERNAL_ID":
			return url.PathEscape(c.xml)
		default:
			return marks[name]
		}
	})
	path = strings.TrimPrefix(strings.TrimPrefix(path, "https://"), "http://")
	return home + slashes.ReplaceAllString("/"+path, "/")
}

// addressOf gives what a product's page may be named by.
func addressOf(e element, paths map[int64]string) map[string]string {
	id, section := foreign.Str(e.id), ""
	if e.section > 0 {
		section = foreign.Str(e.section)
	}
	return map[string]string{
		"ID": id, "ELEMENT_ID": id, "CODE": url.PathEscape(e.code), "ELEMENT_CODE": url.PathEscape(e.code), "EXTERNAL_ID": url.PathEscape(e.xml),
		"SECTION_ID": section, "SECTION_CODE": url.PathEscape(e.sectionCode), "SECTION_CODE_PATH": paths[e.section],
	}
}

// addressOfSection gives what a section's page may be named by.
func addressOfSection(id int64, code, xml, path string) map[string]string {
	key := foreign.Str(id)
	return map[string]string{
		"ID": key, "SECTION_ID": key, "CODE": url.PathEscape(code), "SECTION_CODE": url.PathEscape(code), "EXTERNAL_ID": url.PathEscape(xml), "SECTION_CODE_PATH": path,
	}
}
