"""Naming the run that trained a version: found among what was imported, never guessed."""

from registry.acts.register import TrainingRun
from registry.registry import Registry
from schemas.errors import NotFound, Usage
from schemas.observation import Name

_SQL = (
    "SELECT source.name, run.run_id, node.namespace, node.name FROM run "
    "JOIN node ON node.id = run.job JOIN source ON source.id = run.source "
    "WHERE run.run_id = ? ORDER BY 1, 3, 4"
)


def get_training_run(registry: Registry, text: str) -> TrainingRun:
    """Return the imported run `RUN-ID`, or `RUN-ID@JOB` where jobs share an id; raise unless it is one."""
    run_id, _, job = text.partition("@")
    spellings = {run_id, run_id.lower(), _dashed(run_id)}
    found = [
        TrainingRun(source, found_id, Name(namespace, name))
        for spelling in sorted(spellings)
        for source, found_id, namespace, name in registry.connection.execute(_SQL, (spelling,))
        if not job or job == name
    ]
    if not found:
        raise NotFound(f"no imported run has the id {text!r}", hint="muniment runs --filter TEXT")
    jobs = {run.job for run in found}
    if len(jobs) > 1:
        names = ", ".join(sorted(f"{run_id}@{j.name}" for j in jobs))
        raise Usage(f"several jobs share the run id {run_id}: {names}", hint="name one of them")
    return found[0]


def _dashed(text: str) -> str:
    """Return 32 hex digits, as MLflow writes run ids, in the form of a UUID."""
    if len(text) != 32 or "-" in text:
        return text
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).lower()
