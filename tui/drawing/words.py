"""Which mark, word and role each state is shown with: one table, so that no screen invents its own."""

from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import Span

_RESULTS = {
    "pass": ("ok", "ok", "pass"),
    "fail": ("bad", "bad", "FAIL"),
    "error": ("bad", "bad", "ERROR"),
    "waived": ("stale", "warn", "waived"),
    "not-applicable": ("none", "muted", "n/a"),
}
_STATUSES = {
    "valid": ("ok", "ok"),
    "valid-with-conditions": ("ok", "ok"),
    "stale": ("stale", "warn"),
    "expired": ("bad", "bad"),
    "revoked": ("bad", "bad"),
    "superseded": ("none", "muted"),
    "none": ("none", "muted"),
}
_TIERS = {"minimal": "low", "low": "low", "limited": "medium", "medium": "medium", "moderate": "medium"}
_LEVELS = {
    "verified": ("ok", "ok"),
    "signed": ("ok", "ok"),
    "reported": ("stale", ""),
    "inferred": ("warn", "warn"),
    "absent": ("bad", "bad"),
}
_DECISIONS = {"approve": ("ok", "ok"), "reject": ("bad", "bad"), "abstain": ("none", "muted")}
_VERDICTS = {"allow": ("ok", "ok"), "deny": ("bad", "bad"), "unproven": ("warn", "warn")}


def result_spans(result: str, severity: str, glyphs: Glyphs) -> tuple[Span, Span]:
    """Return mark and word of a check's result; a failed check that only warns is marked as a warning."""
    mark, role, word = _RESULTS.get(result, ("warn", "warn", result))
    if result == "fail" and severity != "block":
        mark, role = "warn", "warn"
    return Span(getattr(glyphs, mark), role), Span(word, role)


def status_span(status: str, glyphs: Glyphs) -> Span:
    """Return mark and word of an approval status."""
    mark, role = _STATUSES.get(status, ("warn", "warn"))
    word = "no approval" if status == "none" else status
    return Span(f"{getattr(glyphs, mark)} {word}", role)


def verdict_span(verdict: str, glyphs: Glyphs) -> Span:
    """Return mark and word of what the gate would say."""
    mark, role = _VERDICTS.get(verdict, ("warn", "warn"))
    return Span(f"{getattr(glyphs, mark)} {verdict}", role)


def tier_span(tier: str) -> Span:
    """Return the tier as a badge, or words that say there is none."""
    if not tier:
        return Span(" no tier ", "muted")
    return Span(f" {tier.upper()} ", tier_role(tier))


def tier_role(tier: str) -> str:
    """Return the role of a tier or rating; every scale folds onto low, medium, high, critical."""
    known = tier.lower()
    known = _TIERS.get(known, known)
    return f"tier-{known}" if known in {"low", "medium", "high", "critical"} else "tier-medium"


def level_span(level: str, glyphs: Glyphs) -> Span:
    """Return mark and word of an evidence level."""
    mark, role = _LEVELS.get(level, ("warn", "warn"))
    return Span(f"{getattr(glyphs, mark)} {level}", role)


def level_mark(level: str, glyphs: Glyphs) -> Span:
    """Return only the mark of an evidence level."""
    mark, role = _LEVELS.get(level, ("warn", "warn"))
    return Span(getattr(glyphs, mark), role)


def decision_span(decision: str, glyphs: Glyphs) -> Span:
    """Return mark and word of a decision."""
    mark, role = _DECISIONS.get(decision, ("warn", "warn"))
    return Span(f"{getattr(glyphs, mark)} {decision}", role)
