"""The common event, read with what was read before: most of an event repeats in other events.

Jobs, datasets and facets are remembered by their exact bytes, so that each is decoded and checked once. An
event that is unusual in any way is left to `decode.observe`, which says what both of them would say.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from importers.openlineage.decode import MAX_DEPTH, UUID, dataset_use
from importers.openlineage.facet_shapes import find_fault
from importers.openlineage.times import parse_event_time
from schemas.identity import event_likeness
from schemas.observation import RANKS, DatasetUse, Facets, Name, Observation, RunFact, RunKey

_REMEMBERED = 2048
_REMEMBERED_BYTES = 4 << 20
_SMALL = 16 << 10
"""Bytes of a value that is still worth remembering."""

_SHALLOW = MAX_DEPTH - 5
"""Levels that a facet may have wherever it stands in an event."""

_decode = msgspec.json.Decoder().decode
_decode_set = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Run(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    run_id: str
    facets: msgspec.Raw = msgspec.Raw(b"{}")


class _Event(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    event_time: str
    run: _Run
    job: msgspec.Raw
    inputs: list[msgspec.Raw] = []
    outputs: list[msgspec.Raw] = []
    event_type: str | msgspec.UnsetType = msgspec.UNSET
    producer: str = ""
    schema_url: str = msgspec.field(default="", name="schemaURL")


class _Job(msgspec.Struct, forbid_unknown_fields=True):
    namespace: str
    name: str
    facets: dict[str, msgspec.Raw] = {}


class _Input(_Job, forbid_unknown_fields=True):
    own: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict, name="inputFacets")


class _Output(_Job, forbid_unknown_fields=True):
    own: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict, name="outputFacets")


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_job = msgspec.json.Decoder(_Job).decode
_decode_input = msgspec.json.Decoder(_Input).decode
_decode_output = msgspec.json.Decoder(_Output).decode


class _Unusual(Exception):
    """Not for this reader."""


_Read = tuple[Any, tuple[str, ...]]
"""What was made of some bytes, and the warnings they deserve."""


class _Memo(dict[Any, Any]):
    """What was made of small keys; of two generations the older one is forgotten when the newer is full."""

    def __init__(self, make: Callable[[Any], Any], size: Callable[[Any], int] = len) -> None:
        super().__init__()
        self._make = make
        self._size = size
        self._bytes = 0
        self._older: dict[Any, Any] = {}

    def __missing__(self, key: Any) -> Any:
        found = self._older.get(key)
        if found is None:
            found = self._make(key)
        size = self._size(key)
        if size > _SMALL:
            return found
        if len(self) >= _REMEMBERED or self._bytes >= _REMEMBERED_BYTES:
            self._older = dict(self)
            self.clear()
            self._bytes = 0
        self._bytes += size
        self[key] = found
        return found


class QuickReader:
    """Reads common run events; what it remembers is bounded."""

    def __init__(self) -> None:
        self._jobs = _Memo(self._job)
        self._inputs = _Memo(self._input)
        self._outputs = _Memo(self._output)
        self._run_facets = _Memo(self._run_set)
        self._facets = _Memo(_facet, _size_of_facet)

    def read(self, raw: bytes, digest: bytes, position: str) -> Observation | None:
        """Return what `raw` states, None when `decode` must look at it."""
        try:
            if not raw.isascii():
                # What is said twice under one name is decoded once: the rest is not looked into.
                raw.decode()
            return self._observe(_decode_event(raw), raw, digest, position)
        except (_Unusual, msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
            return None

    def _observe(self, event: _Event, raw: bytes, digest: bytes, position: str) -> Observation:
        kind = None if event.event_type is msgspec.UNSET else event.event_type
        run_id = event.run.run_id
        if (kind is not None and kind not in RANKS) or not UUID.fullmatch(run_id):
            raise _Unusual
        time = parse_event_time(event.event_time)
        (name, job_facets), warnings = self._jobs[bytes(event.job)]
        if time.warning is not None:
            warnings = (time.warning, *warnings)
        inputs, said = _read_each(self._inputs, event.inputs)
        warnings += said
        outputs, said = _read_each(self._outputs, event.outputs)
        warnings += said
        run_facets, said = self._run_facets[bytes(event.run.facets)]
        fact = RunFact(
            RunKey(run_id, name),
            kind,
            time.text,
            time.instant,
            inputs,
            outputs,
            run_facets,
            job_facets,
        )
        likeness = event_likeness(kind, event.event_time, name.namespace, name.name)
        return Observation(raw, digest, likeness, position, (fact,), warnings + said)

    def _job(self, raw: bytes) -> _Read:
        job = _decode_job(raw)
        facets, warnings = self._set("job", job.facets)
        return (_name(job), facets), warnings

    def _input(self, raw: bytes) -> _Read:
        return self._use(_decode_input(raw), "input")

    def _output(self, raw: bytes) -> _Read:
        return self._use(_decode_output(raw), "output")

    def _use(self, dataset: "_Input | _Output", entity: str) -> _Read:
        facets, warnings = self._set("dataset", dataset.facets)
        own, said = self._set(entity, dataset.own)
        use = dataset_use(_name(dataset), facets, own, is_output=entity == "output")
        return use, warnings + said

    def _run_set(self, raw: bytes) -> _Read:
        return self._set("run", _decode_set(raw))

    def _set(self, entity: str, raws: dict[str, msgspec.Raw]) -> tuple[Facets, tuple[str, ...]]:
        facets: Facets = {}
        warnings: tuple[str, ...] = ()
        memo = self._facets
        for name, raw in raws.items():
            facets[name], said = memo[entity, name, bytes(raw)]
            if said:
                warnings += said
        return facets, warnings


def _read_each(memo: _Memo, items: list[msgspec.Raw]) -> tuple[tuple[DatasetUse, ...], tuple[str, ...]]:
    uses: list[DatasetUse] = []
    warnings: tuple[str, ...] = ()
    for item in items:
        use, said = memo[bytes(item)]
        uses.append(use)
        if said:
            warnings += said
    return tuple(uses), warnings


def _facet(key: tuple[str, str, bytes]) -> _Read:
    entity, name, raw = key
    value = _decode(raw)
    if not isinstance(value, dict) or raw.count(b"{") + raw.count(b"[") > _SHALLOW:
        raise _Unusual
    fault = find_fault(entity, name, value)
    return value, () if fault is None else (f"{entity} facet {name[:60]}: {fault}",)


def _size_of_facet(key: tuple[str, str, bytes]) -> int:
    return len(key[2])


def _name(entity: _Job) -> Name:
    if not entity.namespace or not entity.name:
        raise _Unusual
    return Name(entity.namespace, entity.name)
