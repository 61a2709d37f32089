"""muniment key new and key prove: a key that never comes near a registry."""

from collections.abc import Iterator
from pathlib import Path

import click

from tui.files import read_small, write_new
from tui.output import emit, json_option
from tui.session import ask_new_passphrase, open_key

MAX_PROOF = 65_536


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
@click.option("--key", required=True, metavar="FILE", help="The private key.")
@click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file.")
@click.option("-o", "--output", required=True, metavar="PROOF", help="Write the proof to this new file.")
@json_option
def prove(name: str, origin: str, key: str, passphrase_file: str | None, output: str, as_json: bool) -> None:
    """Sign, with the key itself, that it is to be NAME's in the registry ORIGIN; no registry is opened."""
    from registry.acts.actor import new_nonce
    from registry.trust.possession import sign_possession

    signer = open_key(Path(key).expanduser(), passphrase_file)
    write_new(output, sign_possession(signer, origin, name, nonce=new_nonce()))
    value = {"name": name, "origin": origin, "keyid": signer.keyid, "file": output}
    emit(value, as_json=as_json, text=lambda: [f"proof    {output}", f"keyid    {signer.keyid}"])


def read_offered(public: str, proof: str) -> tuple[bytes, bytes]:
    """Return the public key and the proof of possession in two files."""
    from registry.signing.keyfile import read_public

    return read_public(Path(public).expanduser()), read_small(proof, MAX_PROOF)
