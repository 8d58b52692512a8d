package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Config tunes an Importer. The zero value is good.
type Config struct {
	Clock  func() time.Time // default time.Now
	Logger *slog.Logger     // default: discards
	// OnChange is called with the profiles that a batch touched, in the batch's transaction, for two batches at the same
	// time too. Default: nothing.
	OnChange func(ctx context.Context, db bun.IDB, profileIDs []int64) error
}

// Importer is the room's service. It is safe for concurrent use.
type Importer struct {
	db       *bun.DB
	people   *customer.Registry
	consents *consent.Ledger
	cfg      Config
}

// New makes an importer over the CRM's database.
func New(db *bun.DB, people *customer.Registry, consents *consent.Ledger, cfg Config) *Importer {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Importer{db: db, people: people, consents: consents, cfg: cfg}
}

func (i *Importer) now() time.Time { return i.cfg.Clock().UTC().Truncate(time.Microsecond) }

// State is where an import stands.
type State string

// The states.
const (
	Receiving State = "receiving" // its file is coming in, or the coming broke off
	Staging   State = "staging"   // its rows are being copied, or could not be: Fault says why
	Draft     State = "draft"     // its columns wait to be described
	Checked   State = "checked"   // it is known what it would do
	Applying  State = "applying"  // some of it may be done
	Done      State = "done"
	Undoing   State = "undoing"
	Undone    State = "undone"
)

// Outcome is what becomes of a row.
type Outcome string

// The outcomes.
const (
	Stranger Outcome = "new"
	Update   Outcome = "update"
	Same     Outcome = "same"     // all of it is known
	Doubtful Outcome = "doubtful" // it looks like somebody who is known by another address
	Repeated Outcome = "repeated" // its address is on an earlier line
	Bad      Outcome = "bad"
)

// Report is what a check found.
type Report struct {
	Rows     map[Outcome]int `json:"rows"`
	Changes  map[Field]int   `json:"changes"`  // how many known people would get a new value of each part; Email: none
	Consents int             `json:"consents"` // rows to be taken in that say so; who has said something to the shop already keeps it
	Warnings int             `json:"warnings"` // rows of which something is left out
}

// Import is one file on its way.
type Import struct {
	ID        int64
	ShopID    int64
	Name      string // of the file
	State     State
	Head      []string   // the first row
	HeadLine  int        // where it is
	Form      sheet.Info // how the file was read
	Settings  Settings
	Report    Report
	Total     int          // rows, the first included
	Stopped   *StopError   // why the last step did not come to its end; nil: it did
	Fault     *sheet.Error // why the file could not be read
	CreatedBy int64
	CreatedAt time.Time
	CheckedAt time.Time
	AppliedAt time.Time
	UndoneAt  time.Time
}

// People is how many rows there are beside the head.
func (im Import) People() int {
	if im.Settings.Headless || im.Total == 0 {
		return im.Total
	}
	return im.Total - 1
}

// takes is the outcomes of the rows that are taken in.
func (s Settings) takes() []Outcome {
	outcomes := []Outcome{Stranger, Update}
	if s.Claim != nil {
		outcomes = append(outcomes, Same) // for the consent's sake
	}
	if s.Doubtful == TakeIn {
		outcomes = append(outcomes, Doubtful)
	}
	return outcomes
}

// Takes is how many rows [Importer.Apply] takes in.
func (im Import) Takes() int {
	n := 0
	for _, outcome := range im.Settings.takes() {
		n += im.Report.Rows[outcome]
	}
	return n
}

type importRow struct {
	bun.BaseModel `bun:"table:crm_imports,alias:i"`

	ID        int64 `bun:",pk,autoincrement"`
	ShopID    int64
	Name      string
	State     State
	Head      string
	Form      string
	Settings  string
	Report    string
	Total     int
	Error     string `bun:",nullzero"`
	CreatedBy int64
	CreatedAt time.Time
	CheckedAt bun.NullTime
	AppliedAt bun.NullTime
	UndoneAt  bun.NullTime
}

// head is the first row as it is kept.
type head struct {
	Line  int      `json:"line"`
	Cells []string `json:"cells"`
}

func (r importRow) value() (Import, error) {
	i := Import{ID: r.ID, ShopID: r.ShopID, Name: r.Name, State: r.State, Total: r.Total, Stopped: stoppedBefore(r.Error), CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt, CheckedAt: r.CheckedAt.Time, AppliedAt: r.AppliedAt.Time, UndoneAt: r.UndoneAt.Time}
	var first head
	for text, into := range map[string]any{r.Head: &first, r.Form: &i.Form, r.Settings: &i.Settings, r.Report: &i.Report} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return Import{}, fmt.Errorf("import %d is damaged: %w", r.ID, err)
		}
	}
	i.Head, i.HeadLine = first.Cells, first.Line
	if fault := new(sheet.Error); r.State == Staging && json.Unmarshal([]byte(r.Error), fault) == nil && fault.Key != "" {
		i.Stopped, i.Fault = nil, fault
	}
	return i, nil
}

