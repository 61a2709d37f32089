"""Receiving events over the network: durable before the answer, registry state soon behind it.

What is posted while one transaction runs is committed by the next, in the thread of the event loop. Somebody
else projects and seals, in a process of its own: no answer waits for that work. What is acknowledged survives
a kill, for it waits in `received`.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from registry.registry import open_registry
from registry.store.received import Received
from registry.store.transaction import undo
from schemas.errors import Error, StoreBusy, StoreError, VerificationError
from schemas.ledger import moment, parse_time_text, time_text
from schemas.receiving import Posted, Receipt

QUEUED = 2_048
"""Requests that may wait for their transaction; beyond that, senders are asked to come back."""

_GROUP = 256
_FULL = 10_000
_SOON = 1.0
_BETWEEN = 0.005
"""Seconds between two transactions of sealing, longer than it takes to commit what came meanwhile."""
_AGAIN = 0.001
_PATIENCE = 2.0
"""Clients give up after 5 s: before that they hear that another process is writing."""


class Sealed(msgspec.Struct, frozen=True):
    """What one transaction of sealing did: how many events it sealed, and how many still wait."""

    done: int
    waiting: int


class Seals(Protocol):
    """Who projects and seals."""

    def seal(self) -> Sealed:
        """Seal some of what waits, oldest first; raise Error when that fails and it goes on waiting."""
        ...


class _Request(NamedTuple):
    posted: Sequence[Posted]
    answer: "asyncio.Future[list[Receipt]]"


class Receiving:
    """The receiving side of one registry; `longest` is the most seconds an event waits for its seal.

    The first events after a quiet time are sealed within a second. While more keep coming the pause doubles
    up to `longest`, so that a steady trickle does not fill the log with seals; 10,000 events end any pause.
    """

    def __init__(self, home: Path, seals: Seals, *, longest: float = 30.0, queued: int = QUEUED) -> None:
        self._registry = open_registry(home)
        self._received = Received(self._registry.connection)
        self._seals = seals
        self._longest = longest
        self._queued = queued
        self._requests: list[_Request] = []
        self._asked_at: float | None = None
        self._unsealed = 0
        self._work = threading.Event()
        self._hurry = threading.Event()
        self._no_more = threading.Event()
        self._trouble: str | None = None
        self._figures = dict.fromkeys(("accepted", "duplicate", "quarantined", "sealed"), 0)
        self._sealer = threading.Thread(target=self._seal_all, name="seal")

    def start(self) -> None:
        """Begin, in the thread that will run the event loop; what waits from earlier is sealed at once."""
        # The loop goes on while another process writes: it asks again instead of waiting for the lock.
        self._registry.connection.execute("PRAGMA busy_timeout = 0")
        self._unsealed = self._received.count()
        if self._unsealed:
            self._work.set()
        self._sealer.start()

    async def accept(self, posted: Sequence[Posted]) -> list[Receipt]:
        """Return receipts once everything is durable; raise StoreBusy when senders should come back."""
        if len(self._requests) >= self._queued:
            raise StoreBusy("too many events wait to be written", hint="post again in a second")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Receipt]] = loop.create_future()
        self._requests.append(_Request(posted, answer))
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            # Behind everything that can be read now: one transaction for all of it.
            loop.call_soon(self._commit, loop)
        return await answer

    def close(self) -> int:
        """Seal everything that was accepted, then end; return how many events could not be sealed."""
        self._no_more.set()
        self._hurry.set()
        self._work.set()
        self._sealer.join()
        left = self._received.count()
        self._registry.connection.close()
        return left

    def figures(self) -> dict[str, int]:
        """Return what was counted since the start, how many events wait for their seal and for how long."""
        try:
            waiting, since = self._received.count(), self._received.oldest()
            age = 0 if since is None else self._age(since)
        except (sqlite3.Error, VerificationError) as error:
            raise StoreError(f"the database refused: {error}", hint="muniment doctor") from error
        return {**self._figures, "waiting": waiting, "waiting_seconds": age}

    def trouble(self) -> str | None:
        """Return why events are not sealed at the moment; None when all is well."""
        return self._trouble if self._sealer.is_alive() else "events are not sealed any more"

    def _age(self, since: str) -> int:
        now = moment(time_text(self._registry.clock()))
        return max(0, int((now - moment(parse_time_text(since))).total_seconds()))

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        group = [request for request in self._requests[:_GROUP] if not request.answer.done()]
        try:
            receipts = self._write(group)
        except sqlite3.Error as error:
            waited = time.monotonic() - (self._asked_at or 0)
            if _is_busy(error) and waited < _PATIENCE:
                loop.call_later(_AGAIN, self._commit, loop)
                return
            failure = StoreBusy(f"the database refused: {error}", hint="post again in a second")
            for request in group:
                request.answer.set_exception(failure)
        else:
            self._tell(group, receipts)
        del self._requests[:_GROUP]
        self._asked_at = time.monotonic() if self._requests else None
        if self._requests:
            loop.call_soon(self._commit, loop)

    def _write(self, group: list[_Request]) -> list[list[Receipt]]:
        connection, now = self._registry.connection, self._registry.clock()
        connection.execute("BEGIN IMMEDIATE")
        try:
            receipts = iter(self._received.put([item for r in group for item in r.posted], now))
            connection.execute("COMMIT")
        finally:
            undo(connection)
        return [list(islice(receipts, len(request.posted))) for request in group]

    def _tell(self, group: list[_Request], receipts: list[list[Receipt]]) -> None:
        fresh = 0
        for request, answer in zip(group, receipts, strict=True):
            for receipt in answer:
                self._figures[receipt.status] += 1
                fresh += receipt.status != "duplicate"
            request.answer.set_result(answer)
        # Two threads count here: a number a little too low only makes a seal a little smaller.
        self._unsealed += fresh
        if fresh:
            self._work.set()
        if self._unsealed >= _FULL:
            self._hurry.set()

    def _seal_all(self) -> None:
        pause, last = 0.0, 0.0
        while True:
            self._work.wait()
            self._hurry.wait(pause)
            self._work.clear()
            self._hurry.clear()
            # Read after the clearing: who sets it later also sets `_work` later.
            is_last = self._no_more.is_set()
            self._seal()
            if is_last:
                return
            now = time.monotonic()
            is_busy = now - last < 2 * max(pause, _SOON)
            pause = min(self._longest, 2 * max(pause, _SOON / 2) if is_busy else _SOON)
            last = now

    def _seal(self) -> None:
        """Seal what waits now; when that fails, it goes on waiting."""
        todo = max(1, self._unsealed)
        try:
            while todo > 0:
                sealed = self._seals.seal()
                self._figures["sealed"] += sealed.done
                self._unsealed = sealed.waiting
                todo = min(todo - sealed.done, sealed.waiting)
                time.sleep(_BETWEEN)
            self._trouble = None
        except Error as error:
            self._trouble = error.message
        if self._unsealed:
            self._work.set()


def _is_busy(error: sqlite3.Error) -> bool:
    # The lower byte of an extended code says what kind of error it is.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
