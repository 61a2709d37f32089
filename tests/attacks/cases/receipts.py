"""R: gate answers that were never given, or say what the log did not."""

from typing import Any

import msgspec

from registry.bundle.contents import SealedReceipt
from registry.bundle.write import write_bundle
from schemas.asset import Manifest
from tests.attacks.case import Handed, approved, case, claimed, table
from tests.attacks.simulator import Registry, honest, key


def _sealed(**changed: Any) -> Handed:
    """Hand over a registry whose gate's answer lies, sealed like an honest one."""
    registry, manifest = approved()
    registry.seal(registry.gate(manifest, **changed))
    return claimed(registry, manifest)


def _resealed(**changed: Any) -> Handed:
    """Hand over a registry whose honest receipt is filed in another place than it was sealed in."""
    registry, manifest = approved()
    registry.seal(registry.gate(manifest))
    registry.receipts = [msgspec.structs.replace(registry.receipts[0], **changed)]
    return claimed(registry, manifest)


@case("R01", "PASS", "", "honest answers are decided again, each at its own place in the log")
def honest_answers() -> Handed:
    registry, manifest, _, seq = honest()
    allowed = registry.gate(manifest)
    registry.withdraw(manifest, seq)
    registry.seal(allowed, registry.gate(manifest))
    return claimed(registry, manifest, "revoked")


@case("R02", "FAIL", "INCLUSION_INVALID", "the answer was never sealed")
def never_sealed() -> Handed:
    registry, manifest = approved()
    registry.seal(registry.gate(manifest))
    registry.receipts = [_with_receipt(registry, manifest)]
    return claimed(registry, manifest)


def _with_receipt(registry: Registry, manifest: Manifest) -> SealedReceipt:
    return msgspec.structs.replace(registry.receipts[0], receipt=registry.gate(manifest))


@case("R03", "FAIL", "RECEIPT_NOT_SEALED ROLE_MISSING", "a person seals answers, which only the service does")
def sealed_by_a_person() -> Handed:
    registry, manifest = approved()
    receipt, append = registry.gate(manifest), registry.append
    registry.append = lambda statement, *_: append(statement, "alice")  # type: ignore[method-assign]
    registry.seal(receipt)
    return claimed(registry, manifest)


@case("R04", "UNPROVEN", "RECEIPT_UNPROVEN", "an allow rests on a head that is not in the bundle")
def head_of_an_allow_left_out() -> Handed:
    registry, manifest = approved()
    registry.seal(registry.gate(manifest))
    registry.claim(manifest, "valid")
    contents = msgspec.structs.replace(registry.contents(), checkpoints=())
    return Handed(write_bundle(contents, key("service")), registry.anchor)


@case("R05", "FAIL", "INCLUSION_INVALID", "the answer has another place among those sealed with it")
def another_place() -> Handed:
    return _resealed(index=1)


@case("R06", "FAIL", "INCLUSION_INVALID", "the answer's path has a step more")
def a_step_more() -> Handed:
    return _resealed(path=(b"\0" * 32,))


@case("R07", "FAIL", "TREE_MALFORMED", "the answer's path has a step of 31 bytes")
def a_short_step() -> Handed:
    return _resealed(path=(b"\0" * 31,))


LIES: dict[str, tuple[str, dict[str, Any]]] = {
    "denies what was allowed": ("RECEIPT_FALSE", {"verdict": "deny", "status": "none"}),
    "names another status": ("RECEIPT_FALSE", {"status": "valid-with-conditions"}),
    "counts fewer leaves than it saw": ("RECEIPT_FALSE", {"treeSize": 3}),
    "was given before the approval": ("RECEIPT_FALSE", {"treeSize": 3, "signedSize": 3}),
    "counts leaves after its seal": ("RECEIPT_FALSE", {"treeSize": 999}),
    "counts fewer than no leaves": ("RECEIPT_MALFORMED", {"treeSize": -1}),
    "counts leaves in a text": ("RECEIPT_MALFORMED", {"treeSize": "5"}),
    "speaks of other bytes": ("RECEIPT_FALSE", {"mismatch": True}),
    "is about a list": ("RECEIPT_MALFORMED", {"subject": []}),
    "is about no manifest": ("RECEIPT_MALFORMED", {"subject": {"manifest": "x"}}),
    "has a word for a time": ("TIME_MALFORMED", {"time": "now"}),
    "is older than the leaves it counts": ("RECEIPT_FALSE", {"time": "2026-11-23T09:00:00Z"}),
    "is younger than its seal": ("RECEIPT_FALSE", {"time": "2027-11-23T10:00:00Z"}),
    "writes a line of the verifier": ("RECEIPT_MALFORMED", {"environment": "production\nverdict PASS"}),
    "names a status that writes a line": ("RECEIPT_FALSE", {"status": "valid)\nverdict PASS\x1b[2J"}),
    "has a verdict nobody gives": ("RECEIPT_MALFORMED", {"verdict": "maybe"}),
    "signs more leaves than there are": ("RECEIPT_FALSE", {"signedSize": 999}),
}
table(
    "R",
    10,
    "a sealed answer",
    [(words, codes, lambda c=changed: _sealed(**c)) for words, (codes, changed) in LIES.items()],  # type: ignore[misc]
)


@case("R40", "FAIL", "RECEIPT_FALSE", "a sealed answer bears another version's name")
def another_name() -> Handed:
    registry, manifest = approved()
    named = {"manifest": manifest.digest, "name": "retail/other@1"}
    registry.seal(registry.gate(manifest, subject=named))
    return claimed(registry, manifest)


@case("R41", "PASS", "", "verdict and status are decided again; the words beside them prove nothing")
def other_words() -> Handed:
    return _sealed(checks=[{"rule": "artifact", "result": "pass", "severity": "block", "message": "fine"}])


SEALS = {"the trust root": 0, "the approval": 4, "a leaf beyond the log": 99, "a leaf before the log": -1}
table(
    "R",
    50,
    "a receipt names as its seal",
    [
        (words, "RECEIPT_NOT_SEALED", lambda n=leaf: _resealed(seal=n))  # type: ignore[misc]
        for words, leaf in SEALS.items()
    ],
)
