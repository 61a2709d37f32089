"""Whoever writes a policy set is told every fault at once, each with its path and its line."""

import pytest

from registry.acts.policy_set import PolicyFaulty, read_policy_source, starter_source
from registry.rules.policy import PolicySet

GOOD = """semantics: 1
approval:
  - roles: {risk-approver: 1}
"""


def faults(text: str, version: int | None = None) -> list[tuple[int | None, str]]:
    """Return line and words of every fault."""
    with pytest.raises(PolicyFaulty) as refused:
        read_policy_source(text.encode(), version)
    return [(line, f"{path}: {said}") for path, line, said in refused.value.faults]


def test_every_fault_is_named_with_its_line() -> None:
    found = faults("""semantics: 1
approval:
  - roles: {risk-approver: 0}
    breakGlass: {roles: [], maxHours: 721}
  - roles: {}
    unless: urgent
checks:
  - id: drift
    title: x
    severity: fatal
    check: {vibes: {}}
""")

    assert [line for line, _ in found] == [3, 4, 4, 5, 6, 10, 11]
    assert found[0] == (3, "approval[0].roles: expected `int` >= 1")
    assert found[1] == (4, "approval[0].breakGlass.roles: expected `array` of length >= 1")
    assert found[2] == (4, "approval[0].breakGlass.maxHours: expected `int` <= 720")
    assert found[5][1] == "checks[0].severity: expected one of block, warn, info, found 'fatal'"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("approval: [{roles: {owner: -1}}]", "approval[0].roles: expected `int` >= 1"),
        ("approval: [{roles: {owner: true}}]", "approval[0].roles: expected `int`, got `bool`"),
        ("approval: [{roles: {owner: 1.5}}]", "approval[0].roles: expected `int`, got `str`"),
        ("approval: [{roles: {owner: 21}}]", "approval[0].roles: expected `int` <= 20"),
        (
            "approval: [{roles: {king: 1}}]",
            "approval[0].roles: expected one of owner, developer, validator, risk-approver, found 'king'",
        ),
        ("approval: []", "approval: expected `array` of length >= 1"),
        ("approval: [7]", "approval[0]: expected `object`, got `int`"),
        ("approval: [{}]", "approval[0]: it lacks roles"),
        (
            "approval: [{roles: {owner: 1}, enforcement: {mode: warn, since: tomorrow}}]",
            "approval[0].enforcement.since: expected a time YYYY-MM-DDTHH:MM:SSZ, in UTC",
        ),
        (
            GOOD + "maxUnsealedAge: 1w",
            "maxUnsealedAge: expected a span of time such as 90m, 24h or 7d",
        ),
        (GOOD + "nonce: ab", "nonce: it is written when the set is signed: leave it out"),
        (GOOD + "checks: 7", "checks: expected `array`, got `int`"),
        (
            GOOD + "checks: [{id: a, title: b, severity: block, check: {bias: {attributes: []}}}]",
            "checks[0].check.bias.attributes: expected `array` of length >= 1",
        ),
        (
            GOOD + "existingApprovals: {reApproveFrom: 2027-02-31T00:00:00Z}",
            ": no such time: 2027-02-31T00:00:00Z",
        ),
    ],
)
def test_a_fault_is_told_in_words(text: str, said: str) -> None:
    text = text if text.startswith("semantics") else f"semantics: 1\n{text}"

    assert [words for _, words in faults(text)] == [said]


def test_a_set_that_lacks_everything_says_what() -> None:
    assert [words for _, words in faults("{}")] == [": it lacks semantics", ": it lacks approval"]


def test_a_version_that_is_not_the_next_is_refused() -> None:
    assert faults(GOOD + "version: 7", 3) == [(4, "version: the next policy set is version 3, found 7")]
    assert read_policy_source((GOOD + "version: 3").encode(), 3).version == 3


def test_two_checks_of_one_id_are_told() -> None:
    check = "{id: a, title: b, severity: block, check: {artifact: {}}}"

    assert faults(f"{GOOD}checks: [{check}, {check}]") == [(None, ": two checks have the same id")]


def test_the_starter_set_has_none_and_tells_of_break_glass() -> None:
    source = starter_source()

    assert isinstance(read_policy_source(source, 1), PolicySet)
    assert b"breakGlass: {roles: [owner], maxHours: 24}" in source
