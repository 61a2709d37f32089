"""What was posted is sealed with the next thing that a holder of the service key writes."""

import json

import pytest

from importers.openlineage.decode import read_event
from registry.registry import open_registry
from registry.store.received import Received
from schemas.observation import Observation
from schemas.receiving import Posted
from tests.sources.serving import event
from tui import sealing_along


def posted(number):
    raw = json.dumps(event(number)).encode()
    seen = read_event(raw, "test")
    assert isinstance(seen, Observation)
    return Posted(raw, seen.event_id, "test")


@pytest.fixture
def waiting(founded, tmp_path):
    """Five events are durable, and no receiver runs."""
    with open_registry(tmp_path / "registry") as registry:
        Received(registry.connection).put([posted(number) for number in range(5)], registry.clock())
    return founded


@pytest.fixture
def write(founded, tmp_path):
    """Do something that enters the log, signed by alice."""
    (tmp_path / "model.json").write_text("{}")

    def run():
        done = founded("register", "credit-risk@7", "--artifact", tmp_path / "model.json", "--as", "alice")
        assert done.code == 0, done.err
        return done

    return run


def left(run):
    return run("status", "--json").json["unsealed"]["items"]


def seen_runs(run):
    return len(run("runs", "--json").json["items"])


@pytest.mark.parametrize("words", [("status",), ("runs",), ("queue",), ("audit", "log")])
def test_reading_seals_nothing(waiting, words):
    assert waiting(*words).code == 0

    assert (left(waiting), seen_runs(waiting)) == (5, 0)


def test_writing_seals_what_waits_and_says_so(waiting, write):
    done = write()

    assert "muniment: sealed 5 posted events\n" in done.err
    assert (left(waiting), seen_runs(waiting)) == (0, 5)
    assert waiting("audit", "verify").code == 0


def test_a_checkpoint_seals_what_waits(waiting):
    assert waiting("audit", "checkpoint").code == 0

    assert left(waiting) == 0


def test_nothing_is_said_where_nothing_waits(write):
    assert "posted" not in write().err


def test_what_one_command_seals_is_bounded(waiting, write, monkeypatch):
    monkeypatch.setattr(sealing_along, "MOST", 3)

    first, second = write(), waiting("audit", "checkpoint")

    assert "muniment: sealed 3 posted events, 2 still wait: muniment audit checkpoint" in first.err
    assert "muniment: sealed 2 posted events\n" in second.err


def test_who_lacks_the_service_key_leaves_them_alone(waiting, write, tmp_path):
    (tmp_path / "registry" / "keys" / "service").rename(tmp_path / "elsewhere")

    done = write()

    assert "posted" not in done.err
    assert left(waiting) == 5


def test_a_command_has_done_its_work_whatever_becomes_of_sealing(waiting, write, tmp_path):
    with open_registry(tmp_path / "registry") as registry:
        registry.connection.execute("UPDATE received SET raw = 5 WHERE id = 1")

    done = write()

    assert "muniment: posted events go on waiting for their seal: " in done.err
