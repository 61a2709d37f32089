"""The decision dialog: nothing is signed by accident, and what is signed is what was shown."""

from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screens.conftest import screen_text, wait_for
from tests.screens.memory import PASSPHRASE, MemoryReading
from tests.screens.sample import DOSSIER, MANIFEST, PAGE, SUBJECT
from tui.app import MunimentApp
from tui.screens.decision import DecisionScreen
from tui.screens.version import VersionScreen

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DecisionScreen, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(DecisionScreen, "DRAFT_SECONDS", 0.01)


def put(pilot: Pilot[Any], text: str) -> None:
    """Put text where the cursor is, as pasting does."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.insert_text_at_cursor(text)


async def open_with_reason(pilot: Pilot[Any]) -> None:
    """Open the approval and give a reason; the text to be signed follows from it."""
    await pilot.press("enter", "a")
    await pilot.pause()
    put(pilot, "reviewed")
    screen = pilot.app.screen
    assert isinstance(screen, DecisionScreen)
    await wait_for(pilot, lambda: screen.draft is not None and screen.draft.request.reason == "reviewed")


async def fill(pilot: Pilot[Any], passphrase: str = PASSPHRASE, typed: str = "credit-risk@7") -> None:
    """Open the approval and fill every field."""
    await open_with_reason(pilot)
    await pilot.press("enter", "enter")
    put(pilot, passphrase)
    await pilot.press("enter")
    put(pilot, typed)


@pytest.mark.parametrize("size", SIZES)
async def test_it_shows_the_exact_text_the_key_and_the_actions(
    reading: MemoryReading, size: tuple[int, int]
) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=size) as pilot:
        await open_with_reason(pilot)
        said = screen_text(app)
    assert f"Approve {SUBJECT} for production" in said
    assert MANIFEST.hex in said
    assert DOSSIER.hex in said
    assert "You sign exactly this text." in said
    assert '{"_type":"https://in-toto.io/Statement/v1"' in said
    assert "m.osei  key 9f3a9f3a9f3a9f3a" in said
    assert "^s Sign and record" in said
    assert "esc Sign nothing" in said
    assert f"muniment approve {SUBJECT}" in said


async def test_ctrl_s_signs_exactly_the_text_that_was_in_sight(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot)
        screen = app.screen
        assert isinstance(screen, DecisionScreen)
        assert screen.draft is not None
        shown = screen.draft.payload
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: isinstance(app.screen, VersionScreen))
        assert [draft.payload for draft, _ in reading.recorded] == [shown]
        assert "approve recorded as #44" in screen_text(app)


async def test_enter_never_signs(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot)
        await pilot.press(*["enter"] * 8)
        await pilot.pause()
        assert isinstance(app.screen, DecisionScreen)
        assert reading.recorded == []


async def test_escape_leaves_and_signs_nothing(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot)
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, VersionScreen))
        assert reading.recorded == []
        assert "nothing was signed" in screen_text(app)


async def test_a_wrong_passphrase_is_said_in_place_and_records_nothing(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot, passphrase="wrong")
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: "wrong passphrase" in screen_text(app))
        assert "nothing was recorded" in screen_text(app)
        assert reading.recorded == []
        assert app.focused is not None
        assert app.focused.id == "passphrase"
        put(pilot, PASSPHRASE)
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: len(reading.recorded) == 1)


@pytest.mark.parametrize("typed", ["", "credit-risk@6", "credit-risk"])
async def test_the_version_has_to_be_typed_out(reading: MemoryReading, typed: str) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot, typed=typed)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert f"type {SUBJECT} to sign" in screen_text(app)
        assert reading.recorded == []


async def test_before_there_is_a_reason_it_says_what_to_do(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "a")
        await pilot.pause()
        assert "Type a reason: the exact text to be signed then stands here." in screen_text(app)


async def test_a_reason_is_needed(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "r")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "a reason is needed" in screen_text(app)


async def test_a_key_held_down_from_before_signs_nothing(
    reading: MemoryReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DecisionScreen, "SETTLE_SECONDS", 3600.0)
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot)
        await pilot.press("ctrl+s", "ctrl+s")
        await pilot.pause()
        assert reading.recorded == []


async def test_text_that_changed_after_it_was_drawn_is_shown_before_it_is_signed(
    reading: MemoryReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot)
        monkeypatch.setattr(DecisionScreen, "DRAFT_SECONDS", 3600.0)
        app.screen.query_one("#reason").focus()
        await pilot.pause()
        put(pilot, "!")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "the text has just changed" in screen_text(app)
        assert reading.recorded == []


async def test_another_person_and_role_can_be_chosen_and_are_in_the_text(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_with_reason(pilot)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert '"role":"validator"' in screen_text(app).replace("\n", "")
        await pilot.press("ctrl+n")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, DecisionScreen)
        assert screen.draft is not None
        assert '"reviewer":"p-dev.olsen"' in screen.draft.text


async def test_what_forbids_the_decision_is_said_and_cannot_be_overridden(reading: MemoryReading) -> None:
    reading.refused = "an author cannot approve their own version"
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot)
        assert "an author cannot approve" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert reading.recorded == []


async def test_a_passphrase_is_never_shown(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await fill(pilot)
        assert PASSPHRASE not in screen_text(app)


async def test_hostile_text_is_shown_harmless_where_people_sign() -> None:
    check = msgspec.structs.replace(PAGE.checks[1], title="ok\x1b[2J\u202esliaf")
    page = msgspec.structs.replace(PAGE, environment="prod\u202e", checks=(check,), policy="p\x1b]0;x\x07")
    reading = MemoryReading(page)
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(DecisionScreen(app.desk, page, "approve"))
        await pilot.pause()
        said = screen_text(app)
    assert not {"\x1b", "\u202e", "\x07"} & set(said)
    assert "ok<U+001B>[2J<U+202E>sliaf" in said
    assert "for prod<U+202E>" in said
