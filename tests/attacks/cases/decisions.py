"""A: one decision after another that does not count."""

from schemas.asset import Manifest
from schemas.digest import Digest
from tests.attacks.case import table
from tests.attacks.cases.approvals import SHORT, Act, about, after, decided, saw
from tests.attacks.simulator import Registry


def _closed(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    registry.request(manifest)
    registry.decide(manifest, dossier)


def _changed(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    registry.change(manifest, dossier, dossier, ("lineage", "a training input changed"))
    registry.decide(manifest, dossier)


ROWS: dict[str, tuple[str, Act]] = {
    "is signed by the registry's service": ("REVIEWER_MISMATCH", decided("rita", "service")),
    "is of a dossier nobody froze": (
        "SUBJECT_MISMATCH",
        lambda r, m, _: r.decide(m, Digest.of(b"a dossier nobody froze")),
    ),
    "is under another name": (
        "SUBJECT_MISMATCH",
        lambda r, m, d: r.append(about(r, m, d, "retail/credit-risk@8", m.digest), "rita"),
    ),
    "is in a role the rule does not ask": ("", decided("vic")),
    "is in the role of an auditor": ("ROLE_MISSING", decided("rita", role="auditor")),
    "is an abstention": ("", decided(decision="abstain")),
    "is a rejection": ("REJECTED_BY_REVIEWER", decided(decision="reject")),
    "says a decision that does not exist": ("PREDICATE_MALFORMED", decided(decision="bless")),
    "saw leaves that came later": ("LOG_CONTEXT_FORK", saw(treeSize=99)),
    "is of a dossier a later request closed": ("DOSSIER_CLOSED", _closed),
    "is of a dossier that had changed": ("DOSSIER_CHANGED", _changed),
    "has a nonce that is a word": ("PREDICATE_MALFORMED", decided(nonce="once")),
    "expires at no time": ("PREDICATE_MALFORMED", decided(expiresAt="never")),
}
table(
    "A",
    40,
    "the approval",
    [
        (words, f"{SHORT} {codes}", lambda act=act: after(act))  # type: ignore[misc]
        for words, (codes, act) in ROWS.items()
    ],
)
