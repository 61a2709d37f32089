"""What is posted to `muniment serve` counts like what is imported."""

import json
import socket
import sys
from pathlib import Path

from tests.sources.serving import serving


def test_a_posted_event_about_the_training_data_makes_an_approval_stale(approved, tmp_path: Path):
    late = json.loads((tmp_path / "events.jsonl").read_text().splitlines()[1])
    late["inputs"] = [{"namespace": "postgres://warehouse", "name": "raw.late"}]

    with serving(tmp_path / "registry") as receiver:
        status = receiver.post(late).json()["status"]
        code, _ = receiver.stop()

    item = approved("status", "credit-risk@7", "--env", "production", "--json").json["items"][0]
    assert (status, code, item["status"]) == ("accepted", 0, "stale")


def test_without_the_extra_it_says_what_to_install(founded, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    done = founded("serve", "--port", "0")

    assert done.code == 2
    assert "pip install 'muniment[serve]'" in done.err


def test_a_port_in_use_is_said_in_words(founded):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = founded("serve", "--port", port)

    assert done.code == 6
    assert f"127.0.0.1:{port}: cannot listen" in done.err


def test_a_token_file_without_tokens_is_not_taken_for_no_file(founded, tmp_path: Path):
    (tmp_path / "empty").write_text("\n")

    assert founded("serve", "--port", "0", "--token-file", tmp_path / "empty").code == 5
