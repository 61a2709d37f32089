"""W: heads that witnesses confirm, fail to confirm, or are made to confirm (with trust.md's L05, L12-L14)."""

import base64
from typing import Any

import msgspec

from registry.bundle import contents as at
from registry.bundle.write import write_bundle
from registry.trust.cosignature import cosign, witness_vkey
from registry.trust.note import checkpoint_text, sign_checkpoint
from tests.attacks.case import Handed, case
from tests.attacks.forger import forge
from tests.attacks.simulator import Registry, altered_root, key

NOON = 1_795_435_200
"""2026-11-23T12:00:00Z, after every leaf of these registries."""
Line = tuple[str, int]


def _witnessed(quorum: int, *witnesses: str) -> Registry:
    """Return a registry whose second root asks for a quorum of witnesses, with one approved version."""
    registry = Registry()
    _name_witnesses(registry, quorum, *witnesses)
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    registry.claim(manifest, "valid")
    return registry


def _name_witnesses(registry: Registry, quorum: int, *witnesses: str) -> None:
    keys = tuple(witness_vkey(f"{w}.example", key(w).public) for w in witnesses)
    registry.root = altered_root(
        registry.root, version=registry.root.version + 1, witnesses=keys, witness_quorum=quorum
    )
    registry.add_root(registry.root, "alice")


def _note(registry: Registry, size: int, *lines: Line, said: int | None = None) -> str:
    """Return the signed head over `size` leaves with a line per witness, who may have seen another one."""
    text = checkpoint_text(registry.head(size if said is None else said))
    signed = sign_checkpoint(registry.head(size), key("log"))
    return signed + "".join(cosign(text, f"{w}.example", key(w), t) for w, t in lines)


def _handed(registry: Registry, note: str, *earlier: str, **session: Any) -> Handed:
    contents = msgspec.structs.replace(registry.contents(), checkpoint=note, checkpoints=earlier)
    return Handed(write_bundle(contents, key("service")), registry.anchor, **session)


def _confirmed(registry: Registry, *lines: Line, **session: Any) -> Handed:
    return _handed(registry, _note(registry, len(registry.leaves), *lines), **session)


@case("L05", "UNPROVEN", "WITNESS_QUORUM", "the root asks for a witness and the head has none")
def no_witness() -> Handed:
    return _confirmed(_witnessed(1, "w1", "w2"))


@case("L12", "UNPROVEN", "WITNESS_QUORUM", "one of two required witnesses confirms the head")
def one_of_two_witnesses() -> Handed:
    return _confirmed(_witnessed(2, "w1", "w2"), ("w1", NOON))


@case("L13", "FAIL", "NOTE_DUPLICATE_SIGNATURE", "one witness stands twice to reach the quorum")
def one_witness_twice() -> Handed:
    registry = _witnessed(2, "w1", "w2")
    once = _confirmed(registry, ("w1", NOON))
    line = _note(registry, len(registry.leaves), ("w1", NOON)).split("\n")[-2].encode() + b"\n"
    return Handed(
        forge(once.bundle, lambda p: p.update({at.CHECKPOINT: p[at.CHECKPOINT] + line})), once.anchor
    )


@case("L14", "FAIL", "NOTE_UNKNOWN_SIGNER", "a witness the trust root does not name confirms the head")
def witness_nobody_named() -> Handed:
    return _confirmed(_witnessed(1, "w1", "w2"), ("w1", NOON), ("w9", NOON))


@case("W01", "PASS", "", "two of three witnesses confirm the head, and two are asked for")
def quorum_of_witnesses() -> Handed:
    return _confirmed(_witnessed(2, "w1", "w2", "w3"), ("w1", NOON), ("w3", NOON + 60))


@case("W02", "PASS", "", "a witness confirms the head though the root asks for none")
def witness_nobody_asked_for() -> Handed:
    return _confirmed(_witnessed(0, "w1"), ("w1", NOON))


@case("W03", "FAIL", "NOTE_SIGNATURE_INVALID", "the witness confirmed a shorter log")
def witness_saw_a_shorter_log() -> Handed:
    registry = _witnessed(1, "w1")
    return _handed(registry, _note(registry, len(registry.leaves), ("w1", NOON), said=3))


