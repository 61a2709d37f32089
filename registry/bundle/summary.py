"""`bundle.json`: what a bundle is, what was asked for, what it claims and what was held back.

Claims, scope, profile and what is held back are stated by the exporter; all else in it is derived from the
log, by the writer and again by the verifier.
"""

import base64
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal

import msgspec

from schemas.asset import VersionRef, parse_version_ref
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import Usage, VerificationError
from schemas.ledger import Checkpoint, parse_time_text

FORMAT = "muniment-bundle"
MAX_SUMMARY = 64 << 20
_REASON = re.compile(r"[a-z0-9-]{1,40}")
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MEMBERS = frozenset(
    {
        "claims",
        "format",
        "origin",
        "population",
        "profile",
        "rootHash",
        "scope",
        "treeSize",
        "v",
        "withheld",
    }
)

Profile = Literal["complete", "extract"]


class Claim(msgspec.Struct, frozen=True, order=True):
    """What the bundle says the status of a version (by manifest digest) is at its head."""

    subject: Digest
    environment: str
    status: str


class HeldBack(msgspec.Struct, frozen=True, order=True):
    """A document that some record names and that the exporter kept out on purpose, and why in a word."""

    digest: Digest
    reason: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. An empty list filters nothing; without subjects and namespaces it is everything.

    The period keeps the versions whose registration, or a decision, was logged in it, both ends included.
    """

    subjects: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    @property
    def by_name(self) -> bool:
        """Whether only versions named one by one were asked for: all others may be left out."""
        return bool(self.subjects) and not self.namespaces

    def names(self, ref: VersionRef) -> bool:
        """Tell whether the version was asked for, whenever it was registered or decided about."""
        if not self.subjects and not self.namespaces:
            return True
        return str(ref) in self.subjects or ref.namespace in self.namespaces

    def covers(self, environment: str) -> bool:
        """Tell whether the environment was asked for."""
        return not self.environments or environment in self.environments

    def spans(self, time: str) -> bool:
        """Tell whether `time` lies in the period."""
        return self.since <= time and (not self.until or time <= self.until)

    def to_json(self) -> dict[str, Any]:
        """Return the scope as `bundle.json` and the record state it."""
        return {
            "environments": list(self.environments),
            "namespaces": list(self.namespaces),
            "since": self.since,
            "subjects": list(self.subjects),
            "until": self.until,
        }


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the exporter states."""

    claims: tuple[Claim, ...] = ()
    asked: Asked = Asked()
    profile: Profile = "complete"
    withheld: tuple[HeldBack, ...] = ()
    population: Mapping[str, Any] = {}
    """As stated; `population.py` derives it again."""


def summary_bytes(head: Checkpoint, stated: Summary) -> bytes:
    """Return `bundle.json` over the head."""
    claims = [
        {"environment": c.environment, "status": c.status, "subject": c.subject}
        for c in sorted(stated.claims)
    ]
    value = {
        "claims": claims,
        "format": FORMAT,
        "origin": head.origin,
        "population": dict(stated.population),
        "profile": stated.profile,
        "rootHash": base64.b64encode(head.root).decode(),
        "scope": stated.asked.to_json(),
        "treeSize": head.size,
        "v": 1,
        "withheld": [{"digest": w.digest, "reason": w.reason} for w in sorted(stated.withheld)],
    }
    return canonical(value, limit=MAX_SUMMARY)


def parse_summary(data: bytes) -> Summary:
    """Return what a `bundle.json` states; what it must repeat of the log is compared elsewhere."""
    value = parse_canonical(data, limit=MAX_SUMMARY)
    if not isinstance(value, dict) or set(value) != _MEMBERS:
        raise _refusal("the members of a bundle.json and no other")
    if value["profile"] not in ("complete", "extract"):
        raise _refusal("profile complete or extract")
    try:
        return Summary(
            claims=tuple(_claim(item) for item in _sorted(value["claims"])),
            asked=_asked(value["scope"]),
            profile=value["profile"],
            withheld=tuple(_held_back(item) for item in _sorted(value["withheld"])),
            population=_dict(value["population"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, Usage, VerificationError) as error:
        raise _refusal("claims, scope, population and withheld in their one shape") from error


def is_reason(value: object) -> bool:
    """Tell whether `value` can be the reason for which something is held back: a word of a-z 0-9 -."""
    return isinstance(value, str) and _REASON.fullmatch(value) is not None


def _claim(item: Any) -> Claim:
    if set(item) != {"environment", "status", "subject"}:
        raise TypeError
    return Claim(Digest(item["subject"]), _word(item["environment"]), _word(item["status"]))


def _held_back(item: Any) -> HeldBack:
    if set(item) != {"digest", "reason"} or not is_reason(item["reason"]):
        raise TypeError
    return HeldBack(Digest(item["digest"]), item["reason"])


def _asked(value: Any) -> Asked:
    if set(value) != {"environments", "namespaces", "since", "subjects", "until"}:
        raise TypeError
    subjects = tuple(_sorted(value["subjects"]))
    if any(str(parse_version_ref(name, namespace="")) != name for name in subjects):
        raise TypeError
    since, until = (value[name] and parse_time_text(value[name]) for name in ("since", "until"))
    if not isinstance(since, str) or not isinstance(until, str) or (until and since > until):
        raise TypeError
    return Asked(
        subjects=subjects,
        namespaces=tuple(_word(item) for item in _sorted(value["namespaces"])),
        environments=tuple(_word(item) for item in _sorted(value["environments"])),
        since=since,
        until=until,
    )


def _sorted(items: Any) -> list[Any]:
    """Return a list whose items stand in the order of their canonical bytes' texts, each once."""
    if not isinstance(items, list):
        raise TypeError
    keys: list[Any] = [item if isinstance(item, str) else _order(item) for item in items]
    if any(a >= b for a, b in pairwise(keys)):
        raise TypeError
    return items


def _order(item: Any) -> tuple[str, ...]:
    return item.get("subject", item.get("digest")), item.get("environment", ""), item.get("status", "")


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _word(value: Any) -> str:
    # These words are printed by whoever verifies: they hold no line of their own.
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise TypeError
    return value


def _refusal(expected: str) -> VerificationError:
    return VerificationError("BUNDLE_JSON", f"expected {expected}")
