"""What other tools reported, below the evidence: monitoring with its age, then evaluations."""

from registry.views import ReportRow
from tui.drawing.command_lines import next_command
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import BLANK, Line, clean, fit, heading, line

_TOOL, _SAID, _AGE = 12, 26, 10


def report_lines(reports: tuple[ReportRow, ...], subject: str, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one keyed row per report; that nothing is monitored is said."""
    seen = [row for row in reports if row.of == "monitoring"]
    others = [row for row in reports if row.of != "monitoring"]
    rows = [heading("MONITORING", width, glyphs.rule, f"{len(seen)} reports, newest first")]
    if seen:
        rows += [_row(row, width, glyphs) for row in seen]
    else:
        rows.append(line((f"{glyphs.warn} Nothing is known of this version in use.", "warn")))
        rows.append(line(("Add some:  ", "muted"), (clean(next_command("monitoring", subject)), "info")))
    if others:
        rows += [BLANK, heading("EVALUATIONS", width, glyphs.rule, f"{len(others)} reports, newest first")]
        rows += [_row(row, width, glyphs) for row in others]
    return rows


def _row(row: ReportRow, width: int, glyphs: Glyphs) -> Line:
    title = max(12, width - _TOOL - _SAID - _AGE - 5)
    age = "today" if row.age == 0 else f"{row.age} d old"
    said, role = _said(row, glyphs)
    return line(
        f"{fit(row.tool, _TOOL, more=glyphs.more)} {fit(row.title, title, more=glyphs.more)} ",
        (fit(said, _SAID, more=glyphs.more), role),
        (f" {age:>{_AGE}}", "muted"),
        key=f"evidence:{row.digest}",
    )


def _said(row: ReportRow, glyphs: Glyphs) -> tuple[str, str]:
    if row.state:
        return f"{glyphs.bad} {row.state}", "bad"
    if row.alarming:
        return f"{glyphs.bad} {row.alarming} of {row.checked} alarming", "bad"
    if row.checked:
        return f"{glyphs.ok} {row.checked} checks, none alarming", "ok"
    return f"{row.numbers} numbers, no verdict", "muted"
