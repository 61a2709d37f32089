"""Names that may be one dataset: written alike once quotes, paths and letter case are set aside.

A suggestion decides nothing. Naming rules differ between producers (interop section 1.6), and two names that
read alike may still be two datasets.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import pairwise

import msgspec

from schemas.observation import Name

_QUOTES = re.compile(r'["`\[\]]')
_FILE = re.compile(r"(?:file:/*|file(?=/)|)/*")
_SLASHES = re.compile(r"/+")


class Suggestion(msgspec.Struct, frozen=True, order=True):
    """Two names that differ in `why` alone.

    `quotes`, `file path`, `slashes`, `letter case`, `where the path is split`; or `namespace of a job`: a
    producer put the dataset into its job's namespace, and one other dataset has the name.
    """

    a: Name
    b: Name
    why: str


def suggest(names: Iterable[Name], job_namespaces: Container[str] = ()) -> list[Suggestion]:
    """Return pairs of names that may be one dataset, each once, for the first reason that joins them."""
    known = sorted(set(names))
    found: dict[tuple[Name, Name], str] = {}
    for why, normal in _NORMAL_FORMS:
        groups: dict[str, list[Name]] = {}
        for name in known:
            groups.setdefault(normal(name), []).append(name)
        for group in groups.values():
            # A chain joins a group; all pairs of a large one would only say the same again.
            for a, b in pairwise(group):
                found.setdefault((a, b), why)
    for pair in _moved(known, job_namespaces):
        found.setdefault(pair, "namespace of a job")
    return sorted(Suggestion(a, b, why) for (a, b), why in found.items())


def _moved(known: list[Name], job_namespaces: Container[str]) -> Iterator[tuple[Name, Name]]:
    by_name: dict[str, list[Name]] = {}
    for name in known:
        by_name.setdefault(_QUOTES.sub("", name.name), []).append(name)
    for group in by_name.values():
        if len(group) == 2 and sum(name.namespace in job_namespaces for name in group) == 1:
            yield group[0], group[1]


def _plain(name: Name) -> str:
    return f"{name.namespace}\x00{name.name}"


def _unquoted(name: Name) -> str:
    return _QUOTES.sub("", _plain(name))


def _as_path(name: Name) -> str:
    if name.namespace != "file" and not name.namespace.startswith("file:"):
        return _plain(name)
    joined = f"{name.namespace}/{name.name}"
    return "file\x00/" + _SLASHES.sub("/", _FILE.sub("", joined, count=1)).rstrip("/")


def _without_slashes(name: Name) -> str:
    return _SLASHES.sub("/", f"{name.namespace.rstrip('/')}\x00{name.name.rstrip('/')}")


def _whole_path(name: Name) -> str:
    if "://" not in name.namespace:
        return _plain(name)
    return f"{name.namespace.rstrip('/')}/{name.name.lstrip('/')}"


def _in_one_case(name: Name) -> str:
    return _plain(name).casefold()


_NORMAL_FORMS: tuple[tuple[str, Callable[[Name], str]], ...] = (
    ("quotes", _unquoted),
    ("file path", _as_path),
    ("slashes", _without_slashes),
    ("where the path is split", _whole_path),
    ("letter case", _in_one_case),
)


def unknown_pairs(suggestions: Iterable[Suggestion], decided: set[frozenset[Name]]) -> Iterator[Suggestion]:
    """Yield the suggestions about which neither an event nor a person has said anything."""
    return (s for s in suggestions if frozenset((s.a, s.b)) not in decided)
