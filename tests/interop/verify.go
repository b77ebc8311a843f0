// Verify checks a static log folder (C2SP tlog-tiles) with golang.org/x/mod/sumdb, the code behind
// Go's checksum database. It shares nothing with the program that wrote the folder.
//
//	verify [flags] DIR VKEY [COSIGNER-VKEY...] [OLD-SIZE[=ROOT]...]
//
// DIR holds checkpoint and tile/. VKEY is the log's key; its name is the only origin accepted.
// Every key given must have signed the checkpoint. From each OLD-SIZE the tree is shown to have
// grown; ROOT, in base64, is the root that was saved then, without it the entries' own is taken.
//
// Checked: the signatures; every bundle against level 0; every tile and the root against the
// entries; inclusion of every entry (or of -sample of them); consistency.
//
// With -inclusion or -consistency the proofs asked for are printed in base64, one hash a line.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256 // hashes in a full tile

func main() {
	log.SetFlags(0)
	log.SetPrefix("verify: ")
	sample := flag.Int64("sample", 0, "check about this many inclusions instead of every one")
	inclusion := flag.Int64("inclusion", -1, "print the inclusion proof of this index")
	consistency := flag.Int64("consistency", -1, "print the consistency proof from this size")
	flag.Parse()
	if flag.NArg() < 2 {
		log.Fatal("usage: verify [flags] DIR VKEY [COSIGNER-VKEY...] [OLD-SIZE[=ROOT]...]")
	}
	dir, keys, olds := flag.Arg(0), []string{flag.Arg(1)}, []string{}
	for _, arg := range flag.Args()[2:] {
		if isOld(arg) {
			olds = append(olds, arg)
		} else {
			keys = append(keys, arg)
		}
	}

	head, err := openCheckpoint(filepath.Join(dir, "checkpoint"), keys)
	if err != nil {
		log.Fatal(err)
	}
	if head.N == 0 {
		log.Fatal("this program has nothing to say about an empty tree")
	}
	reader := &tiles{dir: dir, kept: map[string][]byte{}}
	hashes := tlog.TileHashReader(head, reader)
	records, err := checkEntries(dir, head, hashes)
	if err != nil {
		log.Fatal(err)
	}
	if err := checkTiles(reader, records); err != nil {
		log.Fatal(err)
	}
	count, err := checkInclusions(head, hashes, records, *sample)
	if err != nil {
		log.Fatal(err)
	}
	for _, old := range olds {
		if err := checkConsistency(head, hashes, records, old); err != nil {
			log.Fatalf("old size %s: %v", old, err)
		}
	}
	if *inclusion >= 0 {
		proof, err := tlog.ProveRecord(head.N, *inclusion, hashes)
		if err != nil {
			log.Fatal(err)
		}
		printHashes(proof)
	}
	if *consistency >= 0 {
		proof, err := tlog.ProveTree(head.N, *consistency, hashes)
		if err != nil {
			log.Fatal(err)
		}
		printHashes(proof)
	}
	if *inclusion < 0 && *consistency < 0 {
		fmt.Printf("ok: size %d, root %v, %d signatures, %d inclusions, %d old sizes\n",
			head.N, head.Hash, len(keys), count, len(olds))
	}
}

// isOld tells OLD-SIZE[=ROOT] from a vkey: both may contain "+" and "=".
func isOld(arg string) bool {
	size, _, _ := strings.Cut(arg, "=")
	_, err := strconv.ParseInt(size, 10, 64)
	return err == nil
}

// openCheckpoint demands a valid signature of every key. keys[0] is the log's.
func openCheckpoint(file string, keys []string) (head tlog.Tree, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return head, err
	}
	logKey, err := note.NewVerifier(keys[0])
	if err != nil {
		return head, fmt.Errorf("log key: %w", err)
	}
	verifiers := []note.Verifier{logKey}
	for _, vkey := range keys[1:] {
		witness, err := newCosigner(vkey)
		if err != nil {
			return head, fmt.Errorf("cosigner key: %w", err)
		}
		verifiers = append(verifiers, witness)
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return head, err
	}
	if len(opened.Sigs) != len(verifiers) { // a damaged name or id makes a signature merely unknown
		return head, fmt.Errorf("%d of %d keys have signed the checkpoint", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != logKey.Name() {
		return head, fmt.Errorf("checkpoint of %q, not of %q", lines[0], logKey.Name())
	}
	if head.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return head, err
	}
	if strconv.FormatInt(head.N, 10) != lines[1] || head.N < 0 {
		return head, fmt.Errorf("tree size %q is not decimal", lines[1])
	}
	head.Hash, err = tlog.ParseHash(lines[2])
	return head, err
}

// checkEntries reads every bundle, compares each entry's hash with level 0 of the tiles as x/mod
// reads it, and hashes the entries up to the root on its own.
func checkEntries(dir string, head tlog.Tree, hashes tlog.HashReader) ([]tlog.Hash, error) {
	records := make([]tlog.Hash, 0, head.N)
	for first := int64(0); first < head.N; first += width {
		count := head.N - first
		if count > width {
			count = width
		}
		name := bundlePath(first/width, count)
		data, grown, err := read(dir, name)
		if err != nil {
			return nil, err
		}
		indexes := make([]int64, 0, count)
		for i := int64(0); i < count; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s: cut short", name)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			records = append(records, tlog.RecordHash(data[2:end]))
			indexes = append(indexes, tlog.StoredHashIndex(0, first+i))
			data = data[end:]
		}
		if len(data) != 0 && !grown {
			return nil, fmt.Errorf("%s: %d bytes after the last entry", name, len(data))
		}
		stored, err := hashes.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i, hash := range stored {
			if hash != records[first+int64(i)] {
				return nil, fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
			}
		}
	}
	if root := treeHash(records); root != head.Hash {
		return nil, fmt.Errorf("the entries hash to %v, the checkpoint says %v", root, head.Hash)
	}
	return records, nil
}

