"""The page behind a row: a risk, a group, a document, a decision, a record, a node."""

from collections.abc import Callable

from registry.views import EvidenceRow, ReportRow, VersionPage
from schemas.digest import Digest
from tui.desk import Desk
from tui.drawing.command_lines import evidence_command, leaf_command
from tui.drawing.forest_plot import group_detail
from tui.drawing.glyphs import Glyphs
from tui.drawing.lineage_graph import LineageGraph
from tui.drawing.lines import Line, line, wrap
from tui.drawing.records import approval_lines, exception_lines, leaf_lines
from tui.drawing.risk import risk_detail
from tui.screens.pager import PagerScreen, document_lines


def detail_screen(
    desk: Desk, page: VersionPage | None, kind: str, name: str, command: str
) -> PagerScreen | None:
    """Return the page behind the row `kind:name`, if there is one; documents are noted as opened."""
    if page is None:
        return None
    if kind == "evidence":
        return _document(desk, page, Digest(name))
    draw = _drawer(desk, page, kind, name)
    if draw is None:
        return None
    own = leaf_command(int(name)) if kind in {"leaf", "approval", "exception"} else command
    return PagerScreen(desk, f"{page.identity.subject}: {kind} {name.rpartition(':')[2]}", own, draw)


def _document(desk: Desk, page: VersionPage, digest: Digest) -> PagerScreen:
    body = desk.open(page.identity.subject, digest)
    listed: tuple[EvidenceRow | ReportRow, ...] = (*page.evidence, *page.reports)
    title = next((item.title for item in listed if item.digest == digest), digest)

    def draw(width: int) -> list[Line]:
        if body is None:
            state = next((item.state for item in listed if item.digest == digest), "")
            why = state if state.startswith("erased") else "not in this registry"
            return [line((f"{desk.glyphs.bad} The bytes of this document are {why}.", "bad"))]
        return document_lines(body, width)

    return PagerScreen(desk, f"{title}  {digest}", evidence_command(digest), draw)


def _drawer(desk: Desk, page: VersionPage, kind: str, name: str) -> Callable[[int], list[Line]] | None:
    glyphs = desk.glyphs
    if kind == "risk" and page.risk:
        for risk in page.risk.register:
            if risk.id == name:
                return lambda width: risk_detail(risk, width, glyphs)
    if kind == "group":
        for check in page.bias:
            for group in check.groups:
                if f"{check.attribute}:{group.label}" == name:
                    return lambda _: group_detail(check, group, glyphs)
    if kind in {"approval", "exception"}:
        return lambda width: _recorded(page, kind, name, width, glyphs)
    if kind == "leaf":
        for leaf in page.audit:
            if str(leaf.seq) == name:
                return lambda width: leaf_lines(leaf, width)
    if kind == "node":
        return _node(page, name.partition(":")[2])
    return None


def _recorded(page: VersionPage, kind: str, name: str, width: int, glyphs: Glyphs) -> list[Line]:
    if kind == "approval":
        rows = tuple(row for row in page.approvals if str(row.seq) == name)
        return approval_lines(rows, page.quorum, width, glyphs)
    made = tuple(row for row in page.exceptions if str(row.seq) == name)
    return exception_lines(made, width, glyphs)


def _node(page: VersionPage, name: str) -> Callable[[int], list[Line]] | None:
    for node in LineageGraph(page.lineage).nodes.values() if page.lineage else ():
        if node.id == name:
            facts = {
                "kind": node.kind,
                "name": node.name,
                "version": node.version or "none is stated",
                "digest": node.digest or "none is known",
                "level": node.level,
                "note": node.note,
            }
            return lambda width: [
                line((f"{label if not index else '':<9}", "muted"), text)
                for label, value in facts.items()
                for index, text in enumerate(wrap(value, width - 10))
            ]
    return None
