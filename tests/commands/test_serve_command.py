"""What is posted to `muniment serve` counts like what is imported."""

import json
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
