"""Where what a job declares and what its runs were seen to do differ (interop section 1.11).

A job that declares no inputs and no outputs, or that never ran, does not drift: there is nothing to compare.
"""

from collections.abc import Iterable, Mapping

import msgspec

DECLARED_ONLY = "declared-only"
OBSERVED_ONLY = "observed-only"


class Drift(msgspec.Struct, frozen=True, order=True):
    """The job declares the dataset and was never seen to use it, or the other way round, as `kind` says."""

    job: str
    direction: str
    dataset: str
    kind: str


def find_drift(
    job: str,
    declared: Iterable[tuple[str, str]],
    observed: Iterable[tuple[str, str]],
    same: Mapping[str, str],
) -> list[Drift]:
    """Compare (direction, dataset) pairs; `same` gives every dataset with several names one of them."""
    said, seen = set(declared), set(observed)
    if not said or not seen:
        return []
    folded_said = {(way, same.get(name, name)) for way, name in said}
    folded_seen = {(way, same.get(name, name)) for way, name in seen}
    only_said = {pair for pair in said if (pair[0], same.get(pair[1], pair[1])) not in folded_seen}
    only_seen = {pair for pair in seen if (pair[0], same.get(pair[1], pair[1])) not in folded_said}
    return sorted(
        Drift(job, way, name, kind)
        for kind, pairs in ((DECLARED_ONLY, only_said), (OBSERVED_ONLY, only_seen))
        for way, name in pairs
    )
