"""The exceptions a registry made: break-glasses and overridden rejections, named in every bundle with one."""

from collections.abc import Callable
from typing import Any

from registry.bundle.findings import Findings
from registry.rules.exceptions import list_exceptions
from registry.rules.status import Status, status
from registry.trust.state import BreakGlass, Override, State
from schemas.digest import Digest

CHECK = "exceptions"
_EXCEPTIONS = (BreakGlass, Override)
_CODES = {"break-glass": "BREAK_GLASS", "override": "REJECTION_OVERRIDDEN"}


def note_exceptions(state: State, findings: Findings) -> None:
    """Name every break-glass and every overridden rejection that the log's records tell of."""
    for manifest, environment in sorted(state.reviews):
        if not any(isinstance(event, _EXCEPTIONS) for event in state.reviews[manifest, environment]):
            continue
        found = status(state, manifest, environment, state.time)
        for made in list_exceptions(found):
            said = f"{found.ref} for {environment}: {made.said}: {made.word}"
            findings.note(CHECK, _CODES[made.kind], said)


def exceptions_of(found: Status, text_of: Callable[[Digest], str]) -> list[dict[str, Any]]:
    """Return the exceptions made for one version in one environment, each with the reason given."""
    return [
        {
            "kind": made.kind,
            "leaf": made.leaf,
            "loggedAt": made.time,
            "reason": text_of(made.reason),
            "said": made.said,
            "state": made.word,
        }
        for made in list_exceptions(found)
    ]
