package admin

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed templates static locales
var files embed.FS

// Locales are the panel's sentences, for tools that check catalogues.
func Locales() fs.FS { return files }

// assets are the static files under one address that changes with any of them: they may be cached for ever, and modules
// import each other by plain relative names.
type assets struct {
	version string
	files   map[string]asset
}

type asset struct {
	kind          string
	plain, zipped []byte // zipped is nil where it saves nothing
}

func loadAssets() (*assets, error) {
	all := &assets{files: map[string]asset{}}
	hash := sha256.New()
	entries, err := files.ReadDir("static")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		raw, err := files.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(hash, entry.Name(), len(raw))
		hash.Write(raw)
		file := asset{kind: kindOf(entry.Name()), plain: raw}
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if _, err := w.Write(raw); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		if packed.Len() < len(raw)*9/10 {
			file.zipped = packed.Bytes()
		}
		all.files[entry.Name()] = file
	}
	all.version = hex.EncodeToString(hash.Sum(nil)[:6])
	return all, nil
}

// kindOf does not ask the system's table, which differs between machines.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// address is the path of a static file below the panel's, or an error for one that does not exist.
func (s *assets) address(name string) (string, error) {
	if _, ok := s.files[name]; !ok {
		return "", fmt.Errorf("no file %q in static", name)
	}
	return "/static/" + s.version + "/" + name, nil
}

func (a *Admin) serveAsset(c *fiber.Ctx) error {
	file, ok := a.assets.files[c.Params("file")]
	if !ok {
		return c.SendStatus(fiber.StatusNotFound)
	}
	c.Set(fiber.HeaderContentType, file.kind)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Params("version") == a.assets.version {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else { // an old page asks; the file is today's, so it must not stay under that address
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if file.zipped != nil && strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(file.zipped)
	}
	return c.Send(file.plain)
}
