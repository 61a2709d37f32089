"""A governed version as OpenLineage events: how it was trained, checked and decided on (interop section 5).

The version is a dataset of type MODEL under the registry's own namespace. Times are the original ones, ids
are derived: the same registry gives the same bytes, whenever it is asked.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from openlineage.client import event_v2 as ol
from openlineage.client import facet_v2 as facets
from openlineage.client.generated.base import RunFacet

from registry.acts.history import runs_of
from registry.acts.state import read_state
from registry.acts.statuses import environments_of
from registry.exports.facets import MunimentBiasCheckRunFacet, MunimentModelVersionDatasetFacet
from registry.exports.model_dataset import ModelDataset
from registry.exports.reports import find_report, measured_on, report_facets
from registry.exports.times import time_of
from registry.registry import Registry
from registry.rules.fairness import verify_bias_document
from registry.rules.naming import without_secrets
from registry.rules.snapshot import KnownRun, VersionUse
from registry.rules.status import status
from registry.store.lineage import LineageReader
from registry.trust.state import Decision, Document, State, Version
from schemas.asset import VersionRef
from schemas.errors import Unproven, VerificationError
from schemas.observation import RunKey

PRODUCER = "https://muniment.dev/muniment"
_RUNS = uuid.UUID("6f6c3b4e-2a0f-5d7c-9a54-6d756e696d65")
_FOUR_FIFTHS = "0.8"

Event = ol.RunEvent | ol.DatasetEvent


def list_events(registry: Registry, ref: VersionRef, *, as_runs: bool = False) -> list[Event]:
    """Return the events of one version: training, reports and bias checks, decisions, where it stands.

    `as_runs` tells decisions and statuses as runs of no length, for consumers that ignore dataset events.
    """
    ol.set_producer(PRODUCER)
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    version = state.find_version(manifest)
    if version is None:
        raise Unproven("the registration of this version does not stand", hint="muniment audit verify")
    teller = _Teller(registry, state, version, as_runs=as_runs)
    return [*teller.training(), *teller.documents(), *teller.decisions(), *teller.statuses()]


class _Teller:
    """Tells one version's facts as events."""

    def __init__(self, registry: Registry, state: State, version: Version, *, as_runs: bool) -> None:
        self._registry, self._state, self._version, self._as_runs = registry, state, version, as_runs
        self._model = ModelDataset(registry, state, version)
        self._reader = LineageReader(registry.connection)
        self._runs = [(key, self._reader.find_run(key)) for key in runs_of(state, version)]

    def training(self) -> Iterator[Event]:
        """Yield START and COMPLETE of every training run that is known here, with the model as an output."""
        for key, run in self._runs:
            run_id = _as_uuid(key.run_id)
            if run is None or run_id is None:
                continue
            job = ol.Job(without_secrets(key.job.namespace), key.job.name)
            inputs = [_used(use, ol.InputDataset) for use in self._reader.inputs(run)]
            outputs = [_used(use, ol.OutputDataset) for use in self._reader.outputs(run)]
            for state, time in ((ol.RunState.START, run.started), (_ended(run), run.ended)):
                if time is not None and state is not None:
                    yield ol.RunEvent(
                        eventTime=time_of(time),
                        producer=PRODUCER,
                        run=ol.Run(run_id),
                        job=job,
                        eventType=state,
                        inputs=inputs,
                        outputs=[*outputs, self._model.as_kind(ol.OutputDataset)],
                    )

    def documents(self) -> Iterator[Event]:
        """Yield every standing bias check and report as a run that reads the model, in log order."""
        for document in self._state.documents.get(self._version.manifest, ()):
            if self._state.is_void(document.by):
                continue
            if document.what == "bias":
                yield self._checked(document)
            elif document.what in ("evaluation", "monitoring"):
                yield self._reported(document)

    def decisions(self) -> Iterator[Event]:
        """Yield every decision that was signed, at its leaf's time."""
        for (manifest, environment), events in sorted(self._state.reviews.items()):
            for event in events:
                if manifest == self._version.manifest and isinstance(event, Decision):
                    facet = MunimentModelVersionDatasetFacet(
                        manifest=manifest,
                        environment=environment,
                        leaf=event.by.seq,
                        decision=event.decision,
                        role=event.role,
                        reviewer=event.person,
                        dossier=event.dossier,
                        envelope=event.envelope,
                    )
                    yield self._told(facet, event.by.time, event.envelope)

    def statuses(self) -> Iterator[Event]:
        """Yield where the version stands in each environment at the last leaf that concerns it.

        A facet replaces the one before it, so each says where the version stands everywhere, and comes a
        millisecond after the one before it: none is lost to a record of the same second.
        """
        state, manifest = self._state, self._version.manifest
        everywhere = [status(state, manifest, name, state.time) for name in environments_of(state, manifest)]
        standing = [{"environment": found.environment, "status": found.status} for found in everywhere]
        for number, found in enumerate(everywhere, 1):
            facet = MunimentModelVersionDatasetFacet(
                manifest=manifest,
                environment=found.environment,
                leaf=state.size - 1,
                status=found.status,
                standing=standing,
                dossier=found.dossier,
            )
            time = f"{state.time.removesuffix('Z')}.{number:03d}Z"
            yield self._told(facet, time, f"{manifest} {found.environment} {state.size}", found.tier)

    def _checked(self, document: Document) -> Event:
        asserted = facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=list(self._assertions(document))
        )
        model = self._model.as_kind(ol.InputDataset)
        model.inputFacets = {"dataQualityAssertions": asserted}
        known = MunimentBiasCheckRunFacet(
            attribute=document.attribute, rule=document.rule, document=document.digest, leaf=document.by.seq
        )
        return self._run(
            "bias-check", document.by.time, str(document.by.envelope), {"muniment_biasCheck": known}, [model]
        )

    def _reported(self, document: Document) -> Event:
        report = find_report(self._registry, document)
        inputs = measured_on(self._registry, report, [key for key, _ in self._runs])
        inputs.insert(0, self._model.as_kind(ol.InputDataset))
        unique = str(document.by.envelope)
        return self._run(document.what, document.by.time, unique, report_facets(document, report), inputs)

    def _assertions(self, document: Document) -> Iterator[Any]:
        body = self._registry.ledger.find_body(document.digest)
        try:
            check = None if body is None else verify_bias_document(body)
        except VerificationError:
            check = None  # its bytes do not give its numbers: nothing is asserted
        for group in () if check is None else sorted(check.groups, key=lambda g: g.counts.label):
            if group.below_four_fifths is not None:
                ratio = group.impact_ratio.number
                yield facets.data_quality_assertions_dataset.Assertion(
                    assertion="impact_ratio",
                    success=not group.below_four_fifths,
                    column=document.attribute,
                    name=f"{document.attribute} = {group.counts.label}",
                    expected=f">= {_FOUR_FIFTHS}",
                    actual=None if ratio is None else f"{ratio:.6f}",
                )

    def _told(
        self, facet: MunimentModelVersionDatasetFacet, time: str, unique: str, tier: str | None = None
    ) -> Event:
        said = {"decision": facet.decision, "environment": facet.environment, "status": facet.status}
        tag = facets.tags_dataset.TagsDatasetFacetFields
        tags = [tag(key=key, value=value) for key, value in {**said, "risk-tier": tier}.items() if value]
        own = {"muniment_modelVersion": facet, "tags": facets.tags_dataset.TagsDatasetFacet(tags=tags)}
        if not self._as_runs:
            dataset = self._model.as_kind(ol.StaticDataset, **own)
            return ol.DatasetEvent(eventTime=time, producer=PRODUCER, dataset=dataset)
        return self._run("governance", time, unique, {}, [], [self._model.as_kind(ol.OutputDataset, **own)])

    def _run(
        self,
        job: str,
        time: str,
        unique: str,
        run_facets: dict[str, RunFacet],
        inputs: list[ol.InputDataset],
        outputs: list[ol.OutputDataset] | None = None,
    ) -> Event:
        parent = next((key for key, _ in self._runs if _as_uuid(key.run_id)), None)
        if parent is not None:
            run_facets = {"parent": _parent(parent), **run_facets}
        return ol.RunEvent(
            eventTime=time,
            producer=PRODUCER,
            run=ol.Run(str(uuid.uuid5(_RUNS, unique)), facets=run_facets),
            job=ol.Job(self._model.namespace, f"{job}/{self._model.name}"),
            eventType=ol.RunState.COMPLETE,
            inputs=inputs,
            outputs=outputs or [],
        )


def _used(use: VersionUse, kind: type[Any]) -> Any:
    known = use.version or use.digest
    version = facets.dataset_version_dataset.DatasetVersionDatasetFacet(known) if known else None
    named = {"version": version} if version else {}
    return kind(without_secrets(use.dataset.namespace), without_secrets(use.dataset.name), facets=named)


def _parent(key: RunKey) -> RunFacet:
    module = facets.parent_run
    job = module.Job(without_secrets(key.job.namespace), key.job.name)
    return module.ParentRunFacet(run=module.Run(str(_as_uuid(key.run_id))), job=job)


def _as_uuid(run_id: str) -> str | None:
    """Return the run id as the UUID it is; MLflow writes 32 hex digits. None when it is none."""
    try:
        return str(uuid.UUID(run_id))
    except ValueError:
        return None


def _ended(run: KnownRun) -> ol.RunState | None:
    return ol.RunState[run.state] if run.state in ("COMPLETE", "FAIL", "ABORT") else None
