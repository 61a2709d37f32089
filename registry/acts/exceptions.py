"""The exceptions made for a version, with the names and reasons that people read."""

from typing import Any

from registry.acts.actor import text_of
from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.exceptions import list_exceptions
from registry.rules.status import Status, status
from registry.views import ExceptionRow
from schemas.asset import VersionRef
from schemas.ledger import time_text


def exception_views(registry: Registry, found: Status) -> tuple[ExceptionRow, ...]:
    """Return every break-glass and override for one version in one environment, in log order."""
    rows = []
    for made in list_exceptions(found):
        body = registry.ledger.find_body(made.reason)
        rows.append(
            ExceptionRow(
                kind=made.kind,
                seq=made.leaf,
                time=made.time,
                said=registry.names.in_words(made.said),
                state=made.word,
                person=made.person,
                role=made.role,
                until=made.until,
                reason=None if body is None else text_of(body),
            )
        )
    return tuple(rows)


def read_exceptions(registry: Registry, ref: VersionRef, environment: str) -> tuple[ExceptionRow, ...]:
    """Return the exceptions made for `ref` in `environment`."""
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    return exception_views(registry, status(state, manifest, environment, time_text(registry.clock())))


def exception_rows(registry: Registry, found: Status) -> list[dict[str, Any]]:
    """Return the same for `--json`."""
    return [
        {
            "kind": row.kind,
            "leaf": row.seq,
            "time": row.time,
            "said": row.said,
            "state": row.state,
            "person": row.person,
            "name": registry.names.name_of(row.person) if row.person else None,
            "role": row.role or None,
            "until": row.until or None,
            "reason": row.reason,
        }
        for row in exception_views(registry, found)
    ]
