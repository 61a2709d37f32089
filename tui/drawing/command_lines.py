"""Which command line shows what a screen shows."""

import shlex

from registry.views import QueueView

_TABS = {
    "overview": "muniment status {subject} --env {environment}",
    "risk": "muniment risk show {subject}",
    "fairness": "muniment bias show {subject}",
    "lineage": "muniment lineage +{subject}",
    "evidence": "muniment evidence list {subject}",
    "approvals": "muniment status {subject} --env {environment} --json",
    "audit": "muniment audit log",
    "changes": "muniment changes {subject} --env {environment}",
}
_VIEWS = {
    QueueView.WAITING: "muniment queue",
    QueueView.ATTENTION: "muniment status",
    QueueView.ALL: "muniment status",
}


_NEXT = {
    "risk": "muniment risk assess FILE --for {subject}",
    "fairness": "muniment bias check FILE --attribute COLUMN --for {subject}",
    "lineage": "muniment link {subject} --run RUN",
    "evidence": "muniment evidence add FILE --kind KIND --for {subject}",
    "monitoring": "muniment import monitoring FILE --for {subject}",
    "request": "muniment request {subject} --env {environment}",
}
KEY_COMMAND = "muniment key enrol NAME"


def next_command(what: str, subject: str, environment: str = "") -> str:
    """Return the command that records what a version lacks."""
    return _NEXT[what].format(subject=shlex.quote(subject), environment=shlex.quote(environment))


def leaf_command(seq: int) -> str:
    """Return the command that prints one record of the log."""
    return f"muniment audit log --after {seq - 1} --limit 1"


def evidence_command(digest: str) -> str:
    """Return the command that writes one stored document."""
    return shlex.join(["muniment", "evidence", "get", digest])


def tab_command(tab: str, subject: str, environment: str) -> str:
    """Return the command for one tab of a version's page, ready for a shell."""
    return _TABS[tab].format(subject=shlex.quote(subject), environment=shlex.quote(environment))


def queue_command(view: QueueView) -> str:
    """Return the command for one list of the queue."""
    return _VIEWS[view]


def decision_command(decision: str, subject: str, environment: str, role: str) -> str:
    """Return the command that signs the same decision."""
    return shlex.join(
        ["muniment", decision, subject, "--env", environment, "--role", role, "--reason", "TEXT"]
    )
