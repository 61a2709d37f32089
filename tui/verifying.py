"""Showing a verifier's answer: what it checked, what it found, what each version's status is."""

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path

from registry.bundle.verify import Answer, verify_bundle
from schemas.digest import Digest
from schemas.errors import NotFound, Usage, VerificationError
from schemas.ledger import parse_time_text

MAX_BUNDLE = 4 << 30


def verify_file(path: Path, anchor: str | None, prior: str | None, at: str | None) -> Answer:
    """Return the answer for the bundle at `path`, read once; raise Usage for arguments that mean nothing."""
    try:
        if path.stat().st_size > MAX_BUNDLE:
            raise Usage(f"{path}: over {MAX_BUNDLE} bytes, no bundle is that large")
        data = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: cannot be read: {error.strerror}", hint="check the path") from error
    return verify_bundle(
        data,
        anchor=None if anchor is None else parse_anchor(anchor),
        prior=None if prior is None else parse_prior(prior),
        at=None if at is None else parse_at(at),
    )


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


def parse_prior(text: str) -> tuple[int, bytes]:
    """Return size and root of `SIZE:ROOT`, ROOT in base64 or hex; raise Usage for anything else."""
    size, _, root = text.partition(":")
    for decode in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
        try:
            raw = decode(root)
        except (ValueError, binascii.Error):
            continue
        if len(raw) == 32 and size.isascii() and size.isdigit():
            return int(size), raw
    raise Usage(f"--prior: expected SIZE:ROOT, found {text[:80]!r}", hint="copy both from a checkpoint")


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield the answer as lines, the verdict last."""
    for finding in answer.checks:
        code = f" {finding.code}" if finding.code else ""
        yield f"{finding.result:<9} {finding.check}{code}: {finding.message}"
    for claim in answer.record.get("claims", []):
        yield f"status    {claim['name']} for {claim['environment']}: {claim['status']}"
    yield f"verdict {answer.verdict}"
