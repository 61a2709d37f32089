"""What a published facet should look like, from the classes that openlineage-python generates.

Real producers break the published schemas in current releases (interop section 4.3), so a facet of another
shape is kept and warned about, never refused. Formats (times, URIs) are not checked. A facet is known by the
class its `_schemaURL` names when the model digit is ours, by its name when the URL names another class or
none; a facet with a URL of somebody else's is theirs and is kept without a word.
"""

import functools
import importlib
import pkgutil
import re
import types
import typing
from enum import Enum
from typing import Any

import attr
import msgspec

Shape = type[msgspec.Struct]

_SUFFIXES = {
    "run": ("RunFacet",),
    "job": ("JobFacet",),
    "dataset": ("DatasetFacet",),
    # Producers put the quality facets of a use where those of the dataset go, and the other way round.
    "input": ("InputDatasetFacet", "DatasetFacet"),
    "output": ("OutputDatasetFacet", "DatasetFacet"),
}
_NAMES = {
    "dataSource": "Datasource",
    "parentRun": "Parent",
    "processing_engine": "ProcessingEngine",
    "sql": "SQL",
    "version": "DatasetVersion",
}
_VERSIONED = re.compile(r"/facets/(\d+)-\d+-\d+/\w+\.json")
_UNVERSIONED = re.compile(r"/spec/(?:OpenLineage|facets/\w+)\.json")
_FRAGMENT = re.compile(r"#/(?:\$defs|definitions)/(\w+)\Z")
_FILE = re.compile(r"/(\w+)\.json")
_INDEX = re.compile(r"\[(?:\d+|\.\.\.)\]")
_MISMATCH = re.compile(r"Expected `(.+)`, got `(.+)`")
_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "an object",
    "str": "text",
}


def find_fault(entity: str, name: str, facet: dict[str, Any]) -> str | None:
    """Return what is wrong with the facet `name` of a run, job, dataset, input or output; None when nothing.

    The place of the fault has no list indexes, so that equal faults read alike.
    """
    url = facet.get("_schemaURL")
    shape = _shape_of(entity, name, url if isinstance(url, str) else "")
    if shape is None or facet.get("_deleted") is True:
        return None
    try:
        msgspec.convert(facet, shape)
    except msgspec.ValidationError as error:
        return _in_words(str(error))
    return None


def _in_words(fault: str) -> str:
    said, _, place = fault.partition(" - at `$")
    mismatch = _MISMATCH.fullmatch(said)
    if mismatch is not None:
        wanted = _WORDS.get(mismatch[1].removesuffix(" | null"), mismatch[1])
        said = f"expected {wanted}, found {_WORDS.get(mismatch[2], mismatch[2])}"
    else:
        said = said.replace("Object missing required field", "lacks").replace("Invalid enum", "unknown")
        said = said.replace("`", "")
    where = _INDEX.sub("[]", place.rstrip("`")).lstrip(".")
    return f"{where}: {said}" if where else said


@functools.lru_cache(maxsize=4096)
def _shape_of(entity: str, name: str, url: str) -> Shape | None:
    known = _published()
    by_name = [c for c in _classes_of(entity, name) if c in known]
    versioned, unversioned = _VERSIONED.search(url), _UNVERSIONED.search(url)
    if url and versioned is None and unversioned is None:
        return None
    named = _class_in(url)
    if by_name and named not in by_name:
        return known[by_name[0]][1]
    model, shape = known.get(named, ("", None))
    return shape if versioned is None or versioned[1] == model else None


def _classes_of(entity: str, name: str) -> list[str]:
    stem = _NAMES.get(name) or name[:1].upper() + name[1:]
    return [stem + suffix for suffix in _SUFFIXES[entity]]


def _class_in(url: str) -> str:
    """Return the class that a schema's URL names: behind `#/$defs/`, else the file."""
    found = _FRAGMENT.search(url) or _FILE.search(url)
    return "" if found is None else found[1]


@functools.cache
def _published() -> dict[str, tuple[str, Shape]]:
    """Return the model digit and the shape of every facet class of the installed client."""
    from openlineage.client import generated  # noqa: PLC0415 - a third of a second, only when facets come
    from openlineage.client.generated.base import BaseFacet  # noqa: PLC0415

    found: dict[str, tuple[str, Shape]] = {}
    shapes: dict[type, Any] = {}
    for module in pkgutil.iter_modules(generated.__path__):
        named = importlib.import_module(f"{generated.__name__}.{module.name}")
        for name, value in vars(named).items():
            if isinstance(value, type) and issubclass(value, BaseFacet):
                url = value._get_schema()  # noqa: SLF001 - nothing else says which version it is
                published = _VERSIONED.search(url)
                if published is not None:
                    found[name] = (published[1], _struct(value, shapes))
    return found


def _struct(value: type, shapes: dict[type, Any]) -> Any:
    if value in shapes:
        return shapes[value]
    # A field that holds its own kind (nested columns) is checked one level deep.
    shapes[value] = dict[str, Any]
    hints = typing.get_type_hints(value)
    fields: list[Any] = []
    for field in attr.fields(value):
        if field.name.startswith("_"):
            continue
        kind, is_required = _kind(hints[field.name], shapes), field.default is attr.NOTHING
        fields.append((field.name, kind) if is_required else (field.name, kind | None, None))
    shapes[value] = msgspec.defstruct(value.__name__, fields, kw_only=True)
    return shapes[value]


def _kind(hint: Any, shapes: dict[type, Any]) -> Any:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [_kind(item, shapes) for item in inside if item is not types.NoneType]
        # Alternatives of one kind cannot be told apart by shape alone.
        made = kinds[0] if len(kinds) == 1 else Any
        return made | None if types.NoneType in inside and made is not Any else made
    if origin is list:
        return list[_kind(inside[0], shapes)]  # type: ignore[misc] # a type made at run time
    if origin is dict:
        return dict[str, _kind(inside[1], shapes)]  # type: ignore[misc] # likewise
    if attr.has(hint) and not issubclass(hint, Enum):
        return _struct(hint, shapes)
    return hint