@case("W04", "FAIL", "NOTE_SIGNATURE_INVALID", "a witness's time is changed and its signature kept")
def witness_time_changed() -> Handed:
    registry = _witnessed(1, "w1")
    note = _note(registry, len(registry.leaves), ("w1", NOON))
    name, _, blob = note.rstrip("\n").rpartition(" ")
    raw = base64.b64decode(blob)
    changed = base64.b64encode(raw[:4] + (NOON - 1).to_bytes(8, "big") + raw[12:]).decode()
    return _handed(registry, f"{name} {changed}\n")


@case("W05", "FAIL", "NOTE_MALFORMED", "a witness confirms the head at no time")
def witness_without_a_time() -> Handed:
    return _confirmed(_witnessed(1, "w1"), ("w1", 0))


@case("W06", "FAIL", "NOTE_MALFORMED", "a witness confirms the head after the year 9999")
def witness_beyond_all_years() -> Handed:
    return _confirmed(_witnessed(1, "w1"), ("w1", 2**63))


@case("W07", "FAIL", "NOTE_UNKNOWN_SIGNER", "the witness confirms a head that the log never signed")
def witness_without_the_log() -> Handed:
    registry = _witnessed(1, "w1")
    note = _note(registry, len(registry.leaves), ("w1", NOON))
    body, _, lines = note.partition("\n\n")
    return _handed(registry, f"{body}\n\n" + "\n".join(lines.split("\n")[1:]))


@case("F13", "FAIL", "NOTE_UNKNOWN_SIGNER", "a witness that a later root dropped confirms a later head")
def witness_dropped() -> Handed:
    registry = _witnessed(1, "w1", "w2")
    _name_witnesses(registry, 1, "w2")
    return _confirmed(registry, ("w1", NOON), ("w2", NOON))


@case("W08", "PASS", "", "a witness that a later root dropped confirmed an earlier head")
def witness_dropped_later() -> Handed:
    registry = _witnessed(1, "w1", "w2")
    earlier = _note(registry, 5, ("w1", NOON))
    _name_witnesses(registry, 1, "w2")
    return _handed(registry, _note(registry, len(registry.leaves), ("w2", NOON)), earlier)


@case("F15", "FAIL", "WITNESS_TIME_ORDER", "a witness confirms a smaller tree after a larger one")
def witness_goes_back_in_time() -> Handed:
    registry = _witnessed(1, "w1")
    return _handed(
        registry, _note(registry, len(registry.leaves), ("w1", NOON)), _note(registry, 4, ("w1", NOON + 1))
    )


@case(
    "W09",
    "FAIL",
    "WITNESS_QUORUM | NOTE_UNKNOWN_SIGNER",
    "a root asks for more witnesses than it names",
)
def more_witnesses_than_named() -> Handed:
    return _confirmed(_witnessed(3, "w1", "w2"), ("w1", NOON), ("w2", NOON))


@case("W10", "UNPROVEN", "WITNESS_QUORUM", "the auditor asks for two witnesses and one confirms the head")
def auditor_asks_for_more_witnesses() -> Handed:
    return _confirmed(_witnessed(1, "w1", "w2"), ("w1", NOON), witnesses=2)


@case("W11", "PASS", "", "the auditor asks for one witness and one confirms the head")
def auditor_asks_for_a_witness() -> Handed:
    return _confirmed(_witnessed(0, "w1"), ("w1", NOON), witnesses=1)


@case("W12", "UNPROVEN", "HEAD_TOO_OLD", "the head's witness confirmed it longer ago than the auditor allows")
def witnessed_head_too_old() -> Handed:
    return _confirmed(_witnessed(1, "w1"), ("w1", NOON), at="2026-12-24T12:00:01Z", max_days=31)


@case("W13", "PASS", "", "the head is just as old as the auditor allows")
def witnessed_head_young_enough() -> Handed:
    return _confirmed(_witnessed(1, "w1"), ("w1", NOON), at="2026-12-24T12:00:00Z", max_days=31)
