"""What a file of results holds, whichever tool wrote it."""

import msgspec

from schemas.errors import Malformed
from schemas.evaluation import BiasInput
from schemas.evaluation_report import Metric, Outcome


class Results(msgspec.Struct, frozen=True):
    """What one file reports, and what its reader could not see or had to guess."""

    tool: str
    metrics: tuple[Metric, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    bias: tuple[BiasInput, ...] = ()
    """Counts of groups, from which bias checks are computed here."""
    warnings: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()


MAX_FILE = 64 << 20


def refuse_size(name: str, data: bytes) -> None:
    """Raise Malformed for a file that is too large to be read."""
    if len(data) > MAX_FILE:
        raise Malformed(f"{name}: {len(data)} bytes, at most {MAX_FILE} are read", hint="export a part of it")
