"""The heads in a bundle: each is this log's at its size, and signed by a log key then in force."""

from registry.bundle.contents import CHECKPOINT, checkpoint_name
from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.trust.note import SignedCheckpoint, parse_checkpoint, verify_checkpoint
from registry.trust.state import State
from schemas.errors import VerificationError

HEADS = "heads"


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


def _parse(text: str, findings: Findings) -> SignedCheckpoint | None:
    try:
        return parse_checkpoint(text)
    except VerificationError as error:
        findings.refuse(HEADS, error)
        return None
