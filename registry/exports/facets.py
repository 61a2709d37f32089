"""Our own OpenLineage facets. Their shapes are published in `schemas/published/facets`, a folder per version.

What a facet may hold never changes under one URL: another shape gets another version.
"""

from typing import Any

import attr
from openlineage.client.generated.base import DatasetFacet, RunFacet

SCHEMAS = "https://muniment.dev/schemas/facets/1-0-0"


def _url(name: str) -> str:
    return f"{SCHEMAS}/{name}.json#/$defs/{name}"


@attr.define
class MunimentModelVersionDatasetFacet(DatasetFacet):
    """What the registry says of a version: a decision, or where it stands at the end of the log.

    `status` is of one environment, `standing` of all: a list of `{environment, status}`.
    """

    manifest: str = attr.field(kw_only=True)
    environment: str = attr.field(kw_only=True)
    leaf: int = attr.field(kw_only=True)
    status: str | None = attr.field(default=None, kw_only=True)
    standing: list[dict[str, str]] | None = attr.field(default=None, kw_only=True)
    decision: str | None = attr.field(default=None, kw_only=True)
    role: str | None = attr.field(default=None, kw_only=True)
    reviewer: str | None = attr.field(default=None, kw_only=True)
    dossier: str | None = attr.field(default=None, kw_only=True)
    envelope: str | None = attr.field(default=None, kw_only=True)

    @staticmethod
    def _get_schema() -> str:
        return _url("MunimentModelVersionDatasetFacet")


@attr.define
class MunimentBiasCheckRunFacet(RunFacet):
    """Which signed document a bias check is, so that its numbers can be found and checked."""

    attribute: str = attr.field(kw_only=True)
    rule: str = attr.field(kw_only=True)
    document: str = attr.field(kw_only=True)
    leaf: int = attr.field(kw_only=True)

    @staticmethod
    def _get_schema() -> str:
        return _url("MunimentBiasCheckRunFacet")


@attr.define
class MunimentReportRunFacet(RunFacet):
    """What another tool reported of a version, and which signed document says so.

    `of` is evaluation or monitoring. A metric is `{name, value}`, or `{name, absent}` for what is no number,
    with `part` where it is of a part of the data: a list of `{attribute, value}`.
    """

    of: str = attr.field(kw_only=True)
    tool: str = attr.field(kw_only=True)
    level: str = attr.field(kw_only=True)
    document: str = attr.field(kw_only=True)
    leaf: int = attr.field(kw_only=True)
    metrics: list[dict[str, Any]] = attr.field(factory=list, kw_only=True)

    @staticmethod
    def _get_schema() -> str:
        return _url("MunimentReportRunFacet")
