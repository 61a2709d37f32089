"""Two readers of one format: the second verifier takes what the product's own code takes, and no more."""

import copy
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from registry.bundle import standalone
from registry.rules.changes import compare, stale_parts
from registry.rules.check_rules import Level
from registry.rules.dossier import (
    CheckRow,
    DossierParts,
    EvidenceRow,
    Lineage,
    Result,
    RiskRow,
    build_dossier,
    parse_dossier,
)
from registry.rules.fairness import evaluate, verify_bias_document
from registry.rules.policy import AVAILABLE_CHECKS, STARTER_CHECKS, parse_policy_set
from registry.rules.risk import assess, verify_risk_document
from registry.rules.snapshot_lines import parse_snapshot
from registry.trust import predicates
from registry.trust.predicates import parse_predicate
from registry.trust.trust_root import parse_trust_root
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import Usage, VerificationError
from schemas.evaluation import BiasInput, Confusion, GroupCounts, Polarity, StratumCounts
from schemas.governance import Acceptor, Floors, Modifiers, Override, Residual, Risk, RiskForm, Score
from schemas.ledger import parse_leaf
from tests.attacks.simulator import Registry, honest
from tests.attacks.simulator_policy import allow_breaking

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53 - 1,
    "",
    "*",
    "a",
    "high",
    "24h",
    [],
    {},
    ["*"],
    [1],
    "p-0123456789abcdef",
    "2026-11-23T10:00:00Z",
    "2026-02-30T10:00:00Z",
    "sha256:" + "0" * 64,
    "0" * 32,
    "reEvaluate",
    "x\n",
)
SHAPES: dict[str, Any] = {
    "version-registered": predicates.VersionRegistered,
    "run-linked": predicates.RunLinked,
    "evidence-added": predicates.EvidenceAdded,
    "evidence-withdrawn": predicates.EvidenceWithdrawn,
    "bias-recorded": predicates.DocumentRecorded,
    "monitoring-recorded": predicates.DocumentRecorded,
    "risk-assessed": predicates.RiskAssessed,
    "review-requested": predicates.ReviewRequested,
    "approval": predicates.Approval,
    "withdrawn": predicates.Withdrawn,
    "override": predicates.Overridden,
    "break-glass": predicates.GlassBroken,
    "dossier-changed": predicates.DossierChanged,
    "key-revoked": predicates.KeyRevoked,
    "key-suspended": predicates.KeySuspended,
    "key-reinstated": predicates.KeyReinstated,
    "redaction": predicates.Redaction,
}
N, E, P, D = "0" * 32, "production", "p-0123456789abcdef", "sha256:" + "a" * 64
T = "2026-11-23T10:00:00Z"
SPELLED: dict[str, dict[str, Any]] = {
    "version-registered": {"artifactLevel": "verified", "authors": [P], "runs": [{"source": "mlflow"}]},
    "run-linked": {"source": "mlflow", "runId": "r1", "job": {"namespace": "a", "name": "b"}},
    "evidence-added": {"kind": "report", "level": "verified", "validUntil": T, "replaces": D},
    "evidence-withdrawn": {},
    "bias-recorded": {"attribute": "sex", "rule": "general"},
    "monitoring-recorded": {"attribute": "", "rule": ""},
    "risk-assessed": {"tier": "high"},
    "review-requested": {"environment": E, "evaluatedAt": T, "policySet": {"version": 1, "digest": D}},
    "approval": {
        "decision": "approve",
        "environment": E,
        "role": "owner",
        "reviewer": P,
        "decidedAt": T,
        "logContext": {"origin": "o", "treeSize": 3, "rootHash": "r"},
        "expiresAt": T,
        "conditions": [D],
        "opened": [D],
        "reason": D,
    },
    "withdrawn": {"environment": E, "reviewer": P},
    "override": {"environment": E, "reason": D},
    "break-glass": {"environment": E, "role": "owner", "reviewer": P, "reason": D, "expiresAt": T},
    "dossier-changed": {
        "environment": E,
        "base": D,
        "to": D,
        "parts": [{"part": "a", "cause": "b"}],
        "through": 1,
    },
    "key-revoked": {"keyid": "k", "reason": "left", "fromIndex": 0},
    "key-suspended": {"keyid": "k"},
    "key-reinstated": {"keyid": "k"},
    "redaction": {"reason": "secret", "what": "envelope", "leaf": 3},
}


def twist(value: Any, dice: random.Random) -> Any:
    """Return a copy with one thing in it replaced, left out, added or repeated."""
    made = copy.deepcopy(value)
    places: list[Any] = [made]
    for place in places:
        items = place.values() if isinstance(place, dict) else place
        places += [item for item in items if isinstance(item, dict | list) and item]
    place = dice.choice([p for p in places if p] or [made])
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    key = dice.choice(keys) if keys else "extra"
    match dice.randrange(5):
        case 0 if keys:
            del place[key]
        case 1 if isinstance(place, dict):
            place["extra"] = dice.choice(ODD)
        case 2 if isinstance(place, list):
            place.append(dice.choice([*place, *ODD]))
        case _ if isinstance(place, dict) or keys:
            place[key] = dice.choice(ODD)
    return made


