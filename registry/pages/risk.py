"""The risk tab: the latest assessment, read from its signed document."""

from typing import Any

from registry.registry import Registry
from registry.trust.state import State
from registry.views import RiskPage, RiskRow, Score
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.governance import parse_risk_document


def risk_page(registry: Registry, state: State, manifest: Digest) -> RiskPage | None:
    """Return the standing assessment of `manifest`, None when its risk was never assessed."""
    found = state.find_risk(manifest)
    if found is None:
        return None
    body = registry.ledger.find_body(found.digest)
    try:
        document = None if body is None else parse_risk_document(body)
    except VerificationError:
        document = None
    return RiskPage(
        tier=found.tier or "",
        level="absent" if document is None else "verified",
        document=found.digest,
        derivation=() if document is None else _derivation(document["derivation"]),
        register=() if document is None else tuple(_row(risk) for risk in document["risks"]),
        assessed_at=found.by.time,
    )


def _derivation(derivation: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = [(f"exposure {derivation['exposure']}, purpose {derivation['purpose']}", str(derivation["cell"]))]
    rows += [(str(step["rule"]), str(step["tier"])) for step in derivation["steps"][1:]]
    if derivation["modifiers"]:
        rows.append(("modifiers", ", ".join(derivation["modifiers"])))
    if derivation["floors"]:
        rows.append(("floors", ", ".join(derivation["floors"])))
    return tuple(rows)


def _row(risk: dict[str, Any]) -> RiskRow:
    return RiskRow(
        id=risk["id"],
        title=risk["title"],
        area=risk["area"],
        scenario=risk["scenario"],
        inherent=_score(risk["inherent"]),
        residual=_score(risk["residual"]),
        treatment=risk.get("treatment", ""),
        owner=risk.get("owner", ""),
        controls=tuple(risk.get("controls", ())),
    )


def _score(value: dict[str, Any]) -> Score | None:
    if "absent" in value:
        return None
    return Score(value["likelihood"], value["impact"], value["rating"])
