"""Roles as people type them: `root`, `owner@retail`, `validator@retail,cards/production`."""

import re

from registry.trust.root_words import role_text
from registry.trust.trust_root import ROLES, Role
from schemas.errors import Usage

UNSCOPED = frozenset({"root", "policy"})
"""Roles that hold everywhere or not at all: there is one root and one policy set for all."""
_ROLE = re.compile(r"(?P<role>[a-z-]+)(@(?P<namespaces>[^/@]+)(/(?P<environments>[^/@]+))?)?")


def parse_role(text: str) -> Role:
    """Return the role spelled `ROLE[@namespace[/environment]]`; lists are joined by commas."""
    match = _ROLE.fullmatch(text)
    if match is None:
        raise Usage(f"{text!r} is no role", hint="write ROLE, ROLE@NAMESPACE or ROLE@NAMESPACE/ENVIRONMENT")
    namespaces, environments = (
        tuple((match[name] or "*").split(",")) for name in ("namespaces", "environments")
    )
    return check_role(Role(match["role"], namespaces, environments))


def check_role(role: Role) -> Role:
    """Return `role` when it can be granted; raise Usage when it is unknown, or scoped and must not be."""
    if role.role not in ROLES:
        raise Usage(f"no role is called {role.role!r}", hint=f"roles: {', '.join(sorted(ROLES))}")
    if role.role in UNSCOPED and not role.everywhere:
        raise Usage(
            f"the role {role.role} holds everywhere or not at all, found {role_text(role)}",
            hint=f"grant {role.role} without a namespace or an environment",
        )
    return role
