"""What follows an MLflow import: recording what was measured, and noticing tags of ours that changed."""

from typing import Any

from importers.mlflow.evaluation import Reading
from importers.mlflow.importer import MlflowSource
from importers.mlflow.own_tags import find_changed
from registry.acts.actor import Actor
from registry.acts.evaluate import record_evaluation
from registry.acts.links import find_names
from registry.registry import Registry
from registry.store.foreign_history import find_source
from registry.store.foreign_written import written_tags
from schemas.asset import VersionRef
from tui.importing_results import compute_results


def record_measured(
    registry: Registry, source: MlflowSource, actor: Actor | None, ref: VersionRef, reading: Reading
) -> list[dict[str, Any]]:
    """Record what MLflow measured about the version that `ref` is linked to; say what each thing held.

    Without an actor it is only said.
    """
    rows = []
    for model, version in find_names(registry, ref, source.kind, source.name):
        for item in source.measured(model, version, reading):
            computed = compute_results(f"{source.name}: {item.name}", item.data, item.results)
            done = [] if actor is None else record_evaluation(registry, actor, ref, computed)
            rows.append(
                {
                    "subject": str(ref),
                    "from": item.name,
                    "metrics": len(item.results.metrics),
                    "bias_checks": len(computed.checks),
                    "warnings": list(item.results.warnings),
                    "evidence": [{"type": t, "document": r.digest, "leaf": r.seq} for t, r in done],
                }
            )
    return rows


def changed_tags(registry: Registry, source: MlflowSource) -> list[dict[str, Any]]:
    """Return a warning for every tag of ours that is not as we wrote it; tags prove nothing."""
    number = find_source(registry.connection, source.kind, source.name)
    written = [] if number is None else written_tags(registry.connection, number)
    return [
        {"position": f"version {version} of {model}", "reason": f"{what}: it says nothing about the decision"}
        for model, version, what in find_changed(source.own_tags, written)
    ]
