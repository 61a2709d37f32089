"""Which dataset MLflow means, in the names other tools use for the same bytes."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from importers.mlflow.shapes import Dataset
from schemas.observation import Name

_SECRET_WORDS = ("sig", "token", "secret", "password", "credential", "accesskey", "apikey")
_BUCKETS = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs"}
_PLACES = ("uri", "url", "path")
_TABLES = ("delta_table_name", "table_name")


def name_dataset(dataset: Dataset, server: str) -> Name:
    """Return the OpenLineage name of a logged dataset.

    A dataset that only code made, or whose place cannot be read, is named within its server.
    """
    source = _source(dataset)
    if dataset.source_type != "code":
        for key in _PLACES:
            if isinstance(place := source.get(key), str) and place:
                return name_place(place) or Name(server, dataset.name)
        for key in _TABLES:
            if isinstance(table := source.get(key), str) and table:
                return Name("unitycatalog" if source.get("is_databricks_uc_table") else server, table)
    return Name(server, dataset.name)


def dataset_version(dataset: Dataset) -> str | None:
    """Return the version that was read: the table's own, else MLflow's digest (8 hex: a hint, no proof)."""
    version = _source(dataset).get("delta_table_version")
    if isinstance(version, int):
        return str(version)
    return dataset.digest or None


def name_place(place: str) -> Name | None:
    """Return the name of a path or URL, None for one that says nothing outside its own machine.

    User, password and signed query of a URL are no part of a name.
    """
    try:
        parts = urlsplit(place)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if len(scheme) <= 1:
        return Name("file", place) if place.startswith("/") else None
    if scheme == "file":
        return Name(f"file://{host}" if host not in ("", "localhost") else "file", unquote(parts.path))
    if scheme in _BUCKETS and host:
        return Name(f"{_BUCKETS[scheme]}://{parts.netloc.rpartition('@')[2]}", parts.path.lstrip("/"))
    if not host:
        return None
    authority = f"{_user_part(scheme, parts.username)}{host}{f':{port}' if port else ''}"
    query = f"?{parts.query}" if parts.query and not _is_secret(parts.query) else ""
    return Name(f"{scheme}://{authority}", f"{parts.path or '/'}{query}")


def schema_facet(dataset: Dataset) -> dict[str, Any] | None:
    """Return the columns as an OpenLineage schema facet, None where MLflow recorded no columns."""
    columns = _object(dataset.schema).get("mlflow_colspec")
    if not isinstance(columns, list):
        return None
    fields = [
        {"name": str(column["name"]), "type": str(column.get("type", ""))}
        for column in columns
        if isinstance(column, dict) and "name" in column
    ]
    return {"fields": fields} if fields else None


def _source(dataset: Dataset) -> dict[str, Any]:
    return _object(dataset.source)


def _object(text: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _user_part(scheme: str, user: str | None) -> str:
    # In Azure's schemes what stands before the @ is the container, not a person.
    return f"{user}@" if user and scheme in ("abfs", "abfss", "wasb", "wasbs") else ""


def _is_secret(query: str) -> bool:
    keys = [
        key.lower().replace("-", "").replace("_", "") for key, _ in parse_qsl(query, keep_blank_values=True)
    ]
    return any(word in key for key in keys for word in _SECRET_WORDS) or not keys
