"""What goes into a bundle, as values, and the files it becomes under `data/`.

`BundleContents` is all a store has to gather. Public keys, manifests' places, the report and every
checksum are derived from it, by the writer and again by the verifier.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from registry.bundle.files import Lines
from registry.bundle.summary import Asked, Claim, HeldBack, Profile, Summary, is_reason
from registry.trust import merkle
from registry.trust.fold import Record
from registry.trust.keys import public_pem
from registry.trust.note import checkpoint_text
from registry.trust.sshsig import allowed_signers
from registry.trust.state import State
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint

STATES = ("omitted", "withheld", "redacted")
LEAVES = "data/log/leaves.jsonl"
ATTESTATIONS = "data/log/attestations.intoto.jsonl"
CHECKPOINT = "data/log/checkpoint.txt"
CHECKPOINTS = "data/log/checkpoints/"
TIMESTAMPS = "data/log/timestamps/"
PROOFS = "data/log/proofs/"
LOG_KEYS = "data/log/keys.txt"
RECEIPTS = "data/log/receipts.jsonl"
SUMMARY = "data/bundle.json"
KEYS = "data/keys/"
ALLOWED_SIGNERS = "data/keys/allowed_signers"
MANIFESTS = "data/manifests/"
BODIES = "data/bodies/"
RECORD = "data/record.json"
REPORT = "data/report.html"
VERIFY = "data/VERIFY.txt"
NAMES = "data/names.json"
_ABSENT = re.compile(rb'\{"digest":"sha256:([0-9a-f]{64})","state":"(omitted|redacted)"\}')
_DIGITS = 16


class Withheld(msgspec.Struct, frozen=True):
    """An envelope that is not in the bundle: out of scope, held back, or erased from the registry."""

    digest: Digest
    state: Literal["omitted", "withheld", "redacted"]
    reason: str = ""
    """Why it was held back, in a word; empty for the other states."""


class SealedReceipt(msgspec.Struct, frozen=True):
    """A gate's answer, the leaf that seals it, its place there and its path to the seal's root."""

    seal: int
    index: int
    path: tuple[bytes, ...]
    receipt: bytes


class BundleContents(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a bundle is made of.

    `leaves` are the exact bytes of leaf 0 up to the head, none left out but in an extract. `envelopes` has an
    item per leaf.
    `checkpoint` is the signed note of exactly that many leaves; `checkpoints` may hold earlier ones.
    `bodies` are documents by digest, version manifests among them; only those that an envelope or another
    body of the bundle names. `claims` is sorted into one order by the writer. `tokens` are timestamps by the
    size of their head. `asked` is what was asked for;
    `withheld` documents are kept out on purpose. `names` are what persons are called, by the exporter's word:
    those of persons whom the record shows go in.
    """

    leaves: tuple[bytes, ...]
    envelopes: tuple[bytes | Withheld, ...]
    checkpoint: str
    checkpoints: tuple[str, ...] = ()
    bodies: Mapping[Digest, bytes] = {}
    claims: tuple[Claim, ...] = ()
    receipts: tuple[SealedReceipt, ...] = ()
    tokens: Mapping[int, bytes] = {}
    asked: Asked = Asked()
    withheld: tuple[HeldBack, ...] = ()
    names: Mapping[str, str] = {}
    paths: Mapping[int, tuple[bytes, ...]] | None = None
    """Of an extract, the path of each of its leaves to the head; None when all leaves are here."""

    @property
    def stated(self) -> Summary:
        """What the bundle's `bundle.json` states, its population still empty."""
        profile: Profile = "complete" if self.paths is None else "extract"
        return Summary(claims=self.claims, asked=self.asked, profile=profile, withheld=self.withheld)


def prove_receipt(seal: int, digests: Sequence[Digest], index: int, receipt: bytes) -> SealedReceipt:
    """Return item `index` of the seal at leaf `seal`, whose items in order have `digests`, with its path."""
    get_hash = merkle.hash_reader([merkle.leaf_hash(d.raw) for d in digests])
    return SealedReceipt(seal, index, merkle.inclusion_proof(len(digests), index, get_hash), receipt)


def record_rows(contents: BundleContents) -> bytes:
    """Return the attestations file: line i is the envelope of leaf i, or why it is not here."""
    return _lines(_absent(item) if isinstance(item, Withheld) else item for item in contents.envelopes)


def parse_record_row(line: bytes) -> bytes | Withheld:
    """Return the envelope on the line (not looked into), or why it is absent."""
    if not line.startswith(b'{"digest":'):
        return line
    if plain := _ABSENT.fullmatch(line):  # the one spelling of the usual line, read without a JSON parser
        digest, state = plain.groups()
        return Withheld(Digest.from_hex(digest.decode()), state.decode())  # type: ignore[arg-type]
    value = parse_canonical(line)
    held = value.get("state") == "withheld"
    reason = value.get("reason", "")
    members = {"digest", "reason", "state"} if held else {"digest", "state"}
    if set(value) != members or value["state"] not in STATES or (held and not is_reason(reason)):
        raise VerificationError("BODY_MISSING", "expected an envelope, or its digest and why it is absent")
    return Withheld(parse_digest(value["digest"]), value["state"], reason)


