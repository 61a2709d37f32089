"""What a receiver of posted events hands on, and what became of it."""

from typing import Literal

import msgspec

Status = Literal["accepted", "duplicate", "quarantined"]


class Writer(msgspec.Struct, frozen=True):
    """Who posts: the name of a token, or nobody; no `namespaces` means that every namespace is open."""

    name: str | None = None
    namespaces: tuple[str, ...] = ()

    def may_write(self, namespace: str) -> bool:
        """Whether an event about `namespace` may be taken; a trailing `*` stands for any ending."""
        return not self.namespaces or any(
            namespace.startswith(own[:-1]) if own.endswith("*") else namespace == own
            for own in self.namespaces
        )


class Posted(msgspec.Struct, frozen=True):
    """One posted event, byte for byte.

    `event_id` is None where the bytes have no JSON value; `reason` says why it will be quarantined.
    `run_id` and `likeness` lead to the events that may be the same.
    """

    raw: bytes
    event_id: bytes | None
    sender: str
    reason: str | None = None
    run_id: str | None = None
    likeness: int = 0


class Receipt(msgspec.Struct, frozen=True):
    """What became of one posted event: it is durable when this exists."""

    status: Status
    event_id: str | None
    reason: str | None = None
