"""Whole processes from the shell's point of view, beside `python -c pass`: wall time, no goal."""

import subprocess
import sys
import time
from pathlib import Path

from tests.attacks.simulator import honest
from tests.benchmarks.logs import new_registry
from tests.benchmarks.pairs import Spread, measure, show_ratio


def show(place: Path, quick: bool) -> None:
    """Print how many bare interpreters fit into one command."""
    home = new_registry(place / "starting")
    bundle = place / "small.zip"
    bundle.write_bytes(honest()[0].bundle())
    commands = {
        "gate": ["--registry", str(home), "gate", "retail/credit-risk@7", "--env", "production"],
        "bundle verify": ["bundle", "verify", str(bundle)],
    }
    for name, words in commands.items():
        program = [sys.executable, "-m", "tui", *words]
        found = [_wall(program) / _wall([sys.executable, "-c", "pass"]) for _ in range(5 if quick else 15)]
        show_ratio(f"muniment {name}, whole process in bare interpreters (wall)", Spread.of(found))


def _wall(words: list[str]) -> float:
    return measure(lambda: subprocess.run(words, capture_output=True, check=False), time.perf_counter)
