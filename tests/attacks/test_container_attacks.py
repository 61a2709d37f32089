"""The archive itself: names, kinds, sizes and bytes that are not the one spelling of its files."""

import io
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.bundle import contents as at
from registry.bundle import layout
from registry.bundle.container import build_container, read_container
from registry.bundle.verify import Answer, verify_bundle
from registry.trust.sshsig import sign_file
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from tests.attacks.forger import forge, retop
from tests.attacks.simulator import Registry, honest, key


def _registry() -> Registry:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    return registry


REGISTRY = _registry()
BUNDLE = REGISTRY.bundle()
FILES = read_container(BUNDLE)


def _verify(data: bytes) -> Answer:
    return verify_bundle(data, anchor=REGISTRY.anchor)


def _zip(
    names: list[str], *, mode: int = 0o100644, compression: int = zipfile.ZIP_STORED, comment: bytes = b""
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for name in names:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, mode << 16
            archive.writestr(info, FILES.get(name, b"x" * 40), compression)
    return buffer.getvalue()


def _renamed(old: bytes, new: bytes) -> bytes:
    """Put other names of the same length into the archive's bytes."""
    assert len(old) == len(new)
    return BUNDLE.replace(old, new)


NAMES = sorted(FILES)
ARCHIVES: dict[str, tuple[bytes, str]] = {
    "climbs out": (_zip([*NAMES, "../../x"]), "CONTAINER_NAME"),
    "starts at the root": (_zip([*NAMES, "/etc/passwd"]), "CONTAINER_NAME"),
    "uses backslashes": (_renamed(b"data/VERIFY.txt", b"data\\VERIFY.txt"), "CONTAINER_NAME"),
    "has a drive letter": (_zip([*NAMES, "c:x"]), "CONTAINER_NAME"),
    "has an empty part": (_zip([*NAMES, "data//x"]), "CONTAINER_NAME"),
    "is hidden": (_zip([*NAMES, "data/.x"]), "CONTAINER_NAME"),
    "is a folder": (_zip([*NAMES, "data/x/"]), "CONTAINER_NAME"),
    "is a look-alike": (_zip([*NAMES, "data/rep\N{CYRILLIC SMALL LETTER O}rt.html"]), "CONTAINER_NAME"),
    "differs in case only": (_zip([*NAMES, "data/Report.html"]), "CONTAINER_NAME"),
    "is endless": (_zip([*NAMES, "data/" + "x" * 300]), "CONTAINER_NAME"),
    "is a symbolic link": (_zip(NAMES, mode=0o120777), "CONTAINER_NOT_REGULAR"),
    "is a pipe": (_zip(NAMES, mode=0o010644), "CONTAINER_NOT_REGULAR"),
    "is a device": (_zip(NAMES, mode=0o060644), "CONTAINER_NOT_REGULAR"),
    "has another mode": (_zip(NAMES, mode=0o100777), "CONTAINER_NOT_CANONICAL"),
    "is compressed": (_zip(NAMES, compression=zipfile.ZIP_DEFLATED), "CONTAINER_COMPRESSED"),
    "is out of order": (_zip(NAMES[::-1]), "CONTAINER_NOT_CANONICAL"),
    "has a comment beside it": (_zip(NAMES, comment=b"hello"), "CONTAINER_NOT_CANONICAL"),
    "has junk before it": (b"junk" + BUNDLE, "CONTAINER_NOT_CANONICAL"),
    "has junk after it": (BUNDLE + b"junk", "CONTAINER_NOT_CANONICAL"),
    "has another archive after it": (BUNDLE + BUNDLE, "CONTAINER_NOT_CANONICAL"),
    "is cut off": (BUNDLE[: len(BUNDLE) // 2], "CONTAINER_UNREADABLE"),
    "is nothing": (b"", "CONTAINER_UNREADABLE"),
    "is no archive": (b"PDF? no." * 100, "CONTAINER_UNREADABLE"),
    "is an empty archive": (build_container({}), "FILE_MISSING"),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive_is_refused_when_something_in_it(case: str) -> None:
    data, code = ARCHIVES[case]
    answer = _verify(data)
    assert (answer.verdict, answer.codes) == ("FAIL", (code,))


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = _zip([*NAMES, NAMES[-1]])
    assert _verify(data).codes == ("CONTAINER_DUPLICATE_NAME",)


def test_input_that_is_no_archive_is_unusable_and_a_damaged_one_is_not() -> None:
    assert _verify(b"not a zip").exit_code == 2
    assert _verify(BUNDLE[:-30]).exit_code == 1


def test_more_files_than_allowed_are_refused_before_they_are_read() -> None:
    header = b"PK\x05\x06" + b"\0" * 4 + b"\xff\xff\xff\xff" + b"\0" * 10
    with pytest.raises(VerificationError, match="CONTAINER_UNREADABLE"):
        read_container(b"PK\x03\x04" + b"\0" * 100 + header)


def test_entries_that_overlap_are_refused() -> None:
    files = {f"f{i}": b"x" * 5000 for i in range(3)}
    data = bytearray(build_container(files))
    # Every entry of the directory points at the first file's bytes and claims ten times its size.
    for i in range(3):
        start = data.rfind(b"PK\x01\x02", 0, data.find(b"f%d" % i, len(data) - 200))
        data[start + 20 : start + 28] = (15_000).to_bytes(4, "little") * 2
    with pytest.raises(VerificationError, match="CONTAINER_"):
        read_container(bytes(data))


def _tag(edit: Callable[[dict[str, bytes]], object]) -> bytes:
    """Edit any file, then recompute what needs no key: the manifests."""

    def change(files: dict[str, bytes]) -> None:
        edit(files)
        payload = [n for n in files if n.startswith("data/")]
        files[layout.MANIFEST] = layout.manifest_text(files, payload)
        octets = sum(len(files[n]) for n in payload)
        files[layout.BAG_INFO] = f"Payload-Oxum: {octets}.{len(payload)}\n".encode()
        tags = [n for n in files if not n.startswith("data/") and n != layout.TAG_MANIFEST]
        files[layout.TAG_MANIFEST] = layout.manifest_text(files, tags)

    return retop(BUNDLE, change)


def _append(name: str) -> Callable[[dict[str, bytes]], None]:
    def edit(files: dict[str, bytes]) -> None:
        files[name] = files.get(name, b"") + b" "

    return edit


BODY = next(n for n in NAMES if n.startswith(at.BODIES))
MANIFEST = next(n for n in NAMES if n.startswith(at.MANIFESTS))
KEY = next(n for n in NAMES if n.startswith(at.KEYS) and n.endswith(".pem"))
FORGERIES: dict[str, tuple[bytes, str]] = {
    "a payload file altered": (retop(BUNDLE, _append(at.LEAVES)), "MANIFEST_MISMATCH"),
    "the report altered, manifests recomputed": (_tag(_append(at.REPORT)), "BUNDLE_STATEMENT"),
    "a file nobody lists": (retop(BUNDLE, _append("data/extra")), "MANIFEST_MISMATCH"),
    "a file at the top, manifests recomputed": (_tag(_append("extra.txt")), "UNEXPECTED_FILE"),
    "a weaker manifest beside it": (_tag(_append("manifest-md5.txt")), "UNEXPECTED_FILE"),
    "no tag manifest": (retop(BUNDLE, lambda f: f.pop(layout.TAG_MANIFEST)), "FILE_MISSING"),
    "no signature": (retop(BUNDLE, lambda f: f.pop(layout.STATEMENT)), "FILE_MISSING"),
    "another signature": (
        _tag(lambda f: f.update({layout.STATEMENT: FILES[layout.STATEMENT][:-2]})),
        "JSON_MALFORMED",
    ),
    "an unlisted payload file, all signed again": (forge(BUNDLE, _append("data/extra")), "UNEXPECTED_FILE"),
    "a body removed, all signed again": (forge(BUNDLE, lambda p: p.pop(MANIFEST)), "BODY_MISSING"),
    "a body under another name": (
        forge(BUNDLE, lambda p: p.update({at.BODIES + "0" * 64: p.pop(BODY)})),
        "BODY_DIGEST",
    ),
    "a body nobody names": (
        forge(BUNDLE, lambda p: p.update({at.BODIES + Digest.of(b"stray").hex: b"stray"})),
        "BODY_UNREFERENCED",
    ),
    "a body altered": (forge(BUNDLE, _append(BODY)), "BODY_DIGEST"),
    "a key file altered": (forge(BUNDLE, _append(KEY)), "DERIVED_MISMATCH"),
    "other keys may sign exports": (forge(BUNDLE, _append(at.ALLOWED_SIGNERS)), "DERIVED_MISMATCH"),
    "a key file removed": (forge(BUNDLE, lambda p: p.pop(KEY)), "DERIVED_MISMATCH"),
    "a key nobody enrolled": (forge(BUNDLE, _append(at.KEYS + "0" * 64 + ".pem")), "UNEXPECTED_FILE"),
    "other instructions": (forge(BUNDLE, _append(at.VERIFY)), "DERIVED_MISMATCH"),
    "another report, signed": (forge(BUNDLE, _append(at.REPORT), report=False), "REPORT_MISMATCH"),
    "no report": (forge(BUNDLE, lambda p: p.pop(at.REPORT)), "REPORT_MISMATCH"),
    "another record, signed": (forge(BUNDLE, _append(at.RECORD), report=False), "RECORD_MISMATCH"),
    "no record": (forge(BUNDLE, lambda p: p.pop(at.RECORD)), "RECORD_MISMATCH"),
    "a summary with a word more": (
        forge(BUNDLE, lambda p: p.update({at.SUMMARY: p[at.SUMMARY][:-1] + b',"z":1}'})),
        "BUNDLE_JSON",
    ),
    "no checkpoint": (forge(BUNDLE, lambda p: p.pop(at.CHECKPOINT)), "FILE_MISSING"),
    "the head under another name too": (
        forge(BUNDLE, lambda p: p.update({at.CHECKPOINTS + "000000001.txt": p[at.CHECKPOINT]})),
        "UNEXPECTED_FILE",
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_bundle_does_not_pass_with(case: str) -> None:
    data, code = FORGERIES[case]
    answer = _verify(data)
    assert answer.verdict in ("FAIL", "UNPROVEN")
    assert code in answer.codes


def test_genuine_records_signed_by_another_exporter_pass_and_say_so() -> None:
    answer = _verify(forge(BUNDLE, lambda p: None, exporter="mallory"))
    assert (answer.verdict, answer.codes) == ("PASS", ("EXPORTER_UNKNOWN",))


def test_a_signature_of_the_exporter_over_other_bytes_is_refused() -> None:
    other = honest()[0]
    other.register(9)
    theirs = read_container(other.bundle())[layout.STATEMENT]
    assert "BUNDLE_STATEMENT" in _verify(_tag(lambda f: f.update({layout.STATEMENT: theirs}))).codes


def _sign_again(files: dict[str, bytes], who: str) -> None:
    files[layout.SSHSIG] = sign_file(files[layout.MANIFEST], key(who))


SSHSIGS: dict[str, Callable[[dict[str, bytes]], object]] = {
    "of another manifest": lambda f: f.update({layout.SSHSIG: sign_file(b"other", key("service"))}),
    "by another key": lambda f: _sign_again(f, "mallory"),
    "with a line more": lambda f: f.update({layout.SSHSIG: f[layout.SSHSIG] + b"\n"}),
    "that is none": lambda f: f.update({layout.SSHSIG: b""}),
}


@pytest.mark.parametrize("case", SSHSIGS)
def test_an_ssh_signature_is_refused(case: str) -> None:
    answer = _verify(_tag(SSHSIGS[case]))
    assert (answer.verdict, answer.codes) == ("FAIL", ("BUNDLE_SSHSIG",))


def test_an_unknown_exporters_signatures_are_checked_all_the_same() -> None:
    theirs = read_container(forge(BUNDLE, lambda p: None, exporter="mallory"))
    _sign_again(theirs, "service")
    theirs[layout.TAG_MANIFEST] = layout.manifest_text(theirs, layout.TAG_FILES)
    assert _verify(build_container(theirs)).codes == ("BUNDLE_SSHSIG", "EXPORTER_UNKNOWN")


def test_the_archive_is_the_one_zipfile_writes() -> None:
    assert _zip(NAMES) == BUNDLE
    with zipfile.ZipFile(io.BytesIO(BUNDLE)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == NAMES


def test_the_same_head_gives_the_same_bytes() -> None:
    assert _registry().bundle() == BUNDLE


def test_nothing_a_person_wrote_is_markup_in_the_report() -> None:
    registry, manifest, dossier, _ = honest()
    reason = registry.put(b"sixteen bytes ok" + "<script>alert(1)</script>\x1b[31m\u202eevil".encode())
    registry.decide(manifest, dossier, reason=reason)
    registry.claim(manifest, "valid")
    bundle = registry.bundle()
    page = read_container(bundle)[at.REPORT].decode()
    assert verify_bundle(bundle, anchor=registry.anchor).verdict == "PASS"
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
