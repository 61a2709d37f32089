"""The seven tabs of a version's page."""

from collections.abc import Callable

from registry.views import VersionPage
from tui.drawing.command_lines import next_command
from tui.drawing.forest_plot import fairness_lines
from tui.drawing.glyphs import Glyphs
from tui.drawing.lineage_graph import LineageGraph
from tui.drawing.lineage_lines import lineage_head, table_lines, tree_lines
from tui.drawing.lines import BLANK, Line, clean, line
from tui.drawing.overview import overview
from tui.drawing.records import approval_lines, audit_lines, evidence_lines, exception_lines
from tui.drawing.reports import report_lines
from tui.drawing.risk import risk_lines

TABS = ("overview", "risk", "fairness", "lineage", "evidence", "approvals", "audit")


def tab_lines(
    page: VersionPage,
    tab: str,
    width: int,
    glyphs: Glyphs,
    *,
    residual: bool = False,
    way: str = "tree",
    graph: LineageGraph | None = None,
) -> list[Line]:
    """Return one tab as lines."""
    subject = page.identity.subject
    tabs: dict[str, Callable[[], list[Line]]] = {
        "overview": lambda: overview(page, width, glyphs),
        "risk": lambda: risk_lines(page.risk, subject, width, glyphs, residual=residual),
        "fairness": lambda: fairness_lines(page.bias, subject, width, glyphs),
        "lineage": lambda: lineage_tab(page, graph, way, width, glyphs),
        "evidence": lambda: [
            *evidence_lines(page.evidence, subject, width, glyphs),
            BLANK,
            *report_lines(page.reports, subject, width, glyphs),
        ],
        "approvals": lambda: [
            *approval_lines(page.approvals, page.quorum, width, glyphs),
            *exception_lines(page.exceptions, width, glyphs),
        ],
        "audit": lambda: audit_lines(page.audit, width, glyphs),
    }
    return tabs[tab]()


def lineage_tab(
    page: VersionPage, graph: LineageGraph | None, way: str, width: int, glyphs: Glyphs
) -> list[Line]:
    """Return the lineage as a tree or a table; without one, what that means."""
    if page.lineage is None or graph is None or graph.root not in graph.nodes:
        return [
            line((f"{glyphs.bad} No lineage is known for this version: no training run is named.", "bad")),
            line("That is a finding, not a pass: checks on lineage fail."),
            line(
                ("Name the run:  ", "muted"), (clean(next_command("lineage", page.identity.subject)), "info")
            ),
        ]
    draw = table_lines if way == "table" else tree_lines
    head = lineage_head(graph, page.lineage.weakest, way, glyphs)
    return [head, BLANK, *draw(graph, width, glyphs)]
