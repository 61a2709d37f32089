// Checks heads, witnesses' lines, receipts and consistency proofs with Go's own transparency-log packages.
//
// It reads one JSON document of cases on stdin and prints the names of the cases that do not hold.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type caseOf struct {
	Name      string
	Kind      string
	Text      string
	Key       string
	Witnesses []string
	Want      int
	OldSize   int64
	OldRoot   string
}

// witness verifies C2SP cosignature/v1 lines (algorithm byte 04), which x/mod does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(sig[:8])
	head := "cosignature/v1\ntime " + strconv.FormatUint(time, 10) + "\n"
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

func newWitness(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err)
	if raw[0] != 4 {
		panic("no witness key")
	}
	return witness{parts[0], uint32(hash), ed25519.PublicKey(raw[1:])}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func hashOf(text string) tlog.Hash {
	raw, err := base64.StdEncoding.DecodeString(text)
	check(err)
	var h tlog.Hash
	if copy(h[:], raw) != tlog.HashSize || len(raw) != tlog.HashSize {
		panic("not a hash")
	}
	return h
}

// open returns the tree that a head states, when its log and as many of the witnesses as wanted signed it.
func open(text string, c caseOf) tlog.Tree {
	log, err := note.NewVerifier(c.Key)
	check(err)
	known := []note.Verifier{log}
	for _, vkey := range c.Witnesses {
		known = append(known, newWitness(vkey))
	}
	opened, err := note.Open([]byte(text), note.VerifierList(known...))
	check(err)
	signed := map[string]bool{}
	for _, sig := range opened.Sigs {
		signed[sig.Name] = true
	}
	if !signed[log.Name()] || len(signed) != 1+c.Want {
		panic(fmt.Sprintf("%d signers, expected the log and %d witnesses", len(signed), c.Want))
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	if lines[0] != log.Name() || len(lines) != 4 {
		panic("no checkpoint of this log")
	}
	return tlog.Tree{N: size, Hash: hashOf(lines[2])}
}

func steps(lines []string) []tlog.Hash {
	found := []tlog.Hash{}
	for _, line := range lines {
		found = append(found, hashOf(line))
	}
	return found
}

func holds(c caseOf) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	if c.Kind == "head" {
		open(c.Text, c)
		return nil
	}
	above, head, found := strings.Cut(c.Text, "\n\n")
	if !found {
		return fmt.Errorf("no head")
	}
	lines := strings.Split(above, "\n")
	tree := open(head, c)
	if c.Kind == "consistency" {
		old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
		check(err)
		if old != c.OldSize {
			return fmt.Errorf("another old size")
		}
		return tlog.CheckTree(steps(lines[1:]), tree.N, tree.Hash, old, hashOf(c.OldRoot))
	}
	leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("no receipt")
	}
	return tlog.CheckRecord(steps(lines[3:]), tree.N, tree.Hash, index, tlog.RecordHash(leaf))
}

func main() {
	var cases []caseOf
	check(json.NewDecoder(os.Stdin).Decode(&cases))
	failed := map[string]string{}
	for _, c := range cases {
		if err := holds(c); err != nil {
			failed[c.Name] = err.Error()
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(failed))
}
