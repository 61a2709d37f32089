"""What reviewers see of reports on a version's page: each with its age, and what was alarming."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from registry.acts.state import read_state
from registry.pages.reports import report_rows
from registry.pages.version import version_page
from registry.registry import open_registry
from schemas.asset import VersionRef
from schemas.ledger import moment, time_text

Run = Callable[..., Any]
SUBJECT = "retail/credit-risk@7"
NANNY = "chunk_key,chunk_period,x_chi2_value,x_chi2_alert,y_chi2_value,y_chi2_alert\n"
ALARMING = f"{NANNY}[0:9],analysis,3.5,True,0.1,False\n"
CALM = f"{NANNY}[0:9],analysis,0.5,False,0.1,False\n"


def recorded(asked: Run, folder: Path) -> None:
    for name, text in (("march.csv", ALARMING), ("april.csv", CALM)):
        (folder / name).write_text(text)
        assert asked("import", "monitoring", folder / name, "--for", SUBJECT, "--as", "alice").code == 0
    (folder / "metrics.json").write_text('{"auc": 0.9}')
    assert asked("import", "evaluation", folder / "metrics.json", "--for", SUBJECT, "--as", "alice").code == 0


def test_the_page_lists_what_monitoring_saw_newest_first_then_evaluations(asked: Run, tmp_path: Path) -> None:
    recorded(asked, tmp_path)
    with open_registry(str(tmp_path / "registry"), read_only=True) as registry:
        page = version_page(registry, SUBJECT, "production")
    assert [(r.of, r.tool, r.title, r.alarming, r.checked, r.numbers) for r in page.reports] == [
        ("monitoring", "nannyml", "april.csv", 0, 2, 2),
        ("monitoring", "nannyml", "march.csv", 1, 2, 2),
        ("evaluation", "metrics", "metrics.json", 0, 0, 1),
    ]
    assert {r.age for r in page.reports} == {0}


def test_a_report_is_as_old_as_its_record_and_an_erased_one_says_so(asked: Run, tmp_path: Path) -> None:
    recorded(asked, tmp_path)
    document = asked("monitoring", "show", SUBJECT, "--json").json["items"][0]["document"]
    assert asked("redact", document, "--reason", "mistake", "--yes").code == 0
    ref = VersionRef("retail", "credit-risk", 7)
    with open_registry(str(tmp_path / "registry"), read_only=True) as registry:
        manifest = registry.get_manifest(ref)
        state = read_state(registry, manifest)
        then = time_text(moment(state.time) + timedelta(days=40))
        rows = report_rows(registry, state, manifest, then)
    assert [row.age for row in rows] == [40, 40, 40]
    assert "erased" in rows[1].state
    assert (rows[0].state, rows[2].state) == ("", "")
