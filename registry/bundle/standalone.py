#!/usr/bin/env python3
"""Verify an audit bundle with one file that anybody can read: Python 3.11 or later and `openssl`.

    python3 verifier.py BUNDLE.zip --anchor sha256:... [--prior SIZE:ROOT] [--at TIME] [--max-age 24h]
                        [--require-witness K] [--json]

It prints PASS (exit 0), FAIL (1), or UNPROVEN or UNANCHORED (3), and every reason by a code. Exit 2 means
that it could not work at all: no bundle, or no `openssl` that verifies Ed25519. Each part stands on those
before it:

 1. Refusals and findings        7. Envelopes, trust roots, policies   12. The bundle: log, files, claims
 2. JSON with one spelling       8. The registry, record by record     13. The record and its page
 3. Shapes of what is signed     9. Reviews: what stands               14. The answer, the command line
 4. Ed25519 through openssl     10. Status and the gate
 5. The tree                    11. Documents computed again:
 6. The archive and its lists       lineage, bias, risk, checks

It is the second verifier of the product, written from the specification and apart from the first: where the
two disagree, one of them is wrong. It stands in one file, longer than our files are otherwise allowed to be,
because an auditor reads it, prints it and runs it without installing anything of ours.
"""

import argparse
import base64
import hashlib
import html
import io
import json
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# ---------------------------------------------------------------- 1. Refusals and findings


class Refused(Exception):
    """Some bytes are not what they must be; `code` is the word the answer names it by."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Unusable(Exception):
    """This verifier cannot work here."""


def demand(good: Any, code: str, message: str) -> None:
    """Refuse what is not `good`."""
    if not good:
        raise Refused(code, message)


class Findings:
    """What was found: FAIL contradicts the bundle, UNPROVEN is left open, NOTE changes no verdict."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def add(self, result: str, code: str, message: str) -> None:
        """Add what was found; words of records in it cannot write a line of their own."""
        said = harmless(message).replace("\n", "\N{REPLACEMENT CHARACTER}")
        self.rows.append({"code": code, "message": said, "result": result})

    def expect(self, good: Any, code: str, message: str, result: str = "FAIL") -> None:
        """Add what is not `good`."""
        if not good:
            self.add(result, code, message)

    def codes(self) -> list[str]:
        """Return every code, once and sorted."""
        return sorted({row["code"] for row in self.rows})

    def worst(self, without: str = "") -> str:
        """Return FAIL, UNPROVEN or PASS."""
        results = {row["result"] for row in self.rows if row["code"] != without}
        return next((word for word in ("FAIL", "UNPROVEN") if word in results), "PASS")


_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def harmless(text: str) -> str:
    """Return `text` with a mark for every character that could hide, reorder or end what is shown."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


# ---------------------------------------------------------------- 2. JSON with one spelling

MIB = 1 << 20
MAX_INTEGER = (1 << 53) - 1


def write_json(value: Any, limit: int = MIB) -> bytes:
    """Return the one spelling of a value (RFC 8785 without floats, keys in ASCII, 32 levels)."""
    _refuse_unwritable(value, 0)
    try:
        data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Refused("JSON_NOT_CANONICAL", "a text holds half a character") from error
    demand(len(data) <= limit, "TOO_LARGE", f"{len(data)} bytes of JSON, at most {limit}")
    return data


def read_json(data: bytes, limit: int = MIB) -> Any:
    """Return the value that `data` spells, and refuse any spelling but the one."""
    demand(len(data) <= limit, "TOO_LARGE", f"{len(data)} bytes of JSON, at most {limit}")
    hooks: Json = {"object_pairs_hook": _no_twins, "parse_int": _small, "parse_float": _no_float}
    try:
        value = json.loads(data.decode(), parse_constant=_no_float, **hooks)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Refused("JSON_MALFORMED", "the bytes are not one JSON value") from error
    demand(write_json(value, limit) == data, "JSON_NOT_CANONICAL", "JSON that is not in its one spelling")
    return value


def _refuse_unwritable(value: Any, depth: int) -> None:
    if isinstance(value, dict | list):
        demand(depth < 32, "JSON_MALFORMED", "nested deeper than 32")
        ascii_keys = isinstance(value, list) or "".join(value).isascii()
        demand(ascii_keys, "JSON_NOT_CANONICAL", "a key is not ASCII")
        for item in value.values() if isinstance(value, dict) else value:
            _refuse_unwritable(item, depth + 1)
    elif isinstance(value, int):
        demand(abs(value) <= MAX_INTEGER, "JSON_NOT_CANONICAL", "an integer is beyond 2^53 - 1")


def _no_twins(pairs: list[tuple[str, Any]]) -> Json:
    demand(len(dict(pairs)) == len(pairs), "JSON_DUPLICATE_KEY", "an object has the same key twice")
    return dict(pairs)


def _small(digits: str) -> int:
    demand(len(digits) <= 17, "JSON_NOT_CANONICAL", "an integer is beyond 2^53 - 1")
    return int(digits)


def _no_float(text: str) -> Any:
    raise Refused("JSON_FLOAT", f"signed JSON holds no floats, found {text[:40]}")


def read_base64(text: Any, code: str = "BASE64") -> bytes:
    """Return what padded, canonical base64 spells."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Refused(code, "not base64") from error
    demand(write_base64(data) == text, code, "not base64 in its one spelling")
    return data


def write_base64(data: bytes) -> str:
    """Return canonical base64."""
    return base64.b64encode(data).decode()


def digest_of(data: bytes) -> str:
    """Return `sha256:` and the digest in hex."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_lines(data: bytes, name: str) -> list[bytes]:
    """Return the lines of a file in which every line ends in one newline and none is empty."""
    lines = data.split(b"\n") if data else [b""]
    whole_lines = lines.pop() == b"" and b"" not in lines
    demand(whole_lines, "LINES_MALFORMED", f"{name} is not lines that each end in one newline")
    return lines


def clock(text: str) -> datetime:
    """Return the instant that a time of the log names."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def later(text: str, days: int) -> str:
    """Return the time that many days later, and no later than the calendar ends."""
    left = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - clock(text)
    return time_text(clock(text) + min(timedelta(days=days), left))


def span(text: str) -> timedelta:
    """Return how long `90m`, `24h` or `7d` lasts."""
    minutes = {"m": 1, "h": 60, "d": 1440}[text[-1]]
    return timedelta(minutes=minutes * int(text[:-1]))


def time_text(moment: datetime) -> str:
    """Return a moment as the log writes times."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# ---------------------------------------------------------------- 3. Shapes of what is signed

Shape = Any
"""A check, words, a list of one shape, or an object of shapes by the names of its members."""


def _need(good: Any, found: Any) -> Any:
    if not good:
        raise ValueError(f"another shape was expected, found {str(found)[:120]!r}")
    return found


def like(pattern: str) -> Shape:
    """Return the check for a text of which all matches `pattern`."""
    return lambda value: _need(isinstance(value, str) and re.fullmatch(pattern, value), value)


def sized(least: int, most: int) -> Shape:
    """Return the check for a text of so many characters."""
    return lambda value: _need(isinstance(value, str) and least <= len(value) <= most, value)


def whole(least: int, most: int = MAX_INTEGER) -> Shape:
    """Return the check for a whole number; true and false are none."""
    return lambda value: _need(type(value) is int and least <= value <= most, value)


def _time(value: Any) -> Any:
    _need(
        isinstance(value, str) and re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z", value),
        value,
    )
    clock(value)
    return value


TIERS = ("low", "medium", "high", "critical")
RANK = {None: 0, "low": 0, "medium": 1, "high": 2, "critical": 3}
LEVELS = ("absent", "inferred", "reported", "signed", "verified")
REVIEW_ROLES = ("owner", "developer", "validator", "risk-approver")
CHECK_KINDS = ("artifact", "trainingData", "lineage", "risk", "bias", "evidence", "monitoring")
_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"
NAMED: dict[str, Shape] = {
    "ANY": lambda value: value,
    "FLAG": lambda value: _need(isinstance(value, bool), value),
    "TRUE": lambda value: _need(value is True, value),
    "TEXT": sized(0, 64 * MIB),
    "TITLE": sized(1, 200),
    "LINE": sized(1, 300),
    "LONG": sized(1, 4000),
    "SAID": sized(0, 4096),
    "ONE": whole(1, 1),
    "POSITIVE": whole(1),
    "COUNT": whole(0),
    "INTEGER": whole(-MAX_INTEGER),
    "PEOPLE": whole(1, 20),
    "DAYS": whole(0, 36_500),
    "AGE": whole(1, 36_500),
    "HOURS": whole(1, 720),
    "YEAR": whole(1, 24 * 366),
    "SCALE": whole(1, 5),
    "TIME": _time,
    "DIGEST": like(r"sha256:[0-9a-f]{64}"),
    "HEX64": like(r"[0-9a-f]{64}"),
    "NONCE": like(r"[0-9a-f]{32}"),
    "WORD": like(_NAME),
    "STAR": like(rf"\*|{_NAME}"),
    "PERSON": like(r"p-[0-9a-f]{16}"),
    "VERSION": like(rf"{_NAME}/{_NAME}@[1-9][0-9]{{0,8}}"),
    "CHECK": like(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}"),
    "RISKID": like(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"),
    "DIGITS": like(r"0|[1-9][0-9]{0,17}"),
    "DENOMINATOR": like(r"[1-9][0-9]{0,17}"),
    "SPAN": like(r"[1-9][0-9]{0,4}[mhd]"),
    "DAY": like(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "REASON": like(r"[a-z0-9-]{1,40}"),
    "TIER": "|".join(TIERS),
    "AREA": "health|safety|rights|fairness|privacy|security|performance|financial|legal|operations|reputation"
    "|environment|other",
    "LEVEL": "|".join(LEVELS),
    "ROLE": "|".join(REVIEW_ROLES),
}

_GRAMMAR = """
version-registered {nonce:NONCE artifactLevel:LEVEL authors~:[PERSON] runs~:[{*:ANY}]}
run-linked {nonce:NONCE source:TEXT runId:TEXT job:{*:TEXT}}
evidence-added {nonce:NONCE kind:TEXT level:LEVEL validUntil??:TIME replaces??:DIGEST}
evidence-withdrawn {nonce:NONCE}
evaluation-recorded {nonce:NONCE attribute="":TEXT rule="":TEXT}
bias-recorded {nonce:NONCE attribute="":TEXT rule="":TEXT}
monitoring-recorded {nonce:NONCE attribute="":TEXT rule="":TEXT}
risk-assessed {nonce:NONCE tier:TIER}
review-requested {nonce:NONCE environment:WORD evaluatedAt:TIME policySet:{version:INTEGER digest:DIGEST}}
approval {nonce:NONCE decision:approve|reject|abstain environment:WORD role:TEXT reviewer:PERSON
  decidedAt:TIME logContext:{origin:TEXT treeSize:COUNT rootHash:TEXT} expiresAt??:TIME
  conditions~:[DIGEST] opened~:[DIGEST] reason??:DIGEST}
withdrawn {nonce:NONCE environment:WORD reviewer:PERSON}
override {nonce:NONCE environment:WORD reason:DIGEST}
break-glass {nonce:NONCE environment:WORD role:TEXT reviewer:PERSON reason:DIGEST expiresAt:TIME}
dossier-changed {nonce:NONCE environment:WORD base:DIGEST to:DIGEST through:COUNT
  parts:[{part:TEXT cause:TEXT}]}
key-revoked {nonce:NONCE keyid:TEXT reason:superseded|left|compromised fromIndex:COUNT}
key-suspended {nonce:NONCE keyid:TEXT}
key-reinstated {nonce:NONCE keyid:TEXT}
redaction {nonce:NONCE reason:erasure-request|retention|secret|mistake leaf??:COUNT
  what:envelope|text|document}
ROOT {version:POSITIVE origin:TEXT rootThreshold:POSITIVE witnessQuorum:COUNT nonce:ANY logKeys:[TEXT]
  expires?:ANY witnesses:[TEXT] recovery~:[TEXT] tsaRoots~:[TEXT]
  services:[{id:TEXT keys:[{alg:TEXT keyid:TEXT public:TEXT}]}]
  persons:[{id:TEXT keys:[{alg:TEXT keyid:TEXT public:TEXT}]
    roles:[{role:TEXT namespaces:[+ STAR] environments:[+ STAR]}]}]}
POLICY {! version:POSITIVE semantics:ONE nonce:TEXT source??:DIGEST decisionWithinHours=24:YEAR
  maxUnsealedAge??:SPAN approval:[+ {! namespaces=["*"]:[+ STAR] environments=["*"]:[+ STAR]
    tiers=["*"]:[+ *|low|medium|high|critical]
    roles:{! owner?:PEOPLE developer?:PEOPLE validator?:PEOPLE risk-approver?:PEOPLE} excludeAuthors=true:FLAG
    rejectionBlocks=true:FLAG maxAgeDays??:AGE onStale~:{! allowDays=0:DAYS parts~:{*:DAYS}}
    enforcement~:{! mode="block":block|warn|observe since??:TIME}
    breakGlass??:{! roles:[+ ROLE] maxHours:HOURS}}]
  checks~:[{! namespaces=["*"]:[+ STAR] environments=["*"]:[+ STAR]
    tiers=["*"]:[+ *|low|medium|high|critical]
    id:CHECK title:TITLE severity:block|warn|info check:{!
      artifact?:{! level="verified":LEVEL} trainingData?:{! known=true:TRUE}
      lineage?:{! minLevel??:LEVEL maxGaps??:COUNT} risk?:{! assessed=true:TRUE maxTier??:TIER}
      bias?:{! attributes:[+ TEXT] min?:{! num:DIGITS den:DENOMINATOR} rule="point":point|ci_lower|ci_upper
        minGroupN=30:POSITIVE}
      evidence?:{! kinds:[+ TEXT]} monitoring?:{! maxAgeDays:AGE}}}]
  existingApprovals="newRequests":EXISTING}
REAPPROVE {! reApproveFrom:TIME}
DOSSIER {! environment:TEXT evaluatedAt:TIME authors:[TEXT] previous?:DIGEST catalogue?:DIGEST
  subject:{! namespace:TEXT name:TEXT version:INTEGER manifest:DIGEST}
  lineage:{! snapshot:DIGEST nodes:COUNT edges:COUNT gaps:COUNT weakest:LEVEL}
  policySet:{! version:INTEGER digest:DIGEST} risk?:{! assessment:DIGEST tier:TIER}
  evidence:[{! kind:TEXT digest:DIGEST level:LEVEL validUntil?:TIME}]
  checks:[{! rule:TEXT title:TEXT severity:block|warn|info message:TEXT values:{*:ANY}
    result:pass|fail|error|waived|not-applicable by:recomputed|attested}]
  evaluations:[DIGEST] biasChecks:[DIGEST] monitoring:[DIGEST] findings:[DIGEST] waivers:[DIGEST]
  comments:[DIGEST]}
LEAF {! body:DIGEST seq:COUNT subjects:[+ DIGEST] time:ANY type:ANY v:ONE}
MANIFEST {! files:[{! path:TEXT sha256:HEX64 size:ANY}] parents:[DIGEST] registry:ANY namespace:ANY name:ANY
  version:INTEGER}
node {node:TEXT name:TEXT level:LEVEL version??:TEXT digest??:TEXT}
edge {from:TEXT to:TEXT relation:TEXT level:LEVEL}
gap {at:TEXT reason:TEXT level="absent":LEVEL}
alias {a:TEXT b:TEXT}
BIAS {attribute:TEXT rule:general|ll144 semantics:ONE unknown:COUNT source:{*:ANY}
  reference:{! label:ANY policy:TEXT} polarity:{! favourable:FLAG label:TEXT}
  groups:[{label:TEXT n:COUNT selected:COUNT excluded:FLAG reason?:TEXT
    tn?:COUNT fp?:COUNT fn?:COUNT tp?:COUNT}]
  strata?:{! by:TEXT cells:[{! label:TEXT n:COUNT selected:COUNT stratum:TEXT}]}}
RISK {! semantics:ONE summary:LONG tier:TIER affectedPeople?:LONG
  derivation:{! cell:TIER exposure:SCALE purpose:SCALE
    floors:[aiActHighRisk|ll144Aedt|gdpr22|customerFacingGenerative]
    modifiers:[complex|opaque|autonomous|specialCategoryData] steps:[{! rule:TEXT tier:TIER}]
    override?:{! tier:TIER reason:LONG approver:LINE role:owner|risk-approver|committee expires?:DAY}}
  risks:[{! id:RISKID title:LINE inherent:{! likelihood:SCALE impact:SCALE rating:TIER} affected:[LINE]
    area:AREA
    scenario:intended|misuse|vendor|emergent treatment:avoid|reduce|transfer|accept controls:[LINE]
    cause?:LONG owner?:LINE due?:DAY acceptor?:{! who:LINE role:owner|risk-approver|committee accepted:DAY}
    residual:{! likelihood?:SCALE impact?:SCALE rating?:TIER justification?:LONG absent?:not-assessed}}]}
SUMMARY {! claims:[{! environment:WORD status:WORD subject:DIGEST}] format:ANY origin:ANY population:{*:ANY}
  profile:complete|extract rootHash:ANY treeSize:ANY v:ANY withheld:[{! digest:DIGEST reason:REASON}]
  scope:{! environments:[WORD] namespaces:[WORD] since:TEXT until:TEXT subjects:[VERSION]}}
RECEIPT {subject:{manifest:DIGEST name:SAID} environment:WORD verdict:allow|deny|unproven status:SAID
  mismatch:FLAG treeSize:COUNT signedSize:COUNT time:ANY unsealedSince??:ANY}
RECEIPT_ROW {! index:INTEGER path:[TEXT] receipt:ANY seal:INTEGER}
SEAL {kind:receipts count:INTEGER root:TEXT}
ABSENT {! digest:DIGEST state:omitted|withheld|redacted reason="":REASON}
ENVELOPE {! payload:ANY payloadType:ANY signatures:[+ {! keyid:TEXT sig:ANY}]}
SUBJECTS [+ {! digest:{! sha256:HEX64} name:TEXT}]
"""
"""One shape a paragraph. Of an object's members `name:` must be there, `name?:` may be absent and `name??:`
null; `name=JSON:` has that default, `name~:` is empty by default, `*:` is any other name. An object with `!`
has no other members, without it they are ignored. `[+ x]` is a list of at least one x; `a|b` are words."""


def _parse_shape(tokens: list[str]) -> Shape:
    word = tokens.pop(0)
    if word == "[":
        least = tokens[0] == "+" and bool(tokens.pop(0))
        inner = _parse_shape(tokens)
        tokens.pop(0)
        return [inner, int(least)]
    if word != "{":
        return NAMED[word] if word.isupper() else word
    found: dict[str, Shape] = {}
    while (name := tokens.pop(0)) != "}":
        if name == "!":
            found["!"] = None
        elif name.endswith(":"):
            found[name[:-1]] = _parse_shape(tokens)
        else:
            mark, _, rest = name.rpartition(":")
            found[mark] = _parse_shape([rest])
    return found


def fit(shape: Shape, value: Any) -> Any:
    """Return a JSON value that has a shape, absent members filled in; raise ValueError for another one."""
    if callable(shape):
        return shape(value)
    if isinstance(shape, str):
        return _need(isinstance(value, str) and value in shape.split("|"), value)
    if isinstance(shape, list):
        _need(isinstance(value, list) and len(value) >= shape[1], value)
        return [fit(shape[0], item) for item in value]
    _need(isinstance(value, dict), value)
    found: Json = {}
    for mark, inner in shape.items():
        name, _, default = mark.rstrip("?~").partition("=")
        if mark in ("!", "*"):
            continue
        if name in value and not (value[name] is None and mark.endswith("??")):
            found[name] = fit(inner, value[name])
        elif mark.endswith("~"):
            found[name] = fit(inner, [] if isinstance(inner, list) else {})
        else:
            _need(mark != name, f"an object without {name}")
            found[name] = json.loads(default or "null")
    rest = {name: item for name, item in value.items() if name not in found}
    _need(not rest or "!" not in shape, rest)
    return found | {name: fit(shape["*"], item) for name, item in rest.items() if "*" in shape}


def _existing(value: Any) -> Any:
    return fit(SHAPES["REAPPROVE"] if isinstance(value, dict) else "newRequests|reEvaluate", value)


NAMED["EXISTING"] = _existing
SHAPES: dict[str, Shape] = {}
for _paragraph in re.split(r"\n(?=\S)", _GRAMMAR.strip()):
    _title, _, _body = _paragraph.partition(" ")
    # A default may hold brackets of its own, so it is one word with what it is the default of.
    SHAPES[_title] = _parse_shape(re.findall(r"[^\s{}\[\]]*=\[[^\]]*\]:|[{}\]\[]|[^\s{}\[\]]+", _body))


def read_shape(name: str, value: Any, code: str) -> Any:
    """Return the value with its defaults; refuse it under `code` when it has another shape."""
    try:
        return fit(SHAPES[name], value)
    except ValueError as error:
        raise Refused(code, str(error)[:200]) from error


def read_time(value: Any, code: str = "TIME_MALFORMED") -> str:
    """Return a time of the log."""
    try:
        return str(_time(value))
    except ValueError as error:
        raise Refused(code, "expected YYYY-MM-DDTHH:MM:SSZ") from error


def read_dossier(data: bytes) -> Json:
    """Return the frozen dossier: a closed shape in which whatever is a set is sorted."""
    value: Json = read_shape("DOSSIER", read_json(data), "DOSSIER_MALFORMED")
    sets = ("authors", "evaluations", "biasChecks", "monitoring", "findings", "waivers", "comments")
    good = all(value[name] == sorted(set(value[name])) for name in sets)
    good &= value["evidence"] == sorted(value["evidence"], key=lambda row: (row["kind"], row["digest"]))
    good &= value["checks"] == sorted(value["checks"], key=lambda row: str(row["rule"]))
    demand(good, "DOSSIER_MALFORMED", "the dossier is not in its one spelling")
    return value


def tier_of(dossier: Json | None) -> str | None:
    """Return the risk tier the reviewers were shown."""
    return None if dossier is None or dossier["risk"] is None else str(dossier["risk"]["tier"])


# ---------------------------------------------------------------- 4. Ed25519 through openssl

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SPKI = bytes.fromhex("302a300506032b6570032100")


def point_fault(encoded: bytes) -> str:
    """Return why a point must not be believed, empty when it may.

    Verifiers differ about y >= p and about the eight points of small order: y of 0, 1 and -1, and the four
    that doubled have y = 0, where d y^4 + 2 y^2 = 1.
    """
    y = int.from_bytes(encoded, "little") % 2**255
    if y >= _P:
        return "not in canonical form"
    small = y in (0, 1, _P - 1) or (_D * pow(y, 4, _P) + 2 * y * y - 1) % _P == 0
    return "of low order" if small else ""


@cache
def check_key(public: bytes) -> bytes:
    """Return `public` when it is fit to be enrolled."""
    demand(len(public) == 32, "KEY_MALFORMED", f"expected 32 bytes of key, found {len(public)}")
    demand(not point_fault(public), "KEY_LOW_ORDER", f"the key is {point_fault(public)}")
    y = int.from_bytes(public, "little") % 2**255
    square = pow((y * y - 1) * (_D * y * y + 1), (_P - 1) // 2, _P) == 1
    demand(square, "KEY_MALFORMED", "the bytes are no point of the curve")
    return public


def key_id(public: bytes) -> str:
    """Return hex SHA-256 of the key's DER, as `openssl pkey -pubin -outform DER | sha256sum` gives it."""
    return hashlib.sha256(_SPKI + public).hexdigest()


