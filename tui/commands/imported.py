"""muniment imported: what other registries say about their models, and what they said before."""

from collections.abc import Iterator
from typing import Any

import click

from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings

_NO_FILES = "files: none listed"
_MADE = {"MLflow": "mlflowVersion", "Python": "pythonVersion", "bytes": "sizeBytes"}


@click.command("imported")
@click.argument("model", required=False)
@click.option("--filter", "wanted", default="", metavar="TEXT", help="Only names that contain this.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many."
)
@json_option
@click.pass_obj
def command(settings: Settings, model: str | None, wanted: str, limit: int, as_json: bool) -> None:
    """List model versions of MLflow as last read, or show MODEL: aliases, files, signatures, history.

    Files are reported, or verified when their bytes were hashed on this machine. A version is missing when
    one full reading lacked it, gone when two in a row did.
    """
    from registry.store.foreign_listing import list_versions, read_models
    from schemas.errors import NotFound

    with opened(settings, read_only=True) as registry:
        if model is None:
            items = list_versions(registry.connection, wanted, limit)
        else:
            items = read_models(registry.connection, model)
    if model is not None and not items:
        raise NotFound(f"no imported model is called {model!r}", hint="muniment imported")
    emit({"items": items}, as_json=as_json, text=lambda: _list(items) if model is None else _show(items))


def _list(items: list[dict[str, Any]]) -> Iterator[str]:
    head = ("VERSION", "ALIASES", "STATUS", "FILES", "PRESENCE", "SOURCE")
    rows = [
        (
            f"{item['model']}@{item['version']}",
            ", ".join(item["aliases"]) or "-",
            item["status"] or "-",
            item["files"],
            item["presence"],
            item["source"],
        )
        for item in items
    ]
    yield from table(head, rows)


def _show(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        yield f"{item['model']} in {item['source']}, {item['presence']}"
        for alias, version in item["aliases"].items():
            yield f"  alias {alias} -> {version}"
        for version in item["versions"]:
            yield from _version(version)
        if item["history"]:
            yield "seen to change:"
        for change in item["history"]:
            yield f"  {change['seen_at']}  {_change(change)}"


def _version(version: dict[str, Any]) -> Iterator[str]:
    yield f"version {version['version']}, {version['presence']}, {version['status'] or 'no status'}"
    if version["artifact_uri"]:
        yield f"  from {version['artifact_uri']}, run {version['run'] or 'unknown'}"
    said = version["signature"] or {}
    if made := [*said.get("flavors", ()), *(f"{k} {said[v]}" for k, v in _MADE.items() if v in said)]:
        yield f"  {', '.join(made)}"
    for side in ("inputs", "outputs"):
        columns = said.get(side)
        if isinstance(columns, list):
            yield f"  {side}: {', '.join(map(_column, columns))}"
    for file in version["files"]:
        size = "size unknown" if file["size"] is None else f"{file['size']} bytes"
        yield f"  {file['level']}  {file['path']}  {size}  {file['sha256'] or ''}".rstrip()
    if not version["files"]:
        yield f"  {_NO_FILES}"


def _column(column: Any) -> str:
    if not isinstance(column, dict):
        return str(column)
    return " ".join(str(column[key]) for key in ("name", "type") if key in column)


def _change(change: dict[str, Any]) -> str:
    where = f"version {change['version']}: " if change["version"] else ""
    what = f"{change['what']} {change['name']}".strip()
    if change["what"] in ("gone", "returned"):
        return f"{where or 'the model: '}{what}"
    return f"{where}{what}: {change['before'] or '-'} -> {change['after'] or '-'}"
