"""What a verifier found: every check says PASS, FAIL or UNPROVEN, and no silence looks like PASS."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from registry.bundle.words import one_line
from schemas.errors import VerificationError

Result = Literal["PASS", "FAIL", "UNPROVEN", "NOTE"]


class Finding(msgspec.Struct, frozen=True):
    """One check's result. A NOTE is named in the answer and changes no verdict."""

    check: str
    result: Result
    code: str = ""
    message: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the finding as the record and `--json` print it."""
        return {"check": self.check, "code": self.code, "message": self.message, "result": self.result}


class Findings:
    """A list that grows while a bundle is examined."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def fail(self, check: str, code: str, message: str) -> None:
        """Add what contradicts the bundle."""
        self._add(check, "FAIL", code, message)

    def unproven(self, check: str, code: str, message: str) -> None:
        """Add what cannot be proved from the bundle."""
        self._add(check, "UNPROVEN", code, message)

    def note(self, check: str, code: str, message: str) -> None:
        """Add what is named without changing the verdict."""
        self._add(check, "NOTE", code, message)

    def refuse(self, check: str, error: VerificationError) -> None:
        """Add a refusal under its own code."""
        self.fail(check, error.code, error.message.removeprefix(f"{error.code}: "))

    def settle(self, check: str, message: str) -> None:
        """Say PASS for a check of which nothing bad was found."""
        if not any(f.check == check and f.result in ("FAIL", "UNPROVEN") for f in self.all):
            self._add(check, "PASS", "", message)

    def _add(self, check: str, result: Result, code: str, message: str) -> None:
        # A message may hold words of a record: none of them writes a line of the verifier.
        self.all.append(Finding(check, result, code, one_line(message)))


def worst(findings: Iterable[Finding]) -> Result:
    """Return FAIL when anything failed, else UNPROVEN when anything is unproven, else PASS."""
    results = {f.result for f in findings}
    return "FAIL" if "FAIL" in results else "UNPROVEN" if "UNPROVEN" in results else "PASS"


def codes_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the codes found, each once, sorted."""
    return tuple(sorted({f.code for f in findings if f.code}))
