"""Receiving events over the network: durable before the answer, registry state soon behind it.

One thread commits what is posted, many requests in one transaction; another projects and seals. Each has a
connection of its own, and they take turns. What is acknowledged survives a kill: it waits in `received`.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from registry.acts.seal_received import Read, seal_received
from registry.registry import Registry, open_registry
from registry.store.received import Received
from schemas.errors import Error, StoreBusy, StoreError
from schemas.receiving import Posted, Receipt

QUEUED = 2_048
"""Requests that may wait for their transaction; beyond that, senders are asked to come back."""

_GROUP = 256
_FULL = 10_000
_SOON = 1.0
_BETWEEN = 0.005
_BUSY_MS = 2_000
"""Clients give up after 5 s: before that they hear that another process is writing."""


class _Request(NamedTuple):
    posted: Sequence[Posted]
    answer: "Future[list[Receipt]]"


class Receiving:
    """The receiving side of one registry; `longest` is the most seconds an event waits for its seal.

    The first events after a quiet time are sealed within a second. While more keep coming the pause doubles
    up to `longest`, so that a steady trickle does not fill the log with seals; 10,000 events end any pause.
    """

    def __init__(self, home: Path, read: Read, *, longest: float = 30.0, queued: int = QUEUED) -> None:
        self._home = home
        self._read = read
        self._longest = longest
        self._queue: queue.Queue[_Request | None] = queue.Queue(queued)
        self._turn = threading.Lock()
        self._work = threading.Event()
        self._hurry = threading.Event()
        self._no_more = threading.Event()
        self._trouble: str | None = None
        self._figures = dict.fromkeys(("accepted", "duplicate", "quarantined", "sealed", "waiting"), 0)
        self._committer = threading.Thread(target=self._commit_all, name="commit")
        self._sealer = threading.Thread(target=self._seal_all, name="seal")

    def start(self) -> None:
        """Begin; what an earlier process left waiting is sealed at once."""
        with open_registry(self._home) as registry:
            self._figures["waiting"] = Received(registry.connection).count()
        if self._figures["waiting"]:
            self._work.set()
        self._committer.start()
        self._sealer.start()

    def accept(self, posted: Sequence[Posted]) -> "Future[list[Receipt]]":
        """Return the receipts to come, there once everything is durable; raise StoreBusy when overloaded."""
        if not self._committer.is_alive():
            raise StoreError("events cannot be written any more", hint="start muniment serve again")
        answer: Future[list[Receipt]] = Future()
        try:
            self._queue.put_nowait(_Request(posted, answer))
        except queue.Full as error:
            raise StoreBusy("too many events wait to be written", hint="post again in a second") from error
        return answer

    def close(self) -> None:
        """Write, project and seal everything that was accepted, then end."""
        self._queue.put(None)
        self._committer.join()
        self._no_more.set()
        self._hurry.set()
        self._work.set()
        self._sealer.join()

    def figures(self) -> dict[str, int]:
        """Return what was counted since the start, and how many events wait for their seal."""
        return dict(self._figures)

    def trouble(self) -> str | None:
        """Return why events are not written or not sealed at the moment; None when all is well."""
        if not self._committer.is_alive():
            return "events cannot be written any more"
        return self._trouble if self._sealer.is_alive() else "events are not sealed any more"

    def _opened(self) -> Registry:
        registry = open_registry(self._home)
        registry.connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        return registry

    def _commit_all(self) -> None:
        try:
            with self._opened() as registry:
                while (group := self._next_group())[-1] is not None:
                    self._commit(registry, [r for r in group if r is not None])
                self._commit(registry, [r for r in group if r is not None])
        finally:
            self._refuse_rest()

    def _next_group(self) -> list[_Request | None]:
        """Return what is queued; None comes last and says that nothing follows."""
        group = [self._queue.get()]
        while group[-1] is not None and len(group) < _GROUP:
            try:
                group.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit(self, registry: Registry, group: list[_Request]) -> None:
        # From here on a sender who hangs up is too late: the event will be kept.
        wanted = [request for request in group if request.answer.set_running_or_notify_cancel()]
        if not wanted:
            return
        try:
            with self._turn:
                receipts = self._write(registry, wanted)
                fresh = sum(r.status != "duplicate" for answer in receipts for r in answer)
                self._figures["waiting"] += fresh
        except sqlite3.Error as error:
            failure = StoreBusy(f"the database refused: {error}", hint="post again in a second")
            for request in wanted:
                request.answer.set_exception(failure)
            return
        for receipt in (r for answer in receipts for r in answer):
            self._figures[receipt.status] += 1
        if fresh:
            self._work.set()
        if self._figures["waiting"] >= _FULL:
            self._hurry.set()
        for request, answer in zip(wanted, receipts, strict=True):
            request.answer.set_result(answer)

    def _write(self, registry: Registry, group: list[_Request]) -> list[list[Receipt]]:
        connection, received = registry.connection, Received(registry.connection)
        now = registry.clock()
        connection.execute("BEGIN IMMEDIATE")
        try:
            receipts = [received.put(request.posted, now) for request in group]
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return receipts

    def _refuse_rest(self) -> None:
        while True:
            try:
                request = self._queue.get_nowait()
            except queue.Empty:
                return
            if request is not None:
                request.answer.set_exception(StoreError("events cannot be written any more"))

    def _seal_all(self) -> None:
        pause, last = 0.0, 0.0
        with self._opened() as registry:
            while True:
                self._work.wait()
                self._hurry.wait(pause)
                self._work.clear()
                self._hurry.clear()
                # Read after the clearing: who sets it later also sets `_work` later.
                is_last = self._no_more.is_set()
                self._seal(registry)
                if is_last:
                    return
                now = time.monotonic()
                is_busy = now - last < 2 * max(pause, _SOON)
                pause = min(self._longest, 2 * max(pause, _SOON / 2) if is_busy else _SOON)
                last = now

    def _seal(self, registry: Registry) -> None:
        """Seal what waits now; when that fails, it goes on waiting."""
        todo = done = max(1, self._figures["waiting"])
        try:
            while todo > 0 and done:
                with self._turn:
                    done = seal_received(registry, self._read)
                    self._figures["sealed"] += done
                    self._figures["waiting"] = Received(registry.connection).count()
                todo -= done
                time.sleep(_BETWEEN)
            self._trouble = None
        except Error as error:
            self._trouble = error.message
        if self._figures["waiting"]:
            self._work.set()
