"""B and X: files that are altered, added, swapped or missing, and the exporter who signs them."""

import base64
import hashlib
import struct
import textwrap
from functools import cache

from registry.bundle import contents as at
from registry.bundle import layout
from registry.bundle.container import read_container
from registry.trust.sshsig import sign_file
from schemas.digest import Digest
from tests.attacks.case import (
    Handed,
    approved,
    case,
    claimed,
    forged,
    raw,
    reference_bundle,
    table,
)
from tests.attacks.forger import Edit, append, forge, retag, retop
from tests.attacks.simulator import honest, key


@cache
def _files() -> dict[str, bytes]:
    return read_container(reference_bundle())


def _one(folder: str, ending: str = "") -> str:
    return next(n for n in sorted(_files()) if n.startswith(folder) and n.endswith(ending))


def _append_to(folder: str, ending: str = "") -> Edit:
    def edit(payload: dict[str, bytes]) -> None:
        payload[_one(folder, ending)] += b" "

    return edit


def _topped(edit: Edit) -> Handed:
    return raw(retop(reference_bundle(), edit))


def _tagged(edit: Edit) -> Handed:
    return raw(retag(reference_bundle(), edit))


@case("B01", "FAIL", "MANIFEST_MISMATCH", "a payload file is altered, the manifests kept")
def payload_altered() -> Handed:
    return _topped(append(at.LEAVES))


@case("B02", "FAIL", "BUNDLE_STATEMENT", "the report is altered and the manifests recomputed, nothing signed")
def report_altered() -> Handed:
    return _tagged(append(at.REPORT))


@case("B03", "PASS", "EXPORTER_UNKNOWN", "genuine records are signed by a key the registry never enrolled")
def another_exporter() -> Handed:
    return forged(lambda _: None, exporter="mallory")


@case("B04", "FAIL", "MANIFEST_MISMATCH", "a file nobody lists is added")
def unlisted_file() -> Handed:
    return _topped(append("data/extra"))


@case("B05", "FAIL", "UNEXPECTED_FILE", "a file is added beside the manifests, which are recomputed")
def file_at_the_top() -> Handed:
    return _tagged(append("extra.txt"))


@case(
    "B06",
    "FAIL",
    "BODY_MISSING | LOG_INCOMPLETE",
    "an envelope is taken out and all is signed",
)
def body_removed() -> Handed:
    def edit(payload: dict[str, bytes]) -> None:
        payload[at.ATTESTATIONS] = payload[at.ATTESTATIONS].split(b"\n", 1)[1]

    return forged(edit)


@case("B07", "FAIL", "BODY_UNREFERENCED", "a document that no record names is added")
def stray_document() -> Handed:
    return forged(lambda p: p.update({at.BODIES + Digest.of(b"stray").hex: b"stray"}))


@case("B08", "FAIL", "BODY_DIGEST | UNEXPECTED_FILE", "a document stands under another one's name")
def document_under_another_name() -> Handed:
    return forged(lambda p: p.update({at.BODIES + "0" * 64: p.pop(_one(at.BODIES))}))


@case("B23", "FAIL", "MANIFEST_MISMATCH", "another bundle's manifest is swapped in")
def another_bundles_manifest() -> Handed:
    return _topped(lambda f: f.update({layout.MANIFEST: _of_another(layout.MANIFEST)}))


@case("X01", "FAIL", "BUNDLE_STATEMENT", "the exporter's signature over another bundle is swapped in")
def another_bundles_signature() -> Handed:
    return _tagged(lambda f: f.update({layout.STATEMENT: _of_another(layout.STATEMENT)}))


@case("X02", "FAIL", "SIGNATURE_INVALID", "the exporter's signature is by another key than it says")
def exporters_signature_false() -> Handed:
    good, bad = forged(lambda _: None), forged(lambda _: None, exporter="mallory")
    ours, theirs = (read_container(h.bundle)[layout.STATEMENT] for h in (good, bad))
    sig = theirs.split(b'"sig":"')[1]
    return _tagged(lambda f: f.update({layout.STATEMENT: ours.split(b'"sig":"')[0] + b'"sig":"' + sig}))


