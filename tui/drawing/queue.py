"""The review queue: rows and the preview of one."""

from registry.reading import RegistryLine
from registry.views import QueueItem, QueueView
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import Line, Part, cell_count, clean, fit, heading, line, short, tail, wrap
from tui.drawing.words import status_span, tier_span

EMPTY = {
    QueueView.WAITING: ("Nothing waits for a decision.", "muniment request MODEL@VERSION --env ENVIRONMENT"),
    QueueView.ATTENTION: (
        "No approval has gone stale or run out, and no glass is broken.",
        "muniment status",
    ),
    QueueView.ALL: ("No model version is registered yet.", "muniment register MODEL@VERSION --artifact PATH"),
}
MOST_REASONS = 2
TITLES = {QueueView.WAITING: "Waiting", QueueView.ATTENTION: "Attention", QueueView.ALL: "All versions"}


def queue_line(item: QueueItem | None, width: int, glyphs: Glyphs) -> Line:
    """Return one row of the queue, or its heading for None; a narrow screen has fewer columns."""
    wide = width >= 100
    name, place, checks = (28, 12, 7) if wide else (24, 10, 6)
    asked = max(16, width - 14 - name - place - checks - (26 if wide else 0))
    if item is None:
        head = (
            f"{'TIER':<10} {'VERSION':<{name}} {'IN':<{place}} {'ASKED OF YOU':<{asked}} {'CHECKS':>{checks}}"
        )
        if wide:
            head += f"  {'QUORUM':<8} {'STATUS':<15}"
        return line((fit(head, width), "head"))
    tier = tier_span(item.tier)
    met = f"{item.checks_met}/{item.checks_total}"
    parts: list[Part] = [
        (fit(tier.text, 10, more=glyphs.more), tier.role),
        " ",
        (fit(item.subject, name, more=glyphs.more), "strong"),
        " ",
        fit(item.environment, place, more=glyphs.more),
        " ",
        *_asked(item, asked, glyphs),
        " ",
        (f"{met:>{checks}}", "ok" if item.checks_met == item.checks_total else "warn"),
    ]
    if wide:
        status = status_span(item.status, glyphs)
        have, need = sum(q.have for q in item.quorum), sum(q.need for q in item.quorum)
        parts += ["  ", f"{f'{have} of {need}' if need else 'none':<8}", " "]
        parts.append((fit(status.text, 15, more=glyphs.more), status.role))
    return line(*parts)


def _asked(item: QueueItem, width: int, glyphs: Glyphs) -> list[Part]:
    words = item.asked or item.note
    if not item.alarm:
        return [fit(words, width, more=glyphs.more)]
    loud = f"{glyphs.warn} BREAK GLASS "
    return [(loud, "bad"), fit(words, width - len(loud), more=glyphs.more)]


def preview_lines(item: QueueItem | None, width: int, glyphs: Glyphs) -> list[Line]:
    """Return what is worth knowing before opening an item."""
    if item is None:
        return []
    rows = [
        line(
            (clean(item.subject), "strong"),
            ("  in ", "muted"),
            clean(item.environment),
            "  ",
            tier_span(item.tier),
        ),
        line(
            (f"{short(item.manifest)}  ", "muted"),
            status_span(item.status, glyphs),
            ("  version ", "muted"),
            clean(item.version_state),
            *((("  asked ", "muted"), clean(item.requested_at)) if item.requested_at else ()),
            *((("  until ", "muted"), clean(item.expires_at)) if item.expires_at else ()),
        ),
        *alarm_lines(item.alarm, width, glyphs),
        heading("WHY", width, glyphs.rule, clean(item.note)),
    ]
    # What to do next has to stay in sight: a stale approval may have hundreds of reasons.
    rows += [line("  ", squeezed(reason, width - 4, glyphs)) for reason in item.why[:MOST_REASONS]]
    if item.why[MOST_REASONS:]:
        rows.append(line("  ", (f"and {len(item.why) - MOST_REASONS} more", "warn")))
    for step in item.next:
        for index, text in enumerate(wrap(step, width - 4)):
            rows.append(line((f"{glyphs.right if not index else '':<2}", "muted"), (text, "info")))
    if item.quorum:
        told = "  ".join(f"{clean(q.role)} {q.have} of {q.need}" for q in item.quorum)
        rows.append(line(("quorum  ", "muted"), told))
    return rows


def squeezed(reason: str, cells: int, glyphs: Glyphs) -> str:
    """Return a reason on one row: what changed, and the end of the name, which tells names apart."""
    text = clean(reason)
    what, colon, name = text.partition(": ")
    if cell_count(text) <= cells:
        return text
    if not colon or cell_count(what) > cells // 2:
        return fit(text, cells, more=glyphs.more)
    return f"{what}: {tail(name, cells - cell_count(what) - 2, more=glyphs.more)}"


def alarm_lines(alarm: str, width: int, glyphs: Glyphs) -> list[Line]:
    """Return the live break-glass, loud; nothing when there is none."""
    return [line((text, "bad")) for text in wrap(f"{glyphs.warn} {alarm}", width)] if alarm else []


def empty_lines(view: QueueView, filtered: str, width: int) -> list[Line]:
    """Return one sentence why there is nothing and one command that makes something."""
    if filtered:
        return [line(f"No row holds {clean(filtered)!r}."), line(("esc clears the filter", "muted"))]
    why, command = EMPTY[view]
    return [line(why), line(("Next:  ", "muted"), (fit(command, max(8, width - 8)), "info"))]


def registry_parts(info: RegistryLine, width: int, glyphs: Glyphs) -> list[Part]:
    """Return the state of the registry for the bar at the top."""
    unsigned = info.size - info.signed_size
    parts: list[Part] = []
    if width >= 90:
        parts.append((f"{clean(info.name)}  ", ""))
    parts.append((f"{info.size} records ", ""))
    if unsigned > 0:
        parts.append((f"{glyphs.warn} {unsigned} not under a signed head ", "warn"))
    else:
        parts.append((f"{glyphs.ok} all under a signed head ", "ok"))
    if info.unsealed:
        parts.append((f" {info.unsealed} unsealed ", "muted"))
    if info.problems:
        parts.append((f" {glyphs.bad} {info.problems} refused ", "bad"))
    if info.read_only:
        parts.append((f" {glyphs.warn} read-only ", "warn"))
    return parts
