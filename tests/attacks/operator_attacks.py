"""What an operator who holds the database, the log key and the service key does to an honest history.

Every attack changes a copy of the registry, or the payload of its bundle, and says whether an auditor who
kept the last honest head must see it.
"""

import copy
import random
from collections.abc import Callable

from registry.bundle import contents as at
from registry.bundle.contents import Withheld
from registry.trust import merkle
from registry.trust.note import sign_checkpoint
from schemas.asset import Manifest
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.ledger import Checkpoint, parse_leaf
from schemas.statement import parse_envelope, parse_statement
from tests.attacks.forger import Edit, forge, restate
from tests.attacks.simulator import ORIGIN, Registry, key

Attack = Callable[[Registry, Manifest, Digest, random.Random], None]


def twin(registry: Registry) -> Registry:
    """Return a copy whose log grows without the honest one changing."""
    other = copy.copy(registry)
    other.leaves, other.envelopes = list(registry.leaves), list(registry.envelopes)
    other.bodies, other.receipts = dict(registry.bodies), list(registry.receipts)
    other.claims = []
    return other


def approve_in_anothers_name(
    registry: Registry, manifest: Manifest, dossier: Digest, _: random.Random
) -> None:
    """Sign an approval with the service's key."""
    registry.append(registry.approval(manifest, dossier, "rita"), "service")


def approve_as_a_stranger(registry: Registry, manifest: Manifest, dossier: Digest, _: random.Random) -> None:
    """Sign an approval with a key nobody enrolled."""
    registry.append(registry.approval(manifest, dossier, "rita"), "mallory")


def ask_for_less(registry: Registry, _: Manifest, __: Digest, ___: random.Random) -> None:
    """Sign a policy set with the service's key."""
    registry.add_policy(registry.policy_version + 1, {"developer": 1}, "service")


def replay(registry: Registry, _: Manifest, __: Digest, source: random.Random) -> None:
    """Log a record again."""
    kept = [row for row in registry.envelopes[1:] if isinstance(row, bytes)]
    envelope = source.choice(kept)
    registry.append_bytes(parse_statement(parse_envelope(envelope).payload), envelope)


def hold_back(registry: Registry, _: Manifest, __: Digest, source: random.Random) -> None:
    """Leave a record out of the bundle."""
    seq = source.randrange(1, len(registry.leaves))
    registry.envelopes[seq] = Withheld(parse_leaf(registry.leaves[seq]).body, "omitted")
    registry.receipts = [r for r in registry.receipts if r.seal != seq]


def lose_a_document(registry: Registry, _: Manifest, __: Digest, source: random.Random) -> None:
    """Leave a document out of the bundle."""
    del registry.bodies[source.choice(sorted(registry.bodies))]


ADDITIONS: tuple[Attack, ...] = (
    approve_in_anothers_name,
    approve_as_a_stranger,
    ask_for_less,
    replay,
    hold_back,
    lose_a_document,
)
"""Attacks that leave every honest leaf where it was."""


def rewritten(registry: Registry, source: random.Random) -> bytes:
    """Return the bundle of a log whose history is changed, numbered anew and signed with the log key."""
    leaf = source.randrange(1, len(registry.leaves))
    how = source.choice((_drop, _cut, _swap, _redate))
    return forge(registry.bundle(), _then_sign(how(leaf)))


def _then_sign(change: Callable[[list[bytes], list[bytes]], None]) -> Edit:
    def edit(payload: dict[str, bytes]) -> None:
        leaves, rows = (at.lines_of(payload[n], n) for n in (at.LEAVES, at.ATTESTATIONS))
        change(leaves, rows)
        leaves = [canonical(parse_canonical(leaf) | {"seq": seq}) for seq, leaf in enumerate(leaves)]
        payload[at.LEAVES], payload[at.ATTESTATIONS] = (
            b"".join(line + b"\n" for line in lines) for lines in (leaves, rows)
        )
        head = Checkpoint(ORIGIN, len(leaves), merkle.root(merkle.leaf_hash(leaf) for leaf in leaves))
        for name in [n for n in payload if n.startswith(at.CHECKPOINTS)]:
            del payload[name]
        payload[at.CHECKPOINT] = sign_checkpoint(head, key("log")).encode()
        restate(payload, head)

    return edit


def _drop(leaf: int) -> Callable[[list[bytes], list[bytes]], None]:
    def change(leaves: list[bytes], rows: list[bytes]) -> None:
        del leaves[leaf], rows[leaf]

    return change


def _cut(leaf: int) -> Callable[[list[bytes], list[bytes]], None]:
    def change(leaves: list[bytes], rows: list[bytes]) -> None:
        del leaves[leaf:], rows[leaf:]

    return change


def _swap(leaf: int) -> Callable[[list[bytes], list[bytes]], None]:
    def change(leaves: list[bytes], rows: list[bytes]) -> None:
        for lines in (leaves, rows):
            lines[leaf], lines[leaf - 1] = lines[leaf - 1], lines[leaf]

    return change


def _redate(leaf: int) -> Callable[[list[bytes], list[bytes]], None]:
    def change(leaves: list[bytes], rows: list[bytes]) -> None:
        value = parse_canonical(leaves[leaf])
        leaves[leaf] = canonical(value | {"time": value["time"][:-3] + "59Z"})

    return change
