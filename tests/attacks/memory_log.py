"""A log in memory: leaves, envelopes and bodies as a registry keeps them, its keys made from names."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.bundle.contents import Withheld
from registry.signing.keyfile import PrivateKey
from registry.trust import merkle
from registry.trust.dsse import sign_statement
from registry.trust.fold import Record, State, fold
from schemas.digest import Digest
from schemas.ledger import Checkpoint, Leaf, origin_subject, parse_leaf, time_text
from schemas.statement import Statement, Subject, parse_envelope

ORIGIN = "muniment.dev/log/" + "0123456789abcdef" * 2


def key(name: str) -> PrivateKey:
    """Return the key of a name."""
    return PrivateKey.from_seed(hashlib.sha256(name.encode()).digest())


def person_id(name: str) -> str:
    """Return the id of a person in the log."""
    return "p-" + hashlib.sha256(name.encode()).hexdigest()[:16]


class MemoryLog:
    """What was appended, one minute apart."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
        self.leaves: list[bytes] = []
        self.envelopes: list[bytes | Withheld] = []
        self.bodies: dict[Digest, bytes] = {}
        self.policy_digest = Digest.of(b"")

    @property
    def policy_version(self) -> int:
        """The version of the last policy set logged."""
        return sum(parse_leaf(data).type == "policy-set" for data in self.leaves)

    def append(self, statement: Statement, *signers: str) -> int:
        """Sign a statement and log it."""
        return self.append_bytes(statement, sign_statement(statement, *(key(s) for s in signers)).to_bytes())

    def append_bytes(self, statement: Statement, envelope: bytes, *, kind: str | None = None) -> int:
        """Log an envelope under the leaf that `statement` calls for."""
        seq = len(self.leaves)
        subjects = tuple(dict.fromkeys(s.digest for s in statement.subjects))
        leaf = Leaf(seq, kind or statement.kind, time_text(self.now), Digest.of(envelope), subjects)
        self.leaves.append(leaf.to_bytes())
        self.envelopes.append(envelope)
        if statement.kind == "policy-set":
            self.policy_digest = Digest.of(statement.payload())
        self.now += timedelta(minutes=1)
        return seq

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def put(self, data: bytes) -> Digest:
        """Keep a body."""
        digest = Digest.of(data)
        self.bodies[digest] = data
        return digest

    def head(self, size: int | None = None) -> Checkpoint:
        """Return the head over the first `size` leaves, or all."""
        leaves = self.leaves[:size]
        return Checkpoint(ORIGIN, len(leaves), merkle.root(merkle.leaf_hash(data) for data in leaves))

    def state(self) -> State:
        """Return the fold of the log."""
        return fold(ORIGIN, self.records(), self.bodies.get, complete=True)

    def records(self) -> list[Record]:
        """Return the records as the fold reads them."""
        return [
            Record(parse_leaf(data), row if isinstance(row, bytes) else None)
            for data, row in zip(self.leaves, self.envelopes, strict=True)
        ]

    @property
    def anchor(self) -> Digest:
        """The digest an auditor was given when the registry was made."""
        first = self.envelopes[0]
        assert isinstance(first, bytes)
        return Digest.of(parse_envelope(first).payload)

    def about_origin(self, kind: str, predicate: dict[str, Any]) -> Statement:
        """Return a statement about the registry itself."""
        return Statement(kind, (Subject(ORIGIN, origin_subject(ORIGIN)),), predicate)

    def nonce(self) -> str:
        """Return a nonce that no other leaf of this log has."""
        return hashlib.sha256(b"nonce %d" % len(self.leaves)).hexdigest()[:32]
