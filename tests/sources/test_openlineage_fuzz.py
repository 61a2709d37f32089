"""Whatever bytes arrive, each becomes an observation or is kept with a reason, and taking in goes on."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.openlineage.decode import read_event
from registry.store.database import connect, create_database
from registry.store.prepared import Item
from registry.store.take_in import Intake
from schemas.observation import Observation

DATA = Path(__file__).parents[1] / "data/openlineage"
SEEDS = [
    *(DATA / "dbt-duckdb-1.54/events.jsonl").read_bytes().splitlines()[:8],
    *(DATA / "transports/append.jsonl").read_bytes().splitlines(),
    *(path.read_bytes() for path in sorted((DATA / "malformed").glob("*.bin")) if path.stat().st_size < 4000),
]
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    "\x00",
    "x" * 5000,
    [],
    {},
    [[]],
    {"": None},
    "2026-13-40T99:99:99Z",
)


def edited(seed: bytes, chance: random.Random) -> bytes:
    """Return `seed` with one to four bytes flipped, cut out, doubled or put elsewhere."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(data) + 1), chance.randint(1, 40)
        match chance.randrange(4):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case _:
                data[at:at] = bytes(chance.randrange(256) for _ in range(size))
    return bytes(data)


def twisted(seed: bytes, chance: random.Random) -> bytes:
    """Return the event of `seed` with one to three members replaced by something odd."""
    event = json.loads(seed)
    for _ in range(chance.randint(1, 3)):
        place = event
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.8:
                place = place[key]
                continue
            place[key] = copy.deepcopy(chance.choice(ODD))
            break
    return json.dumps(event).encode()


@given(st.sampled_from(SEEDS), st.integers(0, 1 << 32))
@settings(max_examples=600, deadline=None)
def test_edited_bytes_are_taken_or_refused_with_a_reason(seed, number):
    found = read_event(edited(seed, random.Random(number)).strip(), "here")  # noqa: S311

    assert isinstance(found, Observation) or found.reason != ""


@pytest.mark.parametrize("number", range(6))
def test_twisted_events_are_taken_in_without_stopping_the_batch(tmp_path: Path, number: int):
    create_database(tmp_path / "registry.db")
    chance = random.Random(number)  # noqa: S311 - reproducible, not secret
    items: list[Item] = [read_event(twisted(chance.choice(SEEDS[:11]), chance), str(i)) for i in range(300)]
    connection = connect(tmp_path / "registry.db")
    connection.execute("BEGIN")

    batch = Intake(connection, "openlineage", "fuzz").write(items)

    connection.execute("COMMIT")
    connection.close()
    assert batch.taken + batch.duplicate + batch.quarantined == 300
    assert batch.taken > 50
