"""Bytes that a lenient reader takes for something else: every second spelling is refused by name."""

import base64
import json
from collections.abc import Callable

import pytest

from registry.bundle.verify import Answer
from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.statement import Envelope, Signature, Statement
from tests.attacks.simulator import Registry, key

Attack = Callable[[Statement], bytes]


def _answer(attack: Attack) -> Answer:
    """Log what the attack makes of an approval, in place of the honest one."""
    registry = Registry()
    manifest: Manifest = registry.register()
    dossier: Digest = registry.request(manifest)
    statement = registry.approval(manifest, dossier)
    registry.append_bytes(statement, attack(statement))
    registry.claim(manifest, "valid")
    return registry.verify()


def _sign(payload: bytes, *, kind: str = "application/vnd.in-toto+json") -> bytes:
    unsigned = Envelope(payload, (), kind)
    signature = Signature(key("rita").keyid, key("rita").sign(unsigned.pae()))
    return Envelope(payload, (signature,), kind).to_bytes()


def _payload(change: Callable[[bytes], bytes]) -> Attack:
    return lambda statement: _sign(change(statement.payload()))


def _envelope(change: Callable[[bytes], bytes]) -> Attack:
    return lambda statement: change(_sign(statement.payload()))


def _value(change: Callable[[dict[str, object]], object]) -> Attack:
    def attack(statement: Statement) -> bytes:
        value = json.loads(_sign(statement.payload()))
        change(value)
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    return attack


