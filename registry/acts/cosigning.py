"""Acting as a witness with nothing but a key and a file: no registry, no network.

The file remembers, per log, its key and the head confirmed last. It is written and synced before the line
is given out, under a lock, so that no two answers and no crash let a log show two histories.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from registry.trust.cosignature import Cosignature, cosign, without_cosignatures, witness_vkey
from registry.trust.dsse import Signer
from registry.trust.note import checkpoint_text, parse_checkpoint, parse_vkey
from registry.trust.witnessing import Confirmed, Submission, format_submission, judge, parse_submission
from schemas.digest import Digest
from schemas.errors import NotFound, Refused, StoreError, Usage, VerificationError
from schemas.ledger import Checkpoint

_TOLERANCE = 300
"""Seconds by which a witness's clock may have been set back."""
_EVIDENCE = frozenset({"CONSISTENCY_INVALID", "FORK", "ROLLBACK"})


class KnownLog(msgspec.Struct, frozen=True):
    """A log as the witness knows it; `note` is the head confirmed last, `time` when (POSIX seconds)."""

    key: str
    size: int
    root: str
    time: int
    note: str


class WitnessState(msgspec.Struct, frozen=True):
    """The witness's memory: its own verifier key, and every log by its origin."""

    witness: str
    logs: dict[str, KnownLog] = {}
    v: int = 1


class Cosigned(msgspec.Struct, frozen=True):
    """What a witness gives back: the head, the note with its line, who it is, what it confirmed before."""

    head: Checkpoint
    text: str
    witness: str
    at: str
    before: int


def cosign_head(
    text: str, signer: Signer, name: str, state: Path, now: datetime, *, log_key: str | None = None
) -> Cosigned:
    """Confirm the head in `text` as the witness `name` and return its line; refuse what `state` contradicts.

    The log's key is taken from `log_key` the first time and from `state` ever after.
    """
    given, witness = parse_submission(text), witness_vkey(name, signer.public)
    origin = parse_checkpoint(given.note).checkpoint.origin
    with _locked(state):
        memory = _read(state, witness)
        known = memory.logs.get(origin)
        key = _key_of(origin, known, log_key)
        last = None if known is None else Confirmed(known.size, bytes.fromhex(known.root))
        try:
            head = judge(given, key, last)
        except VerificationError as error:
            _keep_evidence(state, known, given, error)
            raise
        time = _time(now, known)
        confirmed = KnownLog(key, head.size, head.root.hex(), time, without_cosignatures(given.note))
        _write(state, WitnessState(witness, {**memory.logs, origin: confirmed}))
    line = cosign(checkpoint_text(head), name, signer, time)
    at = Cosignature(witness, time).at
    return Cosigned(head, confirmed.note + line, witness, at, 0 if last is None else last.size)


def _key_of(origin: str, known: KnownLog | None, named: str | None) -> str:
    """Return the log's key; a witness takes it from its own memory, and the first time from a person."""
    if known is None and named is None:
        raise Usage(
            f"{origin}: this witness has not confirmed this log yet", hint="name its key with --log-key"
        )
    if known is not None and named is not None and named != known.key:
        raise Refused(
            f"KEY_CHANGED: {origin} was confirmed under {known.key} before",
            hint="a log that changes its key proves it with a new trust root: begin a new state file for it",
        )
    key = known.key if known is not None else str(named)
    parse_vkey(key)
    return key


def _time(now: datetime, known: KnownLog | None) -> int:
    at, last = int(now.timestamp()), 0 if known is None else known.time
    if last - at > _TOLERANCE:
        raise Refused(
            f"this clock says {at}, the head confirmed last says {last} (POSIX seconds)",
            hint="set the clock; a witness's times never go back",
        )
    return max(at, last)


def _keep_evidence(state: Path, known: KnownLog | None, given: Submission, error: VerificationError) -> None:
    """Keep both heads, each signed by the log: together they show what the log did."""
    if known is None or error.code not in _EVIDENCE:
        return
    text = f"{error.message}\n\nconfirmed before:\n{known.note}\nasked for:\n{format_submission(given)}"
    folder = state.with_name(f"{state.name}.evidence")
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / f"{Digest.of(text.encode()).hex[:16]}.txt").write_text(text, "utf-8")


def _read(state: Path, witness: str) -> WitnessState:
    try:
        found = msgspec.json.decode(state.read_bytes(), type=WitnessState)
        for known in found.logs.values():
            Confirmed(known.size, bytes.fromhex(known.root))
    except FileNotFoundError:
        return WitnessState(witness)
    except (OSError, ValueError) as error:
        raise StoreError(f"{state}: damaged or not readable", hint="restore it from a backup") from error
    if found.v != 1 or found.witness != witness:
        raise Usage(
            f"{state}: this is the memory of {found.witness}, not of {witness}", hint="name another file"
        )
    return found


def _write(state: Path, memory: WitnessState) -> None:
    temporary = state.with_name(f"{state.name}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(memory))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(state)
    folder = os.open(state.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name itself must survive a crash before the line is given out
    finally:
        os.close(folder)


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    if not state.parent.is_dir():
        raise NotFound(f"{state.parent}: no such folder", hint="check --state")
    with state.with_name(f"{state.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
