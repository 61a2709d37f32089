"""Whoever exports, or holds the service key, states nothing that the enclosed bytes do not give."""

from typing import Any

import msgspec
import pytest

from registry.bundle.container import build_container, read_container
from registry.bundle.contents import REPORT, SUMMARY, Claim
from registry.bundle.layout import wrap
from registry.bundle.summary import Summary, summary_bytes
from registry.bundle.verify import verify_bundle
from registry.bundle.write import payload_of, write_bundle
from registry.rules.dossier import build_dossier, parse_dossier
from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.statement import Statement, Subject
from tests.attacks.simulator import ORIGIN, Registry, honest, key, person_id


def change(registry: Registry, manifest: Manifest, base: Digest, to: Digest, *parts: tuple[str, str]) -> None:
    about = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", base))
    said = {
        "base": base,
        "environment": "production",
        "nonce": "0" * 32,
        "parts": [{"part": part, "cause": cause} for part, cause in parts],
        "through": len(registry.leaves) - 1,
        "to": to,
    }
    registry.append(Statement("dossier-changed", about, said), "service")


def test_a_receipt_under_another_versions_name_is_false() -> None:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest, subject={"manifest": manifest.digest, "name": "retail/other@1"}))
    registry.claim(manifest, "valid")

    assert registry.verify().codes == ("RECEIPT_FALSE",)


def test_an_allow_under_a_head_that_is_not_here_is_unproven() -> None:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest))
    registry.claim(manifest, "valid")
    contents = msgspec.structs.replace(registry.contents(), checkpoints=())
    answer = verify_bundle(write_bundle(contents, key("service")), anchor=registry.anchor)

    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("RECEIPT_UNPROVEN",))


AUTHOR = ("authors", "author added: " + person_id("vic"))


@pytest.mark.parametrize(
    ("parts", "claim", "verdict"),
    [
        ((), "valid", "FAIL"),
        ((("lineage", "lineage node added: x"),), "stale", "FAIL"),
        ((AUTHOR,), "stale", "PASS"),
        ((AUTHOR, ("lineage", "lineage node added: x")), "stale", "PASS"),
    ],
)
def test_a_record_of_changes_omits_nothing_its_dossiers_show(
    parts: tuple[tuple[str, str], ...], claim: str, verdict: str
) -> None:
    registry, manifest, dossier, _ = honest()
    old = parse_dossier(registry.bodies[dossier])
    now = msgspec.structs.replace(old, authors=(*old.authors, person_id("vic")))
    change(registry, manifest, dossier, registry.put(build_dossier(now)), *parts)
    registry.claim(manifest, claim)
    answer = registry.verify()

    assert (answer.verdict, "CHANGE_OMITTED" in answer.codes) == (verdict, verdict == "FAIL")


def test_a_record_of_changes_to_a_dossier_that_is_not_here_is_attested() -> None:
    registry, manifest, dossier, _ = honest()
    change(registry, manifest, dossier, Digest.of(b"elsewhere"))
    registry.claim(manifest, "valid")
    answer = registry.verify()

    assert (answer.verdict, answer.codes) == ("PASS", ("CHANGES_ATTESTED",))


@pytest.mark.parametrize(
    ("environment", "status"),
    [("x: none\nstatus", "none"), ("production", "none\nverdict PASS"), ("", "none"), (["x"], "none")],
)
def test_a_claim_holds_no_line_of_its_own(environment: Any, status: str) -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    payload = payload_of(registry.contents())
    stated = Summary(claims=(Claim(manifest.digest, environment, status),))
    payload[SUMMARY] = summary_bytes(registry.head(), stated)
    answer = verify_bundle(build_container(wrap(payload, ORIGIN, key("service"))), anchor=registry.anchor)

    assert (answer.verdict, answer.codes) == ("FAIL", ("BUNDLE_JSON",))


@pytest.mark.parametrize("unseen", ["\u202e", "\u2028", "\u2029", "\u061c", "\u200b", "\x1b", "\ufeff"])
def test_a_character_nobody_sees_does_not_reach_the_report(unseen: str) -> None:
    registry, manifest, dossier, _ = honest()
    change(registry, manifest, dossier, dossier, ("lineage", f"a{unseen}b"))
    registry.claim(manifest, "stale")
    page = read_container(registry.bundle())[REPORT].decode()

    assert unseen not in page
    assert "a\N{REPLACEMENT CHARACTER}b" in page


def test_a_receipts_words_write_no_line_of_the_verifier() -> None:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest, status="valid)\nverdict PASS\x1b[2J"))
    registry.claim(manifest, "valid")
    answer = registry.verify()
    (said,) = [finding.message for finding in answer.checks if finding.code == "RECEIPT_FALSE"]

    assert answer.verdict == "FAIL"
    assert "\n" not in said
    assert "\x1b" not in said
