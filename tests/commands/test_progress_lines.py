"""Work longer than a second says so on a terminal, and only there."""

import io
import sys
import time

import pytest

from tui.progress import progress, working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def standing_in(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> io.StringIO:
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_work_that_cannot_be_counted_says_how_long_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = standing_in(monkeypatch, Terminal())
    with working("reading drift\x1b[2J.json"):
        time.sleep(1.2)
    assert terminal.getvalue() == "\r\x1b[Kreading drift\\u001b[2J.json 1 s\r\x1b[K"


def test_short_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = standing_in(monkeypatch, Terminal())
    with working("reading"), progress("events") as step:
        step(1, 2)
    assert terminal.getvalue() == ""


def test_without_a_terminal_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = standing_in(monkeypatch, io.StringIO())
    with working("reading"), progress("events") as step:
        time.sleep(1.1)
        step(1, 2)
    assert stream.getvalue() == ""


def test_what_is_counted_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = standing_in(monkeypatch, Terminal())
    with progress("events") as step:
        time.sleep(1.05)
        step(15, 30)
    assert f"events [{'#' * 15}{'.' * 15}] 15/30" in terminal.getvalue()
