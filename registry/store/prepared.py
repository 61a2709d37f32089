"""A batch made ready for the database without asking it: what can be done in another process.

Exact bytes are packed, facts are gathered, and what the batch itself holds twice is left out.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec
import zstandard

from registry.store.gathered import Gathered
from registry.store.gathering import Gathering
from registry.store.uncollected import uncollected
from schemas.identity import event_id
from schemas.observation import (
    ForeignFact,
    Known,
    LineageFact,
    Observation,
    RunFact,
    Unreadable,
)

BATCH = 10_000
"""Observations a transaction and a seal."""

BLOCK = 64
"""Observations that are packed together."""

_BATCH_BYTES = 48 << 20
_LARGE = 8 << 10
_LARGE_WEIGHS = 4
_REASONS = 1_000

Item = Observation | Unreadable | Known


class Problem(msgspec.Struct, frozen=True):
    """Something that was quarantined or read with a doubt: where it first stood, why, and how often."""

    position: str
    reason: str
    count: int = 1


class Prepared(msgspec.Struct, frozen=True):
    """What a batch holds. Events are known by their places; `order` has `~place` for what is unreadable.

    `digests`, `likenesses` and `gathered.about` run side by side; `blocks` hold 64 events each, in order.
    `foreign` are facts about a foreign registry, with the event's place, -1 for one that came twice.
    """

    items: int
    order: list[int]
    digests: list[bytes]
    likenesses: list[int]
    blocks: list[bytes]
    gathered: Gathered
    unreadable: list[Unreadable]
    foreign: list[tuple[int, tuple[ForeignFact, ...]]]
    warnings: tuple[Problem, ...]

    def event_ids(self, places: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """Yield places, in order, with the event ids there; each block is opened once."""
        for block, listed in groupby(sorted(places), key=lambda place: place // BLOCK):
            raws = unpack(self.blocks[block])
            yield from ((place, event_id(raws[place % BLOCK])) for place in listed)


def prepare(items: Iterable[Item]) -> Prepared:
    """Make these items ready, as one batch."""
    ready = _Ready()
    with uncollected():
        for item in items:
            ready.add(item)
        return ready.finish()


def prepared(items: Iterable[Item]) -> Iterator[Prepared]:
    """Yield batches of 10,000 items made ready, fewer where they are large: memory stays bounded."""
    iterator = iter(items)
    while True:
        ready = _Ready()
        with uncollected():
            for item in iterator:
                ready.add(item)
                if ready.is_full:
                    break
            batch = ready.finish()
        if not batch.items:
            return
        yield batch


def together(warnings: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return each reason once, where it stood first; what is beyond a thousand reasons is only counted."""
    found: dict[str, Problem] = {}
    for item in warnings:
        reason = item.reason if item.reason in found or len(found) < _REASONS else "further warnings"
        known = found.get(reason)
        first, before = (item.position, 0) if known is None else (known.position, known.count)
        found[reason] = Problem(first, reason, before + item.count)
    return tuple(found.values())


def unpack(block: bytes) -> list[bytes]:
    """Return the observations of one block."""
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(block), type=list[bytes])


class _Kept:
    """The exact bytes of a batch, packed; one block is open at a time."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.weight = 0
        self._raws: list[bytes] = []
        self._compress = zstandard.ZstdCompressor(level=3).compress
        self._opened: tuple[int, list[bytes]] = (-1, [])

    def add(self, raw: bytes) -> None:
        """Keep the next event."""
        self._raws.append(raw)
        # Decoded JSON takes many times its bytes, and little of a large event stands in others too.
        self.weight += len(raw) * (_LARGE_WEIGHS if len(raw) > _LARGE else 1)
        if len(self._raws) == BLOCK:
            self.pack()

    def pack(self) -> None:
        """Pack what is not packed yet."""
        if self._raws:
            self.blocks.append(self._compress(msgspec.msgpack.encode(self._raws)))
            self._raws = []

    def find_id(self, place: int) -> bytes:
        """Return the event id of the event at `place`."""
        block = place // BLOCK
        if block == len(self.blocks):
            return event_id(self._raws[place % BLOCK])
        if self._opened[0] != block:
            self._opened = (block, unpack(self.blocks[block]))
        return event_id(self._opened[1][place % BLOCK])


class _Ready:
    """Gathers one batch."""

    def __init__(self) -> None:
        self._items = 0
        self._unreadable_bytes = 0
        self._order: list[int] = []
        self._digests: list[bytes] = []
        self._likenesses: list[int] = []
        self._unreadable: list[Unreadable] = []
        self._foreign: list[tuple[int, tuple[ForeignFact, ...]]] = []
        self._warnings: list[Problem] = []
        self._first_alike: dict[tuple[object, int], int] = {}
        self._alike: dict[tuple[object, int], set[bytes]] = {}
        self._kept = _Kept()
        self._gathering = Gathering(self._kept.find_id)

    def add(self, item: Item) -> None:
        """Take the next item."""
        self._items += 1
        if isinstance(item, Observation):
            self._observe(item)
        elif isinstance(item, Unreadable):
            self._order.append(~len(self._unreadable))
            self._unreadable_bytes += len(item.raw)
            self._unreadable.append(item)

    @property
    def is_full(self) -> bool:
        """Whether the batch is large enough."""
        return self._items >= BATCH or self._kept.weight + self._unreadable_bytes >= _BATCH_BYTES

    def finish(self) -> Prepared:
        """Return the batch."""
        self._kept.pack()
        return Prepared(
            self._items,
            self._order,
            self._digests,
            self._likenesses,
            self._kept.blocks,
            self._gathering.finish(),
            self._unreadable,
            self._foreign,
            together(self._warnings),
        )

    def _observe(self, item: Observation) -> None:
        if item.warnings:
            self._warnings += [Problem(item.position, text) for text in item.warnings]
        place, said = -1, None
        if not self._came_before(item):
            place = len(self._digests)
            self._order.append(place)
            self._digests.append(item.raw_digest)
            self._likenesses.append(item.likeness)
            self._kept.add(item.raw)
            said = self._gathering.start_event()
        foreign: list[ForeignFact] = []
        for fact in item.facts:
            if not isinstance(fact, LineageFact):
                foreign.append(fact)
            elif said is not None:
                self._gathering.add(fact, said)
        if foreign:
            self._foreign.append((place, tuple(foreign)))

    def _came_before(self, item: Observation) -> bool:
        """Tell whether the batch held the same event before, by its bytes or by its event id.

        A new one is noted under the place it is about to take; ids are worked out from the second alike on.
        """
        fact = item.facts[-1] if item.facts else None
        run = fact.run.run_id if isinstance(fact, RunFact) else None
        key = (run, item.likeness)
        first = self._first_alike.setdefault(key, len(self._digests))
        if first == len(self._digests):
            return False
        if self._digests[first] == item.raw_digest:
            return True
        ids = self._alike.get(key)
        if ids is None:
            ids = self._alike[key] = {self._kept.find_id(first)}
        own = item.event_id
        if own in ids:
            return True
        ids.add(own)
        return False
