"""Finding events in whatever producers leave behind."""

import gzip
import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from importers.openlineage.files import Item, OpenLineageFiles
from importers.openlineage.sources import open_source
from schemas.errors import NotFound
from schemas.observation import Known, Observation, Unreadable

DATA = Path(__file__).parents[1] / "data/openlineage"
SHARED = Path(__file__).parents[2].parent / "shared/corpus"
FIVE = {
    o.event_id
    for o in OpenLineageFiles(str(DATA / "transports/append.jsonl")).collect()
    if isinstance(o, Observation)
}


def event(name: str) -> bytes:
    value = {"eventTime": "2026-01-02T03:04:05Z", "dataset": {"namespace": "n", "name": name}}
    return json.dumps(value).encode()


def read(data: bytes, folder: Path, name: str = "events.jsonl") -> list[Item]:
    path = folder / name
    path.write_bytes(data)
    return list(OpenLineageFiles(str(path)).collect())


def names(found: list[Item]) -> list[str]:
    return [o.facts[0].dataset.name for o in found if isinstance(o, Observation)]  # type: ignore[union-attr]


def reasons(found: list[Item]) -> list[str]:
    return [o.reason for o in found if isinstance(o, Unreadable)]


@pytest.mark.parametrize("way", ["append.jsonl", "per-event", "debug", "console.log"])
def test_every_transport_of_the_official_client_gives_the_same_five_events(way: str):
    found = list(OpenLineageFiles(str(DATA / "transports" / way)).collect())

    assert len(FIVE) == 5
    assert [type(o) for o in found] == [Observation] * 5
    assert {o.event_id for o in found if isinstance(o, Observation)} == FIVE


def test_a_real_dbt_build_is_taken_whole():
    found = list(OpenLineageFiles(str(DATA / "dbt-duckdb-1.54")).collect())

    assert Counter(type(o) for o in found) == {Observation: 22}


def test_raw_bytes_are_exactly_the_value_without_what_surrounds_it(tmp_path: Path):
    one, two = event("a"), json.dumps(json.loads(event("b")), indent=2).replace("\n", "\r\n").encode()

    items = read(b"  " + one + b" \r\n\r\n" + two + b"\n" + event("c"), tmp_path)

    found = [o for o in items if isinstance(o, Observation)]
    assert [o.raw for o in found] == [one, two, event("c")]
    assert [o.raw_digest for o in found] == [hashlib.sha256(o.raw).digest() for o in found]
    assert [o.position for o in found] == ["events.jsonl:1", "events.jsonl:3", "events.jsonl:10"]


@pytest.mark.parametrize(
    "data",
    [
        event("a") + event("b") + event("c"),
        b"[" + b",".join(map(event, "abc")) + b"]",
        b"[\n" + b",\n".join(map(event, "abc")) + b"\n]\n",
        json.dumps([json.loads(event(n)) for n in "abc"], indent=1).encode(),
        json.dumps([json.loads(event(n)) for n in "abc"], indent=0).encode(),
        b"\n\n".join(json.dumps(json.loads(event(n)), indent=4).encode() for n in "abc"),
        b"[2026-11-23 10:00:00] {x} INFO "
        + event("a")
        + b"\nDEBUG nothing\n"
        + event("b")
        + b"\nI "
        + event("c"),
        b"\xef\xbb\xbf" + event("a") + b"\r\n" + event("b") + b"\r\n" + event("c"),
    ],
    ids=[
        "side by side",
        "array",
        "array over lines",
        "indented array",
        "unindented",
        "indented",
        "log",
        "mark",
    ],
)
def test_values_are_found_however_they_are_laid_out(data: bytes, tmp_path: Path):
    found = read(data, tmp_path)

    assert names(found) == ["a", "b", "c"]
    assert reasons(found) == []


def test_a_line_cut_off_by_a_crash_does_not_swallow_the_next(tmp_path: Path):
    whole = event("b")
    nested = b'{"eventTime":"2026-01-02T03:04:05Z","dataset":{"facets":{'

    found = read(b"\n".join([event("a"), event("x")[:40], whole, nested, event("c"), b'{"eventTi']), tmp_path)

    assert names(found) == ["a", "b", "c"]
    assert reasons(found) == [
        "a string is not closed on its line",
        "the value is cut off",
        "a string is not closed on its line",
    ]


def test_an_event_written_straight_behind_a_cut_off_one_is_found(tmp_path: Path):
    found = read(event("x")[:40] + event("a") + b"\n" + event("b"), tmp_path)

    assert names(found) == ["a", "b"]
    assert len(reasons(found)) == 1


def test_an_array_with_other_things_in_it_gives_the_events_and_says_what_else(tmp_path: Path):
    found = read(b"[" + event("a") + b', 7, "x", [1], ' + event("b") + b"]", tmp_path)

    assert names(found) == ["a", "b"]
    assert len(reasons(found)) == 3


def test_an_array_that_is_not_closed_is_said(tmp_path: Path):
    found = read(b"[" + event("a") + b",\n" + event("b"), tmp_path)

    assert names(found) == ["a", "b"]
    assert reasons(found) == ["the array that starts the file is not closed"]


