"""Extracts of an honest registry's bundle, made as its exporter makes them."""

import msgspec

from registry.bundle.contents import BundleContents
from registry.bundle.named import digests_named
from registry.trust import merkle
from tests.attacks.simulator import Registry


def extract(registry: Registry, leave_out: tuple[int, ...] = ()) -> BundleContents:
    """Return an extract of the registry's bundle without some leaves."""
    contents = registry.contents()
    seqs = [seq for seq in range(len(contents.leaves)) if seq not in leave_out]
    rows = tuple(contents.envelopes[seq] for seq in seqs)
    get_hash = merkle.hash_reader([merkle.leaf_hash(leaf) for leaf in contents.leaves])
    return msgspec.structs.replace(
        contents,
        leaves=tuple(contents.leaves[seq] for seq in seqs),
        envelopes=rows,
        bodies={d: data for d, data in contents.bodies.items() if d in digests_named(rows, contents.bodies)},
        checkpoints=(),
        receipts=(),
        paths={seq: merkle.inclusion_proof(len(contents.leaves), seq, get_hash) for seq in seqs},
    )