def _dice(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - it is to repeat itself


def takes(read: Callable[[Any], Any], value: Any, *refusals: type[Exception]) -> bool:
    try:
        read(value)
    except refusals:
        return False
    return True


def both_take(first: Callable[[Any], Any], second: Callable[[Any], Any], value: Any) -> bool:
    """Return whether both take it; they must not differ."""
    ours = takes(first, value, VerificationError)
    assert takes(second, value, standalone.Refused) is ours, value
    return ours


@pytest.mark.parametrize("kind", SHAPES)
def test_a_predicate_has_one_shape(kind: str) -> None:
    dice, honest_one, taken = _dice(kind), SPELLED[kind] | {"nonce": N}, 0
    assert both_take(
        lambda v: parse_predicate(v, SHAPES[kind]), lambda v: standalone.read_shape(kind, v, "X"), honest_one
    )
    for _ in range(300):
        value = twist(honest_one, dice)
        taken += both_take(
            lambda v: parse_predicate(v, SHAPES[kind]), lambda v: standalone.read_shape(kind, v, "X"), value
        )
    assert 0 < taken < 300


def test_a_policy_set_has_one_shape() -> None:
    registry, dice, taken = Registry(), _dice(1), 0
    allow_breaking(registry)
    spelled = registry.state().policies[2].value.to_predicate(N)
    checks = [*spelled["checks"]]
    for rule in (*STARTER_CHECKS, *AVAILABLE_CHECKS):
        one = msgspec.structs.replace(registry.state().policies[2].value, checks=(rule,))
        checks += one.to_predicate(N)["checks"]
    spelled["checks"] = [{**check, "id": f"check-{number}"} for number, check in enumerate(checks)]
    assert both_take(parse_policy_set, standalone.read_policy, spelled)
    for _ in range(1_500):
        taken += both_take(parse_policy_set, standalone.read_policy, twist(spelled, dice))
    assert 0 < taken < 1_500


def test_a_trust_root_has_one_shape() -> None:
    registry, dice, taken = Registry(), _dice(2), 0
    spelled = registry.root.to_predicate(nonce=N)
    about = ((registry.root.origin, standalone.digest_of(registry.root.origin.encode())),)

    def second(value: Any) -> None:
        standalone.read_root(standalone.Statement("trust-root", about, value, b"", ()), 0)

    assert both_take(parse_trust_root, second, spelled)
    for _ in range(800):
        value = twist(spelled, dice)
        if isinstance(value, dict) and value.get("origin") == registry.root.origin:
            taken += both_take(parse_trust_root, second, value)
    assert 0 < taken < 800


@pytest.mark.parametrize("odd", [{"v": True}, {"v": 2}, {"seq": True}, {"time": None}, {"extra": 1}])
def test_a_leaf_has_one_spelling(odd: dict[str, Any]) -> None:
    spelled = {"body": D, "seq": 1, "subjects": [D], "time": T, "type": "seal", "v": 1}
    assert both_take(parse_leaf, standalone.read_leaf, canonical(spelled))
    assert not both_take(parse_leaf, standalone.read_leaf, canonical(spelled | odd))


def test_a_dossier_has_one_spelling() -> None:
    registry, _, dossier, _ = honest()
    spelled, dice, taken = parse_canonical(registry.bodies[dossier]), _dice(3), 0
    for number in range(800):
        try:
            data = canonical(spelled if not number else twist(spelled, dice))
        except VerificationError:
            continue
        taken += both_take(parse_dossier, standalone.read_dossier, data)
    assert 0 < taken < 800


def groups(dice: random.Random, *, cells: bool) -> tuple[GroupCounts, ...]:
    most = dice.choice((3, 40, 900, 60_000))
    made = []
    for label in ("A", "B", "C", "D")[: dice.randint(1, 4)]:
        tn, fp, fn, tp = (dice.randint(0, most) for _ in range(4))
        table = Confusion(tn, fp, fn, tp) if cells else None
        left_out = dice.choice((None, None, None, "too small"))
        made.append(GroupCounts(label, tn + fp + fn + tp, fp + tp, table, left_out))
    return tuple(made)


def bias_input(dice: random.Random) -> BiasInput:
    parts = groups(dice, cells=dice.random() < 0.3)
    strata: dict[str, Any] = {}
    if dice.random() < 0.4:
        parts = tuple(GroupCounts(g.label, g.n, g.selected) for g in parts)
        halves = tuple(GroupCounts(g.label, g.n // 2, g.selected // 2) for g in parts)
        rests = tuple(
            GroupCounts(g.label, g.n - h.n, g.selected - h.selected)
            for g, h in zip(parts, halves, strict=True)
        )
        strata = {"strata_by": "job", "strata": (StratumCounts("one", halves), StratumCounts("two", rests))}
    policy = dice.choice(("best", "largest", "overall", "A"))
    polarity = Polarity("selected", dice.random() < 0.7)
    return BiasInput("sex", dice.choice(("general", "ll144")), policy, polarity, 0, parts, **strata)


def test_a_bias_document_follows_from_its_counts_alike() -> None:
    dice, seen = _dice(4), 0
    for _ in range(150):
        try:
            data = evaluate(bias_input(dice)).to_bytes()
        except Usage:
            continue
        seen += both_take(verify_bias_document, standalone.verify_bias, data)
        both_take(verify_bias_document, standalone.verify_bias, canonical(twist(parse_canonical(data), dice)))
    assert seen > 75


RISKS = RiskForm(
    exposure=4,
    purpose=4,
    summary="Decides on loans.",
    modifiers=Modifiers(opaque=True, special_category_data=True),
    floors=Floors(gdpr_22=True),
    override=Override(
        tier="high", reason="a pilot", approver="rita", role="risk-approver", expires="2027-01-31"
    ),
    risks=(
        Risk(
            id="r1",
            title="drift",
            area="performance",
            scenario="intended",
            inherent=Score(likelihood=4, impact=5),
            affected=("customers",),
            due="2026-12-31",
            residual=Residual(
                likelihood=1,
                impact=5,
                justification="watched",
                controls=("monitoring",),
                acceptor=Acceptor(who="rita", role="owner", accepted="2026-11-23"),
            ),
        ),
        Risk(
            id="r2", title="leak", area="privacy", scenario="misuse", inherent=Score(likelihood=2, impact=2)
        ),
    ),
)


def test_a_risk_document_follows_from_its_answers_alike() -> None:
    dice, taken = _dice(5), 0
    spelled = parse_canonical(assess(RISKS, today="2026-11-23").to_bytes())
    assert both_take(verify_risk_document, standalone.verify_risk, canonical(spelled))
    for _ in range(1_500):
        taken += both_take(verify_risk_document, standalone.verify_risk, canonical(twist(spelled, dice)))
    assert 0 < taken < 1_500


def test_an_id_of_a_risk_ends_in_no_line_end() -> None:
    spelled = parse_canonical(assess(RISKS, today="2026-11-23").to_bytes())
    spelled["risks"][0]["id"] = "r1\n"
    assert not both_take(verify_risk_document, standalone.verify_risk, canonical(spelled))


def snapshot(dice: random.Random) -> bytes:
    names, levels = ("dataset:a", "dataset:b@1", "dataset:b", "run:r", "dataset:c"), ("reported", "verified")
    rows: list[dict[str, Any]] = []
    for _ in range(dice.randint(0, 6)):
        a, b, level = dice.choice(names), dice.choice(names), dice.choice(levels)
        rows += dice.sample(
            [
                {"kind": "node", "node": "dataset", "name": a, "level": level, "version": dice.choice("12")},
                {"kind": "edge", "from": a, "to": b, "relation": "read", "level": level},
                {"kind": "gap", "at": a, "reason": dice.choice(("unpinned", "training-run-unknown"))},
                {"kind": "alias", "a": a, "b": b},
            ],
            2,
        )
    return b"".join(line + b"\n" for line in sorted({canonical(row) for row in rows}))


def dossier_of(base: DossierParts, lines: bytes, dice: random.Random) -> DossierParts:
    levels: tuple[Level, ...] = ("absent", "reported", "verified")
    level, digests = dice.choice(levels), [Digest.of(b"%d" % n) for n in range(4)]
    lineage = Lineage(snapshot=Digest.of(lines), nodes=0, edges=0, gaps=0, weakest=level)
    rows = [EvidenceRow(kind=dice.choice("kl"), digest=d, level="signed") for d in dice.sample(digests, 2)]
    results: tuple[Result, ...] = ("pass", "fail", "error", "waived")
    checks = [
        CheckRow(rule=r, title=r, severity="warn", result=dice.choice(results)) for r in dice.sample("abc", 2)
    ]
    low, high = RiskRow(assessment=digests[0], tier="low"), RiskRow(assessment=digests[0], tier="high")
    risk = dice.choice((None, low, high))
    authors = tuple(dice.sample(["p-1", "p-2", "p-3"], dice.randint(0, 3)))
    changed = {"lineage": lineage, "evidence": tuple(rows), "checks": tuple(checks), "risk": risk}
    made = msgspec.structs.replace(base, authors=authors, **changed)
    return parse_dossier(build_dossier(made))


def test_what_changed_between_two_dossiers_is_told_alike() -> None:
    registry, _, digest, _ = honest()
    base, dice, told = parse_dossier(registry.bodies[digest]), _dice(6), 0
    for _ in range(400):
        lines = [snapshot(dice), snapshot(dice)]
        was, now = (dossier_of(base, text, dice) for text in lines)
        ours = stale_parts(compare(was, now, parse_snapshot(lines[0]), parse_snapshot(lines[1])))
        read = [standalone.read_dossier(build_dossier(dossier)) for dossier in (was, now)]
        before, after = (standalone.read_snapshot(text) for text in lines)
        theirs = standalone.material_changes(read[0], read[1], before, after)
        assert {(part.part, part.cause.partition(": ")[0]) for part in ours} == theirs
        told += bool(theirs)
    assert told > 200
