"""The screens on the demo's registry, built from recordings of real runs, at both supported sizes."""

import base64
import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from registry.pages.desk import Desk
from registry.reading import DecisionRequest
from registry.registry import open_registry
from tests.screens.conftest import screen_text, wait_for
from tui.app import MunimentApp
from tui.demo.walk import PASSPHRASE, build_only

SIZES = [(80, 24), (120, 40)]


def shows(app: MunimentApp, word: str) -> bool:
    return word in screen_text(app)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "registry"
    build_only(home, lambda _line: None)
    return home


@pytest.fixture
def desk(demo: Path) -> Iterator[Desk]:
    with open_registry(demo) as registry:
        yield Desk(registry)


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_on_a_queue_with_something_to_decide(desk, size):
    app = MunimentApp(desk)
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: "credit-risk@7" in screen_text(app))
        text = screen_text(app)

    assert "HIGH" in text
    assert "0 of 1" in text
    assert "credit-risk@6" not in text
    assert all(len(line) <= size[0] for line in text.splitlines())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("1", ("no approval", "deny", "5 of 6")),
        ("2", ("high", "autonomous", "Young applicants")),
        ("3", ("age_band", "under 25", "0.569", "below 4/5")),
        ("4", ("german_credit.csv", "no-known-writer", "inferred")),
        ("5", ("datasheet", "verified")),
        ("6", ("risk-approver",)),
        ("7", ("review-requested", "bias-recorded")),
    ],
)
async def test_every_tab_shows_what_the_registry_knows(desk, size, key, words):
    app = MunimentApp(desk)
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: "credit-risk@7" in screen_text(app))
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Overview" in screen_text(app))
        await pilot.press(key)
        for word in words:
            await wait_for(pilot, partial(shows, app, word))


async def test_the_stale_approval_is_under_attention_with_its_cause(desk):
    app = MunimentApp(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(pilot, lambda: "credit-risk@7" in screen_text(app))
        await pilot.press("2")
        await wait_for(pilot, lambda: "credit-risk@6" in screen_text(app))
        text = screen_text(app)

    assert "stale" in text
    assert "lineage" in text


def test_a_decision_drafted_and_signed_through_the_desk_is_recorded(demo, tmp_path: Path):

    shutil.copytree(demo, tmp_path / "copy")
    with open_registry(tmp_path / "copy") as registry:
        desk = Desk(registry)
        reviewer = next(r for r in desk.reviewers() if r.name.startswith("m.osei"))
        request = DecisionRequest(
            subject="retail/credit-risk@7",
            environment="production",
            reviewer=reviewer.id,
            role="risk-approver",
            decision="approve",
            reason="seen everything",
        )
        draft = desk.draft_decision(request)
        receipt = desk.decide(draft, PASSPHRASE)
        logged = registry.ledger.get_body(registry.ledger.leaf(receipt.seq).body)

    assert receipt.status == "valid"
    assert any("under 25" in warning for warning in draft.warnings)

    assert base64.b64decode(json.loads(logged)["payload"]) == draft.payload