@cache
def _openssl_says(public: bytes, message: bytes, signature: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: str(Path(folder) / name) for name in ("key", "in", "sig")}
        for name, data in (("key", _SPKI + public), ("in", message), ("sig", signature)):
            Path(paths[name]).write_bytes(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths["key"]]
        command += ["-rawin", "-in", paths["in"], "-sigfile", paths["sig"]]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
        except OSError as error:
            raise Unusable("the command openssl is not here; it verifies the signatures") from error


@cache
def require_openssl() -> None:
    """Raise Unusable unless `openssl` tells a good signature from a bad one (RFC 8032, test 2)."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    if not _openssl_says(public, b"\x72", signature) or _openssl_says(public, b"\x73", signature):
        raise Unusable("this openssl does not verify Ed25519 (pkeyutl -rawin): version 3.0 or later does")


def _fit(signature: bytes) -> bool:
    below = int.from_bytes(signature[32:], "little") < _ORDER
    return len(signature) == 64 and below and not point_fault(signature[:32])


def verify_signature(
    public: bytes, message: bytes, signature: bytes, code: str = "SIGNATURE_INVALID"
) -> None:
    """Return when the key signed the message; refuse it under `code` otherwise."""
    good = check_key(public) and _fit(signature) and _openssl_says(public, message, signature)
    demand(good, code, f"key {key_id(public)[:16]} did not sign these bytes")


def verify_ahead(questions: Iterable[tuple[bytes, bytes, bytes]]) -> None:
    """Ask openssl about many signatures at once; the answers are kept for `verify_signature`."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        list(pool.map(lambda q: _openssl_says(*q), [q for q in questions if _fit(q[2])]))


# ---------------------------------------------------------------- 5. The tree (RFC 6962)


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _left_of(size: int) -> int:
    """Return how many of `size` leaves lie left: the largest power of two below it."""
    return 1 << ((size - 1).bit_length() - 1)


class Tree:
    """The tree over some leaves, and over the first of them."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self.hashes = hashes
        self._whole: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves; empty bytes when there are not so many."""
        if not 0 < size <= len(self.hashes):
            return b"" if size else hashlib.sha256(b"").digest()
        return self._over(0, size)

    def _over(self, start: int, end: int) -> bytes:
        size = end - start
        if size == 1:
            return self.hashes[start]
        if (start, end) not in self._whole:
            middle = start + _left_of(size)
            found = node_hash(self._over(start, middle), self._over(middle, end))
            if size & (size - 1):
                return found
            self._whole[start, end] = found
        return self._whole[start, end]


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which a path leads from leaf `index` of `size`; refuse a path of another length."""
    demand(0 <= index < size, "INCLUSION_INVALID", f"leaf {index} is not in a tree of {size} leaves")
    demand(all(len(step) == 32 for step in path), "TREE_MALFORMED", "a step of the path is not 32 bytes")
    demand(bool(path) == (size > 1), "INCLUSION_INVALID", "the path is too long or too short")
    if size == 1:
        return leaf
    left = _left_of(size)
    if index < left:
        return node_hash(root_by_path(leaf, index, left, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_path(leaf, index - left, size - left, path[:-1]))


# ---------------------------------------------------------------- 6. The archive and its lists

MAX_BUNDLE = 2 << 30
MAX_FILES = 60_000
_FILE_NAME = re.compile(r"(?=.{1,200}\Z)[a-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_END = struct.Struct("<4sHHHHIIH")


def read_archive(data: bytes) -> dict[str, bytes]:
    """Return the files of a zip that is in the one spelling a set of files has."""
    # Python's zipfile finds the entries; nothing it passes over survives building the archive again.
    entries = _entries(data)
    names = [entry.orig_filename for entry in entries]
    for name in names:
        demand(
            _FILE_NAME.fullmatch(name), "CONTAINER_NAME", f"{name[:80]!r} is no name of a file in a bundle"
        )
    demand(len(set(names)) == len(names), "CONTAINER_DUPLICATE_NAME", "a file is there twice")
    demand(
        len({n.casefold() for n in names}) == len(names), "CONTAINER_NAME", "two names differ in case only"
    )
    for e in entries:
        demand(e.external_attr >> 28 == 8, "CONTAINER_NOT_REGULAR", f"{e.filename!r} is not a regular file")
        demand(e.compress_type == 0, "CONTAINER_COMPRESSED", f"{e.filename!r} is compressed")
        same = e.compress_size == e.file_size
        demand(same, "CONTAINER_NOT_CANONICAL", f"{e.filename!r} states two sizes")
    fits = sum(entry.file_size for entry in entries) <= len(data)
    demand(fits, "CONTAINER_NOT_CANONICAL", "entries overlap")
    files = {name: _content(data, entry) for name, entry in zip(names, entries, strict=True)}
    demand(write_archive(files) == data, "CONTAINER_NOT_CANONICAL", "the archive is not in its one spelling")
    return files


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    demand(len(data) <= MAX_BUNDLE, "CONTAINER_TOO_LARGE", f"more than {MAX_BUNDLE} bytes")
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_535 - _END.size))
    demand(0 <= at <= len(data) - _END.size, "CONTAINER_UNREADABLE", "not a zip archive, or cut off")
    count, size = _END.unpack_from(data, at)[4:6]
    demand(count <= MAX_FILES, "CONTAINER_TOO_LARGE", f"more than {MAX_FILES} files")
    plain = size <= min(at, count * 300) and data[at - 20 : at - 16] != b"PK\x06\x07"
    demand(plain, "CONTAINER_UNREADABLE", "the archive's directory is damaged")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            demand(len(archive.infolist()) == count, "CONTAINER_UNREADABLE", "the directory is cut off")
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as error:
        raise Refused("CONTAINER_UNREADABLE", "the archive's directory is damaged") from error


def _content(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    start = entry.header_offset + 30 + len(entry.orig_filename)
    found = data[start : start + entry.file_size] if entry.header_offset >= 0 else b""
    # Junk before the first entry moves every offset: another spelling, not a damaged file.
    code = "CONTAINER_UNREADABLE" if data.startswith(b"PK\x03\x04") else "CONTAINER_NOT_CANONICAL"
    good = len(found) == entry.file_size and zlib.crc32(found) == entry.CRC
    demand(good, code, f"{entry.filename!r} is cut off or damaged")
    return found


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Return the one archive of `files`: stored, sorted, 1980-01-01, mode 0644, nothing besides."""
    body, directory, count = bytearray(), bytearray(), len(files)
    for name in sorted(files):
        data = files[name]
        sizes = (zlib.crc32(data), len(data), len(data), len(name), 0)
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, *sizes)
        attributes = struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body))
        directory += b"PK\x01\x02\x14\x03" + common + attributes + name.encode()
        body += b"PK\x03\x04" + common + name.encode() + data
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory) + end


_PLAIN = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


def read_path(path: Path) -> bytes:
    """Return the archive at `path`, or the one archive of the folder it was unpacked to."""
    target = Path(os.path.realpath(path, strict=True))  # a link that somebody names is theirs to name
    if not target.is_dir():
        return _read_file(target, MAX_BUNDLE, links=0)
    names, files, left = _names_in(target, ""), {}, MAX_BUNDLE
    demand(len(names) <= MAX_FILES, "CONTAINER_TOO_LARGE", f"more than {MAX_FILES} files")
    for name in names:
        files[name] = _read_file(target / name, left, links=1)
        left -= len(files[name])
    return write_archive(files)


def _names_in(folder: Path, above: str) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        listed = list(entries)
    for entry in listed:
        name = above + entry.name
        if entry.is_dir(follow_symlinks=False):
            flat = len(name) <= 200 and name.count("/") < 15
            demand(flat, "CONTAINER_NAME", f"{name[:80]!r} is too deep for a bundle")
            found += _names_in(folder / entry.name, f"{name}/")
        else:
            kind = entry.stat(follow_symlinks=False).st_mode
            demand(stat.S_ISREG(kind), "CONTAINER_NOT_REGULAR", f"{name!r} is not a regular file")
            demand(_FILE_NAME.fullmatch(name), "CONTAINER_NAME", f"{name!r} is no name of a file in a bundle")
            found.append(name)
    return found


def _read_file(path: Path, limit: int, *, links: int) -> bytes:
    regular = stat.S_ISREG(path.stat(follow_symlinks=False).st_mode)  # told before a device is opened
    demand(regular, "CONTAINER_NOT_REGULAR", f"{path.name!r} is not a regular file")
    with os.fdopen(os.open(path, _PLAIN), "rb") as stream:
        found = os.fstat(stream.fileno())
        plain = stat.S_ISREG(found.st_mode) and links in (0, found.st_nlink)
        demand(plain, "CONTAINER_NOT_REGULAR", f"{path.name!r} is not a regular file, or has two names")
        data = stream.read(limit + 1) if found.st_size <= limit else b""
    demand(found.st_size <= limit >= len(data), "CONTAINER_TOO_LARGE", f"more than {MAX_BUNDLE} bytes")
    return data


MANIFEST = "manifest-sha256.txt"
SSHSIG = "manifest-sha256.txt.sshsig"
STATEMENT = "bundle.dsse.json"
_TAGS = {"bagit.txt", "bag-info.txt", MANIFEST, STATEMENT, SSHSIG}


