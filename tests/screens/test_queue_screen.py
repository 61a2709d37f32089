"""The review queue: what a reviewer sees first, and where the keys lead."""

import msgspec
import pytest

from registry.reading import RegistryLine
from schemas.errors import StoreError
from tests.screens.conftest import screen_text, type_text
from tests.screens.memory import MemoryReading
from tests.screens.sample import SUBJECT
from tests.screens.sample_queue import ITEM
from tui.app import MunimentApp

SIZES = [(80, 24), (120, 40)]


class Unreadable(MemoryReading):
    """A registry whose file is gone."""

    def registry(self) -> RegistryLine:
        raise StoreError("registry.db cannot be opened", hint="muniment doctor")


@pytest.mark.parametrize("size", SIZES)
async def test_it_shows_what_waits_and_why_at_once(reading: MemoryReading, size: tuple[int, int]) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        said = screen_text(app)
    assert "1 Waiting 4" in said
    assert SUBJECT in said
    assert "Approve for production" in said
    assert "2 blocking checks fail" in said
    assert "$ muniment queue" in said
    assert "? Keys" in said
    assert "2 not under a signed head" in said


async def test_enter_opens_the_version_and_q_comes_back(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "1 Overview" in screen_text(app)
        await pilot.press("q")
        assert "Review queue" in screen_text(app)


async def test_moving_the_cursor_changes_the_preview(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j")
        await pilot.pause()
        assert "retail/churn@2  in production" in screen_text(app)


async def test_the_filter_keeps_rows_that_hold_all_words(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await type_text(pilot, "churn stale")
        await pilot.press("enter")
        said = screen_text(app)
        assert "retail/churn@2" in said
        assert SUBJECT not in said
        await pilot.press("escape")
        assert SUBJECT in screen_text(app)


async def test_an_empty_list_says_why_and_what_next(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        said = screen_text(app)
    assert "No approval has gone stale or run out, and no glass is broken." in said
    assert "muniment status" in said


async def test_an_unreadable_registry_says_what_is_wrong_and_how_to_go_on() -> None:
    app = MunimentApp(Unreadable())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        said = screen_text(app)
    assert "registry.db cannot be opened" in said
    assert "muniment doctor" in said
    assert "R reads again" in said


async def test_leaving_is_asked_for_twice(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        assert "press q again to leave" in screen_text(app)
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running or app._exit


async def test_y_copies_the_command_line(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "4", "y")
        assert app.clipboard == f"muniment lineage +{SUBJECT}"


async def test_the_log_shows_the_newest_record_first(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l")
        await pilot.pause()
        rows = screen_text(app).splitlines()
        assert "43" in rows[2]
        await pilot.press("G", "enter")
        await pilot.pause()
        assert "muniment audit log --after -1 --limit 1" in screen_text(app)


async def test_the_help_page_names_the_keys_of_the_screen(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        said = screen_text(app)
        assert "REVIEW QUEUE" in said
        assert "the audit trail of the whole registry" in said
        await pilot.press("question_mark")
        assert "Review queue" in screen_text(app)


async def test_a_click_on_a_row_moves_there_and_a_second_one_opens_it(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("#list", offset=(20, 2))
        await pilot.click("#list", offset=(20, 2))
        await pilot.pause()
        assert "retail/churn@3" in screen_text(app).splitlines()[0]


@pytest.mark.parametrize("size", SIZES)
async def test_a_broken_glass_is_loud_in_row_and_preview(size: tuple[int, int]) -> None:
    told = "BREAK GLASS until 2026-11-24T10:00:00Z by alice as owner (leaf 9)"
    item = msgspec.structs.replace(ITEM, alarm=told)
    app = MunimentApp(MemoryReading(items=(item,)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        said = screen_text(app)
    assert "! BREAK GLASS Approve" in said
    assert f"! {told}" in said


async def test_long_reasons_leave_what_to_do_next_in_sight() -> None:
    reasons = tuple(
        f"lineage node added: dataset:postgres://warehouse.internal.example:5432:credit.features_{n}_monthly"
        for n in range(5)
    )
    item = msgspec.structs.replace(ITEM, note="changed: lineage", why=reasons)
    app = MunimentApp(MemoryReading(items=(item,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        said = screen_text(app)
    assert "WHY  changed: lineage" in said
    assert "lineage node added: …use.internal.example:5432:credit.features_1_monthly" in said
    assert "and 3 more" in said
    assert "muniment changes retail/credit-risk@7" in said
