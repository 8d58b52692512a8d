package daemon

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// Streams of a shop take turns, and each says at its turn how far it is.
func TestWorkThatTakesTurnsKeepsItsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		bar := (&terminal{err: &said}).progress()
		bar.show("products", 120, 120)
		for done := int64(1000); done <= 31_000; done += 1000 { // went on at 1,000, of which the rest was done before
			bar.show("orders", done, 40_000)
			time.Sleep(time.Second)
			bar.show("products", 120, 120)
		}
		want := "orders: 6000 of about 40000, 1000 a second, 34s left\n"
		if !bytes.HasPrefix(said.Bytes(), []byte(want)) || bytes.Contains(said.Bytes(), []byte("products")) {
			t.Errorf("got\n%swant first\n%s", &said, want)
		}
		last := "orders: 31000 of about 40000, 1000 a second, 9s left\n"
		if !bytes.HasSuffix(said.Bytes(), []byte(last)) {
			t.Errorf("got\n%swant last\n%s", &said, last)
		}
	})
}