def read_bag(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files under `data/` when the lists (BagIt, RFC 8493) are those of the files."""
    payload = {name: data for name, data in files.items() if name.startswith("data/")}
    top, listed = set(files) - set(payload), {*_TAGS, "tagmanifest-sha256.txt"}
    demand(top >= listed, "FILE_MISSING", f"the bundle lacks {', '.join(sorted(listed - top))}")
    demand(top <= listed, "UNEXPECTED_FILE", f"the bundle holds {', '.join(sorted(top - listed))}")
    expected = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n".encode(),
        MANIFEST: _sums(payload),
        "tagmanifest-sha256.txt": _sums({name: files[name] for name in _TAGS}),
    }
    for name, data in expected.items():
        demand(files[name] == data, "MANIFEST_MISMATCH", f"{name} is not that of the files in the bundle")
    return payload


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{digest_of(files[name])[7:]}  {name}\n" for name in sorted(files)).encode()


# ---------------------------------------------------------------- 7. Envelopes, trust roots, policies

_KIND = "https://muniment.dev/predicate/"


@dataclass(frozen=True)
class Statement:
    """An in-toto statement in a DSSE envelope: what it says, about what, and who says to have signed it."""

    kind: str
    subjects: tuple[tuple[str, str], ...]
    predicate: Json
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def signed_bytes(self) -> bytes:
        """The bytes under the signatures (DSSE's encoding of type and payload)."""
        return b"DSSEv1 28 application/vnd.in-toto+json %d " % len(self.payload) + self.payload

    @property
    def signers(self) -> tuple[str, ...]:
        """The ids of the keys that say to have signed."""
        return tuple(keyid for keyid, _ in self.signatures)

    def verify(self, keys: Mapping[str, bytes]) -> None:
        """Refuse a signature by none of `keys`, or one that is not theirs."""
        for keyid, signature in self.signatures:
            demand(keyid in keys, "SIGNER_UNKNOWN", f"no enrolled key has the id {keyid[:80]!r}")
            verify_signature(keys[keyid], self.signed_bytes, signature)


def read_envelope(data: bytes) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """Return payload and signatures of a DSSE envelope."""
    value = read_shape("ENVELOPE", read_json(data), "ENVELOPE_MALFORMED")
    demand(value["payloadType"] == "application/vnd.in-toto+json", "PAYLOAD_TYPE", "expected a statement")
    demand(len(value["signatures"]) <= 64, "ENVELOPE_MALFORMED", "more than 64 signatures")
    signatures = tuple((row["keyid"], read_base64(row["sig"])) for row in value["signatures"])
    demand(len(dict(signatures)) == len(signatures), "DUPLICATE_SIGNATURE", "the same key signed twice")
    return read_base64(value["payload"]), signatures


def read_statement(data: bytes) -> Statement:
    """Return the statement in an envelope."""
    payload, signatures = read_envelope(data)
    value = read_json(payload)
    good = isinstance(value, dict) and set(value) == {"_type", "predicate", "predicateType", "subject"}
    good = (
        good and value["_type"] == "https://in-toto.io/Statement/v1" and isinstance(value["predicate"], dict)
    )
    demand(good, "STATEMENT_MALFORMED", "expected the four members of an in-toto Statement v1")
    uri = str(value["predicateType"])
    known = uri.startswith(_KIND) and uri.endswith("/v1")
    demand(known, "PREDICATE_UNKNOWN", f"unknown predicate type {uri[:120]!r}")
    rows = read_shape("SUBJECTS", value["subject"], "STATEMENT_MALFORMED")
    subjects = tuple((row["name"], f"sha256:{row['digest']['sha256']}") for row in rows)
    return Statement(uri[len(_KIND) : -3], subjects, value["predicate"], payload, signatures)


@dataclass(frozen=True)
class NoteKey:
    """A key that signs heads: the log's (algorithm 1), or a witness's, whose line holds a time (4)."""

    name: str
    public: bytes
    algorithm: int

    @property
    def tag(self) -> bytes:
        """The four bytes by which a line names the key."""
        data = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(data).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.tag.hex()}+{write_base64(bytes([self.algorithm]) + self.public)}"


def read_note_key(line: str, algorithm: int) -> NoteKey:
    """Return the key that a C2SP verifier key spells."""
    name, _, rest = line.partition("+")
    blob = read_base64(rest.partition("+")[2], "KEY_MALFORMED")
    found = NoteKey(name, blob[1:], algorithm)
    good = str(found) == line and len(blob) == 33 and re.fullmatch(r"[!-*,-~]{1,200}", name)
    demand(good, "KEY_MALFORMED", f"expected NAME+HASH+KEY, found {line[:120]!r}")
    check_key(found.public)
    return found


@dataclass(frozen=True)
class Root:
    """A trust root: who may sign what from its leaf on."""

    seq: int
    digest: str
    said: Json
    keys: dict[str, bytes]
    persons: dict[str, str]
    """Person by key."""
    services: dict[str, str]
    """Service by key."""
    roles: dict[str | None, list[Json]]
    """What a person may do, and where."""
    log_keys: list[NoteKey]
    witnesses: list[NoteKey]

    def holds(self, person: str | None, role: str, namespace: str, environment: str | None) -> bool:
        """Tell whether a person holds a role there; without an environment, in the namespace at all."""
        return any(
            row["role"] == role
            and not {"*", namespace}.isdisjoint(row["namespaces"])
            and (environment is None or not {"*", environment}.isdisjoint(row["environments"]))
            for row in self.roles.get(person, ())
        )

    def holds_everywhere(self, person: str | None, role: str) -> bool:
        """Tell whether a person holds a role for all namespaces and environments in one grant."""
        rows = [row for row in self.roles.get(person, ()) if row["role"] == role]
        return any("*" in row["namespaces"] and "*" in row["environments"] for row in rows)

    def root_persons(self, keyids: Iterable[str]) -> dict[str, str]:
        """Return, of the keys given, those of holders of the role root everywhere, with their persons."""
        found = {keyid: self.persons[keyid] for keyid in keyids if keyid in self.persons}
        return {keyid: person for keyid, person in found.items() if self.holds_everywhere(person, "root")}


def read_root(statement: Statement, seq: int) -> Root:
    """Return the trust root a statement spells, whole in itself; who signed it is asked elsewhere."""
    said = read_shape("ROOT", statement.predicate, "ROOT_MALFORMED")
    if "expires" in statement.predicate:
        read_time(said["expires"])
    people, machines, origin = said["persons"], said["services"], said["origin"]
    service = re.compile(r"(?!p-[0-9a-f]{16}\Z)[a-z0-9][a-z0-9._@+/:-]{0,199}")
    good = re.fullmatch(r"muniment\.dev/log/[0-9a-f]{32}", origin) is not None
    good = good and all(re.fullmatch(r"p-[0-9a-f]{16}", row["id"]) for row in people)
    good = good and all(service.fullmatch(row["id"]) for row in machines)
    ids = [row["id"] for row in (*people, *machines)]
    demand(good and len(set(ids)) == len(ids), "IDENTIFIER", "an id is in another form, or enrolled twice")
    known = {*REVIEW_ROLES, "policy", "root", "auditor"}
    roles = {role["role"] for row in people for role in row["roles"]}
    demand(roles <= known, "ROLE_UNKNOWN", f"unknown roles {sorted(roles - known)[:3]}")
    owners = [(_enrolled(key), row["id"]) for row in (*people, *machines) for key in row["keys"]]
    by_key = {key_id(public): owner for public, owner in owners}
    log_keys = [read_note_key(line, 1) for line in said["logKeys"]]
    witnesses = [read_note_key(line, 4) for line in said["witnesses"]]
    named = bool(log_keys) and all(key.name == origin for key in log_keys)
    demand(named, "ORIGIN_MISMATCH", "expected at least one log key, under the log's origin")
    names = [origin, *(key.name for key in witnesses)]
    demand(len(set(names)) == len(names), "IDENTIFIER", "a witness has a name of its own")
    public_keys = [public for public, _ in owners] + [key.public for key in (*log_keys, *witnesses)]
    demand(len(set(public_keys)) == len(public_keys), "KEY_SHARED", "one key is enrolled twice")
    found = Root(
        seq,
        digest_of(statement.payload),
        said,
        {key_id(public): public for public, _ in owners},
        {keyid: owner for keyid, owner in by_key.items() if not service.fullmatch(owner)},
        {keyid: owner for keyid, owner in by_key.items() if service.fullmatch(owner)},
        {row["id"]: row["roles"] for row in people},
        log_keys,
        witnesses,
    )
    holders, quorum = set(found.root_persons(found.keys).values()), said["witnessQuorum"]
    demand(
        said["rootThreshold"] <= len(holders), "ROOT_THRESHOLD", "the threshold is beyond the root holders"
    )
    demand(quorum <= len(witnesses), "WITNESS_QUORUM", "the quorum is higher than the number of witnesses")
    recovery, stamps = said["recovery"], [read_base64(item) for item in said["tsaRoots"]]
    demand(
        set(recovery) <= holders, "ROOT_RECOVERY", "a recovery person does not hold the role root everywhere"
    )
    good = all(data.startswith(b"\x30") and len(data) <= 16_384 for data in stamps) and len(witnesses) < 16
    good = good and all(len(set(items)) == len(items) for items in (recovery, stamps))
    demand(good, "ROOT_MALFORMED", "a witness, a recovery person or a time-stamping root is listed wrongly")
    about = statement.subjects == ((origin, digest_of(origin.encode())),)
    demand(about, "SUBJECT_MISMATCH", "the trust root's subject is not its origin")
    return found


def _enrolled(row: Json) -> bytes:
    demand(row["alg"] == "ed25519", "KEY_ALG_UNKNOWN", f"expected ed25519, found {row['alg'][:40]!r}")
    public = check_key(read_base64(row["public"]))
    demand(
        key_id(public) == row["keyid"], "KEYID_MISMATCH", f"{row['keyid'][:80]!r} is not the id of its key"
    )
    return public


def read_policy(predicate: Json) -> Json:
    """Return a policy set's content; of a check's kinds exactly one is there."""
    value: Json = read_shape("POLICY", predicate, "POLICY_MALFORMED")
    for rule in value["approval"]:
        rule["roles"] = {role: need for role, need in rule["roles"].items() if need is not None}
        demand(rule["roles"], "POLICY_MALFORMED", "an approval rule asks for nobody")
    for rule in value["checks"]:
        kinds = [(kind, body) for kind, body in rule["check"].items() if body is not None]
        good = len(kinds) == 1 and (kinds[0][0] != "lineage" or {*kinds[0][1].values()} != {None})
        demand(good, "POLICY_MALFORMED", f"check {rule['id']} asks for nothing, or for several things")
        rule["check"] = kinds[0]
    ids = {rule["id"] for rule in value["checks"]}
    demand(len(ids) == len(value["checks"]), "POLICY_MALFORMED", "two checks have the same id")
    return value


# ---------------------------------------------------------------- 8. The registry, record by record

_ITSELF = {"key-revoked", "key-suspended", "key-reinstated", "policy-set", "alias-added", "alias-removed"}
_ITSELF |= {"import", "seal"}
"""Types of records that are about the registry and no version."""
_SIGNED_BY = {  # every type of record, and who may sign it
    **dict.fromkeys(("trust-root", "key-revoked", "key-suspended", "key-reinstated", "override"), "root"),
    **dict.fromkeys(("version-registered", "run-linked", "link", "alias-added", "alias-removed"), "either"),
    **dict.fromkeys(
        ("evidence-added", "evidence-withdrawn", "evaluation-recorded", "bias-recorded"), "either"
    ),
    **dict.fromkeys(("monitoring-recorded", "risk-assessed", "review-requested"), "either"),
    **dict.fromkeys(("approval", "withdrawn", "break-glass"), "person"),
    **dict.fromkeys(("dossier-changed", "import", "seal", "bundle-exported", "redaction"), "service"),
    "policy-set": "policy",
}
_AUTHORITY = {"trust-root", "policy-set", "key-revoked", "key-suspended", "key-reinstated"}
_CHANGES_NO_STATUS = set(
    "import seal bundle-exported link run-linked redaction alias-added alias-removed".split()
)
_ABOUT_AUTHORITY = set(
    "NO_TRUST_ROOT SIGNER_UNKNOWN ROLE_MISSING POLICY_VERSION POLICY_NOT_IN_FORCE ROOT_VERSION "
    "ROOT_THRESHOLD_OLD KEY_SUSPENDED KEY_NOT_SUSPENDED BREAK_GLASS_REFUSED".split()
)
"""Refusals that prove nothing while a root, a policy set or a revocation is not here."""


@dataclass(frozen=True)
class Leaf:
    """One entry of the log."""

    seq: int
    type: str
    time: str
    body: str
    subjects: tuple[str, ...]


def read_leaf(data: bytes) -> Leaf:
    """Return the leaf that a line spells."""
    value = read_shape("LEAF", read_json(data, 65_535), "LEAF_MALFORMED")
    known = isinstance(value["type"], str) and value["type"] in _SIGNED_BY
    demand(known, "LEAF_TYPE_UNKNOWN", f"unknown record type {str(value['type'])[:80]!r}")
    return Leaf(
        value["seq"], value["type"], read_time(value["time"]), value["body"], tuple(value["subjects"])
    )


@dataclass(frozen=True)
class By:
    """Who signed a record, and where and when it was logged."""

    seq: int
    time: str
    keys: tuple[str, ...]
    person: str | None = None
    service: str | None = None


@dataclass(frozen=True)
class Policy:
    """A policy set and the leaf from which on it holds."""

    version: int
    digest: str
    value: Json
    by: By

    def rules(self, kind: str, namespace: str, environment: str, tier: str | None) -> list[Json]:
        """Return the rules (`approval` or `checks`) that cover such a version, in the order written.

        A version that is not assessed has no tier and is covered by `*` alone.
        """
        asked = (("namespaces", namespace), ("environments", environment), ("tiers", tier))
        return [
            r for r in self.value[kind] if all("*" in r[name] or value in r[name] for name, value in asked)
        ]


@dataclass(frozen=True)
class Version:
    """A registered version."""

    manifest: str
    name: str
    namespace: str
    artifact: str
    authors: tuple[str, ...]
    level: str
    by: By


@dataclass(frozen=True, eq=False)
class Act:
    """One record of a review; `about` is the dossier, or the envelope of the decision, that it is about."""

    kind: str
    by: By
    about: str
    envelope: str
    said: Json
    manifest: str
    environment: str
    policy: int = 0
    frozen: Json | None = None

    @property
    def person(self) -> str:
        """Who decides, takes back or breaks the glass."""
        return str(self.said["reviewer"])


@dataclass(frozen=True)
class Fact:
    """Evidence, an evaluation, a bias check, a report of monitoring or a risk assessment of a version."""

    kind: str
    digest: str
    said: Json
    by: By
    withdrawn: bool = False


@dataclass(frozen=True)
class Record:
    """A record whose bytes, leaf and signatures agree."""

    leaf: Leaf
    statement: Statement
    by: By

    def demand(self, good: Any, code: str, message: str) -> None:
        """Refuse the record when something about it is not `good`."""
        demand(good, code, f"{self.leaf.type} at leaf {self.leaf.seq}: {message}")

    def said(self) -> Json:
        """Return the predicate in its shape."""
        return dict(read_shape(self.leaf.type, self.statement.predicate, "PREDICATE_MALFORMED"))


@dataclass
class Registry:
    """What the records amount to so far. A record that is not what it should be counts for nothing."""

    origin: str
    bodies: Mapping[str, bytes]
    time: str = ""
    roots: list[Root] = field(default_factory=list)
    revoked: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Of a dead key: the leaf that says so, and the leaf from which on what it signed is void."""
    suspended: set[str] = field(default_factory=set)
    reinstated: dict[str, By] = field(default_factory=dict)
    reviews: dict[tuple[str, str], "Review"] = field(default_factory=dict)
    """How far each review was replayed; only a revocation, which may reach back, begins one anew."""
    policies: dict[int, Policy] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    acts: dict[tuple[str, str], list[Act]] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    erased: dict[str, tuple[Leaf, Json]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    problems: list[tuple[Leaf, str, str]] = field(default_factory=list)
    missing: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    # What is asked of it.

    @property
    def itself(self) -> tuple[str, str]:
        """The subject of records about the registry."""
        return self.origin, digest_of(self.origin.encode())

    @property
    def root(self) -> Root:
        """The trust root in force."""
        return self.roots[-1]

    def is_void(self, by: By) -> bool:
        """Tell whether a compromised key signed the record within the reach of its revocation."""
        reaches = [self.revoked[key][1] for key in by.keys if key in self.revoked]
        return any(reach is not None and by.seq >= reach for reach in reaches)

    def policies_after(self, version: int) -> list[Policy]:
        """Return the later policy sets that no compromised key signed, oldest first."""
        return [p for n, p in sorted(self.policies.items()) if n > version and not self.is_void(p.by)]

    def policy_in_force(self) -> Policy | None:
        """Return the newest policy set that no compromised key signed."""
        return next(reversed(self.policies_after(0)), None)

    def version(self, manifest: str) -> Version | None:
        """Return the version registered under the manifest, if its registration stands."""
        found = self.versions.get(manifest)
        return None if found is None or self.is_void(found.by) else found

    def documents(self, manifest: str, kind: str) -> list[Fact]:
        """Return the recorded documents of one kind that no compromised key signed, in log order."""
        return [f for f in self.facts.get(manifest, ()) if f.kind == kind and not self.is_void(f.by)]

    def risk(self, manifest: str, before: int = MAX_INTEGER) -> Fact | None:
        """Return the latest standing risk assessment before a leaf."""
        return next((f for f in reversed(self.documents(manifest, "risk")) if f.by.seq < before), None)

    def evidence(self, manifest: str, before: int = MAX_INTEGER) -> dict[str, Fact]:
        """Return the evidence that is neither withdrawn nor replaced before a leaf, by digest."""
        live: dict[str, Fact] = {}
        for fact in (f for f in self.documents(manifest, "evidence") if f.by.seq < before):
            live.pop(fact.digest if fact.withdrawn else fact.said["replaces"], None)
            live |= {} if fact.withdrawn else {fact.digest: fact}
        return live

    # Taking a record.

    def take(self, leaf: Leaf, envelope: bytes | None) -> None:
        """Let one record change what is known, or note why it does not count."""
        late, self.time = leaf.time < self.time, max(self.time, leaf.time)
        try:
            demand(not late, "LEAF_TIME", f"leaf {leaf.seq} is older than the one before")
            demand(envelope is not None, "BODY_MISSING", "the record is not here")
            self._read(leaf, envelope or b"")
        except Refused as refusal:
            unproved = refusal.code in _ABOUT_AUTHORITY and self.itself[1] in self.missing
            if refusal.code != "BODY_MISSING" and not unproved:
                self.problems.append((leaf, refusal.code, refusal.message))
            elif leaf.type not in _CHANGES_NO_STATUS:
                for subject in leaf.subjects:
                    self.missing.setdefault(subject, []).append((leaf.seq, leaf.type))

    def _read(self, leaf: Leaf, envelope: bytes) -> None:
        # 1. The leaf commits to exactly these bytes, names their type and lists their subjects.
        demand(
            digest_of(envelope) == leaf.body, "BODY_DIGEST", f"the body of leaf {leaf.seq} has another digest"
        )
        statement = read_statement(envelope)
        demand(statement.kind == leaf.type, "LEAF_TYPE_MISMATCH", f"leaf {leaf.seq} says {leaf.type}")
        listed = tuple(dict.fromkeys(digest for _, digest in statement.subjects)) == leaf.subjects
        demand(listed, "SUBJECT_MISMATCH", f"leaf {leaf.seq} does not list its statement's subjects")
        # 2. Nothing is said twice: a second time would restore what was taken back since.
        code = "APPROVAL_REPLAYED" if leaf.type == "approval" else "RECORD_REPLAYED"
        demand(leaf.body not in self.seen, code, f"leaf {leaf.seq} logs an envelope that was logged before")
        self.seen.add(leaf.body)
        # 3. Keys in force signed it.
        if leaf.type == "trust-root":
            self._take_root(leaf, statement)
            return
        demand(self.roots, "NO_TRUST_ROOT", f"leaf {leaf.seq} comes before any trust root")
        record = Record(leaf, statement, self._signed_by(leaf, statement))
        # 4. What it says is allowed, and is kept.
        about = leaf.type not in _ITSELF or statement.subjects == (self.itself,)
        record.demand(about, "SUBJECT_MISMATCH", "expected the registry itself as the only subject")
        getattr(self, f"_take_{leaf.type.replace('-', '_')}", self._take_other)(record)

    def _signed_by(self, leaf: Leaf, statement: Statement) -> By:
        for keyid in statement.signers:
            demand(keyid not in self.revoked, "KEY_REVOKED", f"leaf {leaf.seq} is signed by a revoked key")
            # A suspended key helps to say that a key may sign again: one person must not lock out all.
            free = keyid not in self.suspended or leaf.type == "key-reinstated"
            demand(free, "KEY_SUSPENDED", f"leaf {leaf.seq} is signed by a suspended key")
        statement.verify(self.root.keys)
        one = len(statement.signers) == 1 or _SIGNED_BY[leaf.type] == "root"
        demand(one, "SIGNER_COUNT", f"leaf {leaf.seq}: expected 1 signature, found {len(statement.signers)}")
        first = statement.signers[0]
        return By(leaf.seq, leaf.time, (first,), self.root.persons.get(first), self.root.services.get(first))

    def _allow(self, record: Record, namespace: str, environment: str | None = None) -> None:
        """Refuse what neither a service may sign nor a person with a role in reviews did."""
        by, signer = record.by, _SIGNED_BY[record.leaf.type]
        if by.service is None or signer not in ("service", "either"):
            held = any(self.root.holds(by.person, role, namespace, environment) for role in REVIEW_ROLES)
            record.demand(held and signer != "service", "ROLE_MISSING", f"its signer may not in {namespace}")

    def _about(self, record: Record, second: str = "") -> tuple[Version, str]:
        """Return the version of the first subject and the digest of the second, matched by their names."""
        (name, manifest), *others = record.statement.subjects
        named = [other for other, _ in others] == ([second] if second else [])
        record.demand(named, "SUBJECT_MISMATCH", f"expected the subjects version and {second or 'no more'}")
        found = self.versions.get(manifest)
        unread = found is None and "version-registered" in {w for _, w in self.missing.get(manifest, ())}
        record.demand(not unread, "BODY_MISSING", "the registration of its version is not here")
        if found is None or found.name != name or self.is_void(found.by):
            raise Refused("SUBJECT_MISMATCH", f"leaf {record.leaf.seq}: no version {name[:160]!r} stands")
        return found, others[0][1] if others else ""

    # Authority: trust roots, dead and suspended keys, policy sets.

    def _take_root(self, leaf: Leaf, statement: Statement) -> None:
        made, before = read_root(statement, leaf.seq), self.roots[-1:]
        demand(made.said["origin"] == self.origin, "ORIGIN_MISMATCH", "the trust root is another registry's")
        expected = before[0].said["version"] + 1 if before else 1
        demand(
            made.said["version"] == expected, "ROOT_VERSION", f"expected version {expected} of the trust root"
        )
        statement.verify({**made.keys, **(before[0].keys if before else {})})
        signed = set(statement.signers) - set(self.revoked) - self.suspended
        codes = ("ROOT_THRESHOLD_OLD", "ROOT_THRESHOLD_NEW") if before else ("ROOT_THRESHOLD",)
        for code, root in zip(codes, [*before, made], strict=True):
            enough = len(set(root.root_persons(signed).values())) >= root.said["rootThreshold"]
            demand(enough, code, f"expected {root.said['rootThreshold']} root holders to sign")
        self.roots.append(made)

    def _root_threshold(self, record: Record) -> By | None:
        """Return who signed when enough root persons did; every one of their keys is remembered."""
        signed = self.root.root_persons(record.statement.signers)
        if len(set(signed.values())) < self.root.said["rootThreshold"]:
            return None
        return By(record.leaf.seq, record.leaf.time, tuple(signed), next(iter(signed.values())))

    def _known_key(self, record: Record, keyid: str) -> None:
        known = any(keyid in root.keys for root in self.roots)
        record.demand(known, "SIGNER_UNKNOWN", "the key it names was never enrolled")

    def _take_key_revoked(self, record: Record) -> None:
        said, seq, by_root = record.said(), record.leaf.seq, self._root_threshold(record) is not None
        keyid = said["keyid"]
        allowed = by_root or record.statement.signers == (keyid,)
        record.demand(allowed, "ROLE_MISSING", "neither enough root holders nor the key itself signed it")
        self._known_key(record, keyid)
        # A key that revokes itself reaches no further back than here: a thief could erase what it signed.
        reach = None if said["reason"] != "compromised" else min(said["fromIndex"], seq) if by_root else seq
        before = self.revoked.get(keyid, (0, None))[1]
        # A second word may reach further back; it takes nothing of the first one back.
        if before is None or (reach is not None and reach < before):
            self.revoked[keyid] = (seq, reach)
        for root in self.roots[1:]:
            if reach is not None and root.seq >= reach:
                message = f"trust root {root.said['version']} came after the key was compromised"
                self.problems.append((record.leaf, "ROOT_AFTER_COMPROMISE", message))
        for other in [keyid for keyid, by in self.reinstated.items() if self.is_void(by)]:
            self.suspended.add(other)
            del self.reinstated[other]
            message = f"a compromised key reinstated the key {other[:16]}: it is suspended again"
            self.problems.append((record.leaf, "ROOT_AFTER_COMPROMISE", message))

    def _take_key_suspended(self, record: Record) -> None:
        keyid, signed = record.said()["keyid"], self.root.root_persons(record.statement.signers)
        record.demand(signed, "ROLE_MISSING", "its signer does not hold the role root everywhere")
        self._known_key(record, keyid)
        self.suspended.add(keyid)

    def _take_key_reinstated(self, record: Record) -> None:
        keyid, by = record.said()["keyid"], self._root_threshold(record)
        record.demand(
            by and set(by.keys) != {keyid}, "ROLE_MISSING", "too few root holders, or the key itself"
        )
        record.demand(keyid in self.suspended, "KEY_NOT_SUSPENDED", "the key it names is not suspended")
        self.suspended.remove(keyid)
        self.reinstated |= {keyid: by} if by else {}

    def _take_policy_set(self, record: Record) -> None:
        held = self.root.holds_everywhere(record.by.person, "policy")
        record.demand(held, "ROLE_MISSING", "its signer does not hold the role policy everywhere")
        value = read_policy(record.statement.predicate)
        version, expected = value["version"], max(self.policies, default=0) + 1
        record.demand(version == expected, "POLICY_VERSION", f"expected version {expected}, found {version}")
        self.policies[version] = Policy(version, digest_of(record.statement.payload), value, record.by)

    # Versions and what is known of them.

    def _take_version_registered(self, record: Record) -> None:
        said, by, subjects = record.said(), record.by, record.statement.subjects
        name, manifest = subjects[0]
        parts = re.fullmatch(rf"({_NAME})/({_NAME})@([1-9][0-9]{{0,8}})", name)
        if parts is None:
            raise Refused("SUBJECT_MISMATCH", f"{name[:160]!r} names no version")
        self._allow(record, parts[1])
        good = len(subjects) in (2, 3) and subjects[1][0] == "artifact"
        record.demand(good, "SUBJECT_MISMATCH", "expected the subjects version, artifact and perhaps file")
        fresh = manifest not in self.versions and name not in self.names
        record.demand(fresh, "VERSION_REUSED", f"{name} was registered before")
        body = self.bodies.get(manifest)
        if body is None:
            self.missing.setdefault(manifest, []).append((record.leaf.seq, "manifest"))
        else:
            self._match_manifest(record, manifest, body, (parts[1], parts[2], int(parts[3])))
        authors = dict.fromkeys([*said["authors"], *([by.person] if by.person else [])])
        about = (manifest, name, parts[1], subjects[1][1])
        self.versions[manifest] = Version(*about, tuple(authors), said["artifactLevel"], by)
        self.names.add(name)

    def _match_manifest(self, record: Record, manifest: str, body: bytes, name: tuple[str, str, int]) -> None:
        record.demand(digest_of(body) == manifest, "BODY_DIGEST", "the manifest has another digest")
        said = read_shape("MANIFEST", read_json(body), "MANIFEST_MALFORMED")
        paths = [file["path"] for file in said["files"]]
        demand(paths == sorted(paths, key=str.encode), "MANIFEST_MALFORMED", "the files are not sorted")
        record.demand(
            said["registry"] == self.origin, "ORIGIN_MISMATCH", "its manifest is another registry's"
        )
        expected = [digest_of(write_json(said["files"]))]
        expected += [f"sha256:{said['files'][0]['sha256']}"] if len(paths) == 1 else []
        same = (said["namespace"], said["name"], said["version"]) == name
        same &= [digest for _, digest in record.statement.subjects[1:]] == expected
        record.demand(same, "SUBJECT_MISMATCH", "its subjects are not what the manifest says")

    def _take_run_linked(self, record: Record) -> None:
        self._allow(record, self._about(record)[0].namespace)
        record.said()

    def _take_evidence_added(self, record: Record) -> None:
        version, digest = self._about(record, "evidence")
        self._allow(record, version.namespace)
        known = self.facts.setdefault(version.manifest, [])
        gone = [f for f in known if f.kind == "evidence" and f.digest == digest][-1:]
        back = gone and gone[0].withdrawn and gone[0].by.person is not None and record.by.person is None
        said = record.said()
        record.demand(not back, "ROLE_MISSING", "a person withdrew it: a service does not put it back")
        known.append(Fact("evidence", digest, said, record.by))

    def _take_evidence_withdrawn(self, record: Record) -> None:
        version, digest = self._about(record, "evidence")
        self._allow(record, version.namespace)
        said, stands = record.said(), digest in self.evidence(version.manifest)
        record.demand(stands, "SUBJECT_MISMATCH", "no such document stands as evidence for the version")
        self.facts[version.manifest].append(Fact("evidence", digest, said, record.by, withdrawn=True))

    def _take_document(self, record: Record) -> None:
        version, digest = self._about(record, "document")
        self._allow(record, version.namespace)
        said, kind, now = record.said(), record.leaf.type.partition("-")[0], self.risk(version.manifest)
        if kind == "risk" and now is not None and RANK[said["tier"]] < RANK[now.said["tier"]]:
            # Anybody may raise a tier; a lower one loosens the rules, so a risk approver signs it.
            held = self.root.holds(record.by.person, "risk-approver", version.namespace, None)
            record.demand(held, "ROLE_MISSING", "only a risk approver lowers a tier")
        self.facts.setdefault(version.manifest, []).append(Fact(kind, digest, said, record.by))

    _take_evaluation_recorded = _take_bias_recorded = _take_document
    _take_monitoring_recorded = _take_risk_assessed = _take_document

    # Reviews: each record is checked against the log, kept, and then asked of the review whether it counts.

    def _take_review_requested(self, record: Record) -> None:
        version, dossier = self._about(record, "dossier")
        said = record.said()
        self._allow(record, version.namespace, said["environment"])
        age = clock(record.leaf.time) - clock(said["evaluatedAt"])
        record.demand(age >= timedelta(0), "POSTDATED", "evaluatedAt is later than its leaf")
        record.demand(age <= timedelta(minutes=15), "BACKDATED", "evaluatedAt is over 15 minutes older")
        policy = self.policy_in_force()
        if policy is None or said["policySet"] != {"version": policy.version, "digest": policy.digest}:
            raise Refused("POLICY_NOT_IN_FORCE", f"leaf {record.leaf.seq}: its policy set is not in force")
        body, frozen = self.bodies.get(dossier), None
        if body is not None:
            record.demand(digest_of(body) == dossier, "BODY_DIGEST", "the dossier has another digest")
            frozen = read_dossier(body)
            self._match_dossier(record, version, said, frozen, policy)
        self._append(record, version, "request", dossier, said, policy=policy.version, frozen=frozen)

    def _match_dossier(
        self, record: Record, version: Version, said: Json, frozen: Json, policy: Policy
    ) -> None:
        about, manifest = frozen["subject"], version.manifest
        name = f"{about['namespace']}/{about['name']}@{about['version']}"
        asked = (version.name, manifest, said["environment"])
        same = (name, about["manifest"], frozen["environment"]) == asked
        record.demand(same, "SUBJECT_MISMATCH", "the dossier is about another version or environment")
        same = all(frozen[part] == said[part] for part in ("evaluatedAt", "policySet"))
        record.demand(same, "DOSSIER_MISMATCH", "dossier and request differ in time or policy set")
        typed = {rule["id"] for rule in policy.value["checks"]}
        attested = {row["rule"] for row in frozen["checks"] if row["by"] == "attested"}
        record.demand(not typed & attested, "DOSSIER_MISMATCH", "a check that is computed is attested")
        if self.missing.get(manifest):
            return  # what the log knows of the version is incomplete here
        risk, evidence = self.risk(manifest), self.evidence(manifest)
        same = frozen["risk"] == (risk and {"assessment": risk.digest, "tier": risk.said["tier"]})
        for row in frozen["evidence"]:
            fact = evidence.get(row["digest"])
            same &= fact is not None and all(fact.said[n] == row[n] for n in ("kind", "level", "validUntil"))
        latest = {(f.said["attribute"], f.said["rule"]): f.digest for f in self.documents(manifest, "bias")}
        same &= set(frozen["biasChecks"]) == set(latest.values())
        for part, kind in (("evaluations", "evaluation"), ("monitoring", "monitoring")):
            same &= set(frozen[part]) == {f.digest for f in self.documents(manifest, kind)}
        record.demand(same, "DOSSIER_MISMATCH", "risk, evidence or checks are not those that the log holds")

    def _in_person(self, record: Record, said: Json) -> None:
        record.demand(record.by.person == said["reviewer"], "REVIEWER_MISMATCH", "another person signed it")

    def _in_role(self, record: Record, version: Version, said: Json) -> None:
        self._in_person(record, said)
        held = self.root.holds(said["reviewer"], said["role"], version.namespace, said["environment"])
        record.demand(held and said["role"] in REVIEW_ROLES, "ROLE_MISSING", f"not {said['role'][:80]} there")

    def _take_approval(self, record: Record) -> None:
        version, dossier = self._about(record, "dossier")
        said, leaf = record.said(), record.leaf
        seen = said["logContext"]
        self._in_role(record, version, said)
        record.demand(seen["origin"] == self.origin, "APPROVAL_OTHER_REGISTRY", "decided over another log")
        record.demand(
            seen["treeSize"] <= leaf.seq, "LOG_CONTEXT_FORK", "it saw leaves that come after its own"
        )
        # After its dossier was computed, before its leaf, and logged as soon as the policy set asks.
        record.demand(said["decidedAt"] <= leaf.time, "POSTDATED", "decidedAt is later than its leaf")
        for act in self.acts.get((version.manifest, said["environment"]), ()):
            if act.kind == "request" and act.about == dossier:
                hours = timedelta(hours=self.policies[act.policy].value["decisionWithinHours"])
                good = clock(leaf.time) - clock(said["decidedAt"]) <= hours
                good &= said["decidedAt"] >= act.said["evaluatedAt"]
                record.demand(good, "BACKDATED", "decidedAt is before its dossier, or too long ago")
        self._append(record, version, "decision", dossier, said)

    def _take_withdrawn(self, record: Record) -> None:
        version, decision = self._about(record, "decision")
        said = record.said()
        self._in_person(record, said)
        self._append(record, version, "withdrawal", decision, said)

    def _take_override(self, record: Record) -> None:
        version, decision = self._about(record, "decision")
        said, by = record.said(), self._root_threshold(record)
        record.demand(by, "ROLE_MISSING", "too few root persons signed it")
        self._append(
            Record(record.leaf, record.statement, by or record.by), version, "override", decision, said
        )

    def _take_break_glass(self, record: Record) -> None:
        version, _ = self._about(record)
        said, policy = record.said(), self.policy_in_force()
        self._in_role(record, version, said)
        found = Standing(self, version.manifest, said["environment"], record.leaf.time)
        allowed = may_break_glass(found, said, record.leaf.time)
        self._judge(record, version, None if allowed else "BREAK_GLASS_REFUSED")
        self._append(record, version, "break-glass", "", said, policy=policy.version if policy else 0)

    def _take_dossier_changed(self, record: Record) -> None:
        version, base = self._about(record, "dossier")
        said = record.said()
        self._allow(record, version.namespace, said["environment"])
        acts = self.acts.get((version.manifest, said["environment"]), ())
        known = said["base"] == base and any(a.kind == "request" and a.about == base for a in acts)
        self._judge(record, version, None if known else "SUBJECT_MISMATCH")
        record.demand(said["through"] < record.leaf.seq, "CHANGE_AHEAD", "it speaks of a leaf not before it")
        self._append(record, version, "change", base, said)

    def _append(
        self, record: Record, version: Version, kind: str, about: str, said: Json, **more: Any
    ) -> None:
        where = (version.manifest, said["environment"])
        act = Act(kind, record.by, about, record.leaf.body, said, *where, **more)
        self.acts.setdefault(where, []).append(act)
        # It is kept even when it does not count, so that it can be shown with its reason.
        self._judge(record, version, None if kind == "change" else self._why_void(where, act))

    def _why_void(self, where: tuple[str, str], act: Act) -> str | None:
        found = self.reviews.get(where)
        if found is None or found.revoked != self.revoked:
            found = self.reviews[where] = Review(self, *where)
        found.follow()
        return found.void.get(act.by.seq)

    def _judge(self, record: Record, version: Version, code: str | None) -> None:
        # While a record about the version is not here, its absence is not held against another one.
        unread = any(what != "manifest" for _, what in self.missing.get(version.manifest, ()))
        record.demand(code is None, "BODY_MISSING" if unread else str(code), "it does not count")

    # All else: that the right key signed it is checked.

    def _take_redaction(self, record: Record) -> None:
        self._take_other(record)
        said, subjects = record.said(), record.statement.subjects
        named = [name for name, _ in subjects] == ["redacted"]
        record.demand(named, "SUBJECT_MISMATCH", "expected the erased body as the only subject")
        good = (said["what"] == "envelope") == (said["leaf"] is not None)
        good = good and (said["leaf"] is None or said["leaf"] < record.leaf.seq)
        record.demand(good, "PREDICATE_MALFORMED", "an erased record, and nothing else, names its leaf")
        self.erased.setdefault(subjects[0][1], (record.leaf, said))

    def _take_other(self, record: Record) -> None:
        allowed = _SIGNED_BY[record.leaf.type] != "service" or record.by.service is not None
        record.demand(allowed, "ROLE_MISSING", "a person signed what the registry's service must sign")


# ---------------------------------------------------------------- 9. Reviews: what stands

Cause = tuple[str, str, str]
"""A part of a dossier that is no longer what was reviewed, why, and since when."""
Counts = list[tuple[str, int, int]]
"""Per role how many persons it has, and how many it needs."""


@dataclass(eq=False)
class Asked:
    """A request that counts, and what became of its dossier."""

    act: Act
    closed_by: int | None = None
    granted: bool = False
    changes: tuple[Cause, ...] = ()
    changed_by: int | None = None


class Review:
    """One version's review in one environment: its acts replayed, without what compromised keys signed.

    A new request closes the open one; a decision on a closed dossier, or on one that had changed, is void,
    but a rejection never is. A decision replaces its signer's earlier one on the same dossier, where an
    approval in a second role joins the first. A rejection or a withdrawal ends all that its signer approved,
    and a rejection lives until its signer decides anew or withdraws, or the root threshold overrides it.
    """

    def __init__(self, registry: Registry, manifest: str, environment: str) -> None:
        self.registry, self.acts = registry, registry.acts.get((manifest, environment), [])
        self.void: dict[int, str] = {}
        """Why an act does not count, by its leaf."""
        self.asked: dict[str, Asked] = {}
        self.open: Asked | None = None
        self.decisions: dict[str, Act] = {}
        """Every decision by its envelope, void ones too."""
        self.live: dict[int, Act] = {}
        self.rejections: dict[str, Act] = {}
        self.lifted_by: int | None = None
        self.overridden: list[Act] = []
        self.glasses: dict[str, tuple[Act, int | None]] = {}
        """Every break-glass that counts by its envelope, and the leaf that ended it."""
        self.state, self.granted, self.blocked = "draft", False, False
        self.revoked, self.followed = dict(registry.revoked), 0
        self.follow()

    def follow(self) -> None:
        """Take the acts that came after those that were taken before."""
        for act in self.acts[self.followed :]:
            code = "KEY_REVOKED" if self.registry.is_void(act.by) else None
            if act.kind == "decision":
                self.decisions.setdefault(act.envelope, act)
            code = code or getattr(self, "_" + act.kind.replace("-", "_"))(act)
            self.void |= {act.by.seq: code} if code else {}
            self._move(requested=act.kind == "request" and code is None)
        self.followed = len(self.acts)

    # What is asked of it.

    def approvals(self, dossier: str) -> list[Act]:
        """Return the approvals of a dossier that stand, in log order."""
        return [a for a in self.live.values() if a.about == dossier and a.said["decision"] == "approve"]

    def rule(self, asked: Asked) -> Json | None:
        """Return the approval rule of the policy set under which a dossier was frozen."""
        return rule_under(self.registry, asked.act, asked.act.policy)

    def is_full(self, asked: Asked, approvals: list[Act] | None = None) -> bool:
        """Tell whether these approvals, or all that stand, fill a dossier's quorum, whatever blocks it."""
        found = self.approvals(asked.act.about) if approvals is None else approvals
        return full(count_roles(self.registry, self.rule(asked), asked.act, found))

    def rejected(self, asked: Asked) -> bool:
        """Tell whether a live rejection blocks the dossier by its own rule."""
        rule = self.rule(asked)
        return bool(self.rejections) and (rule is None or bool(rule["rejectionBlocks"]))

    # One act each; returned is why it does not count.

    def _believed(self, policy: int) -> bool:
        found = self.registry.policies.get(policy)
        return found is not None and not self.registry.is_void(found.by)

    def _request(self, act: Act) -> str | None:
        if not self._believed(act.policy):
            return "KEY_REVOKED"
        if act.about in self.asked:
            return "REQUEST_REPEATED"
        if self.open is not None:
            self.open.closed_by = act.by.seq
        self.open = self.asked[act.about] = Asked(act)
        return None

    def _decision(self, act: Act) -> str | None:
        word, code = act.said["decision"], self._why_void(act)
        if code is not None:
            return code
        for earlier in [a for a in self.live.values() if a.person == act.person]:
            joins = word == earlier.said["decision"] == "approve" and act.said["role"] != earlier.said["role"]
            if word == "reject" or (earlier.about == act.about and not joins):
                del self.live[earlier.by.seq]
        self._lift(act.person, act.by.seq)
        self.live[act.by.seq] = act
        self.rejections |= {act.person: act} if word == "reject" else {}
        return None

    def _why_void(self, act: Act) -> str | None:
        asked = self.asked.get(act.about)
        if act.said["decision"] == "reject" and self._was_asked(act):
            return None  # no new request, change told before, or voided request silences it
        if asked is None:
            return "SUBJECT_MISMATCH"
        if asked.closed_by is not None:
            return "DOSSIER_CLOSED"
        if asked.changes or seen_changes(self.registry, asked.act, act.by.seq):
            return "DOSSIER_CHANGED"
        rule = self.rule(asked)
        own = (
            rule is not None and rule["excludeAuthors"] and act.person in authors_of(self.registry, asked.act)
        )
        return "SEPARATION_OF_DUTIES" if own and act.said["decision"] == "approve" else None

    def _was_asked(self, act: Act) -> bool:
        asked = (a for a in self.acts if a.kind == "request" and a.about == act.about)
        return any(a.by.seq < act.by.seq for a in asked)

    def _withdrawal(self, act: Act) -> str | None:
        glass, ended = self.glasses.get(act.about, (None, None))
        found = glass or self.decisions.get(act.about)
        if found is None or found.person != act.person:
            return "SUBJECT_MISMATCH" if found is None else "ROLE_MISSING"
        if glass is not None:
            self.glasses[act.about] = (glass, act.by.seq if ended is None else ended)
        else:
            self.live = {seq: a for seq, a in self.live.items() if a.person != act.person}
            self._lift(act.person, act.by.seq)
        return None

    def _override(self, act: Act) -> str | None:
        found = self.decisions.get(act.about)
        if found is None or self.rejections.get(found.person) is not found:
            return "SUBJECT_MISMATCH"
        self._lift(found.person, act.by.seq)
        self.overridden.append(act)
        return None

    def _break_glass(self, act: Act) -> str | None:
        if not self._believed(act.policy):
            return "KEY_REVOKED"
        self.glasses[act.envelope] = (act, None)
        return None

    def _change(self, act: Act) -> None:
        asked = self.asked.get(act.about)
        if asked is not None:
            since = {(part, cause): time for part, cause, time in asked.changes}
            told = [(row["part"], row["cause"]) for row in act.said["parts"]]
            asked.changes = tuple((*key, since.get(key, act.by.time)) for key in told)
            asked.changed_by = act.by.seq

    def _lift(self, person: str, seq: int) -> None:
        rejection = self.rejections.pop(person, None)
        if rejection is not None:
            self.lifted_by = seq
            self.live.pop(rejection.by.seq, None)

    def _move(self, *, requested: bool) -> None:
        """Note which dossiers are granted now, and where the version stands."""
        granted = [asked for asked in self.asked.values() if self.is_full(asked) and not self.rejected(asked)]
        for asked in granted:
            asked.granted = True
        blocked = self.open is not None and self.rejected(self.open)
        for happened, moves in (
            (requested, {"draft": "in-review", "rejected": "in-review"}),
            (self.granted and not granted, {"approved": "in-review"}),
            (blocked and not self.blocked, {"in-review": "rejected"}),
            (self.blocked and not blocked, {"rejected": "in-review"}),
            (granted, {"in-review": "approved"}),
        ):
            self.state = moves.get(self.state, self.state) if happened else self.state
        self.granted, self.blocked = bool(granted), blocked


def rule_under(registry: Registry, request: Act, policy: int) -> Json | None:
    """Return the first approval rule of a policy set that covers a request."""
    version, found = registry.versions[request.manifest], registry.policies[policy]
    rules = found.rules("approval", version.namespace, request.environment, tier_of(request.frozen))
    return rules[0] if rules else None


def authors_of(registry: Registry, request: Act) -> set[str | None]:
    """Return everybody the reviewed version is by."""
    frozen = (request.frozen or {}).get("authors", ())
    return {*registry.versions[request.manifest].authors, *frozen, request.by.person}


def count_roles(registry: Registry, rule: Json | None, request: Act, approvals: Iterable[Act]) -> Counts:
    """Return how full a quorum is when every slot of every role takes another person.

    A maximum matching: persons in the order of their ids take a free slot, or one whose holder can move.
    """
    if rule is None:
        return []
    kept_out = authors_of(registry, request) if rule["excludeAuthors"] else set()
    roles: dict[str, set[str]] = {}
    for act in approvals:
        if act.person not in kept_out:
            roles.setdefault(act.person, set()).add(act.said["role"])
    need: dict[str, int] = rule["roles"]
    slots = [role for role in sorted(need) for _ in range(need[role])]
    holder: dict[int, str] = {}

    def place(person: str, tried: set[int]) -> bool:
        for slot, role in enumerate(slots):
            if role in roles[person] and slot not in tried:
                tried.add(slot)
                if slot not in holder or place(holder[slot], tried):
                    holder[slot] = person
                    return True
        return False

    for person in sorted(roles):
        place(person, set())
    have = Counter(slots[slot] for slot in holder)
    return [(role, have[role], need[role]) for role in sorted(need)]


def full(counts: Counts) -> bool:
    """Tell whether every role has what it needs; where no rule asks for anybody nothing is full."""
    return bool(counts) and all(have >= need for _, have, need in counts)


def seen_changes(registry: Registry, request: Act, before: int = MAX_INTEGER) -> list[Cause]:
    """Return the changes the log shows by itself since a freeze: evidence lost, the tier raised.

    Evidence that a person took away since then stays lost to this dossier, whoever adds it again.
    """
    if request.frozen is None:
        return []
    found, standing = [], registry.evidence(request.manifest, before)
    facts = [f for f in registry.facts.get(request.manifest, ()) if f.kind == "evidence"]
    for row in request.frozen["evidence"]:
        digest = row["digest"]
        gone = [f for f in facts if (f.digest if f.withdrawn else f.said["replaces"]) == digest]
        taken = any(
            f.by.person is not None
            and request.by.seq < f.by.seq < before
            and not registry.is_void(f.by)
            and (f.withdrawn or f.digest != digest)
            for f in gone
        )
        if taken or digest not in standing:
            since = gone[-1].by.time if gone else ""
            found.append(("evidence", f"{row['kind']} was withdrawn or replaced", since))
    risk = registry.risk(request.manifest, before)
    if risk is not None and RANK[risk.said["tier"]] > RANK[tier_of(request.frozen)]:
        found.append(("risk", f"tier raised to {risk.said['tier']}", risk.by.time))
    return found


# ---------------------------------------------------------------- 10. Status and the gate


class Standing:
    """What stands for a version in an environment at a time."""

    def __init__(self, registry: Registry, manifest: str, environment: str, at: str) -> None:
        self.registry, self.manifest, self.environment, self.at = registry, manifest, environment, at
        gaps = [*registry.missing.get(registry.itself[1], ()), *registry.missing.get(manifest, ())]
        self.unproven = list(dict.fromkeys(f"the {what} at leaf {seq} is not here" for seq, what in gaps))
        self.version, self.review = registry.version(manifest), Review(registry, manifest, environment)
        self.rejections = list(self.review.rejections.values()) if self.version else []
        self.status, self.state, self.expires = "none", "draft", ""
        self.shown: Asked | None = None
        self.grant_seq: int | None = None
        self.checks: list[Json] = []
        self.approvals: list[Act] = []
        self.quorum: Counts = []
        self.causes: list[Cause] = []
        self.conditions: list[str] = []
        if self.version is not None:
            self._decide(self.version)

    @property
    def name(self) -> str:
        """The version's name, or what is known instead."""
        return self.version.name if self.version else self.manifest

    def _decide(self, version: Version) -> None:
        review, registry = self.review, self.registry
        self.unproven += ["the frozen dossier is not here"] if self._rests_on_unread() else []
        states = {Review(registry, *key).state for key in registry.acts if key[0] == self.manifest}
        self.state = next((s for s in ("approved", "in-review", "rejected") if s in states), "draft")
        newest = list(reversed(review.asked.values()))
        speaks = [a for a in newest if review.is_full(a)] or [a for a in newest if self._was_granted(a)]
        self.shown = speaks[0] if speaks else review.open
        if self.shown is None:
            return
        request = self.shown.act
        self.approvals = review.approvals(request.about)
        counted = self._unexpired(self.at)
        self.causes = self._causes(request, self.shown.changes)
        self.quorum = count_roles(registry, self._governing(request), request, counted)
        self.checks = self._checks(request)
        if speaks:
            self.status = self._word(self.shown, counted)
        if self.status not in ("none", "revoked"):
            self.conditions = list(dict.fromkeys(c for act in counted for c in act.said["conditions"]))
            ends = sorted({self._end(request, a) for a in self.approvals} - {""})
            self.expires = next((e for e in ends if not review.is_full(self.shown, self._unexpired(e))), "")
            self.grant_seq = self._grant_seq(version, self.shown, counted)
            if self.status == "valid" and self.conditions:
                self.status = "valid-with-conditions"

    def _word(self, asked: Asked, counted: list[Act]) -> str:
        """Return the status of the dossier that speaks: none when rejected, then the first that fits."""
        rule = self.review.rule(asked)
        if self.review.blocked or (self.rejections and rule is not None and rule["rejectionBlocks"]):
            return "none"
        if not self.review.is_full(asked):
            return "revoked"
        if not self.review.is_full(asked, counted):
            return "expired"
        return "stale" if self.causes else "valid"

    def _rests_on_unread(self) -> bool:
        """Tell whether a dossier that is not here could have made a decision count otherwise."""
        unread = {a.about: a.by.seq for a in self.review.acts if a.kind == "request" and a.frozen is None}
        for act in (a for a in self.review.acts if a.kind == "decision"):
            code, asked = self.review.void.get(act.by.seq), self.review.asked.get(act.about)
            if act.about in unread and code is None and act.said["decision"] != "reject":
                return True
            if code == "DOSSIER_CLOSED" and asked is not None and asked.closed_by in unread.values():
                return True
        return False

    def _was_granted(self, asked: Asked) -> bool:
        # With what compromised keys signed, and is left out of the replay, it may once have been full.
        said = [a for a in self.review.acts if a.kind == "decision" and a.about == asked.act.about]
        voided = [
            a
            for a in said
            if self.review.void.get(a.by.seq) == "KEY_REVOKED" and a.said["decision"] == "approve"
        ]
        both = self.review.approvals(asked.act.about) + voided
        return asked.granted or (bool(voided) and self.review.is_full(asked, both))

    def _governing(self, request: Act) -> Json | None:
        """Return the rule to meet: the newest set's that re-evaluates, else that of the dossier's set."""
        later_sets = self.registry.policies_after(request.policy)
        again = [p.version for p in later_sets if p.value["existingApprovals"] == "reEvaluate"]
        return rule_under(self.registry, request, again[-1] if again else request.policy)

    def _end(self, request: Act, approval: Act) -> str:
        """Return when an approval runs out, by its own word or the rule's greatest age; empty for never."""
        rule = self._governing(request) or rule_under(self.registry, request, request.policy)
        days = rule and rule["maxAgeDays"]
        ends = [approval.said["expiresAt"], later(approval.by.time, days) if days else None]
        return min((end for end in ends if end is not None), default="")

    def _unexpired(self, at: str) -> list[Act]:
        request = self.shown.act if self.shown else None
        ends = [(a, self._end(request, a)) for a in self.approvals] if request else []
        return [a for a, end in ends if not end or at < end]

    def _causes(self, request: Act, told: Sequence[Cause]) -> list[Cause]:
        """Return why the dossier no longer stands: told changes, seen ones, newer sets, evidence run out."""
        parts = {part for part, _, _ in told}
        causes = [*told, *(row for row in seen_changes(self.registry, request) if row[0] not in parts)]
        again = []
        for policy in self.registry.policies_after(request.policy):
            mode = policy.value["existingApprovals"]
            again += [policy] if mode == "reEvaluate" else []
            if isinstance(mode, dict) and self.at >= mode["reApproveFrom"]:
                since = max(mode["reApproveFrom"], policy.by.time)
                causes.append(("policySet", f"policy set {policy.version} asks for new approval", since))
        counts = count_roles(self.registry, self._governing(request), request, self.approvals)
        if again and not full(counts):
            said = f"policy set {again[-1].version} asks for another quorum"
            causes.append(("policySet", said, again[-1].by.time))
        if request.frozen is None:
            return causes
        # Evidence that ran out matters when a check that passed with it would not pass now.
        passed = {row["rule"] for row in request.frozen["checks"] if row["result"] == "pass"}
        over: dict[str, Cause] = {}
        for rule in self._checks_for(request):
            kind, check = rule["check"]
            for wanted in check["kinds"] if kind == "evidence" and rule["id"] in passed else ():
                ends = [row["validUntil"] for row in request.frozen["evidence"] if row["kind"] == wanted]
                if ends and all(end is not None and self.at >= end for end in ends):
                    over[wanted] = ("evidence", f"{wanted} was valid until {max(ends)}", max(ends))
        return [*causes, *over.values(), *self._unseen(request)]

    def _watched(self, request: Act) -> list[int]:
        """Return the days of every check of monitoring that passed when the dossier was frozen."""
        rows = request.frozen["checks"] if request.frozen else ()
        passed = {row["rule"] for row in rows if row["result"] == "pass"}
        rules = [rule for rule in self._checks_for(request) if rule["id"] in passed] if passed else []
        return [rule["check"][1]["maxAgeDays"] for rule in rules if rule["check"][0] == "monitoring"]

    def _unseen(self, request: Act) -> Iterator[Cause]:
        """Yield that monitoring is silent; a later report counts without a new approval."""
        seen = self.registry.documents(request.manifest, "monitoring")
        for days in self._watched(request):
            ends = later(seen[-1].by.time, days) if seen else request.by.time
            if self.at >= ends:
                yield "monitoring", f"one report every {days} days is asked for", ends

    def _checks_for(self, request: Act) -> list[Json]:
        policy, version = self.registry.policies[request.policy], self.registry.versions[request.manifest]
        return policy.rules("checks", version.namespace, request.environment, tier_of(request.frozen))

    def _checks(self, request: Act) -> list[Json]:
        """Return one row for every check that applies; the severity is the policy set's own."""
        found = []
        for rule in self._checks_for(request) if request.frozen else ():
            rows = [row for row in (request.frozen or {})["checks"] if row["rule"] == rule["id"]]
            one = rows[0] if len(rows) == 1 else {"result": "error"}
            found.append({"rule": rule["id"], "severity": rule["severity"], "result": one["result"]})
        return found

    def _grant_seq(self, version: Version, asked: Asked, counted: list[Act]) -> int:
        """Return the highest leaf the grant rests on: all of them must lie under a signed head."""
        registry, request = self.registry, asked.act
        leaves = [version.by.seq, registry.policies[request.policy].by.seq, request.by.seq]
        fills = (a.by.seq for n, a in enumerate(counted, 1) if self.review.is_full(asked, counted[:n]))
        leaves += [
            next(fills, 0),
            *(seq for seq in (asked.changed_by, self.review.lifted_by) if seq is not None),
        ]
        seen = self.registry.documents(request.manifest, "monitoring")
        for days in self._watched(request):
            leaves += [f.by.seq for f in seen if self.at < later(f.by.time, days)][:1]
        # Evidence put back, or a tier lowered again, takes away a change that the log shows by itself.
        for seq in (f.by.seq for f in registry.facts.get(self.manifest, ()) if f.by.seq > request.by.seq):
            if seen_changes(registry, request, seq) and not seen_changes(registry, request, seq + 1):
                leaves.append(seq)
        return max(leaves + self._voiding())

    def _voiding(self) -> list[int]:
        """Return the revocations that may have voided a denial: of keys that signed what this rests on."""
        registry = self.registry
        rests_on = (*self.review.acts, *registry.facts.get(self.manifest, ()), *registry.policies.values())
        signers = {key for event in rests_on for key in event.by.keys}
        return [seq for key, (seq, reach) in registry.revoked.items() if reach is not None and key in signers]

    # The gate.

    def _approved(self) -> Act | None:
        return None if self.shown is None or self.status in ("none", "revoked") else self.shown.act

    def tier_in_force(self) -> tuple[str | None, int | None]:
        """Return the tier that picks the rule, and the leaf that says so.

        Any assessment raises it; only a newly approved dossier lowers it.
        """
        approved, registry = self._approved(), self.registry
        tier, since = (None, -1) if approved is None else (tier_of(approved.frozen), approved.by.seq)
        said: list[int] = []
        voided: list[int] = []
        for fact in registry.facts.get(self.manifest, ()):
            if fact.kind != "risk" or fact.by.seq < since:
                continue
            if registry.is_void(fact.by):
                voided.append(registry.revoked[fact.by.keys[0]][0])
            elif (approved is None and tier is None) or RANK[fact.said["tier"]] > RANK[tier]:
                tier, said = fact.said["tier"], [fact.by.seq]
        return tier, max(said + voided, default=None)

    def rules_in_force(self) -> list[Json | None]:
        """Return every rule that must agree before the gate lets through what is not approved.

        A tier that only a service assessed and nobody approved loosens nothing: the rule for an unassessed
        version must agree as well.
        """
        tiers = [self.tier_in_force()[0]]
        people = any(f.by.person is not None for f in self.registry.documents(self.manifest, "risk"))
        tiers += [None] if self._approved() is None and not people else []
        policy, version = self.registry.policy_in_force(), self.version
        if policy is None or version is None:
            return [None]
        found = (policy.rules("approval", version.namespace, self.environment, tier) for tier in tiers)
        return [rules[0] if rules else None for rules in found]

    def glasses(self) -> list[tuple[Act, str, int]]:
        """Return every break-glass, what it is worth now, and the leaf that must lie under a signed head."""
        found = []
        for act, ended in self.review.glasses.values() if self.version else ():
            word = "live" if may_break_glass(self, act.said, act.by.time) else "not-allowed"
            word = "rejected" if self.rejections else word
            word = "expired" if self.at >= act.said["expiresAt"] else word
            leaves = [act.by.seq, self.version.by.seq if self.version else 0, *self._voiding()]
            leaves += [] if self.review.lifted_by is None else [self.review.lifted_by]
            found.append((act, word if ended is None else "ended", max(leaves)))
        return found

    def exceptions(self) -> list[tuple[Act, str]]:
        """Return every break-glass and every overriding with what became of it, in the order of the log."""
        overrides = [(act, "stands") for act in self.review.overridden if self.version]
        made = [(act, word) for act, word, _ in self.glasses()] + overrides
        return sorted(made, key=lambda row: row[0].by.seq)

    def exception_said(self, act: Act) -> str:
        """Return an exception in the words of the record: who made it, and whether for their own version."""
        if act.kind == "override":
            found = self.review.decisions[act.about]
            rejection = f"the rejection by {found.person} as {found.said['role']} (leaf {found.by.seq})"
            return f"{rejection} was overridden by the root threshold (leaf {act.by.seq})"
        authors: set[str | None] = set(self.version.authors if self.version else ())
        requests = [a for a in self.review.acts if a.kind == "request"]
        authors = authors.union(*(authors_of(self.registry, request) for request in requests))
        own = ", its author" if act.person in authors else ""
        said = f"BREAK GLASS until {act.said['expiresAt']} by {act.person} as {act.said['role']}{own}"
        return f"{said} (leaf {act.by.seq})"

    def gate(self, signed_size: int) -> str:
        """Return allow, deny or unproven; what grants must lie among the first `signed_size` leaves."""
        if self.unproven or any(code == "LEAF_TIME" for _, code, _ in self.registry.problems):
            return "unproven"
        tier, tier_leaf = self.tier_in_force()
        rules, policy = self.rules_in_force(), self.registry.policy_in_force()
        rests_on = [self.grant_seq, tier_leaf, None if policy is None else policy.by.seq]
        blocked = any(c["severity"] == "block" and c["result"] in ("fail", "error") for c in self.checks)
        stands = self.status.startswith("valid") or self._in_grace(rules[0])
        if rules[0] is None or blocked or not stands:
            if "block" in {self._mode(rule) for rule in rules}:
                live = [rests for _, word, rests in self.glasses() if word == "live"]
                if not live:
                    return "deny"
                rests_on.append(min(live))
        elif self.version is not None and not self.version.authors and tier in ("high", "critical"):
            return "unproven"  # separation of duties cannot be proved
        ends = self.registry.root.said["expires"]
        late = any(seq is not None and seq >= signed_size for seq in rests_on)
        return "unproven" if late or (ends is not None and self.at >= ends) else "allow"

    def _mode(self, rule: Json | None) -> str:
        said = rule["enforcement"] if rule is not None else {"mode": "block", "since": None}
        return "observe" if said["since"] is not None and self.at < said["since"] else str(said["mode"])

    def _in_grace(self, rule: Json | None) -> bool:
        if rule is None or self.status != "stale":
            return False
        grace = rule["onStale"]
        days = [(grace["parts"].get(part, grace["allowDays"]), since) for part, _, since in self.causes]
        return all(n and since and self.at < later(since, n) for n, since in days)


def may_break_glass(found: Standing, said: Json, logged: str) -> bool:
    """Tell whether the rules in force let this role break the glass for so long, over no rejection."""
    if said["expiresAt"] <= logged or found.rejections:
        return False
    lasts = clock(said["expiresAt"]) - clock(logged)
    allowed = [rule and rule["breakGlass"] for rule in found.rules_in_force()]
    return all(a and said["role"] in a["roles"] and lasts <= timedelta(hours=a["maxHours"]) for a in allowed)


# ---------------------------------------------------------------- 11. Documents computed again

Snapshot = dict[str, list[Json]]


def read_snapshot(data: bytes) -> Snapshot:
    """Return the lines of a lineage snapshot by kind."""
    demand(len(data) <= 64 * MIB, "TOO_LARGE", "a snapshot of more than 64 MiB")
    *lines, rest = data.split(b"\n")
    good = not rest and lines == sorted(set(lines))
    demand(good, "SNAPSHOT_MALFORMED", "the lines are not sorted, unique and ended")
    found: Snapshot = {kind: [] for kind in ("node", "edge", "gap", "alias")}
    for line in lines:
        value = read_json(line, 16 * 1024)
        kind = value.get("kind") if isinstance(value, dict) else None
        demand(isinstance(kind, str) and kind in found, "SNAPSHOT_MALFORMED", "an unknown kind of line")
        found[str(kind)].append(read_shape(str(kind), value, "SNAPSHOT_MALFORMED"))
    return found


def weakest(snapshot: Snapshot) -> str:
    """Return the lowest level in a snapshot; an empty one knows nothing."""
    rows = [*snapshot["node"], *snapshot["edge"], *snapshot["gap"]]
    return min((str(row["level"]) for row in rows), key=LEVELS.index, default="absent")


# Bias: every number of the document follows from its counts, or the document is refused.

_Z95 = Decimal("1.95996398454005423552459443052055152795555007786954839847695264636")
_PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534"
)
_CELLS, _RATES = ("tn", "fp", "fn", "tp"), ("tpr", "fpr", "fnr", "ppv")
_ABSENT = {"absent": "nan"}
Interval = tuple[Decimal, Decimal]


