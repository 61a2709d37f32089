"""What this machine's verifier remembers of each log: the anchor it was told, the largest head that passed.

One file, written whole under a lock. A damaged one is said and left alone: nothing in it is believed, and
nothing is lost to whoever looks into it.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from registry.bundle.auditor import Known
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import Malformed, NotFound, VerificationError
from schemas.ledger import ORIGIN, parse_time_text, time_text

HOME = "MUNIMENT_VERIFIER_HOME"
_FILE = "remembered.json"
_MAX_FILE = 16 << 20


class Memory:
    """The verifier's memory in one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / _FILE

    def read(self) -> dict[str, tuple[Known, str]]:
        """Return what is known of each log by origin, and since when; raise Malformed for a damaged file."""
        try:
            if self.path.stat().st_size > _MAX_FILE:
                raise self._damaged("it is larger than any such file")
            data = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._damaged((error.strerror or "it cannot be read").lower()) from error
        try:
            return _parse(data)
        except (VerificationError, KeyError, TypeError, ValueError) as error:
            raise self._damaged("it is not what the verifier writes") from error

    def keep(self, origin: str, known: Known) -> bool:
        """Remember `known` unless a larger head is remembered already; say whether the file says it now."""
        with self._locked():
            logs = self.read()
            earlier = logs.get(origin)
            if earlier is not None and (earlier[0].size >= known.size or earlier[0].anchor != known.anchor):
                return earlier[0] == known
            self._write(logs | {origin: (known, time_text(datetime.now(UTC)))})
        return True

    def forget(self, origin: str) -> None:
        """Remember nothing of a log any more; raise NotFound when nothing was."""
        with self._locked():
            logs = self.read()
            if logs.pop(origin, None) is None:
                raise NotFound(
                    f"nothing is remembered of {origin[:200]!r}", hint="muniment bundle remembered"
                )
            self._write(logs)

    def _write(self, logs: dict[str, tuple[Known, str]]) -> None:
        value = {"logs": {origin: _row(*found) for origin, found in logs.items()}, "v": 1}
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(canonical(value, limit=_MAX_FILE))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("w") as lock:
            _lock(lock)
            yield

    def _damaged(self, why: str) -> Malformed:
        return Malformed(
            f"{self.path}: what was remembered is damaged: {why}",
            hint="look into the file, then move it away",
        )


def verifier_memory() -> Memory:
    """Return this machine's memory: in the folder the environment names, else in the user's own."""
    named = os.environ.get(HOME)
    if named:
        return Memory(Path(named).expanduser())
    from platformdirs import user_data_path  # noqa: PLC0415 - only when no folder is named

    return Memory(user_data_path("muniment-verifier"))


def _lock(file: TextIO) -> None:
    try:
        import fcntl  # noqa: PLC0415 - not every system has it
    except ImportError:
        return  # two verifiers at once may then forget what one of them saw; the file stays whole
    fcntl.flock(file, fcntl.LOCK_EX)


def _row(known: Known, since: str) -> dict[str, Any]:
    root = base64.b64encode(known.root).decode()
    return {"anchor": known.anchor, "rootHash": root, "time": since, "treeSize": known.size}


def _parse(data: bytes) -> dict[str, tuple[Known, str]]:
    value = parse_canonical(data, limit=_MAX_FILE)
    if value["v"] != 1 or set(value) != {"logs", "v"} or not isinstance(value["logs"], dict):
        raise ValueError("another version")
    logs = {}
    for origin, row in value["logs"].items():
        known = Known(
            Digest(row["anchor"]), row["treeSize"], base64.b64decode(row["rootHash"], validate=True)
        )
        since = parse_time_text(row["time"])
        if not ORIGIN.fullmatch(origin) or row != _row(known, since) or type(known.size) is not int:
            raise ValueError("a row in another spelling")
        if known.size < 1 or len(known.root) != 32:
            raise ValueError("no head")
        logs[origin] = (known, since)
    return logs
