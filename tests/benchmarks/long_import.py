"""A long import: what an event costs at its beginning and at its end, and the most memory it takes.

The import runs in a process of its own that reads events from a pipe, so that neither making them nor
anything measured before is counted.
"""

import io
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from importers.openlineage.files import OpenLineageFiles
from registry.acts.init import found_registry
from registry.acts.take_in import import_source
from registry.registry import open_registry
from tests.benchmarks import pairs
from tests.benchmarks.lineage_corpus import lines


class Course(msgspec.Struct, frozen=True):
    """CPU seconds after so many events, and the greatest resident size in MiB."""

    points: list[tuple[int, float]]
    mebibytes: float

    def cost(self, start: float, stop: float) -> float:
        """Return microseconds an event between two shares of the whole."""
        first, last = (self.points[round(share * (len(self.points) - 1))] for share in (start, stop))
        return (last[1] - first[1]) / (last[0] - first[0]) * 1e6


def show(folder: Path, quick: bool) -> None:
    """Print the cost of the last fifth beside that of the second, and the memory."""
    count = 100_000 if quick else 2_000_000
    command = [sys.executable, "-m", "tests.benchmarks.long_import", str(folder / "long"), str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    course = msgspec.json.decode(done.stdout, type=Course)
    last, early = course.cost(0.8, 1), course.cost(0.2, 0.4)
    what = f"import of {count:,} events: cost of the last fifth beside the second"
    pairs.show_figure(what, pairs.Spread.of([last / early]), "times", "about 1")
    pairs.show_figure("  memory at most", pairs.Spread.of([course.mebibytes]), "MiB", "< 400")


def main() -> None:
    """Import from a pipe and print the course."""
    if sys.argv[1] == "events":
        for line in lines(int(sys.argv[2])):
            sys.stdout.buffer.write(line)
        return
    home, count = Path(sys.argv[1]), sys.argv[2]
    silent = os.dup(1)
    os.dup2(2, 1)
    found_registry(home, "bench", None)
    points = [(0, time.process_time())]
    make = [sys.executable, "-m", "tests.benchmarks.long_import", "events", count]
    with (
        subprocess.Popen(make, stdout=subprocess.PIPE) as events,
        open_registry(home) as registry,
    ):
        assert isinstance(events.stdout, io.BufferedReader)
        source = OpenLineageFiles("-", stdin=events.stdout)
        import_source(registry, source, lambda done, _: points.append((done, time.process_time())))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    os.write(silent, msgspec.json.encode(Course(points, most)))


if __name__ == "__main__":
    main()
