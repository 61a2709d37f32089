"""From the body of one request to the events it posts, each with the reason if it will be quarantined."""

import msgspec

from importers.openlineage.decode import NotAnEvent, decode, observe, read_event
from importers.openlineage.quick import QuickReader
from schemas.identity import event_id, raw_digest, value_id
from schemas.observation import DatasetFact, JobFact, Observation, RunFact, Unreadable
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
# One for the process: it remembers a bounded part of what was posted before.
_quick = QuickReader()


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


def read_kept(raw: bytes, position: str) -> Observation | Unreadable:
    """Return what one posted event states, or why it cannot be taken."""
    return _quick.read(raw, raw_digest(raw), position) or read_event(raw, position)


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
    sender = _sender(writer)
    seen = _quick.read(raw, b"", sender)
    if seen is not None:
        return _judged(seen, event_id(raw), writer), False
    try:
        value = decode(raw)
    except NotAnEvent as error:
        return refused(raw, str(error), writer), True
    try:
        return _judged(observe(raw, value, sender), value_id(value), writer), False
    except NotAnEvent as error:
        # An unknown kind may be one that is still to come; a known kind with wrong members is a mistake.
        is_known = isinstance(value, dict) and ("job" in value or "dataset" in value)
        is_wrong = is_known or not isinstance(value, dict)
        return msgspec.structs.replace(refused(raw, str(error), writer), event_id=value_id(value)), is_wrong


def _judged(seen: Observation, own: bytes, writer: Writer) -> Posted:
    """Return an event as it is taken, or held back from a namespace that `writer` may not write to."""
    namespace, run_id = _about(seen)
    reason = None
    if not writer.may_write(namespace):
        reason = f"{seen.position}: may not write to the namespace {namespace[:200]!r}"
    return Posted(seen.raw, own, seen.position, reason, run_id, seen.likeness)


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
