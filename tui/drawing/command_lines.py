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
