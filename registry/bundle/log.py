"""The log in a bundle: leaves, their envelopes and heads agree, whoever signed them."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import msgspec

from registry.bundle.contents import (
    ATTESTATIONS,
    CHECKPOINT,
    CHECKPOINTS,
    LEAVES,
    Withheld,
    lines_of,
    parse_record_row,
    proof_name,
)
from registry.bundle.findings import Findings
from registry.trust import merkle
from registry.trust.note import parse_checkpoint
from registry.trust.opening import Record
from registry.trust.proof import parse_proof
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, Leaf, parse_leaf

CHECK = "log"


class Log(msgspec.Struct, frozen=True):
    """A bundle's log as read: nothing in it is trusted before `heads.check_heads`."""

    leaves: tuple[Leaf, ...]
    hashes: tuple[bytes, ...]
    rows: tuple[bytes | Withheld, ...]
    head: Checkpoint
    notes: Mapping[str, str]
    """The signed text of every head by its file's name."""
    extract: bool = False
    """Only some leaves are here, each with its own proof: nothing follows from those that are not."""

    @property
    def time(self) -> str:
        """The last leaf's time, by the operator's word."""
        return self.leaves[-1].time if self.leaves else ""

    def type_of(self, seq: int) -> str:
        """Return the record type of leaf `seq`, which is here."""
        place = bisect_left(self.leaves, seq, key=lambda leaf: leaf.seq) if self.extract else seq
        return self.leaves[place].type

    def records(self) -> list[Record]:
        """Return the records as the fold reads them."""
        return [
            Record(leaf, None if isinstance(row, Withheld) else row)
            for leaf, row in zip(self.leaves, self.rows, strict=True)
        ]

    def roots_at(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """Return the root at each of `sizes` that the log reaches, in one pass."""
        if self.extract:
            # The proofs lead to this root, and to no other size's.
            return {self.head.size: self.head.root} if self.head.size in sizes else {}
        wanted, frontier = set(sizes), merkle.Frontier()
        found = {0: frontier.root()} if 0 in wanted else {}
        for item in self.hashes:
            frontier.append(item)
            if frontier.size in wanted:
                found[frontier.size] = frontier.root()
        return found


def read_log(payload: Mapping[str, bytes], findings: Findings, *, extract: bool = False) -> Log:
    """Return the log; raise VerificationError where its leaves cannot be read at all.

    Of an `extract`, that its leaves are in the log is for `check_proofs` to say.
    """
    datas = lines_of(payload[LEAVES], LEAVES)
    leaves = tuple(parse_leaf(data) for data in datas)
    _check_order(leaves, findings, extract=extract)
    notes = {
        name: _text(payload[name]) for name in payload if name == CHECKPOINT or name.startswith(CHECKPOINTS)
    }
    head = parse_checkpoint(notes[CHECKPOINT]).checkpoint
    reached = leaves[-1].seq + 1 if leaves else 0
    if head.size > reached and not extract:
        findings.fail(CHECK, "LOG_TRUNCATED", f"the head is over {head.size} leaves, {reached} are here")
    elif head.size < reached:
        findings.fail(CHECK, "LOG_UNSIGNED_TAIL", f"the head is over {head.size} of {reached} leaves")
    rows = tuple(parse_record_row(line) for line in lines_of(payload[ATTESTATIONS], ATTESTATIONS))
    if len(rows) > len(leaves):
        findings.fail(CHECK, "BODY_UNREFERENCED", f"{len(rows)} envelopes for {len(leaves)} leaves")
    elif len(rows) < len(leaves):
        findings.fail(CHECK, "BODY_MISSING", f"{len(rows)} envelopes for {len(leaves)} leaves")
    if len(rows) != len(leaves):
        raise VerificationError("LOG_INCOMPLETE", "leaves and envelopes are not one to one")
    for leaf, row in zip(leaves, rows, strict=True):
        found = row.digest if isinstance(row, Withheld) else Digest.of(row)
        if found != leaf.body:
            findings.fail(CHECK, "BODY_DIGEST", f"the envelope of leaf {leaf.seq} has another digest")
    hashes = tuple(merkle.leaf_hash(data) for data in datas)
    return Log(leaves, hashes, rows, head, notes, extract)


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


def _check_order(leaves: tuple[Leaf, ...], findings: Findings, *, extract: bool) -> None:
    before, following = "", 0
    for position, leaf in enumerate(leaves):
        if leaf.seq < following or (leaf.seq != position and not extract):
            raise VerificationError("LEAF_SEQ", f"leaf {position} says it is {leaf.seq}")
        following = leaf.seq + 1
        if leaf.time < before:
            findings.fail(CHECK, "LEAF_TIME", f"leaf {position} is older than the one before")
        before = leaf.time


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("NOTE_MALFORMED", "a head is not UTF-8") from error
