"""Enrolled people as rows of `--json`."""

from typing import Any

from registry.trust.trust_root import Person


def person_row(person: Person, names: dict[str, str]) -> dict[str, Any]:
    """Return id, display name, roles and key ids of one person."""
    return {
        "person": person.id,
        "name": names.get(person.id, person.id),
        "roles": [
            {"role": r.role, "namespaces": list(r.namespaces), "environments": list(r.environments)}
            for r in person.roles
        ],
        "keys": [k.keyid for k in person.keys],
    }
