"""Two bundles of one registry: is the one log the beginning of the other, and what came since.

1. Both are of one log: the same origin, the same first trust root.
2. The smaller head is a prefix of the larger, or the first leaf that differs is named.
3. What the larger holds beyond the smaller: records, decisions, statuses, documents.
"""

from collections import Counter
from typing import Any, Literal

import msgspec

from registry.bundle.contents import Withheld
from registry.bundle.examine import Examined
from registry.bundle.words import one_line
from registry.rules.status import status
from registry.trust.state import Decision, Override, State, Withdrawal
from schemas.digest import Digest
from schemas.ledger import Leaf

NOT_ENCLOSED = "not enclosed"

Result = Literal["CONSISTENT", "FORK", "OTHER_LOG", "CONSISTENCY_UNPROVEN"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How two logs stand to each other, and what is new in the larger; `fork` is the first unequal leaf."""

    result: Result
    why: str = ""
    fork: int | None = None
    smaller: int = 0
    larger: int = 0
    records: dict[str, int] = {}
    decisions: tuple[dict[str, Any], ...] = ()
    statuses: tuple[dict[str, str], ...] = ()
    added: tuple[Digest, ...] = ()
    withheld: tuple[Digest, ...] = ()
    erased: tuple[Digest, ...] = ()


def compare(one: Examined, other: Examined) -> Comparison:
    """Return how the logs of two bundles stand to each other; their order does not matter."""
    old, new = sorted((one, other), key=lambda e: e.log.head.size)
    heads = Comparison(result="CONSISTENT", smaller=old.log.head.size, larger=new.log.head.size)
    if (old.log.head.origin, old.state.anchor) != (new.log.head.origin, new.state.anchor):
        why = f"{old.log.head.origin} from {old.state.anchor}, {new.log.head.origin} from {new.state.anchor}"
        return _apart(heads, "OTHER_LOG", f"they are of two logs: {why}")
    theirs = {leaf.seq: found for leaf, found in zip(new.log.leaves, new.log.hashes, strict=True)}
    for leaf, found in zip(old.log.leaves, old.log.hashes, strict=True):
        if theirs.get(leaf.seq, found) != found:
            return _apart(heads, "FORK", f"leaf {leaf.seq} is not the same in both", leaf.seq)
    root = new.log.head.root if heads.smaller == heads.larger else _root_at(new, heads.smaller)
    if root is None:
        why = "a bundle that encloses only some leaves cannot show that one log continues the other"
        return _apart(heads, "CONSISTENCY_UNPROVEN", why)
    if root != old.log.head.root:
        return _apart(heads, "FORK", f"the heads over {heads.smaller} leaves differ")
    return _with_news(heads, old, new)


def _apart(heads: Comparison, result: Result, why: str, fork: int | None = None) -> Comparison:
    return msgspec.structs.replace(heads, result=result, why=why, fork=fork)


def _root_at(bundle: Examined, size: int) -> bytes | None:
    return bundle.log.roots_at({size}).get(size)


def _with_news(heads: Comparison, old: Examined, new: Examined) -> Comparison:
    start = heads.smaller
    return msgspec.structs.replace(
        heads,
        records=dict(sorted(Counter(x.type for x in new.log.leaves if x.seq >= start).items())),
        decisions=tuple(_decisions(new.state, start)),
        statuses=tuple(_statuses(old, new)),
        added=tuple(sorted(_enclosed(new) - _enclosed(old))),
        withheld=tuple(sorted(_withheld(new) - _withheld(old))),
        erased=tuple(sorted(set(new.state.erased) - set(old.state.erased))),
    )


def _rows(bundle: Examined) -> list[tuple[Leaf, bytes | Withheld]]:
    return list(zip(bundle.log.leaves, bundle.log.rows, strict=True))


def _enclosed(bundle: Examined) -> set[Digest]:
    """Return everything the bundle encloses by digest: records and documents."""
    return {leaf.body for leaf, row in _rows(bundle) if isinstance(row, bytes)} | set(bundle.bodies)


def _withheld(bundle: Examined) -> set[Digest]:
    rows = {leaf.body for leaf, row in _rows(bundle) if isinstance(row, Withheld) and row.state == "withheld"}
    return rows | {item.digest for item in bundle.stated.withheld}


def _decisions(state: State, start: int) -> list[dict[str, Any]]:
    rows = []
    for (manifest, environment), events in state.reviews.items():
        version = state.versions.get(manifest)
        for event in events:
            if event.by.seq < start or not isinstance(event, Decision | Withdrawal | Override):
                continue
            said = event.decision if isinstance(event, Decision) else type(event).__name__.lower()
            rows.append(
                {
                    "leaf": event.by.seq,
                    "name": str(version.ref) if version else "",
                    "environment": environment,
                    "decision": said,
                    "person": event.by.person or "",
                    "time": event.by.time,
                }
            )
    return sorted(rows, key=lambda row: row["leaf"])


def _statuses(old: Examined, new: Examined) -> list[dict[str, str]]:
    """Return the statuses of what either bundle claims, where the two heads answer differently."""
    claimed = {(c.subject, c.environment) for bundle in (old, new) for c, _ in bundle.claims}
    rows = []
    for subject, environment in sorted(claimed):
        name, before = _status(old, subject, environment)
        named, after = _status(new, subject, environment)
        if before != after:
            row = {"name": named or name, "environment": environment, "before": before, "after": after}
            rows.append({key: one_line(value) for key, value in row.items()})
    return rows


def _status(bundle: Examined, subject: Digest, environment: str) -> tuple[str, str]:
    if all(claim.subject != subject for claim, _ in bundle.claims):
        return "", NOT_ENCLOSED
    found = status(bundle.state, subject, environment, bundle.log.time)
    return found.ref, "unproven" if found.unproven else found.status
