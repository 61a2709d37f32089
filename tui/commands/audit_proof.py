"""muniment audit prove and verify-proof: receipts that can be checked far from the registry."""

import sys
from collections.abc import Iterator

import click

from registry.trust.proof import Proven
from schemas.errors import Usage, VerificationError
from tui.files import read_small, write_new
from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings


@click.command("prove")
@click.argument("seq", metavar="[N]", type=click.IntRange(0), required=False)
@click.option(
    "--consistency", "old", metavar="OLD", type=click.IntRange(0), help="From a head of OLD leaves to now."
)
@click.option("-o", "--output", metavar="F", help="Write the proof to this new file.")
@json_option
@click.pass_obj
def prove(settings: Settings, seq: int | None, old: int | None, output: str | None, as_json: bool) -> None:
    """Print the receipt of leaf N: its path to the newest signed head (C2SP .tlog-proof).

    With --consistency: that head, and the proof that it continues the first OLD leaves (C2SP tlog-witness),
    for a witness or an auditor who has seen them.
    """
    if (seq is None) == (old is None):
        raise Usage("expected a leaf N or --consistency OLD, and not both")
    if seq is not None:
        _prove_leaf(settings, seq, output, as_json=as_json)
    elif old is not None:
        _prove_consistency(settings, old, output, as_json=as_json)


def _prove_consistency(settings: Settings, old: int, output: str | None, *, as_json: bool) -> None:
    from registry.acts.prove import prove_consistency

    with opened(settings, read_only=True) as registry:
        found = prove_consistency(registry, old)
    if output is not None:
        write_new(output, found.text.encode())
    elif not as_json:
        sys.stdout.write(found.text)
        return
    value = {"old": found.old, "size": found.size, "proof": found.text, "file": output}
    said = f"{found.size} leaves continue the first {found.old}: {output}"
    emit(value, as_json=as_json, text=lambda: [said])


def _prove_leaf(settings: Settings, seq: int, output: str | None, *, as_json: bool) -> None:
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
@click.option("--witness", "witnesses", multiple=True, metavar="VKEY", help="A witness you trust.")
@click.option("--record", metavar="ENVELOPE", help="The signed record that the leaf must be about.")
@click.option("--prior", metavar="SIZE:ROOT", help="The head you saw before, for a proof of consistency.")
@json_option
def verify(
    file: str, key: str, witnesses: tuple[str, ...], record: str | None, prior: str | None, as_json: bool
) -> None:
    """Check a receipt, or a proof of consistency, with nothing but the log's key; no registry is opened.

    Take the key from where you trust it, not from whoever gave you the file.
    """
    from registry.trust.proof import MAX_PROOF_TEXT

    data = read_small(file, MAX_PROOF_TEXT)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("PROOF_MALFORMED", f"{file} is no text") from error
    if text.startswith("old "):
        _verify_consistency(text, key, prior, as_json=as_json)
        return
    from registry.trust.proof import verify_proof
    from schemas.digest import Digest

    proven = verify_proof(text, key, witnesses)
    if record is not None:
        found = Digest.of(read_small(record, 1 << 20))
        if found != proven.leaf.body:
            raise VerificationError(
                "BODY_DIGEST", f"leaf {proven.leaf.seq} is about {proven.leaf.body}, {record} is {found}"
            )
    emit({**_shown(proven), "proven": True}, as_json=as_json, text=lambda: _lines(proven))


def _verify_consistency(text: str, key: str, prior: str | None, *, as_json: bool) -> None:
    from registry.trust.witnessing import Confirmed, judge, parse_submission
    from tui.verifying import parse_prior

    if prior is None:
        raise Usage("a proof of consistency is from a head you saw", hint="name it with --prior SIZE:ROOT")
    head = judge(parse_submission(text), key, Confirmed(*parse_prior(prior)))
    value = {"origin": head.origin, "size": head.size, "root": head.root.hex(), "proven": True}
    said = f"{head.size} leaves of {head.origin} continue {prior.partition(':')[0]}"
    emit(value, as_json=as_json, text=lambda: [said, f"root     {head.root.hex()}"])


def _shown(proven: Proven) -> dict[str, object]:
    leaf = proven.leaf
    return {
        "origin": proven.head.origin,
        "size": proven.head.size,
        "root": proven.head.root.hex(),
        "index": leaf.seq,
        "witnesses": {item.name: item.at for item in proven.cosignatures},
        "leaf": {"type": leaf.type, "time": leaf.time, "body": leaf.body, "subjects": list(leaf.subjects)},
    }


def _lines(proven: Proven) -> Iterator[str]:
    leaf = proven.leaf
    yield f"log      {proven.head.origin}"
    yield f"leaf     {leaf.seq} of {proven.head.size}: {leaf.type}, {leaf.time} (claimed)"
    yield f"record   {leaf.body}"
    yield f"root     {proven.head.root.hex()}"
    yield from (f"witness  {item.name} at {item.at}" for item in proven.cosignatures)
