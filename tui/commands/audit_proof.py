"""muniment audit prove and verify-proof: receipts that can be checked far from the registry."""

import sys
from collections.abc import Iterator

import click

from registry.trust.proof import Proven
from tui.files import read_small, write_new
from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings


@click.command("prove")
@click.argument("seq", metavar="N", type=click.IntRange(0))
@click.option("-o", "--output", metavar="F", help="Write the receipt to this new file.")
@json_option
@click.pass_obj
def prove(settings: Settings, seq: int, output: str | None, as_json: bool) -> None:
    """Print the receipt of leaf N: its path to the newest signed head (C2SP .tlog-proof)."""
    from registry.acts.prove import prove_leaf

    with opened(settings, read_only=True) as registry:
        receipt = prove_leaf(registry, seq)
    if output is not None:
        write_new(output, receipt.text.encode())
    value = {**_shown(receipt.proven), "key": receipt.key, "receipt": receipt.text, "file": output}

    def lines() -> Iterator[str]:
        yield from _lines(receipt.proven)
        yield f"receipt  {output}"
        yield f"check    muniment audit verify-proof {output} --key {receipt.key}"

    if output is None and not as_json:
        sys.stdout.write(receipt.text)
        return
    emit(value, as_json=as_json, text=lines)


@click.command("verify-proof")
@click.argument("file", metavar="F")
@click.option("--key", required=True, metavar="VKEY", help="The log's key, as `root show` prints it.")
@click.option("--record", metavar="ENVELOPE", help="The signed record that the leaf must be about.")
@json_option
def verify(file: str, key: str, record: str | None, as_json: bool) -> None:
    """Check a receipt with nothing but the log's key; no registry is opened.

    Take the key from where you trust it, not from whoever gave you the receipt.
    """
    from registry.trust.proof import MAX_PROOF_TEXT, verify_proof
    from schemas.digest import Digest
    from schemas.errors import VerificationError

    data = read_small(file, MAX_PROOF_TEXT)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("PROOF_MALFORMED", f"{file} is no text") from error
    proven = verify_proof(text, key)
    if record is not None:
        found = Digest.of(read_small(record, 1 << 20))
        if found != proven.leaf.body:
            raise VerificationError(
                "BODY_DIGEST", f"leaf {proven.leaf.seq} is about {proven.leaf.body}, {record} is {found}"
            )
    emit({**_shown(proven), "proven": True}, as_json=as_json, text=lambda: _lines(proven))


def _shown(proven: Proven) -> dict[str, object]:
    leaf = proven.leaf
    return {
        "origin": proven.head.origin,
        "size": proven.head.size,
        "root": proven.head.root.hex(),
        "index": leaf.seq,
        "leaf": {"type": leaf.type, "time": leaf.time, "body": leaf.body, "subjects": list(leaf.subjects)},
    }


def _lines(proven: Proven) -> Iterator[str]:
    leaf = proven.leaf
    yield f"log      {proven.head.origin}"
    yield f"leaf     {leaf.seq} of {proven.head.size}: {leaf.type}, {leaf.time} (claimed)"
    yield f"record   {leaf.body}"
    yield f"root     {proven.head.root.hex()}"
