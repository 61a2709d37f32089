"""The one rule by which a bundle that was edited may still pass: it proves nothing more, and hides nothing.

Some of a bundle is its exporter's to choose, and its exporter can choose again: which documents, gate answers
and earlier heads it encloses, why something was left out, what was asked for, what persons are called. So an
edited bundle may pass when

1. every claim, gate answer and version it proves was proved before, with the same result, by the same people;
   (checks of a dossier that is named as absent are not proved any more);
2. log, anchor, policy and root are those of before, and every finding named before about what is still there
   is named again;
3. the files that differ are among those the exporter chooses.

Everything else that passes was accepted wrongly.
"""

from collections.abc import Mapping
from typing import Any

from registry.bundle import contents as at
from registry.bundle.verify import Answer
from schemas.canonical import canonical

CHOSEN = (
    at.SUMMARY,
    at.RECEIPTS,
    at.CHECKPOINT,
    at.ATTESTATIONS,
    at.BODIES,
    at.MANIFESTS,
    at.CHECKPOINTS,
    at.NAMES,
    at.REPORT,
    at.RECORD,
    "data/log/timestamps/",
)
"""Files, and folders of files, whose contents are the exporter's choice within what the log allows."""
_ABOUT_CLAIMS = frozenset({"TEXT_ERASED", "UNCLAIMED", "BREAK_GLASS", "OVERRIDDEN"})
_SAME = ("anchor", "origin", "policyVersion", "rootVersion")
_WORDS = frozenset({"text", "reason", "reviewed", "exceptions", "witnessedAt", "names", "message"})
"""Members of a claim that hold words, or views of documents that may be left out."""


def is_weaker(before: Answer, after: Answer, files: Mapping[str, bytes], edited: Mapping[str, bytes]) -> bool:
    """Say whether the edited bundle's answer says nothing that the honest one did not."""
    differing = {n for n in {*files, *edited} if files.get(n) != edited.get(n) and n.startswith("data/")}
    if not all(name.startswith(CHOSEN) for name in differing):
        return False
    if any(before.record[name] != after.record[name] for name in _SAME):
        return False
    if _head(before) != _head(after) or before.record["refused"] != after.record["refused"]:
        return False
    kept = len(after.record["claims"]) == len(before.record["claims"])
    silent = set(before.codes) - set(after.codes) - (set() if kept else _ABOUT_CLAIMS)
    proved = _facts(before) | (_facts(before, checks=False) if "CHECKS_ATTESTED" in after.codes else set())
    return not silent and _facts(after) <= proved


def _head(answer: Answer) -> tuple[Any, ...]:
    head = answer.record["head"]
    return head["rootHash"], head["treeSize"], head["time"]


def _facts(answer: Answer, *, checks: bool = True) -> set[bytes]:
    record = answer.record
    claims = [claim if checks else claim | {"checks": []} for claim in record["claims"]]
    return {canonical(_without_words(row)) for row in (*claims, *record["receipts"], *record["versions"])}


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_words(v) for k, v in value.items() if k not in _WORDS}
    return [_without_words(item) for item in value] if isinstance(value, list) else value
