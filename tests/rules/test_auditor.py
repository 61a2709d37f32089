"""What only the auditor knows: anchors, earlier heads and demands, given now or remembered."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from registry.bundle.auditor import Auditor, Known
from registry.bundle.verify import Answer, examine_bundle
from registry.bundle.write import write_bundle
from registry.trust.cosignature import cosign, witness_vkey
from registry.trust.note import checkpoint_text, sign_checkpoint
from schemas.digest import Digest
from schemas.ledger import time_text
from tests.attacks.simulator import ORIGIN, Registry, altered_root, honest, key

NOON = 1_795_435_200
"""2026-11-23T12:00:00Z, two hours after the first leaf."""


def made() -> Registry:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    return registry


def ask(data: bytes, **known: Any) -> Answer:
    return examine_bundle(data, Auditor(**known))[0]


def remembered(registry: Registry, size: int, anchor: Digest | None = None) -> dict[str, Known]:
    return {ORIGIN: Known(anchor or registry.anchor, size, registry.head(size).root)}


@pytest.mark.parametrize("size", [1, 3, 5])
def test_a_log_that_continues_what_is_remembered_passes_without_an_anchor(size: int) -> None:
    registry = made()
    answer = ask(registry.bundle(), remembered=remembered(registry, size))

    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert answer.session["anchor"] == ""
    assert answer.session["remembered"] == {
        "anchor": registry.anchor,
        "prior": f"{size}:{registry.head(size).root.hex()}",
    }


def test_what_is_remembered_of_another_log_is_not_applied() -> None:
    registry = made()
    other = {"muniment.dev/log/" + "f" * 32: Known(registry.anchor, 99, b"x" * 32)}

    assert ask(registry.bundle(), remembered=other).codes == ("UNANCHORED",)


@pytest.mark.parametrize(
    ("size", "root", "older", "verdict", "codes"),
    [
        (3, b"x" * 32, False, "FAIL", ("FORK",)),
        (5, b"x" * 32, False, "FAIL", ("FORK",)),
        (6, b"x" * 32, False, "FAIL", ("ROLLBACK",)),
        (6, b"x" * 32, True, "PASS", ("OLDER_HEAD",)),
        (3, b"x" * 32, True, "FAIL", ("FORK",)),
    ],
)
def test_a_remembered_head_is_held_against_the_log(
    size: int, root: bytes, older: bool, verdict: str, codes: tuple[str, ...]
) -> None:
    registry = made()
    known = {ORIGIN: Known(registry.anchor, size, root)}
    answer = ask(registry.bundle(), remembered=known, older=older)

    assert (answer.verdict, answer.codes) == (verdict, codes)


def test_a_given_anchor_does_not_talk_a_remembered_one_out() -> None:
    registry = made()
    known = remembered(registry, 3, Digest.of(b"another"))
    answer = ask(registry.bundle(), anchor=registry.anchor, remembered=known)

    assert (answer.verdict, answer.codes) == ("FAIL", ("ANCHOR_MISMATCH",))


def test_a_given_head_counts_beside_a_remembered_one() -> None:
    registry = made()
    answer = ask(registry.bundle(), prior=(4, b"x" * 32), remembered=remembered(registry, 3))

    assert (answer.verdict, answer.codes) == ("FAIL", ("FORK",))


@pytest.mark.parametrize(
    ("later", "codes"), [(timedelta(days=1), ()), (timedelta(days=1, seconds=1), ("HEAD_TOO_OLD",))]
)
def test_a_head_is_as_old_as_its_last_leaf_claims(later: timedelta, codes: tuple[str, ...]) -> None:
    registry = made()
    last = registry.now - timedelta(minutes=1)
    answer = ask(
        registry.bundle(),
        anchor=registry.anchor,
        max_age=timedelta(days=1),
        now=time_text(last + later),
    )

    assert answer.codes == codes
    assert answer.session["headTime"] == {"by": "claimed", "time": time_text(last)}


def test_the_time_to_decide_at_is_what_age_is_measured_at() -> None:
    registry = made()
    known = {"anchor": registry.anchor, "max_age": timedelta(days=1), "now": time_text(registry.now)}

    assert ask(registry.bundle(), **known).verdict == "PASS"
    assert "HEAD_TOO_OLD" in ask(registry.bundle(), **known, at="2027-01-01T00:00:00Z").codes


def witnessed(*lines: tuple[str, int]) -> tuple[Registry, bytes]:
    """A bundle whose head these witnesses confirmed, at these times."""
    registry = Registry()
    keys = tuple(witness_vkey(f"{w}.example", key(w).public) for w in ("w1", "w2"))
    registry.root = altered_root(registry.root, version=2, witnesses=keys, witness_quorum=1)
    registry.add_root(registry.root, "alice")
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    registry.claim(manifest, "valid")
    head = registry.head()
    note = sign_checkpoint(head, key("log"))
    note += "".join(cosign(checkpoint_text(head), f"{w}.example", key(w), t) for w, t in lines)
    contents = msgspec.structs.replace(registry.contents(), checkpoint=note)
    return registry, write_bundle(contents, key("service"))


def test_a_witnessed_head_is_as_old_as_its_witness_says() -> None:
    registry, data = witnessed(("w1", NOON))
    young = {"anchor": registry.anchor, "max_age": timedelta(hours=1)}

    passed = ask(data, **young, now="2026-11-23T13:00:00Z")
    late = ask(data, **young, now="2026-11-23T13:00:01Z")

    assert (passed.verdict, late.verdict, late.codes) == ("PASS", "UNPROVEN", ("HEAD_TOO_OLD",))
    assert passed.session["headTime"] == {"by": "witnessed", "time": "2026-11-23T12:00:00Z"}


@pytest.mark.parametrize(("need", "codes"), [(0, ()), (1, ()), (2, ()), (3, ("WITNESS_QUORUM",))])
def test_more_witnesses_may_be_asked_for_than_the_root_does(need: int, codes: tuple[str, ...]) -> None:
    registry, data = witnessed(("w1", NOON), ("w2", NOON))

    assert ask(data, anchor=registry.anchor, witnesses=need).codes == codes
