"""The one list of what keys do. Bindings, footers and the help page are all made from it."""

from enum import StrEnum

import msgspec
from textual.binding import Binding, BindingType


class Place(StrEnum):
    """Where an action is at home."""

    EVERYWHERE = "everywhere"
    LIST = "in lists"
    QUEUE = "review queue"
    VERSION = "model version"
    LINEAGE = "lineage"
    AUDIT = "audit trail"
    DECISION = "decision"


class Action(msgspec.Struct, frozen=True):
    """One thing a key does. The first key is the one that is shown; `footer` shows it without being asked."""

    name: str
    keys: str
    label: str
    help: str
    place: Place
    footer: bool = True
    priority: bool = False

    @property
    def shown_key(self) -> str:
        """The first key as a person reads it."""
        key = self.keys.split(",")[0]
        return _SHOWN.get(key, key.replace("ctrl+", "^"))


_SHOWN = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "enter": "enter",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "space": "space",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "full_stop": ".",
}

_E, _L, _Q, _V, _N, _A, _D = (
    Place.EVERYWHERE,
    Place.LIST,
    Place.QUEUE,
    Place.VERSION,
    Place.LINEAGE,
    Place.AUDIT,
    Place.DECISION,
)

ACTIONS: tuple[Action, ...] = (
    Action("open", "enter", "Open", "open what the cursor stands on", _Q),
    Action("view('waiting')", "1", "Waiting", "requests that wait for a decision", _Q, footer=False),
    Action(
        "view('attention')",
        "2",
        "Attention",
        "approvals gone stale or expired, broken glasses",
        _Q,
        footer=False,
    ),
    Action("view('all')", "3", "All", "every version in every environment", _Q, footer=False),
    Action("filter", "slash", "Filter", "show only rows that hold the words typed", _Q),
    Action("audit_trail", "l", "Log", "the audit trail of the whole registry", _Q),
    Action("approve", "a", "Approve", "open the approval to read and sign", _V),
    Action("reject", "r", "Reject", "open the rejection to read and sign", _V),
    Action("abstain", "b", "Abstain", "open the abstention to read and sign", _V, footer=False),
    Action("changes", "c", "Changes", "what changed since the last approval", _V),
    Action("enter_row", "enter", "Look", "go to what decided this row, or open the document", _V),
    Action("next_unmet", "n", "Unmet", "the next row that needs attention", _V),
    Action(
        "previous_unmet", "N", "Previous unmet", "the previous row that needs attention", _V, footer=False
    ),
    Action("environment", "e", "Env", "the same version in its next environment", _V),
    Action("tab(1)", "1", "Overview", "verdict, checks, identity", _V, footer=False),
    Action("tab(2)", "2", "Risk", "tier and risk register", _V, footer=False),
    Action("tab(3)", "3", "Fairness", "bias checks", _V, footer=False),
    Action("tab(4)", "4", "Lineage", "what it was made from, and the gaps", _V, footer=False),
    Action("tab(5)", "5", "Evidence", "stored documents", _V, footer=False),
    Action("tab(6)", "6", "Approvals", "decisions and quorum", _V, footer=False),
    Action("tab(7)", "7", "Audit", "the log about this version", _V, footer=False),
    Action("step_tab(1)", "right_square_bracket,tab", "Next tab", "the next tab", _V, footer=False),
    Action(
        "step_tab(-1)", "left_square_bracket,shift+tab", "Previous tab", "the previous tab", _V, footer=False
    ),
    Action("residual", "i", "Inherent/residual", "which map the risk tab shows", _V, footer=False),
    Action("turn", "t", "Graph/tree/table", "the next way to draw the lineage", _N),
    Action("hops(1)", "plus,equals_sign", "One hop more", "grow the graph by one hop", _N),
    Action("hops(-1)", "minus", "One hop less", "shrink the graph by one hop", _N, footer=False),
    Action("go('left')", "left,h", "Upstream", "to what this was made from", _N, footer=False),
    Action("go('right')", "right,l", "Downstream", "to what was made from this", _N, footer=False),
    Action("go('up')", "up,k", "Up", "the node above", _N, footer=False),
    Action("go('down')", "down,j", "Down", "the node below", _N, footer=False),
    Action("open", "enter", "Open", "one record in full", _A),
    Action("sign", "ctrl+s", "Sign and record", "sign the text shown and record it", _D, priority=True),
    Action("cancel", "escape", "Sign nothing", "leave; nothing is signed", _D, priority=True),
    Action(
        "next_field", "enter", "Next field", "the next field; never signs", _D, footer=False, priority=True
    ),
    Action("next_role", "ctrl+r", "Role", "sign in your next role", _D, priority=True),
    Action("next_reviewer", "ctrl+n", "Person", "sign with the next key that lies here", _D, priority=True),
    Action(
        "page_text(1)", "pagedown", "Read on", "the next page of the text to be signed", _D, priority=True
    ),
    Action(
        "page_text(-1)",
        "pageup",
        "Read back",
        "the previous page of the text",
        _D,
        footer=False,
        priority=True,
    ),
    Action("move(1)", "down,j", "Down", "one row down", _L, footer=False),
    Action("move(-1)", "up,k", "Up", "one row up", _L, footer=False),
    Action("page(1)", "pagedown,ctrl+d,space", "Page down", "one page down", _L, footer=False),
    Action("page(-1)", "pageup,ctrl+u", "Page up", "one page up", _L, footer=False),
    Action("first", "home,g", "First", "the first row", _L, footer=False),
    Action("last", "end,G", "Last", "the last row", _L, footer=False),
    Action("back", "escape,q,backspace", "Back", "one level back; at the queue, leave", _E),
    Action("reload", "R", "Reload", "read the registry again", _E, footer=False),
    Action("copy", "y", "Copy command", "copy the command line that shows the same", _E, footer=False),
    Action("look", "T", "Theme", "dark, light, high contrast", _E, footer=False),
    Action("help", "question_mark,f1", "Keys", "this page", _E),
    Action("quit", "ctrl+q", "Quit", "leave at once", _E, footer=False, priority=True),
)


def actions_of(*places: Place) -> tuple[Action, ...]:
    """Return the actions of these places, in the order of the list."""
    return tuple(action for action in ACTIONS if action.place in places)


def bindings(*places: Place) -> list[BindingType]:
    """Return the bindings of these places. Footers are ours, so none is shown by Textual."""
    return [
        Binding(action.keys, action.name, action.label, show=False, priority=action.priority)
        for action in actions_of(*places)
    ]
