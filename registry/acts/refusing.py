"""What a person is told when the fold would not count the record they are about to sign."""

import re

from registry.trust.state import Problem
from schemas.errors import Refused

_NEXT = {
    "SEPARATION_OF_DUTIES": "ask somebody who did not make this version",
    "ROLE_MISSING": "muniment key list shows who holds which role",
    "DOSSIER_CHANGED": "ask for a new decision with muniment request",
    "DOSSIER_CLOSED": "decide on the newest request",
    "POLICY_NOT_IN_FORCE": "try again: the policy set changed meanwhile",
    "BREAK_GLASS_REFUSED": "muniment policy show says who may break the glass, and for how long",
    "KEY_REVOKED": "sign with a key that is in force",
    "KEY_SUSPENDED": "root persons reinstate it: muniment key reinstate",
}
_WHERE = re.compile(r"^[a-z-]+ at leaf [0-9]+: ")


def refused(problem: Problem) -> Refused:
    """Return the refusal in words: the code once, no leaf that was never written, a next step."""
    said = _WHERE.sub("", problem.message.removeprefix(f"{problem.code}: "))
    return Refused(
        f"{problem.code}: {said}", hint=_NEXT.get(problem.code, "muniment audit log shows what is recorded")
    )
