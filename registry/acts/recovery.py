"""The offline recovery root: a key that lies away from the registry, for the day the others are lost."""

from pathlib import Path

import msgspec

from registry.acts.actor import new_nonce
from registry.acts.enrol import Enrolment, propose_person
from registry.acts.new_key import KeyOffer
from registry.acts.propose import keeping
from registry.acts.state import read_state
from registry.registry import Registry
from registry.signing import keyfile
from registry.trust.possession import sign_possession
from registry.trust.trust_root import Role
from schemas.errors import Conflict, Usage

KEY, NOTE = "recovery-key", "READ-ME.txt"
_TEXT = """This folder holds the offline recovery key of a registry. Keep it far from the registry's machine.

registry  {origin}
anchor    {anchor}
person    {person} ({name})
key       {keyid}

The key opens with the passphrase that was chosen when it was made; without the passphrase it is lost.
It holds the role root: it signs who may sign. Use it when another root key is lost or stolen:

  muniment key revoke KEY --reason compromised --as {name} --key {key}
  muniment key enrol NAME --role root --as {name} --key {key}
  muniment root sign DRAFT --key {key}
"""


def propose_recovery(registry: Registry, folder: Path, passphrase: bytes, name: str) -> Enrolment:
    """Make a key in the new folder `folder`, outside the registry; return its enrolment as recovery root."""
    place = folder.expanduser().resolve()
    if place == registry.home.resolve() or registry.home.resolve() in place.parents:
        raise Usage(
            f"{folder} lies in the registry: who takes the one takes both",
            hint="name a folder on a medium that is kept elsewhere",
        )
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Conflict(f"{folder}: is there and not an empty folder", hint="name a new folder with -o")
    path = place / KEY
    files = (path, Path(f"{path}.pub"), place / NOTE)
    with keeping(*files):
        made = keyfile.create(path, passphrase, comment="muniment recovery root")
        signer = keyfile.load(path, passphrase)
        proof = sign_possession(signer, registry.origin, name, nonce=new_nonce())
        offer = KeyOffer(public=made.public, proof=proof)
        enrolment = propose_person(registry, name, (Role("root"),), offer, recovery=True)
        anchor = read_state(registry).anchor
        files[2].write_text(
            _TEXT.format(
                origin=registry.origin, anchor=anchor, person=enrolment.person, name=name,
                keyid=made.keyid, key=path.name,
            ),
            "utf-8",
        )  # fmt: skip
    proposal = msgspec.structs.replace(enrolment.proposal, made=files)
    return msgspec.structs.replace(enrolment, key=path, proposal=proposal)
