"""The heads in a bundle: this log's at their sizes, signed and witnessed as the root in force asks."""

from collections.abc import Mapping
from itertools import pairwise

import msgspec

from registry.bundle.contents import CHECKPOINT, checkpoint_name
from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.trust.cosignature import Cosignature, CosignedHead, confirmed_at, verify_head
from registry.trust.note import SignedCheckpoint, parse_checkpoint
from registry.trust.state import State
from registry.trust.trust_root import TrustRoot
from schemas.errors import VerificationError

HEADS = "heads"


class Heads(msgspec.Struct, frozen=True):
    """The sizes at which a head of the bundle stands, and who confirmed the head at each size."""

    proved: frozenset[int] = frozenset()
    """Signed by a log key and confirmed by the quorum then in force, with the root of the leaves."""
    cosignatures: Mapping[int, tuple[Cosignature, ...]] = {}
    confirmed: Mapping[int, str] = {}
    """The time by which the quorum (at least one witness) had confirmed the head, where it has."""

    def confirmed_over(self, seq: int) -> str:
        """Return the earliest time by which a witnessed head held leaf `seq`; empty when none does."""
        return min((at for size, at in self.confirmed.items() if seq < size), default="")


def check_heads(log: Log, state: State, findings: Findings) -> Heads:
    """Check that every head is this log's at its size, signed by a log key then in force, and witnessed.

    A line by anybody but that key and the witnesses then in force is refused: nobody would check it.
    """
    signed: dict[int, CosignedHead] = {}
    proved, confirmed = set(), {}
    heads = {name: _parse(text, findings) for name, text in log.notes.items()}
    roots = log.roots_at({h.checkpoint.size for h in heads.values() if h is not None})
    for name, parsed in heads.items():
        if parsed is None:
            continue
        _compare(name, parsed, log, roots, findings)
        size = parsed.checkpoint.size
        try:
            root = root_at(state, size)
            found = _verify(log.notes[name], state, size)
        except VerificationError as error:
            findings.refuse(HEADS, error)
            continue
        signed[size] = found
        if (at := confirmed_at(found.cosignatures, root.witness_quorum)) != "":
            confirmed[size] = at
        if len(found.cosignatures) < root.witness_quorum:
            have = f"{len(found.cosignatures)} of {root.witness_quorum} witnesses confirm"
            findings.unproven(HEADS, "WITNESS_QUORUM", f"{have} the head over {size} leaves")
        elif found.checkpoint.origin == log.head.origin and roots.get(size) == found.checkpoint.root:
            proved.add(size)
    lines = {size: head.cosignatures for size, head in signed.items() if head.cosignatures}
    _check_times(lines, findings)
    findings.settle(
        HEADS, f"the head over {log.head.size} leaves is the log key's, and the leaves give its root"
    )
    return Heads(frozenset(proved), lines, confirmed)


def root_at(state: State, size: int) -> TrustRoot:
    """Return the trust root that was in force for a head of `size` leaves."""
    found = next((root.value for root in reversed(state.roots) if root.seq < size), None)
    if found is None:
        raise VerificationError("NO_TRUST_ROOT", f"no trust root is in force at {size} leaves")
    return found


def _compare(
    name: str, parsed: SignedCheckpoint, log: Log, roots: Mapping[int, bytes], findings: Findings
) -> None:
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


def _verify(text: str, state: State, size: int) -> CosignedHead:
    root = root_at(state, size)
    refusal: VerificationError | None = None
    for key in root.log_keys:
        try:
            return verify_head(text, key, root.witnesses)
        except VerificationError as error:
            # What one key refuses for its signature may be another key's; a fault of a witness stays.
            refusal = error
    earlier = {key for old in state.roots if old.seq < size for key in old.value.log_keys}
    for key in sorted(earlier - set(root.log_keys)):
        try:
            verify_head(text, key, root.witnesses)
        except VerificationError:
            continue  # another retired key may be the signer
        raise VerificationError("LOG_KEY_RETIRED", f"the head over {size} leaves is signed by a retired key")
    raise refusal or VerificationError("NOTE_UNKNOWN_SIGNER", "the trust root names no log key")


def _check_times(lines: Mapping[int, tuple[Cosignature, ...]], findings: Findings) -> None:
    """Fail where a witness confirmed a smaller tree after a larger one."""
    seen: dict[str, list[tuple[int, Cosignature]]] = {}
    for size in sorted(lines):
        for item in lines[size]:
            seen.setdefault(item.witness, []).append((size, item))
    for told in seen.values():
        for (before, early), (size, late) in pairwise(told):
            if late.time < early.time:
                said = f"{early.name} confirms {before} leaves at {early.at} and {size} at {late.at}"
                findings.fail(HEADS, "WITNESS_TIME_ORDER", said)


def _parse(text: str, findings: Findings) -> SignedCheckpoint | None:
    try:
        return parse_checkpoint(text)
    except VerificationError as error:
        findings.refuse(HEADS, error)
        return None
