"""A queue around the sample version."""

import msgspec

from registry.views import QueueItem
from tests.screens.sample import MANIFEST, QUORUM, SUBJECT

ITEM = QueueItem(
    SUBJECT,
    "production",
    MANIFEST,
    "none",
    "in-review",
    "high",
    "Approve for production",
    3,
    7,
    QUORUM,
    "2026-11-22T15:00:00Z",
    note="2 blocking checks fail",
    why=("risk-approver 0 of 1", "lineage has 1 gap"),
    next=("muniment changes retail/credit-risk@7 --env production",),
)


def _other(number: int, tier: str, environment: str, status: str) -> QueueItem:
    return msgspec.structs.replace(
        ITEM,
        subject=f"retail/churn@{number}",
        environment=environment,
        tier=tier,
        status=status,
        asked="Re-approve after a data change" if status == "stale" else "Approve for staging",
        checks_met=7,
        note="",
        why=(),
        next=(),
    )


ITEMS = (
    ITEM,
    _other(3, "low", "staging", "none"),
    _other(2, "medium", "production", "stale"),
    _other(1, "critical", "production", "expired"),
)
