"""A version's page: every tab at both sizes, the ways through it, and what it says when there is nothing."""

import msgspec
import pytest

from registry.views import ExceptionRow, VersionPage
from tests.screens.conftest import screen_text, wait_for
from tests.screens.memory import MemoryReading
from tests.screens.sample import PAGE, SUBJECT
from tests.screens.sample_queue import ITEM
from tui.app import MunimentApp
from tui.screens.version import VersionScreen

SIZES = [(80, 24), (120, 40)]
TOLD = {
    "1": ("gate ✗ deny", "Lineage without gaps", "risk-approver 0 of 1", "muniment status"),
    "2": ("tier  HIGH", "R-01", "likelihood", "muniment risk show"),
    "3": ("65+", "FAIL below 4/5", "inconclusive", "muniment bias show"),
    "4": ("✗ 1 gap", "gap: no known writer", "train 4f1c", "muniment lineage +"),
    "5": ("Validation report 2026-11", "✓ verified", "withdrawn", "muniment evidence list"),
    "6": ("risk-approver", "✓ approve", "does not count", "--json"),
    "7": ("review-requested", "dev.olsen", "#", "muniment audit log"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tab", TOLD)
async def test_each_tab_says_what_matters(reading: MemoryReading, tab: str, size: tuple[int, int]) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=size) as pilot:
        await pilot.press("enter", tab)
        await pilot.pause()
        said = screen_text(app)
    for word in (SUBJECT, "no approval", "a Approve", *TOLD[tab]):
        assert word in said


async def test_the_top_line_counts_what_is_met_and_what_is_not(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "HIGH  → production  · no approval  ✓3 !1 ✗2" in screen_text(app).splitlines()[0]


async def test_enter_on_a_check_goes_to_the_tab_that_decided_it(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "n", "n", "enter")
        await pilot.pause()
        assert "FAIL below 4/5" in screen_text(app)


async def test_opening_a_document_is_remembered_for_the_decision(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "5", "enter")
        await pilot.pause()
        assert "The model was validated on the 2026-09 hold-out." in screen_text(app)
        assert app.desk.opened_for(SUBJECT) == (PAGE.evidence[0].digest,)


async def test_a_document_whose_bytes_are_gone_is_not_remembered(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "5", "j", "enter")
        await pilot.pause()
        assert "not in this registry" in screen_text(app)
        assert app.desk.opened_for(SUBJECT) == ()


async def test_t_turns_from_tree_to_graph_to_table(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "4")
        assert "tree  8 nodes" in screen_text(app)
        await pilot.press("t")
        await pilot.pause()
        assert "2 of 9 in sight" in screen_text(app)
        await pilot.press("t")
        await pilot.pause()
        assert "NODES  9, nearest first" in screen_text(app)


async def test_the_graph_grows_hop_by_hop_and_at_the_cursor(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "4", "t", "plus")
        await wait_for(pilot, lambda: "4 of 9 in sight" in screen_text(app))
        await pilot.press("left", "left", "enter")
        await wait_for(pilot, lambda: "5 of 9 in sight" in screen_text(app))


async def test_c_shows_what_changed_since_the_last_approval(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "c")
        await pilot.pause()
        said = screen_text(app)
    assert "makes it stale" in said
    assert "muniment changes retail/credit-risk@7 --env production" in said


async def test_e_shows_the_next_environment(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "e")
        await pilot.pause()
        assert "→ staging" in screen_text(app)


async def test_tab_goes_round_the_tabs(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "tab")
        assert isinstance(app.screen, VersionScreen)
        assert app.screen.tab == "risk"
        await pilot.press("shift+tab", "shift+tab")
        assert app.screen.tab == "audit"


async def test_an_unknown_version_says_so_in_place() -> None:
    gone = msgspec.structs.replace(ITEM, subject="retail/gone@1")
    app = MunimentApp(MemoryReading(items=(gone,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        said = screen_text(app)
    assert "retail/gone@1 is not registered here" in said
    assert "Next:  muniment models" in said


async def test_a_lineage_with_a_loop_is_said_and_not_drawn() -> None:
    assert PAGE.lineage is not None
    loop = msgspec.structs.replace(PAGE.lineage.edges[0], source="model", target="run")
    lineage = msgspec.structs.replace(PAGE.lineage, edges=(*PAGE.lineage.edges, loop))
    app = MunimentApp(MemoryReading(msgspec.structs.replace(PAGE, lineage=lineage)))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "4", "t")
        await wait_for(pilot, lambda: "there is a loop between" in screen_text(app))


async def test_without_an_open_request_no_decision_can_be_opened() -> None:
    app = MunimentApp(MemoryReading(msgspec.structs.replace(PAGE, dossier=None)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "a")
        await pilot.pause()
        assert "no request is open in production" in screen_text(app)
        assert isinstance(app.screen, VersionScreen)


async def test_a_click_on_a_tab_shows_it(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.click("#tabs", offset=(15, 0))
        await wait_for(pilot, lambda: "RISK REGISTER" in screen_text(app) or "likelihood" in screen_text(app))


async def test_a_click_on_a_key_of_the_footer_does_what_the_key_does(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        place = screen_text(app).splitlines()[-1].index("Changes")
        await pilot.click("#keys", offset=(place, 0))
        await wait_for(pilot, lambda: "WHAT CHANGED" in screen_text(app))


async def test_n_goes_from_weak_node_to_weak_node_and_enter_tells_about_it(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "4", "n", "n", "enter")
        await wait_for(pilot, lambda: "no known writer" in screen_text(app).splitlines()[2])


async def test_where_nothing_was_decided_c_says_so(reading: MemoryReading) -> None:
    app = MunimentApp(reading)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "e", "c")
        await wait_for(pilot, lambda: "nothing was ever decided about" in screen_text(app))


BROKEN = "BREAK GLASS until 2026-11-24T10:00:00Z by alice as owner (leaf 9)"


def behind_broken_glass(page: VersionPage) -> VersionPage:
    """The page of a version that a person let through."""
    made = ExceptionRow(
        "break-glass", 9, "2026-11-24T06:00:00Z", BROKEN, "live", reason="the old model is down"
    )
    standing = msgspec.structs.replace(page.standing, alarm=BROKEN)
    return msgspec.structs.replace(page, standing=standing, exceptions=(made,))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tab", [str(n) for n in range(1, 8)])
async def test_a_broken_glass_is_on_every_tab(size: tuple[int, int], tab: str) -> None:
    app = MunimentApp(MemoryReading(behind_broken_glass(PAGE)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("enter", tab)
        await pilot.pause()
        assert BROKEN in screen_text(app)


async def test_the_approvals_tell_who_broke_the_glass_and_why() -> None:
    app = MunimentApp(MemoryReading(behind_broken_glass(PAGE)))
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("enter", "6")
        await pilot.pause()
        said = screen_text(app)
    assert "EXCEPTIONS" in said
    assert "the old model is down" in said
