"""What goes to stderr, and the exit codes, which are an API (DESIGN section 9)."""

import sys
from collections.abc import Sequence
from enum import IntEnum

from schemas.errors import Error, Refused
from tui.output import emit, safe


class ExitCode(IntEnum):
    """What a script may rely on."""

    YES = 0
    """Done, allowed, PASS."""
    NO = 1
    """Denied, FAIL, a rule says no."""
    USAGE = 2
    """Wrong usage or unusable input."""
    UNPROVEN = 3
    """Not provable: UNPROVEN or UNANCHORED."""
    STALE = 4
    """An approval exists and no longer matches."""
    NOT_FOUND = 5
    """The thing named is not here."""
    UNUSABLE = 6
    """The registry or a source cannot be used."""
    INTERRUPTED = 130
    """Stopped by the person."""


def say(text: str) -> None:
    """Write one line of talk to stderr, whatever characters a message quotes."""
    sys.stderr.write(safe(text) + "\n")


def report(error: Error, *, as_json: bool = False) -> int:
    """Print an error as a person reads it and return its exit code; with `as_json` as a document as well."""
    unmet = error.unmet if isinstance(error, Refused) else ()
    say(f"muniment: {error.message}")
    for line in unmet:
        say(f"  not met: {line}")
    if error.hint:
        say(f"  next: {error.hint}")
    if as_json:
        refuse_in_json(type(error).__name__, error.message, error.exit_code, error.hint, unmet)
    return error.exit_code


def refuse_in_json(
    kind: str, message: str, exit_code: int, hint: str | None = None, unmet: Sequence[str] = ()
) -> None:
    """Print the document a script reads where it asked for one: why there is no answer."""
    said = {"kind": kind, "message": message, "hint": hint or "", "unmet": list(unmet)}
    emit({"error": {**said, "exit_code": exit_code}}, as_json=True, text=tuple)
