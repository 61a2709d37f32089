"""Every fault of an authored policy set at once, each with its path, in words for whoever writes one."""

import re
import typing
from types import NoneType
from typing import Any

import msgspec

from registry.rules.check_rules import CHECK_KINDS, WORD_PATTERN
from registry.rules.policy import SPAN_PATTERN, TIME_PATTERN, PolicySetText, parse_policy_set
from schemas.errors import VerificationError

_GIVEN = ("nonce", "source")
"""Members that signing adds: an author writes neither."""


_AT = re.compile(r" - at (?:`key` in )?`\$([^`]*)`")
_CODE = re.compile(r"^(?:[A-Z_]+: )+")
_PATTERNS = {
    TIME_PATTERN: "a time YYYY-MM-DDTHH:MM:SSZ, in UTC",
    SPAN_PATTERN: "a span of time such as 90m, 24h or 7d",
    WORD_PATTERN: "`*` or a name of at most 64 letters a-z, digits, dots, dashes and underscores",
}


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong: where, as `approval[0].roles`, and what was expected."""

    path: str
    message: str


def find_faults(authored: dict[str, Any], version: int | None = None) -> tuple[Fault, ...]:
    """Return what is wrong with a policy set as authored; `version` is the one it would get."""
    faults = [
        Fault(name, "it is written when the set is signed: leave it out")
        for name in _GIVEN
        if name in authored
    ]
    said = authored.get("version")
    if version is not None and said is not None and said != version:
        faults.append(Fault("version", f"the next policy set is version {version}, found {said!r}"))
    whole = {"checks": [], **authored, "version": said or version or 1, "nonce": "0" * 32}
    faults += _faults({k: v for k, v in whole.items() if k != "source"}, PolicySetText, "")
    for index, check in enumerate(_dicts(whole["checks"])):
        faults += _check_faults(check.get("check"), f"checks[{index}].check")
    if not faults:
        try:
            parse_policy_set({k: v for k, v in whole.items() if k != "source"})
        except VerificationError as error:
            faults.append(Fault("", _CODE.sub("", error.message)))
    return tuple(dict.fromkeys(faults))


def _check_faults(check: Any, path: str) -> list[Fault]:
    if not isinstance(check, dict) or len(check) != 1:
        return []  # the set's own shape has told of it
    ((kind, value),) = check.items()
    shape = CHECK_KINDS.get(kind)
    if shape is None:
        return [Fault(path, f"expected one of {', '.join(CHECK_KINDS)}, found {str(kind)[:40]!r}")]
    return _faults(value, shape, f"{path}.{kind}")


def _faults(value: Any, kind: Any, path: str) -> list[Fault]:
    shape, many = _struct_in(kind)
    if shape is not None and many and isinstance(value, list) and value:
        return [f for i, item in enumerate(value) for f in _faults(item, shape, f"{path}[{i}]")]
    if shape is not None and not many and isinstance(value, dict):
        return _members(value, shape, path)
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text, where = _AT.split(f"{error} - at `$`")[:2]
        return [Fault(f"{path}{where.replace('[...]', '')}", _in_words(text, kind))]
    return []


def _in_words(text: str, kind: Any) -> str:
    for pattern, words in _PATTERNS.items():
        if repr(pattern) in text:
            return f"expected {words}"
    choices = _choices(kind)
    if choices and text.startswith("Invalid enum value"):
        return f"expected one of {', '.join(choices)}, found {text.removeprefix('Invalid enum value ')}"
    return text[:1].lower() + text[1:]


def _choices(kind: Any) -> tuple[str, ...]:
    """Return the words a type allows, wherever in it they stand."""
    if typing.get_origin(kind) is typing.Literal:
        return tuple(map(str, typing.get_args(kind)))
    return tuple(word for inner in typing.get_args(kind) for word in _choices(inner))


def _members(value: dict[str, Any], shape: type[msgspec.Struct], path: str) -> list[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    known = ", ".join(name for name in fields if name != "nonce")
    faults = []
    for name, item in value.items():
        inner = f"{path}.{name}".removeprefix(".")
        if name in fields:
            faults += _faults(item, fields[name].type, inner)
        else:
            faults.append(Fault(inner, f"no such member; there are {known}"))
    lacking = [name for name, field in fields.items() if field.required and name not in value]
    return faults + [Fault(path, f"it lacks {name}") for name in lacking]


def _struct_in(kind: Any) -> tuple[type[msgspec.Struct] | None, bool]:
    """Return the struct a type is made of, and whether it is a list of them."""
    if typing.get_origin(kind) is typing.Annotated:
        return _struct_in(typing.get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind, False
    inner = [item for item in typing.get_args(kind) if item not in (Ellipsis, NoneType)]
    found = [shape for item in inner if (shape := _struct_in(item)[0]) is not None]
    return (found[0], typing.get_origin(kind) is tuple) if len(found) == 1 else (None, False)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item if isinstance(item, dict) else {} for item in value] if isinstance(value, list) else []
