"""Recording a risk assessment: persons by their ids, and nobody answers for more than their role allows.

A committee is no role of the trust root: that its member may speak for it is the signer's claim.
"""

from collections.abc import Iterator

import msgspec

from registry.acts.actor import Actor
from registry.acts.record import Recorded, record_document
from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.risk import assess
from registry.trust.trust_root import Person
from schemas.asset import VersionRef
from schemas.errors import Refused
from schemas.governance import RiskAssessment, RiskForm


class RecordedRisk(msgspec.Struct, frozen=True):
    """An assessment as it was signed, and where it stands."""

    assessment: RiskAssessment
    recorded: Recorded


def record_risk(registry: Registry, actor: Actor, ref: VersionRef, form: RiskForm) -> RecordedRisk:
    """Sign and keep the assessment of `ref`; raise Refused with everybody named beyond their role."""
    manifest = registry.get_manifest(ref)
    form = _by_id(registry, form)
    assessment = assess(form, today=registry.clock().date().isoformat())
    root = read_state(registry, manifest).trust_root
    persons = {person.id: person for person in root.persons} if root is not None else {}
    unmet = tuple(_unmet(form, actor, ref, persons))
    if unmet:
        raise Refused(f"the assessment of {ref} names people beyond their role", unmet=unmet)
    predicate = {"level": "verified", "tier": assessment.tier.word}
    recorded = record_document(registry, actor, ref, "risk-assessed", assessment.to_bytes(), predicate)
    return RecordedRisk(assessment, recorded)


def _by_id(registry: Registry, form: RiskForm) -> RiskForm:
    """Return `form` with persons by their ids: who answers must be enrolled, an owner may be a department."""
    known = {name: person for person, name in registry.names.all().items()}
    replace = msgspec.structs.replace
    risks = []
    for risk in form.risks:
        residual = risk.residual
        if residual is not None:
            who = registry.names.get_person(residual.acceptor.who)
            residual = replace(residual, acceptor=replace(residual.acceptor, who=who))
        owner = known.get(risk.owner, risk.owner) if risk.owner is not None else None
        risks.append(replace(risk, residual=residual, owner=owner))
    override = form.override
    if override is not None:
        override = replace(override, approver=registry.names.get_person(override.approver))
    return replace(form, risks=tuple(risks), override=override)


def _unmet(form: RiskForm, actor: Actor, ref: VersionRef, persons: dict[str, Person]) -> Iterator[str]:
    override = form.override
    if override is not None:
        if actor.person != override.approver:
            yield f"override: {override.approver} sets the tier, so {override.approver} must sign"
        yield from _lacking(override.approver, override.role, "override", ref, persons)
    for index, risk in enumerate(form.risks):
        if risk.residual is not None:
            acceptor = risk.residual.acceptor
            path = f"risks[{index}].residual.acceptor"
            yield from _lacking(acceptor.who, acceptor.role, path, ref, persons)


def _lacking(who: str, role: str, path: str, ref: VersionRef, persons: dict[str, Person]) -> Iterator[str]:
    person = persons.get(who)
    if person is None:
        yield f"{path}: {who} is not enrolled"
    elif role != "committee" and not person.holds(role, ref.namespace):
        yield f"{path}: {who} does not hold the role {role} in {ref.namespace}"