def _absent(item: Withheld) -> bytes:
    said = {"digest": item.digest, "state": item.state}
    return canonical(said | {"reason": item.reason} if item.state == "withheld" else said)


def receipt_rows(receipts: Sequence[SealedReceipt]) -> bytes:
    """Return the receipts file, in the order of seals and places."""
    return _lines(
        canonical(
            {
                "index": item.index,
                "path": [base64.b64encode(step).decode() for step in item.path],
                "receipt": parse_canonical(item.receipt),
                "seal": item.seal,
            }
        )
        for item in sorted(receipts, key=lambda r: (r.seal, r.index))
    )


def parse_receipt_row(line: bytes) -> SealedReceipt:
    """Return the receipt a line of the receipts file spells."""
    value = parse_canonical(line)
    try:
        path = tuple(base64.b64decode(step, validate=True) for step in value["path"])
        found = SealedReceipt(value["seal"], value["index"], path, canonical(value["receipt"]))
        same = receipt_rows([found]) == line + b"\n"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationError("RECEIPT_MALFORMED", "expected index, path, receipt and seal") from error
    if not same or type(found.seal) is not int or type(found.index) is not int:
        raise VerificationError("RECEIPT_MALFORMED", "a receipt is not in its one spelling")
    return found


def key_files(state: State) -> dict[str, bytes]:
    """Return one SPKI PEM per key any trust root of the log enrolled, who may export, and the log's keys."""
    keys = {k: public for root in state.roots for k, public in root.value.public_keys().items()}
    files = {f"{KEYS}{keyid}.pem": public_pem(public).encode() for keyid, public in keys.items()}
    listed = dict.fromkeys(key for root in state.roots for key in root.value.log_keys)
    files[ALLOWED_SIGNERS] = allowed_signers(root.value for root in state.roots)
    files[LOG_KEYS] = "".join(f"{key}\n" for key in listed).encode()
    return files


def body_files(bodies: Mapping[Digest, bytes], state: State) -> dict[str, bytes]:
    """Return one file per document; the manifests of registered versions have a folder of their own."""
    return {body_name(digest, state): data for digest, data in bodies.items()}


def body_name(digest: Digest, state: State) -> str:
    """Return the name of the file that holds the document `digest`."""
    return f"{MANIFESTS}{digest.hex}.json" if digest in state.versions else f"{BODIES}{digest.hex}"


def checkpoint_name(head: Checkpoint) -> str:
    """Return the name of the file that holds an earlier head."""
    return f"{CHECKPOINTS}{head.size:09d}.txt"


def proof_name(seq: int) -> str:
    """Return the name of the file that proves leaf `seq` of an extract."""
    return f"{PROOFS}{seq:09d}.tlog-proof"


def token_name(size: int) -> str:
    """Return the name of the file that holds the timestamp token over the head of `size` leaves."""
    return f"{TIMESTAMPS}{size:09d}.tsr"


def token_names(head: Checkpoint, notes: Iterable[str]) -> set[str]:
    """Return the names that timestamp tokens over these heads have."""
    earlier = (name.removeprefix(CHECKPOINTS) for name in notes if name.startswith(CHECKPOINTS))
    return {token_name(head.size), *(f"{TIMESTAMPS}{name.removesuffix('.txt')}.tsr" for name in earlier)}


def token_files(payload: Mapping[str, bytes]) -> dict[int, bytes]:
    """Return the timestamp tokens by the size of their head."""
    found = {}
    for name in payload:
        text = name.removeprefix(TIMESTAMPS).removesuffix(".tsr")
        if len(text) <= _DIGITS and text.isascii() and text.isdigit() and name == token_name(int(text)):
            found[int(text)] = payload[name]
    return found


def lines_of(data: bytes, name: str) -> list[bytes]:
    """Return the lines of a JSON Lines file, each ended by one newline and none empty."""
    return list(Lines(data, name))


def parse_digest(text: Any) -> Digest:
    """Return the digest `text` spells; raise VerificationError for anything else."""
    try:
        return Digest(text)
    except (TypeError, ValueError) as error:
        raise VerificationError("DIGEST_MALFORMED", "expected sha256:<64 hex>") from error


def _lines(items: Any) -> bytes:
    return b"".join(item + b"\n" for item in items)


__all__ = [
    "BundleContents",
    "Claim",
    "Record",
    "SealedReceipt",
    "Withheld",
    "checkpoint_text",
    "prove_receipt",
]
