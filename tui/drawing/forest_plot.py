"""Bias checks as intervals on one axis, with three lamps and the small-sample mark per group.

The four-fifths limit is compared in integers; the axis is only a picture.
"""

import msgspec

from registry.views import BiasCheck, GroupRow, Ratio
from tui.drawing.command_lines import next_command
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import BLANK, Line, Part, Span, clean, fit, heading, line, short
from tui.drawing.words import level_span

LOW, HIGH = 0.5, 1.3
LIMIT = Ratio(4, 5)


def verdict(group: GroupRow) -> tuple[str, str]:
    """Return role and words for a group: pass, FAIL, inconclusive, reference, excluded or unknown."""
    if group.reference or group.excluded:
        return "muted", f"excluded: {clean(group.excluded)}" if group.excluded else "reference"
    if group.below_four_fifths is None:
        return "warn", "cannot be computed"
    small = ", small sample" if group.small_sample else ""
    if group.below_four_fifths:
        return "bad", f"FAIL below 4/5{small}"
    if group.interval == "uncertain":
        return "warn", f"inconclusive: spans 4/5{small}"
    if group.small_sample:
        return "warn", "inconclusive: small sample"
    return "ok", "pass"


def decimal(ratio: Ratio | None, places: int = 3) -> str:
    """Return a ratio for people, rounded half-even, or words when there is none."""
    if ratio is None or ratio.den == 0:
        return "none"
    scaled = 10**places
    whole, rest = divmod(ratio.num * scaled, ratio.den)
    if rest * 2 > ratio.den or (rest * 2 == ratio.den and whole % 2):
        whole += 1
    return f"{whole // scaled}.{whole % scaled:0{places}d}"


def fairness_lines(checks: tuple[BiasCheck, ...], subject: str, width: int, glyphs: Glyphs) -> list[Line]:
    """Return every check with its plot; without any, what that means."""
    if not checks:
        return [
            line((f"{glyphs.bad} No bias check is recorded for this version.", "bad")),
            line("That is a finding, not a pass: checks that ask for one fail."),
            line(
                ("Record one:  ", "muted"),
                (clean(next_command("fairness", subject)), "info"),
            ),
        ]
    rows: list[Line] = []
    for check in checks:
        rows += [*bias_lines(check, width, glyphs), BLANK]
    return [*rows, *legend(width, glyphs)]


