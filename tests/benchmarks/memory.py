"""What `muniment bundle verify` of a long log takes: the whole process's peak memory, and its time."""

import subprocess
import sys
from pathlib import Path

from registry.bundle.contents import BundleContents, Withheld
from registry.bundle.write import write_bundle
from registry.trust.note import sign_checkpoint
from schemas.digest import Digest
from schemas.ledger import Leaf, time_text
from tests.attacks.simulator import Registry, honest, key
from tests.benchmarks.pairs import Spread, show_figure

_PROGRAM = """
import sys, time
from tui.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print(peak, time.process_time(), file=sys.stderr)
sys.exit(code)
"""
"""The command, which then says what it took: what the system says of a child counts its large parent too."""


def show(place: Path, quick: bool) -> None:
    """Print peak resident memory and seconds for a log of 100,000 leaves.

    Once nearly all are of other versions and left out, once every envelope is enclosed.
    """
    leaves = 10_000 if quick else 100_000
    long = long_registry(leaves)
    _show("", place / "long.zip", leaves, write_bundle(long.contents(), key("service")), long.anchor)
    full = full_registry(leaves)
    _show(
        ", all enclosed",
        place / "full.zip",
        leaves,
        write_bundle(_enclosed(full), key("service")),
        full.anchor,
    )


def _show(what: str, bundle: Path, leaves: int, data: bytes, anchor: Digest) -> None:
    bundle.write_bytes(data)
    runs = [_verify(bundle, anchor) for _ in range(3)]
    what = f"bundle verify, {leaves:,} leaves{what}, {len(data) >> 20} MiB"
    show_figure(f"{what}: peak memory", Spread.of([r[0] for r in runs]), "MiB", "< 200 MiB")
    show_figure(f"{what}: CPU", Spread.of([r[1] for r in runs]), "s")


def long_registry(leaves: int) -> Registry:
    """Return a registry with one approved version among so many leaves about others, left out of a bundle."""
    registry, manifest, _, _ = honest()
    time = time_text(registry.now)
    for seq in range(len(registry.leaves), leaves):
        body = Digest.of(b"envelope %d" % seq)
        about = (Digest.of(b"manifest %d" % (seq // 10)), Digest.of(b"document %d" % seq))
        registry.leaves.append(Leaf(seq, "evidence-added", time, body, about).to_bytes())
        registry.envelopes.append(Withheld(body, "omitted"))
    registry.claim(manifest, "valid")
    return registry


def full_registry(leaves: int) -> Registry:
    """Return a registry of so many leaves: versions with 98 records of evidence each, the first approved."""
    registry = Registry()
    first = version = registry.register()
    while len(registry.leaves) < leaves - 2:
        count = min(98, leaves - 2 - len(registry.leaves))
        for item in range(count):
            registry.evidence(version, b"%d of %d" % (item, len(registry.leaves)))
        if len(registry.leaves) < leaves - 2:
            number = 8 + len(registry.leaves)
            version = registry.register(number, weights=b"weights %d" % number)
    registry.decide(first, registry.request(first))
    registry.claim(first, "valid")
    return registry


def _enclosed(registry: Registry) -> BundleContents:
    # The evidence itself stays outside: what is measured is its records.
    left = {d: data for d, data in registry.bodies.items() if b" of " not in data}
    return BundleContents(
        leaves=tuple(registry.leaves),
        envelopes=tuple(registry.envelopes),
        checkpoint=sign_checkpoint(registry.head(), key("log")),
        bodies=left,
        claims=tuple(registry.claims),
    )


def _verify(bundle: Path, anchor: Digest) -> tuple[float, float]:
    words = ["bundle", "verify", str(bundle), "--anchor", anchor, "--no-remember"]
    program = [sys.executable, "-c", _PROGRAM, *words]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    peak, seconds = done.stderr.split()
    return int(peak) / 1024, float(seconds)
