"""What a batch gathered: rows under numbers of its own, and what decides between two statements."""

from collections.abc import Callable

import msgspec

from registry.rules.runs import RunState

NOBODY = -1
"""Stands for no run."""


class Said:
    """One event of the batch: its place, and its id when a tie asks for it."""

    __slots__ = ("_find_id", "_id", "place")

    def __init__(self, place: int, find_id: Callable[[int], bytes]) -> None:
        self.place = place
        self._find_id = find_id
        self._id: bytes | None = None

    @property
    def id(self) -> bytes:
        """The event id."""
        if self._id is None:
            self._id = self._find_id(self.place)
        return self._id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Said) and (self.place == other.place or self.id == other.id)

    def __hash__(self) -> int:
        return hash(self.id)

    def __lt__(self, other: "Said") -> bool:
        return self.id < other.id


Key = tuple[int, int, Said]
"""What decides between two statements: instant, rank of the event type, event."""


class Weight(msgspec.Struct, frozen=True, array_like=True):
    """A key as rows have it; `place` is the event's in its batch."""

    instant: int
    rank: int
    place: int


class FacetText(msgspec.Struct, frozen=True, array_like=True):
    """A facet as JSON with sorted keys, None when it was deleted; `head` says who made it by which schema."""

    value: bytes | None
    head: str = ""


class Declared(msgspec.Struct, frozen=True, array_like=True):
    """What the latest static event of a job or dataset declares: (direction, dataset), (source, target)."""

    said: Weight
    uses: set[tuple[int, int]]
    derivations: set[tuple[int, int]]


class Gathered(msgspec.Struct, frozen=True):
    """A batch under numbers: places in `nodes`, `runs`; versions count from 1, 0 is a version not named.

    `about` holds each event's run, NOBODY for none.
    """

    nodes: list[tuple[int, str, str]]
    seen: set[int]
    runs: list[tuple[str, int]]
    versions: list[tuple[int, str, str]]
    about: list[int]
    states: dict[int, RunState]
    parents: dict[int, tuple[Weight, int]]
    io: set[tuple[int, int, int, int, str]]
    edges: set[tuple[int, int, int]]
    derivations: set[tuple[int, int, int]]
    aliases: dict[tuple[int, int], tuple[Weight, str]]
    facets: list[tuple[int, str, Weight, FacetText]]
    declared: dict[int, Declared]


def weight_of(key: Key) -> Weight:
    """Return the key as rows have it."""
    return Weight(key[0], key[1], key[2].place)
