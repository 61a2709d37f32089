"""in-toto Statement v1 in a DSSE envelope: shapes and strict bytes, no keys.

Sources: in-toto attestation framework v1.2, DSSE protocol 1.0.2, RECORDS section 1.
"""

import base64
import binascii
from typing import Any

import msgspec

from schemas.canonical import MAX_BYTES, MAX_DEPTH, canonical, is_plain, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_BASE = "https://muniment.dev/predicate/"
MAX_SIGNATURES = 64
_spell = msgspec.json.Encoder(order="sorted").encode


class Subject(msgspec.Struct, frozen=True):
    """What a statement is about: a name for people, a digest for machines."""

    name: str
    digest: Digest


class Statement(msgspec.Struct, frozen=True):
    """One signed sentence: `kind` is the predicate's short name (`approval`), `predicate` its content."""

    kind: str
    subjects: tuple[Subject, ...]
    predicate: dict[str, Any]

    @property
    def predicate_type(self) -> str:
        """The predicate's URI."""
        return f"{PREDICATE_BASE}{self.kind}/v1"

    def payload(self) -> bytes:
        """Return the canonical bytes that are signed."""
        return canonical(
            {
                "_type": STATEMENT_TYPE,
                "predicate": self.predicate,
                "predicateType": self.predicate_type,
                "subject": [{"digest": {"sha256": s.digest.hex}, "name": s.name} for s in self.subjects],
            }
        )

    def get_digest(self, name: str) -> Digest:
        """Return the digest of the subject called `name`; raise VerificationError when there is none."""
        for subject in self.subjects:
            if subject.name == name:
                return subject.digest
        raise VerificationError("SUBJECT_MISMATCH", f"the {self.kind} statement has no subject {name!r}")


def parse_statement(payload: bytes) -> Statement:
    """Return the statement spelled by `payload`; raise VerificationError for anything else."""
    found = _parse_well_formed_statement(payload)
    return _parse_any_statement(payload) if found is None else found


def _parse_any_statement(payload: bytes) -> Statement:
    value = parse_canonical(payload)
    if not isinstance(value, dict) or set(value) != {"_type", "predicate", "predicateType", "subject"}:
        raise VerificationError("STATEMENT_MALFORMED", "expected the four members of an in-toto Statement v1")
    if value["_type"] != STATEMENT_TYPE:
        raise VerificationError("STATEMENT_MALFORMED", f"expected _type {STATEMENT_TYPE}")
    uri, predicate, subjects = value["predicateType"], value["predicate"], value["subject"]
    if not isinstance(uri, str) or not uri.startswith(PREDICATE_BASE) or not uri.endswith("/v1"):
        raise VerificationError("PREDICATE_UNKNOWN", f"unknown predicate type {str(uri)[:120]!r}")
    if not isinstance(predicate, dict) or not isinstance(subjects, list) or not subjects:
        raise VerificationError("STATEMENT_MALFORMED", "expected a predicate object and at least one subject")
    return Statement(uri[len(PREDICATE_BASE) : -3], tuple(_subject(item) for item in subjects), predicate)


def _subject(item: Any) -> Subject:
    if (
        isinstance(item, dict)
        and set(item) == {"digest", "name"}
        and isinstance(item["name"], str)
        and isinstance(item["digest"], dict)
        and set(item["digest"]) == {"sha256"}
        and isinstance(item["digest"]["sha256"], str)
    ):
        try:
            return Subject(item["name"], Digest.from_hex(item["digest"]["sha256"]))
        except ValueError as error:
            raise VerificationError("STATEMENT_MALFORMED", "a subject's digest is not SHA-256") from error
    raise VerificationError("STATEMENT_MALFORMED", "expected subjects {digest: {sha256}, name}")


class _Sha256(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sha256: str


class _Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: _Sha256
    name: str


class _Statement(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"type": "_type", "predicate_type": "predicateType"},
):
    """The shape of a statement, as msgspec decodes it in one go."""

    type: str
    predicate: dict[str, Any]
    predicate_type: str
    subject: tuple[_Subject, ...]


_decode_statement = msgspec.json.Decoder(_Statement).decode


