package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
)

// A picture is the kind of drawing a product has. Each is a few flat shapes on a 72 by 72 ground; one description gives the
// SVG for the shop's pages and the PNG for mail clients, which show no SVG.
type picture uint8

const (
	_ picture = iota
	picBag
	picTin
	picBox
	picDripper
	picMachine
	picGrinder
	picPot
	picKettle
	picCup
	picFilter
	picBottle
	picGift
)

type point struct{ x, y float64 }

// A shape is a filled polygon; curves are polygons with many corners.
type shape struct {
	points []point
	fill   uint32
}

type drawing []shape

func (g *drawing) polygon(fill uint32, xy ...float64) {
	s := shape{fill: fill}
	for i := 0; i+1 < len(xy); i += 2 {
		s.points = append(s.points, point{xy[i], xy[i+1]})
	}
	*g = append(*g, s)
}

func (g *drawing) ellipse(fill uint32, cx, cy, rx, ry float64) {
	s := shape{fill: fill}
	const n = 48
	for i := range n {
		a := 2 * math.Pi * float64(i) / n
		s.points = append(s.points, point{cx + rx*math.Cos(a), cy + ry*math.Sin(a)})
	}
	*g = append(*g, s)
}

func (g *drawing) rect(fill uint32, x, y, w, h, r float64) {
	s := shape{fill: fill}
	for corner, c := range [4]point{{x + w - r, y + h - r}, {x + r, y + h - r}, {x + r, y + r}, {x + w - r, y + r}} {
		for i := range 9 {
			a := math.Pi / 2 * (float64(corner) + float64(i)/8)
			s.points = append(s.points, point{c.x + r*math.Cos(a), c.y + r*math.Sin(a)})
		}
	}
	*g = append(*g, s)
}

// shade mixes a colour towards white (t > 0) or black (t < 0).
func shade(c uint32, t float64) uint32 {
	target := 255.0
	if t < 0 {
		target, t = 0, -t
	}
	var out uint32
	for s := 0; s <= 16; s += 8 {
		v := float64(c >> s & 255)
		out |= uint32(v+(target-v)*t+.5) << s
	}
	return out
}

// draw describes the product's picture.
func (p *product) draw() drawing {
	var g drawing
	c, dark, light := p.tint, shade(p.tint, -.35), shade(p.tint, .82)
	g.rect(shade(p.tint, .78), 0, 0, 72, 72, 0)
	g.ellipse(shade(p.tint, .86), 36, 33, 27, 27)
	g.ellipse(shade(p.tint, .62), 36, 60.5, 22, 2.5)
	switch p.picture {
	case picBag:
		g.polygon(c, 24, 15, 48, 15, 52, 23, 52, 58, 50.5, 60, 21.500, 60, 20, 58, 20, 23)
		g.polygon(dark, 24, 15, 48, 15, 50, 19, 22, 19)
		g.rect(light, 26, 30, 20, 18, 2)
		g.rect(c, 30, 35, 12, 2, 1)
		g.rect(c, 30, 39.5, 8, 2, 1)
	case picTin:
		g.rect(c, 21, 19, 30, 41, 4)
		g.rect(dark, 19, 13, 34, 9, 3)
		g.ellipse(light, 36, 40, 9.5, 9.5)
		g.polygon(dark, 31.5, 44.5, 32, 40, 35, 36.500, 40.5, 35.5, 40, 40.5, 37, 43.5)
	case picBox:
		g.rect(c, 18, 24, 36, 36, 2)
		g.polygon(dark, 18, 26, 23, 17, 49, 17, 54, 26)
		g.rect(light, 24, 34, 24, 16, 2)
		g.ellipse(c, 36, 42, 5, 5)
	case picDripper:
		g.polygon(0xffffff, 18, 16, 54, 16, 43, 36, 29, 36)
		g.polygon(shade(c, .7), 18, 16, 54, 16, 51.5, 21, 20.5, 21)
		g.rect(c, 24, 36, 24, 4, 2)
		g.polygon(shade(c, .55), 26, 43, 46, 43, 48, 57, 46, 60, 26, 60, 24, 57)
		g.polygon(c, 25, 50, 47, 50, 48, 57, 46, 60, 26, 60, 24, 57)
	case picMachine:
		g.rect(c, 15, 14, 42, 12, 3)
		g.rect(shade(c, -.15), 15, 24, 13, 36, 2)
		g.rect(dark, 15, 55, 42, 6, 2)
		g.rect(dark, 36, 26, 13, 5, 1.5)
		g.rect(0x3a2a20, 46, 27.500, 12, 2.5, 1.2)
		g.polygon(0xffffff, 36.5, 43, 48.5, 43, 46.5, 54, 38.5, 54)
		g.ellipse(light, 21.5, 20, 2.500, 2.500)
		g.ellipse(light, 49, 20, 3.500, 3.500)
	case picGrinder:
		g.polygon(shade(c, .6), 24, 12, 48, 12, 43, 27, 29, 27)
		g.polygon(0x5b3a28, 26.5, 19, 45.5, 19, 43, 27, 29, 27)
		g.rect(c, 26, 27, 20, 24, 3)
		g.rect(dark, 22, 52, 28, 8, 2)
		g.ellipse(light, 36, 37, 4.5, 4.5)
		g.rect(dark, 35.2, 33, 1.6, 5, .8)
	case picPot:
		g.polygon(shade(c, -.12), 47, 36, 59, 28, 60, 31, 50, 46)
		g.ellipse(dark, 20, 43, 9, 9)
		g.ellipse(shade(p.tint, .86), 20, 43, 5.5, 5.5)
		g.ellipse(c, 36, 44, 17, 16)
		g.rect(dark, 22, 28, 28, 4, 2)
		g.ellipse(dark, 36, 25, 3.5, 3.5)
	case picKettle:
		g.polygon(dark, 46, 46, 57, 24, 60, 24, 60, 26, 50, 52)
		g.polygon(c, 24, 26, 46, 26, 51, 58, 49, 60, 21, 60, 19, 58)
		g.rect(dark, 27, 21, 16, 5, 2)
		g.rect(dark, 12, 30, 12, 3.500, 1.700)
		g.rect(dark, 12, 30, 3.5, 20, 1.7)
	case picCup:
		g.ellipse(shade(c, -.1), 50, 39, 8, 8)
		g.ellipse(shade(p.tint, .86), 50, 39, 4.500, 4.500)
		g.polygon(c, 19, 28, 50, 28, 49, 43, 45, 50, 39, 53, 30, 53, 24, 50, 20, 43)
		g.ellipse(shade(c, -.2), 34.5, 28, 15.5, 4.5)
		g.ellipse(0x5b3a28, 34.5, 28.4, 13.5, 3.4)
		g.rect(dark, 17, 56, 35, 3.500, 1.700)
	case picFilter:
		g.polygon(0xffffff, 19, 16, 53, 16, 43, 57, 29, 57)
		g.polygon(shade(c, .55), 23, 22, 49, 22, 40.5, 53, 31.5, 53)
		g.rect(shade(c, -.1), 35.4, 22, 1.2, 31, .5)
	case picBottle:
		g.rect(dark, 31, 11, 10, 8, 2)
		g.polygon(c, 30, 19, 42, 19, 48, 28, 48, 57, 46, 60, 26, 60, 24, 57, 24, 28)
		g.rect(light, 24, 34, 24, 16, 0)
		g.rect(c, 29, 38.5, 14, 2, 1)
		g.rect(c, 29, 43.5, 9, 2, 1)
	case picGift:
		g.rect(c, 18, 30, 36, 30, 2)
		g.rect(dark, 16, 23, 40, 9, 2)
		g.rect(light, 32.5, 23, 7, 37, 0)
		g.ellipse(light, 29.5, 18.5, 6, 4.5)
		g.ellipse(light, 42.5, 18.5, 6, 4.5)
		g.ellipse(dark, 36, 20, 3, 3)
	}
	return g
}

