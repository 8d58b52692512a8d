package opencart

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/kupec/kupec/adapters/foreign"
)

// OpenCart keeps lists as JSON that PHP wrote: numbers may be text, and a map without entries is a list, [].

// mostJSON is how long such a text may be. A longer one is nobody's cart.
const mostJSON = 1 << 18

var errJSON = errors.New("not the JSON that OpenCart writes")

// value reads any JSON; text that is empty is nothing.
func value(text string) (any, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	if len(text) > mostJSON {
		return nil, errJSON
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil || decoder.More() {
		return nil, errJSON
	}
	return v, nil
}

// word is a scalar's text.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// idList reads ["5","3"]; what is no id is left out.
func idList(text string) (all []int64) {
	v, err := value(text)
	if err != nil {
		return nil
	}
	list, _ := v.([]any)
	for _, item := range list {
		if id := foreign.ID(word(item)); id > 0 {
			all = append(all, id)
		}
	}
	return all
}

// choices reads {"227":"18","230":["19"],"231":"a text"}: the value that was chosen of each of a product's options. Options
// of which several can be chosen, and texts, are left out, for they make no variant.
func choices(text string) (map[int64]int64, error) {
	v, err := value(text)
	if err != nil {
		return nil, err
	}
	all := map[int64]int64{}
	entries, _ := v.(map[string]any)
	for name, chosen := range entries {
		option, id := foreign.ID(name), foreign.ID(word(chosen))
		if option > 0 && id > 0 {
			all[option] = id
		}
	}
	return all, nil
}

// session is what a visitor's session says of who it is and what was ordered.
type session struct {
	order                             int64
	email, firstName, lastName, phone string
}

// parseSession reads a session's data. 3.0 keeps a guest as "guest", later versions as "customer". A session that cannot be
// read is one of somebody unknown.
func parseSession(text string) session {
	v, err := value(text)
	if err != nil {
		return session{}
	}
	data, _ := v.(map[string]any)
	s := session{order: foreign.ID(word(data["order_id"]))}
	for _, name := range []string{"guest", "customer"} {
		person, _ := data[name].(map[string]any)
		if email := strings.TrimSpace(word(person["email"])); email != "" {
			s.email, s.firstName, s.lastName, s.phone = email, foreign.Plain(word(person["firstname"])), foreign.Plain(word(person["lastname"])), foreign.Plain(word(person["telephone"]))
		}
	}
	return s
}