def _six(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN, context=Context(prec=80))
    shown = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _number(value: Decimal | None) -> Any:
    return _ABSENT if value is None else _six(value)


def _interval(value: Interval | None) -> dict[str, str]:
    return _ABSENT if value is None else {"low": _six(value[0]), "high": _six(value[1])}


def _ratio(above: int, below: int) -> dict[str, str]:
    return {"num": str(above), "den": str(below)} if below else {"absent": "inf" if above else "nan"}


def _reduced(value: Fraction | None) -> dict[str, str]:
    return _ABSENT if value is None else _ratio(value.numerator, value.denominator)


def _value(ratio: Mapping[str, str]) -> Fraction | None:
    return Fraction(int(ratio["num"]), int(ratio["den"])) if "num" in ratio else None


def wilson(k: int, n: int) -> Interval | None:
    """Return Wilson's 95 % interval of a rate: the roots of (p - k/n)^2 = z^2 p (1 - p) / n."""
    if n == 0:
        return None
    a, b, c = n + _Z95 * _Z95, -(2 * k + _Z95 * _Z95), Decimal(k) * k / n
    root = (b * b - 4 * a * c).sqrt()
    return Decimal(0) if k == 0 else (-b - root) / (2 * a), Decimal(1) if k == n else (-b + root) / (2 * a)


