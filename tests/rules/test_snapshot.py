"""The lineage a version had when it was trained."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.rules.snapshot import HistoricalLineage, KnownRun, VersionUse, historical_lineage
from registry.rules.snapshot_lines import parse_snapshot
from schemas.asset import VersionRef
from schemas.observation import Name, RunKey

REF = VersionRef("retail", "credit-risk", 7)


def dataset(text: str) -> VersionUse:
    name, _, version = text.partition("@")
    return VersionUse(Name("n", name), version or None)


def key(name: str) -> RunKey:
    return RunKey(name, Name("j", "job"))


class History:
    """Runs in memory: what the walk asks, answered from dictionaries."""

    def __init__(self) -> None:
        self.runs: dict[RunKey, KnownRun] = {}
        self.read: dict[RunKey, list[VersionUse]] = {}
        self.wrote: dict[RunKey, list[VersionUse]] = {}
        self.derived: dict[RunKey, list[tuple[Name, Name]]] = {}
        self.pairs: list[tuple[Name, Name]] = []

    def run(
        self,
        name: str,
        start: int | None,
        end: int | None,
        reads: str = "",
        writes: str = "",
        state: str = "COMPLETE",
        *,
        streaming: bool = False,
        derived: Sequence[tuple[str, str]] = (),
    ) -> "History":
        run = KnownRun(key(name), state, start, end, streaming)
        self.runs[run.key] = run
        self.read[run.key] = [dataset(text) for text in reads.split()]
        self.wrote[run.key] = [dataset(text) for text in writes.split()]
        self.derived[run.key] = [(Name("n", a), Name("n", b)) for a, b in derived]
        return self

    def alias(self, a: str, b: str) -> "History":
        self.pairs.append((Name("n", a), Name("n", b)))
        return self

    def find_run(self, key: RunKey) -> KnownRun | None:
        return self.runs.get(key)

    def inputs(self, run: KnownRun) -> list[VersionUse]:
        return self.read[run.key]

    def outputs(self, run: KnownRun) -> list[VersionUse]:
        return self.wrote[run.key]

    def derivations(self, run: KnownRun) -> list[tuple[Name, Name]]:
        return self.derived[run.key]

    def writers_before(self, datasets: frozenset[Name], moment: int, but: RunKey) -> list[KnownRun]:
        # All of them: what may be left out must make no difference.
        return [r for r in self.runs.values() if any(u.dataset in datasets for u in self.wrote[r.key])]

    def version_writers(self, datasets: frozenset[Name], use: VersionUse) -> list[KnownRun]:
        def same(output: VersionUse) -> bool:
            return output.dataset in datasets and output.version == use.version

        return [r for r in self.runs.values() if any(same(u) for u in self.wrote[r.key])]

    def aliases(self, dataset: Name) -> list[tuple[Name, Name]]:
        names, found = {dataset}, []
        for _ in self.pairs:
            found = [pair for pair in self.pairs if names & set(pair)]
            names |= {name for pair in found for name in pair}
        return found

    def lineage(self, *runs: str) -> HistoricalLineage:
        return historical_lineage(self, REF, [key(name) for name in runs])


def edges(found: HistoricalLineage) -> set[str]:
    lines = parse_snapshot(found.body)
    return {
        f"{_short(e.source)} {e.relation} {_short(e.target)} {e.level}"
        for e in lines.edges
        if e.relation != "trained"
    }


def gaps(found: HistoricalLineage) -> set[str]:
    return {f"{_short(g.at)} {g.reason}" for g in parse_snapshot(found.body).gaps}


def _short(text: str) -> str:
    return text.replace("dataset:n:", "").replace("run:j:job@", "")


def test_without_a_training_run_the_lineage_is_one_gap():
    found = History().lineage()

    assert [json.loads(line) for line in found.body.splitlines()] == [
        {"at": "retail/credit-risk@7", "kind": "gap", "level": "absent", "reason": "training-run-unknown"}
    ]
    assert (found.nodes, found.edges, found.gaps, found.weakest) == (0, 0, 1, "absent")


def test_a_training_run_that_was_never_imported_is_a_gap_that_a_later_import_finds():
    found = History().lineage("train")

    assert gaps(found) == {"train run-not-imported"}
    assert found.members == {"run:j:job@train"}


def test_a_pinned_input_leads_to_exactly_that_version_and_its_writer():
    history = History().run("old", 1, 2, "", "d@1").run("new", 3, 4, "", "d@2").run("train", 10, 20, "d@1")

    found = history.lineage("train")

    assert edges(found) == {"d@1 input train reported", "old output d@1 reported"}
    assert gaps(found) == set()


def test_a_pinned_version_with_several_known_writers_has_them_all():
    history = History().run("a", 1, 2, "", "d@1").run("b", 3, 4, "", "d@1").run("train", 10, 20, "d@1")

    assert edges(history.lineage("train")) == {
        "d@1 input train reported",
        "a output d@1 reported",
        "b output d@1 reported",
    }


def test_a_pinned_version_without_a_known_writer_is_a_gap_upstream_of_it():
    found = History().run("other", 1, 2, "", "d@2").run("train", 10, 20, "d@1").lineage("train")

    assert edges(found) == {"d@1 input train reported"}
    assert gaps(found) == {"d@1 no-known-writer"}


def test_an_unpinned_input_leads_to_the_latest_writer_that_had_ended_marked_inferred():
    history = History()
    history.run("a", 1, 2, "", "d").run("b", 3, 10, "", "d").run("late", 4, 11, "", "d").run(
        "train", 10, 20, "d"
    )

    found = history.lineage("train")

    assert edges(found) == {"d@~b input train inferred", "b output d@~b reported"}
    assert found.weakest == "inferred"


def test_a_late_writer_of_an_earlier_time_changes_the_answer_and_a_later_one_never():
    history = History().run("a", 1, 2, "", "d").run("train", 10, 20, "d")
    before = history.lineage("train")

    after = history.run("later", 10, 12, "", "d").lineage("train")
    changed = history.run("arrived-late", 3, 4, "", "d").lineage("train")

    assert after.body == before.body
    assert "arrived-late output d@~arrived-late reported" in edges(changed)


def test_writers_that_ended_together_all_enter():
    history = History().run("a", 1, 5, "", "d").run("b", 2, 5, "", "d").run("train", 10, 20, "d")

    assert edges(history.lineage("train")) == {
        "d@~a input train inferred",
        "d@~b input train inferred",
        "a output d@~a reported",
        "b output d@~b reported",
    }


def test_an_unpinned_input_that_nobody_is_known_to_have_written_is_a_gap():
    found = History().run("train", 10, 20, "d").lineage("train")

    assert edges(found) == {"d input train inferred"}
    assert gaps(found) == {"d no-known-writer"}


def test_an_unpinned_input_leads_to_the_version_its_writer_named():
    found = History().run("a", 1, 2, "", "d@4").run("train", 10, 20, "d").lineage("train")

    assert edges(found) == {"d@4 input train inferred", "a output d@4 reported"}


def test_a_consumer_without_a_start_uses_its_end():
    history = History().run("a", 1, 15, "", "d").run("train", None, 20, "d")

    assert "d@~a input train inferred" in edges(history.lineage("train"))


def test_a_consumer_without_any_time_has_gaps_for_unpinned_inputs_alone():
    history = History().run("a", 1, 2, "", "d e@1").run("train", None, None, "d e@1", state="OTHER")

    found = history.lineage("train")

    assert edges(found) == {"d input train inferred", "e@1 input train reported", "a output e@1 reported"}
    assert gaps(found) == {"d consumer-time-unknown"}


def test_a_run_never_feeds_itself():
    history = History().run("train", 5, 5, "d e@1", "d e@1")

    found = history.lineage("train")

    assert gaps(found) == {"d no-known-writer", "e@1 no-known-writer"}


def test_runs_that_failed_or_were_aborted_feed_nobody():
    history = (
        History()
        .run("a", 1, 2, "", "d", "FAIL")
        .run("b", 1, 2, "", "d@1", "ABORT")
        .run("train", 9, 9, "d d@1")
    )

    assert gaps(history.lineage("train")) == {"d no-known-writer", "d@1 no-known-writer"}


def test_a_stream_counts_when_it_had_started():
    history = History().run("s", 5, None, "", "d", "RUNNING", streaming=True)
    history.run("future", 11, None, "", "d", "RUNNING", streaming=True).run("batch", 1, 2, "", "d")

    assert edges(history.run("train", 10, 20, "d").lineage("train")) == {
        "d@~s input train inferred",
        "s output d@~s reported",
        "d@~batch input train inferred",
        "batch output d@~batch reported",
    }


def test_a_batch_job_that_has_not_completed_does_not_count():
    history = History().run("a", 5, None, "", "d", "RUNNING").run("train", 10, 20, "d")

    assert gaps(history.lineage("train")) == {"d no-known-writer"}


def test_every_run_is_looked_at_as_of_its_own_start():
    history = History().run("raw1", 1, 2, "", "raw").run("raw2", 5, 6, "", "raw")
    history.run("clean", 3, 4, "raw", "clean").run("train", 10, 20, "clean raw")

    assert edges(history.lineage("train")) == {
        "clean@~clean input train inferred",
        "clean output clean@~clean reported",
        "raw@~raw1 input clean inferred",
        "raw1 output raw@~raw1 reported",
        "raw@~raw2 input train inferred",
        "raw2 output raw@~raw2 reported",
    }


def test_several_training_runs_are_a_union():
    history = (
        History().run("a", 1, 2, "", "d").run("t1", 5, 6, "d").run("b", 7, 8, "", "d").run("t2", 9, 9, "d")
    )

    assert {"d@~a input t1 inferred", "d@~b input t2 inferred"} <= edges(history.lineage("t1", "t2"))


def test_column_lineage_enters_also_for_datasets_the_run_does_not_list():
    history = History().run("load", 1, 2, "", "raw").run("dbt", 3, 4, "", "clean", derived=[("raw", "clean")])

    assert edges(history.run("train", 10, 20, "clean").lineage("train")) == {
        "clean@~dbt input train inferred",
        "dbt output clean@~dbt reported",
        "raw@~load derivation clean@~dbt inferred",
        "load output raw@~load reported",
    }


def test_a_writer_is_found_under_another_name_of_the_dataset_and_the_names_stay():
    history = History().run("a", 1, 2, "", "hive.d").run("train", 10, 20, "hdfs.d").alias("hdfs.d", "hive.d")

    found = history.lineage("train")

    assert edges(found) == {"hive.d@~a input train inferred", "a output hive.d@~a reported"}
    assert [(a.a, a.b) for a in parse_snapshot(found.body).aliases] == [
        ("dataset:n:hdfs.d", "dataset:n:hive.d")
    ]
    assert {"dataset:n:hdfs.d", "dataset:n:hive.d"} <= found.members


def test_runs_that_feed_each_other_in_a_circle_end():
    history = History().run("a", 1, 2, "y@1", "x@1").run("b", 1, 2, "x@1", "y@1").run("train", 5, 6, "x@1")

    assert len(edges(history.lineage("train"))) == 5


def test_names_that_could_be_taken_apart_differently_stay_different():
    history = History().run("train", 5, 6)
    history.read[key("train")] = [
        VersionUse(Name("a:b", "c")),
        VersionUse(Name("a", "b:c"), "x@y"),
        VersionUse(Name("é%", "@")),
    ]

    names = {n.name for n in parse_snapshot(history.lineage("train").body).nodes if n.node == "dataset"}

    assert names == {"dataset:a:b:c", "dataset:a:b%3Ac", "dataset:%C3%A9%25:%40"}


def test_the_snapshot_is_canonical_and_counts_itself():
    found = History().run("a", 1, 2, "", "d").run("train", 10, 20, "d e").lineage("train")
    lines = parse_snapshot(found.body)

    assert (len(lines.nodes), len(lines.edges), len(lines.gaps)) == (found.nodes, found.edges, found.gaps)
    assert lines.summary().weakest == found.weakest == "absent"
    assert lines.summary().datasets == 2


runs = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 5), st.lists(st.sampled_from(["w", "x", "y@1", "z"]), max_size=2)
    ),
    max_size=6,
)


@given(runs, runs, st.randoms(use_true_random=False))
def test_later_runs_never_enter_and_order_does_not_matter(early: list[Any], late: list[Any], random: Any):
    def grow(listed: list[Any], after: int) -> History:
        history = History()
        for number, (start, length, uses) in listed:
            half = len(uses) // 2
            reads, writes = " ".join(uses[:half]), " ".join(uses[half:])
            history.run(f"r{number}", start + after * 100, start + length + after * 100, reads, writes)
        return history

    early_runs = list(enumerate(early))
    shuffled = early_runs.copy()
    random.shuffle(shuffled)
    history = grow(shuffled, 0)
    later = grow([(number + 100, run) for number, run in enumerate(late)], 1)
    inputs = "w x y@1 z"
    before = grow(early_runs, 0).run("train", 50, 60, inputs, "model").lineage("train")
    for name in ("runs", "read", "wrote", "derived"):
        getattr(history, name).update(getattr(later, name))

    assert history.run("train", 50, 60, inputs, "model").lineage("train").body == before.body
