"""The policy checks of a version, each with the number that decided it, and the quorum."""

from registry.views import CheckRow, QuorumRow
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import Line, Part, Span, cell_count, clean, fit, heading, line, wrap
from tui.drawing.words import result_spans


def unmet(check: CheckRow) -> bool:
    """Tell whether a check needs attention."""
    return check.result in {"fail", "error"}


def summary_spans(checks: tuple[CheckRow, ...], glyphs: Glyphs) -> tuple[Span, ...]:
    """Return the counts that fit on one line: met, warnings, failures."""
    failed = [check for check in checks if unmet(check)]
    hard = sum(1 for check in failed if check.severity == "block")
    met = sum(1 for check in checks if check.result == "pass")
    return (
        Span(f"{glyphs.ok}{met} ", "ok" if met else "muted"),
        Span(f"{glyphs.warn}{len(failed) - hard} ", "warn" if len(failed) > hard else "muted"),
        Span(f"{glyphs.bad}{hard}", "bad" if hard else "muted"),
    )


def gate_list(checks: tuple[CheckRow, ...], policy: str, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one keyed row per check, with its sentence below when it is not met."""
    met = sum(1 for check in checks if not unmet(check))
    rows = [heading("CHECKS", width, glyphs.rule, f"{clean(policy)}  {met} of {len(checks)} met".strip())]
    if not checks:
        rows.append(line(("No check applies to this version and environment.", "muted")))
    for check in checks:
        rows.extend(_check_rows(check, width, glyphs))
    return rows


def _check_rows(check: CheckRow, width: int, glyphs: Glyphs) -> list[Line]:
    mark, word = result_spans(check.result, check.severity, glyphs)
    numbers = ", ".join(f"{name} {value}" for name, value in check.values)
    by = "" if check.by == "recomputed" else f" ({check.by})"
    right = f"{numbers}{by}"
    room = max(10, width - 11)
    # The sentence first: the numbers are told again where they were made.
    title, *rest = wrap(check.title, room)
    used = cell_count(title)
    parts: list[Part] = [mark, " ", Span(f"{word.text:<6} ", word.role), title]
    if right and room - used >= 8:
        parts += [" ", (fit(right, room - used - 1, more=glyphs.more, right=True), "info")]
    rows = [line(*parts, key=f"check:{check.rule}"), *(line(" " * 9, text) for text in rest)]
    if check.message and check.result != "pass":
        role = "warn" if unmet(check) else "muted"
        rows.extend(line(" " * 9, (text, role)) for text in wrap(check.message, width - 11))
    return rows


def quorum_lines(quorum: tuple[QuorumRow, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Return how many of each role have approved, as boxes and as words."""
    rows = [heading("QUORUM", width, glyphs.rule)]
    if not quorum:
        rows.append(line(("No approval is required here by the policy in force.", "muted")))
    for row in quorum:
        full = row.have >= row.need
        boxes = glyphs.full * min(row.have, 8) + glyphs.empty * max(0, min(row.need - row.have, 8))
        rows.append(
            line(
                (glyphs.ok if full else glyphs.warn, "ok" if full else "warn"),
                " ",
                fit(row.role, 18, more=glyphs.more),
                " ",
                (boxes, "ok" if full else "warn"),
                f" {row.have} of {row.need}, ",
                ("enough" if full else f"{row.need - row.have} missing", "ok" if full else "warn"),
            )
        )
    return rows
