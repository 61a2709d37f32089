"""Receipts: one leaf, its path to a signed head, and that head, as text (C2SP tlog-proof v1).

The leaf's own bytes stand in the `extra` line, so that a receipt needs nothing beside it but the log's
key. The line is trusted for nothing: the leaf's hash is computed from it and must lead to the root.
"""

import base64
import re
from collections.abc import Collection

import msgspec

from registry.trust import merkle
from registry.trust.cosignature import Cosignature, verify_head
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, Leaf, parse_leaf
from schemas.statement import strict_base64

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_TEXT = 131_072
_INDEX = re.compile(r"0|[1-9][0-9]{0,15}")


class Proof(msgspec.Struct, frozen=True):
    """A receipt as it is written: nothing in it is checked yet."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: str


class Proven(msgspec.Struct, frozen=True):
    """A leaf that lies under a signed head, and which of the witnesses asked about confirm that head."""

    leaf: Leaf
    head: Checkpoint
    cosignatures: tuple[Cosignature, ...] = ()


def format_proof(proof: Proof) -> str:
    """Return the text of a receipt."""
    lines = [HEADER, f"extra {_encode(proof.leaf)}", f"index {proof.index}", *map(_encode, proof.path)]
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def parse_proof(text: str) -> Proof:
    """Return the receipt spelled by `text`; raise PROOF_MALFORMED for anything but its one spelling."""
    if len(text) > MAX_PROOF_TEXT:
        raise VerificationError("PROOF_MALFORMED", f"a receipt of {len(text)} characters is no receipt")
    head, _, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(lines) < 3 or lines[0] != HEADER or not checkpoint:
        raise VerificationError("PROOF_MALFORMED", f"expected a text that begins with {HEADER}")
    extra, index = lines[1].removeprefix("extra "), lines[2].removeprefix("index ")
    if extra == lines[1] or index == lines[2] or not _INDEX.fullmatch(index):
        raise VerificationError("PROOF_MALFORMED", "expected the lines `extra` (the leaf) and `index`")
    if len(lines) - 3 > merkle.MAX_PROOF:
        raise VerificationError("PROOF_MALFORMED", f"a path of {len(lines) - 3} hashes is too long")
    return Proof(strict_base64(extra), int(index), tuple(map(strict_base64, lines[3:])), checkpoint)


def verify_proof(text: str, key: str, witnesses: Collection[str] = ()) -> Proven:
    """Return the leaf that the receipt proves under a head signed by `key` (a vkey); raise otherwise.

    Lines by anybody but the log and `witnesses` are ignored: a receipt is read by who knows some of them.
    """
    proof = parse_proof(text)
    found = verify_head(proof.checkpoint, key, witnesses, strict=False)
    head = found.checkpoint
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), proof.index, head.size, proof.path, head.root)
    leaf = parse_leaf(proof.leaf)
    if leaf.seq != proof.index:
        raise VerificationError("LEAF_SEQ", f"leaf {proof.index} says that it is leaf {leaf.seq}")
    return Proven(leaf, head, found.cosignatures)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
