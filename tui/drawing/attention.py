"""Which rows of a tab need attention: what `n` goes to."""

from collections.abc import Callable

from registry.views import VersionPage
from tui.drawing.forest_plot import verdict
from tui.drawing.gate_list import unmet
from tui.drawing.lineage_graph import LineageGraph


def attention_keys(page: VersionPage, tab: str) -> list[str]:
    """Return the keys of the rows that are not as they should be; for the lineage, the nodes."""
    find = _WEAK.get(tab)
    return find(page) if find else []


def _risks(page: VersionPage) -> list[str]:
    register = page.risk.register if page.risk else ()
    scores = ((risk, risk.residual or risk.inherent) for risk in register)
    return [f"risk:{risk.id}" for risk, score in scores if score and score.rating in {"high", "critical"}]


def _groups(page: VersionPage) -> list[str]:
    rows = ((check, group) for check in page.bias for group in check.groups)
    return [f"group:{c.attribute}:{g.label}" for c, g in rows if verdict(g)[0] in {"bad", "warn"}]


def _nodes(page: VersionPage) -> list[str]:
    nodes = LineageGraph(page.lineage).nodes.values() if page.lineage else ()
    return [node.id for node in nodes if node.level in {"absent", "inferred"}]


def _documents(page: VersionPage) -> list[str]:
    kept = [item.digest for item in page.evidence if item.state != "current"]
    told = [row.digest for row in page.reports if row.alarming or row.state]
    return [f"evidence:{digest}" for digest in (*kept, *told)]


_WEAK: dict[str, Callable[[VersionPage], list[str]]] = {
    "overview": lambda page: [f"check:{check.rule}" for check in page.checks if unmet(check)],
    "risk": _risks,
    "fairness": _groups,
    "lineage": _nodes,
    "evidence": _documents,
    "approvals": lambda page: [f"approval:{row.seq}" for row in page.approvals if not row.counts],
}
