"""From what a person wrote to a risk form: every problem of its shape at once, each with its path."""

from typing import Any

import jsonschema_rs
import msgspec

from schemas.errors import Malformed
from schemas.governance import RiskForm
from schemas.publishing import risk_assessment

_MOST = 20


def read_form(written: Any) -> RiskForm:
    """Return the form `written` spells; raise Malformed with all that is wrong in it."""
    validator = jsonschema_rs.Draft202012Validator(risk_assessment())
    found = sorted(
        f"{_path(error.instance_path)}: {_words(error)}" for error in validator.iter_errors(written)
    )
    if found:
        rest = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
        raise Malformed("; ".join(found[:_MOST]) + rest, hint="schemas/published/risk-assessment.schema.json")
    try:
        return msgspec.convert(written, RiskForm)
    except msgspec.ValidationError as error:
        raise Malformed(str(error), hint="schemas/published/risk-assessment.schema.json") from error


def _path(steps: list[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".") or "the file"


def _words(error: jsonschema_rs.ValidationError) -> str:
    message = error.message
    return message if len(message) <= 160 else message[:157] + "..."
