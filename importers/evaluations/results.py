"""From a file of results to what it holds: the format is told by its content, or named."""

from collections.abc import Callable
from typing import Any

from importers.evaluations.aequitas import is_aequitas, read_aequitas
from importers.evaluations.fairlearn import is_fairlearn, read_fairlearn
from importers.evaluations.json_value import parse_json
from importers.evaluations.junit import is_junit, read_junit
from importers.evaluations.metrics import is_metrics, read_metrics
from importers.evaluations.report import Results, refuse_size
from importers.evaluations.sarif import is_sarif, read_sarif
from importers.evaluations.table import read_table
from schemas.errors import Malformed
from schemas.evaluation import Polarity

FORMATS = ("aequitas", "fairlearn", "junit", "metrics", "sarif")


def read_results(name: str, data: bytes, polarity: Polarity, kind: str | None = None) -> Results:
    """Return what the file `name` reports; raise Malformed when it is none of the formats, or broken."""
    refuse_size(name, data)
    if kind == "junit" or (kind is None and is_junit(data)):
        return read_junit(name, data)
    if kind == "aequitas" or (kind is None and data.lstrip()[:1] not in (b"{", b"[")):
        table = read_table(data, name)
        if not is_aequitas(table):
            raise Malformed(f"{name}: {_UNKNOWN}", hint=_OTHERS)
        return read_aequitas(table, polarity)
    return _read_json(name, parse_json(name, data), polarity, kind)


def _read_json(name: str, value: Any, polarity: Polarity, kind: str | None) -> Results:
    readers: dict[str, tuple[Callable[[Any], bool], Callable[[], Results]]] = {
        "sarif": (is_sarif, lambda: read_sarif(name, value)),
        "fairlearn": (is_fairlearn, lambda: read_fairlearn(name, value, polarity)),
        "metrics": (is_metrics, lambda: read_metrics(name, value)),
    }
    for known, (fits, read) in readers.items():
        if kind in (None, known) and fits(value):
            return read()
    wanted = _UNKNOWN if kind is None else f"not what {kind} writes"
    raise Malformed(f"{name}: {wanted}", hint=f"formats: {', '.join(FORMATS)}; {_OTHERS}")


_OTHERS = "of drift: muniment import monitoring; counts by group: muniment bias check"
_UNKNOWN = "no format of results that is known here"
