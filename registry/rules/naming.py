"""How foreign names are written inside signed documents (RECORDS section 2).

A foreign name is kept byte-exact elsewhere. Here it is its UTF-8 with every byte outside printable ASCII, and
`%`, written `%XX`; over 512 bytes, its SHA-256. A reference is `namespace:name@version` in which the last `:`
and the last `@` separate, because both are escaped where they could be taken for a separator.
"""

import hashlib
import re
from typing import Any

from schemas.observation import Name, RunKey

MAX_NAME = 512
_PASSWORD = re.compile(r"(://[^/@:\s]*:)[^/@\s]*?(?:@|%40)")
_PARAMETER = re.compile(
    r"([?&;](?:[a-z0-9._-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential|signature)"
    r"[a-z0-9._-]*|sig)=)[^&;#\s\"']+",
    re.IGNORECASE,
)
_SECRET_KEY = re.compile(
    r"password|passwd|pwd|secret|api[_.-]?key|access[_.-]?key|credential|(?:^|[._-])token$", re.IGNORECASE
)
_PLAIN = re.compile(r"[ -$&-~]*")


def escape(text: str, also: str = "") -> str:
    """Return `text` in printable ASCII, the characters of `also` escaped too."""
    if _PLAIN.fullmatch(text) and len(text) <= MAX_NAME and not any(c in text for c in also):
        return text
    data = text.encode()
    if len(data) > MAX_NAME:
        return "sha256:" + hashlib.sha256(data).hexdigest()
    extra = also.encode()
    return "".join(
        chr(b) if 0x20 <= b <= 0x7E and b != 0x25 and b not in extra else f"%{b:02X}" for b in data
    )


def without_secrets(text: str) -> str:
    """Return `text` for a screen: a password in a URI's authority or among its parameters is `***`."""
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1***@", text))


def value_without_secrets(value: Any, room: int = 50) -> Any:
    """Return a JSON value for a screen: texts as above, what a key calls a secret as `***`, depths as `…`."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, list | dict) and not room:
        return "…"
    if isinstance(value, list):
        return [value_without_secrets(item, room - 1) for item in value]
    if isinstance(value, dict):
        return {key: _item(key, item, room - 1) for key, item in value.items()}
    return value


def _item(key: str, item: Any, room: int) -> Any:
    return "***" if isinstance(item, str) and _SECRET_KEY.search(key) else value_without_secrets(item, room)


def reference(name: Name, version: str | None = None) -> str:
    """Return `namespace:name`, with `@version` when there is one."""
    plain = f"{escape(name.namespace, '@')}:{escape(name.name, ':@')}"
    return plain if version is None else f"{plain}@{escape(version, '@')}"


def dataset_member(name: Name) -> str:
    """Return what a closure calls a dataset, whatever its version."""
    return f"dataset:{reference(name)}"


def run_member(key: RunKey) -> str:
    """Return what a closure calls a run."""
    return f"run:{reference(key.job, key.run_id)}"