def katz(k1: int, n1: int, k2: int, n2: int) -> Interval | None:
    """Return Katz's 95 % interval of a ratio of rates, one half added to each cell when one is 0."""
    if not n1 or not n2 or not (k1 or k2):
        return None
    half = Decimal("0.5") if 0 in (k1, n1 - k1, k2, n2 - k2) else Decimal(0)
    a, b, m, n = k1 + half, k2 + half, n1 + 2 * half, n2 + 2 * half
    factor = (_Z95 * (1 / a - 1 / m + 1 / b - 1 / n).sqrt()).exp()
    return (a * n) / (b * m) / factor, (a * n) / (b * m) * factor


def pooled_z(k1: int, n1: int, k2: int, n2: int) -> Decimal | None:
    """Return the pooled z of two rates' difference."""
    chosen, total = k1 + k2, n1 + n2
    if not n1 or not n2 or chosen in (0, total):
        return None
    variance = Decimal(chosen) * (total - chosen) * n1 * n2
    return Decimal(k1 * n2 - k2 * n1) * Decimal(total).sqrt() / variance.sqrt()


def two_sided(z: Decimal) -> Decimal:
    """Return the probability that a standard normal lies at least as far out: 1 - erf(|z| / sqrt 2)."""
    if abs(z) > 14:
        return Decimal(0)  # under 1e-43: six places and 500 groups cannot tell it from 0
    with localcontext(Context(prec=120)):
        # The alternating series; its largest term is under 1e43, so 70 digits are left.
        term, total, k = abs(z), Decimal(0), 0
        while abs(term) > Decimal("1e-70"):
            total += term / (2 * k + 1)
            k += 1
            term = -term * z * z / (2 * k)
        return max(1 - total * (2 / _PI).sqrt(), Decimal(0))


