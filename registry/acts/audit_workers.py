"""Ranges of the log shared out among processes; what comes back is in order, whoever was faster."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import wait
from pathlib import Path

import msgspec

from registry.acts.audit_range import Range
from registry.acts.audit_worker import Outcome
from registry.child import Child
from schemas.errors import StoreError

_AHEAD = 2
_MANY, _ALONE = 200_000, 1


def choose_jobs(size: int, processors: int | None, many: int = _MANY) -> int:
    """Return how many processes audit a log of `size` leaves when nobody says: two for more than `many`."""
    return 2 if size > many and (processors or 1) > 1 else _ALONE


class Worker:
    """A process that audits ranges of the log in `database`, ended by `close`."""

    def __init__(self, database: Path, *, leaves: bool = True) -> None:
        self.asked: deque[tuple[int, Range]] = deque()
        self._decode = msgspec.msgpack.Decoder(Outcome).decode
        self._child = Child("registry.acts.audit_worker", database, "leaves" if leaves else "tree")
        self.pipe, self.process = self._child.pipe, self._child.process

    def ask(self, place: int, wanted: Range) -> None:
        """Let it audit one more range, the one at `place` of all."""
        self.asked.append((place, wanted))
        try:
            self.pipe.send_bytes(msgspec.msgpack.encode(wanted))
        except ConnectionError as error:
            raise self._died() from error

    def answer(self) -> tuple[int, Outcome]:
        """Wait for the outcome of the range asked for first; return it with its place."""
        try:
            outcome: Outcome = self._decode(self.pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise self._died() from error
        return self.asked.popleft()[0], outcome

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._child.end()

    def _died(self) -> StoreError:
        wanted = self.asked[0][1]
        where = f"leaves {wanted.start} to {wanted.stop - 1}"
        return StoreError(
            f"the process that checked {where} {self._child.wait()} before it answered",
            hint="muniment audit verify --jobs 1",
        )


@contextmanager
def workers(database: Path, count: int, *, leaves: bool = True) -> Iterator[list[Worker]]:
    """Start so many processes and end them with the block, however it ends."""
    with ExitStack() as started:
        made: list[Worker] = []
        for _ in range(count):
            made.append(Worker(database, leaves=leaves))
            started.callback(made[-1].close)
        yield made


def share_out(
    ranges: Iterator[Range], here: Callable[[Range], Outcome], helpers: Sequence[Worker]
) -> Iterator[Outcome]:
    """Yield the outcome of each range in order; this process works as they do, and alone without them."""
    todo, done, due = enumerate(ranges), dict[int, Outcome](), 0

    def refill(worker: Worker) -> None:
        # One range waits at the worker while it works on another: it never waits for this process.
        while len(worker.asked) < _AHEAD and (following := next(todo, None)) is not None:
            worker.ask(*following)

    def collect(timeout: float | None) -> None:
        busy = {worker.pipe: worker for worker in helpers if worker.asked}
        for pipe in wait(list(busy), timeout) if busy else ():
            worker = next(w for p, w in busy.items() if p is pipe)
            place, outcome = worker.answer()
            done[place] = outcome
            refill(worker)

    for worker in helpers:
        refill(worker)
    for place, wanted in todo:
        done[place] = here(wanted)
        collect(0)
        while due in done:
            yield done.pop(due)
            due += 1
    while done or any(worker.asked for worker in helpers):
        if due not in done:
            collect(None)
        while due in done:
            yield done.pop(due)
            due += 1
