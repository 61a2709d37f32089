"""From a file that describes a model or data to what it says: the format is told by its content, or named."""

from importers.evaluations.json_value import parse_json
from importers.evaluations.report import refuse_size
from importers.modelcards.card import Card
from importers.modelcards.croissant import is_croissant, read_croissant
from importers.modelcards.cyclonedx import is_cyclonedx, read_cyclonedx
from importers.modelcards.huggingface import is_huggingface, read_huggingface
from schemas.errors import Malformed

FORMATS = ("croissant", "cyclonedx", "huggingface")
_JSON = {"cyclonedx": (is_cyclonedx, read_cyclonedx), "croissant": (is_croissant, read_croissant)}


def read_card(name: str, data: bytes, kind: str | None = None) -> Card:
    """Return what the file `name` says; raise Malformed when it is none of the formats, or broken."""
    refuse_size(name, data)
    if not data.strip():
        raise Malformed(f"{name}: empty, expected a description", hint="check the file's name")
    if kind == "huggingface" or (kind is None and is_huggingface(data)):
        return read_huggingface(name, data)
    if kind is None and data.lstrip()[:1] not in (b"{", b"["):
        raise _unknown(name, kind)
    value = parse_json(name, data)
    for known, (fits, read) in _JSON.items():
        if kind in (None, known) and fits(value):
            return read(name, value)
    raise _unknown(name, kind)


def _unknown(name: str, kind: str | None) -> Malformed:
    wanted = "no description that is known here" if kind is None else f"not what {kind} looks like"
    hint = f"formats: {', '.join(FORMATS)} (JSON, or Markdown with YAML at its head)"
    return Malformed(f"{name}: {wanted}", hint=hint)
