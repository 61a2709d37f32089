"""The list of actions: no key means two things in one place, and every action is there."""

from collections import Counter
from typing import Any

import pytest

from tests.screens.memory import MemoryReading
from tests.screens.sample import PAGE, SUBJECT
from tui.actions import ACTIONS, Place, actions_of
from tui.app import MunimentApp
from tui.desk import Desk
from tui.drawing.glyphs import UNICODE
from tui.screens.audit import AuditScreen
from tui.screens.decision import DecisionScreen
from tui.screens.help import help_lines
from tui.screens.queue import QueueScreen
from tui.screens.version import VersionScreen
from tui.widgets.canvas import Canvas
from tui.widgets.lineage_view import LineageView
from tui.widgets.paged_table import PagedTable

TOGETHER = [
    (Place.QUEUE, Place.LIST, Place.EVERYWHERE),
    (Place.VERSION, Place.LIST, Place.EVERYWHERE),
    (Place.VERSION, Place.LINEAGE, Place.EVERYWHERE),
    (Place.AUDIT, Place.LIST, Place.EVERYWHERE),
    (Place.DECISION,),
]
DESK = Desk(MemoryReading(), UNICODE)
HOMES: dict[Place, tuple[Any, ...]] = {
    Place.EVERYWHERE: (QueueScreen(DESK), MunimentApp(DESK.reading)),
    Place.LIST: (Canvas(lambda _: []), PagedTable(lambda _row, _width: PAGE)),  # type: ignore[arg-type, return-value]
    Place.QUEUE: (QueueScreen(DESK),),
    Place.VERSION: (VersionScreen(DESK, SUBJECT, "production"),),
    Place.LINEAGE: (LineageView(UNICODE), VersionScreen(DESK, SUBJECT, "production")),
    Place.AUDIT: (AuditScreen(DESK),),
    Place.DECISION: (DecisionScreen(DESK, PAGE, "approve"),),
}


@pytest.mark.parametrize("places", TOGETHER)
def test_no_key_means_two_things_in_one_place(places: tuple[Place, ...]) -> None:
    keys = Counter(key for action in actions_of(*places) for key in action.keys.split(","))
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.place}-{action.name}")
def test_every_action_is_there(action: Any) -> None:
    method = f"action_{action.name.split('(')[0]}"
    assert any(hasattr(home, method) for home in HOMES[action.place])


def test_no_key_needs_what_a_plain_terminal_cannot_send() -> None:
    sent = {key for action in ACTIONS for key in action.keys.split(",")}
    assert sent & {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j", "ctrl+enter", "shift+enter"} == set()


def test_only_ctrl_s_signs() -> None:
    assert [action.keys for action in ACTIONS if action.name == "sign"] == ["ctrl+s"]


def test_the_help_page_holds_every_action_of_its_place() -> None:
    said = "\n".join(row.text for row in help_lines((Place.VERSION, Place.LINEAGE), 75, UNICODE))
    assert all(action.help in said for action in actions_of(Place.VERSION, Place.LINEAGE))
