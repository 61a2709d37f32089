"""A forger edits a bundle and repairs every checksum and signature that the keys at hand can repair."""

from collections.abc import Callable

from registry.bundle import contents as at
from registry.bundle import layout
from registry.bundle.container import build_container, read_container
from registry.bundle.examine import examine
from registry.bundle.findings import Findings
from registry.bundle.layout import wrap
from registry.bundle.log import read_log
from registry.bundle.population import with_population
from registry.bundle.record import record_bytes
from registry.bundle.report import render
from registry.bundle.summary import parse_summary, summary_bytes
from registry.trust.fold import fold
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint
from tests.attacks.simulator import ORIGIN, key

Edit = Callable[[dict[str, bytes]], object]


def forge(bundle: bytes, edit: Edit, *, exporter: str = "service", report: bool = True) -> bytes:
    """Return the bundle with its payload edited and everything repaired that the key can repair."""
    payload = {n: d for n, d in read_container(bundle).items() if n.startswith("data/")}
    counted = _population(payload)
    edit(payload)
    if _population(payload) == counted:
        recount(payload)
    if report and payload.pop(at.REPORT, None) is not None and payload.pop(at.RECORD, None) is not None:
        try:
            record = examine(payload, Findings()).record
            payload |= {at.RECORD: record_bytes(record), at.REPORT: render(record)}
        except VerificationError:
            payload |= {at.RECORD: b"{}", at.REPORT: b"the forger's own page"}
    return build_container(wrap(payload, ORIGIN, key(exporter)))


def recount(payload: dict[str, bytes]) -> None:
    """Let bundle.json count what is there now, where what is there can be read."""
    try:
        said = parse_canonical(payload[at.SUMMARY])
        log = read_log(payload, Findings())
        state = fold(log.head.origin, log.records(), _documents(payload).get, complete=True)
        said["population"] = with_population(log, state, parse_summary(payload[at.SUMMARY])).population
        payload[at.SUMMARY] = canonical(said)
    except (VerificationError, KeyError):
        return


def restate(payload: dict[str, bytes], head: Checkpoint) -> None:
    """Let bundle.json name another head."""
    payload[at.SUMMARY] = summary_bytes(head, parse_summary(payload[at.SUMMARY]))


def _population(payload: dict[str, bytes]) -> object:
    try:
        return parse_summary(payload[at.SUMMARY]).population
    except (VerificationError, KeyError):
        return None


def _documents(payload: dict[str, bytes]) -> dict[Digest, bytes]:
    return {Digest.of(d): d for n, d in payload.items() if n.startswith((at.BODIES, at.MANIFESTS))}


def retop(bundle: bytes, edit: Edit) -> bytes:
    """Return the bundle with any of its files edited and nothing repaired but the archive itself."""
    files = read_container(bundle)
    edit(files)
    return build_container(files)


def retag(bundle: bytes, edit: Edit) -> bytes:
    """Return the bundle with any file edited and repaired what needs no key: archive and manifests."""

    def change(files: dict[str, bytes]) -> None:
        edit(files)
        payload = [n for n in files if n.startswith("data/")]
        files[layout.MANIFEST] = layout.manifest_text(files, payload)
        octets = sum(len(files[n]) for n in payload)
        files[layout.BAG_INFO] = f"Payload-Oxum: {octets}.{len(payload)}\n".encode()
        tags = [n for n in files if not n.startswith("data/") and n != layout.TAG_MANIFEST]
        files[layout.TAG_MANIFEST] = layout.manifest_text(files, tags)

    return retop(bundle, change)


def append(name: str) -> Edit:
    """Return an edit that adds one byte to a file, or makes it."""
    return lambda files: files.update({name: files.get(name, b"") + b" "})


def replace_line(name: str, line: int, change: Callable[[bytes], bytes]) -> Edit:
    """Return an edit of one line of a JSON Lines file."""

    def edit(payload: dict[str, bytes]) -> None:
        lines = payload[name].split(b"\n")
        lines[line] = change(lines[line])
        payload[name] = b"\n".join(lines)

    return edit
