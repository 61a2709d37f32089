"""From a file of a monitoring tool to what it reports: the format is told by its content, or named."""

from importers.evaluations.evidently import is_evidently, read_evidently
from importers.evaluations.json_value import parse_json
from importers.evaluations.nannyml import is_nannyml, read_nannyml
from importers.evaluations.report import Results, refuse_size
from importers.evaluations.table import read_table
from importers.evaluations.whylogs import is_whylogs, read_whylogs
from schemas.errors import Malformed

FORMATS = ("evidently", "nannyml", "whylogs")
_JSON = {"evidently": (is_evidently, read_evidently), "whylogs": (is_whylogs, read_whylogs)}
_PARQUET = b"PAR1"


def read_monitoring(name: str, data: bytes, kind: str | None = None) -> Results:
    """Return what the file `name` reports; raise Malformed when it is none of the formats, or broken."""
    refuse_size(name, data)
    if data[:4] == _PARQUET:
        raise Malformed(
            f"{name}: Parquet, expected CSV", hint="export results.to_df(multilevel=False) as CSV"
        )
    if kind == "nannyml" or (kind is None and data.lstrip()[:1] not in (b"{", b"[")):
        table = read_table(data, name)
        if kind is None and not is_nannyml(table):
            raise _unknown(name, kind)
        return read_nannyml(table)
    value = parse_json(name, data)
    for known, (fits, read) in _JSON.items():
        if kind in (None, known) and fits(value):
            return read(name, value)
    raise _unknown(name, kind)


def _unknown(name: str, kind: str | None) -> Malformed:
    wanted = "no format of monitoring that is known here" if kind is None else f"not what {kind} writes"
    hint = f"formats: {', '.join(FORMATS)}; of one evaluation: muniment import evaluation"
    return Malformed(f"{name}: {wanted}", hint=hint)
