package crm

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/segment"
)

// The panel lists jobs by these names, never by their kind.
func TestEveryJobHasANameInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "sl"} {
		raw, err := os.ReadFile("../admin/locales/" + language + "/settings.json")
		if err != nil {
			t.Fatal(err)
		}
		var sentences map[string]any
		if err := json.Unmarshal(raw, &sentences); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{jobFacts, jobRecommend, jobCredits, jobReconcile, jobTidyImports, jobReports, importer.JobKind, jobFollowAll, jobFollowUsed, jobFollow, segment.BacktestJob} {
			if name, _ := sentences["job."+kind].(string); name == "" {
				t.Errorf("%s: no name for the job %s", language, kind)
			}
		}
	}
}
