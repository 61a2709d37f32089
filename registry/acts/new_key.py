"""A key about to be enrolled: made here, or made elsewhere and proved by whoever holds it."""

from pathlib import Path

import msgspec

from registry.acts.state import get_trust_root
from registry.registry import Registry
from registry.signing import keyfile
from registry.trust.keys import check_public, key_id
from registry.trust.note import COSIGNER, parse_vkey
from registry.trust.possession import verify_possession
from registry.trust.state import State
from registry.trust.trust_root import Key
from schemas.errors import Refused


class KeyOffer(msgspec.Struct, frozen=True):
    """A key to be made here, under a passphrase or none; or `public` from elsewhere, with its `proof`."""

    passphrase: bytes | None = None
    public: bytes | None = None
    proof: bytes = b""


class NewKey(msgspec.Struct, frozen=True):
    """A key whose holder is sure; `path` is its file when it was made here."""

    key: Key
    path: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were made for it."""
        return () if self.path is None else (self.path, Path(f"{self.path}.pub"))


def obtain_key(registry: Registry, state: State, offer: KeyOffer, owner: str, name: str) -> NewKey:
    """Return the key of `offer` for `owner`, who is called `name`; raise when it is taken or not proved."""
    if offer.public is None:
        path = _free(registry.keys, owner)
        made = keyfile.create(path, offer.passphrase, comment=owner)
        return NewKey(Key(made.public), path)
    public = check_public(offer.public)
    verify_possession(offer.proof, public, registry.origin, name)
    _refuse_taken(state, public)
    return NewKey(Key(public))


def _free(folder: Path, owner: str) -> Path:
    number, path = 2, folder / owner
    while path.exists() or Path(f"{path}.pub").exists():
        number, path = number + 1, folder / f"{owner}-{number}"
    return path


def _refuse_taken(state: State, public: bytes) -> None:
    # Also of roots long gone: what a key signed once must name one person for ever.
    root, keyid = get_trust_root(state), key_id(public)
    taken = {parse_vkey(text).public for text in root.log_keys}
    taken |= {parse_vkey(text, COSIGNER).public for text in root.witnesses}
    taken |= {key for past in state.roots for key in past.value.public_keys().values()}
    if public in taken:
        raise Refused(
            f"KEY_SHARED: the key {keyid[:16]} is enrolled already; one key is one person",
            hint="make another with muniment key new",
        )
