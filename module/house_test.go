package crm_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const here = "github.com/kupec/kupec/"

// floors is the house from the ground up. A room imports only from floors below its own.
var floors = [][]string{
	{"module/money", "module/contact", "module/locale", "module/token", "module/sheet", "module/predict", "module/affinity", "module/internal/mariadb", "module/internal/catcher"},
	{"module/store"},
	{"migrations"},
	{"adapters"},
	{"adapters/foreign"},
	{"adapters/follow"},
	{"adapters/woocommerce", "adapters/opencart", "adapters/prestashop", "adapters/magento", "adapters/bitrix", "adapters/sqlmap", "module/demo"},
	{"module/job"},
	{"module/staff"},
	{"module/catalog"},
	{"module/consent", "module/purchase"},
	{"module/customer"},
	{"module/intake", "module/importer"},
	{"module/insight"},
	{"module/segment", "module/recommend"},
	{"module/delivery", "module/evaluate"},
	{"module/newsletter", "module/attribution", "module/report"},
	{"admin", "storefront"},
	{"module"},
	{"module/internal/bench"},
	{"module/internal/daemon"},
	{"module/cmd/kupec"},
}

// within lists imports between rooms of one floor that are meant: values build on values.
var within = map[string]string{"module/locale": "module/money", "module/sheet": "module/locale"}

// helpers are packages for tests and tools only: they may look at any room, and no room may import them.
var helpers = []string{"module/store/storetest", "adapters/adaptertest", "module/internal/mariadb/with"}

// libraries that only some rooms may know.
var libraries = map[string][]string{
	"github.com/gofiber/fiber":     {"admin", "storefront", "module", "module/internal/bench", "module/internal/daemon"},
	"github.com/wneessen/go-mail":  {"module/delivery", "module/internal/bench"},
	"github.com/emersion/go-smtp":  {"module/internal/catcher"},
	"github.com/chromedp":          {},
	"github.com/google/go-cmp":     {},
	"github.com/jba/templatecheck": {},
}

func TestARoomImportsOnlyFromTheFloorsBelow(t *testing.T) {
	t.Parallel()
	floor := map[string]int{}
	for i, rooms := range floors {
		for _, room := range rooms {
			floor[room] = i
		}
	}
	for room, imports := range readImports(t) {
		if slices.Contains(helpers, room) {
			continue
		}
		own, known := floor[room]
		if !known {
			t.Errorf("%s has no place in the house: put it on a floor in this test and in the README's map", room)
			continue
		}
		for _, imported := range imports {
			if other, ours := strings.CutPrefix(imported, here); ours {
				switch below, placed := floor[other]; {
				case slices.Contains(helpers, other):
					t.Errorf("%s imports %s, which is for tests", room, other)
				case placed && below >= own && within[room] != other:
					t.Errorf("%s imports %s, which is not on a floor below it", room, other)
				}
				continue
			}
			for library, rooms := range libraries {
				if strings.HasPrefix(imported, library) && !slices.Contains(rooms, room) {
					t.Errorf("%s imports %s, which is for %v only", room, imported, rooms)
				}
			}
		}
	}
}

// readImports gives the imports of each package's code, tests left out.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	root := ".."
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		room := path.Clean(filepath.ToSlash(relative))
		found[room] = append(found[room], "")
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[room] = append(found[room], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
