"""muniment key new and key prove: a key that never comes near a registry."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.files import read_small, write_new
from tui.output import emit, json_option
from tui.session import ask_new_passphrase, open_signer

if TYPE_CHECKING:
    from registry.acts.new_key import KeyOffer

MAX_PROOF = 65_536
Command = TypeVar("Command", bound=Callable[..., Any])


@click.command("new")
@click.argument("file", metavar="FILE")
@click.option("--no-passphrase", is_flag=True, help="Leave the new key unprotected.")
@click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file.")
@json_option
def new(file: str, no_passphrase: bool, passphrase_file: str | None, as_json: bool) -> None:
    """Make a key pair outside any registry: FILE is private, FILE.public.pem may be given away."""
    from registry.signing import keyfile
    from registry.trust.keys import public_pem
    from schemas.errors import Conflict

    path = Path(file).expanduser()
    pem = Path(f"{path}.public.pem")
    if pem.exists():
        raise Conflict(f"{pem} exists and is never overwritten", hint="choose another name")
    passphrase = None if no_passphrase else ask_new_passphrase(passphrase_file)
    made = keyfile.create(path, passphrase)
    write_new(str(pem), public_pem(made.public).encode())

    def lines() -> Iterator[str]:
        yield f"key      {made.path}"
        yield f"public   {pem}"
        yield f"keyid    {made.keyid}"
        yield f"next     muniment key prove NAME --origin ORIGIN --key {made.path} -o PROOF"

    emit({"key": str(made.path), "public": str(pem), "keyid": made.keyid}, as_json=as_json, text=lines)


@click.command("prove")
@click.argument("name")
@click.option("--origin", required=True, metavar="ORIGIN", help="The registry's origin: `root show`.")
@click.option("--key", required=True, metavar="FILE", help="The private key, or agent[:KEYID].")
@click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file.")
@click.option("-o", "--output", required=True, metavar="PROOF", help="Write the proof to this new file.")
@json_option
def prove(name: str, origin: str, key: str, passphrase_file: str | None, output: str, as_json: bool) -> None:
    """Sign, with the key itself, that it is to be NAME's in the registry ORIGIN; no registry is opened."""
    from registry.acts.actor import new_nonce
    from registry.trust.possession import sign_possession

    signer = open_signer(key, passphrase_file)
    write_new(output, sign_possession(signer, origin, name, nonce=new_nonce()))
    value = {"name": name, "origin": origin, "keyid": signer.keyid, "file": output}
    emit(value, as_json=as_json, text=lambda: [f"proof    {output}", f"keyid    {signer.keyid}"])


def read_offered(public: str, proof: str) -> tuple[bytes, bytes]:
    """Return the public key, in a file or as an `ssh-ed25519` line, and the proof of possession in a file."""
    from registry.signing.keyfile import parse_public, read_public

    given = public.startswith(("ssh-", "sk-ssh-")) and " " in public
    key = parse_public(public.encode(), "--public") if given else read_public(Path(public).expanduser())
    return key, read_small(proof, MAX_PROOF)


def read_offer(
    whose: str, public: str | None, proof: str | None, new_passphrase_file: str | None, *, no_passphrase: bool
) -> "KeyOffer":
    """Return the key to enrol: one made elsewhere with its proof, or one to be made under a passphrase."""
    from registry.acts.new_key import KeyOffer

    if public is not None and proof is not None:
        key, shown = read_offered(public, proof)
        return KeyOffer(public=key, proof=shown)
    if public is not None or proof is not None:
        raise click.UsageError("--public and --proof belong together")
    if no_passphrase:
        return KeyOffer()
    return KeyOffer(ask_new_passphrase(new_passphrase_file, "--new-passphrase-file", f"the key of {whose}"))


def new_key_options(function: Command) -> Command:
    """Give a command the options that say which key is enrolled."""
    for option in (
        click.option("--proof", metavar="FILE", help="What `key prove` wrote with that pair."),
        click.option("--public", metavar="FILE", help="The public key of a pair that was made elsewhere."),
        click.option("--new-passphrase-file", metavar="FILE", help="Read the new key's passphrase from it."),
        click.option("--no-passphrase", is_flag=True, help="Leave the new key unprotected."),
    ):
        function = option(function)
    return function
