"""Change honest bundles at random, everything repaired that a forger can repair: none is taken for honest.

    python -m tests.attacks.fuzz [--edits 100000] [--seed 1] [--jobs 2] [--second]

1. Every byte of the reference bundles, one bit flipped; every seventh truncation.
2. Edits inside files; the forger holds the service's key, so manifests, record, report and signatures fit
   again. Every fourth time the log key too: then the head is signed anew, and the auditor holds the old one.
3. With `--second`, the verifier that shares no code is asked too: another verdict is a fault of one of them.
"""

import argparse
import multiprocessing
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

import msgspec
from rich.progress import Progress

from registry.bundle import contents as at
from registry.bundle.container import build_container, read_container
from registry.bundle.layout import wrap
from registry.bundle.verify import Answer, verify_bundle
from registry.trust import merkle
from registry.trust.note import sign_checkpoint
from schemas.errors import Error
from schemas.ledger import Checkpoint
from tests.attacks.edits import edit_files
from tests.attacks.forger import forge, restate
from tests.attacks.references import Honest, elsewhere, references
from tests.attacks.simulator import ORIGIN, key
from tests.attacks.weaker import is_weaker

CHUNK = 200
STEP = 7
"""Every how many bytes a truncation is tried."""


class Fault(msgspec.Struct, frozen=True):
    """An edited bundle that was accepted, or made the verifier stumble."""

    said: str
    bundle: bytes


class Outcome(msgspec.Struct):
    """What became of some edits: verdicts, edits that changed nothing, answers that only say less."""

    counts: Counter[str]
    faults: list[Fault]


def flip_bytes(honest: Honest, span: range) -> Outcome:
    """Flip one bit in each byte of `span`."""
    found, damaged = Outcome(Counter(), []), bytearray(honest.bundle)
    for place in span:
        damaged[place] ^= 1 << place % 8
        _judge(found, honest, bytes(damaged), f"byte {place} flipped")
        damaged[place] = honest.bundle[place]
    return found


def truncate(honest: Honest, span: range) -> Outcome:
    """Cut the bundle off at each size of `span`."""
    found = Outcome(Counter(), [])
    for size in span:
        _judge(found, honest, honest.bundle[:size], f"cut off at {size}")
    return found


def edit_inside(seed: int, chunk: int, count: int, *, second: bool = False) -> Outcome:
    """Make `count` edits inside the reference bundles, the same for the same seed and chunk."""
    source, found = random.Random(f"{seed} {chunk}"), Outcome(Counter(), [])  # noqa: S311
    other = _payload(elsewhere())
    for number in range(count):
        honest, log_key = source.choice(references()), source.randrange(4) == 0
        edit = _Edit(source, other, log_key=log_key)
        edited = _repaired(honest, edit)
        said = f"seed {seed}, chunk {chunk}, edit {number}: {', '.join(edit.said)}"
        _judge(found, honest, edited, said, honest.head if log_key else None)
        if second:
            _compare(found, honest, edited, said)
    return found


def _repaired(honest: Honest, edit: "_Edit") -> bytes:
    try:
        return forge(honest.bundle, edit)
    except Exception:  # noqa: BLE001 - the forger examines the bundle too, and stumbles where the verifier will
        return build_container(wrap(edit.files, ORIGIN, key("service")))


class _Edit:
    """One or two edits inside files, and a new head where the log key was stolen too."""

    def __init__(self, source: random.Random, other: dict[str, bytes], *, log_key: bool) -> None:
        self.source, self.other, self.log_key = source, other, log_key
        self.said: list[str] = []
        self.files: dict[str, bytes] = {}

    def __call__(self, payload: dict[str, bytes]) -> None:
        for _ in range(self.source.choice((1, 1, 1, 2))):
            self.said.append(edit_files(payload, self.other, self.source))
        if self.log_key:
            _sign_head(payload)
        self.files = dict(payload)


def _judge(
    found: Outcome, honest: Honest, edited: bytes, said: str, prior: tuple[int, bytes] | None = None
) -> None:
    if edited == honest.bundle:
        found.counts["changed nothing"] += 1
        return
    try:
        answer = verify_bundle(edited, anchor=honest.anchor, prior=prior)
    except Exception as error:  # noqa: BLE001 - any exception at all is what is looked for
        found.faults.append(Fault(f"{said}: the verifier raised {type(error).__name__}: {error}", edited))
        return
    if answer.verdict != "PASS":
        found.counts[answer.verdict] += 1
    elif is_weaker(_before(honest), answer, read_container(honest.bundle), read_container(edited)):
        found.counts["says less"] += 1
    else:
        found.faults.append(Fault(f"{said}: accepted, naming {answer.codes}", edited))


