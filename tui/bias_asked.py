"""What a person may ask of a bias check."""

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed after `bias check FILE`."""

    attributes: tuple[str, ...]
    crosses: tuple[str, ...]
    n: str | None
    selected: str | None
    above_median: str | None
    tn: str | None
    fp: str | None
    fn: str | None
    tp: str | None
    outcome: str | None
    positive: tuple[str, ...]
    truth: str | None
    truth_positive: tuple[str, ...]
    weight: str | None
    score: str | None
    median_of: str
    rule: str
    references: tuple[str, ...]
    strata: str | None
    favourable: bool
    unknown: tuple[str, ...]
    exclude: tuple[str, ...]
    exclude_small: bool
    exclude_reason: str | None
