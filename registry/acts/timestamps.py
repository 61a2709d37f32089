"""Timestamps over signed heads, by an authority that the trust root pins (RFC 3161)."""

import hashlib

import msgspec

from registry.acts.confirming import keep_token, root_in_force
from registry.acts.heads import newest_granting_head, newest_signed_head
from registry.acts.posting import post
from registry.acts.state import read_state
from registry.bundle.timestamps import Query, Stamped, make_query, read_imprint, verify_token
from registry.registry import Registry
from registry.trust.state import State
from schemas.errors import NotFound, SourceError, VerificationError


class Question(msgspec.Struct, frozen=True):
    """What to ask an authority about the head of `size` leaves."""

    size: int
    query: Query


class Kept(msgspec.Struct, frozen=True):
    """A token that is kept now: its head's size, what it says, whether it is new here."""

    size: int
    stamped: Stamped
    new: bool


def ask_about(registry: Registry, size: int | None = None) -> Question:
    """Return the question about the newest head that grants rest on, or about the head of `size` leaves."""
    found, note = _find_head(registry, read_state(registry), size)
    return Question(found, make_query(note.encode()))


def fetch_token(registry: Registry, url: str, size: int | None = None) -> Kept:
    """Ask the authority at `url` and keep its token; raise in words when it gives none that holds."""
    asked = ask_about(registry, size)
    answer = post(url, asked.query.data, "application/timestamp-query", "the time-stamping authority")
    if answer.status != 200:
        said = " ".join(answer.text.split())[:200]
        raise SourceError(f"{url} answers {answer.status}: {said}", hint="check that it speaks RFC 3161")
    return keep(registry, answer.body, asked.size, nonce=asked.query.nonce)


def keep(registry: Registry, token: bytes, size: int | None = None, *, nonce: int | None = None) -> Kept:
    """Keep `token` when it holds for the head of `size` leaves, or for the one it is over."""
    state = read_state(registry)
    at, note = _head_under(registry, token) if size is None else _find_head(registry, state, size)
    found = verify_token(token, note.encode(), root_in_force(state, at).tsa_roots, nonce=nonce)
    return Kept(at, found, keep_token(registry, at, token))


def _head_under(registry: Registry, token: bytes) -> tuple[int, str]:
    imprint = read_imprint(token)
    for at, note in registry.ledger.newest_checkpoints():
        if hashlib.new(imprint.algorithm, note.encode()).digest() == imprint.digest:
            return at, note
    raise VerificationError("TIMESTAMP_INVALID", "the token is over no signed head of this log")


def _find_head(registry: Registry, state: State, size: int | None) -> tuple[int, str]:
    wanted = size or newest_granting_head(registry, state).size or newest_signed_head(registry, state).size
    kept = registry.ledger.find_checkpoint(wanted)
    if kept is None:
        raise NotFound(f"no signed head of {wanted} leaves is kept", hint="muniment audit checkpoint")
    return kept
