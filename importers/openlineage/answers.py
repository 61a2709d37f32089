"""What the receiver answers: a status, a few bytes, and what stands above them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from importers.openlineage.posted import Reading
from schemas.receiving import Receipt

_JSON = b"application/json"
_TEXT = b"text/plain; version=0.0.4; charset=utf-8"
_FIGURES = (
    ("muniment_events_waiting", "gauge", "Durable events that wait for their seal."),
    ("muniment_events_waiting_seconds", "gauge", "For how long the oldest of them has waited."),
    ("muniment_events_sealed_total", "counter", "Events that were projected and sealed."),
    ("muniment_events_total", "counter", "Posted events by what became of them."),
    ("muniment_http_requests_total", "counter", "Requests by status of the answer."),
)


class Answer(msgspec.Struct, frozen=True):
    """One answer; `headers` besides those that every answer has."""

    status: int
    body: bytes
    kind: bytes = _JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as they are sent."""
        length = b"%d" % len(self.body)
        return [(b"content-type", self.kind), (b"content-length", length), *self.headers]


def tell(value: Any, status: int = 200) -> Answer:
    """Answer with `value` as JSON."""
    return Answer(status, msgspec.json.encode(value))


def refuse(
    status: int, reason: str, hint: str | None = None, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Answer:
    """Say why not, and what to do next."""
    value = {"status": "error", "reason": reason} | ({"next": hint} if hint else {})
    return Answer(status, msgspec.json.encode(value), headers=headers)


def tell_receipts(reading: Reading, receipts: Sequence[Receipt], *, as_batch: bool) -> Answer:
    """Say what became of everything that one body posted."""
    if reading.is_malformed and not reading.is_list:
        return refuse(400, receipts[0].reason or "malformed")
    if not (as_batch or reading.is_list):
        receipt = receipts[0]
        value = {"status": receipt.status, "event_id": receipt.event_id}
        return tell(value | ({"reason": receipt.reason} if receipt.reason else {}), 201)
    failed = [
        {"index": i, "reason": receipt.reason, "retriable": False}
        for i, receipt in enumerate(receipts)
        if receipt.status == "quarantined"
    ]
    counts = {"received": len(receipts), "successful": len(receipts) - len(failed), "failed": len(failed)}
    return tell(
        {
            "status": "partial_success" if failed else "success",
            "summary": {**counts, "retriable": 0, "non_retriable": len(failed)},
            "failed_events": failed,
        }
    )


def tell_metrics(figures: Mapping[str, int], statuses: Mapping[int, int]) -> Answer:
    """Give figures in the text form that Prometheus reads."""
    outcomes = sorted(set(figures) - {"waiting", "waiting_seconds", "sealed"})
    samples = (
        {"": figures["waiting"]},
        {"": figures["waiting_seconds"]},
        {"": figures["sealed"]},
        {f'{{outcome="{name}"}}': figures[name] for name in outcomes},
        {f'{{status="{status}"}}': count for status, count in sorted(statuses.items())},
    )
    lines: list[str] = []
    for (name, kind, help_text), values in zip(_FIGURES, samples, strict=True):
        lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{labels} {value}" for labels, value in values.items()]
    return Answer(200, ("\n".join(lines) + "\n").encode(), _TEXT)
