"""What a bundle shows to whoever looks: its record, its report, and its files on a disk."""

import io
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from registry.bundle import contents as at
from registry.bundle.container import read_container
from registry.bundle.verify import Answer, verify_bundle
from registry.trust.proof import parse_proof
from schemas.canonical import canonical
from tests.attacks.case import all_cases, reference, reference_bundle
from tests.attacks.simulator import PEOPLE, honest, key, person_id

CASES = all_cases()
BUNDLE = reference_bundle()
FILES = read_container(BUNDLE)


def _verify(data: bytes) -> Answer:
    return verify_bundle(data, anchor=reference().anchor)


def _answer(ident: str) -> Answer:
    handed = CASES[ident].hand()
    return verify_bundle(handed.bundle, anchor=handed.anchor, prior=handed.prior, at=handed.at)


def test_everybody_in_the_simulator_has_a_key_of_their_own() -> None:
    assert len({key(name).public for name in PEOPLE}) == len(PEOPLE)


def test_the_honest_bundle_passes_every_check_by_name() -> None:
    answer = _verify(BUNDLE)
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert all(check.result == "PASS" for check in answer.checks)


def test_a_record_that_does_not_count_is_shown_with_its_leaf() -> None:
    assert [(row["leaf"], row["code"]) for row in _answer("A28").record["refused"]] == [(5, "SIGNER_UNKNOWN")]


def test_an_approval_whose_words_are_erased_is_shown_with_its_leaf() -> None:
    assert [row["leaf"] for row in _answer("X05").record["claims"][0]["approvals"]] == [4]


def test_the_status_at_the_auditors_time_stands_beside_the_record() -> None:
    assert _answer("F07").session["statuses"] == [
        {"environment": "production", "name": "retail/credit-risk@7", "status": "expired"}
    ]


def test_a_rotated_root_is_shown_with_its_version() -> None:
    assert _answer("K05").record["rootVersion"] == 3


def test_gate_answers_are_shown_as_they_were_given() -> None:
    rows = [(r["verdict"], r["agrees"]) for r in _answer("R01").record["receipts"]]
    assert rows == [("allow", True), ("deny", True)]


def test_a_receipts_words_write_no_line_of_the_verifier() -> None:
    (said,) = [f.message for f in _answer("R24").checks if f.code == "RECEIPT_FALSE"]
    assert "\n" not in said
    assert "\x1b" not in said


def test_names_are_shown_beside_the_ids_they_belong_to() -> None:
    assert _answer("S19").record["names"] == {person_id("rita"): "rita@acme.example"}


def test_an_extract_shows_its_claim_and_proves_every_leaf_it_holds() -> None:
    assert _answer("F11").record["claims"][0]["status"] == "valid"
    files = read_container(CASES["F11"].hand().bundle)
    leaves = at.lines_of(files[at.LEAVES], at.LEAVES)
    proofs = [parse_proof(files[at.proof_name(i)].decode()) for i in range(len(leaves))]
    assert [proof.leaf for proof in proofs] == leaves


def test_the_archive_is_the_one_zipfile_writes() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(FILES):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, FILES[name], zipfile.ZIP_STORED)
    assert buffer.getvalue() == BUNDLE


def test_nothing_a_person_wrote_is_markup_in_the_report() -> None:
    page = read_container(CASES["F05"].hand().bundle)[at.REPORT].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_the_record_stands_in_a_file_of_its_own_and_the_report_shows_it() -> None:
    answer = _verify(BUNDLE)
    assert FILES[at.RECORD] == canonical(answer.record)
    page = FILES[at.REPORT].decode()
    assert "data/record.json" in page
    assert '"format"' not in page


def test_the_report_says_what_would_make_the_registry_stronger() -> None:
    advice = _verify(BUNDLE).record["advice"]
    assert advice == [
        "the trust root names no offline recovery root: muniment key recovery",
        "one person alone can change who may sign: muniment root update --threshold 2",
        "no witness confirms heads",
    ]
    page = FILES[at.REPORT].decode()
    assert "What would make this stronger" in page
    assert all(said in page for said in advice)


@pytest.mark.parametrize("unseen", ["\u202e", "\u2028", "\u2029", "\u061c", "\u200b", "\x1b", "\ufeff"])
def test_a_character_nobody_sees_does_not_reach_the_report(unseen: str) -> None:
    registry, manifest, dossier, _ = honest()
    registry.change(manifest, dossier, dossier, ("lineage", f"a{unseen}b"))
    registry.claim(manifest, "stale")
    page = read_container(registry.bundle())[at.REPORT].decode()

    assert unseen not in page
    assert "a\N{REPLACEMENT CHARACTER}b" in page


def test_the_verifier_needs_the_standard_library_cryptography_and_msgspec_only() -> None:
    code = (
        "import sys; before = set(sys.modules); import registry.bundle.verify; "
        "print('\\n'.join({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    foreign = {m for m in done.stdout.split() if m not in sys.stdlib_module_names}
    # The last three are cryptography's own parts, and what msgspec looks for beside typing.
    ours = {"registry", "schemas", "cryptography", "msgspec"}
    assert foreign <= ours | {"_cffi_backend", "_openssl", "typing_extensions"}


def test_files_of_the_bundle_are_plain_when_unpacked(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(BUNDLE)
    if shutil.which("unzip") is None:
        pytest.skip("unzip is not here")
    subprocess.run(["unzip", "-q", "b.zip", "-d", "b"], cwd=tmp_path, check=True)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "b").rglob("*") if p.is_file()}
    assert modes == {0o644}


def test_a_page_says_that_an_author_broke_the_glass() -> None:
    others, authors = (read_container(CASES[i].hand().bundle)[at.REPORT] for i in ("G01", "G50"))

    assert b" as risk-approver, its author (leaf " in authors
    assert b"its author" not in others
