"""Ask the gate's question of a bundle: may this be deployed, by what the bundle proves."""

import msgspec

from registry.bundle.auditor import Auditor
from registry.bundle.examine import Examined
from registry.bundle.verify import Answer as Verified
from registry.bundle.verify import examine_bundle
from registry.rules.receipt import Answer, decide
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound, Usage

MISMATCH = "ARTIFACT_MISMATCH"
_ASKED_ANEW = frozenset(
    {"BODY_MISSING", "CLAIM_MISSING", "NO_CLAIM", "POPULATION_UNPROVEN", "RECEIPT_UNPROVEN"}
)
"""What a bundle may leave open: the gate decides its own question, and says itself what it lacks for it."""


class BundleAnswer(msgspec.Struct, frozen=True):
    """The gate's answer over a bundle, and what was asked about."""

    answer: Answer
    subject: str = ""
    manifest: str = ""
    tree_size: int = 0

    @property
    def exit_code(self) -> int:
        """0 allow, 3 unproven, 4 stale, 1 any other deny."""
        found = self.answer
        return {"allow": 0, "unproven": 3}.get(found.verdict, 4 if found.status == "stale" else 1)


def answer_from_bundle(
    data: bytes,
    ref: VersionRef | None,
    digests: tuple[Digest, ...],
    environment: str,
    *,
    at: str,
    auditor: Auditor,
) -> BundleAnswer:
    """Return the gate's answer over the bundle `data`, as `answer_over` does once it is verified."""
    return answer_over(*examine_bundle(data, auditor), ref, digests, environment, at=at)


def answer_over(
    verified: Verified,
    examined: Examined | None,
    ref: VersionRef | None,
    digests: tuple[Digest, ...],
    environment: str,
    *,
    at: str,
) -> BundleAnswer:
    """Return the gate's answer at the time `at` for a version, for bytes by their digests, or for both.

    A bundle that does not verify proves nothing: `unproven`, with the verifier's codes. One that claims
    nothing is still read: the gate asks the log, not the claims.
    """
    faults = {f.code for f in verified.checks if f.result in ("FAIL", "UNPROVEN")} - _ASKED_ANEW
    if examined is None or faults:
        why = f"the bundle is {verified.verdict}: {', '.join(sorted(faults))}"
        answer = Answer("unproven", "none", (why,), ("muniment bundle verify",), ())
        return BundleAnswer(answer)
    manifest, mismatch = _resolve(examined, ref, digests)
    size = examined.log.head.size
    answer = decide(examined.state, manifest, environment, at, size)
    if mismatch:
        said = f"{MISMATCH}: the bytes are not those of {ref}"
        step = "deploy the bytes that were approved"
        answer = Answer("deny", answer.status, (said,), (step,), answer.checks)
    subject = str(examined.state.versions[manifest].ref)
    return BundleAnswer(answer, subject, manifest, size)


def _resolve(examined: Examined, ref: VersionRef | None, digests: tuple[Digest, ...]) -> tuple[Digest, bool]:
    state = examined.state
    by_bytes = {m for digest in digests for m in state.artifacts.get(digest, ())}
    if ref is not None:
        manifest = state.names.get(ref)
        if manifest is None:
            raise NotFound(f"{ref} is not in this bundle", hint="muniment bundle verify names what is")
        return manifest, bool(digests) and manifest not in by_bytes
    if len(by_bytes) > 1:
        names = ", ".join(sorted(str(state.versions[m].ref) for m in by_bytes))
        raise Usage(f"several versions have these bytes: {names}", hint="name one of them")
    if not by_bytes:
        raise NotFound("no version in this bundle has these bytes", hint="muniment bundle verify")
    return by_bytes.pop(), False
