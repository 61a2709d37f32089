"""A forger edits a bundle and repairs every checksum and signature that the keys at hand can repair."""

from collections.abc import Callable

from registry.bundle import contents as at
from registry.bundle.container import build_container, read_container
from registry.bundle.examine import examine
from registry.bundle.findings import Findings
from registry.bundle.layout import wrap
from registry.bundle.record import record_bytes
from registry.bundle.report import render
from schemas.errors import VerificationError
from tests.attacks.simulator import ORIGIN, key

Edit = Callable[[dict[str, bytes]], object]


def forge(bundle: bytes, edit: Edit, *, exporter: str = "service", report: bool = True) -> bytes:
    """Return the bundle with its payload edited and everything repaired that the key can repair."""
    payload = {n: d for n, d in read_container(bundle).items() if n.startswith("data/")}
    edit(payload)
    if report and payload.pop(at.REPORT, None) is not None and payload.pop(at.RECORD, None) is not None:
        try:
            record = examine(payload, Findings()).record
            payload |= {at.RECORD: record_bytes(record), at.REPORT: render(record)}
        except VerificationError:
            payload |= {at.RECORD: b"{}", at.REPORT: b"the forger's own page"}
    return build_container(wrap(payload, ORIGIN, key(exporter)))


def retop(bundle: bytes, edit: Edit) -> bytes:
    """Return the bundle with any of its files edited and nothing repaired but the archive itself."""
    files = read_container(bundle)
    edit(files)
    return build_container(files)


def replace_line(name: str, line: int, change: Callable[[bytes], bytes]) -> Edit:
    """Return an edit of one line of a JSON Lines file."""

    def edit(payload: dict[str, bytes]) -> None:
        lines = payload[name].split(b"\n")
        lines[line] = change(lines[line])
        payload[name] = b"\n".join(lines)

    return edit
