"""All about one thing that a reference names: a registered version, a run, a dataset or a job."""

import re
from typing import Any
from uuid import UUID

from registry.acts.show_node import show_dataset, show_job
from registry.acts.show_run import ReadStatement, show_run
from registry.acts.state import read_state
from registry.acts.statuses import list_statuses
from registry.registry import Registry
from registry.rules.naming import without_secrets
from registry.store.kin import jobs_among
from registry.store.neighbourhood import find_start
from registry.store.run_events import RunRow, find_events, find_runs
from schemas.asset import VersionRef, parse_version_ref
from schemas.digest import Digest
from schemas.errors import NotFound, Usage

_EVENT = re.compile(r"sha256:[0-9a-fA-F]{8,64}")


def show(registry: Registry, text: str, namespace: str, read: ReadStatement) -> dict[str, Any]:
    """Return what `text` names, its `kind` first; raise NotFound when nothing is called so.

    A run is named by its id, or by `ID@NAMESPACE:JOB` where several jobs ran under one id; an event by
    `sha256:` and at least eight digits of its digest.
    """
    if _EVENT.fullmatch(text):
        return _show_event(registry, text.removeprefix("sha256:").lower())
    version = _version(registry, text, namespace)
    if version is not None:
        return _show_version(registry, *version)
    run = _run(registry, text)
    if run is not None:
        return show_run(registry.connection, run, read)
    node = find_start(registry.connection, text)[0]
    shown = show_job if jobs_among(registry.connection, [node]) else show_dataset
    return shown(registry.connection, node)


def _show_event(registry: Registry, digest: str) -> dict[str, Any]:
    found = find_events(registry.connection, digest)
    if not found:
        raise NotFound(f"no event taken in has the digest sha256:{digest}", hint="muniment show RUN")
    if len(found) > 1:
        raise Usage(f"several events begin with sha256:{digest}", hint="give more digits")
    event, run_id = found[0]
    return {
        "kind": "event",
        "digest": event.digest,
        "source": {"kind": event.kind, "name": event.source},
        "run_id": run_id,
        "size": len(event.raw),
        "text": event.raw.decode("utf-8", "backslashreplace"),
    }


def _run(registry: Registry, text: str) -> RunRow | None:
    run_id, _, job = text.partition("@")
    try:
        found = find_runs(registry.connection, str(UUID(run_id)))
    except ValueError:
        return None
    named = [run for run in found if not job or job in (run.key.job.name, _full(run))]
    if len(named) > 1:
        seen = [run for run in named if run.events]
        if len(seen) != 1:
            jobs = ", ".join(without_secrets(_full(run)) for run in named[:12])
            raise Usage(
                f"several jobs ran under {run_id[:60]!r}: {jobs}", hint=f"write {run_id[:60]}@NAMESPACE:JOB"
            )
        named = seen
    return named[0] if named else None


def _full(run: RunRow) -> str:
    return f"{run.key.job.namespace}:{run.key.job.name}"


def _version(registry: Registry, text: str, namespace: str) -> tuple[VersionRef, Digest] | None:
    try:
        ref = parse_version_ref(text, namespace=namespace)
    except Usage:
        return None
    manifest = registry.versions.find_manifest(ref)
    return None if manifest is None else (ref, manifest)


def _show_version(registry: Registry, ref: VersionRef, manifest: Digest) -> dict[str, Any]:
    version = read_state(registry, manifest).find_version(manifest)
    stands: dict[str, Any] = {"stands": False}
    if version is not None:
        stands = {
            "stands": True,
            "artifact": str(version.artifact),
            "authors": list(version.authors),
            "runs": list(version.runs),
            "leaf": version.by.seq,
        }
    return {
        "kind": "version",
        "subject": str(ref),
        "manifest": str(manifest),
        **stands,
        "statuses": list_statuses(registry, ref, None),
    }
