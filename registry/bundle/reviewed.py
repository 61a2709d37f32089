"""What the reviewers had before them: lineage, bias checks, risk and evidence of a frozen dossier.

Every number here was computed again from the document it stands in; a document that is not in the bundle, or
does not follow from itself, is left out here and named among the findings.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from registry.rules.dossier import DossierParts
from registry.rules.fairness import verify_bias_document
from registry.rules.risk import verify_risk_document
from registry.rules.snapshot_lines import parse_snapshot
from registry.trust.state import Request, State
from schemas.digest import Digest
from schemas.errors import VerificationError

SHOWN = 200
_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_SIX_PLACES = Decimal("0.000001")


def reviewed(state: State, manifest: Digest, dossier: Digest | None, bodies: Mapping[Digest, bytes]) -> Any:
    """Return the dossier's content for reading; empty when its body is not here."""
    for environment in state.environments.get(manifest, ()):
        for event in state.reviews[manifest, environment]:
            if isinstance(event, Request) and event.dossier == dossier and event.frozen is not None:
                return _view(event.frozen, bodies)
    return {}


def _view(frozen: DossierParts, bodies: Mapping[Digest, bytes]) -> dict[str, Any]:
    return {
        "authors": list(frozen.authors),
        "bias": [view for d in frozen.bias_checks if (view := _bias(d, bodies))],
        "evaluatedAt": frozen.evaluated_at,
        "evidence": [
            {"digest": e.digest, "kind": e.kind, "level": e.level, "validUntil": e.valid_until or ""}
            for e in frozen.evidence
        ],
        "lineage": _lineage(frozen, bodies),
        "policyVersion": frozen.policy_set.version,
        "risk": {} if frozen.risk is None else _risk(frozen.risk.assessment, frozen.risk.tier, bodies),
    }


def _lineage(frozen: DossierParts, bodies: Mapping[Digest, bytes]) -> dict[str, Any]:
    view: dict[str, Any] = {
        "datasets": [],
        "edges": frozen.lineage.edges,
        "gapList": [],
        "gaps": frozen.lineage.gaps,
        "nodes": frozen.lineage.nodes,
        "snapshot": frozen.lineage.snapshot,
        "weakest": frozen.lineage.weakest,
    }
    try:
        snapshot = parse_snapshot(bodies.get(frozen.lineage.snapshot, b""))
    except VerificationError:
        return view
    datasets = [n for n in snapshot.nodes if n.node == "dataset"]
    view["datasets"] = [
        {"digest": n.digest or "", "level": n.level, "name": n.name, "version": n.version or ""}
        for n in datasets[:SHOWN]
    ]
    view["gapList"] = [{"at": g.at, "reason": g.reason} for g in snapshot.gaps[:SHOWN]]
    return view


def _bias(digest: Digest, bodies: Mapping[Digest, bytes]) -> dict[str, Any]:
    try:
        document = verify_bias_document(bodies.get(digest, b"")).to_document()
    except VerificationError:
        return {}
    return {
        "attribute": document["attribute"],
        "digest": digest,
        "groups": [_group(group) for group in document["groups"]],
        "reference": document["reference"]["label"] or "",
        "rule": document["rule"],
        "unknown": document["unknown"],
    }


def _group(group: dict[str, Any]) -> dict[str, Any]:
    interval = group["ci"]
    return {
        "belowFourFifths": _word(group["belowFourFifths"]),
        "excluded": group["excluded"],
        "impactRatio": _ratio(group["impactRatio"]),
        "interval": f"{interval['low']} to {interval['high']}" if "low" in interval else "not available",
        "label": group["label"],
        "n": group["n"],
        "rate": _ratio(group["rate"]),
        "selected": group["selected"],
        "smallSample": group["smallSample"],
    }


def _risk(digest: Digest, tier: str, bodies: Mapping[Digest, bytes]) -> dict[str, Any]:
    view: dict[str, Any] = {"digest": digest, "risks": [], "steps": [], "summary": "", "tier": tier}
    try:
        assessed = verify_risk_document(bodies.get(digest, b""))
    except VerificationError:
        return view
    view["summary"] = assessed.form.summary
    view["steps"] = [f"{step.rule}: {step.tier.word}" for step in assessed.steps]
    for risk, (inherent, residual) in zip(assessed.form.risks, assessed.ratings, strict=True):
        left = "not assessed" if residual is None else residual.word
        row = {"area": risk.area, "id": risk.id, "inherent": inherent.word, "residual": left}
        view["risks"].append(row | {"title": risk.title, "treatment": risk.treatment})
    return view


def _ratio(value: Mapping[str, str]) -> str:
    """Return `num/den = decimal`, the decimal rounded half-even to six places for reading only."""
    if "num" not in value:
        return "not available"
    num, den = value["num"], value["den"]
    quotient = _EXACT.divide(Decimal(num), Decimal(den))
    return f"{num}/{den} = {quotient.quantize(_SIX_PLACES, context=_EXACT)}"


def _word(value: bool | None) -> str:
    return "not available" if value is None else "yes" if value else "no"
