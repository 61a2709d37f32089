"""The log in a bundle: leaves, their envelopes and heads agree, whoever signed them."""

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
)
from registry.bundle.findings import Findings
from registry.trust import merkle
from registry.trust.note import parse_checkpoint
from registry.trust.opening import Record
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

    @property
    def time(self) -> str:
        """The last leaf's time, by the operator's word."""
        return self.leaves[-1].time if self.leaves else ""

    def records(self) -> list[Record]:
        """Return the records as the fold reads them."""
        return [
            Record(leaf, None if isinstance(row, Withheld) else row)
            for leaf, row in zip(self.leaves, self.rows, strict=True)
        ]

    def roots_at(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """Return the root at each of `sizes` that the log reaches, in one pass."""
        wanted, frontier = set(sizes), merkle.Frontier()
        found = {0: frontier.root()} if 0 in wanted else {}
        for item in self.hashes:
            frontier.append(item)
            if frontier.size in wanted:
                found[frontier.size] = frontier.root()
        return found


def read_log(payload: Mapping[str, bytes], findings: Findings) -> Log:
    """Return the log; raise VerificationError where its leaves cannot be read at all."""
    datas = lines_of(payload[LEAVES], LEAVES)
    leaves = tuple(parse_leaf(data) for data in datas)
    _check_order(leaves, findings)
    notes = {
        name: _text(data)
        for name, data in payload.items()
        if name == CHECKPOINT or name.startswith(CHECKPOINTS)
    }
    head = parse_checkpoint(notes[CHECKPOINT]).checkpoint
    if head.size > len(leaves):
        findings.fail(CHECK, "LOG_TRUNCATED", f"the head is over {head.size} leaves, {len(leaves)} are here")
    elif head.size < len(leaves):
        findings.fail(CHECK, "LOG_UNSIGNED_TAIL", f"the head is over {head.size} of {len(leaves)} leaves")
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
    return Log(leaves, hashes, rows, head, notes)


def _check_order(leaves: tuple[Leaf, ...], findings: Findings) -> None:
    before = ""
    for position, leaf in enumerate(leaves):
        if leaf.seq != position:
            raise VerificationError("LEAF_SEQ", f"leaf {position} says it is {leaf.seq}")
        if leaf.time < before:
            findings.fail(CHECK, "LEAF_TIME", f"leaf {position} is older than the one before")
        before = leaf.time


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("NOTE_MALFORMED", "a head is not UTF-8") from error
