"""Trying quarantined events again: with a newer reader, or because a person lets them in after all."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from registry.acts.take_in import ImportReport, Progress, import_source
from registry.registry import Registry
from registry.store.quarantine import Held, get_held, list_numbers, release
from schemas.errors import Usage
from schemas.observation import IsKnown, Observation, Source, Unreadable

Read = Callable[[bytes, str], Observation | Unreadable]

KIND = "openlineage"


class Retried(msgspec.Struct, frozen=True):
    """What became of quarantined items: an import for each source, and what stays with which reason."""

    reports: tuple[ImportReport, ...]
    released: tuple[int, ...]
    staying: tuple[tuple[int, str], ...]


class _Again(msgspec.Struct):
    """The items of one source that can be read by now, as a source of their own."""

    kind: str
    name: str
    items: tuple[Observation, ...]
    blind_spots: tuple[str, ...] = ()

    def collect(self, known: IsKnown | None = None) -> Iterator[Observation]:  # noqa: ARG002 - all are new
        yield from self.items


def retry_held(
    registry: Registry, read: Read, numbers: Sequence[int] | None = None, progress: Progress | None = None
) -> Retried:
    """Read quarantined events anew and take in those that can be read; with no `numbers`, all of them.

    An event that a token's scope held back is taken as well: whoever retries it answers for it.
    Raise NotFound for a number that is not there and Usage for one that was not an event.
    """
    chosen = list_numbers(registry.connection) if numbers is None else list(dict.fromkeys(numbers))
    readable: dict[tuple[str, str], list[tuple[int, Observation]]] = {}
    staying: list[tuple[int, str]] = []
    for number in chosen:
        held = get_held(registry.connection, number)
        found = _read(held, read, named=numbers is not None)
        if isinstance(found, Observation):
            readable.setdefault((held.kind, held.source), []).append((number, found))
        else:
            staying.append((number, found))
    reports, released = [], []
    for (kind, name), rows in readable.items():
        source: Source = _Again(kind, name, tuple(item for _, item in rows))
        reports.append(import_source(registry, source, progress))
        # Taken first: a process that dies between the two leaves an item that is a duplicate next time.
        release(registry.connection, [number for number, _ in rows])
        released += [number for number, _ in rows]
    return Retried(tuple(reports), tuple(released), tuple(staying))


def _read(held: Held, read: Read, *, named: bool) -> Observation | str:
    if held.kind != KIND:
        said = f"it came from {held.kind}, which is read again by importing again"
        if named:
            raise Usage(f"{held.id}: {said}", hint=f"muniment import {held.kind} {held.source}")
        return said
    if not held.is_whole:
        return f"only the first {len(held.raw)} of its {held.size} bytes were kept"
    found = read(held.raw, held.position)
    return found if isinstance(found, Observation) else found.reason
