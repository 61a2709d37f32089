"""The quick reader says what the full one says, or leaves the event to it."""

import gzip
import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.openlineage.decode import NotAnEvent, decode, observe
from importers.openlineage.quick import QuickReader
from schemas.observation import DatasetUse, Observation, RunFact

DATA = Path(__file__).parents[1] / "data/openlineage"
SHARED = Path(__file__).parents[2].parent / "shared/corpus"
TIME = "2026-01-02T03:04:05.678Z"


def fully(raw: bytes) -> Observation | str:
    try:
        return observe(raw, decode(raw), "f:1")
    except NotAnEvent as error:
        return str(error)


def quickly(raw: bytes, reader: QuickReader | None = None) -> Observation | None:
    return (reader or QuickReader()).read(raw, hashlib.sha256(raw).digest(), "f:1")


def first_input(seen: Observation | None) -> DatasetUse:
    assert seen is not None
    (fact,) = seen.facts
    assert isinstance(fact, RunFact)
    return fact.inputs[0]


def event(**more: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": TIME,
        "run": {"runId": "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"},
        "job": {"namespace": "ns", "name": "train"},
        **more,
    }


def recorded(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" and "malformed" not in str(path) else data
            yield from (line.strip() for line in (*data.splitlines(), data) if line.strip()[:1] == b"{")


def test_it_reads_a_common_event():
    raw = json.dumps(event(inputs=[{"namespace": "n", "name": "a"}])).encode()

    read = quickly(raw)

    assert read is not None
    assert read == fully(raw)
    assert first_input(read).dataset.name == "a"


@pytest.mark.parametrize("folder", [DATA, SHARED], ids=["recorded", "shared"])
def test_on_recorded_and_malformed_events_it_agrees_or_abstains(folder: Path):
    if not folder.exists():
        pytest.skip("the shared corpus is not here")
    reader, read = QuickReader(), 0
    for raw in recorded(folder):
        seen = quickly(raw, reader)
        if seen is not None:
            read += 1
            assert seen == fully(raw)
    assert read > 20


odd = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 1 << 70) | st.text(max_size=4) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
names = st.sampled_from(["a", "b", "", "é"])
facet = st.one_of(
    odd,
    st.fixed_dictionaries({"datasetVersion": st.sampled_from(["1", 2, "", None])}),
    st.just({"_deleted": True}),
    st.just({"lifecycleStateChange": "DROP"}),
)
facets = st.dictionaries(
    st.sampled_from(["version", "schema", "lifecycleStateChange", "x", "parent"]), facet, max_size=3
)
datasets = st.lists(
    st.fixed_dictionaries(
        {"namespace": names, "name": names},
        optional={"facets": facets, "inputFacets": facets, "outputFacets": facets, "more": odd},
    )
    | odd,
    max_size=2,
)
events = st.fixed_dictionaries(
    {
        "eventTime": st.sampled_from([TIME, "2026-01-02 03:04:05", "2026-02-30T00:00:00Z", "soon"]) | odd,
        "run": st.fixed_dictionaries(
            {
                "runId": st.sampled_from(
                    [
                        "3b452093-782c-4ef2-9c0c-aafe2aa6f34d",
                        "3B452093782c4ef29c0caafe2aa6f34d",
                        "no",
                    ]
                )
            },
            optional={"facets": facets | odd, "more": odd},
        ),
        "job": st.fixed_dictionaries({"namespace": names, "name": names}, optional={"facets": facets}),
    },
    optional={
        "eventType": st.sampled_from(["START", "COMPLETE", "complete", "NEW", None, ""]),
        "inputs": datasets | odd,
        "outputs": datasets | odd,
        "producer": odd | st.text(max_size=3),
        "schemaURL": st.text(max_size=3),
        "extra": odd,
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(events, min_size=1, max_size=4))
def test_on_any_event_it_agrees_or_abstains(values: list[dict[str, Any]]):
    reader = QuickReader()
    for value in values:
        raw = json.dumps(value).encode()
        seen = quickly(raw, reader)
        assert seen is None or seen == fully(raw)


@pytest.mark.parametrize(
    "damage",
    [
        b'"x":{"v":1e400}',
        b'"x":{"v":"\xff"}',
        b'"x":{"v":"\\ud800"}',
        b'"x":{"v":NaN}',
        b'"x":{"v":"\x01"}',
        b'"x":' + b'{"v":' * 600 + b"1" + b"}" * 600,
        b'"x":' + b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=["overflow", "not UTF-8", "lone surrogate", "NaN", "control character", "too deep", "far too deep"],
)
@pytest.mark.parametrize("where", ["run", "job", "dataset"])
def test_what_is_no_json_is_left_to_the_full_reader_wherever_it_stands(damage: bytes, where: str):
    value = event(
        inputs=[{"namespace": "n", "name": "a", "facets": {"HERE": 0} if where == "dataset" else {}}]
    )
    if where != "dataset":
        value[where] = {**value[where], "facets": {"HERE": 0}}
    raw = json.dumps(value).encode().replace(b'"HERE": 0', damage)

    assert quickly(raw) is None
    assert isinstance(fully(raw), str)


def test_equal_bytes_are_read_once_and_become_one_object():
    reader = QuickReader()
    dataset = {"namespace": "n", "name": "a", "facets": {"schema": {"fields": []}}}

    first = quickly(json.dumps(event(inputs=[dataset])).encode(), reader)
    second = quickly(json.dumps(event(eventType="START", inputs=[dataset])).encode(), reader)

    assert first_input(first) is first_input(second)


def test_it_remembers_a_bounded_number_of_things():
    reader = QuickReader()

    for number in range(12_000):
        use = {"namespace": "n", "name": f"d{number}", "facets": {"x": {"v": number}}}
        assert quickly(json.dumps(event(inputs=[use])).encode(), reader) is not None

    assert max(len(reader._inputs), len(reader._facets)) <= 2048


def test_it_takes_no_bytes_that_are_not_utf_8_under_a_name_given_twice():
    raw = (
        json.dumps(event()).encode().replace(b'"train"', b'"train", "facets": {"a": {"b": "\xff"}, "a": {}}')
    )

    assert quickly(raw) is None
    assert fully(raw) == "not JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"


def test_what_it_remembers_is_bounded_in_bytes():
    reader = QuickReader()
    tracemalloc.start()
    for number in range(3_000):
        facets = {"schema": {"text": f"{number:06}" + "x" * 12_000}}
        quickly(
            json.dumps(event(inputs=[{"namespace": "n", "name": "d", "facets": facets}])).encode(), reader
        )
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert 1 < held >> 20 < 50
