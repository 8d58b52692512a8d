package admin

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/sheet"
)

// exportKinds are the media types of the formats that tables are given out in.
var exportKinds = map[string]string{
	"csv":  "text/csv; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// exportLinks are the addresses of a table in both formats: those of the list's page, its filter and order kept.
type exportLinks struct{ CSV, XLSX string }

// exportLinks makes the links of the page that is shown; to is its export's path without the format.
func (v *visit) exportLinks(to string) *exportLinks {
	_, query, filtered := strings.Cut(v.here(), "?")
	if filtered {
		query = "?" + query
	}
	return &exportLinks{v.a.link(to + ".csv" + query), v.a.link(to + ".xlsx" + query)}
}

// export sends a table row by row, in the format that the path ends in.
func (v *visit) export(name string, columns []string, rows func(ctx context.Context, out *sheet.Writer) error) error {
	return v.download(name, func(ctx context.Context, format string, w io.Writer) error {
		out, err := sheet.NewWriter(w, format, columns)
		if err != nil {
			return err
		}
		if err := rows(ctx, out); err != nil {
			return err
		}
		return out.Close()
	})
}

// exportTime is the longest an export may take.
const exportTime = 10 * time.Minute

// tempFile is gone when it is closed.
type tempFile struct{ *os.File }

func (f *tempFile) Close() error {
	err := f.File.Close()
	if removing := os.Remove(f.Name()); err == nil {
		err = removing
	}
	return err
}

// download sends what write makes, in the format that the path ends in. It goes to a file first, so that an error in the
// middle is an error and not a shorter list, and so that no list is held in memory.
func (v *visit) download(name string, write func(ctx context.Context, format string, w io.Writer) error) error {
	format, err := sheet.FormatOf(v.c.Path())
	if err != nil {
		return errNoPage
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), exportTime)
	defer cancel()
	file, err := os.CreateTemp("", "kupec-export-*."+format)
	if err != nil {
		return fmt.Errorf("making a file for the export: %w", err)
	}
	made := &tempFile{file}
	size := int64(0)
	if err = write(ctx, format, file); err == nil {
		if size, err = file.Seek(0, io.SeekCurrent); err == nil {
			_, err = file.Seek(0, io.SeekStart)
		}
	}
	if err != nil {
		_ = made.Close()
		return fmt.Errorf("writing the export: %w", err)
	}
	v.c.Set(fiber.HeaderContentType, exportKinds[format])
	v.c.Set(fiber.HeaderContentDisposition, "attachment; filename*=UTF-8''"+url.PathEscape(name+"."+format))
	return v.c.SendStream(made, int(size)) // closed when it is sent
}

// today is the date in names of files.
func (v *visit) today() string { return v.now().In(v.p.Zone()).Format(time.DateOnly) }

// local is a moment on the shop's clock, which is what a table shows.
func (v *visit) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(v.p.Zone())
}

// exportPeople sends everybody a filter chooses, with the columns of the list of customers.
func (v *visit) exportPeople(name string, f customer.ListFilter) error {
	var head []string
	for _, key := range []string{"name", "email", "stage", "consent", "orders", "net", "currency", "last", "place", "country"} {
		head = append(head, v.t("customers.column."+key))
	}
	return v.export(name, head, func(ctx context.Context, out *sheet.Writer) error {
		return v.a.rooms.People.Export(ctx, f, func(r customer.Row) error {
			stage := ""
			if b := v.stageBadge(r.Stage); b != nil {
				stage = b.Text
			}
			return out.Write([]any{v.personName(r.Profile), string(r.Profile.Email), stage, v.consentBadge(r.Consent).Text, r.Orders,
				r.Net.Amount(), r.Net.Currency(), v.local(r.LastOrderAt), r.Profile.Address.City, r.Profile.Address.Country})
		})
	})
}
