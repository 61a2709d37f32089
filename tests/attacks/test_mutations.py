"""No change of a bundle is ever taken for the bundle, and none makes the verifier stumble."""

import random

import pytest

from registry.bundle import contents as at
from registry.bundle.container import read_container
from registry.bundle.verify import verify_bundle
from tests.attacks.forger import forge
from tests.attacks.simulator import Registry, honest


def _small() -> Registry:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest))
    registry.claim(manifest, "valid")
    return registry


REGISTRY = _small()
BUNDLE = REGISTRY.bundle()
ANCHOR = REGISTRY.anchor
DERIVED = {at.RECORD, at.REPORT}
PAYLOAD = sorted(n for n in read_container(BUNDLE) if n.startswith("data/") and n not in DERIVED)


def test_the_honest_bundle_passes() -> None:
    answer = verify_bundle(BUNDLE, anchor=ANCHOR)
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert all(check.result == "PASS" for check in answer.checks)


def test_no_flipped_byte_passes() -> None:
    damaged = bytearray(BUNDLE)
    for position in range(len(damaged)):
        damaged[position] ^= 1 << position % 8
        assert verify_bundle(bytes(damaged), anchor=ANCHOR).verdict == "FAIL", position
        damaged[position] = BUNDLE[position]


def test_no_truncation_passes() -> None:
    for size in range(0, len(BUNDLE), 7):
        assert verify_bundle(BUNDLE[:size], anchor=ANCHOR).verdict == "FAIL", size


@pytest.mark.parametrize("name", PAYLOAD)
def test_no_edit_inside_a_file_passes_though_everything_around_it_is_repaired(name: str) -> None:
    original = read_container(BUNDLE)[name]
    source = random.Random(name)  # noqa: S311 - the same edits every time
    for _ in range(40):
        edited = _edit(original, source)
        if edited == original:
            continue
        forged = forge(BUNDLE, lambda payload, new=edited: payload.update({name: new}))  # type: ignore[misc]
        assert verify_bundle(forged, anchor=ANCHOR).verdict != "PASS", edited


def _edit(data: bytes, source: random.Random) -> bytes:
    at_byte, other = source.randrange(len(data) or 1), source.randrange(len(data) or 1)
    match source.randrange(4) if data else 1:
        case 0:
            return data[:at_byte] + bytes([data[at_byte] ^ 1 << source.randrange(8)]) + data[at_byte + 1 :]
        case 1:
            return data[:at_byte] + bytes([source.randrange(256)]) + data[at_byte:]
        case 2:
            return data[:at_byte] + data[at_byte + 1 :]
        case _:
            low, high = sorted((at_byte, other))
            swapped = data[:low] + data[high : high + 1] + data[low + 1 : high] + data[low : low + 1]
            return swapped + data[high + 1 :] if low != high else data
