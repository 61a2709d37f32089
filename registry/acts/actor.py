"""Who carries out an act: a person with their own key, or the registry's service."""

import secrets
import unicodedata
from typing import Any

import msgspec

from registry.trust.dsse import Signer, sign_statement
from schemas.digest import Digest
from schemas.errors import Usage
from schemas.ledger import RECORD_TYPES
from schemas.statement import Statement, Subject

_MAX_TEXT = 4_000
_BIDI = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


class Actor(msgspec.Struct, frozen=True):
    """A signer and the person it belongs to; `person` is None for the service key."""

    signer: Signer
    person: str | None = None

    def sign(self, kind: str, subjects: tuple[Subject, ...], predicate: dict[str, Any]) -> bytes:
        """Return the envelope of one statement, with a fresh nonce in its predicate."""
        if kind not in RECORD_TYPES:
            raise ValueError(kind)
        statement = Statement(kind, subjects, {**predicate, "nonce": new_nonce()})
        return sign_statement(statement, self.signer).to_bytes()


def new_nonce() -> str:
    """Return 16 random bytes in hex: no two statements are equal, none can be guessed once erased."""
    return secrets.token_hex(16)


def text_body(text: str, what: str) -> bytes:
    """Return the erasable side body of human text: 16 random bytes, then UTF-8 (RECORDS section 7)."""
    normal = unicodedata.normalize("NFC", text.strip())
    if not normal:
        raise Usage(f"{what} is empty", hint=f"say in words what the {what} is")
    if len(normal) > _MAX_TEXT:
        raise Usage(f"{what} has {len(normal)} characters, at most {_MAX_TEXT} are signed")
    if any((unicodedata.category(c) == "Cc" and c != "\n") or c in _BIDI for c in normal):
        raise Usage(f"{what} holds control or text-direction characters", hint="type it as plain text")
    return secrets.token_bytes(16) + normal.encode()


def text_of(body: bytes) -> str:
    """Return the human text of a side body."""
    return body[16:].decode("utf-8", "replace")


def subject(name: object, digest: Digest) -> Subject:
    """Return a statement's subject."""
    return Subject(str(name), digest)
