"""What must hold for every tree: proofs verify, altered proofs never do, tiles change nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.trust.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    hash_reader,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from registry.trust.tiles import Tile, tile_reader, tiles_for
from schemas.errors import VerificationError

MOST = 130
HASHES = [leaf_hash(b"%d" % i) for i in range(MOST)]
ROOTS = [root(HASHES[:size]) for size in range(MOST + 1)]
GET_HASH = hash_reader(HASHES)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_is_proved_under_its_root_and_no_other(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(size, index, GET_HASH)
        verify_inclusion(HASHES[index], index, size, proof, ROOTS[size])
        wrong = [
            (HASHES[index - 1], index, size, proof, ROOTS[size]),
            (HASHES[index], index, size, proof, ROOTS[size - 1]),
            (HASHES[index], index, size, (*proof, HASHES[0]), ROOTS[size]),
            (HASHES[index], size, size, proof, ROOTS[size]),
            (HASHES[index], -1, size, proof, ROOTS[size]),
        ]
        if proof:
            wrong.append((HASHES[index], index, size, proof[:-1], ROOTS[size]))
            wrong.append((HASHES[index], index, size, (*proof[:-1], EMPTY_ROOT), ROOTS[size]))
            wrong.append((HASHES[index], index ^ 1, size, proof, ROOTS[size]))
        for case in wrong if size > 1 else wrong[1:]:
            with pytest.raises(VerificationError, match="INCLUSION_INVALID"):
                verify_inclusion(*case)


@pytest.mark.parametrize("new", range(1, MOST + 1))
def test_every_tree_continues_every_earlier_one_and_no_other(new: int) -> None:
    for old in range(1, new + 1):
        proof = consistency_proof(old, new, GET_HASH)
        verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])
        wrong = [(old, new, proof, ROOTS[old - 1], ROOTS[new]), (old, new, proof, ROOTS[old], ROOTS[new - 1])]
        if proof:
            wrong.append((old, new, proof[:-1], ROOTS[old], ROOTS[new]))
            wrong.append((old, new, (*proof[:-1], EMPTY_ROOT), ROOTS[old], ROOTS[new]))
        wrong.append((old, new, (*proof, EMPTY_ROOT), ROOTS[old], ROOTS[new]))
        for case in wrong:
            with pytest.raises(VerificationError, match="CONSISTENCY_INVALID"):
                verify_consistency(*case)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (-1, 5), (6, 5)])
def test_nothing_is_proved_about_the_empty_tree_or_a_longer_one(old: int, new: int) -> None:
    with pytest.raises(VerificationError, match="CONSISTENCY_INVALID"):
        verify_consistency(old, new, (), EMPTY_ROOT, EMPTY_ROOT)


@given(st.lists(st.binary(max_size=8), max_size=60), st.data())
def test_a_frontier_can_be_put_away_and_taken_up_again(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    cut = data.draw(st.integers(0, len(hashes)))
    first = Frontier()
    first.extend(hashes[:cut])
    again = Frontier.from_bytes(first.to_bytes())
    again.extend(hashes[cut:])
    assert again.size == len(hashes)
    assert again.root() == root(hashes)


@given(st.integers(0, 12), st.data())
def test_a_frontier_joined_by_a_smaller_tree_is_the_frontier_of_both(
    blocks: int, data: st.DataObject
) -> None:
    start = min(blocks * 16, MOST // 16 * 16)
    behind = data.draw(st.integers(0, min(15, MOST - start)))
    left, right = Frontier(), Frontier()
    left.extend(HASHES[:start])
    right.extend(HASHES[start : start + behind])
    both = left.joined(right)
    assert (both.size, both.root()) == (start + behind, ROOTS[start + behind])


def test_a_frontier_is_not_joined_by_a_tree_that_is_none_of_its_own() -> None:
    left, right = Frontier(), Frontier()
    left.extend(HASHES[:4])
    right.extend(HASHES[:4])
    with pytest.raises(ValueError, match="no tree of their own"):
        left.joined(right)


@pytest.mark.parametrize("damage", [b"", b"\0" * 8 + b"x", b"\0" * 7 + b"\x03" + b"h" * 32])
def test_a_damaged_frontier_is_refused(damage: bytes) -> None:
    with pytest.raises(VerificationError, match="TREE_MALFORMED"):
        Frontier.from_bytes(damage)


class Kept:
    """Tiles and leaf hashes in memory; `forgetful` kept no hash over a tile."""

    def __init__(self, hashes: list[bytes], *, forgetful: bool = False) -> None:
        self.hashes, self.forgetful = hashes, forgetful
        self.stored: dict[tuple[int, int], Tile] = {}

    def add(self, tiles: tuple[Tile, ...]) -> None:
        for tile in tiles:
            assert (tile.level, tile.index) not in self.stored
            self.stored[tile.level, tile.index] = tile

    def tile(self, level: int, index: int) -> bytes | None:
        found = self.stored.get((level, index))
        return None if found is None else found.hashes

    def tops(self, level: int, start: int, stop: int) -> dict[int, bytes]:
        known = {i: self.stored[level, i].top for i in range(start, stop) if (level, i) in self.stored}
        return {} if self.forgetful else known

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        return self.hashes[start:stop]


@given(st.lists(st.binary(max_size=8), max_size=80), st.integers(0, 3), st.data())
def test_a_frontier_grows_by_subtrees_as_by_leaves(
    leaves: list[bytes], level: int, data: st.DataObject
) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    cut = data.draw(st.integers(0, len(hashes) >> level)) << level
    whole = (len(hashes) - cut) >> level << level
    tops = [root(hashes[at : at + (1 << level)]) for at in range(cut, cut + whole, 1 << level)]
    grown = Frontier()
    for item in hashes[:cut]:
        grown.append(item)
    grown.extend(tops, level)
    grown.extend(hashes[cut + whole :])
    assert (grown.size, grown.root()) == (len(hashes), root(hashes))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=6), st.booleans())
def test_proofs_from_tiles_are_the_proofs_from_leaves(batches: list[int], forgetful: bool) -> None:
    hashes = [leaf_hash(b"%d" % i) for i in range(sum(batches))]
    kept, size = Kept(hashes, forgetful=forgetful), 0
    for batch in batches:
        kept.add(tiles_for(size, hashes[size : size + batch], tile_reader(kept, size)))
        size += batch
    assert len([key for key in kept.stored if key[0] == 0]) == size // 256
    from_tiles, from_leaves = tile_reader(kept, size), hash_reader(hashes)
    for index in {0, size // 3, size // 2, size - 1}:
        assert inclusion_proof(size, index, from_tiles) == inclusion_proof(size, index, from_leaves)
    old = size // 2 + 1
    assert consistency_proof(old, size, from_tiles) == consistency_proof(old, size, from_leaves)
    earlier = tile_reader(kept, old)
    assert inclusion_proof(old, old - 1, earlier) == inclusion_proof(old, old - 1, from_leaves)


def test_a_second_level_of_tiles_is_the_fold_of_the_first() -> None:
    hashes = [leaf_hash(b"%d" % i) for i in range(65_536 + 300)]
    kept = Kept(hashes)
    kept.add(tiles_for(0, hashes, hash_reader([])))
    assert [key for key in kept.stored if key[0] == 1] == [(1, 0)]
    for index in (0, 65_000, 65_535, 65_536, 65_835):
        proof = inclusion_proof(len(hashes), index, tile_reader(kept, len(hashes)))
        verify_inclusion(hashes[index], index, len(hashes), proof, root(hashes))
