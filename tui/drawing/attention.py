"""Which rows of a tab need attention: what `n` goes to."""

from registry.views import VersionPage
from tui.drawing.forest_plot import verdict
from tui.drawing.gate_list import unmet


def attention_keys(page: VersionPage, tab: str) -> list[str]:
    """Return the keys of the rows that are not as they should be."""
    if tab == "overview":
        return [f"check:{check.rule}" for check in page.checks if unmet(check)]
    if tab == "risk" and page.risk:
        scores = ((risk, risk.residual or risk.inherent) for risk in page.risk.register)
        return [f"risk:{risk.id}" for risk, score in scores if score and score.rating in {"high", "critical"}]
    if tab == "fairness":
        return [
            f"group:{check.attribute}:{group.label}"
            for check in page.bias
            for group in check.groups
            if verdict(group)[0] in {"bad", "warn"}
        ]
    if tab == "evidence":
        return [f"evidence:{item.digest}" for item in page.evidence if item.state != "current"]
    if tab == "approvals":
        return [f"approval:{row.seq}" for row in page.approvals if not row.counts]
    return []
