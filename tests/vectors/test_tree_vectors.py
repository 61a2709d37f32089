"""The tree against published roots and against a second implementation."""

import pytest
from pymerkle import InmemoryTree

from registry.trust.merkle import EMPTY_ROOT, hash_reader, inclusion_proof, leaf_hash, root

CERTIFICATE_TRANSPARENCY_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CERTIFICATE_TRANSPARENCY_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_empty_root_is_sha256_of_nothing() -> None:
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root([]) == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_it_gives_the_published_roots(size: int) -> None:
    leaves = CERTIFICATE_TRANSPARENCY_LEAVES[:size]
    assert root(leaf_hash(leaf) for leaf in leaves).hex() == CERTIFICATE_TRANSPARENCY_ROOTS[size - 1]


def test_a_second_implementation_gives_the_same_roots_and_paths() -> None:
    other = InmemoryTree(algorithm="sha256")
    hashes: list[bytes] = []
    for size in range(1, 81):
        data = b"leaf %d" % size
        other.append_entry(data)
        hashes.append(leaf_hash(data))
        assert root(hashes) == other.get_root()
        get_hash = hash_reader(list(hashes))
        for index in range(size):
            path = other.prove_inclusion(index + 1, size).serialize()["path"]
            assert [hashes[index].hex(), *(h.hex() for h in inclusion_proof(size, index, get_hash))] == path
