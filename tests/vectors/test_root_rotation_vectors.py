"""Trust roots follow one another as The Update Framework's do: the same roots, the same verdict from both."""

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner, SSlibKey  # type: ignore[attr-defined]
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Role, Root  # type: ignore[attr-defined]
from tuf.api.serialization.json import JSONSerializer
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from registry.signing.keyfile import PrivateKey
from registry.trust.dsse import sign_statement
from registry.trust.note import vkey
from registry.trust.succession import verify_next_root
from registry.trust.trust_root import Key, Person, TrustRoot
from registry.trust.trust_root import Role as OurRole
from schemas.errors import VerificationError

ORIGIN = "muniment.dev/log/" + "0" * 32
NAMES = ("alice", "rolf", "ruth", "nina", "noah")
NEVER = datetime(2099, 1, 1, tzinfo=UTC)


class Made(NamedTuple):
    """A trust root by its version, who holds it, how many must sign, and who did."""

    version: int
    holders: tuple[str, ...]
    threshold: int
    signers: tuple[str, ...]


OLD = Made(2, ("alice", "rolf", "ruth"), 2, ("alice", "rolf"))


def _key(name: str) -> PrivateKey:
    return PrivateKey.from_seed(hashlib.sha256(name.encode()).digest())


def _ours(made: Made) -> TrustRoot:
    people = [
        Person("p-" + hashlib.sha256(n.encode()).hexdigest()[:16], (OurRole("root"),), (Key(_key(n).public),))
        for n in made.holders
    ]
    log = (vkey(ORIGIN, _key("log").public),)
    return TrustRoot(
        version=made.version,
        origin=ORIGIN,
        root_threshold=made.threshold,
        persons=tuple(people),
        log_keys=log,
    )


def _we_accept(old: Made, new: Made) -> bool:
    envelope = sign_statement(_ours(new).to_statement(nonce="0" * 32), *(_key(n) for n in new.signers))
    try:
        verify_next_root(_ours(old), envelope)
    except VerificationError:
        return False
    return True


def _theirs(made: Made) -> bytes:
    keys = {n: SSlibKey(_key(n).keyid, "ed25519", "ed25519", {"public": _key(n).public.hex()}) for n in NAMES}
    holding = [keys[n].keyid for n in made.holders]
    others = {name: Role(holding[:1], 1) for name in ("timestamp", "snapshot", "targets")}
    root = Root(
        version=made.version,
        expires=NEVER,
        keys={keys[n].keyid: keys[n] for n in made.holders},
        roles={"root": Role(holding, made.threshold), **others},
        consistent_snapshot=True,
    )
    metadata = Metadata(root)
    for name in made.signers:
        metadata.sign(CryptoSigner(_private(name), keys[name]), append=True)
    return metadata.to_bytes(JSONSerializer())


def _private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def _they_accept(old: Made, new: Made) -> bool:
    known = TrustedMetadataSet(_theirs(old), EnvelopeType.METADATA)
    try:
        known.update_root(_theirs(new))
    except RepositoryError:
        return False
    return True


CASES = {
    "good": (Made(3, OLD.holders, 2, ("alice", "ruth")), True),
    "one old signature": (Made(3, OLD.holders, 2, ("alice",)), False),
    "new keys only": (Made(3, ("nina", "noah"), 2, ("nina", "noah")), False),
    "a version skipped": (Made(4, OLD.holders, 2, ("alice", "rolf")), False),
    "the same version again": (Made(2, OLD.holders, 2, ("alice", "rolf")), False),
    "an older version": (Made(1, OLD.holders, 2, ("alice", "rolf")), False),
    "one key twice": (Made(3, OLD.holders, 2, ("alice", "alice")), False),
    "a holder who leaves signs for the old": (Made(3, ("alice", "nina"), 2, ("alice", "rolf", "nina")), True),
    "the new threshold is not reached": (Made(3, (*OLD.holders, "nina"), 3, ("alice", "rolf")), False),
    "the threshold is lowered by enough": (Made(3, OLD.holders, 1, ("alice", "rolf")), True),
    "the threshold is lowered by too few": (Made(3, OLD.holders, 1, ("alice",)), False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_root_is_taken_or_refused_by_both(case: str) -> None:
    new, good = CASES[case]
    assert (_we_accept(OLD, new), _they_accept(OLD, new)) == (good, good)


_SOME = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(tuple)


@settings(max_examples=60, deadline=None)
@given(_SOME, _SOME, st.integers(1, 3), st.integers(1, 3), st.sampled_from((2, 3, 3, 3, 4)), st.data())
def test_any_root_is_taken_or_refused_by_both(
    before: tuple[str, ...], after: tuple[str, ...], need: int, needs: int, version: int, data: st.DataObject
) -> None:
    old = Made(2, before, min(need, len(before)), before)
    holding = sorted({*before, *after})
    signers = data.draw(st.lists(st.sampled_from(holding), min_size=1, max_size=5, unique=True).map(tuple))
    new = Made(version, after, min(needs, len(after)), signers)
    assert _we_accept(old, new) == _they_accept(old, new)
