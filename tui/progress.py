"""A progress line on stderr for work longer than a second; nothing when stderr is no terminal."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui.output import safe

_WIDTH = 30


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function of (done, total; 0 when unknown) that redraws one line at most ten times a second."""
    terminal = sys.stderr.isatty()
    started = last = time.monotonic()
    shown = False

    def step(done: int, total: int) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if not terminal or now - started < 1 or now - last < 0.1:
            return
        last, shown = now, True
        if total:
            filled = min(_WIDTH, _WIDTH * done // total)
            line = f"{what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}"
        else:
            line = f"{what} {done}"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    try:
        yield step
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on a terminal, from the first second on, how long work lasts that cannot be counted."""
    if not sys.stderr.isatty():
        yield
        return
    started, done = time.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(1):
            sys.stderr.write(f"\r\x1b[K{safe(what)} {time.monotonic() - started:.0f} s")
            sys.stderr.flush()

    telling = threading.Thread(target=tell, daemon=True)
    telling.start()
    try:
        yield
    finally:
        done.set()
        telling.join()
        if time.monotonic() - started >= 1:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
