"""Two pieces of work measured in turns, A B A B, so that what the machine does besides hits both alike."""

import statistics
import sys
import time
from collections.abc import Callable

import msgspec

Work = Callable[[], object]
Clock = Callable[[], float]


class Spread(msgspec.Struct, frozen=True):
    """The median of some figures, and their range."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: list[float]) -> "Spread":
        """Return the spread of `figures`."""
        return cls(statistics.median(figures), min(figures), max(figures))


def ratio(ours: Work, floor: Work, *, rounds: int, clock: Clock = time.process_time) -> Spread:
    """Return the speed of `ours` as a share of the floor's, from paired rounds.

    CPU time unless wall time is asked for, which is meant where two processes work.
    """
    return Spread.of([measure(floor, clock) / measure(ours, clock) for _ in range(rounds)])


def measure(work: Work, clock: Clock = time.process_time) -> float:
    """Return the seconds one piece of work takes."""
    before = clock()
    work()
    return clock() - before


def show_ratio(what: str, found: Spread, goal: float | None = None) -> None:
    """Print a share of a floor beside its goal."""
    aim = "" if goal is None else f"  goal >= {goal:.2f}"
    _line(what, f"{found.median:.2f} ({found.low:.2f} to {found.high:.2f}){aim}")


def show_figure(what: str, found: Spread, unit: str, goal: str = "") -> None:
    """Print a figure in its unit beside its goal."""
    aim = f"  goal {goal}" if goal else ""
    _line(what, f"{found.median:.3g} {unit} ({found.low:.3g} to {found.high:.3g}){aim}")


def _line(what: str, found: str) -> None:
    sys.stdout.write(f"{what:<74} {found}\n")
    sys.stdout.flush()
