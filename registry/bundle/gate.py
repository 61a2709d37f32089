"""Ask the gate's question of a bundle: may this be deployed, by what the bundle proves."""

from registry.bundle.verify import examine_bundle
from registry.rules.receipt import Answer, decide
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound


def answer_from_bundle(
    data: bytes, wanted: VersionRef | Digest, environment: str, *, at: str, anchor: Digest | None
) -> Answer:
    """Return the gate's answer at the time `at` for a version, or for bytes by their digest.

    A bundle that does not verify proves nothing, so the answer is `unproven` with the verifier's codes. One
    that claims nothing, or names another environment, is still read: the gate asks the log, not the claims.
    """
    verified, examined = examine_bundle(data, anchor=anchor)
    if examined is None or verified.verdict == "FAIL" or "UNANCHORED" in verified.codes:
        why = (f"the bundle is {verified.verdict}: {', '.join(verified.codes)}",)
        return Answer("unproven", "none", why, ("muniment bundle verify",), ())
    state = examined.state
    found = state.names.get(wanted) if isinstance(wanted, VersionRef) else _find(state.artifacts, wanted)
    if found is None:
        raise NotFound(f"the bundle holds no version {wanted}", hint="muniment bundle verify")
    return decide(state, found, environment, at, examined.log.head.size)


def _find(artifacts: dict[Digest, tuple[Digest, ...]], wanted: Digest) -> Digest | None:
    versions = artifacts.get(wanted, ())
    return versions[0] if len(versions) == 1 else None
