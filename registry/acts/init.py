"""Making a registry: folder, keys, trust root v1, log, starter policy."""

import secrets
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from registry.acts.actor import Actor, new_nonce, subject
from registry.acts.heads import sign_head
from registry.acts.policy_set import read_policy_source, starter_source
from registry.acts.writer import Writer
from registry.registry import DATABASE, KEYS, Registry
from registry.signing import keyfile
from registry.store.database import connect, create_database
from registry.store.last_head import write_last_head
from registry.trust.note import vkey
from registry.trust.trust_root import Key, Person, Role, Service, TrustRoot
from schemas.digest import Digest
from schemas.errors import Conflict, Usage
from schemas.ledger import origin_subject
from schemas.statement import parse_envelope

ROLES = ("owner", "developer", "validator", "risk-approver", "policy", "root", "auditor")
EVERYWHERE = ("*",)


class Founded(msgspec.Struct, frozen=True):
    """What `init` made: `key` is the first person's key file."""

    registry: str
    origin: str
    anchor: Digest
    person: str
    key: str


def found_registry(
    home: Path,
    name: str,
    passphrase: bytes | None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Founded:
    """Make a registry in `home`, whole or not at all; raise Conflict when something is there."""
    check_place(home)
    if not name.strip():
        raise Usage("a person needs a name", hint="muniment init --as you@example.org")
    home.parent.mkdir(parents=True, exist_ok=True)
    building = home.parent / f".{home.name}.new-{secrets.token_hex(4)}"
    try:
        founded = _build(building, home, name.strip(), passphrase, clock)
        if home.exists():
            home.rmdir()
        building.rename(home)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return founded


def check_place(home: Path) -> None:
    """Raise Conflict unless a registry can be made in `home`."""
    if (home / DATABASE).exists():
        raise Conflict(f"{home}: a registry is already here", hint="name another folder with --registry")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict(f"{home}: is there and not an empty folder", hint="name a new folder with --registry")


def _build(
    place: Path, home: Path, name: str, passphrase: bytes | None, clock: Callable[[], datetime]
) -> Founded:
    place.mkdir(mode=0o700)
    create_database(place / DATABASE)
    keys = place / KEYS
    keys.mkdir(mode=0o700)
    person = "p-" + secrets.token_hex(8)
    keyfile.create(keys / person, passphrase, comment=person)
    own = keyfile.load(keys / person, passphrase)
    service = keyfile.create(keys / "service", None, comment="service")
    log = keyfile.create(keys / "log", None, comment="log")
    origin = "muniment.dev/log/" + secrets.token_hex(16)
    root = TrustRoot(
        version=1,
        origin=origin,
        root_threshold=1,
        persons=(Person(person, tuple(Role(r, EVERYWHERE, EVERYWHERE) for r in ROLES), (Key(own.public),)),),
        services=(Service("service", (Key(service.public),)),),
        log_keys=(vkey(origin, log.public),),
    )
    connection = connect(place / DATABASE)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO registry_fact VALUES ('origin', ?)", (origin,))
    registry = Registry(place, connection, clock)
    writer = Writer(registry, clock())
    actor = Actor(own, person)
    about = (subject(origin, origin_subject(origin)),)
    root_envelope = actor.sign("trust-root", about, root.to_predicate(nonce=new_nonce()))
    source = starter_source()
    writer.put_body(source)
    policy = read_policy_source(source, 1)
    writer.append(root_envelope, actor.sign("policy-set", about, policy.to_predicate(new_nonce())))
    registry.names.add(person, name)
    signed = sign_head(registry)
    connection.execute("COMMIT")
    if signed is not None:
        write_last_head(keys, signed)
    connection.close()
    return Founded(
        registry=str(home),
        origin=origin,
        anchor=Digest.of(parse_envelope(root_envelope).payload),
        person=person,
        key=str(home / KEYS / person),
    )
