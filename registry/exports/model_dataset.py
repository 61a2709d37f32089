"""A governed version as an OpenLineage dataset of type MODEL (interop section 5, point 1).

Its name is the model's, its number stands in the `version` facet: versions of a model are one node. Where it
is linked to a foreign registry, that registry's name and the place of its files are symlinks.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from openlineage.client import facet_v2 as facets
from openlineage.client.generated.base import DatasetFacet

from registry.acts.links import list_links
from registry.registry import Registry
from registry.rules.naming import without_secrets
from registry.store.foreign_places import ForeignPlace, find_place
from registry.trust.state import State, Version
from schemas.observation import Name

_STORES = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs"}
_AUTHORITIES = ("abfs", "abfss", "wasb", "wasbs", "hdfs", "http", "https")


class ModelDataset:
    """How one version is told in every event about it."""

    def __init__(self, registry: Registry, state: State, version: Version) -> None:
        self.namespace = f"muniment://{state.origin.rpartition('/')[2]}"
        self.name = version.ref.model
        self.facets = _facets(version, _places(registry, version))

    def as_kind(self, kind: type[Any], **own: DatasetFacet) -> Any:
        """Return the dataset as `kind`: an input, an output, or one that stands alone."""
        return kind(self.namespace, self.name, facets={**self.facets, **own})


def find_location(uri: str) -> Name | None:
    """Return the name of a place that others can mean too; None for one that only its own server knows.

    Passwords and signed queries of a URL are no part of a name.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    host = parts.netloc.rpartition("@")[2]
    if scheme in _STORES and host:
        return Name(f"{_STORES[scheme]}://{host}", parts.path.strip("/"))
    if scheme in ("abfs", "abfss", "wasb", "wasbs") and parts.netloc:
        return Name(f"{scheme}://{without_secrets(parts.netloc)}", parts.path.strip("/"))
    if scheme in _AUTHORITIES and host:
        return Name(f"{scheme}://{host}", parts.path or "/")
    local = parts.path if scheme == "file" else uri if uri.startswith("/") else ""
    return Name("file", unquote(local) if scheme else local) if local else None


def _places(registry: Registry, version: Version) -> list[ForeignPlace]:
    links = list_links(registry, version.ref)
    found = (find_place(registry.connection, link.source, link.name, link.version, at) for link, at in links)
    return [place for place in found if place is not None]


def _facets(version: Version, places: list[ForeignPlace]) -> dict[str, DatasetFacet]:
    number = facets.dataset_version_dataset.DatasetVersionDatasetFacet(str(version.ref.version))
    kind = facets.dataset_type_dataset.DatasetTypeDatasetFacet(datasetType="MODEL", subType="GOVERNED")
    said: dict[str, DatasetFacet] = {"datasetType": kind, "version": number}
    if version.authors:
        # Pseudonyms, as in every signed record: who they are stays in the registry.
        owners = [facets.ownership_dataset.Owner(name=a, type="AUTHOR") for a in sorted(version.authors)]
        said["ownership"] = facets.ownership_dataset.OwnershipDatasetFacet(owners=owners)
    if named := sorted({item for place in places for item in _identifiers(place)}):
        symlink = facets.symlinks_dataset
        said["symlinks"] = symlink.SymlinksDatasetFacet(
            identifiers=[symlink.Identifier(namespace, name, kind) for namespace, name, kind in named]
        )
    if texts := list(dict.fromkeys(place.description for place in places if place.description)):
        text = without_secrets("\n\n".join(texts))
        said["documentation"] = facets.documentation_dataset.DocumentationDatasetFacet(description=text)
    return said


def _identifiers(place: ForeignPlace) -> list[tuple[str, str, str]]:
    found = [(without_secrets(place.model.namespace), without_secrets(place.model.name), "MODEL")]
    where = find_location(place.artifact_uri)
    if where is not None:
        found.append((without_secrets(where.namespace), without_secrets(where.name), "LOCATION"))
    return found
