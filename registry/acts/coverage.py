"""Which use case writes which record: the promise that nothing changes the registry's state unseen."""

import msgspec

from registry.registry import Registry
from schemas.ledger import RECORD_TYPES

WRITTEN_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "trust-root": (("init", "init"), ("propose", "key enrol, add, rotate, recovery; root update")),
    "key-revoked": (("revoke", "key revoke"), ("rotate", "key rotate")),
    "key-suspended": (("suspend", "key suspend"),),
    "key-reinstated": (("suspend", "key reinstate"),),
    "policy-set": (("init", "init"), ("policy_set", "policy sign")),
    "version-registered": (("register", "register"),),
    "run-linked": (("link", "link"),),
    "link": (("register", "register --link"), ("link", "link")),
    "evidence-added": (("evidence", "evidence add"), ("evaluate", "import modelcard")),
    "evidence-withdrawn": (("evidence", "evidence withdraw"),),
    "evaluation-recorded": (("evaluate", "import evaluation, modelcard; import mlflow --for"),),
    "bias-recorded": (("record", "bias check --for"), ("evaluate", "import evaluation; import mlflow --for")),
    "monitoring-recorded": (("evaluate", "import monitoring"),),
    "risk-assessed": (("assess_risk", "risk assess --for"),),
    "review-requested": (("request", "request"),),
    "approval": (("decision_text", "approve, reject, abstain, decision submit"),),
    "withdrawn": (("decide", "withdraw"),),
    "override": (("override", "override"),),
    "break-glass": (("break_glass", "break-glass"),),
    "dossier-changed": (("dossier_changes", "whatever brings facts about a reviewed dossier"),),
    "alias-added": (("alias", "alias add"),),
    "alias-removed": (("alias", "alias remove"),),
    "import": (("take_in", "import"),),
    "seal": (("seals", "import, serve, and whatever follows gate"),),
    "bundle-exported": (("export", "bundle export"),),
    "redaction": (("redact", "redact"),),
}
"""Record type -> (use case in `registry/acts`, command); empty while nothing writes the type."""


class Covered(msgspec.Struct, frozen=True):
    """One record type: who signs it, how many leaves of it there are, what writes it."""

    type: str
    signer: str
    leaves: int
    use_cases: tuple[str, ...]
    commands: tuple[str, ...]


def list_coverage(registry: Registry) -> tuple[Covered, ...]:
    """Return every record type there is, with the number of its leaves in this log."""
    counts = registry.ledger.count_types()
    return tuple(
        Covered(
            type=name,
            signer=kind.signer.value,
            leaves=counts.get(name, 0),
            use_cases=tuple(act for act, _ in WRITTEN_BY[name]),
            commands=tuple(command for _, command in WRITTEN_BY[name]),
        )
        for name, kind in RECORD_TYPES.items()
    )
