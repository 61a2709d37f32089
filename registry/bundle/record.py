"""The verifier's `record`: what a bundle proves, one canonical value and a function of the bundle alone."""

import base64
from collections import Counter
from collections.abc import Mapping
from typing import Any

from registry.bundle.contents import Claim
from registry.bundle.exceptions import exceptions_of
from registry.bundle.findings import Findings, codes_of, worst
from registry.bundle.heads import Heads
from registry.bundle.log import Log
from registry.bundle.reviewed import reviewed
from registry.bundle.summary import Summary
from registry.bundle.words import harmless
from registry.rules.status import Status, gate_verdict
from registry.trust.state import Decision, Problem, State
from schemas.canonical import canonical
from schemas.digest import Digest

LIMITS = (
    "absence of dossier-changed is attested, not recomputed",
    "a record that was never logged, and leaves after this head, cannot be seen from here",
    "who stands behind a key is what the trust root says",
)
CLAIMED = (
    "times are the registry's claim: each lies between the leaves around it, and no witness confirms them"
)
WITNESSED = "times are the registry's claim, except that the head's witnesses had seen every record by"
STRENGTH = "1: signed statements, one log, and the heads its reviewers saw"
STRENGTH_WITNESSED = "3: signed statements, one log, the heads its reviewers saw, and a witnessed head"
NO_RECOVERY = "the trust root names no offline recovery root: muniment key recovery"
ONE_PERSON = "one person alone can change who may sign: muniment root update --threshold 2"
NO_WITNESS = "no witness confirms heads"
MAX_RECORD = 64 << 20
_SALT = 16


def build_record(
    log: Log,
    state: State,
    bodies: Mapping[Digest, bytes],
    claims: list[tuple[Claim, Status]],
    receipts: list[dict[str, Any]],
    findings: Findings,
    *,
    stated: Summary,
    heads: Heads,
) -> dict[str, Any]:
    """Return the record; it holds no float and nothing from outside the bundle."""
    policy, size = state.policy_set, log.head.size
    confirmed = heads.confirmed.get(size, "")
    return {
        "advice": _advice(state),
        "anchor": state.anchor or "",
        "claims": [_claim(state, size, claim, found, bodies, heads) for claim, found in claims],
        "codes": list(codes_of(findings.all)),
        "findings": [f.to_json() for f in findings.all],
        "format": "muniment-record",
        "head": {
            "rootHash": base64.b64encode(log.head.root).decode(),
            "time": log.time,
            "treeSize": size,
            **_confirmations(heads, size),
        },
        "limits": [f"{WITNESSED} {confirmed}" if confirmed else CLAIMED, *LIMITS],
        "origin": log.head.origin,
        "population": dict(stated.population),
        "policyVersion": 0 if policy is None else policy.version,
        "profile": stated.profile,
        "receipts": receipts,
        "records": _records(log),
        "refused": [_refused(log, problem) for problem in state.problems],
        "result": worst(findings.all),
        "rootVersion": 0 if state.trust_root is None else state.trust_root.version,
        "scope": stated.asked.to_json(),
        "strength": STRENGTH_WITNESSED if _witnessed(state, findings) else STRENGTH,
        "v": 1,
        "versions": _versions(state, {claim.subject for claim, _ in claims}),
        "withheld": _withheld(log, stated),
    }


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """Return `record.json`: the one spelling of the record."""
    return canonical(record, limit=MAX_RECORD)


def _refused(log: Log, problem: Problem) -> dict[str, Any]:
    seq = problem.seq
    return {"code": problem.code, "leaf": seq, "message": problem.message, "type": log.type_of(seq)}


def _advice(state: State) -> list[str]:
    root = state.trust_root
    if root is None:
        return []
    wanting = (
        (not root.recovery, NO_RECOVERY),
        (root.root_threshold == 1, ONE_PERSON),
        (root.witness_quorum == 0, NO_WITNESS),
    )
    return [said for wants, said in wanting if wants]


