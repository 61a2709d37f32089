"""What the log holds: a leaf per record, and one table of record types, signers and subjects.

Sources: RECORDS sections 1 and 3, trust.md section 2.3.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from schemas.canonical import MAX_INTEGER, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError

MAX_LEAF = 65_535
ORIGIN = re.compile(r"muniment\.dev/log/[0-9a-f]{32}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")


class Signer(StrEnum):
    """Who may sign a type of record."""

    PERSON = "person"
    SERVICE = "service"
    EITHER = "either"
    ROOT = "root"
    POLICY = "policy"


class RecordType(msgspec.Struct, frozen=True):
    """One type of leaf: who signs it and whether it is about the registry rather than a version.

    `decides` types are indexed under their subjects: what the gate's fold reads. The rest would make
    a gate's cost grow with the registry.
    """

    signer: Signer
    about_origin: bool = False
    decides: bool = True


RECORD_TYPES: dict[str, RecordType] = {
    "trust-root": RecordType(Signer.ROOT, about_origin=True),
    "key-revoked": RecordType(Signer.ROOT, about_origin=True),
    "key-suspended": RecordType(Signer.ROOT, about_origin=True),
    "key-reinstated": RecordType(Signer.ROOT, about_origin=True),
    "policy-set": RecordType(Signer.POLICY, about_origin=True),
    "version-registered": RecordType(Signer.EITHER),
    "run-linked": RecordType(Signer.EITHER),
    "link": RecordType(Signer.EITHER),
    "evidence-added": RecordType(Signer.EITHER),
    "evidence-withdrawn": RecordType(Signer.EITHER),
    "evaluation-recorded": RecordType(Signer.EITHER),
    "bias-recorded": RecordType(Signer.EITHER),
    "monitoring-recorded": RecordType(Signer.EITHER),
    "risk-assessed": RecordType(Signer.EITHER),
    "review-requested": RecordType(Signer.EITHER),
    "approval": RecordType(Signer.PERSON),
    "withdrawn": RecordType(Signer.PERSON),
    "override": RecordType(Signer.ROOT),
    "break-glass": RecordType(Signer.PERSON),
    "dossier-changed": RecordType(Signer.SERVICE),
    "alias-added": RecordType(Signer.EITHER, about_origin=True, decides=False),
    "alias-removed": RecordType(Signer.EITHER, about_origin=True, decides=False),
    "import": RecordType(Signer.SERVICE, about_origin=True, decides=False),
    "seal": RecordType(Signer.SERVICE, about_origin=True, decides=False),
    "bundle-exported": RecordType(Signer.SERVICE),
    "redaction": RecordType(Signer.SERVICE, decides=False),
}
"""Leaf type, equal to the predicate's short name. `audit coverage` and a test hold it to the use cases."""


class Leaf(msgspec.Struct, frozen=True):
    """One entry of the log: the digest of an envelope, its place, its time, what it is about."""

    seq: int
    type: str
    time: str
    body: Digest
    subjects: tuple[Digest, ...]

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that the tree hashes."""
        # Spelled out, since no member needs escaping: the general spelling costs four times as much.
        subjects = ",".join(f'"{subject}"' for subject in self.subjects)
        text = (
            f'{{"body":"{self.body}","seq":{self.seq},"subjects":[{subjects}],'
            f'"time":"{self.time}","type":"{self.type}","v":1}}'
        )
        data = text.encode("ascii")
        if len(data) > MAX_LEAF:
            raise VerificationError("TOO_LARGE", f"a leaf of {len(data)} bytes, at most {MAX_LEAF}")
        return data


class _Spelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The members of a leaf, as msgspec decodes them in one go."""

    body: str
    seq: int
    subjects: tuple[str, ...]
    time: str
    type: str
    v: int


_decode = msgspec.json.Decoder(_Spelled).decode
_spell = msgspec.json.Encoder(order="sorted").encode


def _parse_well_formed(data: bytes) -> Leaf | None:
    """Return the leaf when the bytes are its canonical spelling; None leaves the refusal to be named.

    Decoded into its shape and spelled out again by msgspec it takes a fifth of the general way's time,
    and a verifier reads every leaf of a log.
    """
    if len(data) > MAX_LEAF:
        return None
    try:
        found = _decode(data)
        if found.v != 1 or not 0 <= found.seq <= MAX_INTEGER or found.type not in RECORD_TYPES:
            return None
        if not found.subjects or _spell(found) != data:
            return None
        subjects = tuple([Digest(item) for item in found.subjects])
        return Leaf(found.seq, found.type, parse_time_text(found.time), Digest(found.body), subjects)
    except (msgspec.DecodeError, ValueError, RecursionError, VerificationError):
        return None


def parse_leaf(data: bytes) -> Leaf:
    """Return the leaf spelled by `data`; raise VerificationError for anything else."""
    leaf = _parse_well_formed(data)
    return _parse_any(data) if leaf is None else leaf


def _parse_any(data: bytes) -> Leaf:
    value = parse_canonical(data, limit=MAX_LEAF)
    if not isinstance(value, dict) or set(value) != {"body", "seq", "subjects", "time", "type", "v"}:
        raise VerificationError("LEAF_MALFORMED", "expected body, seq, subjects, time, type and v")
    if any(type(value[name]) is not int for name in ("seq", "v")) or value["v"] != 1:
        raise VerificationError("LEAF_MALFORMED", "expected v 1 and an integer seq")
    if not isinstance(value["type"], str) or value["type"] not in RECORD_TYPES:
        raise VerificationError("LEAF_TYPE_UNKNOWN", f"unknown record type {str(value['type'])[:80]!r}")
    if not isinstance(value["subjects"], list) or not value["subjects"]:
        raise VerificationError("LEAF_MALFORMED", "expected at least one subject")
    try:
        subjects = tuple(Digest(item) for item in value["subjects"])
        body = Digest(value["body"])
    except (TypeError, ValueError) as error:
        raise VerificationError("LEAF_MALFORMED", "a digest is not sha256:<64 hex>") from error
    return Leaf(value["seq"], value["type"], parse_time_text(value["time"]), body, subjects)


def parse_time_text(text: Any) -> str:
    """Return `text` when it is a UTC time `YYYY-MM-DDTHH:MM:SSZ`; raise VerificationError otherwise."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise VerificationError("TIME_MALFORMED", "expected YYYY-MM-DDTHH:MM:SSZ")
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise VerificationError("TIME_MALFORMED", f"no such time: {text}") from error
    return text


def time_text(moment: datetime) -> str:
    """Return `moment` as the log writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Return the instant a time of the log names."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


class Checkpoint(msgspec.Struct, frozen=True):
    """A head of the log: how many leaves, and the RFC 6962 root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes


def origin_subject(origin: str) -> Digest:
    """Return the digest under which records about the registry itself are indexed."""
    return Digest.of(origin.encode())
