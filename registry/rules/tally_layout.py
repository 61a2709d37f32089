"""Which columns of a table hold what, and how one row becomes numbers of people.

Four layouts: counts (people and selected), confusion counts, one row per person (or per weight), and scores.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction

import msgspec

from schemas.errors import Malformed
from schemas.exact import Count

Vector = tuple[Count, ...]
"""People and selected, or tn, fp, fn and tp."""

Measure = Callable[[int, Sequence[str]], Vector]
"""From a row's line and cells to its numbers of people."""

_WHOLE = re.compile(r"([0-9]{1,15})(?:\.0*)?")
_WHOLE_FLOAT = re.compile(r"-?[0-9]{1,18}\.0+")
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}(?:\.[0-9]{0,18})?(?:[eE][-+]?[0-9]{1,2})?|\.[0-9]{1,18}")


class CountColumns(msgspec.Struct, frozen=True):
    """People, and how many of them were selected (or scored above the median)."""

    n: str
    selected: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (self.n, self.selected)

    def measure(self, at: Callable[[str], int]) -> Measure:
        """Return what reads one row."""
        n_at, selected_at = at(self.n), at(self.selected)

        def read(line: int, cells: Sequence[str]) -> Vector:
            n, selected = _people(cells[n_at], line, self.n), _people(cells[selected_at], line, self.selected)
            if selected > n:
                raise Malformed(
                    f"line {line}: {self.selected} is {selected}, more than the {n} of {self.n}",
                    hint="check which column is which",
                )
            return n, selected

        return read


class ConfusionColumns(msgspec.Struct, frozen=True):
    """Predicted against true: true and false negatives and positives."""

    tn: str
    fp: str
    fn: str
    tp: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (self.tn, self.fp, self.fn, self.tp)

    def measure(self, at: Callable[[str], int]) -> Measure:
        """Return what reads one row."""
        places = [(at(name), name) for name in self.columns]
        return lambda line, cells: tuple(_people(cells[i], line, name) for i, name in places)


class RowColumns(msgspec.Struct, frozen=True):
    """One row per person: an outcome, what turned out (if known), and how many people the row stands for."""

    outcome: str
    positive: frozenset[str]
    truth: str | None = None
    truth_positive: frozenset[str] = frozenset()
    weight: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(name for name in (self.outcome, self.truth, self.weight) if name is not None)

    def measure(self, at: Callable[[str], int]) -> Measure:
        """Return what reads one row."""
        outcome_at = at(self.outcome)
        truth_at = at(self.truth) if self.truth is not None else None
        weight_at = at(self.weight) if self.weight is not None else None
        positive = {_value(text) for text in self.positive}
        truth_positive = {_value(text) for text in self.truth_positive}

        def read(line: int, cells: Sequence[str]) -> Vector:
            weight = 1 if weight_at is None else _weight(cells[weight_at], line, self.weight)
            chosen = _stated(cells[outcome_at], line, self.outcome) in positive
            if truth_at is None:
                return weight, weight if chosen else 0
            true = _stated(cells[truth_at], line, self.truth) in truth_positive
            vector: list[Count] = [0, 0, 0, 0]
            vector[2 * true + chosen] = weight
            return tuple(vector)

        return read


class ScoreColumn(msgspec.Struct, frozen=True):
    """One row per person with a score; selected are those strictly above the median.

    The median is that of the people whose group is known, or with `everybody` that of the whole file.
    """

    score: str
    everybody: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (self.score,)


Layout = CountColumns | ConfusionColumns | RowColumns | ScoreColumn


def read_score(text: str, line: int, column: str) -> Fraction:
    """Return a score exactly; raise Malformed for what is no number."""
    if not _NUMBER.fullmatch(text):
        raise Malformed(
            f"line {line}: {column}: expected a number, found {text[:40]!r}", hint="leave no score empty"
        )
    return Fraction(text)


def _people(text: str, line: int, column: str) -> int:
    found = _WHOLE.fullmatch(text)
    if not found:
        raise Malformed(
            f"line {line}: {column}: expected a number of people, found {text[:40]!r}",
            hint="counts are whole numbers, 0 or more",
        )
    return int(found[1])


def _weight(text: str, line: int, column: str | None) -> Count:
    if not _NUMBER.fullmatch(text) or text.startswith("-"):
        raise Malformed(
            f"line {line}: {column}: expected a weight, found {text[:40]!r}",
            hint="weights are numbers, 0 or more",
        )
    value = Fraction(text)
    # Sums of fractions stay Fractions even when they come out whole: they do not count people.
    return value.numerator if value.denominator == 1 else value


def _stated(text: str, line: int, column: str | None) -> str:
    if not text:
        raise Malformed(
            f"line {line}: {column} is empty", hint="leave out the rows of people who are not decided on"
        )
    return _value(text)


def _value(text: str) -> str:
    # Tools write a column of 0 and 1 as 0.0 and 1.0 once a cell was empty; the value is the same.
    return text.partition(".")[0] if _WHOLE_FLOAT.fullmatch(text) else text