def _witnessed(state: State, findings: Findings) -> bool:
    root = state.trust_root
    # Too few cosignatures, or a head that does not stand, is named by the check of heads itself.
    stands = any(f.check == "heads" and f.result == "PASS" for f in findings.all)
    return root is not None and root.witness_quorum > 0 and stands


def _confirmations(heads: Heads, size: int) -> dict[str, Any]:
    """Return who of the witnesses confirms the head, and when enough had: no member where nobody does."""
    items = sorted(heads.cosignatures.get(size, ()), key=lambda item: (item.at, item.name))
    if not items:
        return {}
    rows = [{"at": item.at, "name": item.name} for item in items]
    return {"witnessedAt": heads.confirmed.get(size, ""), "witnesses": rows}


def _claim(
    state: State, size: int, claim: Claim, found: Status, bodies: Mapping[Digest, bytes], heads: Heads
) -> dict[str, Any]:
    # Valid is not yet deployable: a check that fails blocks though the quorum is full.
    gate = gate_verdict(state, found, signed_size=size)
    return {
        "approvals": [_decision(d, bodies, heads) for d in found.approvals],
        "causes": [{"cause": c.cause, "part": c.part} for c in found.causes],
        "checks": [
            {
                "message": c.message,
                "result": c.result,
                "rule": c.rule,
                "severity": c.severity,
                "title": c.title,
            }
            for c in found.checks
        ],
        "claimed": claim.status,
        "conditions": [{"digest": d, "text": text_of(bodies.get(d))} for d in found.conditions],
        "dossier": found.dossier or "",
        "environment": claim.environment,
        "exceptions": exceptions_of(found, lambda digest: text_of(bodies.get(digest))),
        "expiresAt": found.expires_at or "",
        "gate": {"verdict": gate.verdict, "why": list(gate.why)},
        "name": found.ref,
        "quorum": [{"have": c.have, "need": c.need, "role": c.role} for c in found.quorum],
        "reviewed": reviewed(state, claim.subject, found.dossier, bodies),
        "rejections": [_decision(d, bodies, heads) for d in found.rejections],
        "status": found.status,
        "subject": claim.subject,
        "tier": found.tier or "",
        "unproven": list(found.unproven),
        "versionState": str(found.version_state),
        "why": list(found.why),
    }


def _decision(decision: Decision, bodies: Mapping[Digest, bytes], heads: Heads) -> dict[str, Any]:
    reason = decision.reason
    confirmed = heads.confirmed_over(decision.by.seq)
    return {
        "decidedAt": decision.decided_at,
        "decision": decision.decision,
        "dossier": decision.dossier,
        "leaf": decision.by.seq,
        "loggedAt": decision.by.time,
        "opened": list(decision.opened),
        "person": decision.person,
        "reason": "" if reason is None else text_of(bodies.get(reason)),
        "role": decision.role,
        **({"witnessedAt": confirmed} if confirmed else {}),
    }


def _versions(state: State, subjects: set[Digest]) -> list[dict[str, Any]]:
    found = [state.versions[s] for s in sorted(subjects) if s in state.versions]
    return [
        {
            "artifact": version.artifact,
            "authors": list(version.authors),
            "leaf": version.by.seq,
            "loggedAt": version.by.time,
            "name": str(version.ref),
            "subject": version.manifest,
        }
        for version in found
    ]


def _withheld(log: Log, stated: Summary) -> list[dict[str, Any]]:
    rows = [
        {"digest": row.digest, "reason": row.reason, "what": f"{leaf.type} at leaf {leaf.seq}"}
        for leaf, row in log.absent("withheld")
    ]
    documents = [{"digest": d.digest, "reason": d.reason, "what": "document"} for d in stated.withheld]
    return rows + documents


def _records(log: Log) -> list[dict[str, Any]]:
    counted = Counter(log.types)
    absent = Counter(kind for kind, state in zip(log.types, log.states, strict=True) if state)
    return [{"absent": absent[kind], "count": counted[kind], "type": kind} for kind in sorted(counted)]


def text_of(body: bytes | None) -> str:
    """Return the free text of a salted body, made harmless to look at; empty when it is not here."""
    if body is None:
        return ""
    return harmless(body[_SALT:].decode(errors="replace"))
