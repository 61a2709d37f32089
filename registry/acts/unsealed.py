"""What waits for a seal: how many items, and for how long the oldest has waited (RECORDS section 3)."""

from typing import Any

import msgspec

from registry.registry import Registry
from schemas.errors import StoreError, VerificationError
from schemas.ledger import moment, parse_time_text, time_text


class Unsealed(msgspec.Struct, frozen=True):
    """Items that are durable and not yet part of the log; `since` is None when nothing waits."""

    items: int
    since: str | None
    age_seconds: int | None

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints beside an answer."""
        return {"items": self.items, "since": self.since, "age_seconds": self.age_seconds}

    def __str__(self) -> str:
        """Say it in a few words."""
        if self.since is None or self.age_seconds is None:
            return "0 items wait for a seal"
        what = "1 item waits" if self.items == 1 else f"{self.items} items wait"
        return f"{what} for a seal, the oldest for {_span(self.age_seconds)} (since {self.since})"


def read_unsealed(registry: Registry) -> Unsealed:
    """Return what waits now; raise StoreError when the database holds no time for it."""
    items, since = registry.inbox.count()
    if since is None:
        return Unsealed(items, None, None)
    try:
        waited = moment(time_text(registry.clock())) - moment(parse_time_text(since))
    except VerificationError as error:
        raise StoreError(
            f"{registry.home}: an item waits for a seal since {since[:40]!r}, which is no time",
            hint="muniment audit verify",
        ) from error
    return Unsealed(items, since, max(0, int(waited.total_seconds())))


def _span(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
