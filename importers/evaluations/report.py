"""What a file of results holds, whichever tool wrote it."""

import msgspec

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
