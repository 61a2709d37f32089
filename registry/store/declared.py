"""What a job declares, by its latest static event, beside what its runs were seen to do."""

import sqlite3

from registry.store.codes import Relation

Side = set[tuple[str, int]]
"""(`input` or `output`, dataset)"""

_WORDS = {1: "input", 2: "output"}


def declared_and_observed(connection: sqlite3.Connection, job: int) -> tuple[Side, Side] | None:
    """Return what the job declares and what it was seen to use; None when it declares nothing."""
    rows = connection.execute("SELECT direction, dataset FROM declared WHERE job = ?", (job,)).fetchall()
    if not rows:
        return None
    declared = {(_WORDS[direction], dataset) for direction, dataset in rows}
    return declared, observed(connection, job)


def observed(connection: sqlite3.Connection, job: int) -> Side:
    """Return the datasets the job's runs were seen to use."""
    reads = connection.execute(
        "SELECT source FROM edge WHERE target = ? AND relation = ?", (job, Relation.INPUT)
    )
    writes = connection.execute(
        "SELECT target FROM edge WHERE source = ? AND relation = ?", (job, Relation.OUTPUT)
    )
    return {("input", row[0]) for row in reads} | {("output", row[0]) for row in writes}


def declarers(connection: sqlite3.Connection, dataset: int, direction: int) -> set[int]:
    """Return the jobs that declare the dataset as an input (1) or output (2)."""
    rows = connection.execute(
        "SELECT job FROM declared WHERE dataset = ? AND direction = ?", (dataset, direction)
    )
    return {row[0] for row in rows}