// Get gives one import, or store.ErrNotFound. It needs [staff.EditPeople].
func (i *Importer) Get(ctx context.Context, id int64) (Import, error) {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return Import{}, err
	}
	return i.load(ctx, i.db, id, false)
}

// row is an import as it is stored.
func (i *Importer) row(ctx context.Context, id int64) (importRow, error) {
	var row importRow
	if err := i.db.NewSelect().Model(&row).Where("i.id = ?", id).Scan(ctx); err != nil {
		return row, fmt.Errorf("import %d: %w", id, store.NotFound(err))
	}
	return row, nil
}

func (i *Importer) load(ctx context.Context, db bun.IDB, id int64, hold bool) (Import, error) {
	var row importRow
	q := db.NewSelect().Model(&row).Where("i.id = ?", id)
	if hold {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return Import{}, fmt.Errorf("import %d: %w", id, store.NotFound(err))
	}
	return row.value()
}

// List gives the newest imports, at most limit. It needs [staff.EditPeople].
func (i *Importer) List(ctx context.Context, limit int) ([]Import, error) {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return nil, err
	}
	var rows []importRow
	if err := i.db.NewSelect().Model(&rows).OrderExpr("i.created_at DESC, i.id DESC").Limit(int64(min(limit, store.PageMax))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing imports: %w", err)
	}
	list := make([]Import, len(rows))
	for n, row := range rows {
		var err error
		if list[n], err = row.value(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Configure keeps what staff say of the file; a check that was made is void. It fails with a [*SettingsError] for what
// cannot be, with [ErrState] once the import was applied, and with [ErrBusy] while a step is at work. It needs [staff.EditPeople], and [staff.ManageMail] where
// consent is claimed.
func (i *Importer) Configure(ctx context.Context, id int64, s Settings) error {
	if err := allowed(ctx, s); err != nil {
		return err
	}
	if err := i.topic(ctx, s.Claim); err != nil {
		return err
	}
	return i.alone(ctx, id, 0, func(ctx context.Context, _ func(context.Context) error) error { return i.configure(ctx, id, s) })
}

func (i *Importer) configure(ctx context.Context, id int64, s Settings) error {
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		im, err := i.load(ctx, tx, id, true)
		if err != nil {
			return err
		}
		if im.State != Draft && im.State != Checked {
			return fmt.Errorf("%w: import %d is %s", ErrState, id, im.State)
		}
		if err := s.check(len(im.Head), i.now()); err != nil {
			return err
		}
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("UPDATE crm_imports SET settings = ?, state = ?, report = '{}', checked_at = NULL WHERE id = ?", string(raw), Draft, id).Exec(ctx)
		return err
	})
}

// topic holds a claim against the topics there are.
func (i *Importer) topic(ctx context.Context, claim *Claim) error {
	if claim == nil {
		return nil
	}
	topics, err := i.consents.Topics(ctx)
	if err != nil {
		return err
	}
	var keys []string
	for _, t := range topics {
		if t.Topic == claim.Topic {
			return nil
		}
		keys = append(keys, t.Topic)
	}
	return &SettingsError{"claim.topic", "importer.settings.no_topic", []any{"topic", claim.Topic, "topics", strings.Join(keys, ", ")}}
}

func allowed(ctx context.Context, s Settings) error {
	_, err := staff.Require(ctx, staff.EditPeople)
	if err == nil && s.Claim != nil {
		_, err = staff.Require(ctx, staff.ManageMail)
	}
	return err
}

// Discard forgets an import that was not applied, or was undone, with its rows. It needs [staff.EditPeople].
func (i *Importer) Discard(ctx context.Context, id int64) error {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return err
	}
	return i.alone(ctx, id, 0, func(ctx context.Context, keep func(context.Context) error) error { return i.discard(ctx, id, keep) })
}

func (i *Importer) discard(ctx context.Context, id int64, keep func(context.Context) error) error {
	im, err := i.load(ctx, i.db, id, false)
	if err != nil {
		return err
	}
	if im.State == Applying || im.State == Done || im.State == Undoing {
		return fmt.Errorf("%w: import %d is %s; undo it first", ErrState, id, im.State)
	}
	if err := i.forgetRows(ctx, id, keep); err != nil {
		return err
	}
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		if err := i.forgetFile(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.NewRaw("DELETE FROM crm_imports WHERE id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting import %d: %w", id, err)
		}
		return staff.Record(ctx, tx, "import.discard", "import", id, map[string]any{"rows": im.Total})
	})
}

// enter moves an import into a state, if it is in one of from.
func (i *Importer) enter(ctx context.Context, id int64, to State, from []State) (Import, error) {
	var im Import
	err := store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if im, err = i.load(ctx, tx, id, true); err != nil {
			return err
		}
		if !slices.Contains(from, im.State) {
			return fmt.Errorf("%w: import %d is %s", ErrState, id, im.State)
		}
		im.State = to
		_, err = tx.NewRaw("UPDATE crm_imports SET state = ?, error = NULL WHERE id = ?", to, id).Exec(ctx)
		return err
	})
	return im, err
}

