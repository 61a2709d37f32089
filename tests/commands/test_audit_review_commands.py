"""audit as-of, sample, coverage: what an auditor asks of the trail."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from registry.acts.as_of import list_statuses_at
from registry.acts.coverage import WRITTEN_BY
from registry.registry import open_registry
from schemas.ledger import RECORD_TYPES, moment, time_text

ACTS = Path(__file__).parents[2] / "registry" / "acts"
WHERE = ("credit-risk@7", "--env", "production")


def an_hour_later(tmp_path: Path):
    later = datetime.now(UTC) + timedelta(hours=1)
    return open_registry(tmp_path / "registry", clock=lambda: later)


def test_a_status_is_as_it_was_before_what_came_since(approved, tmp_path: Path):
    with an_hour_later(tmp_path) as registry:
        before = registry.ledger.head().time
        at = time_text(moment(before) + timedelta(minutes=1))
        later = time_text(registry.clock())
        # The withdrawal carries this registry's clock: an hour after the approval.
        withdraw(registry)

        then, now = list_statuses_at(registry, at), list_statuses_at(registry, later)

    assert then.items[0]["status"] == "valid"
    assert now.items[0]["status"] == "revoked"
    assert then.size < now.size


def withdraw(registry):
    from registry.acts.actor import Actor  # noqa: PLC0415
    from registry.acts.decide import withdraw_decision  # noqa: PLC0415
    from registry.signing import keyfile  # noqa: PLC0415
    from schemas.asset import VersionRef  # noqa: PLC0415

    bob = registry.names.get_person("bob")
    actor = Actor(keyfile.load(registry.keys / bob, None), bob)
    withdraw_decision(registry, actor, VersionRef("retail", "credit-risk", 7), "production", "a fault")


def test_the_present_is_what_status_says(approved, tmp_path: Path):
    now = approved("audit", "log", "--json").json["items"][-1]["time"]

    item = approved("audit", "as-of", now, "--json").json["items"][0]

    assert item == approved("status", *WHERE, "--json").json["items"][0]


def test_before_the_log_began_there_was_nothing(founded):
    refused = founded("audit", "as-of", "2020-01-01")

    assert refused.code == 5
    assert "it begins at" in refused.err


def test_the_future_is_not_answered(founded):
    assert founded("audit", "as-of", "2099-01-01T00:00:00Z").code == 2
    assert founded("audit", "as-of", "yesterday").code == 2


def test_a_sample_is_the_same_after_the_log_grew(approved):
    first = approved("audit", "sample", "--n", 3, "--seed", "q4", "--json").json
    approved("withdraw", *WHERE, "--reason", "found a fault", "--as", "bob")

    again = approved("audit", "sample", "--n", 3, "--seed", "q4", "--size", first["size"], "--json").json

    assert again == first
    assert len(first["items"]) == 3


def test_a_sample_beyond_the_signed_log_is_refused(founded):
    assert founded("audit", "sample", "--n", 3, "--seed", "q4", "--size", 999).code == 5


def test_coverage_counts_every_leaf_once(approved):
    items = approved("audit", "coverage", "--json").json["items"]

    assert [i["type"] for i in items] == list(RECORD_TYPES)
    assert sum(i["leaves"] for i in items) == len(approved("audit", "log", "--json").json["items"])
    assert next(i for i in items if i["type"] == "approval")["leaves"] == 1


def test_every_record_type_is_covered_by_the_use_case_that_is_named():
    assert set(WRITTEN_BY) == set(RECORD_TYPES)
    for kind, writers in WRITTEN_BY.items():
        for act, _ in writers:
            assert f'"{kind}"' in (ACTS / f"{act}.py").read_text("utf-8"), (kind, act)


def test_every_use_case_that_appends_a_record_is_named():
    appending = {p.stem for p in ACTS.glob("*.py") if ".append(" in p.read_text("utf-8")}
    named = {act for writers in WRITTEN_BY.values() for act, _ in writers}
    with_writer = {a for a in appending if "writer.append(" in (ACTS / f"{a}.py").read_text("utf-8")}

    assert with_writer - named == set()


WRITES_NO_LEAF = {
    "audit": "signs the head that is there",
    "door": "keeps who may post, outside the log",
    "foreign": "keeps what is missing or renamed in MLflow and which tags we set there, outside the log",
    "gate": "its receipt waits in the inbox until the service key seals it",
    "receive": "its events wait in the inbox until the service key seals them",
    "writing": "is the transaction itself",
}


def test_a_use_case_that_writes_appends_a_record_or_says_why_not():
    opens = ("writing(registry", "BEGIN IMMEDIATE")
    mutating = {p.stem for p in ACTS.glob("*.py") if any(o in p.read_text("utf-8") for o in opens)}
    named = {act for writers in WRITTEN_BY.values() for act, _ in writers}

    assert mutating - named - set(WRITES_NO_LEAF) == {"seal_received"}
    assert "append_seal(" in (ACTS / "seal_received.py").read_text("utf-8")
