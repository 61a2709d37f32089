"""Q: extracts, whose leaves with their proofs show what they hold, and never that nothing else was logged."""

from collections.abc import Callable
from functools import cache

import msgspec

from registry.bundle import contents as at
from registry.bundle.write import write_bundle
from registry.trust.proof import format_proof, parse_proof
from tests.attacks.case import Handed, approved, case, claimed, table
from tests.attacks.extracts import extract
from tests.attacks.forger import Edit, forge
from tests.attacks.simulator import Registry, honest, key

WITHDRAWAL = 5
LAST, FIRST = at.proof_name(WITHDRAWAL - 1), at.proof_name(0)


@cache
def _withdrawn() -> Registry:
    """Return a registry whose only approval was withdrawn, and is claimed to stand."""
    registry, manifest, _, approval = honest()
    assert registry.withdraw(manifest, approval) == WITHDRAWAL
    registry.claim(manifest, "valid")
    return registry


@cache
def _bundle() -> bytes:
    return write_bundle(extract(_withdrawn(), (WITHDRAWAL,)), key("service"))


def _forged(edit: Edit) -> Handed:
    return Handed(forge(_bundle(), edit), _withdrawn().anchor)


@case("Q01", "UNPROVEN", "COMPLETENESS_UNPROVEN", "an extract of every leaf proves no more")
def extract_of_everything() -> Handed:
    registry, manifest = approved()
    registry.claim(manifest, "valid")
    return Handed(write_bundle(extract(registry), key("service")), registry.anchor)


@case(
    "Q02",
    "FAIL",
    "CLAIM_FALSE | COMPLETENESS_UNPROVEN QUORUM_NOT_MET",
    "an extract that shows the withdrawal",
)
def extract_with_the_withdrawal() -> Handed:
    registry = _withdrawn()
    return Handed(write_bundle(extract(registry), key("service")), registry.anchor)


@case("Q03", "UNPROVEN", "COMPLETENESS_UNPROVEN CONSISTENCY_UNPROVEN", "the auditor saw an earlier head")
def earlier_head_and_an_extract() -> Handed:
    prior = _withdrawn().head(3)
    return Handed(_bundle(), _withdrawn().anchor, prior=(prior.size, prior.root))


@case("Q04", "FAIL", "ROLLBACK | COMPLETENESS_UNPROVEN", "the auditor saw a longer log than the extract's")
def longer_log_and_an_extract() -> Handed:
    return Handed(_bundle(), _withdrawn().anchor, prior=(99, _withdrawn().head().root))


@case("Q05", "FAIL", "FILE_MISSING | COMPLETENESS_UNPROVEN", "a whole bundle is called an extract")
def whole_bundle_called_an_extract() -> Handed:
    registry, manifest = approved()
    found = claimed(registry, manifest)
    return Handed(forge(found.bundle, _relabel(b"complete", b"extract")), found.anchor)


@case("Q06", "FAIL", "LEAF_SEQ", "the leaves of an extract are out of order")
def extract_out_of_order() -> Handed:
    def swap(payload: dict[str, bytes]) -> None:
        for name in (at.LEAVES, at.ATTESTATIONS):
            lines = at.lines_of(payload[name], name)
            payload[name] = b"".join(line + b"\n" for line in [lines[1], lines[0], *lines[2:]])

    return _forged(swap)


@case("Q07", "FAIL", "LOG_TRUNCATED | UNEXPECTED_FILE", "an extract is called complete")
def extract_called_complete() -> Handed:
    return _forged(_relabel(b"extract", b"complete"))


def _relabel(old: bytes, new: bytes) -> Edit:
    def edit(payload: dict[str, bytes]) -> None:
        payload[at.SUMMARY] = payload[at.SUMMARY].replace(b'"profile":"' + old, b'"profile":"' + new)

    return edit


def _proof(change: Callable[[str], str]) -> Edit:
    return lambda payload: payload.update({LAST: change(payload[LAST].decode()).encode()})


def _other_head(text: str) -> str:
    other = _withdrawn().contents(head=_withdrawn().head(3)).checkpoint
    return format_proof(msgspec.structs.replace(parse_proof(text), checkpoint=other))


def _other_path(text: str) -> str:
    proof = parse_proof(text)
    return format_proof(msgspec.structs.replace(proof, path=(bytes(32), *proof.path[1:])))


def _earlier_head(payload: dict[str, bytes]) -> None:
    note = _withdrawn().contents(head=_withdrawn().head(3)).checkpoint
    payload[at.CHECKPOINTS + "000000003.txt"] = note.encode()


ROWS: dict[str, tuple[str, Edit]] = {
    "a proof is not there": ("FILE_MISSING", lambda p: p.pop(LAST)),
    "a proof is another leaf's": ("INCLUSION_INVALID PROOF_MALFORMED", lambda p: p.update({LAST: p[FIRST]})),
    "a proof has another path": ("INCLUSION_INVALID", _proof(_other_path)),
    "a proof stands under another head": ("PROOF_MALFORMED", _proof(_other_head)),
    "a proof has a line more": ("PROOF_MALFORMED", _proof(lambda t: t + "\n")),
    "a proof is none": ("PROOF_MALFORMED", _proof(lambda _: "no proof")),
    "a proof is no text": ("NOTE_MALFORMED", lambda p: p.update({LAST: b"\xff"})),
    "a proof is there for a leaf that is not": (
        "UNEXPECTED_FILE",
        lambda p: p.update({at.proof_name(WITHDRAWAL): p[LAST]}),
    ),
    "an earlier head is in it": ("LOG_TRUNCATED", _earlier_head),
}
table(
    "Q",
    10,
    "the extract fails, since",
    [
        (words, f"{codes} | COMPLETENESS_UNPROVEN", lambda e=edit: _forged(e))  # type: ignore[misc]
        for words, (codes, edit) in ROWS.items()
    ],
)
