"""Tokens of those who post events: 256 random bits, kept as SHA-256 and never shown again."""

import hashlib
import json
import secrets
import sqlite3
from datetime import datetime

import msgspec

from schemas.errors import Conflict, NotFound
from schemas.ledger import time_text
from schemas.receiving import Writer

_PREFIX = "mnm_"


class Token(msgspec.Struct, frozen=True):
    """A token without its secret; no `namespaces` means that every namespace is open to it."""

    name: str
    namespaces: tuple[str, ...]
    made_at: str
    revoked_at: str | None


def hash_of(secret: str) -> bytes:
    """Return what is kept of a token: it is random, so one pass of SHA-256 hides it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


class Tokens:
    """The table `receiver_token`; nothing here commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def make(self, name: str, namespaces: tuple[str, ...], now: datetime) -> str:
        """Make a token and return its secret, which exists nowhere else; raise Conflict for a name in use."""
        secret = _PREFIX + secrets.token_urlsafe(32)
        try:
            self._connection.execute(
                "INSERT INTO receiver_token (name, hash, namespaces, made_at) VALUES (?, ?, ?, ?)",
                (name, hash_of(secret), json.dumps(namespaces), time_text(now)),
            )
        except sqlite3.IntegrityError as error:
            raise Conflict(
                f"{name}: a token of this name is in use", hint=f"muniment token revoke {name}"
            ) from error
        return secret

    def revoke(self, name: str, now: datetime) -> None:
        """End a token; raise NotFound when no token of this name is in use."""
        done = self._connection.execute(
            "UPDATE receiver_token SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL",
            (time_text(now), name),
        )
        if done.rowcount != 1:
            raise NotFound(f"{name}: no token of this name is in use", hint="muniment token list")

    def all(self) -> list[Token]:
        """Return every token ever made, in order."""
        rows = self._connection.execute(
            "SELECT name, namespaces, made_at, revoked_at FROM receiver_token ORDER BY id"
        )
        return [Token(row[0], tuple(json.loads(row[1])), row[2], row[3]) for row in rows]

    def any_made(self) -> bool:
        """Whether a token was ever made; revoking the last one does not open the door again."""
        return bool(self._connection.execute("SELECT EXISTS (SELECT 1 FROM receiver_token)").fetchone()[0])

    def find_writer(self, secret: str) -> Writer | None:
        """Return who holds `secret`; None when it is unknown or revoked."""
        row = self._connection.execute(
            "SELECT name, namespaces FROM receiver_token WHERE hash = ? AND revoked_at IS NULL",
            (hash_of(secret),),
        ).fetchone()
        return None if row is None else Writer(row[0], tuple(json.loads(row[1])))
