"""The historical lineage from the store: what its reader leaves out makes no difference, nor does arrival."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.openlineage.decode import read_event
from registry.rules.snapshot import KnownRun, historical_lineage
from registry.store.database import connect, create_database
from registry.store.lineage import LineageReader
from registry.store.take_in import Intake
from schemas.asset import VersionRef
from schemas.observation import Name, RunKey

REF = VersionRef("retail", "credit-risk", 7)
TRAIN = "00000000-0000-4000-8000-0000000000ff"
uses = st.lists(st.sampled_from(["w", "x", "y@1", "y@2", "z"]), max_size=2)
runs = st.tuples(
    st.integers(0, 12),
    st.integers(0, 5),
    st.sampled_from(["COMPLETE", "COMPLETE", "COMPLETE", "FAIL", "RUNNING"]),
    st.sampled_from(["BATCH", "BATCH", "STREAMING"]),
    st.sampled_from(["load", "clean"]),
    uses,
    uses,
)


class Everything(LineageReader):
    """The store's reader without its short cuts: every run that wrote the dataset, however long ago."""

    def writers_before(self, datasets: frozenset[Name], moment: int, but: RunKey) -> Sequence[KnownRun]:
        sql = "SELECT run_id, namespace, name FROM run JOIN node ON node.id = run.job ORDER BY run.id"
        keys = [RunKey(row[0], Name(row[1], row[2])) for row in self._connection.execute(sql)]
        known = [run for key in keys if (run := self.find_run(key)) is not None]
        return [run for run in known if any(use.dataset in datasets for use in self.outputs(run))]


def events(number: int, run: tuple[Any, ...]) -> list[dict[str, Any]]:
    start, length, state, processing, job, reads, writes = run
    value = {
        "run": {"runId": f"00000000-0000-4000-8000-{number:012x}"},
        "job": {"namespace": "j", "name": job, "facets": {"jobType": {"processingType": processing}}},
        "inputs": [dataset(text) for text in reads],
        "outputs": [dataset(text) for text in writes],
    }
    first = {**value, "eventType": "START", "eventTime": f"2026-01-02T03:04:{start:02}Z"}
    return [first, {**value, "eventType": state, "eventTime": f"2026-01-02T03:04:{start + length:02}Z"}]


def dataset(text: str) -> dict[str, Any]:
    name, _, version = text.partition("@")
    facets: dict[str, Any] = {"version": {"datasetVersion": version}} if version else {}
    if name == "x":
        facets["symlinks"] = {"identifiers": [{"namespace": "n", "name": "z"}]}
    return {"namespace": "n", "name": name, "facets": facets}


def test_short_cuts_and_order_of_arrival_make_no_difference(tmp_path: Path):
    create_database(tmp_path / "empty.db")
    train = {
        "eventType": "START",
        "eventTime": "2026-01-02T03:04:10Z",
        "run": {"runId": TRAIN},
        "job": {"namespace": "j", "name": "train"},
        "inputs": [dataset(text) for text in ("w", "x", "y@1", "z")],
    }

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(runs, max_size=7), st.randoms(use_true_random=False))
    def holds(listed: list[tuple[Any, ...]], random: Any) -> None:
        values = [train, *(value for number, run in enumerate(listed) for value in events(number, run))]
        shuffled = values.copy()
        random.shuffle(shuffled)
        one, other = imported(tmp_path, values), imported(tmp_path, shuffled)

        expected = body(Everything(one))

        assert body(LineageReader(one)) == expected
        assert body(LineageReader(other)) == expected
        one.close()
        other.close()

    holds()


def imported(folder: Path, values: list[dict[str, Any]]) -> sqlite3.Connection:
    on_disk = connect(folder / "empty.db", read_only=True)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    on_disk.backup(connection)
    on_disk.close()
    intake = Intake(connection, "openlineage", "test")
    intake.write([read_event(json.dumps(value).encode(), "") for value in values])
    return connection


def body(reader: LineageReader) -> bytes:
    return historical_lineage(reader, REF, [RunKey(TRAIN, Name("j", "train"))]).body
