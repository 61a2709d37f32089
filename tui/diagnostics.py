"""What goes to stderr, and the exit codes, which are an API (DESIGN section 9)."""

import sys
from enum import IntEnum

from schemas.errors import Error, Refused
from tui.output import safe


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


def report(error: Error) -> int:
    """Print an error as a person reads it and return its exit code."""
    say(f"muniment: {error.message}")
    if isinstance(error, Refused):
        for line in error.unmet:
            say(f"  not met: {line}")
    if error.hint:
        say(f"  next: {error.hint}")
    return error.exit_code
