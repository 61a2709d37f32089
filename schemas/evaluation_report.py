"""What another tool measured about a version: numbers and outcomes of checks, as one canonical document.

Numbers are decimal text with the digits that read back as the same float (RECORDS section 1). They are what
the tool reported: nothing here was computed again.
"""

import math
from decimal import Decimal
from typing import Any, Literal

import msgspec

from schemas.canonical import canonical, parse_canonical
from schemas.errors import VerificationError

Result = Literal["pass", "fail", "error", "skipped"]
RESULTS: tuple[Result, ...] = ("pass", "fail", "error", "skipped")
SEMANTICS = 1
MAX_REPORT = 16 << 20


class Metric(msgspec.Struct, frozen=True, order=True):
    """One number; `part` says of which part of the data, as sorted (attribute, value) pairs.

    `value` is decimal text, or `nan`, `inf`, `-inf`.
    """

    name: str
    part: tuple[tuple[str, str], ...]
    value: str


class Outcome(msgspec.Struct, frozen=True, order=True):
    """One check that the tool ran, and what it said about it."""

    name: str
    result: Result
    message: str = ""


class EvaluationReport(msgspec.Struct, frozen=True):
    """What one file of one tool reports; `source` names the file, its SHA-256 and its size in bytes."""

    tool: str
    source: tuple[tuple[str, str | int], ...]
    metrics: tuple[Metric, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the document that is signed, metrics and outcomes sorted."""
        return {
            "metrics": [
                {"name": m.name, "part": [list(pair) for pair in m.part], "value": _number(m.value)}
                for m in sorted(self.metrics)
            ],
            "outcomes": [
                {"message": o.message, "name": o.name, "result": o.result} for o in sorted(self.outcomes)
            ],
            "semantics": SEMANTICS,
            "source": dict(self.source),
            "tool": self.tool,
        }

    def to_bytes(self) -> bytes:
        """Return the canonical bytes of the document."""
        return canonical(self.to_document(), limit=MAX_REPORT)


def number_text(value: float | Decimal) -> str:
    """Return a number as decimal text without an exponent; `nan`, `inf` and `-inf` for what is none."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    text = f"{Decimal(repr(value)) if isinstance(value, float) else Decimal(value):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def parse_report(data: bytes) -> EvaluationReport:
    """Return the report spelled by `data`; raise VerificationError REPORT_MALFORMED for anything else."""
    document = parse_canonical(data, limit=MAX_REPORT)
    try:
        report = EvaluationReport(
            tool=_text(document["tool"]),
            source=tuple(sorted(document["source"].items())),
            metrics=tuple(
                Metric(
                    _text(m["name"]), tuple((_text(a), _text(v)) for a, v in m["part"]), _value(m["value"])
                )
                for m in document["metrics"]
            ),
            outcomes=tuple(
                Outcome(_text(o["name"]), _result(o["result"]), _text(o["message"]))
                for o in document["outcomes"]
            ),
        )
        same = report.to_document() == document
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationError("REPORT_MALFORMED", "not an evaluation report") from error
    if not same:
        raise VerificationError("REPORT_MALFORMED", "an evaluation report has another member")
    return report


def _number(value: str) -> str | dict[str, str]:
    return {"absent": value} if value in ("nan", "inf", "-inf") else value


def _value(value: Any) -> str:
    return _text(value["absent"]) if isinstance(value, dict) else _text(value)


def _result(value: Any) -> Result:
    if value not in RESULTS:
        raise ValueError("an unknown result")
    result: Result = value
    return result


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value
