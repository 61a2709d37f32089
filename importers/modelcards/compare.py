"""A description beside the version it is said to be about: where the two contradict each other."""

import msgspec

from importers.modelcards.card import Card, Stated
from schemas.asset import FileEntry, VersionRef, artifact_digest


class Comparison(msgspec.Struct, frozen=True):
    """How many hashes agree, what contradicts the version, how many are of files that it does not have."""

    agree: int
    contradictions: tuple[str, ...]
    elsewhere: int


class _Files(msgspec.Struct, frozen=True):
    """The files of a version, to be found by digest or by any end of their path; None: several end so."""

    digests: frozenset[str]
    artifact: str
    named: dict[str, FileEntry | None]


def compare(card: Card, ref: VersionRef, files: tuple[FileEntry, ...]) -> Comparison:
    """Return where the hashes, sizes and version that `card` states differ from those of `ref`."""
    agree, elsewhere = 0, 0
    against: list[str] = []
    known = _index(files)
    if card.about is not None and card.about[0] == ref.name and _other_version(card.about[1], ref):
        against.append(f"it is about {card.about[0]} {card.about[1]}, not about {ref}")
    for stated in card.stated:
        said = _differs(stated, known)
        if said is None:
            elsewhere += 1
        elif said:
            against.append(said)
        else:
            agree += 1
    return Comparison(agree, tuple(against), elsewhere)


def _index(files: tuple[FileEntry, ...]) -> _Files:
    named: dict[str, FileEntry | None] = {}
    for file in files:
        parts = file.path.split("/")
        for start in range(len(parts)):
            end = "/".join(parts[start:])
            named[end] = None if end in named else file
    named |= {file.path: file for file in files}  # a whole path is nobody else's
    return _Files(frozenset(file.digest.hex for file in files), artifact_digest(files).hex, named)


def _other_version(version: str, ref: VersionRef) -> bool:
    return version.isascii() and version.isdigit() and version.lstrip("0") != str(ref.version)


def _differs(stated: Stated, files: _Files) -> str | None:
    """Say how it differs; nothing when it agrees, None when the version has no such file."""
    found = stated.sha256.lower()
    agrees = found in files.digests
    if not stated.names:
        if agrees or found == files.artifact:
            return ""
        return f"the model's SHA-256 is said to be {found[:64]}, and no file of the version has it"
    named = {file.path: file for name in stated.names if (file := files.named.get(name)) is not None}
    if len(named) != 1:
        return "" if agrees else None
    (file,) = named.values()
    if file.digest.hex != found:
        return f"{file.path}: its SHA-256 is said to be {found[:64]}, and is {file.digest.hex}"
    if stated.size is not None and stated.size != file.size:
        return f"{file.path}: it is said to have {stated.size} bytes, and has {file.size}"
    return ""
