package newsletter

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"

	"github.com/osteele/liquid/expressions"
)

// A mailing is compiled once into programs: the bytes that are the same for everybody, and between them short
// instructions for what differs. A mail is then one walk over each program, appending to one buffer.

type opKind uint8

const (
	opText   opKind = iota // static bytes
	opValue                // the value of an expression
	opIf                   // the branch follows when the expression is true; else on to the instruction at to
	opUnless               // the reverse
	opElsif                // end of a branch (on to end), then as opIf
	opElse                 // end of a branch (on to end), else begins
	opEnd                  // the last branch ends
	opLink                 // the address of link n
	opOwn                  // one of the person's own addresses, by field name
	opPixel                // the address of the open pixel
	opPicks                // the recommendations of block n
	opPick                 // something of the recommendation being written, by name
)

type instruction struct {
	op   opKind
	text string // opText; of opValue: the value when it is fixed, else what stands in when a lone field is empty
	expr expressions.Expression
	name string // of a field: opValue that is one field and nothing more or only its default; opOwn; opPick
	n    int    // of a link, or of a block of recommendations
	to   int    // opIf, opUnless, opElsif: the next branch or the end, for when the condition is false
	end  int    // opElsif, opElse: where the whole block ends

	fixed bool   // opValue: the same for everybody
	line  int    // where the tag stands, for messages
	src   string // the tag
}

// program is instructions for one text. Values in it are escaped for HTML, or left as they are for plain text.
type program struct {
	code []instruction
	html bool
	size int // of the static bytes
}

// marks stand for instructions while a text goes through Markdown, the sanitiser and html/template. A mark is a word of
// letters and digits that does not occur in the content, so all of these pass it through untouched.
type marks struct {
	prefix  string
	code    []instruction
	pattern *regexp.Regexp
}

// newMarks chooses a prefix that none of the texts contains.
func newMarks(texts []string) *marks {
	for n := uint64(0); ; n++ {
		h := fnv.New64a()
		fmt.Fprint(h, n)
		for _, t := range texts {
			h.Write([]byte(t))
		}
		// The last letter keeps the number that follows apart.
		prefix := "kq" + strconv.FormatUint(h.Sum64(), 36) + "x"
		free := true
		for _, t := range texts {
			if strings.Contains(strings.ToLower(t), prefix) {
				free = false
			}
		}
		if free {
			return &marks{prefix: prefix, pattern: regexp.MustCompile(prefix + `([0-9]+)[vc]`)}
		}
	}
}

// put gives the mark for an instruction. It ends in c for a condition, in v for a value.
func (m *marks) put(in instruction) string {
	m.code = append(m.code, in)
	end := "v"
	switch in.op {
	case opIf, opUnless, opElsif, opElse, opEnd:
		end = "c"
	}
	return m.prefix + strconv.Itoa(len(m.code)-1) + end
}

// at finds the instruction of a text that is one whole mark.
func (m *marks) at(text string) (instruction, bool) {
	loc := m.pattern.FindStringSubmatchIndex(text)
	if loc == nil || loc[0] != 0 || loc[1] != len(text) {
		return instruction{}, false
	}
	return m.get(text[loc[2]:loc[3]])
}

func (m *marks) get(digits string) (instruction, bool) {
	i, err := strconv.Atoi(digits)
	if err != nil || i >= len(m.code) {
		return instruction{}, false
	}
	return m.code[i], true
}

// compile turns a text with marks into a program.
func (m *marks) compile(text string, asHTML bool) program {
	p := program{html: asHTML}
	last := 0
	for _, loc := range m.pattern.FindAllStringSubmatchIndex(text, -1) {
		in, ok := m.get(text[loc[2]:loc[3]])
		if !ok {
			continue
		}
		p.static(text[last:loc[0]])
		if in.fixed && asHTML {
			p.static(escapeHTML(in.text))
		} else if in.fixed {
			p.static(in.text)
		} else {
			p.code = append(p.code, in)
		}
		last = loc[1]
	}
	p.static(text[last:])
	p.resolve()
	return p
}

func (p *program) static(text string) {
	if n := len(p.code); n > 0 && p.code[n-1].op == opText {
		p.code[n-1].text += text
		p.size += len(text)
	} else if text != "" {
		p.code = append(p.code, instruction{op: opText, text: text})
		p.size += len(text)
	}
}

// resolve fills in where conditions go on. The tags of a text are checked when it is scanned; what is not a whole block
// all the same, because something was cut out, loses its conditions, so that a walk always comes to the end.
func (p *program) resolve() {
	var open [][]int
	for i := range p.code {
		switch p.code[i].op {
		case opIf, opUnless:
			open = append(open, []int{i})
		case opElsif, opElse, opEnd:
			if len(open) == 0 {
				p.code[i] = instruction{op: opText}
				continue
			}
			n := len(open) - 1
			p.code[open[n][len(open[n])-1]].to = i
			if p.code[i].op != opEnd {
				open[n] = append(open[n], i)
				continue
			}
			for _, branch := range open[n] {
				p.code[branch].end = i
			}
			open = open[:n]
		}
	}
	for _, block := range open {
		for _, i := range block {
			p.code[i] = instruction{op: opText}
		}
	}
}