def bias_lines(check: BiasCheck, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one attribute: what was compared, the axis, one keyed row per group."""
    columns = Columns.for_width(width)
    note = f"rule {check.rule}, reference {check.reference}, {check.polarity}"
    note = fit(note, max(8, width - len(check.attribute) - 4), more=glyphs.more).rstrip()
    level = level_span(check.level, glyphs)
    about = f"{short(check.document)}  unknown {check.unknown}  {check.method or 'method not stated'}"
    room = max(8, width - 8 - len(level.text))
    told = line(("level ", "muted"), level, "  ", (fit(about, room, more=glyphs.more), "muted"))
    rate = f"{'rate':>6} " if columns.rate else ""
    head = line(
        (f"{'GROUP':<{columns.group}} {'n':>7}  {rate}", "head"),
        (_scale(columns.axis), "muted"),
        (" ratio r i s", "head"),
    )
    return [
        heading(clean(check.attribute), width, glyphs.rule, note),
        told,
        head,
        *(_group_line(check, group, columns, width, glyphs) for group in check.groups),
    ]


class Columns(msgspec.Struct, frozen=True):
    """How many cells each part of a row takes; a narrow screen has no rate and a short axis."""

    group: int
    rate: bool
    axis: int

    @classmethod
    def for_width(cls, width: int) -> "Columns":
        """Share the width out: the words of the verdict need most of it on a narrow screen."""
        if width < 100:
            return cls(14, rate=False, axis=max(12, min(24, width - 62)))
        return cls(18, rate=True, axis=max(24, min(60, width - 90)))

    @property
    def words(self) -> int:
        """Where the verdict begins."""
        return self.group + 9 + (7 if self.rate else 0) + self.axis + 6 + 7 + 1


def _group_line(check: BiasCheck, group: GroupRow, columns: Columns, width: int, glyphs: Glyphs) -> Line:
    role, words = verdict(group)
    small = (glyphs.warn, "warn") if group.small_sample else (" ", "")
    mark = {"ok": glyphs.ok, "bad": glyphs.bad, "warn": glyphs.warn}.get(role, " ")
    parts: list[Part] = [
        fit(group.label, columns.group, more=glyphs.more),
        (f" {group.n:>7}", "warn" if group.small_sample else "muted"),
        small,
    ]
    if columns.rate:
        parts.append((f" {decimal(group.rate):>6}", "muted"))
    ratio = "ref" if group.reference else decimal(group.impact_ratio)
    parts += [
        " ",
        *plot(group, columns.axis, role, glyphs),
        (f" {ratio:>5} ", "strong"),
        *lamps(group, glyphs),
    ]
    room = max(4, width - columns.words - 2)
    parts += [(mark, role), (" " + fit(words, room, more=glyphs.more).rstrip(), role)]
    return line(*parts, key=f"group:{check.attribute}:{group.label}")


def lamps(group: GroupRow, glyphs: Glyphs) -> list[Part]:
    """Return the three lamps: ratio, interval, significance. Raised is a cross, unknown a dot."""
    states = (
        _state(raised=group.below_four_fifths),
        {"clearly below": "bad", "uncertain": "warn", "clearly above": "ok"}.get(
            group.interval or "", "none"
        ),
        _state(raised=group.significant),
    )
    shown: list[Part] = []
    for state in states:
        known = not group.reference and not group.excluded and state != "none"
        shown.append((f"{getattr(glyphs, state)} ", state) if known else (f"{glyphs.none} ", "muted"))
    return shown


def _state(*, raised: bool | None) -> str:
    return "none" if raised is None else "bad" if raised else "ok"


def plot(group: GroupRow, axis: int, role: str, glyphs: Glyphs) -> list[Part]:
    """Return the axis row: interval, estimate, limit and parity on the shaded zone that is allowed."""
    marks: dict[int, tuple[str, str]] = {
        cell(1.0, axis): (glyphs.parity, "line"),
        cell(LIMIT.num / LIMIT.den, axis): (glyphs.limit, "line"),
    }
    low, high = number(group.ci_low), number(group.ci_high)
    if low is not None and high is not None and not group.excluded:
        start, end = cell(low, axis), cell(high, axis)
        marks.update(dict.fromkeys(range(start, end + 1), (glyphs.ci_line, role)))
        marks[start] = (glyphs.ci_left if low >= LOW else glyphs.left, role)
        marks[end] = (glyphs.ci_right if high <= HIGH else glyphs.right, role)
    if group.reference:
        marks[cell(1.0, axis)] = (glyphs.reference, "muted")
    elif group.impact_ratio and group.impact_ratio.den and not group.excluded:
        marks[cell(group.impact_ratio.num / group.impact_ratio.den, axis)] = (glyphs.dot, role)
    return [_in_zone(marks.get(at), at, axis) for at in range(axis)]


def _in_zone(mark: tuple[str, str] | None, at: int, axis: int) -> Span:
    text, role = mark or (" ", "")
    if not cell(LIMIT.num / LIMIT.den, axis) < at <= cell(1.25, axis):
        return Span(text, role)
    return Span(text, {"": "zone", "line": "zone-line", "muted": "zone-line"}.get(role, f"zone-{role}"))


def cell(value: float, axis: int) -> int:
    """Return where a ratio stands on the axis; what lies outside stands at the edge."""
    return max(0, min(axis - 1, round((value - LOW) / (HIGH - LOW) * (axis - 1))))


def number(text: str | None) -> float | None:
    """Return the decimal string as a number for drawing only."""
    return float(text) if text else None


def _scale(axis: int) -> str:
    row = [" "] * axis
    # On a short axis 0.8 and 1.0 would touch and read as one number.
    for tick in (0.6, 0.8, 1.0, 1.2) if axis >= 24 else (0.6, 0.8, 1.2):
        at = min(cell(tick, axis) - 1, axis - 3)
        row[at : at + 3] = list(f"{tick:.1f}")
    return "".join(row)


def legend(width: int, glyphs: Glyphs) -> list[Line]:
    """Return what the marks mean."""
    interval = f"{glyphs.ci_left}{glyphs.ci_line}{glyphs.ci_right}"
    marks = (
        f"{glyphs.dot} estimate  {interval} 95 % interval  {glyphs.limit} four-fifths  {glyphs.parity} parity"
    )
    lamp = f"lamps: r ratio and i interval against 4/5, s significance   n{glyphs.warn} small sample"
    return [line((text[:width], "muted")) for text in (f"{marks}  {glyphs.reference} reference", lamp)]


def group_detail(check: BiasCheck, group: GroupRow, glyphs: Glyphs) -> list[Line]:
    """Return one group's numbers, exactly as recorded."""
    role, words = verdict(group)
    ratio = group.impact_ratio
    facts = [
        ("selected", f"{group.selected} of {group.n}"),
        ("rate", f"{decimal(group.rate, 6)}"),
        ("impact ratio", f"{ratio.num}/{ratio.den} = {decimal(ratio, 6)}" if ratio else "none"),
        ("limit", "4/5, compared in integers"),
        ("interval", f"{group.ci_low} to {group.ci_high}" if group.ci_low and group.ci_high else "none"),
        ("p value", group.p or "none"),
        ("method", check.method or "not stated"),
        ("document", check.document),
    ]
    return [
        line((f"{clean(check.attribute)}: {clean(group.label)}", "strong"), "   ", (words, role)),
        *(line((f"{name:<13}", "muted"), clean(value)) for name, value in facts),
        line(
            ("lamps        ", "muted"),
            *lamps(group, glyphs),
            (f"ratio, interval {group.interval or 'unknown'}, significance", "muted"),
        ),
    ]
