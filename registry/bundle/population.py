"""The population a bundle speaks of: every leaf up to its head, and every version that was asked for.

What is counted is derived from the log. What cannot be counted from here is said: a registration that is not
enclosed may hide a version, and a version asked for without a claim hides its status.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from registry.bundle.findings import Findings
from registry.bundle.log import Log
from registry.bundle.summary import Asked, Summary
from registry.trust.state import State
from schemas.digest import Digest
from schemas.ledger import Leaf

CHECK = "population"
REGISTERED = "version-registered"
DECIDED = ("approval", "withdrawn", "override", "break-glass")
"""What is decided about a version: each puts it into the period in which it was logged."""


def versions_asked_for(state: State, leaves: Iterable[Leaf], asked: Asked) -> list[Digest]:
    """Return the registered versions in scope, by manifest digest.

    The period keeps what was registered or decided about in it: a later word takes nothing out again.
    """
    decided = {s for leaf in leaves if leaf.type in DECIDED and asked.spans(leaf.time) for s in leaf.subjects}
    return sorted(
        manifest
        for manifest, version in state.versions.items()
        if asked.names(version.ref) and (manifest in decided or asked.spans(version.by.time))
    )


def with_population(log: Log, state: State, stated: Summary) -> Summary:
    """Return the summary with its population as the log gives it."""
    enclosed = Counter(kind for kind, state in zip(log.types, log.states, strict=True) if not state)
    types = Counter(log.types)
    population = {
        "claims": len(stated.claims),
        "enclosed": {kind: enclosed[kind] for kind in types},
        "first": log.hashes[0].hex() if log.hashes else "",
        "last": log.hashes[-1].hex() if log.hashes else "",
        "leaves": len(log.leaves),
        "types": dict(types),
        "versions": len(versions_asked_for(state, log.of_type(*DECIDED), stated.asked)),
    }
    return msgspec.structs.replace(stated, population=population)


def check_population(log: Log, state: State, stated: Summary, findings: Findings) -> Summary:
    """Return the summary with the population that the log gives; name where the bundle states another.

    What its scope leaves unknown is named too.
    """
    derived = with_population(log, state, stated)
    found = derived.population
    if wrong := _differing(found, stated.population):
        said = f"the log gives other numbers than bundle.json: {', '.join(wrong)}"
        findings.fail(CHECK, "POPULATION_MISMATCH", said)
    if log.extract:
        said = "an extract proves that its records were logged, and not that no withdrawal, rejection or "
        findings.unproven(CHECK, "COMPLETENESS_UNPROVEN", f"{said}revocation was")
    _check_outside(state, stated, findings)
    _check_registrations(log, state, stated, findings)
    if stated.claims:
        _check_claims(log, state, stated, findings)
    findings.settle(CHECK, f"{found['leaves']} leaves, {found['versions']} versions asked for, each claimed")
    return derived


def _differing(found: Mapping[str, Any], stated: Mapping[str, Any]) -> list[str]:
    return sorted(
        name[:40] for name in {*found, *stated} if name not in stated or found.get(name) != stated[name]
    )


def _check_outside(state: State, stated: Summary, findings: Findings) -> None:
    for claim in stated.claims:
        version = state.versions.get(claim.subject)
        if version is None:
            continue  # the check of claims names it
        if not stated.asked.names(version.ref) or not stated.asked.covers(claim.environment):
            said = f"{version.ref} for {claim.environment} is claimed, and outside the scope that is stated"
            findings.fail(CHECK, "POPULATION_MISMATCH", said)


def _check_registrations(log: Log, state: State, stated: Summary, findings: Findings) -> None:
    if not stated.asked.by_name:
        rows = zip(log.seqs, log.types, log.states, strict=True)
        absent = [seq for seq, kind, state in rows if kind == REGISTERED and state]
        if absent:
            said = f"{len(absent)} registrations are not here (first: leaf {absent[0]}); any may be in scope"
            findings.unproven(CHECK, "POPULATION_UNPROVEN", said)
        return
    if any(claim.subject not in state.versions for claim in stated.claims):
        return  # it may be the one asked for; the check of claims names it
    known = {str(ref) for ref in state.names}
    for name in stated.asked.subjects:
        if name not in known:
            said = f"{name} was asked for, and no registration of it is here"
            findings.unproven(CHECK, "POPULATION_UNPROVEN", said)


def _check_claims(log: Log, state: State, stated: Summary, findings: Findings) -> None:
    claimed = {(claim.subject, claim.environment) for claim in stated.claims}
    subjects = {subject for subject, _ in claimed}
    for manifest in versions_asked_for(state, log.of_type(*DECIDED), stated.asked):
        ref = state.versions[manifest].ref
        for environment in sorted(state.environments.get(manifest, ())):
            if stated.asked.covers(environment) and (manifest, environment) not in claimed:
                said = f"{ref} was reviewed for {environment}, and the bundle claims nothing about it"
                findings.unproven(CHECK, "CLAIM_MISSING", said)
        if manifest not in subjects and manifest in state.missing:
            said = f"records about {ref} are not here, and the bundle claims nothing about it"
            findings.unproven(CHECK, "CLAIM_MISSING", said)
