"""A description beside the version it is said to be about: where the two contradict each other."""

import msgspec

from importers.modelcards.card import Card, Stated
from schemas.asset import FileEntry, VersionRef, artifact_digest


class Comparison(msgspec.Struct, frozen=True):
    """How many hashes agree, what contradicts the version, how many are of files that it does not have."""

    agree: int
    contradictions: tuple[str, ...]
    elsewhere: int


def compare(card: Card, ref: VersionRef, files: tuple[FileEntry, ...]) -> Comparison:
    """Return where the hashes, sizes and version that `card` states differ from those of `ref`."""
    agree, elsewhere = 0, 0
    against: list[str] = []
    if card.about is not None and card.about[0] == ref.name and _other_version(card.about[1], ref):
        against.append(f"it is about {card.about[0]} {card.about[1]}, not about {ref}")
    for stated in card.stated:
        said = _differs(stated, files)
        if said is None:
            elsewhere += 1
        elif said:
            against.append(said)
        else:
            agree += 1
    return Comparison(agree, tuple(against), elsewhere)


def _other_version(version: str, ref: VersionRef) -> bool:
    return version.isascii() and version.isdigit() and version.lstrip("0") != str(ref.version)


def _differs(stated: Stated, files: tuple[FileEntry, ...]) -> str | None:
    """Say how it differs; nothing when it agrees, None when the version has no such file."""
    found = stated.sha256.lower()
    if not stated.names:
        if found == artifact_digest(files).hex or any(file.digest.hex == found for file in files):
            return ""
        return f"the model's SHA-256 is said to be {found[:64]}, and no file of the version has it"
    named = [file for file in files if any(_is_named(file.path, name) for name in stated.names)]
    if len(named) != 1:
        return "" if any(file.digest.hex == found for file in files) else None
    (file,) = named
    if found and file.digest.hex != found:
        return f"{file.path}: its SHA-256 is said to be {found[:64]}, and is {file.digest.hex}"
    if stated.size is not None and stated.size != file.size:
        return f"{file.path}: it is said to have {stated.size} bytes, and has {file.size}"
    return "" if found or stated.size is not None else None


def _is_named(path: str, name: str) -> bool:
    return path == name or path.endswith(f"/{name}")
