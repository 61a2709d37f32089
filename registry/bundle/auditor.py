"""What only the auditor knows, held against a bundle: the anchor, heads seen before, the time, and demands.

What this machine remembers of a log counts beside what was passed in: it cannot be talked out of it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from registry.bundle.examine import Examined
from registry.bundle.findings import Findings
from registry.rules.status import status
from schemas.digest import Digest
from schemas.ledger import moment

ANCHOR = "anchor"
PRIOR = "prior-head"
TIME = "time"
AGE = "head-age"
WITNESSES = "witnesses"


class Known(msgspec.Struct, frozen=True):
    """What is remembered of one log: the anchor it was checked under, and the largest head that passed."""

    anchor: Digest
    size: int
    root: bytes


class Auditor(msgspec.Struct, frozen=True, kw_only=True):
    """What the auditor brings: `remembered` by origin; `now` is what a head's age is measured at."""

    anchor: Digest | None = None
    prior: tuple[int, bytes] | None = None
    at: str | None = None
    remembered: Mapping[str, Known] = {}
    max_age: timedelta | None = None
    now: str = ""
    witnesses: int = 0
    older: bool = False
    """An older head than the one remembered is what was asked for: it is named, and no rollback."""
    check_tokens: Callable[[Examined, Findings], list[dict[str, Any]]] | None = None
    """Reads timestamp tokens, where the library for them is there; without it they are not checked."""


def session_of(auditor: Auditor) -> dict[str, Any]:
    """Return what was passed in, as the answer's session says it."""
    return {
        "anchor": auditor.anchor or "",
        "at": auditor.at or "",
        "headTime": {},
        "maxAge": 0 if auditor.max_age is None else int(auditor.max_age.total_seconds()),
        "prior": "" if auditor.prior is None else _head(*auditor.prior),
        "remembered": {},
        "requireWitness": auditor.witnesses,
        "statuses": [],
        "timestamps": [],
    }


def check_auditor(auditor: Auditor, examined: Examined, findings: Findings) -> dict[str, Any]:
    """Hold the bundle against what the auditor knows; return what else the session says."""
    known = auditor.remembered.get(examined.log.head.origin)
    _check_anchor(auditor.anchor, known, examined, findings)
    heads = [("you saw", auditor.prior)] if auditor.prior is not None else []
    if known is not None:
        if auditor.older and known.size > examined.log.head.size:
            findings.note(PRIOR, "OLDER_HEAD", f"this machine verified {known.size} leaves before")
        else:
            heads.append(("this machine verified", (known.size, known.root)))
    for who, (size, root) in heads:
        _check_prior(who, size, root, examined, findings)
    said: dict[str, Any] = {"headTime": _check_age(auditor, examined, findings)}
    _check_witnesses(auditor.witnesses, examined, findings)
    said["timestamps"] = _timestamps(auditor, examined, findings)
    if known is not None:
        said["remembered"] = {"anchor": known.anchor, "prior": _head(known.size, known.root)}
    if auditor.at is not None:
        said["statuses"] = _statuses_at(auditor.at, examined, findings)
    return said


def _timestamps(auditor: Auditor, examined: Examined, findings: Findings) -> list[dict[str, Any]]:
    if auditor.check_tokens is not None:
        return auditor.check_tokens(examined, findings)
    return [{"size": size, "state": "not checked"} for size in sorted(examined.tokens)]


def _check_anchor(anchor: Digest | None, known: Known | None, examined: Examined, findings: Findings) -> None:
    found = examined.state.anchor
    if found is None:
        return
    if anchor is None and known is None:
        said = "no anchor was given: whose registry this is cannot be told"
        findings.unproven(ANCHOR, "UNANCHORED", said)
    if anchor is not None and found != anchor:
        findings.fail(ANCHOR, "ANCHOR_MISMATCH", f"the first trust root is {found}")
    if known is not None and found != known.anchor:
        said = f"the first trust root is {found}, this machine remembers {known.anchor} for this log"
        findings.fail(ANCHOR, "ANCHOR_MISMATCH", said)
    findings.settle(ANCHOR, "the first trust root is the one you know")


def _check_prior(who: str, size: int, root: bytes, examined: Examined, findings: Findings) -> None:
    head = examined.log.head
    if size > head.size:
        findings.fail(PRIOR, "ROLLBACK", f"{who} {size} leaves before, this log has {head.size}")
        return
    found = head.root if size == head.size else examined.log.roots_at({size}).get(size)
    if found is None:
        said = f"whether the log continues the {size} leaves {who} before cannot be told from here"
        findings.unproven(PRIOR, "CONSISTENCY_UNPROVEN", said)
    elif found != root:
        findings.fail(PRIOR, "FORK", f"the log's first {size} leaves are not those {who} before")
    findings.settle(PRIOR, f"the log continues the {size} leaves {who} before")


def _check_age(auditor: Auditor, examined: Examined, findings: Findings) -> dict[str, str]:
    # The operator may claim any time for a head; a witness does not lie for them.
    confirmed = examined.heads.confirmed.get(examined.log.head.size, "")
    time = confirmed or examined.log.time
    by = "witnessed" if confirmed else "claimed"
    now = auditor.at or auditor.now
    if auditor.max_age is not None:
        if not time or moment(now) - moment(time) > auditor.max_age:
            said = f"the head is of {time or 'no time'} ({by}), too old at {now}"
            findings.unproven(AGE, "HEAD_TOO_OLD", said)
        findings.settle(AGE, f"the head is of {time} ({by}), young enough at {now}")
    return {"by": by, "time": time}


def _check_witnesses(need: int, examined: Examined, findings: Findings) -> None:
    if not need:
        return
    have = len(examined.heads.cosignatures.get(examined.log.head.size, ()))
    if have < need:
        said = f"{have} witnesses confirm the head, you ask for {need}"
        findings.unproven(WITNESSES, "WITNESS_QUORUM", said)
    findings.settle(WITNESSES, f"{have} witnesses confirm the head, you ask for {need}")


def _statuses_at(at: str, examined: Examined, findings: Findings) -> list[dict[str, str]]:
    root = examined.state.trust_root
    if at < examined.log.time:
        findings.note(TIME, "TIME_BEFORE_HEAD", f"the head's last leaf is at {examined.log.time}")
    if root is not None and root.expires is not None and root.expires <= at:
        findings.unproven(TIME, "ROOT_EXPIRED", f"the trust root expired at {root.expires}")
    rows = []
    for claim, _ in examined.claims:
        found = status(examined.state, claim.subject, claim.environment, at)
        rows.append({"environment": claim.environment, "name": found.ref, "status": found.status})
    return rows


def _head(size: int, root: bytes) -> str:
    return f"{size}:{root.hex()}"