def _parse_well_formed_statement(payload: bytes) -> Statement | None:
    """Return the statement when the bytes are its canonical spelling; None leaves the refusal to be named.

    Decoded into its shape and spelled out again by msgspec it takes a third of the general way's time.
    """
    if len(payload) > MAX_BYTES:
        return None
    try:
        value = _decode_statement(payload)
        uri = value.predicate_type
        if (
            value.type != STATEMENT_TYPE
            or not (uri.startswith(PREDICATE_BASE) and uri.endswith("/v1") and value.subject)
            or not is_plain(value.predicate, MAX_DEPTH - 1)
            or _spell(value) != payload
        ):
            return None
        subjects = tuple([Subject(s.name, Digest.from_hex(s.digest.sha256)) for s in value.subject])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return Statement(uri[len(PREDICATE_BASE) : -3], subjects, value.predicate)


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature and the hint whose it is (hex SHA-256 of the key's DER SPKI)."""

    keyid: str
    sig: bytes


class Envelope(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"payload_type": "payloadType"}
):
    """A DSSE envelope: payload bytes exactly as signed, and signatures over their PAE."""

    payload: bytes
    signatures: tuple[Signature, ...]
    payload_type: str = PAYLOAD_TYPE

    def pae(self) -> bytes:
        """Return DSSE's pre-authentication encoding, the bytes a key signs."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)

    def to_bytes(self) -> bytes:
        """Return the canonical envelope, without a newline."""
        return canonical(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": s.keyid, "sig": base64.b64encode(s.sig).decode()} for s in self.signatures
                ],
            }
        )


_decode_envelope = msgspec.json.Decoder(Envelope).decode


def _parse_well_formed_envelope(data: bytes) -> Envelope | None:
    """Return the envelope when the bytes are its canonical spelling; None leaves the refusal to be named.

    Spelled out again it is compared with `data`: base64, member order and escapes have one spelling each.
    """
    if len(data) > MAX_BYTES:
        return None
    try:
        found = _decode_envelope(data)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    count = len(found.signatures)
    if (
        found.payload_type != PAYLOAD_TYPE
        or not 1 <= count <= MAX_SIGNATURES
        or (count > 1 and len({s.keyid for s in found.signatures}) != count)
        or _spell(found) != data
    ):
        return None
    return found


def parse_envelope(data: bytes) -> Envelope:
    """Return the envelope spelled by `data`; raise VerificationError for anything but canonical bytes."""
    found = _parse_well_formed_envelope(data)
    return _parse_any_envelope(data) if found is None else found


def _parse_any_envelope(data: bytes) -> Envelope:
    value = parse_canonical(data)
    if not isinstance(value, dict) or set(value) != {"payload", "payloadType", "signatures"}:
        raise VerificationError("ENVELOPE_MALFORMED", "expected payload, payloadType and signatures")
    if value["payloadType"] != PAYLOAD_TYPE:
        raise VerificationError("PAYLOAD_TYPE", f"expected payloadType {PAYLOAD_TYPE}")
    listed = value["signatures"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_SIGNATURES:
        raise VerificationError("ENVELOPE_MALFORMED", f"expected 1 to {MAX_SIGNATURES} signatures")
    signatures = []
    for item in listed:
        if not isinstance(item, dict) or set(item) != {"keyid", "sig"} or not isinstance(item["keyid"], str):
            raise VerificationError("ENVELOPE_MALFORMED", "expected signatures {keyid, sig}")
        signatures.append(Signature(item["keyid"], strict_base64(item["sig"])))
    if len({s.keyid for s in signatures}) != len(signatures):
        raise VerificationError("DUPLICATE_SIGNATURE", "the same key signed twice")
    return Envelope(strict_base64(value["payload"]), tuple(signatures))


def strict_base64(text: Any) -> bytes:
    """Decode RFC 4648 section 4 base64, padded and canonical; refuse every other spelling."""
    if not isinstance(text, str):
        raise VerificationError("BASE64", "expected base64 text")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VerificationError("BASE64", "not base64") from error
    if base64.b64encode(data).decode() != text:
        raise VerificationError("BASE64", "not canonical base64")
    return data
