"""What a description holds, whichever format it is in."""

import msgspec

from importers.evaluations.report import Results


class Stated(msgspec.Struct, frozen=True):
    """What a description says a file is: its names (none: the model as a whole), SHA-256 and size."""

    names: tuple[str, ...]
    sha256: str
    size: int | None = None


class Card(msgspec.Struct, frozen=True):
    """One description: how it is kept as evidence, its numbers, and what it says that can be compared.

    `results.warnings` are what had to be left out; `facts` are shown to a person and not recorded apart.
    """

    kind: str
    media_type: str
    results: Results
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stated: tuple[Stated, ...] = ()
    about: tuple[str, str] | None = None
    """The name and version of the model it says it is about."""


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a member that holds one or a list of them; what is no text is left out."""
    held = value if isinstance(value, list) else [value]
    return tuple(item for item in held if isinstance(item, str) and item)
