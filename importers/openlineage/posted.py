"""From the body of one request to the events it posts, each with the reason if it will be quarantined."""

import msgspec

from importers.openlineage.decode import NotAnEvent, decode, observe
from schemas.identity import value_id
from schemas.observation import DatasetFact, JobFact, Observation, RunFact
from schemas.receiving import Posted, Writer

_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_WHITE = b" \t\r\n"
_MOST = 10_000
"""Events of one body: they become durable in one transaction, and nobody else's do meanwhile."""
_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_FIRST = (
    b'{"eventTime": "2026-01-01T00:00:00Z", "dataset": {"namespace": "n", "name": "n", '
    b'"facets": {"schema": {"_producer": "p", "_schemaURL": "SchemaDatasetFacet.json", "fields": []}}}}'
)


class Reading(msgspec.Struct, frozen=True):
    """The events of one body. `is_malformed`: not JSON, or an event with members of the wrong kind."""

    events: tuple[Posted, ...]
    is_list: bool = False
    is_malformed: bool = False


def prepare() -> None:
    """Load what the first event needs, a third of a second before anybody waits for it."""
    read_posted(_FIRST, Writer())


def read_posted(body: bytes, writer: Writer) -> Reading:
    """Return what `writer` posts: one event, or the elements of an array, byte for byte."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip(_WHITE)
    if not text.startswith(b"["):
        event, is_malformed = _read(text, writer)
        return Reading((event,), is_malformed=is_malformed)
    try:
        elements = _ELEMENTS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Reading((refused(body, f"not JSON: {error}", writer),), is_malformed=True)
    if len(elements) > _MOST:
        reason = f"a list of {len(elements)} events, at most {_MOST} are taken at once"
        return Reading((refused(body, reason, writer),), is_malformed=True)
    return Reading(tuple(_read(bytes(raw).strip(_WHITE), writer)[0] for raw in elements), is_list=True)


def refused(raw: bytes, reason: str, writer: Writer) -> Posted:
    """Return bytes that go to quarantine."""
    # A reason may quote half a character, which no database keeps as text.
    words = reason.encode("utf-8", "backslashreplace").decode()
    return Posted(raw, None, _sender(writer), words)


def _read(raw: bytes, writer: Writer) -> tuple[Posted, bool]:
    try:
        return _read_event(raw, writer)
    except _UNFORESEEN as error:
        # A fault of ours must not lose an event: `quarantine retry` reads it once that is mended.
        return refused(raw, f"cannot be read: {type(error).__name__}: {error}", writer), False


def _read_event(raw: bytes, writer: Writer) -> tuple[Posted, bool]:
    try:
        value = decode(raw)
    except NotAnEvent as error:
        return refused(raw, str(error), writer), True
    sender = _sender(writer)
    try:
        seen = observe(raw, value, sender)
    except NotAnEvent as error:
        # An unknown kind may be one that is still to come; a known kind with wrong members is a mistake.
        is_known = isinstance(value, dict) and ("job" in value or "dataset" in value)
        is_wrong = is_known or not isinstance(value, dict)
        return msgspec.structs.replace(refused(raw, str(error), writer), event_id=value_id(value)), is_wrong
    namespace, run_id = _about(seen)
    reason = None
    if not writer.may_write(namespace):
        reason = f"{sender}: may not write to the namespace {namespace[:200]!r}"
    return Posted(raw, value_id(value), sender, reason, run_id, seen.likeness), False


def _about(seen: Observation) -> tuple[str, str | None]:
    """Return the namespace an event writes to, and its run's id."""
    fact = seen.facts[0]
    if isinstance(fact, RunFact):
        return fact.run.job.namespace, fact.run.run_id
    if isinstance(fact, JobFact):
        return fact.job.namespace, None
    if isinstance(fact, DatasetFact):
        return fact.dataset.namespace, None
    raise TypeError(type(fact).__name__)


def _sender(writer: Writer) -> str:
    return "posted without a token" if writer.name is None else f"posted with the token {writer.name}"