def _compare(found: Outcome, honest: Honest, edited: bytes, said: str) -> None:
    """Find it a fault when the verifiers differ: holders of one would accept what others refuse."""
    answer = verify_bundle(edited, anchor=honest.anchor)
    other = import_module("registry.bundle.standalone").verify(edited, str(honest.anchor), None, None)
    if answer.verdict != other["verdict"]:
        ours, theirs = sorted(answer.codes), sorted(other["codes"])
        found.faults.append(
            Fault(f"{said}: {answer.verdict} {ours}, the second {other['verdict']} {theirs}", edited)
        )


def _sign_head(payload: dict[str, bytes]) -> None:
    """Sign a head over the leaves as they are now, where they can be read."""
    try:
        leaves = at.lines_of(payload[at.LEAVES], at.LEAVES)
        head = Checkpoint(ORIGIN, len(leaves), merkle.root(merkle.leaf_hash(leaf) for leaf in leaves))
        restate(payload, head)
    except (Error, KeyError):
        return
    payload[at.CHECKPOINT] = sign_checkpoint(head, key("log")).encode()


@cache
def _before(honest: Honest) -> Answer:
    return verify_bundle(honest.bundle, anchor=honest.anchor)


def _payload(bundle: bytes) -> dict[str, bytes]:
    return {n: d for n, d in read_container(bundle).items() if n.startswith("data/")}


Job = tuple[str, int, range]


def _jobs(edits: int) -> Iterator[Job]:
    """Return the work in pieces of its own: (kind, reference or chunk, which)."""
    for index, honest in enumerate(references()):
        size = len(honest.bundle)
        for start in range(0, size, 20 * CHUNK):
            yield "flip", index, range(start, min(start + 20 * CHUNK, size))
        yield "cut", index, range(0, size, STEP)
    for chunk, start in enumerate(range(0, edits, CHUNK)):
        yield "edit", chunk, range(start, min(start + CHUNK, edits))


def do(seed: int, job: Job, *, second: bool = False) -> Outcome:
    """Do one piece of the work."""
    kind, index, span = job
    if kind == "edit":
        return edit_inside(seed, index, len(span), second=second)
    return (flip_bytes if kind == "flip" else truncate)(references()[index], span)


class _Worker(msgspec.Struct, frozen=True):
    seed: int
    second: bool

    def __call__(self, job: Job) -> tuple[Job, Outcome]:
        return job, do(self.seed, job, second=self.second)


def fuzz(edits: int, seed: int, jobs: int, keep: Path, *, second: bool = False) -> Outcome:
    """Do all of it, show how far it is, and stop at the first fault with its input kept."""
    total = Outcome(Counter(), [])
    work = list(_jobs(edits))
    with Progress() as progress, multiprocessing.get_context("spawn").Pool(jobs) as pool:
        bar = progress.add_task("edits", total=sum(len(span) for _, _, span in work))
        for (kind, _, span), part in pool.imap_unordered(_Worker(seed, second), work):
            total.counts.update({f"{kind}: {name}": n for name, n in part.counts.items()})
            total.faults += part.faults
            progress.advance(bar, len(span))
            if part.faults:
                pool.terminate()
                break
    for number, fault in enumerate(total.faults):
        (keep / f"fuzz-{seed}-{number}.zip").write_bytes(fault.bundle)
    return total


def main(words: Sequence[str]) -> int:
    """Run, print seed and counts, return 1 when anything was accepted or stumbled over."""
    parser = argparse.ArgumentParser(prog="fuzz", description="mutate bundles and look for one that passes")
    parser.add_argument("--edits", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path(), help="where an accepted input is written")
    parser.add_argument("--second", action="store_true", help="ask the second verifier too")
    asked = parser.parse_args(words)
    found = fuzz(asked.edits, asked.seed, asked.jobs, asked.keep, second=asked.second)
    lines = [f"seed {asked.seed}", *(f"{found.counts[name]:>9,} {name}" for name in sorted(found.counts))]
    lines += [f"{len(found.faults):>9,} accepted or stumbled over", *(fault.said for fault in found.faults)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
