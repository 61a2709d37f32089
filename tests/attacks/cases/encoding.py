"""E: bytes of an approval that a lenient reader takes for something else."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from schemas.statement import Envelope, Signature, Statement
from tests.attacks.case import Handed, asked, case, claimed, table
from tests.attacks.simulator import key
from tests.vectors import edwards

SHORT = "CLAIM_FALSE QUORUM_NOT_MET"
Attack = Callable[[Statement], bytes]
Change = Callable[[bytes], bytes]


def _logged(attack: Attack) -> Handed:
    """Hand over a log that holds what the attack makes of an approval, in place of the honest one."""
    registry, manifest, dossier = asked()
    statement = registry.approval(manifest, dossier)
    registry.append_bytes(statement, attack(statement))
    return claimed(registry, manifest)


def _sign(payload: bytes, *, kind: str = "application/vnd.in-toto+json") -> bytes:
    unsigned = Envelope(payload, (), kind)
    return Envelope(
        payload, (Signature(key("rita").keyid, key("rita").sign(unsigned.pae())),), kind
    ).to_bytes()


def _payload(change: Change) -> Attack:
    return lambda statement: _sign(change(statement.payload()))


def _envelope(change: Change) -> Attack:
    return lambda statement: change(_sign(statement.payload()))


def _value(change: Callable[[dict[str, Any]], object]) -> Attack:
    def attack(statement: Statement) -> bytes:
        value = json.loads(_sign(statement.payload()))
        change(value)
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    return attack


def _signature(change: Change) -> Attack:
    def edit(value: dict[str, Any]) -> None:
        sig = change(base64.b64decode(value["signatures"][0]["sig"]))
        value["signatures"][0]["sig"] = base64.b64encode(sig).decode()

    return _value(edit)


def _replace(old: bytes, new: bytes) -> Change:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def _size(new: bytes) -> Attack:
    return _payload(_replace(b'"treeSize":4', b'"treeSize":' + new))


def _reversed(data: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(data).items())), separators=(",", ":")).encode()


def _without_pae(statement: Statement) -> bytes:
    payload = statement.payload()
    return Envelope(payload, (Signature(key("rita").keyid, key("rita").sign(payload)),)).to_bytes()


def _over(made: Callable[[Statement], bytes]) -> Attack:
    """Put a signature over other bytes beside the statement."""

    def attack(statement: Statement) -> bytes:
        sig = key("rita").sign(made(statement))
        return Envelope(statement.payload(), (Signature(key("rita").keyid, sig),)).to_bytes()

    return attack


def _another(statement: Statement) -> bytes:
    other = Statement(statement.kind, statement.subjects, statement.predicate | {"nonce": "f" * 32})
    return Envelope(other.payload(), ()).pae()


def _two_spellings(statement: Statement) -> bytes:
    made = Envelope(statement.payload(), ())
    good = Signature(key("rita").keyid, key("rita").sign(made.pae()))
    return Envelope(made.payload, (good, Signature(good.keyid.upper(), good.sig))).to_bytes()


def _scalar_beyond(sig: bytes) -> bytes:
    return sig[:32] + (int.from_bytes(sig[32:], "little") + edwards.L).to_bytes(32, "little")


ROWS: dict[str, tuple[str, str, Attack]] = {
    "E01": (
        "a duplicate key in the envelope",
        "JSON_DUPLICATE_KEY",
        _envelope(_replace(b"{", b'{"payload":"",')),
    ),
    "E02": (
        "a duplicate key in the payload",
        "JSON_DUPLICATE_KEY",
        _payload(_replace(b'"decision":"approve"', b'"decision":"reject","decision":"approve"')),
    ),
    "E03": ("a float", "JSON_FLOAT", _size(b"4.0")),
    "E04": ("white space in the payload", "JSON_NOT_CANONICAL", _size(b" 4")),
    "E05": (
        "URL-safe base64",
        "BASE64",
        _value(lambda v: v.update(payload="_-" + v["payload"][2:])),
    ),
    "E06": ("an integer beyond 2^53", "JSON_NOT_CANONICAL", _size(b"9007199254740993")),
    "E07": ("another payloadType", "PAYLOAD_TYPE", lambda s: _sign(s.payload(), kind="application/json")),
    "E08": (
        "a payloadType swapped after signing",
        "PAYLOAD_TYPE",
        _value(lambda v: v.update(payloadType="application/json")),
    ),
    "E09": (
        "the same signature twice",
        "DUPLICATE_SIGNATURE",
        _value(lambda v: v.update(signatures=v["signatures"] * 2)),
    ),
    "E10": ("a lone surrogate", "JSON_NOT_CANONICAL", _payload(_replace(b'"approve"', b'"\\ud800"'))),
    "E11": ("nesting 200,000 deep", "JSON_MALFORMED", _payload(lambda _: b"[" * 200_000)),
    "E12": ("two million bytes", "TOO_LARGE", lambda _: b'{"payload":"' + b"A" * (2 << 20) + b'"}'),
    "E13": (
        "an unknown predicate type",
        "LEAF_TYPE_MISMATCH",
        _payload(_replace(b"/approval/v1", b"/blessing/v1")),
    ),
    "E14": ("a signature over another statement", "SIGNATURE_INVALID", _over(_another)),
    "E15": ("a byte order mark", "JSON_MALFORMED", _envelope(lambda d: b"\xef\xbb\xbf" + d)),
    "E17": ("an exponent", "JSON_FLOAT", _size(b"4e0")),
    "E18": ("NaN", "JSON_FLOAT", _size(b"NaN")),
    "E19": ("an integer of 4,301 digits", "JSON_NOT_CANONICAL", _size(b"4" * 4301)),
    "E20": ("a newline after the payload", "JSON_NOT_CANONICAL", _payload(lambda d: d + b"\n")),
    "E21": ("keys in another order", "JSON_NOT_CANONICAL", _payload(_reversed)),
    "E22": ("a needless escape", "JSON_NOT_CANONICAL", _payload(_replace(b"approve", b"\\u0061pprove"))),
    "E23": (
        "a key that is not ASCII",
        "JSON_NOT_CANONICAL",
        _payload(_replace(b'"decision"', '"d\N{CYRILLIC SMALL LETTER IE}cision"'.encode())),
    ),
    "E24": ("no JSON at all", "JSON_MALFORMED", _payload(lambda _: b"approve")),
    "E25": ("JSON that is no statement", "STATEMENT_MALFORMED", _payload(lambda _: b"[]")),
    "E26": (
        "base64 with a space",
        "BASE64",
        _value(lambda v: v.update(payload=" " + v["payload"])),
    ),
    "E27": (
        "base64 without padding",
        "BASE64",
        _value(lambda v: v.update(payload=v["payload"][:-1])),
    ),
    "E28": ("a payload that is a number", "BASE64", _value(lambda v: v.update(payload=7))),
    "E29": ("no payloadType", "ENVELOPE_MALFORMED", _value(lambda v: v.pop("payloadType"))),
    "E30": ("a member more", "ENVELOPE_MALFORMED", _value(lambda v: v.update(zeal=1))),
    "E31": ("no signature", "ENVELOPE_MALFORMED", _value(lambda v: v.update(signatures=[]))),
    "E32": ("one key under two ids", "SIGNER_UNKNOWN", _two_spellings),
    "E33": ("a signature of 63 bytes", "SIGNATURE_INVALID", _signature(lambda sig: sig[:63])),
    "E34": ("a signature of 65 bytes", "SIGNATURE_INVALID", _signature(lambda sig: sig + b"\0")),
    "E35": (
        "another version of the predicate",
        "PREDICATE_UNKNOWN",
        _payload(_replace(b"/approval/v1", b"/approval/v2")),
    ),
    "E36": (
        "somebody else's predicate",
        "PREDICATE_UNKNOWN",
        _payload(_replace(b"muniment.dev/pred", b"example.org/pred")),
    ),
    "E37": (
        "the type of another record",
        "LEAF_TYPE_MISMATCH",
        _payload(_replace(b"/approval/v1", b"/withdrawn/v1")),
    ),
    "E38": (
        "another digest algorithm",
        "STATEMENT_MALFORMED",
        _payload(_replace(b'"sha256":', b'"sha512":')),
    ),
    "E39": (
        "a digest in capitals",
        "STATEMENT_MALFORMED",
        _payload(_replace(b'{"sha256":"', b'{"sha256":"A')),
    ),
    "E40": (
        "no subject",
        "STATEMENT_MALFORMED",
        _payload(lambda d: d[: d.index(b'"subject":')] + b'"subject":[]}'),
    ),
    "E41": ("a word where a number belongs", "PREDICATE_MALFORMED", _size(b'"4"')),
    "E42": ("a negative size", "PREDICATE_MALFORMED", _size(b"-4")),
    "E43": ("minus zero", "JSON_NOT_CANONICAL", _size(b"-0")),
    "E44": ("a truth value where a number belongs", "PREDICATE_MALFORMED", _size(b"true")),
    "E45": (
        "a list where a name belongs",
        "PREDICATE_MALFORMED",
        _payload(_replace(b'"approve"', b"[]")),
    ),
    "E46": ("bytes that are not UTF-8", "JSON_MALFORMED", _payload(_replace(b"approve", b"appr\xffve"))),
    "E47": ("a payload in UTF-16", "JSON_MALFORMED", _payload(lambda d: d.decode().encode("utf-16"))),
    "E48": (
        "a signature of the service beside the reviewer's",
        "SIGNER_COUNT",
        lambda s: _signed_by(s, "rita", "service"),
    ),
}


def _signed_by(statement: Statement, *names: str) -> bytes:
    made = Envelope(statement.payload(), ())
    return Envelope(
        made.payload, tuple(Signature(key(n).keyid, key(n).sign(made.pae())) for n in names)
    ).to_bytes()


for _ident, (_words, _code, _attack) in ROWS.items():
    table(
        "E",
        int(_ident[1:]),
        "the approval's bytes hold",
        [(_words, f"{SHORT} {_code}", lambda a=_attack: _logged(a))],  # type: ignore[misc]
    )


@case("E50", "PASS", "", "the approval's honest bytes, made the same way as the damaged ones")
def honest_bytes() -> Handed:
    return _logged(lambda statement: _sign(statement.payload()))


@case("F17", "FAIL", f"{SHORT} ENVELOPE_MALFORMED", "a thousand signatures in one envelope")
def a_thousand_signatures() -> Handed:
    return _logged(_value(lambda v: v.update(signatures=v["signatures"] * 1000)))


@case("F21", "FAIL", f"{SHORT} SIGNATURE_INVALID", "the signature is over the payload without DSSE's PAE")
def without_pae() -> Handed:
    return _logged(_without_pae)


@case("F23", "FAIL", f"{SHORT} SIGNATURE_INVALID", "the signature's scalar is beyond the group's order")
def scalar_beyond_the_order() -> Handed:
    return _logged(_signature(_scalar_beyond))


@case("E51", "FAIL", f"{SHORT} SIGNATURE_INVALID", "the signature begins with a point of low order")
def low_order_point_in_the_signature() -> Handed:
    return _logged(_signature(lambda sig: b"\1" + b"\0" * 31 + sig[32:]))


@case("E52", "FAIL", f"{SHORT} SIGNATURE_INVALID", "the signature begins with a point in a second spelling")
def non_canonical_point_in_the_signature() -> Handed:
    return _logged(_signature(lambda sig: (2**255 - 19 + 3).to_bytes(32, "little") + sig[32:]))


@case("E53", "FAIL", f"{SHORT} SIGNATURE_INVALID", "the signature holds only when multiplied by the cofactor")
def signature_that_needs_the_cofactor() -> Handed:
    return _logged(_moved)


def _moved(statement: Statement) -> bytes:
    """Sign with an R that a point of order eight is added to: verifiers that use the cofactor take it."""
    message, public = Envelope(statement.payload(), ()).pae(), key("rita").public
    scalar, _ = edwards.secret(hashlib.sha256(b"rita").digest())
    r = edwards.encode(edwards.add(edwards.times(12_345, edwards.BASE), edwards.torsion()[1]))
    s = (12_345 + edwards.challenge(r, public, message) * scalar) % edwards.L
    return Envelope(statement.payload(), (Signature(key("rita").keyid, edwards.signed(r, s)),)).to_bytes()


@case("F25", "FAIL", f"{SHORT} JSON_NOT_CANONICAL", "a member is called __proto__")
def proto() -> Handed:
    return _logged(_payload(_replace(b'"decision":', b'"__proto__":')))
