"""A version's story as OpenLineage events: through the client's transports, the same bytes each time."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

RUN = "0190b5f0-5b6f-7c3a-9a40-1d2f3c4b5a69"
COUNTS = "sex,n,granted\nf,100,30\nm,100,50\n"


@pytest.fixture
def told(approved, tmp_path: Path):
    """credit-risk@7 trained, approved, and checked for bias after that."""
    (tmp_path / "counts.csv").write_text(COUNTS)
    words = ("--attribute", "sex", "--n", "n", "--selected", "granted", "--for", "credit-risk@7")
    assert approved("bias", "check", tmp_path / "counts.csv", *words, "--as", "alice").code == 0
    return approved


def events_of(run, *more) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = run("export", "openlineage", "credit-risk@7", "--json", *more).json["items"]
    return items


def test_training_is_told_with_its_own_ids_and_times_and_the_model_as_an_output(told):
    start, end = events_of(told)[:2]

    assert (start["eventType"], start["run"]["runId"], start["eventTime"]) == (
        "START",
        RUN,
        "2026-11-20T10:00:00Z",
    )
    assert (end["eventType"], end["eventTime"]) == ("COMPLETE", "2026-11-20T11:00:00Z")
    assert [d["name"] for d in end["inputs"]] == ["credit.features"]
    model = end["outputs"][-1]
    assert (model["name"], model["facets"]["version"]["datasetVersion"]) == ("retail/credit-risk", "7")
    assert model["facets"]["datasetType"]["datasetType"] == "MODEL"


def test_a_bias_check_asserts_four_fifths_for_each_group(told):
    checked = next(e for e in events_of(told) if "bias-check" in e.get("job", {}).get("name", ""))

    asserted = checked["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert [(a["name"], a["success"], a["actual"]) for a in asserted] == [
        ("sex = f", False, "0.600000"),
        ("sex = m", True, "1.000000"),
    ]
    assert checked["run"]["facets"]["parent"]["run"]["runId"] == RUN


def test_a_decision_and_the_status_are_told_as_facts_about_the_model(told):
    decided, stands = events_of(told)[-2:]

    facet = decided["dataset"]["facets"]["muniment_modelVersion"]
    assert (facet["decision"], facet["environment"], facet["role"]) == (
        "approve",
        "production",
        "risk-approver",
    )
    assert stands["dataset"]["facets"]["muniment_modelVersion"]["status"] == "valid"
    assert [t["value"] for t in stands["dataset"]["facets"]["tags"]["tags"]] == ["production", "valid"]


def test_decisions_are_runs_where_asked_for(told):
    *_, stands = events_of(told, "--as-runs")

    assert stands["job"]["name"] == "governance/retail/credit-risk"
    assert stands["outputs"][0]["facets"]["muniment_modelVersion"]["status"] == "valid"


def test_every_facet_says_who_produced_it_and_none_of_them_the_client(told):
    assert "OpenLineage/OpenLineage/tree" not in json.dumps(events_of(told))


def test_exporting_twice_gives_the_same_bytes(told, tmp_path: Path):
    for name in ("one", "two"):
        assert told("export", "openlineage", "credit-risk@7", "--to", tmp_path / name).code == 0

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert len((tmp_path / "one").read_text().splitlines()) == 5


def test_what_is_exported_can_be_imported_without_a_doubt(told, muniment, tmp_path: Path):
    told("export", "openlineage", "--to", tmp_path / "story.jsonl")
    other = tmp_path / "other"

    muniment("--registry", other, "init", "--as", "carol", "--no-passphrase")
    taken = muniment("--registry", other, "import", "openlineage", tmp_path / "story.jsonl", "--json").json

    assert (taken["taken"], taken["quarantined"], taken["warnings"]) == (5, 0, [])
    upstream = muniment("--registry", other, "lineage", "+retail/credit-risk", "--json").json["nodes"]
    assert {"credit.features", "train"} <= {node["name"] for node in upstream}


def test_events_are_printed_one_a_line(told):
    printed = told("export", "openlineage", "credit-risk@7").out.splitlines()

    assert [json.loads(line) for line in printed] == events_of(told)


def test_a_reader_that_has_seen_enough_ends_it_quietly(told):
    command = [sys.executable, "-m", "tui", "export", "openlineage", "credit-risk@7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()
        assert started.stderr.read() == b""


class _Receiver(BaseHTTPRequestHandler):
    answer = 201
    seen: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers.get("Authorization", ""), body))
        self.send_response(self.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[_Receiver]]]:
    handler = type("Handler", (_Receiver,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def test_a_receiver_gets_every_event_with_the_key_from_the_environment(told, receiver, monkeypatch):
    url, handler = receiver
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "a-key")

    sent = told("export", "openlineage", "credit-risk@7", "--to", url)

    assert sent.code == 0
    assert "a-key" not in sent.out + sent.err
    assert [json.loads(body) for _, _, body in handler.seen] == events_of(told)
    assert {(path, key) for path, key, _ in handler.seen} == {("/api/v1/lineage", "Bearer a-key")}


def test_a_receiver_that_refuses_is_named_with_the_event(told, receiver):
    url, handler = receiver
    handler.answer = 400

    refused = told("export", "openlineage", "credit-risk@7", "--to", f"{url}/other/path")

    assert refused.code == 6
    assert "event 1 was not taken" in refused.err
    assert handler.seen[0][0] == "/other/path"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("credit-risk@9",), 5),
        (("credit-risk@7", "--to", "http://ann:hunter2@127.0.0.1:1/"), 2),
        (("credit-risk@7", "--to", "http://127.0.0.1:1/"), 6),
    ],
)
def test_what_cannot_be_exported_ends_with_a_next_step(told, words, code):
    refused = told("export", "openlineage", *words)

    assert refused.code == code
    assert "next:" in refused.err
    assert "hunter2" not in refused.err


def test_a_file_that_is_there_is_not_appended_to(told, tmp_path: Path):
    (tmp_path / "mine").write_text("mine")

    assert told("export", "openlineage", "credit-risk@7", "--to", tmp_path / "mine").code == 2
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_dry_run_sends_nothing(told, tmp_path: Path):
    done = told("export", "openlineage", "credit-risk@7", "--to", tmp_path / "new", "--dry-run")

    assert "5 events, nothing sent" in done.err
    assert not (tmp_path / "new").exists()