// leave notes how a step ended: in a state, with the time in a column.
func (i *Importer) leave(ctx context.Context, id int64, state State, column string) error {
	_, err := i.db.NewRaw("UPDATE crm_imports SET state = ?, error = NULL, "+column+" = ? WHERE id = ?", state, i.now(), id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("finishing import %d: %w", id, err)
	}
	return nil
}

// Step is a thing to do with an import that takes a while.
type Step string

// The steps.
const (
	StepCheck Step = "check"
	StepApply Step = "apply"
	StepUndo  Step = "undo"
)

// before is the states in which a step can be begun, or gone on with.
var before = map[Step][]State{
	StepCheck: {Draft, Checked},
	StepApply: {Checked, Applying},
	StepUndo:  {Applying, Done, Undoing},
}

// Progress is told how far a step is.
type Progress func(ctx context.Context, done, total int) error

// Begin says whether ctx's actor may have a step done, and notes in the audit log that they had. The step itself is done
// by [Importer.Do], by a background job or at once.
func (i *Importer) Begin(ctx context.Context, id int64, step Step) error {
	return i.begin(ctx, i.db, id, step)
}

func (i *Importer) begin(ctx context.Context, db bun.IDB, id int64, step Step) error {
	im, err := i.load(ctx, db, id, false)
	if err != nil {
		return err
	}
	if err := allowed(ctx, im.Settings); err != nil {
		return err
	}
	if !slices.Contains(before[step], im.State) {
		return fmt.Errorf("%w: import %d is %s", ErrState, id, im.State)
	}
	if step == StepCheck {
		return nil
	}
	return staff.Record(ctx, db, "import."+string(step), "import", id, map[string]any{"rows": im.Total, "consent": im.Settings.Claim != nil})
}

// JobKind is the kind of the background jobs that do steps.
const JobKind = "import.step"

// task is what such a job is told.
type task struct {
	Import int64 `json:"import"`
	Step   Step  `json:"step"`
}

// Enqueue has a step done in the background, by ctx's actor's leave: see [Importer.Begin]. While a step of the import is
// waiting or running, another one is not begun.
func (i *Importer) Enqueue(ctx context.Context, jobs *job.Queue, id int64, step Step) error {
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		if err := i.begin(ctx, tx, id, step); err != nil {
			return err
		}
		_, err := jobs.Enqueue(ctx, tx, JobKind, task{id, step}, job.Options{UniqueKey: jobKey(id)})
		return err
	})
}

func jobKey(id int64) string { return JobKind + " " + strconv.FormatInt(id, 10) }

// Work gives the background job that does a step of an import just now, or waits to, or [store.ErrNotFound].
func (i *Importer) Work(ctx context.Context, jobs *job.Queue, id int64) (job.Job, error) {
	return jobs.Pending(ctx, jobKey(id))
}

// Run is the handler of [JobKind].
func (i *Importer) Run(ctx context.Context, run *job.Run) error {
	var t task
	if err := run.Payload(&t); err != nil {
		return job.Permanent(err)
	}
	err := i.Do(staff.WithSystem(ctx, "import"), t.Import, t.Step, func(ctx context.Context, done, total int) error {
		return run.Progress(ctx, int64(done), int64(total), "")
	})
	var wrong *SettingsError
	if errors.Is(err, ErrState) || errors.As(err, &wrong) {
		return job.Permanent(err)
	}
	return err
}

// Do does a step to its end, going on where it was interrupted. An error leaves the import as far as it came, and stands in
// [Import.Stopped] if it is not that the step cannot be begun. Who finds
// another process at work on the import waits for as long as one that died holds it, and then fails with [ErrBusy].
func (i *Importer) Do(ctx context.Context, id int64, step Step, tell Progress) error {
	if tell == nil {
		tell = func(context.Context, int, int) error { return nil }
	}
	return i.alone(ctx, id, store.LeaseTime+5*time.Second, func(ctx context.Context, keep func(context.Context) error) error {
		return i.do(ctx, id, step, func(ctx context.Context, done, total int) error {
			return errors.Join(keep(ctx), tell(ctx, done, total))
		})
	})
}

func (i *Importer) do(ctx context.Context, id int64, step Step, tell Progress) error {
	var err error
	switch step {
	case StepCheck:
		err = i.Check(ctx, id, tell)
	case StepApply:
		err = i.Apply(ctx, id, tell)
	case StepUndo:
		err = i.Undo(ctx, id, tell)
	default:
		return fmt.Errorf("an import has no step %q", string(step))
	}
	if err != nil && !errors.Is(err, ErrState) && ctx.Err() == nil {
		raw, marshalling := json.Marshal(stopped(err))
		_, noting := i.db.NewRaw("UPDATE crm_imports SET error = ? WHERE id = ?", string(raw), id).Exec(ctx)
		err = errors.Join(err, marshalling, noting)
	}
	return err
}
