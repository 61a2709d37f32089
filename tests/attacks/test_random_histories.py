"""Whatever happened, and whatever of it was left out: two verifiers decide the same, down to every fact."""

from collections import Counter

import pytest

from registry.bundle import standalone
from registry.bundle.verify import verify_bundle
from tests.attacks.random_histories import Chance

SEEDS = 24


@pytest.mark.parametrize("time", [None, "2026-11-24T00:00:00Z", "2027-06-01T00:00:00Z"])
def test_two_verifiers_decide_a_random_history_alike(time: str | None) -> None:
    verdicts = Counter[str]()
    for seed in range(SEEDS // 3):
        chance = Chance(seed if time is None else seed + 1_000 * len(time) + int(time[6]))
        bundle, anchor = chance.bundle(), chance.registry.anchor
        ours, second = (
            verify_bundle(bundle, anchor=anchor, at=time),
            standalone.verify(bundle, anchor, None, time),
        )
        assert (second["verdict"], second["codes"]) == (ours.verdict, list(ours.codes)), seed
        told = [(row["environment"], row["status"]) for row in ours.session["statuses"]]
        assert [(row["environment"], row["status"]) for row in second["statuses"]] == told, seed
        verdicts[ours.verdict] += 1
    assert len(verdicts) > 1