@pytest.mark.parametrize("name", ["events.jsonl.gz", "events.bin"])
def test_gzip_is_told_by_its_first_bytes_and_may_have_members(name: str, tmp_path: Path):
    data = gzip.compress(event("a") + b"\n") + gzip.compress(event("b") + b"\n")

    assert names(read(data, tmp_path, name)) == ["a", "b"]


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path):
    data = gzip.compress(event("a") + b"\n") + gzip.compress(b" " * (256 << 20), compresslevel=9)

    found = read(data, tmp_path)

    assert names(found) == ["a"]
    assert reasons(found) == ["decompresses to more than 200 times its size; not read further"]


def test_gzip_that_is_cut_off_gives_what_came_before_and_says_so(tmp_path: Path):
    data = gzip.compress(b"".join(event(f"d{i}") + b"\n" for i in range(5000)))

    found = read(data[: len(data) // 2], tmp_path)

    assert len(names(found)) > 100
    assert reasons(found)[-1] == "the gzip data is cut off"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"nothing to see\nhere\n", "no OpenLineage event in it"),
        (b'"x"', "no OpenLineage event in it"),
        ("{}".encode("utf-16"), "expected JSON in UTF-8, found what looks like UTF-16 or UTF-32"),
        (b'{"a": NaN}', "not JSON: JSON is malformed: invalid character (byte 6)"),
        (b'{"a": "\xff"}', None),
    ],
)
def test_a_file_without_events_is_answered_once(data: bytes, reason: str | None, tmp_path: Path):
    found = read(data, tmp_path)

    assert len(found) == 1
    assert isinstance(found[0], Unreadable)
    assert reason is None or found[0].reason == reason


def test_a_huge_array_on_one_line_is_read_in_time_proportional_to_it(tmp_path: Path):
    many = 20_000

    found = read(b"[" + b",".join(event(f"d{i}") for i in range(many)) + b"]", tmp_path)

    assert len(names(found)) == many


def test_a_folder_is_read_in_name_order_without_what_is_no_data(tmp_path: Path):
    (tmp_path / "b").mkdir()
    for name, data in (("b/2.json", event("b2")), ("c.json", event("c")), ("a.json", event("a"))):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "README.md").write_text("about")
    (tmp_path / ".hidden").write_bytes(event("hidden"))

    found = list(OpenLineageFiles(str(tmp_path)).collect())

    assert names(found) == ["a", "c", "b2"]
    assert reasons(found) == []


def test_standard_input_is_a_source():
    found = list(OpenLineageFiles("-", stdin=io.BytesIO(event("a") + b"\n" + event("b"))).collect())

    assert names(found) == ["a", "b"]


def test_the_digest_of_a_whole_file_is_known_when_it_was_read(tmp_path: Path):
    data = gzip.compress(event("a")) + b"\0" * 10
    path = tmp_path / "events.gz"
    path.write_bytes(data)
    source = OpenLineageFiles(str(path))

    assert names(list(source.collect())) == ["a"]
    assert source.file_digest == hashlib.sha256(data).digest()


def test_a_path_that_is_not_there_is_not_found():
    with pytest.raises(NotFound, match="no such file"):
        open_source("nowhere.jsonl", {})


@pytest.mark.skipif(not SHARED.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("folder", ["fixtures-openlineage", "fixtures-marquez"])
def test_real_fixtures_are_taken_unless_they_are_templates(folder: str, tmp_path: Path):
    lines = (SHARED / folder / "events.jsonl").read_text().splitlines()
    wrapped = [json.loads(line) for line in lines]

    found = read(b"\n".join(json.dumps(w["event"]).encode() for w in wrapped), tmp_path)

    assert len(found) == len(wrapped)
    for place, seen in enumerate(found):
        if isinstance(seen, Unreadable):
            text = json.dumps(wrapped[place]["event"])
            lacking = "{{" in text or "${" in text or _lacks_identity(wrapped[place]["event"])
            assert lacking, (wrapped[place]["path"], seen.reason)


def _lacks_identity(value: dict[str, object]) -> bool:
    """Say whether an expectation file leaves out what makes an event one."""
    run, job = value.get("run"), value.get("job")
    entities = [job, *(value.get("inputs") or []), *(value.get("outputs") or [])]  # type: ignore[misc]
    return (
        "eventTime" not in value
        or (isinstance(run, dict) and "runId" not in run)
        or not isinstance(run, dict)
        or any(not isinstance(e, dict) or not e.get("name") or not e.get("namespace") for e in entities)
    )


def test_a_file_of_values_that_never_end_costs_no_more_than_a_multiple_of_its_size(tmp_path: Path):
    found = read(b'{"a":\n' * 20_000 + event("a"), tmp_path)

    assert names(found) == ["a"]
    assert len(found) == 20_001


def test_what_was_taken_before_is_passed_over_undecoded(tmp_path: Path):
    lines = [event("a"), b"not json", event("b")]
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines))
    taken = hashlib.sha256(event("a")).digest()
    source = OpenLineageFiles(str(tmp_path / "events.jsonl"))

    found = list(source.collect(lambda digests: [d for d in digests if d == taken]))

    assert [type(item) for item in found] == [Known, Observation]
    assert source.file_digest == hashlib.sha256(b"\n".join(lines)).digest()


def test_the_share_of_a_folder_that_was_read_grows_to_the_whole(tmp_path: Path):
    for name in "abc":
        (tmp_path / f"{name}.json").write_bytes(event(name))
    source = OpenLineageFiles(str(tmp_path))

    shares = [source.share for _ in source.collect()]

    assert shares == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0]
