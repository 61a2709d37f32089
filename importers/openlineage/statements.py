"""A run event read again from its kept bytes, with everything its facets say.

These bytes passed the gate when they were taken; what is shaped oddly inside is left out, as then.
"""

from typing import Any

import msgspec

from importers.openlineage.times import parse_event_time
from schemas.identity import value_id
from schemas.observation import RANKS, Facets, Name
from schemas.run_statement import RunStatement, UseStatement


def read_statement(raw: bytes) -> RunStatement | None:
    """Return what the run event in `raw` states, or None when it holds none."""
    try:
        event = msgspec.json.decode(raw)
        time = parse_event_time(event["eventTime"])
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, KeyError, ValueError):
        return None
    if not isinstance(event.get("run"), dict) or not isinstance(event.get("job"), dict):
        return None
    stated = event.get("eventType")
    known = stated.upper() if isinstance(stated, str) else None
    rank = RANKS.get(known or "OTHER", RANKS["OTHER"])
    producer = event.get("producer")
    return RunStatement(
        (time.instant, rank, value_id(event)),
        known if known in RANKS else None,
        time.text,
        producer if isinstance(producer, str) else "",
        _facets(event["run"].get("facets")),
        _facets(event["job"].get("facets")),
        tuple(_uses(event.get("inputs"), "inputFacets")),
        tuple(_uses(event.get("outputs"), "outputFacets")),
    )


def _uses(listed: Any, use_key: str) -> list[UseStatement]:
    found = []
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict):
            name = Name(str(item.get("namespace")), str(item.get("name")))
            found.append(UseStatement(name, _facets(item.get("facets")), _facets(item.get(use_key))))
    return found


def _facets(value: Any) -> Facets:
    if not isinstance(value, dict):
        return {}
    return {name: facet for name, facet in value.items() if isinstance(facet, dict)}
