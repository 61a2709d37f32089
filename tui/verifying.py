"""Asking the verifier, with what this machine remembers; showing its answer as lines."""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from registry.bundle.auditor import Auditor, Known
from registry.bundle.examine import Examined
from registry.bundle.findings import Findings
from registry.bundle.reading import read_bundle as read_once
from registry.bundle.verify import Answer, examine_bundle, refuse_bundle
from schemas.digest import Digest
from schemas.errors import Error, NotFound, Usage, VerificationError
from schemas.ledger import parse_time_text, time_text
from tui.diagnostics import say
from tui.remembered import verifier_memory

_SIZE = re.compile(r"[0-9]{1,16}")
_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNIT = {"m": "minutes", "h": "hours", "d": "days"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed beside a bundle; all of it may be left out."""

    anchor: str | None = None
    prior: str | None = None
    at: str | None = None
    max_age: str | None = None
    witnesses: int = 0
    remember: bool = True
    older: bool = False


def verify_file(path: Path, asked: Asked) -> Answer:
    """Return the answer for the bundle at `path`; raise Usage for arguments that mean nothing."""
    return examine_file(path, asked)[0]


def examine_file(path: Path, asked: Asked) -> tuple[Answer, Examined | None]:
    """Return the answer and what was read; a PASS under an anchor is remembered."""
    answer, examined = examine_path(path, auditor_of(asked))
    return remember(answer, examined, asked), examined


def examine_path(path: Path, auditor: Auditor) -> tuple[Answer, Examined | None]:
    """Return the answer for the bundle at `path` and what was read; nothing is remembered."""
    try:
        return examine_bundle(read_bundle(path), auditor)
    except VerificationError as error:
        return refuse_bundle(error, auditor), None


def read_bundle(path: Path) -> bytes:
    """Return the bytes of the bundle at `path`, a file or a folder, read once."""
    try:
        return read_once(path)
    except OSError as error:
        raise NotFound(f"{path}: cannot be read: {error.strerror}", hint="check the path") from error


def auditor_of(asked: Asked) -> Auditor:
    """Return what the auditor knows: what was typed, and what this machine remembers."""
    remembered: dict[str, Known] = {}
    if asked.remember:
        try:
            remembered = {origin: known for origin, (known, _) in verifier_memory().read().items()}
        except Error as error:
            say(f"muniment: {error.message}; it is ignored")
            say(f"  next: {error.hint}")
    return Auditor(
        anchor=None if asked.anchor is None else parse_anchor(asked.anchor),
        prior=None if asked.prior is None else parse_prior(asked.prior),
        at=None if asked.at is None else parse_at(asked.at),
        remembered=remembered,
        max_age=None if asked.max_age is None else parse_span(asked.max_age),
        now=time_text(datetime.now(UTC)),
        witnesses=asked.witnesses,
        older=asked.older,
        check_tokens=_check_tokens,
    )


def _check_tokens(examined: Examined, findings: Findings) -> list[dict[str, Any]]:
    if not examined.tokens:
        return []
    from registry.bundle.timestamps import check_tokens  # noqa: PLC0415 - for bundles that hold tokens

    return check_tokens(examined, findings)


def remember(answer: Answer, examined: Examined | None, asked: Asked) -> Answer:
    """Keep what passed under an anchor, and return the answer with what its session says about it."""
    kept, why = False, ""
    anchor = None if examined is None else examined.state.anchor
    if not asked.remember:
        why = "nothing was to be remembered"
    elif examined is None or anchor is None or answer.verdict != "PASS":
        why = "only a PASS under an anchor is remembered"
    else:
        head = examined.log.head
        try:
            kept = verifier_memory().keep(head.origin, Known(anchor, head.size, head.root))
            why = "" if kept else "a larger head is remembered"
        except (Error, OSError) as error:
            why = error.message if isinstance(error, Error) else str(error.strerror).lower()
            if isinstance(error, OSError):
                say(f"muniment: {error.filename}: this cannot be remembered: {why}")
    applied = answer.session["remembered"]
    session = answer.session | {"remembered": {**applied, "applied": bool(applied), "kept": kept, "why": why}}
    return msgspec.structs.replace(answer, session=session)


def parse_anchor(text: str) -> Digest:
    """Return the anchor `sha256:…`; raise Usage for anything else."""
    try:
        return Digest(text)
    except ValueError as error:
        raise Usage(f"--anchor: {error}", hint="pass what muniment init printed, sha256: included") from error


def parse_at(text: str, *, what: str = "--at") -> str:
    """Return the time `YYYY-MM-DDTHH:MM:SSZ`; raise Usage for anything else."""
    try:
        return parse_time_text(text)
    except VerificationError as error:
        raise Usage(f"{what}: {error.message}", hint="for example 2026-11-23T12:00:00Z") from error


def parse_span(text: str, *, what: str = "--max-age") -> timedelta:
    """Return the time that `90m`, `12h` or `30d` spells; raise Usage for anything else."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Usage(f"{what}: expected a number and m, h or d, found {text[:80]!r}", hint="for example 30d")
    return timedelta(**{_UNIT[found[2]]: int(found[1])})


def parse_prior(text: str) -> tuple[int, bytes]:
    """Return size and root of `SIZE:ROOT`, ROOT in base64 or hex; raise Usage for anything else."""
    size, _, root = text.partition(":")
    for decode in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
        try:
            raw = decode(root)
        except (ValueError, binascii.Error):
            continue
        if len(raw) == 32 and _SIZE.fullmatch(size):
            return int(size), raw
    raise Usage(f"--prior: expected SIZE:ROOT, found {text[:80]!r}", hint="copy both from a checkpoint")


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield the answer as lines, the verdict last."""
    for finding in answer.checks:
        code = f" {finding.code}" if finding.code else ""
        yield f"{finding.result:<9} {finding.check}{code}: {finding.message}"
    for claim in answer.record.get("claims", []):
        yield f"status    {claim['name']} for {claim['environment']}: {claim['status']}"
    for row in answer.record.get("head", {}).get("witnesses", []):
        yield f"witness   {row['name']} at {row['at']}"
    for row in answer.session["timestamps"]:
        said = f"at {row['at']} by {row['authority']}" if "at" in row else row["state"]
        yield f"timestamp of the head over {row['size']} leaves: {said}"
    if answer.session["remembered"].get("kept"):
        yield "remembered: the anchor and this head; a rollback or a fork will be seen"
    yield f"verdict {answer.verdict}"
