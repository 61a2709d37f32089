"""The risk tab: how the tier came about, the map, the register."""

from registry.views import RiskPage, RiskRow, Score
from tui.drawing.command_lines import next_command
from tui.drawing.glyphs import Glyphs
from tui.drawing.heat_map import heat_map
from tui.drawing.lines import BLANK, Line, Span, beside, cell_count, clean, fit, heading, line, short, wrap
from tui.drawing.words import level_span, tier_role, tier_span

WIDE = 108


def risk_lines(
    risk: RiskPage | None, subject: str, width: int, glyphs: Glyphs, *, residual: bool
) -> list[Line]:
    """Return the tab; without an assessment, what that means and the command that records one."""
    if risk is None:
        return [
            line((f"{glyphs.bad} No risk assessment is recorded for this version.", "bad")),
            line("That is a finding, not a pass: checks that ask for one fail."),
            line(("Record one:  ", "muted"), (clean(next_command("risk", subject)), "info")),
        ]
    top = [
        line(
            ("tier ", "muted"),
            tier_span(risk.tier),
            ("   level ", "muted"),
            level_span(risk.level, glyphs),
            ("   document ", "muted"),
            short(risk.document),
        )
    ]
    map_width = min(width, 76)
    picture = heat_map(risk.register, map_width, glyphs, residual=residual)
    if width >= WIDE:
        steps = derivation_lines(risk, width - map_width - 3, glyphs)
        body = beside(picture, steps, map_width, glyphs.wall)
    else:
        body = [*picture, BLANK, *derivation_lines(risk, width, glyphs)]
    return [*top, BLANK, *body, BLANK, *register_lines(risk.register, width, glyphs)]


def derivation_lines(risk: RiskPage, width: int, glyphs: Glyphs) -> list[Line]:
    """Return the steps that led to the tier, in order."""
    rows = [heading("HOW THE TIER CAME ABOUT", width, glyphs.rule)]
    longest = max((cell_count(clean(name)) for name, _ in risk.derivation), default=0)
    label = min(longest, width // 2)
    for name, value in risk.derivation:
        for index, text in enumerate(wrap(value, width - label - 2)):
            rows.append(line((fit(name if not index else "", label, more=glyphs.more) + "  ", "muted"), text))
    return rows


def register_lines(register: tuple[RiskRow, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Return one keyed row per risk, inherent and residual rating side by side."""
    rows = [heading("RISK REGISTER", width, glyphs.rule, f"{len(register)} risks")]
    if not register:
        return [*rows, line(("The assessment lists no risk.", "muted"))]
    owner = 20 if width >= WIDE else 10
    title = max(12, width - 36 - owner)
    rows.append(line((f"{'ID':<7} {'INHERENT':<11}   {'RESIDUAL':<11} {'RISK':<{title}} OWNER", "head")))
    rows.extend(_register_line(risk, title, owner, glyphs) for risk in register)
    return rows


def _register_line(risk: RiskRow, title: int, owner: int, glyphs: Glyphs) -> Line:
    return line(
        fit(risk.id, 7, more=glyphs.more),
        " ",
        _badge(risk.inherent),
        f" {glyphs.right} ",
        _badge(risk.residual),
        " ",
        fit(risk.title, title, more=glyphs.more),
        " ",
        (fit(risk.owner or "nobody", owner, more=glyphs.more), "muted"),
        key=f"risk:{risk.id}",
    )


def risk_detail(risk: RiskRow, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one risk in full."""
    rows = [line((f"{clean(risk.id)}  {clean(risk.title)}", "strong"))]
    rows.append(
        line(
            ("inherent ", "muted"),
            _badge(risk.inherent),
            (_product(risk.inherent), "muted"),
            ("   after controls ", "muted"),
            _badge(risk.residual),
            (_product(risk.residual), "muted"),
        )
    )
    for name, value in (
        ("area", risk.area),
        ("treatment", risk.treatment),
        ("owner", risk.owner or "nobody"),
        ("scenario", risk.scenario or "none is written down"),
    ):
        for index, text in enumerate(wrap(value, width - 12)):
            rows.append(line((f"{name if not index else '':<11} ", "muted"), text))
    rows += [BLANK, heading("CONTROLS", width, glyphs.rule, str(len(risk.controls)))]
    if not risk.controls:
        rows.append(line((f"{glyphs.warn} no control is named", "warn")))
    for control in risk.controls:
        for index, text in enumerate(wrap(control, width - 4)):
            rows.append(line((f"{glyphs.none if not index else ' '} ", "muted"), text))
    return rows


def _badge(score: Score | None) -> Span:
    if score is None:
        return Span(f"{'not scored':<11}", "muted")
    return Span(f" {score.rating.upper():<10}", tier_role(score.rating))


def _product(score: Score | None) -> str:
    return f" {score.likelihood} x {score.impact}" if score else ""
