"""Croissant 1.0 and 1.1: a data set described as JSON-LD, with the hashes of its files."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from importers.evaluations.json_value import shape_of
from importers.evaluations.report import Results
from importers.modelcards.card import Card, Stated, texts

BLIND_SPOTS = (
    "the records themselves: only their description is read",
    "hashes of files that are not of this version, and hashes other than SHA-256",
    "terms of other vocabularies than Croissant's and schema.org's",
)
_FACTS = ("name", "version", "license", "url", "datePublished")
_BYTES = re.compile(r"([0-9]{1,15})(?: ?B)?")


def is_croissant(value: Any) -> bool:
    """Tell whether a JSON value is a data set that Croissant describes."""
    if not isinstance(value, dict) or not _is_a(value, "Dataset"):
        return False
    conforms = texts(value.get("conformsTo") or value.get("dct:conformsTo"))
    return any("croissant" in text.lower() for text in conforms) or any(
        isinstance(row, dict) and (_is_a(row, "FileObject") or _is_a(row, "FileSet"))
        for row in _list(value.get("distribution"))
    )


def read_croissant(name: str, value: Any) -> Card:
    """Return what is said of the data set, and the hash and size of each file."""
    with shape_of(name, "a Croissant description"):
        files = [row for row in _list(value.get("distribution")) if _is_a(row, "FileObject")]
        records = _list(value.get("recordSet"))
        fields = [field for row in records for field in _list(row.get("field"))]
        stated = tuple(_stated(files))
        rai = sorted(key.rpartition(":")[2] for key in value if key.startswith("rai:"))
    counted = (f"files: {len(files)}", f"record sets: {len(records)}", f"fields: {len(fields)}")
    facts = (
        *((key, found) for key in _FACTS if (found := texts(value.get(key)))),
        ("holds", counted),
        *((("responsible use", tuple(rai)),) if rai else ()),
    )
    results = Results("croissant", blind_spots=BLIND_SPOTS)
    return Card("datasheet", "application/ld+json", results, facts, stated)


def _stated(files: list[dict[str, Any]]) -> Iterator[Stated]:
    for row in files:
        url = next(iter(texts(row.get("contentUrl"))), "")
        last = unquote(url.partition("?")[0].rpartition("/")[2])
        names = (*texts(row.get("name")), *texts(row.get("@id")), *((last,) if last else ()))
        digest = next(iter(texts(row.get("sha256"))), "")
        if names and digest:
            yield Stated(tuple(dict.fromkeys(names)), digest, _size(row.get("contentSize")))


def _size(value: Any) -> int | None:
    """Return the size where it is said in bytes; `3 MB` is too rough to compare."""
    found = _BYTES.fullmatch(str(value)) if isinstance(value, str | int) else None
    return int(found[1]) if found else None


def _is_a(row: dict[str, Any], kind: str) -> bool:
    return any(re.split(r"[:/#]", text)[-1] == kind for text in texts(row.get("@type")))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
