"""The keys of a screen, made from the list of actions, and what the marks mean."""

from tui.actions import Place, actions_of
from tui.desk import Desk
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import BLANK, Line, fit, heading, line
from tui.screens.pager import PagerScreen


class HelpScreen(PagerScreen):
    """What every key does here."""

    def __init__(self, desk: Desk, places: tuple[Place, ...]) -> None:
        super().__init__(
            desk, "Keys", "muniment --help", lambda width: help_lines(places, width, desk.glyphs)
        )

    def action_help(self) -> None:
        """Leave: the key that opened the page closes it."""
        self.action_back()


def help_lines(places: tuple[Place, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Return one row per action, grouped by place, then the marks."""
    rows: list[Line] = []
    for place in dict.fromkeys(places):
        rows.append(heading(place.value.upper(), width, glyphs.rule))
        for action in actions_of(place):
            keys = " ".join(_readable(key) for key in action.keys.split(","))
            rows.append(line((fit(keys, 17, more=glyphs.more), "key"), f" {action.label:<16} {action.help}"))
        rows.append(BLANK)
    rows.append(heading("MARKS", width, glyphs.rule))
    for mark, role, words in (
        (glyphs.ok, "ok", "met, valid, verified or signed"),
        (glyphs.warn, "warn", "needs attention, inferred"),
        (glyphs.bad, "bad", "not met, absent, expired, revoked"),
        (glyphs.stale, "warn", "stale, waived, or only reported by the source"),
        (glyphs.none, "muted", "does not apply or is not known"),
    ):
        rows.append(line(" ", (mark, role), f"  {words}"))
    rows.append(line(" D  dataset   J  job   R  run   M  model   ?  gap"))
    rows.append(line("Evidence levels, weakest first: absent, inferred, reported, signed, verified."))
    return rows


def _readable(key: str) -> str:
    names = {
        "question_mark": "?",
        "slash": "/",
        "escape": "esc",
        "plus": "+",
        "equals_sign": "=",
        "minus": "-",
        "left_square_bracket": "[",
        "right_square_bracket": "]",
        "pagedown": "pgdn",
        "pageup": "pgup",
    }
    return names.get(key, key)
