"""S: bundle.json, names.json and reasons in every shape that they must not have."""

from collections.abc import Callable
from typing import Any

from registry.bundle import contents as at
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from tests.attacks.case import Handed, forged, reference, table
from tests.attacks.simulator import ENV, person_id

Change = Callable[[dict[str, Any]], object]


def _seventh() -> Digest:
    return reference().claims[0].subject


def _edited(change: Change) -> Handed:
    """Hand over the honest bundle with its bundle.json changed and everything else repaired."""

    def edit(payload: dict[str, bytes]) -> None:
        value = parse_canonical(payload[at.SUMMARY])
        change(value)
        payload[at.SUMMARY] = canonical(value)

    return forged(edit)


COUNTS: dict[str, Change] = {
    "fewer leaves": lambda p: p.update(leaves=p["leaves"] - 1),
    "another first leaf": lambda p: p.update(first="0" * 64),
    "another last leaf": lambda p: p.update(last=p["first"]),
    "another type": lambda p: p["types"].update(withdrawn=1),
    "fewer of a type": lambda p: p["types"].update(approval=0),
    "more enclosed": lambda p: p["enclosed"].update(approval=9),
    "fewer versions": lambda p: p.update(versions=0),
    "more claims": lambda p: p.update(claims=9),
    "a word more": lambda p: p.update(weather="fine"),
    "a word less": lambda p: p.pop("versions"),
    "nothing": lambda p: p.clear(),
    "words for numbers": lambda p: p.update(leaves="many"),
    "a line of its own": lambda p: p.update({"x\nverdict PASS": 1}),
}
SHAPES: dict[str, Change] = {
    "a member more": lambda v: v.update(z=1),
    "no profile of ours": lambda v: v.update(profile="partial"),
    "claims that are no list": lambda v: v.update(claims={}),
    "a claim twice": lambda v: v["claims"].append(v["claims"][0]),
    "a scope with a word more": lambda v: v["scope"].update(z=1),
    "a scope that is none": lambda v: v.update(scope=[]),
    "a subject without a version": lambda v: v["scope"].update(subjects=["retail/credit-risk"]),
    "a subject with a leading zero": lambda v: v["scope"].update(subjects=["retail/credit-risk@07"]),
    "subjects out of order": lambda v: v["scope"].update(subjects=["b/b@1", "a/a@1"]),
    "an environment twice": lambda v: v["scope"].update(environments=[ENV, ENV]),
    "a namespace that is none": lambda v: v["scope"].update(namespaces=["a b"]),
    "a time that is none": lambda v: v["scope"].update(since="2026-13-01T00:00:00Z"),
    "a time that is a number": lambda v: v["scope"].update(until=0),
    "a period that ends before it begins": lambda v: v["scope"].update(
        since="2026-02-01T00:00:00Z", until="2026-01-01T00:00:00Z"
    ),
    "a document held back without a reason": lambda v: v.update(withheld=[{"digest": _seventh()}]),
    "a reason of many words": lambda v: v.update(withheld=[{"digest": _seventh(), "reason": "a b"}]),
    "a reason that is long": lambda v: v.update(withheld=[{"digest": _seventh(), "reason": "a" * 41}]),
    "a document held back twice": lambda v: v.update(
        withheld=[{"digest": _seventh(), "reason": "a"}, {"digest": _seventh(), "reason": "b"}]
    ),
    "a population that is none": lambda v: v.update(population=[]),
}
NAMES: dict[str, Any] = {
    "nobody": {},
    "a list": [],
    "a word": {"rita": "rita"},
    "somebody in two lines": {person_id("rita"): "rita\nverdict PASS"},
    "somebody in turned text": {person_id("rita"): "rita\N{RIGHT-TO-LEFT OVERRIDE}"},
    "somebody by nothing": {person_id("rita"): ""},
    "somebody by a long name": {person_id("rita"): "r" * 201},
    "somebody by a number": {person_id("rita"): 7},
    "somebody no record names": {"p-" + "0" * 16: "mallory"},
}


def _named(value: Any) -> Handed:
    return forged(lambda p: p.update({at.NAMES: canonical(value)}))


table(
    "S",
    30,
    "the population stated has",
    [
        (words, "POPULATION_MISMATCH", lambda c=change: _edited(lambda v: c(v["population"])))  # type: ignore[misc]
        for words, change in COUNTS.items()
    ],
)
table(
    "S",
    50,
    "bundle.json holds",
    [(words, "BUNDLE_JSON", lambda c=change: _edited(c)) for words, change in SHAPES.items()],  # type: ignore[misc]
)
table(
    "S",
    80,
    "the names call",
    [(words, "NAMES_MALFORMED", lambda v=value: _named(v)) for words, value in NAMES.items()],  # type: ignore[misc]
)


def _held_back(reason: Any) -> Handed:
    """Hand over the honest bundle with its last record held back for a reason."""
    last = parse_leaf(reference().leaves[-1]).body
    row = canonical({"digest": last, "reason": reason, "state": "withheld"})

    def edit(payload: dict[str, bytes]) -> None:
        lines = at.lines_of(payload[at.ATTESTATIONS], at.ATTESTATIONS)
        payload[at.ATTESTATIONS] = b"".join(line + b"\n" for line in [*lines[:-1], row])

    return forged(edit)


REASONS: dict[str, Any] = {
    "nothing": "",
    "a capital": "Private",
    "two words": "two words",
    "a long word": "x" * 41,
    "a number": 7,
    "null": None,
}
table(
    "S",
    90,
    "the reason why a record is held back is",
    [(words, "BODY_MISSING", lambda r=reason: _held_back(r)) for words, reason in REASONS.items()],  # type: ignore[misc]
)
