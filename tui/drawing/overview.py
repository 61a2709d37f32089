"""The overview of a version: verdict and next steps, checks, quorum, identity."""

from registry.views import Identity, Standing, VersionPage
from tui.drawing.gate_list import gate_list, quorum_lines
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import BLANK, Line, beside, clean, fit, heading, line, short, wrap
from tui.drawing.words import level_span, status_span, verdict_span

WIDE = 100
MOST_SENTENCES = 3


def overview(page: VersionPage, width: int, glyphs: Glyphs) -> list[Line]:
    """Return the page: checks beside identity on a wide screen, else one below the other."""
    if width < WIDE:
        return [
            *standing_lines(page.standing, width, glyphs),
            BLANK,
            *gate_list(page.checks, page.policy, width, glyphs),
            BLANK,
            *quorum_lines(page.quorum, width, glyphs),
            BLANK,
            *identity_lines(page.identity, width, glyphs),
        ]
    left = width * 58 // 100
    right = width - left - 3
    checks = [
        *gate_list(page.checks, page.policy, left, glyphs),
        BLANK,
        *quorum_lines(page.quorum, left, glyphs),
    ]
    return [
        *standing_lines(page.standing, width, glyphs),
        BLANK,
        *beside(checks, identity_lines(page.identity, right, glyphs), left, glyphs.wall),
    ]


def standing_lines(standing: Standing, width: int, glyphs: Glyphs) -> list[Line]:
    """Return status and gate verdict, why, and what to do next."""
    rows = [
        line(
            ("status ", "muted"),
            status_span(standing.status, glyphs),
            ("  gate ", "muted"),
            verdict_span(standing.verdict, glyphs),
            ("  version ", "muted"),
            clean(standing.version_state),
            *((("  until ", "muted"), clean(standing.expires_at)) if standing.expires_at else ()),
        )
    ]
    for label, role, sentences in (
        ("why", "", standing.why),
        ("unproven", "warn", standing.unproven),
        ("condition", "", standing.conditions),
        ("next", "info", standing.next),
    ):
        # The checks below have to stay in sight: a stale approval may have hundreds of reasons.
        for sentence in sentences[:MOST_SENTENCES]:
            texts = wrap(sentence, width - 11)
            kept = (
                texts[:2] if len(texts) <= 2 else [texts[0], fit(texts[1], width - 12).rstrip() + glyphs.more]
            )
            for index, text in enumerate(kept):
                rows.append(line((f"{label if not index else '':<10} ", "muted"), (text, role)))
        if len(sentences) > MOST_SENTENCES:
            more = f"and {len(sentences) - MOST_SENTENCES} more; c shows what changed"
            rows.append(line((" " * 11, ""), (more, "warn")))
    return rows


def identity_lines(identity: Identity, width: int, glyphs: Glyphs) -> list[Line]:
    """Return what the version is."""
    rows = [heading("IDENTITY", width, glyphs.rule)]
    facts = [
        ("manifest", short(identity.manifest, 32)),
        ("artifact", short(identity.artifact, 32)),
        ("authors", ", ".join(identity.authors) or "unknown"),
        ("registered", f"{identity.registered_at} by {identity.registered_by}".strip()),
        *(("trained by", run) for run in identity.runs or ("no run is named",)),
        *(("parent", parent) for parent in identity.parents),
    ]
    rows.extend(
        line((f"{name:<11}", "muted"), fit(value, max(8, width - 11), more=glyphs.more))
        for name, value in facts
    )
    rows.append(line((f"{'bytes':<11}", "muted"), level_span(identity.artifact_level, glyphs)))
    rows.append(heading("FILES", width, glyphs.rule, str(len(identity.files))))
    for file in identity.files:
        size = human_size(file.size)
        name = max(8, width - 24 - len(size))
        rows.append(
            line(
                fit(file.path, name, more=glyphs.more),
                " ",
                (size, "muted"),
                "  ",
                (short(file.digest, 12), "muted"),
            )
        )
    return rows


def human_size(size: int) -> str:
    """Return a size for people: `1.2 MB`; exact bytes stay in the record."""
    amount, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if units[0] == "B" else f"{amount:.1f} {units[0]}"