// svg writes the drawing as an SVG document.
func (g drawing) svg() []byte {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">`)
	for _, s := range g {
		b.WriteString(`<path d="M`)
		for i, p := range s.points {
			if i > 0 {
				b.WriteByte('L')
			}
			fmt.Fprintf(&b, "%.2f %.2f", p.x, p.y)
		}
		fmt.Fprintf(&b, `z" fill="#%06x"/>`, s.fill)
	}
	b.WriteString("</svg>")
	return b.Bytes()
}

// png paints the drawing on size by size pixels, with soft edges.
func (g drawing) png(size int) ([]byte, error) {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	cover := make([]float64, size)
	scale := float64(size) / 72
	for y := range size {
		for _, s := range g {
			if !s.spread(cover, float64(y), scale) {
				continue
			}
			for x, a := range cover {
				if a == 0 {
					continue
				}
				old := img.NRGBAAt(x, y)
				blend := func(below uint8, shift int) uint8 {
					return uint8(float64(below)*(1-a) + float64(s.fill>>shift&255)*a + .5)
				}
				img.SetNRGBA(x, y, color.NRGBA{blend(old.R, 16), blend(old.G, 8), blend(old.B, 0), 255})
			}
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return nil, fmt.Errorf("demo: encode a picture: %w", err)
	}
	return b.Bytes(), nil
}

// spread sets how much of each pixel of row y the shape covers, from four lines through the row; false when it covers none.
func (s shape) spread(cover []float64, y, scale float64) bool {
	const lines = 4
	clear(cover)
	hit := false
	var xs []float64
	for l := range lines {
		at := (y + (float64(l)+.5)/lines) / scale
		xs = xs[:0]
		for i, p := range s.points {
			q := s.points[(i+1)%len(s.points)]
			if (p.y <= at) != (q.y <= at) {
				xs = append(xs, (p.x+(at-p.y)*(q.x-p.x)/(q.y-p.y))*scale)
			}
		}
		slices.Sort(xs)
		for i := 0; i+1 < len(xs); i += 2 {
			from, to := max(xs[i], 0), min(xs[i+1], float64(len(cover)))
			for x := int(from); x < len(cover) && float64(x) < to; x++ {
				cover[x] = min(1, cover[x]+(min(to, float64(x+1))-max(from, float64(x)))/lines)
				hit = true
			}
		}
	}
	return hit
}
