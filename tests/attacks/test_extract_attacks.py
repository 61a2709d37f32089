"""Extracts: some leaves with their proofs show what they hold, and never that nothing else was logged."""

from collections.abc import Callable

import msgspec
import pytest

from registry.bundle import contents as at
from registry.bundle.container import read_container
from registry.bundle.verify import Answer, verify_bundle
from registry.bundle.write import write_bundle
from registry.trust.proof import format_proof, parse_proof
from tests.attacks.extracts import extract
from tests.attacks.forger import forge
from tests.attacks.simulator import Registry, honest, key


def withdrawn() -> tuple[Registry, int]:
    """Return a registry whose only approval was withdrawn, and the withdrawal's leaf."""
    registry, manifest, _, approval = honest()
    seq = registry.withdraw(manifest, approval)
    registry.claim(manifest, "valid")
    return registry, seq


REGISTRY, WITHDRAWAL = withdrawn()
BUNDLE = write_bundle(extract(REGISTRY, (WITHDRAWAL,)), key("service"))
LAST = at.proof_name(WITHDRAWAL - 1)
FIRST = at.proof_name(0)


def verify(data: bytes) -> Answer:
    return verify_bundle(data, anchor=REGISTRY.anchor)


def test_an_extract_that_leaves_out_a_withdrawal_is_not_believed() -> None:
    answer = verify(BUNDLE)
    assert (answer.verdict, answer.codes, answer.exit_code) == ("UNPROVEN", ("COMPLETENESS_UNPROVEN",), 3)
    assert answer.record["claims"][0]["status"] == "valid"


def test_an_extract_of_everything_is_not_believed_either() -> None:
    answer = verify(write_bundle(extract(REGISTRY), key("service")))
    assert answer.verdict == "FAIL"
    assert "CLAIM_FALSE" in answer.codes
    whole_log, manifest, _, _ = honest()
    whole_log.claim(manifest, "valid")
    whole = verify_bundle(write_bundle(extract(whole_log), key("service")), anchor=whole_log.anchor)
    assert (whole.verdict, whole.codes) == ("UNPROVEN", ("COMPLETENESS_UNPROVEN",))


def _proof(name: str, change: Callable[[str], str]) -> Callable[[dict[str, bytes]], object]:
    return lambda payload: payload.update({name: change(payload[name].decode()).encode()})


def _relabelled(payload: dict[str, bytes]) -> None:
    payload[at.SUMMARY] = payload[at.SUMMARY].replace(b'"profile":"extract"', b'"profile":"complete"')


def _other_head(text: str) -> str:
    proof = parse_proof(text)
    other = REGISTRY.contents(head=REGISTRY.head(3)).checkpoint
    return format_proof(msgspec.structs.replace(proof, checkpoint=other))


def _other_path(text: str) -> str:
    proof = parse_proof(text)
    return format_proof(msgspec.structs.replace(proof, path=(bytes(32), *proof.path[1:])))


FORGED: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "a proof is not there": (lambda p: p.pop(LAST), "FILE_MISSING"),
    "a proof is another leaf's": (lambda p: p.update({LAST: p[FIRST]}), "PROOF_MALFORMED"),
    "a proof has another path": (_proof(LAST, _other_path), "INCLUSION_INVALID"),
    "a proof stands under another head": (_proof(LAST, _other_head), "PROOF_MALFORMED"),
    "a proof has a line more": (_proof(LAST, lambda t: t + "\n"), "PROOF_MALFORMED"),
    "a proof is none": (_proof(LAST, lambda t: "no proof"), "PROOF_MALFORMED"),
    "a proof is no text": (lambda p: p.update({LAST: b"\xff"}), "NOTE_MALFORMED"),
    "a proof is there for a leaf that is not": (
        lambda p: p.update({at.proof_name(WITHDRAWAL): p[LAST]}),
        "UNEXPECTED_FILE",
    ),
    "it is called complete": (_relabelled, "LOG_TRUNCATED"),
    "an earlier head is in it": (
        lambda p: p.update(
            {at.CHECKPOINTS + "000000003.txt": REGISTRY.contents(head=REGISTRY.head(3)).checkpoint.encode()}
        ),
        "LOG_TRUNCATED",
    ),
}


@pytest.mark.parametrize("case", FORGED)
def test_an_extract_fails_when(case: str) -> None:
    edit, code = FORGED[case]
    answer = verify(forge(BUNDLE, edit))
    assert answer.verdict == "FAIL"
    assert code in answer.codes


def test_a_whole_bundle_is_no_extract_by_its_name_alone() -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")

    def relabel(payload: dict[str, bytes]) -> None:
        payload[at.SUMMARY] = payload[at.SUMMARY].replace(b'"profile":"complete"', b'"profile":"extract"')

    answer = verify_bundle(forge(registry.bundle(), relabel), anchor=registry.anchor)
    assert answer.verdict == "FAIL"
    assert "FILE_MISSING" in answer.codes


def test_leaves_of_an_extract_out_of_their_order_are_refused() -> None:
    def swap(payload: dict[str, bytes]) -> None:
        for name in (at.LEAVES, at.ATTESTATIONS):
            lines = at.lines_of(payload[name], name)
            payload[name] = b"".join(line + b"\n" for line in [lines[1], lines[0], *lines[2:]])

    assert verify(forge(BUNDLE, swap)).codes == ("LEAF_SEQ",)


def test_what_an_auditor_saw_before_cannot_be_compared_with_an_extract() -> None:
    prior = REGISTRY.head(3)
    answer = verify_bundle(BUNDLE, anchor=REGISTRY.anchor, prior=(prior.size, prior.root))
    assert answer.verdict == "UNPROVEN"
    assert "CONSISTENCY_UNPROVEN" in answer.codes
    later = verify_bundle(BUNDLE, anchor=REGISTRY.anchor, prior=(99, prior.root))
    assert (later.verdict, "ROLLBACK" in later.codes) == ("FAIL", True)


def test_every_leaf_of_an_extract_is_where_it_says() -> None:
    files = read_container(BUNDLE)
    assert FIRST in files
    leaves = at.lines_of(files[at.LEAVES], at.LEAVES)
    proofs = [parse_proof(files[at.proof_name(i)].decode()) for i in range(len(leaves))]
    assert [proof.leaf for proof in proofs] == leaves