def _replace(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def _unpadded(value: dict[str, object]) -> None:
    value["payload"] = str(value["payload"])[:-1]


def _without_pae(statement: Statement) -> bytes:
    payload = statement.payload()
    return Envelope(payload, (Signature(key("rita").keyid, key("rita").sign(payload)),)).to_bytes()


def _signature_of_another(statement: Statement) -> bytes:
    other = Statement(statement.kind, statement.subjects, statement.predicate | {"nonce": "f" * 32})
    made = Envelope(other.payload(), ())
    signature = Signature(key("rita").keyid, key("rita").sign(made.pae()))
    return Envelope(statement.payload(), (signature,)).to_bytes()


def _two_spellings_of_one_key(statement: Statement) -> bytes:
    made = Envelope(statement.payload(), ())
    good = Signature(key("rita").keyid, key("rita").sign(made.pae()))
    return Envelope(made.payload, (good, Signature(good.keyid.upper(), good.sig))).to_bytes()


CASES: dict[str, tuple[Attack, str]] = {
    "a duplicate key in the envelope": (_envelope(_replace(b"{", b'{"payload":"",')), "JSON_DUPLICATE_KEY"),
    "a duplicate key in the payload": (
        _payload(_replace(b'"decision":"approve"', b'"decision":"reject","decision":"approve"')),
        "JSON_DUPLICATE_KEY",
    ),
    "a float in the payload": (_payload(_replace(b'"treeSize":4', b'"treeSize":4.0')), "JSON_FLOAT"),
    "an exponent in the payload": (_payload(_replace(b'"treeSize":4', b'"treeSize":4e0')), "JSON_FLOAT"),
    "NaN in the payload": (_payload(_replace(b'"treeSize":4', b'"treeSize":NaN')), "JSON_FLOAT"),
    "an integer beyond 2^53": (
        _payload(_replace(b'"treeSize":4', b'"treeSize":9007199254740993')),
        "JSON_NOT_CANONICAL",
    ),
    "an integer of 4,301 digits": (
        _payload(_replace(b'"treeSize":4', b'"treeSize":' + b"4" * 4301)),
        "JSON_NOT_CANONICAL",
    ),
    "white space in the payload": (
        _payload(_replace(b'"treeSize":4', b'"treeSize": 4')),
        "JSON_NOT_CANONICAL",
    ),
    "a newline after the payload": (_payload(lambda d: d + b"\n"), "JSON_NOT_CANONICAL"),
    "keys in another order": (
        _payload(lambda d: json.dumps(dict(reversed(json.loads(d).items())), separators=(",", ":")).encode()),
        "JSON_NOT_CANONICAL",
    ),
    "a needless escape": (_payload(_replace(b"approve", b"\\u0061pprove")), "JSON_NOT_CANONICAL"),
    "a lone surrogate": (_payload(_replace(b'"approve"', b'"\\ud800"')), "JSON_NOT_CANONICAL"),
    "a key that is not ASCII": (
        _payload(_replace(b'"decision"', '"d\N{CYRILLIC SMALL LETTER IE}cision"'.encode())),
        "JSON_NOT_CANONICAL",
    ),
    "depth without end": (_payload(lambda _: b"[" * 200_000), "JSON_MALFORMED"),
    "no JSON at all": (_payload(lambda _: b"approve"), "JSON_MALFORMED"),
    "JSON that is no statement": (_payload(lambda _: b"[]"), "STATEMENT_MALFORMED"),
    "two million bytes": (lambda _: b'{"payload":"' + b"A" * (2 << 20) + b'"}', "TOO_LARGE"),
    "a byte order mark": (_envelope(lambda d: b"\xef\xbb\xbf" + d), "JSON_MALFORMED"),
    "URL-safe base64": (_value(lambda v: v.update(payload="_-" + str(v["payload"])[2:])), "BASE64"),
    "base64 with a space": (_value(lambda v: v.update(payload=" " + str(v["payload"]))), "BASE64"),
    "base64 without padding": (_value(_unpadded), "BASE64"),
    "a payload that is a number": (_value(lambda v: v.update(payload=7)), "BASE64"),
    "another payloadType": (lambda s: _sign(s.payload(), kind="application/json"), "PAYLOAD_TYPE"),
    "no payloadType": (_value(lambda v: v.pop("payloadType")), "ENVELOPE_MALFORMED"),
    "a member more": (_value(lambda v: v.update(zeal=1)), "ENVELOPE_MALFORMED"),
    "no signature": (_value(lambda v: v.update(signatures=[])), "ENVELOPE_MALFORMED"),
    "a thousand signatures": (
        _value(lambda v: v.update(signatures=list(v["signatures"]) * 1000)),  # type: ignore[call-overload]
        "ENVELOPE_MALFORMED",
    ),
    "the same signature twice": (
        _value(lambda v: v.update(signatures=list(v["signatures"]) * 2)),  # type: ignore[call-overload]
        "DUPLICATE_SIGNATURE",
    ),
    "one key under two ids": (_two_spellings_of_one_key, "SIGNER_UNKNOWN"),
    "a signature over the payload alone": (_without_pae, "SIGNATURE_INVALID"),
    "a signature over another statement": (_signature_of_another, "SIGNATURE_INVALID"),
    "a signature of 63 bytes": (
        _value(
            lambda v: v.update(
                signatures=[{"keyid": key("rita").keyid, "sig": base64.b64encode(b"x" * 63).decode()}]
            )
        ),
        "SIGNATURE_INVALID",
    ),
    "another predicate type": (_payload(_replace(b"/approval/v1", b"/approval/v2")), "PREDICATE_UNKNOWN"),
    "somebody else's predicate": (
        _payload(_replace(b"muniment.dev/pred", b"example.org/pred")),
        "PREDICATE_UNKNOWN",
    ),
    "the type of another record": (
        _payload(_replace(b"/approval/v1", b"/withdrawn/v1")),
        "LEAF_TYPE_MISMATCH",
    ),
    "another digest algorithm": (_payload(_replace(b'"sha256":', b'"sha512":')), "STATEMENT_MALFORMED"),
    "a digest in capitals": (_payload(_replace(b'{"sha256":"', b'{"sha256":"A')), "STATEMENT_MALFORMED"),
    "no subject": (
        _payload(lambda d: d[: d.index(b'"subject":')] + b'"subject":[]}'),
        "STATEMENT_MALFORMED",
    ),
    "a word where a number belongs": (
        _payload(_replace(b'"treeSize":4', b'"treeSize":"4"')),
        "PREDICATE_MALFORMED",
    ),
    "a negative size": (_payload(_replace(b'"treeSize":4', b'"treeSize":-4')), "PREDICATE_MALFORMED"),
    "a list where a name belongs": (_payload(_replace(b'"approve"', b"[]")), "PREDICATE_MALFORMED"),
    "__proto__": (_payload(_replace(b'"decision":', b'"__proto__":')), "JSON_NOT_CANONICAL"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_approval_does_not_count_when_its_bytes_hold(case: str) -> None:
    attack, code = CASES[case]
    answer = _answer(attack)
    assert answer.verdict == "FAIL"
    assert code in answer.codes
    assert "CLAIM_FALSE" in answer.codes
    assert "QUORUM_NOT_MET" in answer.codes


def test_the_honest_bytes_do_count() -> None:
    answer = _answer(lambda statement: _sign(statement.payload()))
    assert (answer.verdict, answer.codes) == ("PASS", ())
