"""Bodies a bundle says were erased: believed where a record of the log says so, unproven where none does.

What an erased body takes with it is the fold's to say: answers that could have read it are unproven already.
Here stands only why it is not here.
"""

from collections.abc import Iterable, Mapping

from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.rules.answers import Status
from registry.rules.exceptions import list_exceptions
from registry.trust.state import Decision, Erasure, State
from schemas.digest import Digest
from schemas.ledger import RECORD_TYPES

CHECK = "erasures"


def check_erasures(
    log: Log, state: State, bodies: Mapping[Digest, bytes], findings: Findings
) -> Mapping[Digest, Erasure]:
    """Return the erasures that the log vouches for; name every erased record and document."""
    logged = frozenset(leaf.body.raw for leaf in log.leaves) if state.erased else frozenset()
    stand = {d: e for d, e in state.erased.items() if _fits(d, e, log, logged)}
    for digest in sorted(set(state.erased) - set(stand)):
        said = f"the record of an erasure at leaf {state.erased[digest].by.seq} names what is never erased"
        findings.note(CHECK, "REDACTION_FALSE", f"{said}, or another record (named, and not counted)")
    for leaf, _ in log.absent("redacted"):
        erased = stand.get(leaf.body)
        if erased is None or erased.what != "envelope":
            said = f"the {leaf.type} at leaf {leaf.seq} is said to be erased, and no record here says so"
            findings.unproven(CHECK, "REDACTION_UNLOGGED", said)
        else:
            findings.note(
                CHECK, "BODY_REDACTED", f"the {leaf.type} at leaf {leaf.seq} was {in_words(erased)}"
            )
    _note_documents(state, stand, bodies, findings)
    if stand:
        findings.settle(CHECK, f"{len(stand)} erasures are logged, each with its reason")
    return stand


def _note_documents(
    state: State, stand: Mapping[Digest, Erasure], bodies: Mapping[Digest, bytes], findings: Findings
) -> None:
    words = {digest: d.by.seq for d in state.review_events(Decision) for digest in _texts(d)}
    for digest, erased in sorted(stand.items()):
        if erased.what == "envelope" or digest in bodies:
            continue
        if erased.what == "document":
            findings.note(CHECK, "BODY_REDACTED", f"the document {digest} was {in_words(erased)}")
        else:
            whose = f"the decision at leaf {words[digest]}" if digest in words else "a record"
            findings.note(CHECK, "TEXT_ERASED", f"words of {whose} were {in_words(erased)}")


def note_left_out(
    statuses: Iterable[Status],
    bodies: Mapping[Digest, bytes],
    erased: Mapping[Digest, Erasure],
    findings: Findings,
) -> None:
    """Name whose words are not here though no erasure is logged; no verdict rests on them."""
    spoken: dict[str, tuple[Digest, ...]] = {}
    for found in statuses:
        spoken |= {f"decision at leaf {d.by.seq}": _texts(d) for d in (*found.approvals, *found.rejections)}
        spoken |= {f"{row.kind} at leaf {row.leaf}": (row.reason,) for row in list_exceptions(found)}
    for whose, texts in spoken.items():
        if any(digest not in bodies and digest not in erased for digest in texts):
            findings.note(CHECK, "TEXT_ERASED", f"words of the {whose} are erased or left out")


def _texts(decision: Decision) -> tuple[Digest, ...]:
    return (*decision.conditions, *((decision.reason,) if decision.reason else ()))


def in_words(erased: Erasure) -> str:
    """Return where the log says that a body is gone, and why."""
    return f"erased at leaf {erased.by.seq} ({erased.reason})"


def _fits(digest: Digest, erased: Erasure, log: Log, logged: frozenset[bytes]) -> bool:
    if erased.leaf is None:
        return digest.raw not in logged
    leaf = log.find_leaf(erased.leaf)
    if leaf is None:
        return True  # not among the leaves enclosed: nothing here rests on it
    kind = RECORD_TYPES[leaf.type]
    kept = (kind.about_origin and kind.decides) or leaf.type == "redaction"
    return leaf.body == digest and not kept
