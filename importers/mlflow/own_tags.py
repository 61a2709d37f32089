"""Tags that we write to model versions ourselves: an echo is no fact, a stranger's change is a warning."""

from collections.abc import Iterable
from typing import Any

PREFIX = "muniment."

Tags = dict[str, str]


def split_tags(item: Any) -> tuple[Any, Tags]:
    """Return a version as the server gave it but without our tags, and those tags.

    Without them a version has the same bytes before and after we wrote to it.
    """
    tags = item.get("tags") if isinstance(item, dict) else None
    if not isinstance(tags, list):
        return item, {}
    own = {str(t["key"]): str(t.get("value", "")) for t in tags if _is_own(t)}
    if not own:
        return item, {}
    rest = [tag for tag in tags if not _is_own(tag)]
    without = {key: value for key, value in item.items() if key != "tags"}
    return (without | {"tags": rest} if rest else without), own


def without_tags(model: Any) -> Any:
    """Return a registered model without our tags: it repeats some of its versions in `latest_versions`."""
    repeated = model.get("latest_versions") if isinstance(model, dict) else None
    if not isinstance(repeated, list):
        return model
    return {**model, "latest_versions": [split_tags(item)[0] for item in repeated]}


def find_changed(
    found: dict[tuple[str, str], Tags], written: Iterable[tuple[str, str, str, str]]
) -> list[tuple[str, str, str]]:
    """Return (model, version, what is wrong) of every tag of ours that is not as we wrote it.

    `found` are the tags read now, of every version that was read; `written` is (model, version, key, value).
    """
    wanted: dict[tuple[str, str], Tags] = {}
    for model, version, key, value in written:
        wanted.setdefault((model, version), {})[key] = value
    changed = []
    for (model, version), tags in sorted(found.items()):
        ours = wanted.get((model, version), {})
        for key in sorted(tags.keys() | ours.keys()):
            if tags.get(key) == ours.get(key):
                continue
            what = "set by somebody else" if key not in ours else "changed by somebody else"
            changed.append((model, version, f"tag {key} was {'taken away' if key not in tags else what}"))
    return changed


def _is_own(tag: Any) -> bool:
    return isinstance(tag, dict) and str(tag.get("key", "")).startswith(PREFIX)
