"""The log in a bundle: leaves, their envelopes and heads agree, whoever signed them."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import zip_longest
from sys import intern

import msgspec

from registry.bundle.contents import (
    ATTESTATIONS,
    CHECKPOINT,
    CHECKPOINTS,
    LEAVES,
    Withheld,
    parse_record_row,
    proof_name,
)
from registry.bundle.files import Files, Lines, Parsed
from registry.bundle.findings import Findings
from registry.trust import merkle
from registry.trust.note import parse_checkpoint
from registry.trust.opening import Record
from registry.trust.proof import parse_proof
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, Leaf, parse_leaf

CHECK = "log"


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle's log as read: nothing in it is trusted before `heads.check_heads`.

    Leaves and rows are parsed each time they are looked at. What every leaf is asked for again stands in
    columns: a log of 100,000 leaves held as values would take 200 MB.
    """

    leaves: Parsed[Leaf]
    rows: Parsed[bytes | Withheld]
    types: Sequence[str]
    states: Sequence[str]
    """Why the envelope in each row is not here; empty where it is."""
    hashes: Sequence[bytes]
    head: Checkpoint
    notes: Mapping[str, str]
    """The signed text of every head by its file's name."""
    seqs: Sequence[int]
    get_hash: merkle.GetHash
    extract: bool = False
    """Only some leaves are here, each with its own proof: nothing follows from those that are not."""

    @property
    def time(self) -> str:
        """The last leaf's time, by the operator's word."""
        return self.leaves[-1].time if len(self.leaves) else ""

    def find_leaf(self, seq: int) -> Leaf | None:
        """Return leaf `seq`, None when it is not here."""
        place = bisect_left(self.seqs, seq)
        return self.leaves[place] if place < len(self.seqs) and self.seqs[place] == seq else None

    def type_of(self, seq: int) -> str:
        """Return the record type of leaf `seq`, which is here."""
        return self.types[bisect_left(self.seqs, seq)]

    def of_type(self, *kinds: str) -> Iterator[Leaf]:
        """Yield the leaves of these record types, in order."""
        return (self.leaves[place] for place, found in enumerate(self.types) if found in kinds)

    def absent(self, state: str) -> Iterator[tuple[Leaf, Withheld]]:
        """Yield the leaves whose envelope is not here for the reason `state`, with their rows."""
        for place, found in enumerate(self.states):
            row = self.rows[place] if found == state else None
            if isinstance(row, Withheld):
                yield self.leaves[place], row

    def envelopes(self) -> Iterator[tuple[int, bytes]]:
        """Yield the envelopes that are here, in order, with their leaves' numbers."""
        for place, state in enumerate(self.states):
            row = None if state else self.rows[place]
            if isinstance(row, bytes):
                yield self.seqs[place], row

    def records(self) -> Iterator[Record]:
        """Yield the records as the fold reads them."""
        for place, (leaf, state) in enumerate(zip(self.leaves, self.states, strict=True)):
            row = None if state else self.rows[place]
            yield Record(leaf, None if isinstance(row, Withheld) else row)

    def roots_at(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """Return the root at each of `sizes` that the log reaches."""
        if self.extract:
            # The proofs lead to this root, and to no other size's.
            return {self.head.size: self.head.root} if self.head.size in sizes else {}
        reached = {size for size in sizes if 0 <= size <= len(self.hashes)}
        return {size: merkle.range_hash(0, size, self.get_hash) for size in reached}


class _Leaves(msgspec.Struct, frozen=True):
    """What one pass over the leaves leaves behind."""

    parsed: Parsed[Leaf]
    types: list[str]
    seqs: Sequence[int]
    hashes: list[bytes]
    bodies: list[bytes]
    """The 32 bytes of the digest in each."""


def read_log(payload: Mapping[str, bytes], findings: Findings, *, extract: bool = False) -> Log:
    """Return the log; raise VerificationError where its leaves cannot be read at all.

    Of an `extract`, that its leaves are in the log is for `check_proofs` to say.
    """
    files = Files.of(payload)
    leaves = _read_leaves(files, findings, extract=extract)
    notes = {name: _text(files[name]) for name in files if name == CHECKPOINT or name.startswith(CHECKPOINTS)}
    head = parse_checkpoint(notes[CHECKPOINT]).checkpoint
    reached = leaves.seqs[-1] + 1 if leaves.seqs else 0
    if head.size > reached and not extract:
        findings.fail(CHECK, "LOG_TRUNCATED", f"the head is over {head.size} leaves, {reached} are here")
    elif head.size < reached:
        findings.fail(CHECK, "LOG_UNSIGNED_TAIL", f"the head is over {head.size} of {reached} leaves")
    rows = Parsed(Lines(files.view(ATTESTATIONS), ATTESTATIONS), parse_record_row)
    return Log(
        leaves=leaves.parsed,
        rows=rows,
        types=leaves.types,
        states=_read_rows(rows, leaves, findings),
        hashes=leaves.hashes,
        seqs=leaves.seqs,
        head=head,
        notes=notes,
        get_hash=merkle.hash_reader(leaves.hashes),
        extract=extract,
    )


def _read_leaves(files: Files, findings: Findings, *, extract: bool) -> _Leaves:
    lines = Lines(files.view(LEAVES), LEAVES)
    seqs = array("Q")
    found = _Leaves(Parsed(lines, parse_leaf), [], seqs if extract else range(len(lines)), [], [])
    misplaced: VerificationError | None = None
    before, following = "", 0
    for position, line in enumerate(lines):
        leaf = parse_leaf(line)
        found.types.append(intern(leaf.type))
        found.hashes.append(merkle.leaf_hash(line))
        found.bodies.append(leaf.body.raw)
        if misplaced is not None:
            continue  # a line that is no leaf at all is named first
        if leaf.seq < following or (leaf.seq != position and not extract):
            misplaced = VerificationError("LEAF_SEQ", f"leaf {position} says it is {leaf.seq}")
            continue
        seqs.append(leaf.seq)
        following = leaf.seq + 1
        if leaf.time < before:
            findings.fail(CHECK, "LEAF_TIME", f"leaf {position} is older than the one before")
        before = leaf.time
    if misplaced is not None:
        raise misplaced
    return found


def _read_rows(rows: Parsed[bytes | Withheld], leaves: _Leaves, findings: Findings) -> list[str]:
    """Return why each row's envelope is not here, empty where it is; compare rows with leaves."""
    states: list[str] = []
    others: list[int] = []
    for row, seq, body in zip_longest(rows, leaves.seqs, leaves.bodies):
        if row is None:
            break
        states.append(intern(row.state) if isinstance(row, Withheld) else "")
        if body != (row.digest.raw if isinstance(row, Withheld) else sha256(row).digest()):
            others.append(seq)
    count = len(leaves.seqs)
    if len(rows) > count:
        findings.fail(CHECK, "BODY_UNREFERENCED", f"{len(rows)} envelopes for {count} leaves")
    elif len(rows) < count:
        findings.fail(CHECK, "BODY_MISSING", f"{len(rows)} envelopes for {count} leaves")
    if len(rows) != count:
        raise VerificationError("LOG_INCOMPLETE", "leaves and envelopes are not one to one")
    for seq in others:
        findings.fail(CHECK, "BODY_DIGEST", f"the envelope of leaf {seq} has another digest")
    return states


def check_proofs(payload: Mapping[str, bytes], log: Log, findings: Findings) -> None:
    """Check that each leaf of an extract has its proof, in its one spelling, under the bundle's own head."""
    for leaf, hash_of_leaf in zip(log.leaves, log.hashes, strict=True):
        name = proof_name(leaf.seq)
        if name not in payload:
            findings.fail(CHECK, "FILE_MISSING", f"the bundle lacks {name}")
            continue
        try:
            proof = parse_proof(_text(payload[name]))
            same = (merkle.leaf_hash(proof.leaf), proof.index, proof.checkpoint)
            if same != (hash_of_leaf, leaf.seq, log.notes[CHECKPOINT]):
                findings.fail(CHECK, "PROOF_MALFORMED", f"{name} is not about leaf {leaf.seq} and this head")
            merkle.verify_inclusion(hash_of_leaf, leaf.seq, log.head.size, proof.path, log.head.root)
        except VerificationError as error:
            findings.refuse(CHECK, error)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("NOTE_MALFORMED", "a head is not UTF-8") from error
