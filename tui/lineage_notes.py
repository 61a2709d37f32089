"""What a lineage says beside its graph: jobs shown as one, names joined over two histories, drift."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.output import counted

if TYPE_CHECKING:
    from registry.rules.drift import Drift
    from registry.rules.lineage import Lineage

_USED = {"input": "reads", "output": "writes"}


def notes(found: "Lineage") -> Iterator[str]:
    """Yield one line per thing that the graph itself does not show."""
    from registry.rules.job_identity import STATEMENT  # noqa: PLC0415 - with the command that shows it
    from registry.rules.naming import without_secrets  # noqa: PLC0415

    statements = Counter(fold.into for fold in found.folds if fold.why == STATEMENT)
    for job, number in sorted(statements.items()):
        yield f"shown in {without_secrets(job)}: {counted(number, 'SQL statements')}"
    for fold in found.folds:
        if fold.why != STATEMENT:
            yield f"shown as one: {without_secrets(fold.name)} in {without_secrets(fold.into)} ({fold.why})"
    for a, b in found.joined:
        yield f"joined by an alias, though runs wrote either: {without_secrets(a)} and {without_secrets(b)}"
    yield from (without_secrets(drift_line(drift)) for drift in found.drift)


def drift_line(drift: "Drift") -> str:
    """Return one difference between what a job declares and what it did, in words."""
    used = _USED[drift.direction]
    if drift.kind == "declared-only":
        return f"drift: {drift.job} declares that it {used} {drift.dataset}; no run did"
    return f"drift: {drift.job} {used} {drift.dataset}, which it does not declare"
