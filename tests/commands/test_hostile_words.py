"""What others wrote into records never reaches a terminal as control, as a second line, or as hidden text."""

import json

import pytest

from schemas.errors import Refused
from tui.diagnostics import report, say
from tui.output import emit, safe, safe_lines, table

HOSTILE = {
    "new line": "\n",
    "tab": "\t",
    "return": "\r",
    "escape": "\x1b",
    "C1 control sequence introducer": "\x9b",
    "next line": "\x85",
    "delete": "\x7f",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "Arabic letter mark": "\u061c",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte-order mark": "\ufeff",
    "half of a character": "\udc80",
}


@pytest.mark.parametrize("character", HOSTILE.values(), ids=HOSTILE)
def test_a_character_that_acts_on_a_terminal_is_shown_as_an_escape(character: str) -> None:
    assert safe(f"a{character}b") == f"a\\u{ord(character):04x}b"


def test_letters_of_every_language_stay_as_they_are() -> None:
    assert safe("Müller 模型 نموذج → 4/5") == "Müller 模型 نموذج → 4/5"


def test_a_text_of_many_lines_keeps_them() -> None:
    assert safe_lines("a: 1\nb:\t\x9b2\n") == "a: 1\nb:\\u0009\\u009b2\n"


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    emit({}, as_json=False, text=lambda: ["name  x\nverdict PASS"])
    assert capsys.readouterr().out == "name  x\\u000averdict PASS\n"


def test_a_cell_of_a_table_stays_in_its_row() -> None:
    assert table(["name", "n"], [["x\ny", 1]]) == ["name      n", "x\\u000ay  1"]


@pytest.mark.parametrize("character", HOSTILE.values(), ids=HOSTILE)
def test_json_holds_the_same_text_and_no_such_character(
    character: str, capsys: pytest.CaptureFixture[str]
) -> None:
    value = {"title": f"a{character}b", "rows": [1, {"é": "é"}]}
    emit(value, as_json=True, text=list)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert character not in printed or character == "\n"
    assert "é" in printed


def test_talk_and_errors_are_lines_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    say("note: \x9b2J")
    code = report(Refused("no\nmuniment: yes", unmet=("a\u2028b",), hint="x\x1b[2J"))
    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        "note: \\u009b2J",
        "muniment: no\\u000amuniment: yes",
        "  not met: a\\u2028b",
        "  next: x\\u001b[2J",
    ]
