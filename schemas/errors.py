"""Everything we can tell a person went wrong, grouped by who must act.

    Error
    |-- Malformed           their bytes: what was expected, what was found
    |-- Usage               their request cannot mean anything
    |   `-- Conflict        it contradicts what is already there
    |-- NotFound            the thing they name is not here
    |-- Refused             a rule says no; carries every unmet requirement
    |   `-- Stale           an approval exists and no longer matches
    |-- Unproven            the answer cannot be proved from what is here
    |-- VerificationError   bytes contradict a signature, a tree or a format; carries a code
    |-- SourceError         the foreign system or file source does not answer
    `-- StoreError          the registry itself cannot be used
        |-- StoreTooNew     written by a newer version
        `-- StoreBusy       somebody else holds it

Bugs are not Errors; they crash.
"""

from typing import ClassVar


class Error(Exception):
    """Something we can tell the person; `hint` is the next step, as a command where there is one."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Malformed(Error):
    """Bytes somebody handed us are not what they should be."""

    exit_code = 2


class Usage(Error):
    """A request that cannot be carried out as it was put."""

    exit_code = 2


class Conflict(Usage):
    """A request that contradicts what the registry already holds."""


class NotFound(Error):
    """The thing named is not in this registry."""

    exit_code = 5


class Refused(Error):
    """A rule says no; `unmet` lists every requirement that is not met."""

    exit_code = 1

    def __init__(self, message: str, *, unmet: tuple[str, ...] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.unmet = unmet


class Stale(Refused):
    """An approval exists and no longer matches what it was given for."""

    exit_code = 4


class Unproven(Error):
    """The answer cannot be proved from what is here."""

    exit_code = 3


class VerificationError(Error):
    """Bytes contradict a signature, a tree or a format; `code` is one of trust.md section 4's names."""

    exit_code = 1

    def __init__(self, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(f"{code}: {message}", hint=hint)
        self.code = code


class SourceError(Error):
    """A foreign system or a source of files does not answer as it should."""

    exit_code = 6


class StoreError(Error):
    """The registry's own files cannot be used."""

    exit_code = 6


class StoreTooNew(StoreError):
    """The registry was written by a newer version of the program."""


class StoreBusy(StoreError):
    """Another process holds the registry for writing."""
