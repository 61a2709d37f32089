"""Statuses: of one version, or of the whole portfolio."""

from typing import Any

from registry.acts.exceptions import exception_rows
from registry.acts.heads import granting_size
from registry.acts.state import read_state
from registry.acts.unsealed import read_unsealed
from registry.acts.wording import words_of
from registry.registry import Registry
from registry.rules.break_glass import alarm
from registry.rules.receipt import decide
from registry.rules.status import status
from registry.trust.state import State
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.ledger import time_text


def environments_of(state: State, manifest: Digest) -> tuple[str, ...]:
    """Return the environments a decision was ever asked for, in name order."""
    return tuple(sorted(state.environments.get(manifest, ())))


def list_statuses(
    registry: Registry, ref: VersionRef | None, environment: str | None
) -> list[dict[str, Any]]:
    """Return one row per version and environment; a version never asked about has one row without any."""
    chosen = [(ref, registry.get_manifest(ref))] if ref is not None else list(registry.versions.all())
    now = time_text(registry.clock())
    signed, since = granting_size(registry), read_unsealed(registry).since
    rows = []
    for name, manifest in chosen:
        state = read_state(registry, manifest)
        known = environments_of(state, manifest)
        wanted = (environment,) if environment else (known or ("",))
        rows += [status_row(registry, state, name, manifest, where, now, signed, since) for where in wanted]
    return rows


def status_row(
    registry: Registry,
    state: State,
    ref: VersionRef,
    manifest: Digest,
    environment: str,
    time: str,
    signed: int,
    unsealed_since: str | None = None,
) -> dict[str, Any]:
    """Return the row of one version in one environment at `time`, under a signed head of `signed` leaves."""
    found = status(state, manifest, environment, time)
    answer = decide(state, manifest, environment, time, signed, unsealed_since)
    words = words_of(registry, state, manifest)
    return {
        "subject": str(ref),
        "manifest": manifest,
        "environment": environment or None,
        "status": found.status,
        "version_state": found.version_state,
        "verdict": answer.verdict,
        "dossier": found.dossier,
        "causes": [{"part": c.part, "cause": c.cause} for c in found.causes],
        "alarm": words(alarm(found)) or None,
        "exceptions": exception_rows(registry, found),
        "why": [words(why) for why in found.why],
        "next": [words(step) for step in found.next],
        "unproven": [words(why) for why in found.unproven],
    }