def fisher(k1: int, n1: int, k2: int, n2: int) -> Decimal | None:
    """Return Fisher's two-sided p, all tables no likelier than this one; None where it is not computed."""
    chosen, other = k1 + k2, n2 - k1 - k2
    low, high = max(0, -other), min(n1, chosen)
    likeliest = min(max((n1 + 1) * (chosen + 1) // (n1 + n2 + 2), low), high)
    if not n1 or not n2 or n1 + n2 > 1_000_000_000 or abs(k1 - likeliest) > 50_000:
        return None  # one is empty, or the walk would be too long and the z test says the same
    # Weights relative to this table, walked from it both ways until they no longer matter.
    total = tail = Decimal(1)
    for step in (1, -1):
        weight, x = Decimal(1), k1
        while low <= x + step <= high and weight > Decimal("1e-50"):
            up, down = (n1 - x) * (chosen - x), (x + 1) * (other + x + 1)
            if step < 0:
                up, down = x * (other + x), (n1 - x + 1) * (chosen - x + 1)
            weight, x = weight * up / down, x + step
            total += weight
            tail += weight if weight <= 1 + Decimal("1e-30") else 0
    return min(tail / total, Decimal(1))


def verify_bias(data: bytes) -> Json:
    """Return the bias document when every number in it follows from its counts."""
    document: Json = read_json(data)
    given = read_shape("BIAS", document, "BIAS_MALFORMED")
    with localcontext(Context(prec=64)):
        again = write_json(_compute_bias(given))
    demand(again == data, "BIAS_MISMATCH", "the numbers do not follow from the counts")
    return document


def _compute_bias(given: Json) -> Json:
    groups, strata = sorted(given["groups"], key=lambda g: str(g["label"])), given["strata"]
    _refuse_counts(groups, strata["cells"] if strata else None)
    good, policy = given["polarity"]["favourable"], given["reference"]["policy"]
    for group in groups:
        group["k"] = group["selected"] if good else group["n"] - group["selected"]
    reference = _reference(groups, policy)
    label = reference and reference["label"]
    rows = [_group_row(group, reference, policy) for group in groups]
    for row in rows if strata and reference and policy != "overall" else ():
        if not row["excluded"] and row["label"] != label:
            _stratify(row, strata["cells"], label, good=good)
    # Holm: the deciding tests' p-values adjusted for their number.
    tested, least = (
        sorted((p, i) for i, row in enumerate(rows) if (p := row.pop("deciding")) is not None),
        Decimal(0),
    )
    for rank, (p, i) in enumerate(tested):
        least = max(least, min(Decimal(1), p * (len(tested) - rank)))
        rows[i]["pAdjusted"] = _six(least)
    included = [row for row in rows if not row["excluded"]]
    rates = [rate for row in included if (rate := _value(row["rate"])) is not None]
    odds = [[v for r in included if (v := _value(r.get(n, {}))) is not None] for n in ("tpr", "fpr")]
    spreads, ratios = [_spread(o) for o in odds], [_least(o) for o in odds]
    within = [ratio for row in rows if (ratio := _value(row["stratifiedRatio"])) is not None]
    copied = {
        name: given[name] for name in ("attribute", "polarity", "rule", "semantics", "source", "unknown")
    }
    by = strata and sorted(strata["cells"], key=lambda c: (c["stratum"], c["label"]))
    return {
        **copied,
        **({"strata": {"by": strata["by"], "cells": by}} if strata else {}),
        "equalizedOddsDifference": _reduced(
            None if None in spreads else max(s for s in spreads if s is not None)
        ),
        "equalizedOddsRatio": _reduced(None if None in ratios else min(r for r in ratios if r is not None)),
        "groups": rows,
        "mantelHaenszelRatio": _reduced(min(within, default=None)),
        "parityDifference": _reduced(_spread(rates)),
        "parityRatio": _reduced(_least(rates)),
        "reference": {"label": label, "policy": policy},
    }


def _refuse_counts(groups: list[Json], cells: list[Json] | None) -> None:
    good = len({g["label"] for g in groups}) == len(groups)
    good = good and len({cell["stratum"] for cell in cells or ()}) <= 300
    for g in groups:
        table = [g[name] for name in _CELLS if g[name] is not None]
        shaped = (
            g["selected"] <= g["n"] and g["excluded"] is (g["reason"] is not None) and len(table) in (0, 4)
        )
        demand(shaped, "BIAS_MALFORMED", "a group's counts contradict each other")
        good = good and (not table or (sum(table), g["fp"] + g["tp"]) == (g["n"], g["selected"]))
        parts = [cell for cell in cells or () if cell["label"] == g["label"]]
        sums = (sum(cell["n"] for cell in parts), sum(cell["selected"] for cell in parts))
        good = good and (cells is None or sums == (g["n"], g["selected"]))
    good = good and all(cell["selected"] <= cell["n"] for cell in cells or ())
    demand(good, "BIAS_MISMATCH", "groups, tables and strata do not add up")


def _reference(groups: list[Json], policy: str) -> Json | None:
    """Return what each group is compared with: the best or largest group, one by name, or everybody."""
    people = [g for g in groups if not g["excluded"] and g["n"]]
    if policy == "overall":
        n, k = sum(g["n"] for g in people), sum(g["k"] for g in people)
        return {"label": "overall", "n": n, "k": k} if n else None
    # Groups are sorted by label and max keeps the first of equals.
    if policy == "largest":
        return max(people, key=lambda g: int(g["n"]), default=None)
    if policy == "best":
        rated = [g for g in people if g["k"]]
        return max(rated, key=lambda g: (Fraction(g["k"], g["n"]), g["n"]), default=None)
    named = [g for g in groups if g["label"] == policy and not g["excluded"]]
    demand(named, "BIAS_MISMATCH", "the reference is no group that is compared")
    return named[0]


def _group_row(group: Json, reference: Json | None, policy: str) -> Json:
    n, k, selected = group["n"], group["k"], group["selected"]
    row: Json = {name: group[name] for name in ("excluded", "label", "n", "selected")}
    row |= {"belowFourFifths": None, "deciding": None, "smallSample": False, "test": None}
    row |= {
        "favourableRate": _ratio(k, n),
        "rate": _ratio(selected, n),
        "rateCi": _interval(wilson(selected, n)),
    }
    row |= dict.fromkeys(
        ("ci", "fisherP", "impactRatio", "p", "pAdjusted", "stratifiedP", "stratifiedRatio", "z"), _ABSENT
    )
    row |= {"reason": group["reason"]} if group["excluded"] else {}
    if group["tp"] is not None:
        tn, fp, fn, tp = (group[name] for name in _CELLS)
        rates = (_ratio(tp, tp + fn), _ratio(fp, fp + tn), _ratio(fn, tp + fn), _ratio(tp, tp + fp))
        row |= dict(zip(_CELLS + _RATES, (tn, fp, fn, tp, *rates), strict=True))
    if reference is None or group["excluded"]:
        return row
    k1, n1, k2, n2 = k, n, reference["k"], reference["n"]
    below = _below(k1, n1, k2, n2)
    row |= {"impactRatio": _ratio(k1 * n2, n1 * k2), "belowFourFifths": below}
    if group["label"] == reference["label"] and policy != "overall":
        return row
    if below is not None:
        # One favourable outcome moved across would turn the verdict round.
        step = 1 if below else -1
        moved = _below(min(max(k1 + step, 0), n1), n1, min(max(k2 - step, 0), n2), n2)
        row["smallSample"] = bool(moved) is not below
    interval = katz(k1, n1, k2, n2) if n1 * k2 else None
    if policy == "overall":
        # A group is part of the whole: it is tested against everybody else, and has no such interval.
        k2, n2, interval = k2 - k1, n2 - n1, None
    z, exact, total = pooled_z(k1, n1, k2, n2), fisher(k1, n1, k2, n2), n1 + n2
    p = None if z is None else two_sided(z)
    small = any(m * side < 5 * total for m in (n1, n2) for side in (k1 + k2, total - k1 - k2))
    test = ("fisher" if small else "z") if exact is not None else ("z" if z is not None else None)
    row |= {
        "ci": _interval(interval),
        "z": _number(z),
        "p": _number(p),
        "fisherP": _number(exact),
        "test": test,
    }
    return row | {"deciding": exact if test == "fisher" else p}


def _below(k1: int, n1: int, k2: int, n2: int) -> bool | None:
    return 5 * k1 * n2 < 4 * k2 * n1 if n1 and n2 and k2 else None


def _stratify(row: Json, cells: list[Json], reference: Any, *, good: bool) -> None:
    """Add the Mantel-Haenszel ratio of a group and the reference over strata, and the test of it."""
    counts = {
        (c["stratum"], c["label"]): (c["selected"] if good else c["n"] - c["selected"], c["n"]) for c in cells
    }
    above, below, difference, variance = (Fraction(0) for _ in range(4))
    for stratum in {c["stratum"] for c in cells}:
        (k1, n1), (k2, n2) = (counts.get((stratum, label), (0, 0)) for label in (row["label"], reference))
        total, chosen = n1 + n2, k1 + k2
        if n1 and n2:
            above += Fraction(k1 * n2, total)
            below += Fraction(k2 * n1, total)
            difference += k1 - Fraction(n1 * chosen, total)
            variance += Fraction(n1 * n2 * chosen * (total - chosen), total * total * (total - 1))
    if below:
        row["stratifiedRatio"] = _reduced(above / below)
    if variance:
        square = difference * difference / variance
        row["stratifiedP"] = _six(two_sided((Decimal(square.numerator) / square.denominator).sqrt()))


def _spread(rates: Sequence[Fraction]) -> Fraction | None:
    return max(rates) - min(rates) if len(rates) > 1 else None


def _least(rates: Sequence[Fraction]) -> Fraction | None:
    return min(rates) / max(rates) if len(rates) > 1 and max(rates) else None


# Risk: the tier and every rating follow from what was answered.

_MODIFIERS = {n: n for n in ("complex", "opaque", "autonomous")} | {
    "specialCategoryData": "special_category_data"
}
_FLOORS = {"aiActHighRisk": ("ai_act_high_risk", 2), "ll144Aedt": ("ll144_aedt", 2), "gdpr22": ("gdpr_22", 2)}
_FLOORS |= {"customerFacingGenerative": ("customer_facing_generative", 1)}
_TABLE = ("lllmm", "llmmh", "lmmhh", "mmhhc", "mhhcc")
"""Exposure 1 to 5: the tier for purpose 1 to 5, by its first letter."""


def verify_risk(data: bytes) -> Json:
    """Return the risk document when its tier and ratings follow from the answers in it."""
    document: Json = read_shape("RISK", read_json(data), "RISK_MALFORMED")
    said, risks = document["derivation"], document["risks"]
    cell = "lmhc".index(_TABLE[said["exposure"] - 1][said["purpose"] - 1])
    tier, steps = cell, [(f"table E{said['exposure']} P{said['purpose']}", cell)]
    if len(said["modifiers"]) >= 2:
        tier = min(tier + 1, 3)
        steps.append((f"modifiers {', '.join(_MODIFIERS[name] for name in said['modifiers'])}", tier))
    for name in said["floors"]:
        tier = max(tier, _FLOORS[name][1])
        steps.append((f"floor {_FLOORS[name][0]}", tier))
    good, override = True, said["override"]
    if override is not None:
        until = f" until {override['expires']}" if override["expires"] is not None else ""
        wanted = TIERS.index(override["tier"])
        good = wanted > tier or (wanted < tier and override["role"] == "risk-approver" and bool(until))
        tier = wanted
        steps.append((f"override by {override['approver']} ({override['role']}){until}", tier))
    good = good and [(step["rule"], TIERS.index(step["tier"])) for step in said["steps"]] == steps
    good = good and (document["tier"], said["cell"]) == (TIERS[tier], TIERS[cell])
    for part, known in (("floors", list(_FLOORS)), ("modifiers", list(_MODIFIERS))):
        good = good and said[part] == [name for name in known if name in said[part]]
    ids = [risk["id"] for risk in risks]
    good = good and ids == sorted(set(ids)) and len(ids) <= 500 and all(map(_risk_follows, risks))
    days = [override and override["expires"], *(risk["due"] for risk in risks)]
    days += [risk["acceptor"] and risk["acceptor"]["accepted"] for risk in risks]
    try:
        good = good and all(date.fromisoformat(day) for day in days if day is not None)
    except ValueError:
        good = False
    demand(good, "RISK_MISMATCH", "the tier or a rating does not follow from the assessment")
    return document


def _rate(score: Json) -> int:
    product = score["likelihood"] * score["impact"]
    rating = 0 if product <= 4 else 1 if product <= 9 else 2 if product <= 16 else 3
    return max(rating, 2) if score["impact"] == 5 and score["likelihood"] >= 2 else rating


def _risk_follows(risk: Json) -> bool:
    inherent, left, acceptor, controls = (
        risk["inherent"],
        risk["residual"],
        risk["acceptor"],
        risk["controls"],
    )
    good = TIERS[_rate(inherent)] == inherent["rating"] and max(len(risk["affected"]), len(controls)) <= 50
    stated = {name for name, value in left.items() if value is not None}
    if stated == {"absent"}:
        return good and not controls and not acceptor
    if stated != {"likelihood", "impact", "rating", "justification"} or not controls or not acceptor:
        return False
    accepts = {"owner": 1, "risk-approver": 2, "committee": 3}[acceptor["role"]]
    good = good and all(left[part] <= inherent[part] for part in ("likelihood", "impact"))
    return good and _rate(left) <= min(_rate(inherent), accepts) and TIERS[_rate(left)] == left["rating"]


# Checks: what the policy set asks of lineage, bias, risk and evidence.


def compute_check(
    rule: Json, frozen: Json, level: str, snapshot: Snapshot, bias: list[Json], monitored: str
) -> tuple[str, Json]:
    """Return the result of a check over a frozen dossier, and the values it rests on."""
    kind, check = rule["check"]
    reasons = {gap["reason"] for gap in snapshot["gap"]}
    known = bool(snapshot["node"]) and "training-run-unknown" not in reasons
    values: Json = {}
    if kind == "artifact":
        good, values = LEVELS.index(level) >= LEVELS.index(check["level"]), {"level": level}
    elif kind == "trainingData":
        datasets = len({node["name"] for node in snapshot["node"] if node["node"] == "dataset"})
        good, values = known and datasets > 0, {"datasets": datasets, "trainingRun": known}
    elif kind == "lineage":
        gaps, lowest = len(snapshot["gap"]), weakest(snapshot)
        strong = LEVELS.index(lowest) >= LEVELS.index(check["minLevel"] or "absent")
        few = check["maxGaps"] is None or gaps <= check["maxGaps"]
        good, values = known and strong and few, {"gaps": gaps, "weakest": lowest}
    elif kind == "risk":
        tier = tier_of(frozen)
        good = tier is not None and RANK[tier] <= RANK[check["maxTier"] or "critical"]
        values = {} if tier is None else {"tier": tier}
    elif kind == "evidence":
        ends = {k: [r["validUntil"] for r in frozen["evidence"] if r["kind"] == k] for k in check["kinds"]}
        missing = [k for k in check["kinds"] if not ends[k]]
        over = [
            k for k in check["kinds"] if ends[k] and all(e and frozen["evaluatedAt"] >= e for e in ends[k])
        ]
        good, values = not missing and not over, {"expired": over, "missing": missing}
    elif kind == "monitoring":
        until = later(monitored, check["maxAgeDays"]) if monitored else ""
        good = bool(monitored) and frozen["evaluatedAt"] < until
        values = {"last": monitored, "validUntil": until} if monitored else {}
    else:
        answers = [
            _bias_answer(check, attribute, document)
            for attribute in check["attributes"]
            for document in [d for d in bias if d["attribute"] == attribute] or [{}]
        ]
        worst = max((result for result, _ in answers), key=("pass", "fail", "error").index)
        return worst, {"attributes": [about for _, about in answers]}
    return "pass" if good else "fail", values


def _bias_answer(check: Json, attribute: str, document: Json) -> tuple[str, Json]:
    about: Json = {"attribute": attribute}
    bound = {"point": "", "ci_lower": "low", "ci_upper": "high"}[check["rule"]]
    numbers: list[tuple[Fraction | None, Json]] = []
    for group in document.get("groups", ()):
        same = group["label"] == document["reference"]["label"]
        if not group["excluded"] and group["n"] >= check["minGroupN"] and not same:
            at_bound = Fraction(group["ci"][bound]) if bound in group["ci"] else None
            numbers.append((at_bound if bound else _value(group["impactRatio"]), group))
    if absent := [group["label"] for number, group in numbers if number is None]:
        return "error", about | {"absent": absent}
    if not numbers:
        return "error", about
    lowest, group = min(((n, g) for n, g in numbers if n is not None), key=lambda pair: pair[0])
    least = check["min"] or {"num": "4", "den": "5"}
    about |= {"group": group["label"], "ratio": group["impactRatio"]}
    about |= {"bound": group["ci"][bound]} if bound else {}
    return "pass" if lowest >= Fraction(int(least["num"]), int(least["den"])) else "fail", about


# Changes: what must be told when a dossier is no longer what was reviewed.


def material_changes(
    base: Json, now: Json, before: Snapshot | None, after: Snapshot | None
) -> set[tuple[str, str]]:
    """Return the part and kind of every change from `base` to `now` that makes an approval stale."""
    was, level = base["lineage"], now["lineage"]
    found = (
        [("manifest", "manifest changed")]
        if base["subject"]["manifest"] != now["subject"]["manifest"]
        else []
    )
    found += [("authors", "author added")] * len(set(now["authors"]) - set(base["authors"]))
    if was["snapshot"] != level["snapshot"] and before is not None and after is not None:
        found += [("lineage", kind) for kind in _lineage_changes(before, after)]
    if LEVELS.index(level["weakest"]) < LEVELS.index(was["weakest"]):
        found.append(("lineage", "lineage level lowered"))
    if RANK[tier_of(now)] > RANK[tier_of(base)]:
        found.append(("risk", "tier raised"))
    old, new = ({row["digest"]: row["kind"] for row in dossier["evidence"]} for dossier in (base, now))
    fresh = {kind for digest, kind in new.items() if digest not in old}
    gone = [kind for digest, kind in old.items() if digest not in new]
    found += [("evidence", f"evidence {'replaced' if kind in fresh else 'removed'}") for kind in gone]
    rank = {"fail": 1, "error": 2}
    results = {row["rule"]: rank.get(row["result"], 0) for row in base["checks"]}
    worse = [r for r in now["checks"] if rank.get(r["result"], 0) > results.get(r["rule"], 2)]
    found += [("checks", "check worse")] * len(worse)
    # A record names fifty parts at most and counts the rest.
    return set(
        found if len(found) <= 50 else [*found[:49], (found[-1][0], f"and {len(found) - 49} more changes")]
    )


def _lineage_changes(before: Snapshot, after: Snapshot) -> list[str]:
    # Two names are one thing when either snapshot says so: a newly learnt alias is not a new dataset.
    joined: dict[str, str] = {}

    def first(name: str) -> str:
        while name in joined:
            name = joined[name]
        return name

    for alias in (*before["alias"], *after["alias"]):
        low, high = sorted((first(alias["a"]), first(alias["b"])))
        joined |= {high: low} if low != high else {}

    def named(name: str) -> str:
        base, at, version = name.rpartition("@")
        return f"{first(base)}@{version}" if first(name) == name and at else first(name)

    def nodes(snapshot: Snapshot) -> dict[tuple[str, str], set[tuple[Any, Any]]]:
        held: dict[tuple[str, str], set[tuple[Any, Any]]] = {}
        for node in snapshot["node"]:
            held.setdefault((node["node"], named(node["name"])), set()).add((node["version"], node["digest"]))
        return held

    def spelled(snapshot: Snapshot, kind: str) -> set[str]:
        if kind == "gap":
            return {f"{row['reason']} at {named(row['at'])}" for row in snapshot["gap"]}
        return {f"{named(row['from'])} {row['relation']} {named(row['to'])}" for row in snapshot["edge"]}

    was, now = nodes(before), nodes(after)
    keys = [key for key in sorted(was.keys() | now.keys()) if was.get(key) != now.get(key)]
    words = ["added" if key not in was else "removed" if key not in now else "changed" for key in keys]
    found = [f"lineage node {word}" for word in words]
    for kind in ("edge", "gap"):
        old, new = spelled(before, kind), spelled(after, kind)
        found += [f"lineage {kind} added"] * len(new - old) + [f"lineage {kind} removed"] * len(old - new)
    return found


# ---------------------------------------------------------------- 12. The bundle: log, files, claims

_LEAVES, _ROWS = "data/log/leaves.jsonl", "data/log/attestations.intoto.jsonl"
_HEAD, _HEADS, _LOG_KEYS = "data/log/checkpoint.txt", "data/log/checkpoints/", "data/log/keys.txt"
_RECEIPTS, _SUMMARY, _NAMES = "data/log/receipts.jsonl", "data/bundle.json", "data/names.json"
_PROOF, _STAMPS, _GUIDE = "data/log/proofs/{:09d}.tlog-proof", "data/log/timestamps/", "data/VERIFY.txt"
_ALLOWED, _BODIES, _MANIFESTS = "data/keys/allowed_signers", "data/bodies/", "data/manifests/"
GUIDE_SHA256 = "279f70f274c7169d17d284a8cefe741e5c6fd9d96a82b4a4280116730115b1b2"
"""Of VERIFY.txt, which says how a shell alone checks a bundle: the text is fixed."""
SSH_NAMESPACE = "audit-bundle@muniment.dev"
_NAMED_ONLY = set(
    "APPROVAL_OTHER_REGISTRY BACKDATED BREAK_GLASS_REFUSED DOSSIER_CHANGED DOSSIER_CLOSED "
    "DOSSIER_MISMATCH KEY_NOT_SUSPENDED KEY_REVOKED KEY_SUSPENDED POLICY_NOT_IN_FORCE POSTDATED "
    "PREDICATE_MALFORMED REQUEST_REPEATED REVIEWER_MISMATCH ROLE_MISSING SEPARATION_OF_DUTIES "
    "SIGNER_COUNT SIGNER_UNKNOWN SUBJECT_MISMATCH".split()
)
"""Refusals of well-formed records that anybody could append without touching what others signed: they are
named and do not count. Any other means that bytes contradict a signature, a digest or a format."""


@dataclass(frozen=True)
class Absent:
    """An envelope that is not here, and why."""

    digest: str
    state: str
    reason: str


@dataclass(frozen=True)
class Head:
    """A signed head of the log: a C2SP checkpoint, its text and its signature lines."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: tuple[tuple[str, bytes, bytes], ...]


def read_row(line: bytes) -> bytes | Absent:
    """Return the envelope on a line, not looked into, or why it is absent."""
    if not line.startswith(b'{"digest":'):
        return line
    said = read_shape("ABSENT", read_json(line), "BODY_MISSING")
    demand(
        (said["state"] == "withheld") == bool(said["reason"]),
        "BODY_MISSING",
        "a reason stands where none should",
    )
    return Absent(said["digest"], said["state"], said["reason"])


def read_head(data: bytes) -> Head:
    """Return the head that a note spells; who signed it is asked elsewhere."""
    name, code = r"[!-*,-~]{1,200}", "NOTE_MALFORMED"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused(code, "a head is not UTF-8") from error
    match = re.fullmatch(rf"({name})\n(0|[1-9][0-9]{{0,15}})\n([^\n]*)\n\n((?:[^\n]*\n)+)", text)
    if match is None or len(text) > 16_384 or match[4].count("\n") > 16:
        raise Refused(code, "expected origin, size, root, an empty line and at most 16 signatures")
    root, found = read_base64(match[3], code), []
    demand(len(root) == 32, code, "the root is not 32 bytes")
    for line in match[4].splitlines():
        parts = re.fullmatch(f"\N{EM DASH} ({name}) ([A-Za-z0-9+/=]+)", line) or ("", "", "")
        blob = read_base64(parts[2], code)
        demand(len(blob) in (68, 76), code, "a signature line is not in canonical form")
        found.append((parts[1], blob[:4], blob[4:]))
    once = len({line[:2] for line in found}) == len(found)
    demand(once, "NOTE_DUPLICATE_SIGNATURE", "the same key signs the note twice")
    return Head(match[1], int(match[2]), root, data.partition(b"\n\n")[0] + b"\n", tuple(found))


def verify_head(head: Head, log_key: NoteKey, witnesses: Iterable[NoteKey]) -> dict[str, int]:
    """Return when each witness confirmed the head that the log key signed; nobody else may sign it."""
    known = {(w.name, w.tag): w for w in witnesses}
    own, confirmed = False, {}
    for name, tag, signature in head.lines:
        if (name, tag) == (log_key.name, log_key.tag):
            verify_signature(log_key.public, head.text, signature, "NOTE_SIGNATURE_INVALID")
            own = True
            demand(head.origin == name, "ORIGIN_MISMATCH", "the head names another log than its key")
            continue
        witness = known.get((name, tag), log_key)
        demand(witness is not log_key, "NOTE_UNKNOWN_SIGNER", f"{name!r} is neither a log key nor a witness")
        time = int.from_bytes(signature[:8], "big")
        good = len(signature) == 72 and 0 < time <= 253_402_300_799
        demand(good, "NOTE_MALFORMED", f"the line of the witness {name!r} holds no time")
        message = b"cosignature/v1\ntime %d\n" % time + head.text
        verify_signature(witness.public, message, signature[8:], "NOTE_SIGNATURE_INVALID")
        confirmed[str(witness)] = time
    demand(own, "NOTE_UNKNOWN_SIGNER", "no line of the head is by the key of its log")
    return confirmed


def _ssh_string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def verify_ssh_signature(data: bytes, armored: bytes) -> bytes:
    """Return the key that made the SSH signature of `data`, as `ssh-keygen -Y sign` writes it."""
    begin, end = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"
    kind, about = (
        _ssh_string(b"ssh-ed25519"),
        b"".join(map(_ssh_string, (SSH_NAMESPACE.encode(), b"", b"sha512"))),
    )
    inner = armored.decode("ascii", "replace").removeprefix(begin).removesuffix(end).replace("\n", "")
    blob = read_base64(inner, "BUNDLE_SSHSIG")
    # Everything but the key and the signature is fixed, so it is spelled again and compared.
    public, signature = blob[len(kind) + 18 : len(kind) + 50], blob[-64:]
    made = b"SSHSIG\x00\x00\x00\x01" + _ssh_string(kind + _ssh_string(public)) + about
    spelled = write_base64(made + _ssh_string(kind + _ssh_string(signature)))
    lines = "".join(f"{spelled[at : at + 70]}\n" for at in range(0, len(spelled), 70))
    good = f"{begin}{lines}{end}".encode() == armored
    demand(good, "BUNDLE_SSHSIG", f"expected an Ed25519 signature in the namespace {SSH_NAMESPACE}")
    message = b"SSHSIG" + about + _ssh_string(hashlib.sha512(data).digest())
    demand(len(public) == 32, "BUNDLE_SSHSIG", "expected an Ed25519 key")
    verify_signature(public, message, signature, "BUNDLE_SSHSIG")
    return public


class Bundle:
    """The files under `data/`, read and examined; what is found is kept in `findings`."""

    def __init__(self, payload: Mapping[str, bytes], findings: Findings) -> None:
        self.payload, self.findings = payload, findings
        fixed = (_LEAVES, _ROWS, _HEAD, _SUMMARY, _RECEIPTS, _GUIDE, _LOG_KEYS)
        lost = [name for name in fixed if name not in payload]
        demand(not lost, "FILE_MISSING", f"the bundle lacks {', '.join(lost)}")
        self.summary = self._read_summary()
        self.scope: Json = self.summary["scope"]
        self.claims: list[Json] = self.summary["claims"]
        self.extract = self.summary["profile"] == "extract"
        self._read_log()
        self._read_bodies()
        self._ask_openssl_ahead()
        self.registry = Registry(self.head.origin, self.bodies)
        self._take(self.registry, 0, len(self.leaves))
        self._name_refused()
        self.proved: set[int] = set()
        self.confirmed: dict[int, str] = {}
        """By which time enough witnesses had confirmed a head, by its size."""
        self.witnesses: dict[int, dict[str, int]] = {}
        self.heads_stand = self._check_heads()
        self.names = self._read_names()
        self._check_files({*fixed, _NAMES})
        self.population = self._check_population()
        self._check_contexts()
        subjects = {claim["subject"] for claim in self.claims}
        for act in [a for key, acts in self.registry.acts.items() if key[0] in subjects for a in acts]:
            try:
                self._check_dossier(act)
                self._check_change(act)
            except Refused as refusal:
                findings.add("FAIL", refusal.code, refusal.message)
        self.decided = [self._standing(claim["subject"], claim["environment"]) for claim in self.claims]
        self._decide_claims(subjects)
        self._check_erasures()
        self.receipts = self._decide_receipts()

    def lines(self) -> list[tuple[Leaf, bytes | Absent]]:
        """Return every leaf that is here with its envelope, or why that is absent."""
        return list(zip(self.leaves, self.rows, strict=True))

    def root_at(self, size: int) -> bytes:
        """Return the root over so many leaves; empty when it cannot be told from here."""
        if self.extract:
            return self.head.root if size == self.head.size else b""  # the proofs lead to this root alone
        return self.tree.root(size)

    def _take(self, registry: Registry, start: int, end: int) -> None:
        for leaf, row in zip(self.leaves[start:end], self.rows[start:end], strict=True):
            registry.take(leaf, None if isinstance(row, Absent) else row)

    def _standing(self, manifest: str, environment: str) -> Standing:
        return Standing(self.registry, manifest, environment, self.registry.time)

    # Reading.

    def _read_summary(self) -> Json:
        said: Json = read_shape("SUMMARY", read_json(self.payload[_SUMMARY], 64 * MIB), "BUNDLE_JSON")
        scope, since, until = said["scope"], said["scope"]["since"], said["scope"]["until"]
        rows: list[list[Any]] = [[(c["subject"], c["environment"], c["status"]) for c in said["claims"]]]
        rows += [[w["digest"] for w in said["withheld"]]]
        rows += [scope[part] for part in ("environments", "namespaces", "subjects")]
        times = [read_time(time, "BUNDLE_JSON") for time in (since, until) if time]
        good = all(row == sorted(set(row)) for row in rows) and times == sorted(times)
        demand(good, "BUNDLE_JSON", "a list is not sorted, or the period ends before it begins")
        return said

    def _read_log(self) -> None:
        fail, lines = self.findings.expect, read_lines(self.payload[_LEAVES], _LEAVES)
        self.leaves = [read_leaf(line) for line in lines]
        last = Leaf(-1, "", "", "", ())
        for leaf in self.leaves:
            follows = leaf.seq > last.seq if self.extract else leaf.seq == last.seq + 1
            demand(follows, "LEAF_SEQ", f"leaf {leaf.seq} follows leaf {last.seq}")
            fail(leaf.time >= last.time, "LEAF_TIME", f"leaf {leaf.seq} is older than the one before")
            last = leaf
        self.time, self.head, reached = last.time, read_head(self.payload[_HEAD]), last.seq + 1
        size = self.head.size
        fail(
            size <= reached or self.extract, "LOG_TRUNCATED", f"the head is over {size} leaves, not {reached}"
        )
        fail(size >= reached, "LOG_UNSIGNED_TAIL", f"the head is over {size} of {reached} leaves")
        self.rows = [read_row(line) for line in read_lines(self.payload[_ROWS], _ROWS)]
        have, count = len(self.rows), len(lines)
        fail(have <= count, "BODY_UNREFERENCED", f"{have} envelopes for {count} leaves")
        fail(have >= count, "BODY_MISSING", f"{have} envelopes for {count} leaves")
        demand(have == count, "LOG_INCOMPLETE", "leaves and envelopes are not one to one")
        for leaf, row in self.lines():
            same = (row.digest if isinstance(row, Absent) else digest_of(row)) == leaf.body
            fail(same, "BODY_DIGEST", f"the envelope of leaf {leaf.seq} has another digest")
        self.tree = Tree([leaf_hash(line) for line in lines])
        for leaf, line in zip(self.leaves, lines, strict=True) if self.extract else ():
            try:
                self._check_proof(leaf, line)
            except Refused as refusal:
                self.findings.add("FAIL", refusal.code, refusal.message)

    def _check_proof(self, leaf: Leaf, line: bytes) -> None:
        """Check that a leaf of an extract has a path to the bundle's own head (C2SP tlog-proof)."""
        name = _PROOF.format(leaf.seq)
        demand(name in self.payload, "FILE_MISSING", f"the bundle lacks {name}")
        try:
            said, _, note = self.payload[name].decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise Refused("NOTE_MALFORMED", f"{name} is not UTF-8") from error
        header, extra, index, *steps = [*said.split("\n"), "", ""]
        good = header == "c2sp.org/tlog-proof@v1" and extra.startswith("extra ") and len(steps) <= 66
        good = good and re.fullmatch(r"index (0|[1-9][0-9]{0,15})", index) is not None
        demand(good, "PROOF_MALFORMED", f"{name} is no proof")
        about = (read_base64(extra[6:]), index[6:], note.encode()) == (
            line,
            str(leaf.seq),
            self.payload[_HEAD],
        )
        self.findings.expect(about, "PROOF_MALFORMED", f"{name} is not about leaf {leaf.seq} and this head")
        path = [read_base64(step) for step in steps[:-2]]
        root = root_by_path(leaf_hash(line), leaf.seq, self.head.size, path)
        demand(root == self.head.root, "INCLUSION_INVALID", f"leaf {leaf.seq} is not under the head")

    def _read_bodies(self) -> None:
        self.bodies: dict[str, bytes] = {}
        for name in [n for n in self.payload if n.startswith((_BODIES, _MANIFESTS))]:
            digest = digest_of(self.payload[name])
            named = digest[7:] == name.rpartition("/")[2].removesuffix(".json")
            self.findings.expect(named, "BODY_DIGEST", f"{name} is not what its name says")
            self.bodies[digest] = self.payload[name]

    def _ask_openssl_ahead(self) -> None:
        # Which keys are in force is judged record by record; here only time is saved.
        statements: list[Statement] = []
        keys: dict[str, bytes] = {}
        for row in [row for row in self.rows if isinstance(row, bytes)]:
            try:
                statements.append(read_statement(row))
                keys |= read_root(statements[-1], 0).keys if statements[-1].kind == "trust-root" else {}
            except Refused:
                continue
        verify_ahead(
            (keys[k], s.signed_bytes, sig) for s in statements for k, sig in s.signatures if k in keys
        )

    def _read_names(self) -> dict[str, str]:
        if _NAMES not in self.payload:
            return {}
        names = read_json(self.payload[_NAMES])
        good = isinstance(names, dict) and bool(names)
        for person, name in names.items() if good else ():
            good = good and re.fullmatch(r"p-[0-9a-f]{16}", person) is not None and isinstance(name, str)
            good = good and re.fullmatch(r"[^\n]{1,200}", name) is not None and harmless(name) == name
        demand(good, "NAMES_MALFORMED", "expected a name of one line for each of some person ids")
        texts = [*self._payloads(), *self.bodies.values()]
        known = {p for data in texts for p in re.findall(r"p-[0-9a-f]{16}", data.decode(errors="replace"))}
        self.findings.expect(set(names) <= known, "NAMES_MALFORMED", "a name for somebody no record names")
        return dict(names)

    def _payloads(self) -> list[bytes]:
        found = []
        for row in [row for row in self.rows if isinstance(row, bytes)]:
            try:
                found.append(read_envelope(row)[0])
            except Refused:
                continue  # the registry has named it; it vouches for no document
        return found

    # Checking the log and the files.

    def _name_refused(self) -> None:
        self.findings.expect(self.registry.roots, "NO_TRUST_ROOT", "the log holds no trust root that stands")
        self.refused = {leaf.seq for leaf, _, _ in self.registry.problems}
        for leaf, code, message in self.registry.problems:
            named = code in _NAMED_ONLY and leaf.type not in _AUTHORITY
            self.findings.add("NOTE" if named or code == "ROOT_AFTER_COMPROMISE" else "FAIL", code, message)

    def _check_heads(self) -> bool:
        """Check that every head is this log's, and signed and witnessed as the root then in force asks."""
        findings, before = self.findings, len(self.findings.rows)
        seen: dict[str, list[tuple[int, int]]] = {}
        for name in [n for n in self.payload if n == _HEAD or n.startswith(_HEADS)]:
            try:
                head = read_head(self.payload[name])
                self._compare_head(name, head)
                times, quorum = self._verify_head(head)
            except Refused as refusal:
                findings.add("FAIL", refusal.code, refusal.message)
                continue
            self.witnesses[head.size] = times
            for witness, time in times.items():
                seen.setdefault(witness, []).append((head.size, time))
            said = f"{len(times)} of {quorum} witnesses confirm the head over {head.size} leaves"
            findings.expect(len(times) >= quorum, "WITNESS_QUORUM", said, "UNPROVEN")
            same = head.origin == self.head.origin and self.root_at(head.size) == head.root
            self.proved |= {head.size} if same and len(times) >= quorum else set()
            if len(times) >= max(quorum, 1):
                at = datetime.fromtimestamp(sorted(times.values())[max(quorum, 1) - 1], UTC)
                self.confirmed[head.size] = time_text(at)
        for pairs in seen.values():
            order = [time for _, time in sorted(pairs)]
            findings.expect(order == sorted(order), "WITNESS_TIME_ORDER", "a smaller tree is confirmed later")
        return len(findings.rows) == before

    def _compare_head(self, name: str, head: Head) -> None:
        fail, expected, own = self.findings.expect, self.root_at(head.size), name == _HEAD
        fail(own or name == f"{_HEADS}{head.size:09d}.txt", "UNEXPECTED_FILE", f"{name} is named otherwise")
        if head.origin != self.head.origin:
            fail(False, "ORIGIN_MISMATCH", f"{name} is a head of another log")  # noqa: FBT003 - it did fail
        elif expected:
            code = "LOG_ROOT_MISMATCH" if own else "FORK"
            fail(expected == head.root, code, f"the leaves do not give the root that {name} states")
        else:
            fail(own, "LOG_TRUNCATED", f"{name} is over more leaves than are here")

    def _verify_head(self, head: Head) -> tuple[dict[str, int], int]:
        roots = [root for root in self.registry.roots if root.seq < head.size]
        demand(roots, "NO_TRUST_ROOT", f"no trust root is in force at {head.size} leaves")
        root, why = roots[-1], Refused("NOTE_UNKNOWN_SIGNER", "the trust root names no log key")
        for key in dict.fromkeys([*root.log_keys, *(key for old in roots for key in old.log_keys)]):
            try:
                times = verify_head(head, key, root.witnesses)
            except Refused as refusal:
                why = refusal if key in root.log_keys else why
                continue
            retired = f"the head over {head.size} leaves is signed by a retired key"
            demand(key in root.log_keys, "LOG_KEY_RETIRED", retired)
            return times, root.said["witnessQuorum"]
        raise why

    def _check_files(self, known: set[str]) -> None:
        fail, roots, derived = self.findings.expect, self.registry.roots, {}
        for keyid, public in {k: public for root in roots for k, public in root.keys.items()}.items():
            body = write_base64(_SPKI + public)
            pem = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"
            derived[f"data/keys/{keyid}.pem"] = pem.encode()
        derived[_LOG_KEYS] = "".join(
            f"{k}\n" for k in dict.fromkeys(k for r in roots for k in r.log_keys)
        ).encode()
        kind, lines = _ssh_string(b"ssh-ed25519"), []
        for service, public in [
            (service, root.keys[k]) for root in roots for k, service in root.services.items()
        ]:
            key = write_base64(kind + _ssh_string(public))
            lines.append(f'{service} namespaces="{SSH_NAMESPACE}" ssh-ed25519 {key}\n')
        derived[_ALLOWED] = "".join(dict.fromkeys(lines)).encode()
        fixed = {"format": "muniment-bundle", "origin": self.head.origin, "v": 1}
        fixed |= {"rootHash": write_base64(self.head.root), "treeSize": self.head.size}
        derived[_SUMMARY] = write_json(self.summary | fixed, 64 * MIB)
        for name, data in derived.items():
            fail(self.payload.get(name) == data, "DERIVED_MISMATCH", f"{name} is not what the log gives")
        guide = digest_of(self.payload[_GUIDE]) == f"sha256:{GUIDE_SHA256}"
        fail(guide, "DERIVED_MISMATCH", f"{_GUIDE} is not the text that every bundle holds")
        heads = [name for name in self.payload if name.startswith(_HEADS)]
        known |= {*derived, *heads, f"{_STAMPS}{self.head.size:09d}.tsr"}
        known |= {name.replace(_HEADS, _STAMPS).removesuffix(".txt") + ".tsr" for name in heads}
        known |= {_PROOF.format(leaf.seq) for leaf in self.leaves} if self.extract else set()
        for digest in self.bodies:
            manifest = digest in self.registry.versions
            known.add(f"{_MANIFESTS}{digest[7:]}.json" if manifest else f"{_BODIES}{digest[7:]}")
        for name in self.payload:
            fail(name in known, "UNEXPECTED_FILE", f"the bundle holds {name}")
        # Records, or documents they name, call for every document here or held back.
        named: set[str] = set()
        texts = self._payloads()
        while texts:
            fresh = {f"sha256:{hit.decode()}" for data in texts for hit in re.findall(rb"[0-9a-f]{64}", data)}
            texts = [self.bodies[digest] for digest in fresh - named if digest in self.bodies]
            named |= fresh
        held = {row["digest"] for row in self.summary["withheld"]}
        for digest in sorted({*self.bodies, *held}):
            fail(digest in named, "BODY_UNREFERENCED", f"no record in the bundle names the document {digest}")
            both = digest in held and digest in self.bodies
            fail(not both, "WITHHELD_ENCLOSED", f"{digest} is said to be held back, and is here")

    # The population.

    def _in_scope(self, version: Version) -> bool:
        everything = not self.scope["subjects"] and not self.scope["namespaces"]
        named = version.name in self.scope["subjects"] or version.namespace in self.scope["namespaces"]
        return everything or named

    def _check_population(self) -> Json:
        findings, versions, acts = self.findings, self.registry.versions, self.registry.acts
        here, types = Counter[str](), Counter(leaf.type for leaf in self.leaves)
        here.update(leaf.type for leaf, row in self.lines() if isinstance(row, bytes))
        since, until = self.scope["since"], self.scope["until"] or "~"
        kinds = {"approval", "withdrawn", "override", "break-glass"}
        told = [leaf for leaf in self.leaves if leaf.type in kinds and since <= leaf.time <= until]
        decided = {subject for leaf in told for subject in leaf.subjects}
        asked = []
        for manifest, version in versions.items():
            spans = manifest in decided or since <= version.by.time <= until
            asked += [version] if spans and self._in_scope(version) else []
        found: Json = {"claims": len(self.claims), "leaves": len(self.leaves), "versions": len(asked)}
        found |= {"enclosed": {kind: here[kind] for kind in types}, "types": dict(types)}
        ends = (self.tree.hashes[0].hex(), self.tree.hashes[-1].hex()) if self.leaves else ("", "")
        found |= dict(zip(("first", "last"), ends, strict=True))
        same = found == self.summary["population"]
        findings.expect(same, "POPULATION_MISMATCH", "the log gives other numbers than bundle.json")
        said = "an extract proves no absence of a withdrawal, rejection or revocation"
        findings.expect(not self.extract, "COMPLETENESS_UNPROVEN", said, "UNPROVEN")
        environments = self.scope["environments"]
        for claim in self.claims:
            inside = not environments or claim["environment"] in environments
            about = versions.get(claim["subject"])
            inside = about is None or (inside and self._in_scope(about))
            findings.expect(inside, "POPULATION_MISMATCH", "a claim lies outside the scope that is stated")
        self._check_registrations()
        claimed = {(claim["subject"], claim["environment"]) for claim in self.claims}
        reviewed: dict[str, set[str]] = {}
        for manifest, environment in acts:
            if not environments or environment in environments:
                reviewed.setdefault(manifest, set()).add(environment)
        for version in asked if claimed else ():
            for environment in sorted(reviewed.get(version.manifest, ())):
                said, where = (
                    f"{version.name} was reviewed for {environment}",
                    (version.manifest, environment),
                )
                findings.expect(where in claimed, "CLAIM_MISSING", said, "UNPROVEN")
            complete = version.manifest not in self.registry.missing
            named = complete or version.manifest in {manifest for manifest, _ in claimed}
            findings.expect(named, "CLAIM_MISSING", f"records about {version.name} are not here", "UNPROVEN")
        return found

    def _check_registrations(self) -> None:
        expect, subjects = self.findings.expect, self.scope["subjects"]
        if not subjects or self.scope["namespaces"]:
            absent = [leaf for leaf, row in self.lines() if isinstance(row, Absent)]
            hidden = [leaf.seq for leaf in absent if leaf.type == "version-registered"]
            expect(not hidden, "POPULATION_UNPROVEN", f"registrations are not here: {hidden[:9]}", "UNPROVEN")
        elif all(claim["subject"] in self.registry.versions for claim in self.claims):
            lost = sorted(set(subjects) - self.registry.names)
            expect(
                not lost, "POPULATION_UNPROVEN", f"no registration is here of {', '.join(lost)}", "UNPROVEN"
            )

    # What reviewers saw, and what follows from it.

    def _check_contexts(self) -> None:
        decisions = [a for acts in self.registry.acts.values() for a in acts if a.kind == "decision"]
        for act in decisions:
            seen, seq = act.said["logContext"], act.by.seq
            root, good = self.root_at(seen["treeSize"]), seen["treeSize"] <= seq
            try:
                stated = read_base64(seen["rootHash"])
                good = good and (stated == root or (self.extract and not root))
            except Refused:
                good = False
            self.findings.expect(good, "LOG_CONTEXT_FORK", f"the reviewer at leaf {seq} saw another log")

    def _check_dossier(self, act: Act) -> None:
        """Compute the checks of a frozen dossier again, from the documents it names."""
        if act.kind != "request":
            return
        where, frozen, fail = f"the dossier frozen at leaf {act.by.seq}", act.frozen, self.findings.expect
        named = [frozen["lineage"]["snapshot"], *frozen["biasChecks"]] if frozen else [""]
        if frozen is None or any(digest not in self.bodies for digest in named):
            self.findings.add("NOTE", "CHECKS_ATTESTED", f"{where}, or a document it names, is not here")
            return
        snapshot = read_snapshot(self.bodies[named[0]])
        risk = self.bodies.get(frozen["risk"]["assessment"]) if frozen["risk"] else None
        tier = verify_risk(risk)["tier"] if risk else tier_of(frozen)
        fail(
            tier == tier_of(frozen), "RISK_MISMATCH", f"{where} states another tier than its risk assessment"
        )
        bias = [verify_bias(self.bodies[digest]) for digest in named[1:]]
        counts = {"nodes": "node", "edges": "edge", "gaps": "gap"}
        lineage: Json = {name: len(snapshot[kind]) for name, kind in counts.items()}
        lineage |= {"snapshot": named[0], "weakest": weakest(snapshot)}
        fail(frozen["lineage"] == lineage, "LINEAGE_MISMATCH", f"{where} counts its lineage otherwise")
        policy, level = self.registry.policies[act.policy], self.registry.versions[act.manifest].level
        typed = policy.rules("checks", frozen["subject"]["namespace"], act.environment, tier_of(frozen))
        rules = {rule["id"]: rule for rule in typed}
        known = [
            f.by.time
            for f in self.registry.facts.get(act.manifest, ())
            if f.kind == "monitoring" and f.digest in frozen["monitoring"] and f.by.seq < act.by.seq
        ]
        monitored, unread = next(reversed(known), ""), bool(self.registry.missing.get(act.manifest))
        for row in frozen["checks"]:
            rule, good = rules.get(row["rule"]), row["by"] == "attested"
            if rule is not None and unread and rule["check"][0] == "monitoring":
                continue  # a report of monitoring may be among what is not here
            if rule is not None:
                again = (*compute_check(rule, frozen, level, snapshot, bias, monitored), rule["severity"])
                good = again == (row["result"], row["values"], row["severity"])
            fail(good, "CHECK_MISMATCH", f"{where} states {row['rule']} otherwise than its documents")

    def _check_change(self, act: Act) -> None:
        """Compare again the two dossiers between which the service found changes."""
        if act.kind != "change":
            return
        where = f"the record of changes at leaf {act.by.seq}"
        bodies = [self.bodies.get(digest) for digest in (act.about, act.said["to"])]
        dossiers = [read_dossier(body) for body in bodies if body is not None]
        if len(dossiers) < 2:
            self.findings.add("NOTE", "CHANGES_ATTESTED", f"{where} names dossiers that are not here")
            return
        digests = [dossier["lineage"]["snapshot"] for dossier in dossiers]
        lines = [self.bodies.get(digest) for digest in digests]
        before, after = (None if data is None else read_snapshot(data) for data in lines)
        known = digests[0] == digests[1] or None not in lines
        self.findings.expect(known, "CHANGES_ATTESTED", f"{where} rests on lineage that is not here", "NOTE")
        told = {(row["part"], row["cause"].partition(": ")[0]) for row in act.said["parts"]}
        omitted = material_changes(dossiers[0], dossiers[1], before, after) - told
        said = ", ".join(sorted(kind for _, kind in omitted))
        self.findings.expect(not omitted, "CHANGE_OMITTED", f"{where} leaves out: {said}")

    # Claims, exceptions, erasures, receipts.

    def _decide_claims(self, subjects: set[str]) -> None:
        fail, acts = self.findings.expect, self.registry.acts
        fail(
            self.claims,
            "NO_CLAIM",
            "the bundle claims nothing, so it proves nothing about a version",
            "UNPROVEN",
        )
        for claim, found in zip(self.claims, self.decided, strict=True):
            what, stated = f"{found.name} for {claim['environment']}", claim["status"]
            fail(not found.unproven, "BODY_MISSING", f"{what}: {'; '.join(found.unproven)}", "UNPROVEN")
            fail(found.version or found.unproven, "CLAIM_SUBJECT", f"{what}: no such version is registered")
            if found.version and not found.unproven and found.status != stated:
                self.findings.add("FAIL", "CLAIM_FALSE", f"{what} is {found.status}, and claimed {stated}")
                lacking = any(have < need for _, have, need in found.quorum)
                fail(not lacking, "QUORUM_NOT_MET", f"{what}: the quorum is not met")
                fail(not found.rejections, "REJECTED_BY_REVIEWER", f"{what}: a rejection stands")
        claimed = {(claim["subject"], claim["environment"]) for claim in self.claims}
        for manifest, environment in acts:
            told = manifest not in subjects or (manifest, environment) in claimed
            fail(told, "UNCLAIMED", f"the bundle does not claim what stands for {environment}", "NOTE")
            for act, word in self._standing(manifest, environment).exceptions():
                code = "BREAK_GLASS" if act.kind == "break-glass" else "REJECTION_OVERRIDDEN"
                self.findings.add("NOTE", code, f"{act.kind} at leaf {act.by.seq} for {environment}: {word}")

    def _check_erasures(self) -> None:
        findings, stand = self.findings, dict[str, str]()
        for digest, (record, said) in self.registry.erased.items():
            fits = all(leaf.body != digest for leaf in self.leaves)
            if said["leaf"] is not None:
                named = [leaf for leaf in self.leaves if leaf.seq == said["leaf"]]
                fits = all(n.body == digest and n.type not in (*_AUTHORITY, "redaction") for n in named)
            stand |= {digest: said["what"]} if fits else {}
            findings.expect(fits, "REDACTION_FALSE", f"leaf {record.seq} erases what is never erased", "NOTE")
        for leaf, row in self.lines():
            if isinstance(row, Absent) and row.state == "redacted":
                logged = stand.get(leaf.body) == "envelope"
                findings.expect(
                    not logged, "BODY_REDACTED", f"the {leaf.type} at leaf {leaf.seq} was erased", "NOTE"
                )
                findings.expect(logged, "REDACTION_UNLOGGED", f"no record erases leaf {leaf.seq}", "UNPROVEN")
        for digest, what in stand.items():
            gone = what != "envelope" and digest not in self.bodies
            code = "BODY_REDACTED" if what == "document" else "TEXT_ERASED"
            findings.expect(not gone, code, f"the {what} {digest} was erased", "NOTE")
        for found in self.decided:
            for act in (*found.approvals, *found.rejections, *(act for act, _ in found.exceptions())):
                texts = {act.said["reason"], *act.said.get("conditions", ())} - {None}
                here = all(digest in self.bodies or digest in stand for digest in texts)
                findings.expect(here, "TEXT_ERASED", f"words at leaf {act.by.seq} are not here", "NOTE")

    def _decide_receipts(self) -> list[Json]:
        """Decide every gate answer again, at its own place in the log."""
        lines = read_lines(self.payload[_RECEIPTS], _RECEIPTS)
        items = [read_shape("RECEIPT_ROW", read_json(line), "RECEIPT_MALFORMED") for line in lines]
        paths = [[read_base64(step, "RECEIPT_MALFORMED") for step in item["path"]] for item in items]
        places = [(item["seal"], item["index"]) for item in items]
        demand(places == sorted(places), "RECEIPT_MALFORMED", "the receipts are not in order")
        if items and self.extract:
            self.findings.add(
                "UNPROVEN", "RECEIPT_UNPROVEN", "gate answers cannot be decided from an extract"
            )
            return []
        read: list[tuple[Json, Json]] = []
        for item, path in zip(items, paths, strict=True):
            try:
                said = read_shape("RECEIPT", item["receipt"], "RECEIPT_MALFORMED")
                read_time(said["time"])
                read_time(said["time"] if said["unsealedSince"] is None else said["unsealedSince"])
                self._verify_seal(item, path)
                read.append((item, said))
            except Refused as refusal:
                self.findings.add("FAIL", refusal.code, refusal.message)
        then, at, faults = Registry(self.head.origin, self.bodies), 0, {}
        for item, said in sorted(read, key=lambda pair: int(pair[1]["treeSize"])):
            fault = self._misplaced(item["seal"], said)
            if not fault:
                self._take(then, at, said["treeSize"])
                at = said["treeSize"]
                fault = self._contradicted(then, said)
            faults[id(item)] = fault
            self.findings.expect(not fault, "RECEIPT_FALSE", fault)
        rows = []
        for item, said in read:
            row = {name: said[name] for name in ("environment", "status", "time", "treeSize", "verdict")}
            row |= {
                "agrees": not faults[id(item)],
                "seal": item["seal"],
                "subject": said["subject"]["manifest"],
            }
            rows.append(row)
        return rows

    def _verify_seal(self, item: Json, path: list[bytes]) -> None:
        seal = item["seal"]
        good = 0 <= seal < len(self.leaves) and self.leaves[seal].type == "seal"
        good = good and seal not in self.refused
        row = self.rows[seal] if good else b""
        if not good or isinstance(row, Absent):
            raise Refused("RECEIPT_NOT_SEALED", f"leaf {seal} is no seal, or is absent or refused")
        said = read_shape("SEAL", read_statement(row).predicate, "RECEIPT_NOT_SEALED")
        leaf = leaf_hash(hashlib.sha256(write_json(item["receipt"])).digest())
        root = root_by_path(leaf, item["index"], said["count"], path)
        demand(root == read_base64(said["root"]), "INCLUSION_INVALID", f"not under the seal at leaf {seal}")

    def _misplaced(self, seal: int, said: Json) -> str:
        size, time = said["treeSize"], said["time"]
        if not said["signedSize"] <= size <= seal:
            return f"an answer speaks of leaves after its seal at {seal}"
        last = self.leaves[size - 1].time if size else ""
        good = last <= time <= self.leaves[seal].time
        return "" if good else f"an answer is dated {time}, not between its last leaf and its seal"

    def _contradicted(self, then: Registry, said: Json) -> str:
        """Return how the log as it was then contradicts a gate's answer."""
        manifest, where = said["subject"]["manifest"], f"the answer at {said['treeSize']} leaves"
        version, policy = then.versions.get(manifest), then.policy_in_force()
        if version is not None and version.name != said["subject"]["name"]:
            return f"{where} names another version than its manifest"
        if said["mismatch"]:
            return "" if said["verdict"] == "deny" else f"{where} allows other bytes"
        found, verdict = Standing(then, manifest, said["environment"], said["time"]), ""
        if not found.unproven:
            verdict, longest = found.gate(said["signedSize"]), policy and policy.value["maxUnsealedAge"]
            if verdict == "allow" and longest and said["unsealedSince"]:
                # What waits for a seal is not in the log: the gate's word may turn its allow into unproven.
                waited = clock(said["time"]) - clock(said["unsealedSince"])
                verdict = "unproven" if waited > span(longest) else verdict
            if (verdict, found.status) != (said["verdict"], said["status"]):
                stated = f"{said['verdict']} ({said['status']})"
                return f"{where} was {stated}, the log says {verdict} ({found.status})"
        rests = not found.unproven and (verdict != "allow" or said["signedSize"] in self.proved)
        self.findings.expect(rests, "RECEIPT_UNPROVEN", f"{where} rests on what is not here", "UNPROVEN")
        return ""


# ---------------------------------------------------------------- 13. The record and its page


_WORDS = set("cause codes findings message title unproven why".split())
"""Members of a record whose words may be put better one day; all others state facts."""
SHOWN = 200
"""How many datasets, and how many gaps, a record shows of one lineage."""
_LIMITS = [
    "absence of dossier-changed is attested, not recomputed",
    "a record that was never logged, and leaves after this head, cannot be seen from here",
    "who stands behind a key is what the trust root says",
]
_CLAIMED = (
    "times are the registry's claim: each lies between the leaves around it, and no witness confirms them"
)
_WITNESSED = "times are the registry's claim, except that the head's witnesses had seen every record by"
_STRENGTH = "1: signed statements, one log, and the heads its reviewers saw"
_STRONGER = "3: signed statements, one log, the heads its reviewers saw, and a witnessed head"


def _advice(root: Json) -> list[str]:
    wanting = {
        "the trust root names no offline recovery root: muniment key recovery": not root["recovery"],
        "one person alone can change who may sign: muniment root update --threshold 2": root["rootThreshold"]
        == 1,
        "no witness confirms heads": root["witnessQuorum"] == 0,
    }
    return [said for said, wants in wanting.items() if wants]


def record_facts(bundle: Bundle, inside: Findings) -> Json:
    """Return the facts that record.json must state, and no other; the words of reasons are not compared."""
    registry, size = bundle.registry, bundle.head.size
    policy, root = registry.policy_in_force(), registry.roots[-1] if registry.roots else None
    absent = Counter(leaf.type for leaf, row in bundle.lines() if isinstance(row, Absent))
    counted = Counter(leaf.type for leaf in bundle.leaves)
    subjects = {claim["subject"] for claim in bundle.claims} & set(registry.versions)
    head: Json = {"rootHash": write_base64(bundle.head.root), "time": bundle.time, "treeSize": size}
    witnessed = [
        (datetime.fromtimestamp(t, UTC), key.split("+")[0])
        for key, t in bundle.witnesses.get(size, {}).items()
    ]
    if witnessed:
        head["witnesses"] = [{"at": time_text(at), "name": name} for at, name in sorted(witnessed)]
        head["witnessedAt"] = bundle.confirmed.get(size, "")
    held = [
        {"digest": row.digest, "reason": row.reason, "what": f"{leaf.type} at leaf {leaf.seq}"}
        for leaf, row in bundle.lines()
        if isinstance(row, Absent) and row.state == "withheld"
    ]
    held += [row | {"what": "document"} for row in bundle.summary["withheld"]]
    confirmed, stronger = (
        bundle.confirmed.get(size),
        root and root.said["witnessQuorum"] and bundle.heads_stand,
    )
    found = [registry.versions[manifest] for manifest in sorted(subjects)]
    return {
        "advice": _advice(root.said) if root else [],
        "anchor": registry.roots[0].digest if registry.roots else "",
        "claims": [_claim_facts(bundle, c, s) for c, s in zip(bundle.claims, bundle.decided, strict=True)],
        # Of a bundle that fails, two verifiers may name further faults, or stop at other ones.
        **({"codes": inside.codes()} if inside.worst() != "FAIL" else {}),
        "format": "muniment-record",
        "head": head,
        "limits": [f"{_WITNESSED} {confirmed}" if confirmed else _CLAIMED, *_LIMITS],
        "origin": bundle.head.origin,
        "policyVersion": policy.version if policy else 0,
        "population": bundle.population,
        "profile": bundle.summary["profile"],
        "receipts": bundle.receipts,
        "records": [{"absent": absent[k], "count": counted[k], "type": k} for k in sorted(counted)],
        "refused": [
            {"code": code, "leaf": leaf.seq, "type": leaf.type} for leaf, code, _ in registry.problems
        ],
        "result": inside.worst(),
        "rootVersion": root.said["version"] if root else 0,
        "scope": bundle.scope,
        "strength": _STRONGER if stronger else _STRENGTH,
        "v": 1,
        "versions": [
            {"artifact": v.artifact, "authors": list(v.authors), "leaf": v.by.seq, "loggedAt": v.by.time}
            | {"name": v.name, "subject": v.manifest}
            for v in found
        ],
        "withheld": held,
        **({"names": bundle.names} if bundle.names else {}),
    }


def _claim_facts(bundle: Bundle, claim: Json, found: Standing) -> Json:
    def text_of(digest: str | None) -> str:
        return harmless(bundle.bodies.get(digest or "", b"")[16:].decode(errors="replace"))

    def decision(act: Act) -> Json:
        said = {name: act.said[name] for name in ("decidedAt", "decision", "opened", "role")}
        times = [at for size, at in bundle.confirmed.items() if act.by.seq < size]
        said |= {"witnessedAt": min(times)} if times else {}
        said |= {"dossier": act.about, "leaf": act.by.seq, "loggedAt": act.by.time, "person": act.person}
        return said | {"reason": text_of(act.said["reason"])}

    shown, risk = found.shown, found.registry.risk(found.manifest) if found.version else None
    made = [(act, word, text_of(act.said["reason"])) for act, word in found.exceptions()]
    return {
        "approvals": [decision(act) for act in found.approvals],
        "causes": [{"part": part} for part, _, _ in found.causes],
        "checks": found.checks,
        "claimed": claim["status"],
        "conditions": [{"digest": digest, "text": text_of(digest)} for digest in found.conditions],
        "dossier": shown.act.about if shown else "",
        "environment": claim["environment"],
        "exceptions": [
            {"kind": a.kind, "leaf": a.by.seq, "loggedAt": a.by.time, "reason": text, "state": word}
            | {"said": found.exception_said(a)}
            for a, word, text in made
        ],
        "expiresAt": found.expires,
        "gate": {"verdict": found.gate(bundle.head.size)},
        "name": found.version.name if found.version else "",
        "quorum": [{"have": have, "need": need, "role": role} for role, have, need in found.quorum],
        "rejections": [decision(act) for act in found.rejections],
        "reviewed": _reviewed_facts(bundle, shown.act.frozen) if shown and shown.act.frozen else {},
        "status": found.status,
        "subject": claim["subject"],
        "tier": risk.said["tier"] if risk else "",
        "versionState": found.state,
    }


def _reviewed_facts(bundle: Bundle, frozen: Json) -> Json:
    snapshot: Snapshot = {"node": [], "gap": []}
    with suppress(Refused):
        snapshot = read_snapshot(bundle.bodies.get(frozen["lineage"]["snapshot"], b""))
    bias = []
    for digest in frozen["biasChecks"]:
        with suppress(Refused):
            bias.append({"digest": digest} | _bias_facts(verify_bias(bundle.bodies.get(digest, b""))))
    return {
        "authors": frozen["authors"],
        "bias": bias,
        "evaluatedAt": frozen["evaluatedAt"],
        "evidence": [row | {"validUntil": row["validUntil"] or ""} for row in frozen["evidence"]],
        "lineage": frozen["lineage"]
        | {
            "datasets": [
                {n: row[n] or "" for n in ("digest", "level", "name", "version")}
                for row in snapshot["node"]
                if row["node"] == "dataset"
            ][:SHOWN]
        }
        | {"gapList": [{"at": row["at"], "reason": row["reason"]} for row in snapshot["gap"][:SHOWN]]},
        "policyVersion": frozen["policySet"]["version"],
        "risk": _risk_facts(bundle, frozen["risk"]) if frozen["risk"] else {},
    }


def _bias_facts(document: Json) -> Json:
    def group(row: Json) -> Json:
        said = {name: row[name] for name in ("excluded", "label", "n", "selected", "smallSample")}
        ends = f"{row['ci']['low']} to {row['ci']['high']}" if "low" in row["ci"] else "not available"
        below = {None: "not available", True: "yes", False: "no"}[row["belowFourFifths"]]
        ratios = {name: _shown(row[name]) for name in ("impactRatio", "rate")}
        return said | ratios | {"belowFourFifths": below, "interval": ends}

    said = {name: document[name] for name in ("attribute", "rule", "unknown")}
    return said | {
        "groups": [group(row) for row in document["groups"]],
        "reference": document["reference"]["label"] or "",
    }


def _risk_facts(bundle: Bundle, named: Json) -> Json:
    view: Json = {
        "digest": named["assessment"],
        "risks": [],
        "steps": [],
        "summary": "",
        "tier": named["tier"],
    }
    with suppress(Refused):
        document = verify_risk(bundle.bodies.get(named["assessment"], b""))
        view["summary"] = document["summary"]
        view["steps"] = [f"{step['rule']}: {step['tier']}" for step in document["derivation"]["steps"]]
        view["risks"] = [
            {name: risk[name] for name in ("area", "id", "title", "treatment")}
            | {
                "inherent": risk["inherent"]["rating"],
                "residual": risk["residual"]["rating"] or "not assessed",
            }
            for risk in document["risks"]
        ]
    return view


def _shown(ratio: Mapping[str, str]) -> str:
    if "num" not in ratio:
        return "not available"
    exact = Context(prec=50, rounding=ROUND_HALF_EVEN)
    value = exact.divide(Decimal(ratio["num"]), Decimal(ratio["den"]))
    return f"{ratio['num']}/{ratio['den']} = {value.quantize(Decimal('0.000001'), context=exact)}"


def states(said: Any, fact: Any) -> bool:
    """Tell whether what is said is the fact and no other, but for words that go with it."""
    if isinstance(fact, dict):
        exact = isinstance(said, dict) and set(fact) <= set(said) <= {*fact, *_WORDS}
        return exact and all(states(said[name], fact[name]) for name in fact)
    if isinstance(fact, list):
        return isinstance(said, list) and len(said) == len(fact) and all(map(states, said, fact))
    return type(said) is type(fact) and bool(said == fact)


def check_record(facts: Json, stated: bytes | None, page: bytes | None, findings: Findings) -> None:
    """Name where record.json states other facts, or the page is not the rendering of it."""
    try:
        said = read_json(stated or b"", 64 * MIB)
        good, shown = states(said, facts), render(said)
    except (Refused, ValueError, TypeError, KeyError, AttributeError, IndexError):
        good, shown = False, page or b""
    findings.expect(good, "RECORD_MISMATCH", "record.json is not what the bundle proves")
    findings.expect(page == shown, "REPORT_MISMATCH", "report.html is not the rendering of record.json")


_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #d0d7de}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #eaeef2}
th{font-weight:600;color:#57606a}code{font-size:.85em;overflow-wrap:anywhere}
.PASS,.pass,.valid{color:#116329}.FAIL,.fail,.error,.revoked{color:#a40e26}
.UNPROVEN,.stale,.expired,.valid-with-conditions{color:#7d4e00}
@media print{body{max-width:none}}
"""
_TITLES = {
    "label": "group",
    "impactRatio": "impact ratio",
    "interval": "95 % interval",
    "subject": "manifest",
    "belowFourFifths": "under four fifths",
    "smallSample": "small sample",
    "validUntil": "valid until",
    "decidedAt": "decided (claimed)",
    "loggedAt": "logged (claimed)",
    "witnessedAt": "witnessed at",
    "opened": "evidence opened",
    "treeSize": "records then",
    "seal": "sealed at leaf",
    "agrees": "agrees with the log",
    "absent": "not in this bundle",
}
_MARKED = {
    "PASS",
    "FAIL",
    "UNPROVEN",
    "NOTE",
    "pass",
    "fail",
    "error",
    "valid",
    "valid-with-conditions",
    "stale",
}
_MARKED |= {"expired", "revoked", "superseded"}


def _safe(said: str) -> str:
    return html.escape(harmless(said))


def _mark(word: str) -> str:
    return f'<strong class="{_safe(word)}">{_safe(word)}</strong>'


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "<br>".join(map(_cell, value))
    shown = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if shown in _MARKED:
        return _mark(shown)
    return f"<code>{_safe(shown)}</code>" if shown.startswith("sha256:") else _safe(shown)


def _grid(rows: Sequence[Json], columns: str) -> str:
    if not rows:
        return "<p>none</p>"
    head = "".join(f"<th>{_safe(_TITLES.get(name, name))}</th>" for name in columns.split())
    body = [
        "<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in columns.split()) + "</tr>" for row in rows
    ]
    return f"<table><tr>{head}</tr>\n" + "\n".join(body) + "</table>"


def _pairs(*rows: tuple[str, str]) -> str:
    return (
        "<table>"
        + "\n".join(f"<tr><th>{_safe(k)}</th><td>{_cell(v)}</td></tr>" for k, v in rows)
        + "</table>"
    )


def _bullets(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_safe(item)}</li>" for item in items) + "</ul>" if items else ""


def _call(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value in which persons the exporter has names for are called by both."""
    if isinstance(value, str):
        found = re.split(r"(p-[0-9a-f]{16})", value)
        return "".join(f"{names[part]} ({part})" if part in names else part for part in found)
    if isinstance(value, dict):
        return {name: _call(item, names) for name, item in value.items()}
    return [_call(item, names) for item in value] if isinstance(value, list) else value


def render(record: Json) -> bytes:
    """Return the one page that shows a record."""
    named = record.get("names")
    record = _call(record, named) if named else record
    head, title = record["head"], _safe(", ".join(v["name"] for v in record["versions"]) or "no version")
    witnesses = []
    if "witnesses" in head:
        seen = ", ".join(f"{row['name']} at {row['at']}" for row in head["witnesses"])
        witnesses = [("witnessed at", head["witnessedAt"] or "not by enough"), ("witnesses", seen)]
    held, advice = record["withheld"], record["advice"]
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>Audit bundle: {title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Audit bundle: {title}</h1>",
        f"<p>What the records themselves show: {_mark(record['result'])}. Whether this page",
        "belongs to them, and whether the registry is the one you know, is what",
        "<code>muniment bundle verify --anchor</code> says.</p>",
        _pairs(
            ("registry", record["origin"]),
            ("anchor", record["anchor"]),
            ("head", f"{head['treeSize']} records, last one at {head['time']} (claimed)"),
            *witnesses,
            ("root hash", head["rootHash"]),
            ("policy set in force", str(record["policyVersion"])),
            ("trust root in force", str(record["rootVersion"])),
            ("strength", record["strength"]),
        ),
        *(["<p>Names beside ids of persons are the exporter's word.</p>"] if named else []),
        *map(_claim_section, record["claims"]),
        "<h2>Population</h2>",
        _population_section(record),
        "<h2>Versions</h2>",
        _grid(record["versions"], "name subject artifact authors leaf loggedAt"),
        "<h2>Gate answers</h2>",
        _grid(record["receipts"], "time environment verdict status treeSize seal agrees"),
        "<h2>Findings</h2>",
        _grid(record["findings"], "check result code message"),
        "<h2>Refused records</h2>",
        _grid(record["refused"], "leaf type code message"),
        "<h2>Records in the log</h2>",
        _grid(record["records"], "type count absent"),
        *(["<h2>Held back by the exporter</h2>", _grid(held, "what reason digest")] if held else []),
        f"<h2>What this cannot show</h2>\n{_bullets(record['limits'])}",
        *(["<h2>What would make this stronger</h2>", _bullets(advice)] if advice else []),
        "<p>All of it, for programs: <code>data/record.json</code> in this bundle.</p>\n</body></html>\n",
    ]
    return "\n".join(parts).encode()


def _population_section(record: Json) -> str:
    counted, scope = record["population"], record["scope"]
    here = counted["leaves"]
    leaves = f"0 to {here - 1}, {here} without a hole" if here else "none"
    if record["profile"] == "extract":
        leaves = f"an extract: {here} of {record['head']['treeSize']}, each with its proof"
    named = ", ".join(scope["subjects"] + [f"namespace {name}" for name in scope["namespaces"]])
    return _pairs(
        ("source", f"the log {record['origin']}"),
        ("asked for", named or "every version"),
        ("environments", ", ".join(scope["environments"]) or "all"),
        (
            "registered or decided",
            f"{scope['since'] or 'the beginning'} to {scope['until'] or 'the head'}",
        ),
        ("versions in scope", str(counted["versions"])),
        ("claims", str(counted["claims"])),
        ("leaves", leaves),
        ("first leaf", counted["first"]),
        ("last leaf", counted["last"]),
        ("records enclosed", f"{sum(counted['enclosed'].values())} of {here}"),
    )


def _claim_section(claim: Json) -> str:
    title, approvals = f"{claim['name'] or claim['subject']} for {claim['environment']}", claim["approvals"]
    witnessed = "witnessedAt " if approvals and all("witnessedAt" in row for row in approvals) else ""
    parts = [
        f"<h2>{_safe(title)}: {_mark(claim['status'])}</h2>",
        _pairs(
            ("claimed", claim["claimed"]),
            ("gate at this head", ": ".join([claim["gate"]["verdict"], *claim["gate"]["why"]])),
            ("version state", claim["versionState"]),
            ("risk tier", claim["tier"] or "not assessed"),
            ("dossier", claim["dossier"] or "none"),
            ("expires", claim["expiresAt"] or "no date"),
        ),
        f"{_bullets(claim['why'])}\n<h3>Approvals that stand</h3>",
        _grid(approvals, f"person role decidedAt loggedAt {witnessed}leaf reason opened"),
        f"<h3>Quorum</h3>\n{_grid(claim['quorum'], 'role have need')}\n<h3>Checks the reviewers signed</h3>",
        _grid(claim["checks"], "rule title severity result message"),
    ]
    parts += _reviewed_section(claim["reviewed"]) if claim["reviewed"] else []
    for name, heading, columns in (
        ("exceptions", "Exceptions made", "leaf said state reason"),
        ("rejections", "Rejections", "person role decidedAt leaf reason"),
        ("conditions", "Conditions", "text digest"),
        ("causes", "Changed since", "part cause"),
    ):
        parts += [f"<h3>{heading}</h3>", _grid(claim[name], columns)] if claim[name] else []
    parts += ["<h3>Not provable from here</h3>", _bullets(claim["unproven"])] if claim["unproven"] else []
    return "\n".join(parts)


def _reviewed_section(view: Json) -> list[str]:
    lineage, risk = view["lineage"], view["risk"]
    counted = f"{lineage['nodes']} nodes, {lineage['edges']} edges, {lineage['gaps']} gaps"
    parts = ["<h3>Lineage</h3>", f"<p>{_safe(counted)}; the weakest link is {_safe(lineage['weakest'])}.</p>"]
    parts += [_grid(lineage["datasets"], "name version level digest")]
    parts += ["<h3>Lineage gaps</h3>", _grid(lineage["gapList"], "at reason")] if lineage["gapList"] else []
    for check in view["bias"]:
        title = f"Bias by {check['attribute']} ({check['rule']}; reference {check['reference'] or 'none'})"
        columns = "label n selected rate impactRatio interval belowFourFifths smallSample"
        unknown = (
            f"<p>{check['unknown']} people of unknown group are in no row.</p>" if check["unknown"] else ""
        )
        parts += [f"<h3>{_safe(title)}</h3>", _grid(check["groups"], columns), unknown]
    if risk:
        parts += [f"<h3>Risk: tier {_safe(risk['tier'])}</h3>", f"<p>{_safe(risk['summary'])}</p>"]
        parts += [_bullets(risk["steps"]), _grid(risk["risks"], "id title area inherent residual treatment")]
    return [*parts, "<h3>Evidence</h3>", _grid(view["evidence"], "kind level validUntil digest")]


# ---------------------------------------------------------------- 14. The answer and the command line


def verify(
    given: bytes | Path,
    anchor: str | None = None,
    prior: tuple[int, bytes] | None = None,
    at: str | None = None,
    *,
    max_age: timedelta | None = None,
    witnesses: int = 0,
) -> Json:
    """Return verdict, codes, findings and claims as decided again; raise Unusable without a fit openssl.

    `given` is the archive, or where it or its folder lies.
    `anchor` is the digest of the first trust root, `prior` an earlier head (size and root), `at` a time.
    The head may be no older than `max_age`, and so many `witnesses` must confirm it.
    """
    require_openssl()
    findings, inside, facts, files, statuses = Findings(), Findings(), {}, {}, list[Json]()
    data = b"PK" if isinstance(given, Path) else given
    try:
        data = read_path(given) if isinstance(given, Path) else given
        files = read_archive(data)
        payload, exporter = read_bag(files), _read_exporter(files)
        record, page = (payload.pop(name, None) for name in ("data/record.json", "data/report.html"))
        try:
            bundle = Bundle(payload, inside)
        finally:
            findings.rows += inside.rows
        _check_exporter(exporter, files, bundle, findings)
        facts = record_facts(bundle, inside)
        check_record(facts, record, page, findings)
        statuses = _check_auditor(bundle, findings, anchor, prior, at)
        _check_head(bundle, findings, at, max_age, witnesses)
    except Refused as refusal:
        findings.add("FAIL", refusal.code, refusal.message)
    alone = findings.worst() == "UNPROVEN" and findings.worst(without="UNANCHORED") == "PASS"
    return {
        "checks": findings.rows,
        "claims": facts.get("claims", []),
        "codes": findings.codes(),
        "statuses": statuses,
        "unusable": not files and not data.startswith(b"PK"),
        "verdict": "UNANCHORED" if alone else findings.worst(),
    }


def _read_exporter(files: Mapping[str, bytes]) -> Statement:
    statement = read_statement(files[STATEMENT])
    one = statement.kind == "audit-bundle" and len(statement.signatures) == 1
    demand(one, "BUNDLE_STATEMENT", "expected one signature over a statement audit-bundle")
    same = statement.subjects == ((MANIFEST, digest_of(files[MANIFEST])),)
    demand(same, "BUNDLE_STATEMENT", "the exporter signed another manifest")
    return statement


def _check_exporter(
    statement: Statement, files: Mapping[str, bytes], bundle: Bundle, findings: Findings
) -> None:
    # Anybody may export genuine records again: what they prove does not rest on the exporter.
    keyid, registry = statement.signers[0], bundle.registry
    try:
        public = verify_ssh_signature(files[MANIFEST], files[SSHSIG])
        demand(
            key_id(public) == keyid, "BUNDLE_SSHSIG", "the SSH signature and the statement are by two keys"
        )
        statement.verify({keyid: public})
    except Refused as refusal:
        findings.add("FAIL", refusal.code, refusal.message)
    own = statement.predicate == {"origin": bundle.head.origin}
    findings.expect(own, "BUNDLE_STATEMENT", "the exporter's statement is about another registry")
    known = any(keyid in root.keys for root in registry.roots)
    findings.expect(known, "EXPORTER_UNKNOWN", "the exporter's key was never enrolled", "NOTE")
    dead = known and keyid in registry.revoked
    findings.expect(not dead, "EXPORTER_REVOKED", "the bundle is signed by a revoked key", "NOTE")
    held = known and not dead and keyid in registry.suspended
    findings.expect(not held, "EXPORTER_SUSPENDED", "the bundle is signed by a suspended key", "NOTE")


def _check_auditor(
    bundle: Bundle, findings: Findings, anchor: str | None, prior: tuple[int, bytes] | None, at: str | None
) -> list[Json]:
    """Hold the bundle against what only the auditor knows; return the claims' statuses at their time."""
    statuses: list[Json] = []
    expect, head, roots = findings.expect, bundle.head, bundle.registry.roots
    if roots:
        said = "no anchor was given: whose registry this is cannot be told"
        expect(anchor is not None, "UNANCHORED", said, "UNPROVEN")
        expect(
            anchor in (None, roots[0].digest), "ANCHOR_MISMATCH", f"the first trust root is {roots[0].digest}"
        )
    if prior is not None:
        size, root = prior
        expect(size <= head.size, "ROLLBACK", f"you saw {size} leaves before, this log has {head.size}")
        found = head.root if size == head.size else bundle.root_at(size)
        told = found or not bundle.extract or size > head.size
        expect(
            told,
            "CONSISTENCY_UNPROVEN",
            "an extract does not show that it continues what you saw",
            "UNPROVEN",
        )
        same = found == root or size > head.size or (bundle.extract and not found)
        expect(same, "FORK", f"the log's first {size} leaves are not those you saw before")
    if at is not None:
        expect(at >= bundle.time, "TIME_BEFORE_HEAD", f"the head's last leaf is at {bundle.time}", "NOTE")
        ends = roots[-1].said["expires"] if roots else None
        expect(ends is None or ends > at, "ROOT_EXPIRED", f"the trust root expired at {ends}", "UNPROVEN")
    for claim in bundle.claims if at is not None else ():
        now = Standing(bundle.registry, claim["subject"], claim["environment"], at or "")
        statuses.append({"environment": claim["environment"], "name": now.name, "status": now.status})
    return statuses


def _check_head(
    bundle: Bundle, findings: Findings, at: str | None, max_age: timedelta | None, witnesses: int
) -> None:
    """Hold the head against what the auditor demands of it: how old it is, and who confirms it."""
    size, now = bundle.head.size, at or time_text(datetime.now(UTC))
    if max_age is not None:
        time = bundle.confirmed.get(size, bundle.time)
        young = bool(time) and clock(now) - clock(time) <= max_age
        findings.expect(
            young, "HEAD_TOO_OLD", f"the head is of {time or 'no time'}, too old at {now}", "UNPROVEN"
        )
    have = len(bundle.witnesses.get(size, {}))
    said = f"{have} witnesses confirm the head, you ask for {witnesses}"
    findings.expect(have >= witnesses, "WITNESS_QUORUM", said, "UNPROVEN")


def _digest_argument(said: str) -> str:
    return str(fit(NAMED["DIGEST"], said))


def _time_argument(said: str) -> str:
    return str(_time(said))


def _span_argument(said: str) -> timedelta:
    return span(fit(NAMED["SPAN"], said))


def _head_argument(said: str) -> tuple[int, bytes]:
    size, _, root = str(fit(like(r"[0-9]{1,16}:([0-9a-f]{64}|[A-Za-z0-9+/]{43}=)"), said)).partition(":")
    return int(size), bytes.fromhex(root) if len(root) == 64 else base64.b64decode(root)


def main(argv: Sequence[str]) -> int:
    """Verify the bundle that the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description="Verify an audit bundle with Python and openssl alone.")
    parser.add_argument("bundle", help="the archive, or the folder it was unpacked to")
    parser.add_argument(
        "--anchor", type=_digest_argument, help="sha256:... of the first trust root, from elsewhere"
    )
    parser.add_argument("--prior", type=_head_argument, help="SIZE:ROOT of a head you saw before")
    parser.add_argument("--at", type=_time_argument, help="a time YYYY-MM-DDTHH:MM:SSZ to decide at")
    parser.add_argument("--max-age", type=_span_argument, help="how old the head may be, such as 24h or 7d")
    parser.add_argument("--require-witness", type=int, default=0, help="how many witnesses must confirm it")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    asked = parser.parse_args(argv)
    try:
        limits = {"max_age": asked.max_age, "witnesses": asked.require_witness}
        answer = verify(Path(asked.bundle), asked.anchor, asked.prior, asked.at, **limits)
    except (Unusable, OSError) as error:
        sys.stderr.write(f"cannot verify: {error}\n")
        return 2
    if asked.json:
        sys.stdout.write(json.dumps(answer, indent=1, sort_keys=True) + "\n")
    else:
        lines = [f"{row['result']} {row['code']}: {row['message']}" for row in answer["checks"]]
        said = [
            (c["name"] or c["subject"], c["environment"], c["status"], c["gate"]["verdict"])
            for c in answer["claims"]
        ]
        lines += [f"{name} for {where}: {status}, gate {gate}" for name, where, status, gate in said]
        lines += [
            f"{s['name']} for {s['environment']} at {asked.at}: {s['status']}" for s in answer["statuses"]
        ]
        sys.stdout.write("\n".join([*lines, answer["verdict"]]) + "\n")
    return 2 if answer["unusable"] else {"PASS": 0, "FAIL": 1}.get(answer["verdict"], 3)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
