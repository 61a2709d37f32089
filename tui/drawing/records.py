"""The tabs that list what was recorded: evidence, approvals, changes, the log."""

import msgspec

from registry.views import ApprovalRow, AuditRow, ChangeRow, EvidenceRow, ExceptionRow, QuorumRow
from tui.drawing.command_lines import next_command
from tui.drawing.gate_list import quorum_lines
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import BLANK, Line, Part, clean, fit, heading, line, short, wrap
from tui.drawing.overview import human_size
from tui.drawing.words import decision_span, level_span

_MATERIALITY = {
    "pinned": ("bad", "bad", "makes it stale"),
    "judged": ("warn", "warn", "stale if a check gets worse"),
    "noted": ("none", "muted", "noted, never stale"),
}


def evidence_lines(evidence: tuple[EvidenceRow, ...], subject: str, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one keyed row per document."""
    rows = [heading("EVIDENCE", width, glyphs.rule, f"{len(evidence)} documents, enter opens one")]
    if not evidence:
        return [
            *rows,
            line((f"{glyphs.warn} No evidence is stored for this version.", "warn")),
            line(("Add some:  ", "muted"), (clean(next_command("evidence", subject)), "info")),
        ]
    wide = width >= 100
    kind = 18 if wide else 16
    title = max(12, width - kind - 32 - (11 if wide else 0))
    added = " ADDED" if wide else ""
    rows.append(
        line((f"{'KIND':<{kind}} {'TITLE':<{title}} {'LEVEL':<10} {'SIZE':>8} {'STATE':<9}{added}", "head"))
    )
    for item in evidence:
        level = level_span(item.level, glyphs)
        parts: list[Part] = [
            f"{fit(item.kind, kind, more=glyphs.more)} {fit(item.title, title, more=glyphs.more)} ",
            (fit(level.text, 10, more=glyphs.more), level.role),
            f" {human_size(item.size):>8} ",
            (fit(item.state, 9, more=glyphs.more), "muted" if item.state == "current" else "bad"),
        ]
        if wide:
            parts.append((f" {clean(item.added_at)[:10]}", "muted"))
        rows.append(line(*parts, key=f"evidence:{item.digest}"))
    return rows


def approval_lines(
    approvals: tuple[ApprovalRow, ...], quorum: tuple[QuorumRow, ...], width: int, glyphs: Glyphs
) -> list[Line]:
    """Return the quorum and every decision, newest first, each with its reason."""
    rows = [*quorum_lines(quorum, width, glyphs), BLANK]
    rows.append(heading("DECISIONS", width, glyphs.rule, f"{len(approvals)}, newest first"))
    if not approvals:
        return [
            *rows,
            line(("Nobody has decided yet.  ", "muted"), ("a", "key"), " approve  ", ("r", "key"), " reject"),
        ]
    for row in approvals:
        decision = decision_span(row.decision, glyphs)
        counts = ("counts", "ok") if row.counts else ("does not count", "warn")
        rows.append(
            line(
                (fit(decision.text, 10, more=glyphs.more), decision.role),
                f" {fit(row.reviewer, 22, more=glyphs.more)} {fit(row.role, 16, more=glyphs.more)} ",
                counts,
                key=f"approval:{row.seq}",
            )
        )
        facts = f"{row.decided_at}  #{row.seq}  dossier {short(row.dossier)}  key {row.keyid[:8]}"
        until = f"  until {row.expires_at}" if row.expires_at else ""
        rows.append(line("  ", (fit(facts + until, width - 2, more=glyphs.more), "muted")))
        if row.note:
            rows.extend(line("  ", (text, "warn")) for text in wrap(row.note, width - 4))
        reason = row.reason if row.reason is not None else "the text of the reason was erased"
        rows.extend(line("  ", text) for text in wrap(reason, width - 4))
        for condition in row.conditions:
            rows.extend(line("  ", (f"condition: {text}", "warn")) for text in wrap(condition, width - 15))
    return rows


def exception_lines(exceptions: tuple[ExceptionRow, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Return every break-glass and override, newest first, each with its reason; nothing without any."""
    if not exceptions:
        return []
    rows = [BLANK, heading("EXCEPTIONS", width, glyphs.rule, f"{len(exceptions)}, newest first")]
    for row in reversed(exceptions):
        role = "bad" if row.state == "live" else "warn"
        texts = wrap(f"{glyphs.warn} {row.said}: {row.state}", width)
        rows.append(line((texts[0], role), key=f"exception:{row.seq}"))
        rows.extend(line("  ", (text, role)) for text in texts[1:])
        rows.append(line("  ", (f"{row.time}  #{row.seq}", "muted")))
        reason = row.reason if row.reason is not None else "the text of the reason was erased"
        rows.extend(line("  ", text) for text in wrap(reason, width - 4))
    return rows


def change_lines(changes: tuple[ChangeRow, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Return what differs from the last approved dossier: what it was, what it is, and what follows."""
    rows = [heading("WHAT CHANGED SINCE THE LAST APPROVAL", width, glyphs.rule, f"{len(changes)} changes")]
    if not changes:
        return [*rows, line((f"{glyphs.ok} Nothing changed.", "ok"))]
    part = ""
    for number, change in enumerate(changes):
        if change.part != part:
            part = change.part
            rows += [BLANK, heading(_words(part), width, glyphs.rule)]
        mark, role, words = _MATERIALITY.get(change.materiality, ("warn", "warn", change.materiality))
        kind = fit(change.kind, max(12, width - 32), more=glyphs.more)
        rows.append(
            line(
                (f"{getattr(glyphs, mark)} ", role),
                (kind, "strong"),
                " ",
                (words, role),
                key=f"change:{number}",
            )
        )
        rows.extend(line(f"    {text}") for text in wrap(change.what, width - 6))
        for sign, text, look in (("-", change.before, "muted"), ("+", change.after, "info")):
            if text:
                rows.extend(line(f"    {sign} ", (row, look)) for row in wrap(text, width - 8))
    return rows


def _words(part: str) -> str:
    """Return `biasChecks` as `Bias checks`."""
    return clean("".join(f" {c.lower()}" if c.isupper() else c for c in part)).strip().capitalize()


def audit_head(width: int) -> Line:
    """Return the heading of the log."""
    wide = width >= 100
    time, kind, actor = (20, 19, 16) if wide else (16, 16, 12)
    return line((fit(f"{'#':>7}  {'TIME':<{time}}  {'RECORD':<{kind}} {'BY':<{actor}} ABOUT", width), "head"))


def audit_line(row: AuditRow, width: int, glyphs: Glyphs) -> Line:
    """Return one leaf of the log; a mark and words say when no signed head covers it."""
    wide = width >= 100
    time, kind, actor = (20, 19, 16) if wide else (16, 16, 12)
    about = "  ".join(text for text in (row.subject, row.summary) if text)
    signed = ("signed head", "muted") if row.signed else ("no head yet", "warn")
    room = max(8, width - 13 - time - kind - actor - (12 if wide else 0))
    parts: list[Part] = [
        (f"{row.seq:>7}", "muted"),
        (" " if row.signed else glyphs.warn, "warn"),
        (f" {clean(row.time)[:time]:<{time}}  ", "muted"),
        (fit(row.type, kind, more=glyphs.more), "strong"),
        (f" {fit(row.actor, actor, more=glyphs.more)} ", "info"),
        fit(about, room, more=glyphs.more),
    ]
    return line(*parts, *((" ", signed) if wide else ()), key=f"leaf:{row.seq}")


def audit_lines(rows: tuple[AuditRow, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Return the log about one version, newest first."""
    if not rows:
        return [line(("No record about this version is in the log.", "muted"))]
    newest = sorted(rows, key=lambda row: -row.seq)
    # The page is about one version: its name on every row would only push out what the record says.
    told = [msgspec.structs.replace(row, subject="") if row.summary else row for row in newest]
    return [audit_head(width), *(audit_line(row, width, glyphs) for row in told)]


def leaf_lines(row: AuditRow, width: int) -> list[Line]:
    """Return one leaf in full."""
    facts = (
        ("record", f"#{row.seq}  {row.type}"),
        ("time", f"{row.time} (claimed by its writer)"),
        ("by", row.actor),
        ("about", row.subject),
        ("says", row.summary),
        ("body", row.body),
        ("signed head", "lies under a signed head" if row.signed else "not yet under a signed head"),
    )
    rows = []
    for name, value in facts:
        for index, text in enumerate(wrap(value, width - 13)):
            rows.append(line((f"{name if not index else '':<12} ", "muted"), text))
    return [*rows, BLANK, line(("check the whole log:  ", "muted"), ("muniment audit verify", "info"))]
