"""What the decision dialog says above the text to be signed."""

import msgspec

from registry.reading import DecisionDraft, Reviewer
from registry.views import VersionPage
from schemas.digest import Digest
from tui.drawing.gate_list import unmet
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import Line, clean, fit, line, wrap
from tui.drawing.words import result_spans

VERBS = {"approve": "Approve", "reject": "Reject", "abstain": "Abstain on"}


def decision_title(decision: str, page: VersionPage) -> str:
    """Return what is about to happen, in words."""
    return f"{VERBS[decision]} {clean(page.identity.subject)} for {clean(page.environment)}"


class Signing(msgspec.Struct, frozen=True):
    """What the dialog is about to have signed, and by whom."""

    decision: str
    page: VersionPage
    draft: DecisionDraft | None
    who: Reviewer | None
    role: str


def decision_lines(signing: Signing, width: int, glyphs: Glyphs) -> list[Line]:
    """Return what is signed about, by whom, and what speaks against it."""
    page, draft, who = signing.page, signing.draft, signing.who
    failed = [check for check in page.checks if unmet(check)]
    met = len(page.checks) - len(failed)
    key = f"{who.name or who.id}  key {who.keyid[:16]}" if who else "no key lies here"
    rows = [
        _fact("manifest", _digest(page.identity.manifest, width), width, glyphs),
        _fact("dossier", _digest(page.dossier, width), width, glyphs),
        _fact("policy", f"{page.policy}   checks {met} of {len(page.checks)} met", width, glyphs),
        _fact("signed by", key, width, glyphs),
        _fact("as", f"{signing.role or 'no role'}   decision {signing.decision.upper()}", width, glyphs),
    ]
    for check in failed[:2]:
        shown, _ = result_spans(check.result, check.severity, glyphs)
        told = f"{shown.text} {check.title}: {check.message}"
        rows.append(line((fit(told, width, more=glyphs.more), shown.role)))
    if len(failed) > 2:
        rows.append(line((f"{glyphs.bad} and {len(failed) - 2} more checks are not met", "bad")))
    refused = draft.refused if draft else ""
    for sentence in (*((refused,) if refused else ()), *(draft.warnings if draft else ())):
        mark, look = (glyphs.bad, "bad") if sentence == refused else (glyphs.warn, "warn")
        rows.extend(line((f"{mark} {text}", look)) for text in wrap(sentence, width - 2)[:2])
    return rows


def _digest(digest: Digest | None, width: int) -> str:
    """Return all 64 digits; on a narrow screen without the algorithm, which the text below names."""
    if digest is None:
        return "none is frozen"
    return digest if width >= 81 else digest.hex


def _fact(name: str, value: str, width: int, glyphs: Glyphs) -> Line:
    return line((f"{name:<10}", "muted"), fit(value, width - 10, more=glyphs.more))
