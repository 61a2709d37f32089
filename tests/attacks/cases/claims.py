"""C: what a bundle says of a version's status, and what it leaves out."""

from typing import Any

from registry.bundle import contents as at
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from tests.attacks.case import Handed, approved, asked, case, claimed, forged, handed, table
from tests.attacks.forger import Edit
from tests.attacks.simulator import honest


def _claim(**members: Any) -> Edit:
    """Return an edit of the bundle's first claim, as its exporter could state it."""

    def edit(payload: dict[str, bytes]) -> None:
        value = parse_canonical(payload[at.SUMMARY])
        value["claims"][0].update(members)
        payload[at.SUMMARY] = canonical(value)

    return edit


def _held_back(state: str) -> Handed:
    """Hand over a bundle that holds back the withdrawal of the approval it claims."""
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    registry.envelopes[-1] = at.Withheld(parse_leaf(registry.leaves[-1]).body, state)  # type: ignore[arg-type]
    return claimed(registry, manifest)


@case("C01", "FAIL", "CLAIM_FALSE", "the exporter claims a status the log does not give")
def status_the_log_does_not_give() -> Handed:
    return forged(_claim(status="valid-with-conditions"))


@case("C02", "FAIL", "CLAIM_MISSING CLAIM_SUBJECT", "the claim is about a version nobody registered")
def version_nobody_registered() -> Handed:
    registry, _ = approved()
    registry.claims.append(at.Claim(Digest.of(b"nothing"), "production", "none"))
    return handed(registry)


@case("C03", "PASS", "UNCLAIMED", "another environment was reviewed and the bundle does not claim it")
def environment_left_out() -> Handed:
    registry, manifest = approved()
    registry.request(manifest, environment="staging")
    return claimed(registry, manifest)


@case("C04", "PASS", "", "a rejected version is claimed to have no approval")
def rejected_and_said_so() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.decide(manifest, dossier, decision="reject")
    return claimed(registry, manifest, "none")


@case("C05", "PASS", "", "a withdrawn approval is claimed to be revoked")
def withdrawn_and_said_so() -> Handed:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    return claimed(registry, manifest, "revoked")


@case("C06", "PASS", "", "an approval with conditions is claimed to have them")
def conditions_and_said_so() -> Handed:
    registry, manifest, dossier = asked()
    registry.decide(manifest, dossier, conditions=[registry.put(b"sixteen bytes ok" + b"monitor it")])
    return claimed(registry, manifest, "valid-with-conditions")


@case("C07", "UNPROVEN", "BODY_MISSING", "the withdrawal is left out of the bundle")
def withdrawal_omitted() -> Handed:
    return _held_back("omitted")


@case("C08", "FAIL", "CLAIM_FALSE", "a version nobody reviewed is claimed valid")
def never_reviewed() -> Handed:
    registry, _ = approved()
    return claimed(registry, registry.register(8, weights=b"eight"))


WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "an environment that writes a line": ("BUNDLE_JSON", {"environment": "x: none\nstatus"}),
    "a status that writes a line": ("BUNDLE_JSON", {"status": "none\nverdict PASS"}),
    "no environment": ("BUNDLE_JSON", {"environment": ""}),
    "an environment that is a list": ("BUNDLE_JSON", {"environment": ["x"]}),
    "a subject that is no digest": ("BUNDLE_JSON", {"subject": "credit-risk@7"}),
    "a status nobody knows": ("CLAIM_FALSE", {"status": "blessed"}),
    "a member more": ("BUNDLE_JSON", {"zeal": 1}),
}
table(
    "C",
    20,
    "a claim has",
    [(words, codes, lambda m=members: forged(_claim(**m))) for words, (codes, members) in WORDS.items()],  # type: ignore[misc]
)
