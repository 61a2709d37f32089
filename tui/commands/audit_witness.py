"""muniment audit checkpoint, cosign and witness: heads, and who confirms them."""

from collections.abc import Iterator
from pathlib import Path

import click

from registry.acts.confirming import Added
from tui.files import read_small, write_new
from tui.output import emit, json_option
from tui.session import open_key, opened
from tui.settings import Settings

_MAX_NOTE = 32_768


@click.command("checkpoint")
@click.option("-o", "--output", metavar="FILE", help="Write the signed head, witnesses' lines included.")
@click.option("--add", metavar="FILE", help="Take in the lines of witnesses, as they came back.")
@click.option("--size", type=click.IntRange(1), metavar="N", help="An earlier signed head, of N leaves.")
@json_option
@click.pass_obj
def checkpoint(
    settings: Settings, output: str | None, add: str | None, size: int | None, as_json: bool
) -> None:
    """Sign the present head of the log; with -o write the newest signed head, with --add take lines in."""
    from registry.acts.audit import sign_checkpoint
    from registry.acts.confirming import add_lines, read_note

    if add is not None:
        text = _read(add)
        with opened(settings) as registry:
            _show(add_lines(registry, text, size), as_json=as_json)
        return
    with opened(settings) as registry:
        if size is None and (output is None or registry.find_log_key() is not None):
            sign_checkpoint(registry)
        found = read_note(registry, size)
    if output is not None:
        write_new(output, found.text.encode())
    value = {
        "size": found.head.size,
        "root": found.head.root.hex(),
        "note": found.text,
        "witnesses": list(found.witnesses),
        "quorum": found.quorum,
        "file": output,
    }

    def lines() -> Iterator[str]:
        yield f"signed a head of {found.head.size} leaves" if output is None else f"wrote {output}"
        yield f"root     {found.head.root.hex()}"
        if found.witnesses or found.quorum:
            have = ", ".join(found.witnesses) or "none"
            yield f"witness  {len(found.witnesses)}, {found.quorum} needed: {have}"

    emit(value, as_json=as_json, text=lines)


@click.command("witness")
@click.argument("url")
@json_option
@click.pass_obj
def witness(settings: Settings, url: str, as_json: bool) -> None:
    """Hand the newest signed head to the witness at URL and keep its line (C2SP tlog-witness)."""
    from registry.acts.witness import ask_witness

    with opened(settings) as registry:
        _show(ask_witness(registry, url), as_json=as_json)


@click.command("cosign")
@click.argument("file", metavar="FILE")
@click.option("--key", required=True, metavar="K", help="The witness's own private key.")
@click.option("--name", required=True, metavar="N", help="The witness's name, such as example.org/w1.")
@click.option("--state", required=True, metavar="S", help="What the witness remembers; made when absent.")
@click.option("--log-key", metavar="VKEY", help="The log's key, the first time: `root show` prints it.")
@click.option("--passphrase-file", metavar="P", help="Read the passphrase from this file.")
@click.option("-o", "--output", metavar="F", help="Write the answer to this new file.")
@json_option
def cosign(
    file: str,
    key: str,
    name: str,
    state: str,
    log_key: str | None,
    passphrase_file: str | None,
    output: str | None,
    as_json: bool,
) -> None:
    """Act as a witness of somebody else's log: confirm the head in FILE and give its line back.

    FILE is what the log's owner wrote with `audit checkpoint -o`, or, when this witness has confirmed OLD
    leaves before, with `audit prove --consistency OLD -o`. No registry is opened. A head that does not
    continue the one confirmed before is refused, and both are kept beside S.
    """
    from datetime import UTC, datetime

    from registry.acts.cosigning import cosign_head
    from tui.files import refuse_taken

    if output is not None:
        refuse_taken(output)
    signer = open_key(Path(key).expanduser(), passphrase_file)
    memory = Path(state).expanduser()
    done = cosign_head(_read(file), signer, name, memory, datetime.now(UTC), log_key=log_key)
    if output is not None:
        write_new(output, done.text.encode())
    elif not as_json:
        click.echo(done.text, nl=False)
        return
    value = {
        "origin": done.head.origin,
        "size": done.head.size,
        "root": done.head.root.hex(),
        "before": done.before,
        "witness": done.witness,
        "at": done.at,
        "note": done.text,
        "file": output,
    }

    def lines() -> Iterator[str]:
        yield f"confirmed {done.head.size} leaves of {done.head.origin}, {done.before} before"
        yield f"witness   {done.witness}"
        yield f"answer    {output}"
        yield f"next      the log's owner runs muniment audit checkpoint --add {output}"

    emit(value, as_json=as_json, text=lines)


def _show(added: Added, *, as_json: bool) -> None:
    value = {"size": added.size, "added": list(added.names), "have": added.have, "quorum": added.quorum}

    def lines() -> Iterator[str]:
        new = ", ".join(added.names) or "nobody new"
        yield f"{new} confirms the head of {added.size} leaves"
        yield f"witnesses of that head: {added.have}, needed: {added.quorum}"

    emit(value, as_json=as_json, text=lines)


def _read(name: str) -> str:
    from schemas.errors import Malformed

    try:
        return read_small(name, _MAX_NOTE).decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}: expected a signed head, found no text") from error
