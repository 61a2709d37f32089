"""RFC 3161 timestamps over signed heads: asking for one, and checking one against pinned authorities.

What is stamped is the head as its log signed it, without the witnesses' lines. The library that reads
tokens is an extra (`timestamp`): nothing here is imported by the verifier's own path.
"""

import importlib.util
from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from registry.bundle.contents import CHECKPOINT, checkpoint_name
from registry.bundle.examine import Examined
from registry.bundle.findings import Findings
from registry.bundle.heads import root_at
from registry.bundle.words import one_line
from registry.trust.cosignature import without_cosignatures
from schemas.errors import NotFound, VerificationError
from schemas.ledger import time_text

CHECK = "timestamps"
MAX_TOKEN = 65_536
_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
_HINT = "pip install 'muniment[timestamp]'"


class Stamped(msgspec.Struct, frozen=True):
    """When an authority saw some bytes, and what its certificate calls it."""

    at: str
    authority: str


class Imprint(msgspec.Struct, frozen=True):
    """What a token is over: the name of a hash function and its value."""

    algorithm: str
    digest: bytes


class Query(msgspec.Struct, frozen=True):
    """A question to a time-stamping authority, and the number that its answer must repeat."""

    data: bytes
    nonce: int | None


def can_read_tokens() -> bool:
    """Tell whether the library that reads tokens is installed."""
    return importlib.util.find_spec("rfc3161_client") is not None


def make_query(data: bytes) -> Query:
    """Return the question about `data`: over its SHA-256, with a nonce, asking for the certificate."""
    _need_library()
    from rfc3161_client import TimestampRequestBuilder  # noqa: PLC0415 - an extra
    from rfc3161_client.base import HashAlgorithm  # noqa: PLC0415

    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    request = asked.cert_request(cert_request=True).build()
    return Query(request.as_bytes(), request.nonce)


def read_imprint(token: bytes) -> Imprint:
    """Return what a token says it is over, not verified; raise TIMESTAMP_INVALID for what is no token."""
    imprint = _decode(token).tst_info.message_imprint
    name = _HASHES.get(imprint.hash_algorithm.dotted_string)
    if name is None:
        raise _invalid("it is over another hash than SHA-256, SHA-384 or SHA-512")
    return Imprint(name, imprint.message)


def verify_token(token: bytes, data: bytes, roots: Sequence[bytes], *, nonce: int | None = None) -> Stamped:
    """Return when an authority under one of `roots` (DER certificates) saw `data`; raise otherwise.

    TIMESTAMP_UNTRUSTED: its chain leads to none of the roots, or was not valid at the token's own time.
    TIMESTAMP_INVALID: no token, another signature, other bytes, another question.
    """
    refusal = VerificationError("TIMESTAMP_UNTRUSTED", "the trust root pins no time-stamping authority")
    response = _decode(token)
    for root in filter(None, map(_certificate, roots)):
        # One at a time: two authorities may bear one name, and a chain is built by names.
        try:
            return _verify(response, data, root, nonce)
        except VerificationError as error:
            refusal = error
            if error.code != "TIMESTAMP_UNTRUSTED":
                break
    raise refusal


def check_tokens(examined: Examined, findings: Findings) -> list[dict[str, Any]]:
    """Return a row per timestamp token in the bundle; what contradicts or cannot be trusted is found.

    Trusted are the authorities that the trust root in force for the head pins.
    """
    rows = []
    for size, token in sorted(examined.tokens.items()):
        row: dict[str, Any] = {"size": size, "state": "not checked"}
        rows.append(row)
        head = msgspec.structs.replace(examined.log.head, size=size)
        own = size == examined.log.head.size
        note = examined.log.notes.get(CHECKPOINT if own else checkpoint_name(head))
        if note is None or not can_read_tokens():
            continue  # over a head that is not here: an unexpected file, and named as one
        try:
            stamped = without_cosignatures(note).encode()
            found = verify_token(token, stamped, root_at(examined.state, size).tsa_roots)
            row |= {"state": "good", "at": found.at, "authority": found.authority}
        except VerificationError as error:
            why = error.message.removeprefix(f"{error.code}: ")
            said = f"the timestamp of the head over {size} leaves: {why}"
            row["state"] = "untrusted" if error.code == "TIMESTAMP_UNTRUSTED" else "invalid"
            add = findings.unproven if error.code == "TIMESTAMP_UNTRUSTED" else findings.fail
            add(CHECK, error.code, said)
    if rows and can_read_tokens():
        findings.settle(CHECK, f"{len(rows)} timestamps are over heads of this log, by pinned authorities")
    return rows


def _verify(response: Any, data: bytes, root: x509.Certificate, nonce: int | None) -> Stamped:
    from rfc3161_client import VerifierBuilder  # noqa: PLC0415 - an extra
    from rfc3161_client.errors import VerificationError as Rejected  # noqa: PLC0415

    try:
        VerifierBuilder(roots=[root], nonce=nonce).build().verify_message(response, data)
        return Stamped(time_text(response.tst_info.gen_time), _authority(response))
    except Rejected as error:
        raise _refusal(str(error)) from error
    except _UNREADABLE as error:
        raise _invalid(_reason(str(error))) from error


def _decode(token: bytes) -> Any:
    _need_library()
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - an extra

    if len(token) > MAX_TOKEN:
        raise _invalid(f"{len(token)} bytes are no timestamp token")
    try:
        response = decode_timestamp_response(token)
        status, words = response.status, response.status_string
    except _UNREADABLE as error:
        raise _invalid(_reason(str(error))) from error
    if status != 0:
        said = one_line("; ".join(words or ()))[:200]
        raise _invalid(f"the authority answers status {status} instead of a token: {said}")
    return response


def _certificate(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except _UNREADABLE:
        return None  # whatever was pinned, no chain leads to it


def _authority(response: Any) -> str:
    signed = response.signed_data
    signer = next(iter(signed.signer_infos))
    for der in signed.certificates:
        certificate = x509.load_der_x509_certificate(der)
        if (certificate.issuer, certificate.serial_number) == (signer.issuer, signer.serial_number):
            return one_line(certificate.subject.rfc4514_string())[:200]
    return ""


def _refusal(said: str) -> VerificationError:
    if "certificate verify error" not in said:
        return _invalid(_reason(said))
    why = said.partition("Verify error: ")[2].partition('"')[0] or "no reason given"
    return VerificationError("TIMESTAMP_UNTRUSTED", f"its chain does not hold: {why}")


def _reason(said: str) -> str:
    if "InvalidSetOrdering" in said:
        return "its certificates are not in DER order: the authority must embed its own certificate alone"
    if "ASN.1" in said:
        return "it is no timestamp token"
    if "failure" in said:
        return "the authority did not sign this token"
    return {"Mismatch between messages": "it is over other bytes than this head"}.get(
        said, one_line(said)[:200]
    )


def _invalid(said: str) -> VerificationError:
    return VerificationError("TIMESTAMP_INVALID", said)


def _need_library() -> None:
    if not can_read_tokens():
        raise NotFound("timestamps need a library that is not installed", hint=_HINT)
