"""Acknowledged is durable: through a kill, through a stop, and under load."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from importers.openlineage.decode import read_event
from registry.acts.audit import verify_log
from registry.acts.receive import Receiving
from registry.acts.seal_received import seal_received
from registry.registry import open_registry
from registry.store.event_ids import offer_event_ids, read_raw
from registry.store.received import Received
from schemas.errors import StoreBusy, StoreError
from schemas.observation import Observation, Unreadable
from schemas.receiving import Posted, Receipt
from tests.sources.serving import event, make_registry, serving, until
from tui.sealer import Sealer

_PLACES = "SELECT block, slot FROM event"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_registry(tmp_path / "registry")


def count(home: Path, table: str) -> Any:
    with closing(sqlite3.connect(home / "registry.db")) as connection:
        return connection.execute("SELECT count(*) FROM " + table).fetchone()[0]  # noqa: S608 - a name of this file


needs_pgrep = pytest.mark.skipif(shutil.which("pgrep") is None, reason="needs pgrep")


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, text=True, check=True)
    return [int(word) for word in found.stdout.split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def posted(number: int) -> Posted:
    raw = json.dumps(event(number)).encode()
    seen = read_event(raw, "test")
    assert isinstance(seen, Observation)
    return Posted(raw, seen.event_id, "test")


def test_an_acknowledged_event_survives_a_kill_and_is_sealed_on_restart(home):
    with serving(home) as receiver:
        # The first seal begins the pause in which the second event waits.
        receiver.post(event(1))
        until(lambda: count(home, "event"), 1)
        assert receiver.post(event(2)).status_code == 201
        receiver.kill()

    assert count(home, "event") + count(home, "received") == 2
    with serving(home) as receiver:
        until(lambda: count(home, "event"), 2)
        assert receiver.post(event(2)).json()["status"] == "duplicate"


def test_nothing_acknowledged_is_lost_when_it_is_killed_under_load(home):
    acknowledged: list[str] = []

    def post(number: int) -> None:
        with suppress(httpx2.TransportError):
            answer = receiver.post(event(number))
            assert answer.status_code == 201
            acknowledged.append(answer.json()["event_id"])

    with serving(home, "--seal-every", "0.1") as receiver, ThreadPoolExecutor(8) as pool:
        for number in range(400):
            pool.submit(post, number)
        until(lambda: len(acknowledged) > 60, wanted=True)
        receiver.kill()

    with closing(sqlite3.connect(home / "registry.db")) as connection:
        offer_event_ids(connection)
        kept = connection.execute("SELECT event_id(id) FROM event UNION ALL SELECT event_id FROM received")
        assert set(acknowledged) <= {row[0].hex() for row in kept}
    assert 60 < len(acknowledged) < 400


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping_seals_everything_and_exits_0(home, how):
    with serving(home) as receiver:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: receiver.post(event(n)).status_code, range(40)))
        code, talk = receiver.stop(how)

    assert set(answers) == {201}
    assert (code, talk.splitlines()[-1]) == (0, "muniment: stopped; all sealed")
    assert (count(home, "event"), count(home, "received")) == (40, 0)
    with open_registry(home) as registry:
        seals = registry.inbox.seals(registry.ledger.head().size)
        sealed = [digest for seq in seals for digest in registry.inbox.sealed(seq)]
        raws = {read_raw(registry.connection, *row) for row in registry.connection.execute(_PLACES)}
        problems = verify_log(registry).problems
    assert sorted(digest.hex for digest in sealed) == sorted(sha256(raw).hexdigest() for raw in raws)
    assert raws == {json.dumps(event(n)).encode() for n in range(40)}
    assert problems == ()


def test_stopping_under_load_loses_nothing_that_was_acknowledged(home):
    acknowledged: list[str] = []

    def post(number: int) -> None:
        with suppress(httpx2.TransportError):
            acknowledged.append(receiver.post(event(number)).json()["event_id"])

    with serving(home) as receiver, ThreadPoolExecutor(8) as pool:
        for number in range(2_000):
            pool.submit(post, number)
        until(lambda: len(acknowledged) > 60, wanted=True)
        code, talk = receiver.stop()

    assert (code, talk.splitlines()[-1]) == (0, "muniment: stopped; all sealed")
    assert 60 < len(acknowledged) == count(home, "event") < 2_000


def test_it_listens_on_the_loopback_of_ipv6_too(home):
    with serving(home, "--host", "::1") as receiver:
        assert receiver.url.startswith("http://[::1]:")
        assert receiver.post(event(1)).json()["status"] == "accepted"


def test_while_another_process_writes_senders_are_asked_to_come_back(home):
    with serving(home) as receiver, closing(sqlite3.connect(home / "registry.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = receiver.post(event(1))
        other.execute("ROLLBACK")
        then = receiver.post(event(1))

    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert (then.status_code, then.json()["status"]) == (201, "accepted")


def test_what_waits_is_counted_as_unsealed(home):
    with open_registry(home) as registry:
        Received(registry.connection).put([posted(1)], registry.clock())

        assert registry.inbox.count()[0] == 1


def test_too_many_requests_at_once_are_asked_to_come_back(home):
    async def post_all() -> list[list[Receipt] | BaseException]:
        asked = [receiving.accept([posted(number)]) for number in range(10)]
        return await asyncio.gather(*asked, return_exceptions=True)

    with Sealer(home) as seals:
        receiving = Receiving(home, seals, queued=4)
        receiving.start()
        answers = asyncio.run(post_all())
        left = receiving.close()

    taken = [answer[0].status for answer in answers if isinstance(answer, list)]
    assert (taken, left) == (["accepted"] * 4, 0)
    assert [type(answer) for answer in answers[4:]] == [StoreBusy] * 6
    assert count(home, "event") == 4


@needs_pgrep
def test_a_sealing_process_that_dies_is_started_again_and_nothing_is_lost(home):
    with serving(home, "--seal-every", "0.1") as receiver:
        receiver.post(event(1))
        until(lambda: count(home, "event"), 1)
        for child in children(receiver.process.pid):
            os.kill(child, signal.SIGKILL)
        assert receiver.post(event(2)).json()["status"] == "accepted"
        until(lambda: count(home, "event"), 2)
        code, _ = receiver.stop()

    assert (code, count(home, "received")) == (0, 0)


@needs_pgrep
def test_the_sealing_process_ends_with_the_receiver_even_when_that_is_killed(home):
    with serving(home) as receiver:
        receiver.post(event(1))
        until(lambda: count(home, "event"), 1)
        (child,) = children(receiver.process.pid)
        receiver.kill()

    until(lambda: is_alive(child), wanted=False)


def test_two_who_seal_at_once_seal_each_event_once(home):
    with open_registry(home) as registry, open_registry(home) as other:
        Received(registry.connection).put([posted(n) for n in range(5)], registry.clock())

        def overtaken(raw: bytes, position: str) -> Observation | Unreadable:
            seal_received(other, read_event, 3)
            return read_event(raw, position)

        sealed = seal_received(registry, overtaken)

        assert (sealed, count(home, "event")) == (0, 5)
        assert verify_log(registry).problems == ()


def test_an_event_the_projection_stumbles_over_is_quarantined_and_those_behind_it_are_taken(home):
    def stumbling(read: Callable[[bytes, str], Any]) -> Callable[[bytes, str], Observation | Unreadable]:
        def reading(raw: bytes, position: str) -> Observation | Unreadable:
            if b"table-2" in raw:
                raise OverflowError("too large")
            seen: Observation | Unreadable = read(raw, position)
            return seen

        return reading

    with open_registry(home) as registry:
        Received(registry.connection).put([posted(n) for n in range(5)], registry.clock())
        while seal_received(registry, stumbling(read_event)):
            pass

    assert (count(home, "event"), count(home, "quarantine"), count(home, "received")) == (4, 1, 0)


def test_a_sealing_process_that_does_not_start_is_tried_again(home, monkeypatch):
    with Sealer(home) as seals:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(StoreError, match="a second process does not start: No such file"):
            seals.seal()
        monkeypatch.undo()

        assert seals.seal().waiting == 0
