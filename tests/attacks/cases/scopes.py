"""S: what was asked for, the population, what is held back, names, and extracts."""

from typing import Any

import msgspec

from registry.bundle import contents as at
from registry.bundle.contents import Withheld
from registry.bundle.summary import Asked, HeldBack
from registry.bundle.write import write_bundle
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from tests.attacks.case import Handed, case, handed
from tests.attacks.extracts import extract
from tests.attacks.forger import Edit, forge
from tests.attacks.simulator import Registry, honest, key, person_id

RETAIL = Asked(namespaces=("retail",))


def _two(asked: Asked = RETAIL, *, claim_both: bool = False) -> tuple[Registry, Digest]:
    """Return a registry with version 7 approved and claimed, version 8 rejected, and the manifest of 8."""
    registry, manifest, _, _ = honest()
    rejected = registry.register(8, weights=b"other")
    registry.decide(rejected, registry.request(rejected), decision="reject")
    registry.claim(manifest, "valid")
    if claim_both:
        registry.claim(rejected, "none")
    registry.asked = asked
    return registry, rejected.digest


def _omit(registry: Registry, manifest: Digest, *, but: str = "") -> Handed:
    for seq, leaf in enumerate(map(parse_leaf, registry.leaves)):
        if manifest in leaf.subjects and leaf.type != but:
            registry.envelopes[seq] = Withheld(leaf.body, "omitted")
    return handed(registry)


def _counting(**members: Any) -> Handed:
    def edit(payload: dict[str, bytes]) -> None:
        value = parse_canonical(payload[at.SUMMARY])
        value["population"] |= members
        payload[at.SUMMARY] = canonical(value)

    registry, _ = _two(claim_both=True)
    return Handed(forge(registry.bundle(), edit), registry.anchor)


def _packed(registry: Registry, **members: Any) -> Handed:
    contents = msgspec.structs.replace(registry.contents(), **members)
    return Handed(write_bundle(contents, key("service")), registry.anchor)


@case("S01", "PASS", "", "every version of a namespace is claimed, a rejected one among them")
def namespace_claimed_whole() -> Handed:
    return handed(_two(claim_both=True)[0])


@case("S02", "PASS", "", "the whole registry is claimed")
def registry_claimed_whole() -> Handed:
    return handed(_two(Asked(), claim_both=True)[0])


@case("S03", "FAIL", "POPULATION_MISMATCH", "fewer leaves are counted than there are")
def fewer_leaves_counted() -> Handed:
    return _counting(leaves=3)


@case("S04", "FAIL", "POPULATION_MISMATCH", "fewer versions are counted than were registered in the scope")
def fewer_versions_counted() -> Handed:
    return _counting(versions=1)


@case("S05", "UNPROVEN", "CLAIM_MISSING", "a rejected version of the scope is not claimed")
def rejected_version_not_claimed() -> Handed:
    return handed(_two()[0])


@case(
    "S06",
    "UNPROVEN",
    "CLAIM_MISSING",
    "the records of a version of the scope are left out, and it is not claimed",
)
def records_of_a_version_left_out() -> Handed:
    return _omit(*_two(), but="version-registered")


@case("S07", "UNPROVEN", "POPULATION_UNPROVEN", "a registration is left out that may be in the scope")
def registration_left_out() -> Handed:
    return _omit(*_two())


@case("S08", "PASS", "", "all of a version that was not asked for is left out")
def not_asked_for() -> Handed:
    return _omit(*_two(Asked(subjects=("retail/credit-risk@7",))))


@case("S09", "FAIL", "POPULATION_MISMATCH", "a version is claimed that the stated scope does not name")
def claim_outside_the_scope() -> Handed:
    return handed(_two(Asked(subjects=("retail/credit-risk@8",)), claim_both=True)[0])


@case("S10", "UNPROVEN", "POPULATION_UNPROVEN", "a version was asked for that no record here registers")
def asked_for_and_not_registered() -> Handed:
    return handed(_two(Asked(subjects=("retail/credit-risk@7", "retail/fraud@1")))[0])


@case("S11", "PASS", "", "a version registered and decided about after the period is not claimed")
def after_the_period() -> Handed:
    return handed(_two(Asked(until="2026-11-23T10:04:30Z"))[0])


@case(
    "S12", "UNPROVEN", "CLAIM_MISSING", "a version registered in the last second of the period is not claimed"
)
def in_the_last_second() -> Handed:
    return handed(_two(Asked(until="2026-11-23T10:05:00Z"))[0])


@case("S13", "FAIL", "WITHHELD_ENCLOSED", "a document is said to be held back, and is here")
def held_back_and_here() -> Handed:
    registry, manifest = _two(claim_both=True)
    return _packed(registry, withheld=(HeldBack(manifest, "private"),))


