"""Heads that others confirm: the witnesses' lines beside a head, taken in and given out."""

import msgspec

from registry.acts.heads import find_lines, find_root_at, newest_signed_head
from registry.acts.state import read_state
from registry.registry import Registry
from registry.store.transaction import immediate
from registry.trust.cosignature import find_cosignatures
from registry.trust.note import parse_checkpoint
from registry.trust.state import State
from registry.trust.trust_root import TrustRoot
from schemas.errors import Malformed, NotFound, Refused
from schemas.ledger import Checkpoint

_LINE = "\N{EM DASH} "


class SignedNote(msgspec.Struct, frozen=True):
    """A head as it is given out: the log's note with the witnesses' lines below it, and whose they are."""

    head: Checkpoint
    text: str
    witnesses: tuple[str, ...]
    quorum: int


class Added(msgspec.Struct, frozen=True):
    """What was taken in: the head's size, whose lines are new, how many confirm it now, how many must."""

    size: int
    names: tuple[str, ...]
    have: int
    quorum: int


def read_note(registry: Registry, size: int | None = None) -> SignedNote:
    """Return the newest signed head, or that of `size` leaves, with the lines of the witnesses then named."""
    state = read_state(registry)
    wanted = newest_signed_head(registry, state).size if size is None else size
    kept = registry.ledger.find_checkpoint(wanted)
    if kept is None:
        said = "the log has no signed head" if size is None else f"no signed head of {size} leaves is kept"
        raise NotFound(said, hint="muniment audit checkpoint")
    root = root_in_force(state, wanted)
    found = find_lines(registry, kept[1], wanted, root.witnesses)
    text = kept[1] + "".join(f"{line}\n" for line in found.values())
    return SignedNote(parse_checkpoint(kept[1]).checkpoint, text, tuple(found), root.witness_quorum)


def add_lines(registry: Registry, text: str, size: int | None = None) -> Added:
    """Keep the witnesses' lines in `text`: a whole note, or lines about the head of `size` leaves.

    Lines by nobody the trust root names are passed over; raise Refused when none is left.
    """
    state = read_state(registry)
    above, whole, below = text.partition("\n\n")
    lines = [line for line in (below if whole else text).splitlines() if line.startswith(_LINE)]
    if whole:
        size = _size_of(above)
    kept = registry.ledger.find_checkpoint(newest_signed_head(registry, state).size if size is None else size)
    if kept is None:
        raise NotFound("the head these lines confirm is not kept here", hint="muniment audit checkpoint")
    if whole and parse_checkpoint(kept[1]).text != f"{above}\n":
        raise Refused(
            f"FORK: these lines confirm another head of {size} leaves than the one kept here",
            hint="keep the file, then muniment audit verify",
        )
    root = root_in_force(state, kept[0])
    found = find_cosignatures(kept[1], lines, root.witnesses)
    if not found:
        raise Refused(
            f"none of the {len(lines)} lines is by a witness that the trust root names for {kept[0]} leaves",
            hint="muniment root show lists the witnesses",
        )
    with immediate(registry.connection, registry.home):
        new = [i.name for i, line in found if registry.confirmations.add_line(kept[0], i.witness, line)]
    have = len(find_lines(registry, kept[1], kept[0], root.witnesses))
    return Added(kept[0], tuple(new), have, root.witness_quorum)


def keep_token(registry: Registry, size: int, token: bytes) -> bool:
    """Keep a timestamp token that was verified; False when it is kept already."""
    with immediate(registry.connection, registry.home):
        return registry.confirmations.add_token(size, token)


def _size_of(above: str) -> int:
    rows = above.split("\n")
    if len(rows) != 3 or not rows[1].isascii() or not rows[1].isdigit() or len(rows[1]) > 16:
        raise Malformed(
            "expected a signed head, or lines of witnesses", hint="name the file a witness gave back"
        )
    return int(rows[1])


def root_in_force(state: State, size: int) -> TrustRoot:
    """Return the trust root in force for a head of `size` leaves; raise NotFound where there is none."""
    found = find_root_at(state, size)
    if found is None:
        raise NotFound(f"no trust root is in force at {size} leaves", hint="muniment audit verify")
    return found
