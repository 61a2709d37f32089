"""Enrolled people as rows of `--json`."""

from collections.abc import Mapping
from typing import Any

from registry.trust.trust_root import Person


def person_row(
    person: Person, names: dict[str, str], dead: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return id, display name, roles and key ids of one person; `dead` says why a key signs nothing."""
    return {
        "person": person.id,
        "name": names.get(person.id, person.id),
        "roles": [
            {"role": r.role, "namespaces": list(r.namespaces), "environments": list(r.environments)}
            for r in person.roles
        ],
        "keys": [k.keyid for k in person.keys],
        "dead": {k.keyid: dead[k.keyid] for k in person.keys if k.keyid in dead} if dead else {},
    }
