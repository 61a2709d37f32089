"""A digest that carries its algorithm."""

import hashlib
import re
from typing import BinaryIO, Self

_is_digest = re.compile(r"sha256:[0-9a-f]{64}").fullmatch
_is_hex = re.compile(r"[0-9a-f]{64}").fullmatch
_BLOCK = 1 << 20


class Digest(str):
    """`sha256:` and 64 lower-case hex digits; anything else raises ValueError."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Accept exactly the canonical spelling."""
        if not _is_digest(text):
            raise ValueError(f"expected sha256:<64 hex>, found {text[:80]!r}")
        return str.__new__(cls, text)

    @classmethod
    def of(cls, data: bytes | memoryview) -> Self:
        """Return the SHA-256 of `data`."""
        return str.__new__(cls, "sha256:" + hashlib.sha256(data).hexdigest())

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Return the digest whose 64 hex digits are `text`."""
        if not _is_hex(text):
            raise ValueError(f"expected 64 lower-case hex digits, found {text[:80]!r}")
        return str.__new__(cls, "sha256:" + text)

    @classmethod
    def of_stream(cls, stream: BinaryIO) -> tuple[Self, int]:
        """Return the SHA-256 and the size in bytes of all that is left in `stream`."""
        hasher, size = hashlib.sha256(), 0
        while block := stream.read(_BLOCK):
            hasher.update(block)
            size += len(block)
        return cls("sha256:" + hasher.hexdigest()), size

    @property
    def hex(self) -> str:
        """The 64 hex digits without the algorithm."""
        return self[7:]

    @property
    def raw(self) -> bytes:
        """The 32 bytes."""
        return bytes.fromhex(self[7:])
