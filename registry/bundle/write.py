"""Write a bundle: pure, and reproducible byte for byte from the same contents and key."""

from registry.bundle import contents as at
from registry.bundle.container import build_container
from registry.bundle.contents import BundleContents
from registry.bundle.examine import examine
from registry.bundle.findings import Findings
from registry.bundle.guide import VERIFY_TEXT
from registry.bundle.layout import wrap
from registry.bundle.log import Log, read_log
from registry.bundle.named import PERSON, is_name
from registry.bundle.population import with_population
from registry.bundle.record import record_bytes
from registry.bundle.report import render
from registry.bundle.summary import summary_bytes
from registry.trust.dsse import Signer
from registry.trust.fold import fold
from registry.trust.note import parse_checkpoint
from registry.trust.proof import Proof, format_proof
from schemas.canonical import canonical


def write_bundle(contents: BundleContents, signer: Signer) -> bytes:
    """Return the signed archive of `contents`; raise VerificationError where they cannot be read at all.

    What the contents prove is for the verifier to say: a damaged registry exports its damage.
    """
    payload = payload_of(contents)
    origin = parse_checkpoint(contents.checkpoint).checkpoint.origin
    return build_container(wrap(payload, origin, signer))


def payload_of(contents: BundleContents) -> dict[str, bytes]:
    """Return the files under `data/`, the record and its report among them."""
    head = parse_checkpoint(contents.checkpoint).checkpoint
    payload = {
        at.LEAVES: b"".join(leaf + b"\n" for leaf in contents.leaves),
        at.ATTESTATIONS: at.record_rows(contents),
        at.CHECKPOINT: contents.checkpoint.encode(),
        at.RECEIPTS: at.receipt_rows(contents.receipts),
        at.VERIFY: VERIFY_TEXT.encode(),
    }
    for text in contents.checkpoints:
        payload[at.checkpoint_name(parse_checkpoint(text).checkpoint)] = text.encode()
    payload |= {at.token_name(size): token for size, token in contents.tokens.items()}
    extract = contents.stated.profile == "extract"
    log = read_log(payload, Findings(), extract=extract)
    if extract:
        payload |= _proofs(contents, log)
    state = fold(head.origin, log.records(), contents.bodies.get, complete=not extract)
    payload |= at.key_files(state) | at.body_files(contents.bodies, state)
    payload[at.SUMMARY] = summary_bytes(log.head, with_population(log, state, contents.stated))
    record = examine(payload, Findings()).record
    shown = set(PERSON.findall(record_bytes(record).decode()))
    if names := {p: name for p, name in contents.names.items() if p in shown and is_name(p, name)}:
        payload[at.NAMES] = canonical(names)
        record = examine(payload, Findings()).record
    payload |= {at.RECORD: record_bytes(record), at.REPORT: render(record)}
    return payload


def _proofs(contents: BundleContents, log: Log) -> dict[str, bytes]:
    paths = contents.paths or {}
    return {
        at.proof_name(leaf.seq): format_proof(
            Proof(data, leaf.seq, paths[leaf.seq], contents.checkpoint)
        ).encode()
        for leaf, data in zip(log.leaves, contents.leaves, strict=True)
    }