@case("X03", "PASS", "EXPORTER_REVOKED", "the exporter's key was revoked; what the records prove stands")
def revoked_exporter() -> Handed:
    registry, manifest = approved()
    registry.revoke("service", "alice")
    return claimed(registry, manifest)


@case("F22", "FAIL", "BUNDLE_SSHSIG", "an SSH signature made in the namespace of files is passed off")
def ssh_signature_of_another_namespace() -> Handed:
    return _tagged(lambda f: f.update({layout.SSHSIG: _ssh_signature(f[layout.MANIFEST], b"file")}))


@case("X04", "PASS", "", "the same head gives the same bytes: the honest bundle, written again")
def written_again() -> Handed:
    registry, manifest, _, _ = honest()
    registry.seal(registry.gate(manifest))
    return claimed(registry, manifest)


@case("X05", "PASS", "TEXT_ERASED", "the words of a decision are erased; what it decides stands")
def words_erased() -> Handed:
    registry, manifest = approved()
    for digest in [d for d, data in registry.bodies.items() if data.startswith(b"sixteen bytes ok")]:
        del registry.bodies[digest]
    return claimed(registry, manifest)


@case(
    "F05",
    "PASS",
    "",
    "a reason holds markup, an escape and a direction override: none is shown",
)
def hostile_reason() -> Handed:
    registry, manifest, dossier, _ = honest()
    reason = registry.put(b"sixteen bytes ok" + "<script>alert(1)</script>\x1b[31m\u202eevil".encode())
    registry.decide(manifest, dossier, reason=reason)
    return claimed(registry, manifest)


