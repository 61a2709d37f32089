"""Bias checks as intervals on one axis, with three lamps and the small-sample mark per group.

The four-fifths limit is compared in integers; the axis is only a picture.
"""

from registry.views import BiasCheck, GroupRow, Ratio
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import BLANK, Line, Part, Span, clean, fit, heading, line, short
from tui.drawing.words import level_span

LOW, HIGH = 0.5, 1.3
LIMIT = Ratio(4, 5)
GROUP, COUNTS = 18, 15


def verdict(group: GroupRow) -> tuple[str, str]:
    """Return role and words for a group: pass, FAIL, inconclusive, reference, excluded or unknown."""
    if group.reference or group.excluded:
        return "muted", f"excluded: {clean(group.excluded)}" if group.excluded else "reference"
    if group.below_four_fifths is None:
        return "warn", "cannot be computed"
    small = ", small sample" if group.small_sample else ""
    if group.below_four_fifths:
        return "bad", f"FAIL below 4/5{small}"
    if group.interval_below:
        return "warn", f"inconclusive, interval crosses 4/5{small}"
    if group.small_sample:
        return "warn", "inconclusive, small sample"
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
                (f"muniment bias check FILE --attribute A --for {clean(subject)}", "info"),
            ),
        ]
    rows: list[Line] = []
    for check in checks:
        rows += [*bias_lines(check, width, glyphs), BLANK]
    return [*rows, *legend(width, glyphs)]


def bias_lines(check: BiasCheck, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one attribute: what was compared, the axis, one keyed row per group."""
    axis = axis_width(width)
    note = f"rule {clean(check.rule)}, reference {clean(check.reference)}, {clean(check.polarity)}"
    told = line(
        ("level ", "muted"),
        level_span(check.level, glyphs),
        ("  ", ""),
        (clean(check.method) or "method not stated", "muted"),
        (f"  unknown {check.unknown}  {short(check.document)}", "muted"),
    )
    head = line(
        (f"{'GROUP':<{GROUP}} {'n':>7} {'rate':>6} ", "head"),
        (_scale(axis), "muted"),
        (" ratio r i s", "head"),
    )
    return [
        heading(clean(check.attribute), width, glyphs.rule, note),
        told,
        head,
        *(_group_line(check, group, axis, width, glyphs) for group in check.groups),
    ]


def axis_width(width: int) -> int:
    """Return how many cells the axis gets beside the words."""
    return max(16, min(60, width - GROUP - COUNTS - 14 - 22))


def _group_line(check: BiasCheck, group: GroupRow, axis: int, width: int, glyphs: Glyphs) -> Line:
    role, words = verdict(group)
    n_role = "warn" if group.small_sample else "muted"
    parts: list[Part] = [
        fit(group.label, GROUP, more=glyphs.more),
        " ",
        (f"{group.n:>7}", n_role),
        (f" {decimal(group.rate, 3) if group.rate else '  none':>6} ", "muted"),
        *plot(group, axis, role, glyphs),
        (f" {decimal(group.impact_ratio):>5} ", "strong"),
        *lamps(group, glyphs),
        " ",
        (
            glyphs.ok
            if role == "ok"
            else glyphs.bad
            if role == "bad"
            else glyphs.warn
            if role == "warn"
            else " ",
            role,
        ),
    ]
    used = GROUP + COUNTS + 1 + axis + 7 + 5 + 2
    parts.append((" " + fit(words, max(4, width - used - 1), more=glyphs.more).rstrip(), role))
    return line(*parts, key=f"group:{check.attribute}:{group.label}")


def lamps(group: GroupRow, glyphs: Glyphs) -> list[Part]:
    """Return the three lamps: ratio, interval, significance. Raised is a cross, unknown a dot."""
    shown: list[Part] = []
    for lamp in (group.below_four_fifths, group.interval_below, group.significant):
        if group.reference or group.excluded or lamp is None:
            shown.append((f"{glyphs.none} ", "muted"))
        else:
            shown.append((f"{glyphs.bad if lamp else glyphs.ok} ", "bad" if lamp else "ok"))
    return shown


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
    for tick in (0.6, 0.8, 1.0, 1.2):
        at = min(cell(tick, axis) - 1, axis - 3)
        row[at : at + 3] = list(f"{tick:.1f}")
    return "".join(row)


def legend(width: int, glyphs: Glyphs) -> list[Line]:
    """Return what the marks mean."""
    interval = f"{glyphs.ci_left}{glyphs.ci_line}{glyphs.ci_right}"
    marks = (
        f"{glyphs.dot} estimate  {interval} 95 % interval  {glyphs.limit} four-fifths  {glyphs.parity} parity"
    )
    lamp = "lamps: r ratio below 4/5   i interval reaches below 4/5   s difference is significant"
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
        line(("lamps        ", "muted"), *lamps(group, glyphs), ("ratio, interval, significance", "muted")),
    ]