// checkTiles makes every tile again from the entries' hashes. x/mod's reader alone is not enough: in
// 0.7.0 it starts to check full tiles against their parents at the number of subtrees under the
// root, not at the number of tiles these lie in, so that the first full tile it reads may pass.
func checkTiles(reader *tiles, hashes []tlog.Hash) error {
	for level := 0; len(hashes) > 0; level++ {
		var above []tlog.Hash
		for first := 0; first < len(hashes); first += width {
			count := len(hashes) - first
			if count > width {
				count = width
			}
			tile := tlog.Tile{H: 8, L: level, N: int64(first / width), W: count}
			stored, err := reader.ReadTiles([]tlog.Tile{tile})
			if err != nil {
				return err
			}
			var made []byte
			for _, hash := range hashes[first : first+count] {
				made = append(made, hash[:]...)
			}
			if !bytes.Equal(made, stored[0]) {
				return fmt.Errorf("%s is not the tile of the entries", tile.Path())
			}
			if count == width {
				above = append(above, treeHash(hashes[first:first+width]))
			}
		}
		hashes = above
	}
	return nil
}

func checkInclusions(head tlog.Tree, hashes tlog.HashReader, records []tlog.Hash, sample int64) (int64, error) {
	step := int64(1)
	if sample > 0 && head.N > sample {
		step = head.N / sample
	}
	count := int64(0)
	for i := int64(0); i < head.N; i++ {
		edge := i == head.N-1 || i%width == 0 && i/width == head.N/width
		if i%step != 0 && !edge {
			continue
		}
		proof, err := tlog.ProveRecord(head.N, i, hashes)
		if err != nil {
			return count, fmt.Errorf("entry %d: %w", i, err)
		}
		if err := tlog.CheckRecord(proof, head.N, head.Hash, i, records[i]); err != nil {
			return count, fmt.Errorf("entry %d: %w", i, err)
		}
		count++
	}
	return count, nil
}

// checkConsistency takes "SIZE" or "SIZE=ROOT".
func checkConsistency(head tlog.Tree, hashes tlog.HashReader, records []tlog.Hash, old string) error {
	text, saved, hasRoot := strings.Cut(old, "=")
	size, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	if size < 1 || size > head.N {
		return fmt.Errorf("not between 1 and %d", head.N)
	}
	root := treeHash(records[:size])
	if hasRoot {
		if root, err = tlog.ParseHash(saved); err != nil {
			return err
		}
	}
	proof, err := tlog.ProveTree(head.N, size, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, head.N, head.Hash, size, root)
}

// treeHash is MTH of RFC 6962 section 2.1, as the RFC writes it.
func treeHash(records []tlog.Hash) tlog.Hash {
	if len(records) == 1 {
		return records[0]
	}
	k := 1
	for k*2 < len(records) {
		k *= 2
	}
	return tlog.NodeHash(treeHash(records[:k]), treeHash(records[k:]))
}

func printHashes(hashes []tlog.Hash) {
	for _, hash := range hashes {
		fmt.Println(base64.StdEncoding.EncodeToString(hash[:]))
	}
}

// read returns a file; for a partial one that is gone, the full one that replaced it (grown).
func read(dir, name string) (data []byte, grown bool, err error) {
	data, err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	full, _, partial := strings.Cut(name, ".p/")
	if errors.Is(err, fs.ErrNotExist) && partial {
		data, err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(full)))
		grown = true
	}
	return data, grown, err
}

// bundlePath is tile/entries/N[.p/W] with N in groups of three digits.
func bundlePath(n, count int64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if count < width {
		name += fmt.Sprintf(".p/%d", count)
	}
	return "tile/entries/" + name
}

// tiles reads a log folder. x/mod authenticates what it gets here before it uses it.
type tiles struct {
	dir  string
	kept map[string][]byte
}

func (*tiles) Height() int                     { return 8 }
func (*tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t *tiles) ReadTiles(wanted []tlog.Tile) (out [][]byte, err error) {
	for _, tile := range wanted {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, found := t.kept[name]
		if !found {
			var grown bool
			if data, grown, err = read(t.dir, name); err != nil {
				return nil, err
			}
			if want := tile.W * tlog.HashSize; grown && len(data) > want {
				data = data[:want]
			}
			t.kept[name] = data
		}
		out = append(out, data)
	}
	return out, nil
}

// cosigner verifies C2SP tlog-cosignature type 0x04, which x/mod does not know.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not name+id+key")
	}
	id, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a timestamped Ed25519 key")
	}
	return &cosigner{parts[0], uint32(id), key[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }
func (c *cosigner) Verify(text, blob []byte) bool {
	if len(blob) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(blob), text)
	return ed25519.Verify(c.key, []byte(message), blob[8:])
}
