"""What the log, bundles, imports and the receiver cost beside their floors, printed as ratios of one run.

`python -m tests.benchmarks.run [--quick] [NAME ...]`; quick takes some minutes and a tenth of the data.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import (
    appending,
    bundles,
    envelopes,
    importing,
    long_import,
    memory,
    proofs,
    receiving,
    rehashing,
    starting,
)

MEASUREMENTS: dict[str, Callable[[Path, bool], None]] = {
    "append": appending.show,
    "proofs": proofs.show,
    "rehash": rehashing.show,
    "envelopes": envelopes.show,
    "bundle": bundles.show,
    "memory": memory.show,
    "start": starting.show,
    "import": importing.show,
    "long-import": long_import.show,
    "receive": receiving.show,
}


def main() -> None:
    """Run the measurements named, or all, and print a line each."""
    words = sys.argv[1:]
    quick = "--quick" in words
    named = [word for word in words if word != "--quick"] or list(MEASUREMENTS)
    if unknown := set(named) - set(MEASUREMENTS):
        sys.exit(f"no measurement is called {min(unknown)}; there are {', '.join(MEASUREMENTS)}")
    with tempfile.TemporaryDirectory() as folder:
        for name in named:
            MEASUREMENTS[name](Path(folder), quick)


if __name__ == "__main__":
    main()