@case("S14", "FAIL", "BODY_UNREFERENCED", "a document is said to be held back that no record names")
def held_back_and_unnamed() -> Handed:
    return _packed(_two(claim_both=True)[0], withheld=(HeldBack(Digest.of(b"stray"), "private"),))


def _reason() -> tuple[Registry, dict[Digest, bytes], Digest]:
    registry, _ = _two(claim_both=True)
    bodies = dict(registry.contents().bodies)
    digest = next(d for d, data in bodies.items() if data.startswith(b"sixteen bytes ok"))
    del bodies[digest]
    return registry, bodies, digest


@case("S15", "PASS", "TEXT_ERASED", "a reviewer's words are held back, and why")
def words_held_back() -> Handed:
    registry, bodies, digest = _reason()
    return _packed(registry, bodies=bodies, withheld=(HeldBack(digest, "trade-secret"),))


@case("S16", "UNPROVEN", "BODY_MISSING", "a decision is held back, and why")
def decision_held_back() -> Handed:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    registry.claim(manifest, "valid")
    registry.envelopes[-1] = Withheld(parse_leaf(registry.leaves[-1]).body, "withheld", "dispute")
    return handed(registry)


def _row(**members: Any) -> Handed:
    """Hand over a bundle whose last row says in other words why its record is absent."""
    registry, _ = _two(claim_both=True)
    row = canonical({"digest": parse_leaf(registry.leaves[-1]).body, "state": "withheld"} | members)

    def edit(payload: dict[str, bytes]) -> None:
        lines = at.lines_of(payload[at.ATTESTATIONS], at.ATTESTATIONS)
        payload[at.ATTESTATIONS] = b"".join(line + b"\n" for line in [*lines[:-1], row])

    return Handed(forge(registry.bundle(), edit), registry.anchor)


@case("S17", "FAIL", "BODY_MISSING", "a record is held back without a reason")
def held_back_without_a_reason() -> Handed:
    return _row()


@case("S18", "FAIL", "BODY_MISSING", "a record is omitted, with a reason nobody asked for")
def omitted_with_a_reason() -> Handed:
    return _row(state="omitted", reason="private")


def _named(names: Any) -> Handed:
    registry, _ = _two(claim_both=True)
    added = {at.NAMES: canonical(names)}
    return Handed(forge(registry.bundle(), lambda payload: payload.update(added)), registry.anchor)


@case("S19", "PASS", "", "the bundle says what a reviewer is called")
def names_enclosed() -> Handed:
    return _packed(_two(claim_both=True)[0], names={person_id("rita"): "rita@acme.example"})


@case("S20", "FAIL", "NAMES_MALFORMED", "a name is for a person whom no record names")
def name_of_nobody() -> Handed:
    return _named({"p-" + "0" * 16: "mallory"})


@case("S21", "FAIL", "NAMES_MALFORMED", "a name has two lines")
def name_of_two_lines() -> Handed:
    return _named({person_id("rita"): "rita\nverdict PASS"})


def _withdrawn() -> tuple[Registry, int]:
    registry, manifest, _, approval = honest()
    seq = registry.withdraw(manifest, approval)
    registry.claim(manifest, "valid")
    return registry, seq


def _extract(edit: Edit) -> Handed:
    registry, seq = _withdrawn()
    bundle = write_bundle(extract(registry, (seq,)), key("service"))
    return Handed(forge(bundle, edit), registry.anchor)


@case(
    "F11",
    "UNPROVEN",
    "COMPLETENESS_UNPROVEN",
    "an extract leaves out the withdrawal of the approval it shows",
)
def extract_without_the_withdrawal() -> Handed:
    return _extract(lambda payload: None)


@case(
    "S22",
    "FAIL",
    "INCLUSION_INVALID PROOF_MALFORMED | COMPLETENESS_UNPROVEN",
    "a leaf of an extract has another's proof",
)
def proof_of_another_leaf() -> Handed:
    return _extract(lambda p: p.update({at.proof_name(4): p[at.proof_name(0)]}))


@case("S23", "FAIL", "FILE_MISSING | COMPLETENESS_UNPROVEN", "a leaf of an extract has no proof")
def no_proof() -> Handed:
    return _extract(lambda p: p.pop(at.proof_name(4)))


@case(
    "S24", "FAIL", "UNEXPECTED_FILE | COMPLETENESS_UNPROVEN", "an extract proves a leaf that it does not hold"
)
def proof_without_a_leaf() -> Handed:
    return _extract(lambda p: p.update({at.proof_name(5): p[at.proof_name(0)]}))
