"""Events of one type and time are told apart, however many there are."""

import json
import sqlite3
from pathlib import Path
from time import process_time

from importers.openlineage.files import OpenLineageFiles
from registry.store.prepared import prepared
from registry.store.take_in import TakenIn, take_in

JOB = {"namespace": "ns", "name": "train"}
EVENT = {
    "eventType": "RUNNING",
    "eventTime": "2026-01-02T03:04:05Z",
    "run": {"runId": "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"},
    "job": JOB,
}


def imported(connection: sqlite3.Connection, path: Path, lines: list[str]) -> TakenIn:
    path.write_text("".join(f"{line}\n" for line in lines))
    return take_in(connection, OpenLineageFiles(str(path)))


def blocks(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM event_block").fetchone()[0])


def test_thousands_of_events_alike_cost_no_more_than_others(connection: sqlite3.Connection, tmp_path: Path):
    alike = [json.dumps({**EVENT, "producer": str(n)}) for n in range(12_000)]
    respelt = [json.dumps(json.loads(line), indent=None, separators=(",", ":")) for line in alike]
    began = process_time()

    first = imported(connection, tmp_path / "first", alike)
    again = imported(connection, tmp_path / "again", respelt)

    # Comparing each with each would take minutes.
    assert process_time() - began < 20
    assert (first.taken, again.taken, again.duplicate) == (12_000, 0, 12_000)


def test_events_alike_are_known_by_their_values_within_an_import_and_across(
    connection: sqlite3.Connection, tmp_path: Path
):
    one, other = {**EVENT, "producer": "a"}, {**EVENT, "producer": "b", "n": 1.0}
    lines = [json.dumps(one), json.dumps(other), json.dumps(other, separators=(",", ":"))]
    swapped = json.dumps(dict(reversed(other.items())))

    first = imported(connection, tmp_path / "first", [*lines, swapped, lines[0]])
    again = imported(connection, tmp_path / "again", [swapped, json.dumps({**other, "n": 1}), lines[0] + " "])

    assert (first.taken, first.duplicate) == (2, 3)
    assert (again.taken, again.duplicate) == (1, 2)


def test_an_overwritten_number_out_of_range_stands_in_the_way_of_nothing(
    connection: sqlite3.Connection, tmp_path: Path
):
    odd = json.dumps(EVENT).replace('"train"', '"train", "facets": {"a": {"n": 1e999}, "a": {"n": 1}}')

    first = imported(connection, tmp_path / "first", [odd, json.dumps(EVENT), odd.replace(": ", ":")])
    again = imported(connection, tmp_path / "again", [odd, json.dumps({**EVENT, "producer": "c"})])

    assert (first.taken, again.taken, again.duplicate) == (3, 1, 1)


def test_bytes_of_events_in_another_spelling_are_not_kept_twice(
    connection: sqlite3.Connection, tmp_path: Path
):
    events = [{**EVENT, "producer": str(n)} for n in range(100)]
    imported(connection, tmp_path / "first", [json.dumps(event) for event in events])
    before = blocks(connection)

    imported(connection, tmp_path / "again", [json.dumps(event, separators=(",", ":")) for event in events])

    assert blocks(connection) == before


def test_large_events_make_small_batches_for_decoded_they_take_much_more(tmp_path: Path):
    path = tmp_path / "large.jsonl"
    facets = {"x": {"text": "x" * 40_000}}
    with path.open("w") as file:
        for number in range(500):
            file.write(
                json.dumps({**EVENT, "producer": str(number), "job": {**JOB, "facets": facets}}) + "\n"
            )

    sizes = [batch.items for batch in prepared(OpenLineageFiles(str(path)).collect())]

    assert sizes == [313, 187]


def test_an_odd_event_type_is_known_in_every_spelling(connection: sqlite3.Connection, tmp_path: Path):
    odd, swapped = ({**EVENT, "eventType": kind} for kind in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))

    first = imported(connection, tmp_path / "first", [json.dumps(odd), json.dumps(swapped)])
    again = imported(connection, tmp_path / "again", [json.dumps(swapped)])

    assert (first.taken, first.duplicate, again.taken) == (1, 1, 0)
