"""SARIF 2.1.0: the findings of an analysis, as outcomes of the rules that found them."""

from collections.abc import Iterator
from typing import Any

from importers.evaluations.json_value import shape_of
from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation_report import Outcome, Result

BLIND_SPOTS = (
    "rules that found nothing, where the tool does not list them",
    "what lies in suppressed findings",
)
_MESSAGE = 500
_RESULTS: dict[str, Result] = {
    "pass": "pass",
    "notApplicable": "skipped",
    "informational": "skipped",
    "review": "error",
    "open": "error",
}


def is_sarif(value: Any) -> bool:
    """Tell whether a JSON value is a SARIF log."""
    return isinstance(value, dict) and isinstance(value.get("runs"), list) and "version" in value


def read_sarif(name: str, value: Any) -> Results:
    """Return an outcome per finding, and `pass` for every listed rule that found nothing."""
    if value["version"] != "2.1.0":
        raise Malformed(f"{name}: SARIF {str(value['version'])[:20]}, expected 2.1.0")
    with shape_of(name, "SARIF 2.1.0"):
        outcomes = tuple(outcome for run in value["runs"] for outcome in _outcomes(run))
    return Results("sarif", outcomes=outcomes, blind_spots=BLIND_SPOTS)


def _outcomes(run: dict[str, Any]) -> Iterator[Outcome]:
    driver = run["tool"]["driver"]
    tool = str(driver.get("name", "unnamed"))
    rules = driver.get("rules") or []
    found = set()
    for item in run.get("results") or ():
        rule = _rule(item, rules)
        found.add(rule)
        result = _RESULTS.get(item.get("kind", "fail"), "fail")
        if item.get("suppressions") or item.get("level") in ("note", "none"):
            result = "skipped"
        if item.get("baselineState") == "absent":
            result = "pass"  # found once, and found no longer
        text = str((item.get("message") or {}).get("text", ""))
        yield Outcome(f"{tool}/{rule}", result, text[:_MESSAGE])
    broken = [row for row in run.get("invocations") or () if row.get("executionSuccessful") is False]
    if broken:
        yield Outcome(tool, "error", "the tool says that it did not run to its end")
    for listed in rules:
        if str(listed["id"]) not in found and not broken:
            yield Outcome(f"{tool}/{listed['id']}", "pass")


def _rule(item: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    """Return the id of the rule that an item names, itself or by its place in the list of rules."""
    named = item.get("rule") or {}
    place = item.get("ruleIndex", named.get("index"))
    listed = rules[place]["id"] if isinstance(place, int) and 0 <= place < len(rules) else "unnamed"
    return str(item.get("ruleId") or named.get("id") or listed)
