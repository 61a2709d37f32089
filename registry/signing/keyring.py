"""Find a person's key file in a registry's `keys` folder by the ids the log knows."""

from collections.abc import Collection
from pathlib import Path

from registry.signing.keyfile import read_public
from registry.trust.keys import key_id
from schemas.errors import Usage, VerificationError


def find_key(folder: Path, keyids: Collection[str]) -> Path | None:
    """Return the private key file in `folder` whose public half has one of `keyids`; asks no passphrase."""
    for public_file in sorted(folder.glob("*.pub")):
        private = public_file.with_suffix("")
        try:
            found = key_id(read_public(public_file))
        except (Usage, VerificationError):
            continue  # a stray file beside the keys is nobody's key
        if found in keyids and private.is_file():
            return private
    return None