def _ssh_signature(data: bytes, namespace: bytes) -> bytes:
    """Return the armored signature that `ssh-keygen -Y sign -n namespace` makes of `data`."""

    def text(value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + value

    head = text(namespace) + text(b"") + text(b"sha512")
    signer = key("service")
    sig = signer.sign(b"SSHSIG" + head + text(hashlib.sha512(data).digest()))
    public = text(text(b"ssh-ed25519") + text(signer.public))
    blob = b"SSHSIG" + struct.pack(">I", 1) + public + head + text(text(b"ssh-ed25519") + text(sig))
    lines = textwrap.wrap(base64.b64encode(blob).decode(), 70)
    return "\n".join(("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", "")).encode()


@case(
    "X08",
    "FAIL",
    "BUNDLE_SSHSIG EXPORTER_UNKNOWN",
    "a stranger signs beside the service",
)
def signed_by_two() -> Handed:
    theirs = forge(reference_bundle(), lambda _: None, exporter="mallory")
    return raw(retag(theirs, lambda f: _sign_again(f, "service")))


@case("X06", "PASS", "", "the SSH signature is the one that ssh-keygen makes, made here without our writer")
def ssh_signature_made_elsewhere() -> Handed:
    made = lambda f: _ssh_signature(f[layout.MANIFEST], b"audit-bundle@muniment.dev")  # noqa: E731
    return _tagged(lambda f: f.update({layout.SSHSIG: made(f)}))


def _of_another(name: str) -> bytes:
    other, manifest, _, _ = honest()
    other.register(9, weights=b"nine")
    other.claim(manifest, "valid")
    return read_container(other.bundle())[name]


def _sign_again(files: dict[str, bytes], who: str) -> None:
    files[layout.SSHSIG] = sign_file(files[layout.MANIFEST], key(who))


SSHSIGS: dict[str, Edit] = {
    "is over another manifest": lambda f: f.update({layout.SSHSIG: sign_file(b"other", key("service"))}),
    "is by another key than the statement": lambda f: _sign_again(f, "mallory"),
    "has a line more": lambda f: f.update({layout.SSHSIG: f[layout.SSHSIG] + b"\n"}),
    "is empty": lambda f: f.update({layout.SSHSIG: b""}),
}
table(
    "X",
    10,
    "the SSH signature",
    [(words, "BUNDLE_SSHSIG", lambda e=edit: _tagged(e)) for words, edit in SSHSIGS.items()],  # type: ignore[misc]
)
TOP: dict[str, tuple[str, Edit]] = {
    "a weaker manifest added": ("UNEXPECTED_FILE", append("manifest-md5.txt")),
    "a fetch list added": ("UNEXPECTED_FILE", append("fetch.txt")),
    "no statement of the exporter": ("FILE_MISSING", lambda f: f.pop(layout.STATEMENT)),
    "half a statement of the exporter": (
        "JSON_MALFORMED",
        lambda f: f.update({layout.STATEMENT: f[layout.STATEMENT][:-2]}),
    ),
}
table(
    "X",
    20,
    "the manifests are recomputed, with",
    [(words, codes, lambda e=edit: _tagged(e)) for words, (codes, edit) in TOP.items()],  # type: ignore[misc]
)
INSIDE: dict[str, tuple[str, Edit]] = {
    "a payload file nobody calls for": ("UNEXPECTED_FILE", append("data/extra")),
    "a document altered": (
        "BODY_DIGEST | BODY_MISSING BODY_UNREFERENCED CHECKS_ATTESTED RECEIPT_UNPROVEN UNEXPECTED_FILE",
        _append_to(at.BODIES),
    ),
    "a key file altered": ("DERIVED_MISMATCH", _append_to(at.KEYS, ".pem")),
    "a key file taken out": ("DERIVED_MISMATCH", lambda p: p.pop(_one(at.KEYS, ".pem"))),
    "a key nobody enrolled": ("UNEXPECTED_FILE", append(at.KEYS + "0" * 64 + ".pem")),
    "other keys allowed to sign exports": ("DERIVED_MISMATCH", append(at.ALLOWED_SIGNERS)),
    "other log keys listed": ("DERIVED_MISMATCH", append(at.LOG_KEYS)),
    "other instructions": ("DERIVED_MISMATCH", append(at.VERIFY)),
    "a word more in the summary": (
        "BUNDLE_JSON",
        lambda p: p.update({at.SUMMARY: p[at.SUMMARY][:-1] + b',"z":1}'}),
    ),
    "another profile in the summary": (
        "BUNDLE_JSON",
        lambda p: p.update({at.SUMMARY: p[at.SUMMARY].replace(b'"complete"', b'"completed"')}),
    ),
    "no head": ("FILE_MISSING", lambda p: p.pop(at.CHECKPOINT)),
    "no receipts file": ("FILE_MISSING", lambda p: p.pop(at.RECEIPTS)),
    "the head under another name too": (
        "UNEXPECTED_FILE",
        lambda p: p.update({at.CHECKPOINTS + "000000001.txt": p[at.CHECKPOINT]}),
    ),
    "a body with a second spelling of its name": (
        "UNEXPECTED_FILE",
        lambda p: p.update({_one(at.BODIES) + ".json": p[_one(at.BODIES)]}),
    ),
}
table(
    "X",
    30,
    "everything is signed again, with",
    [(words, codes, lambda e=edit: forged(e)) for words, (codes, edit) in INSIDE.items()],  # type: ignore[misc]
)
TOLD: dict[str, tuple[str, Edit]] = {
    "another report": ("REPORT_MISMATCH", append(at.REPORT)),
    "no report": ("REPORT_MISMATCH", lambda p: p.pop(at.REPORT)),
    "another record": ("RECORD_MISMATCH", append(at.RECORD)),
    "no record": ("RECORD_MISMATCH", lambda p: p.pop(at.RECORD)),
}
table(
    "X",
    60,
    "the operator signs",
    [(words, codes, lambda e=edit: forged(e, report=False)) for words, (codes, edit) in TOLD.items()],  # type: ignore[misc]
)


@case(
    "X07",
    "UNPROVEN",
    "BODY_MISSING | RECEIPT_UNPROVEN",
    "the version's manifest is taken out",
)
def manifest_taken_out() -> Handed:
    return forged(lambda p: p.pop(_one(at.MANIFESTS)))


@case("F04", "FAIL", "REPORT_MISMATCH", "the report says valid where the records say none, and all is signed")
def lying_report() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.decide(manifest, dossier, decision="reject")
    bundle = claimed(registry, manifest, "none").bundle
    return Handed(forge(bundle, _say_valid, report=False), registry.anchor)


def _say_valid(payload: dict[str, bytes]) -> None:
    assert b">none<" in payload[at.REPORT]
    payload[at.REPORT] = payload[at.REPORT].replace(b">none<", b">valid<")
