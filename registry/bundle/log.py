"""The log in a bundle: leaves, their envelopes and heads agree, whoever signed them."""

from collections.abc import Iterable, Mapping

import msgspec

from registry.bundle.contents import (
    ATTESTATIONS,
    CHECKPOINT,
    CHECKPOINTS,
    LEAVES,
    Withheld,
    checkpoint_name,
    lines_of,
    parse_record_row,
)
from registry.bundle.findings import Findings
from registry.trust import merkle
from registry.trust.note import SignedCheckpoint, parse_checkpoint, verify_checkpoint
from registry.trust.opening import Record
from registry.trust.state import State
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, Leaf, parse_leaf

CHECK = "log"
HEADS = "heads"


class Log(msgspec.Struct, frozen=True):
    """A bundle's log as read: nothing in it is trusted before `check_heads`."""

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


def check_heads(log: Log, state: State, findings: Findings) -> frozenset[int]:
    """Check that every head is this log's at its size, and signed by a log key then in force.

    Returned are the sizes for which that is so.
    """
    proved = set()
    heads = {name: _parse(text, findings) for name, text in log.notes.items()}
    roots = log.roots_at({h.checkpoint.size for h in heads.values() if h is not None})
    for name, parsed in heads.items():
        if parsed is None:
            continue
        head = parsed.checkpoint
        if name not in (CHECKPOINT, checkpoint_name(head)):
            findings.fail(HEADS, "UNEXPECTED_FILE", f"{name} holds the head over {head.size} leaves")
        if head.origin != log.head.origin:
            findings.fail(HEADS, "ORIGIN_MISMATCH", f"{name} is a head of another log")
        elif head.size in roots and roots[head.size] != head.root:
            code = "LOG_ROOT_MISMATCH" if name == CHECKPOINT else "FORK"
            findings.fail(HEADS, code, f"the leaves do not give the root that {name} states")
        elif head.size not in roots and name != CHECKPOINT:
            findings.fail(HEADS, "LOG_TRUNCATED", f"{name} is over more leaves than are here")
        try:
            _verify(log.notes[name], head.size, state)
        except VerificationError as error:
            findings.refuse(HEADS, error)
            continue
        if head.origin == log.head.origin and roots.get(head.size) == head.root:
            proved.add(head.size)
    root = state.trust_root
    if root is not None and root.witness_quorum > 0:
        said = f"{root.witness_quorum} witnesses must confirm heads, and a bundle carries no cosignatures"
        findings.unproven(HEADS, "WITNESS_QUORUM", said)
    findings.settle(
        HEADS, f"the head over {log.head.size} leaves is the log key's, and the leaves give its root"
    )
    return frozenset(proved)


def _verify(text: str, size: int, state: State) -> None:
    in_force = [root.value for root in state.roots if root.seq < size]
    if not in_force:
        raise VerificationError("NO_TRUST_ROOT", f"no trust root is in force at {size} leaves")
    refusal: VerificationError | None = None
    for key in in_force[-1].log_keys:
        try:
            verify_checkpoint(text, key)
        except VerificationError as error:
            refusal = error
        else:
            return
    for key in {key for root in in_force[:-1] for key in root.log_keys} - set(in_force[-1].log_keys):
        try:
            verify_checkpoint(text, key)
        except VerificationError:
            continue  # another retired key may be the signer
        raise VerificationError("LOG_KEY_RETIRED", f"the head over {size} leaves is signed by a retired key")
    raise refusal or VerificationError("NOTE_UNKNOWN_SIGNER", "the trust root names no log key")


def _check_order(leaves: tuple[Leaf, ...], findings: Findings) -> None:
    before = ""
    for position, leaf in enumerate(leaves):
        if leaf.seq != position:
            raise VerificationError("LEAF_SEQ", f"leaf {position} says it is {leaf.seq}")
        if leaf.time < before:
            findings.fail(CHECK, "LEAF_TIME", f"leaf {position} is older than the one before")
        before = leaf.time


def _parse(text: str, findings: Findings) -> SignedCheckpoint | None:
    try:
        return parse_checkpoint(text)
    except VerificationError as error:
        findings.refuse(HEADS, error)
        return None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("NOTE_MALFORMED", "a head is not UTF-8") from error
