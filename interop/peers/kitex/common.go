// Command kitex-peer is one server and one client over Kitex, for the matrix in interop/run.
package main

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"

	"interop/kitex_gen/cases"
)

type options struct {
	port   int
	wire   string
	mux    bool
	test   string
	chain  string
	expect string
}

func main() {
	var o options
	if len(os.Args) < 2 {
		fail("expected: server or client")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.IntVar(&o.port, "port", 0, "")
	flags.StringVar(&o.wire, "wire", "ttheaderframed", "")
	flags.BoolVar(&o.mux, "mux", false, "")
	flags.StringVar(&o.test, "case", "", "")
	flags.StringVar(&o.chain, "chain", "", "")
	flags.StringVar(&o.expect, "expect", "", "")
	flags.Parse(os.Args[2:])
	if os.Args[1] == "server" {
		serve(o)
		return
	}
	failed := false
	for _, test := range strings.Split(o.test, ",") {
		o.test = test
		if err := run(o); err != nil {
			failed = true
			fmt.Println(test, strings.ReplaceAll(err.Error(), "\n", " / "))
		} else {
			fmt.Println(test, "ok")
		}
	}
	if failed {
		os.Exit(1)
	}
}

func fail(why string) {
	fmt.Println(why)
	os.Exit(1)
}

func everything() *cases.Everything {
	number, after := int32(42), "sixteen"
	return &cases.Everything{
		Yes: true, Tiny: -8, Small: -300, Medium: 1 << 30, Large: -(1 << 60), Real: 0.1,
		Text: "héllo ☃ 𝄞", Raw: []byte{0, 1, 0xfe, 0xff}, Color: cases.Color_BLUE,
		Choice: &cases.Choice{Number: &number},
		Names:  []string{"a", "", "c"}, Ids: []int32{7}, Counts: map[string]int64{"one": 1, "": -1},
		Nested:       map[int32][]map[string]*cases.Point{5: {{"p": {X: 1, Y: -2}}, {}}, 6: {}},
		Colors:       []cases.Color{cases.Color_RED, cases.Color_GREEN},
		AfterFifteen: &after, Far: &cases.Point{X: 3, Y: 4}, VeryFar: 1 << 40,
	}
}

func same(a, b *cases.Everything) bool { return reflect.DeepEqual(a, b) }
