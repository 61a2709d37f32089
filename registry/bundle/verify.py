"""Verify a bundle offline: no registry, no network, no trust in whoever made it.

1. The container is canonical, the manifests are those of its files.
2. The contents: log, heads, records, claims and receipts (`examine`).
3. The exporter's signature; the record made and its report rendered again.
4. What only the auditor knows: the anchor, earlier heads, the time, and demands (`auditor`).
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from registry.bundle.auditor import Auditor, check_auditor, session_of
from registry.bundle.container import open_container
from registry.bundle.contents import RECORD, REPORT
from registry.bundle.examine import Examined, examine
from registry.bundle.files import Files
from registry.bundle.findings import Finding, Findings, codes_of, worst
from registry.bundle.layout import MANIFEST, SSHSIG, unwrap
from registry.bundle.record import record_bytes
from registry.bundle.report import render
from registry.trust.dsse import verify_envelope
from registry.trust.keys import key_id
from registry.trust.sshsig import verify_file
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import parse_time_text
from schemas.statement import Envelope, parse_statement

Verdict = Literal["PASS", "FAIL", "UNPROVEN", "UNANCHORED"]
SIGNATURE = "bundle-signature"
REPORTED = "report"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The verifier's answer: `record` is a function of the bundle alone, `session` of what was passed in."""

    verdict: Verdict
    codes: tuple[str, ...]
    checks: tuple[Finding, ...]
    record: dict[str, Any]
    session: dict[str, Any]
    unusable: bool = False

    @property
    def exit_code(self) -> int:
        """0 PASS, 1 FAIL, 2 no bundle at all, 3 UNPROVEN or UNANCHORED."""
        if self.unusable:
            return 2
        return {"PASS": 0, "FAIL": 1}.get(self.verdict, 3)

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints; `promotions` are the claims as decided again."""
        return {
            "checks": [f.to_json() for f in self.checks],
            "codes": list(self.codes),
            "promotions": self.record.get("claims", []),
            "record": self.record,
            "session": self.session,
            "verdict": self.verdict,
        }


def verify_bundle(
    data: bytes,
    *,
    anchor: Digest | None = None,
    prior: tuple[int, bytes] | None = None,
    at: str | None = None,
) -> Answer:
    """Return what the bundle proves; `prior` is an earlier head (size, root), `at` a time to decide at.

    It answers for every input and raises for none; a malformed `at` is the caller's error.
    """
    return examine_bundle(data, Auditor(anchor=anchor, prior=prior, at=at))[0]


def examine_bundle(data: bytes, auditor: Auditor) -> tuple[Answer, Examined | None]:
    """Return the answer and what was read; None when the contents cannot be read to their end."""
    for time in (auditor.at, auditor.now):
        if time:
            parse_time_text(time)
    findings, examined, session = Findings(), None, session_of(auditor)
    readable = False
    try:
        files = open_container(data)
        readable = True
        payload, envelope = unwrap(files)
        findings.settle("container", f"{len(files)} files, canonical, as listed")
        told = {name: payload.pop(name) for name in (RECORD, REPORT)}
        examined = _examine(payload, findings)
        _check_signature(envelope, files, examined, findings)
        _check_report(told, examined.record, findings)
        session |= check_auditor(auditor, examined, findings)
    except VerificationError as error:
        findings.refuse("contents" if readable else "container", error)
    record = {} if examined is None else examined.record
    unusable = not readable and not data.startswith(b"PK")
    return _answer(findings, record, session, unusable=unusable), examined


def refuse_bundle(error: VerificationError, auditor: Auditor) -> Answer:
    """Return the answer for what is not even read: no regular file, or larger than any bundle."""
    findings = Findings()
    findings.refuse("container", error)
    return _answer(findings, {}, session_of(auditor), unusable=False)


def _examine(payload: Files, findings: Findings) -> Examined:
    # The record holds what was found inside the payload alone, so examination starts with an empty list.
    inside = Findings()
    try:
        return examine(payload, inside)
    finally:
        findings.all += inside.all


def _check_report(told: dict[str, bytes | None], record: dict[str, Any], findings: Findings) -> None:
    if told[RECORD] != record_bytes(record):
        findings.fail(REPORTED, "RECORD_MISMATCH", "record.json is not what the bundle proves")
    if told[REPORT] != render(record):
        findings.fail(
            REPORTED, "REPORT_MISMATCH", "report.html is not the rendering of what the bundle proves"
        )
    findings.settle(REPORTED, "record.json is this record, and report.html is its rendering")


def _answer(findings: Findings, record: dict[str, Any], session: dict[str, Any], *, unusable: bool) -> Answer:
    found = worst(findings.all)
    unanchored = any(f.code == "UNANCHORED" for f in findings.all)
    others = worst(f for f in findings.all if f.code != "UNANCHORED")
    verdict: Verdict = "UNANCHORED" if unanchored and others == "PASS" else found  # type: ignore[assignment]
    return Answer(
        verdict=verdict,
        codes=codes_of(findings.all),
        checks=tuple(findings.all),
        record=record,
        session=session,
        unusable=unusable,
    )


def _check_signature(
    envelope: Envelope, files: Mapping[str, bytes], examined: Examined, findings: Findings
) -> None:
    state = examined.state
    keyid = envelope.signatures[0].keyid
    try:
        verify_envelope(envelope, {keyid: _exporter(files, keyid)})
    except VerificationError as error:
        findings.refuse(SIGNATURE, error)
    if parse_statement(envelope.payload).predicate != {"origin": examined.log.head.origin}:
        findings.fail(SIGNATURE, "BUNDLE_STATEMENT", "the exporter's statement is about another registry")
    if not any(keyid in root.value.public_keys() for root in state.roots):
        # Anybody may export genuine records again; what they prove does not rest on the exporter.
        findings.note(
            SIGNATURE, "EXPORTER_UNKNOWN", "the bundle is signed by a key the registry never enrolled"
        )
        return
    if keyid in state.revoked:
        findings.note(SIGNATURE, "EXPORTER_REVOKED", "the bundle is signed by a revoked key")
    elif keyid in state.suspended:
        findings.note(SIGNATURE, "EXPORTER_SUSPENDED", "the bundle is signed by a suspended key")
    findings.settle(SIGNATURE, f"signed by key {keyid[:16]}, enrolled in the registry")


def _exporter(files: Mapping[str, bytes], keyid: str) -> bytes:
    signer = verify_file(files[MANIFEST], files[SSHSIG])
    if key_id(signer) != keyid:
        said = "the SSH signature of the manifest and its statement are by two keys"
        raise VerificationError("BUNDLE_SSHSIG", said)
    return signer
