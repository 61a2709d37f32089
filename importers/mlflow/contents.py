"""What a model version is made of: its files, and the signature that its `MLmodel` file states."""

from pathlib import Path
from typing import Any

import msgspec

from importers.mlflow.shapes import read_shape
from schemas.canonical import MAX_INTEGER
from schemas.errors import Malformed
from schemas.observation import ContentsFact, ModelFile

MAX_MLMODEL = 1 << 20
MAX_FILES = 1_000
_DIGITS = 19
_SCHEMAS = ("inputs", "outputs", "params")


class Listed(msgspec.Struct, frozen=True):
    """One file as a list names it; `sha256` where it was hashed on this machine."""

    path: str
    file_size: int | str | None = None
    is_dir: bool = False
    sha256: str | None = None


class Contents(msgspec.Struct, frozen=True):
    """One version's files and, where it could be read, its `MLmodel` file."""

    name: str
    version: str
    level: str
    files: list[Listed]
    mlmodel: str | None = None

    def to_item(self) -> dict[str, Any]:
        """Return the JSON value that is kept as what was seen; `sha256` only where files were hashed."""
        files = [
            {"path": f.path, "file_size": f.file_size} | ({"sha256": f.sha256} if f.sha256 else {})
            for f in sorted(self.files, key=lambda f: f.path)
        ]
        item = {"files": files, "level": self.level, "name": self.name, "version": self.version}
        return item if self.mlmodel is None else {**item, "mlmodel": self.mlmodel}


def contents_fact(contents: Contents) -> tuple[ContentsFact, tuple[str, ...]]:
    """Return the fact, and what a person should know about it."""
    files = tuple(ModelFile(f.path, size_of(f.file_size), f.sha256) for f in contents.files if not f.is_dir)
    signature = None
    warnings: tuple[str, ...] = ()
    if contents.mlmodel is not None:
        try:
            signature = read_signature(contents.mlmodel)
        except Malformed as error:
            warnings = (f"MLmodel of version {contents.version} of {contents.name}: {error.message}",)
    return ContentsFact(contents.name, contents.version, contents.level, files, signature), warnings


def read_signature(text: str) -> dict[str, Any]:
    """Return inputs, outputs, params, flavours, versions and size; raise Malformed for what is no MLmodel.

    A schema that the model does not state is left out; MLflow writes each as JSON inside a string.
    """
    import yaml  # noqa: PLC0415 - only model files need YAML

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed("not YAML") from error
    if not isinstance(value, dict):
        raise Malformed("not a YAML mapping")
    flavors, said = value.get("flavors"), value.get("signature")
    found: dict[str, Any] = {"flavors": sorted(map(str, flavors)) if isinstance(flavors, dict) else []}
    if isinstance(made_by := value.get("mlflow_version"), str):
        found["mlflowVersion"] = made_by
    python = flavors.get("python_function") if isinstance(flavors, dict) else None
    if isinstance(python, dict) and isinstance(written_for := python.get("python_version"), str):
        found["pythonVersion"] = written_for
    if type(size := value.get("model_size_bytes")) is int and 0 <= size <= MAX_INTEGER:
        found["sizeBytes"] = size
    for key in _SCHEMAS:
        stated = said.get(key) if isinstance(said, dict) else None
        if isinstance(stated, str):
            found[key] = _columns(key, stated)
    try:
        msgspec.json.encode(found)
    except UnicodeEncodeError as error:
        raise Malformed("half a surrogate pair is no text") from error
    return found


def read_mlmodel(path: Path) -> str | None:
    """Return the text of an `MLmodel` file; None for one that is too large or no text."""
    with path.open("rb") as stream:
        return decode_mlmodel(stream.read(MAX_MLMODEL + 1))


def decode_mlmodel(data: bytes) -> str | None:
    """Return the text of an `MLmodel` file; None for one that is too large or no text."""
    if len(data) > MAX_MLMODEL:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def read_listing(value: Any) -> list[Listed]:
    """Return the files and folders of one answer to a call for a list."""
    files = value.get("files") if isinstance(value, dict) else None
    listed = [read_shape(item, Listed) for item in files] if isinstance(files, list) else []
    return [item for item in listed if item.path]


def _columns(key: str, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"the signature's {key} are not JSON") from error


def size_of(value: int | str | None) -> int | None:
    """Return the size that a list states, None for one that is no size."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < _DIGITS else None
