"""Fairness: three-valued verdicts, lamps, the picture of an interval."""

import msgspec
import pytest

from registry.views import GroupRow, Ratio
from tests.screens.sample import BIAS, SUBJECT
from tui.drawing.forest_plot import bias_lines, decimal, fairness_lines, group_detail, lamps, plot, verdict
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.lines import line, plain

PLAIN = GroupRow(
    "a",
    1000,
    500,
    Ratio(1, 2),
    Ratio(9, 10),
    "0.85",
    "0.95",
    "0.2",
    below_four_fifths=False,
    interval="clearly above",
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "pass"),
        ({"below_four_fifths": True, "interval": "uncertain"}, "FAIL below 4/5"),
        ({"interval": "uncertain"}, "inconclusive: spans 4/5"),
        ({"interval": "uncertain", "small_sample": True}, "inconclusive: spans 4/5, small sample"),
        ({"small_sample": True}, "inconclusive: small sample"),
        ({"below_four_fifths": None}, "cannot be computed"),
        ({"reference": True}, "reference"),
        ({"excluded": "fewer than 30"}, "excluded: fewer than 30"),
    ],
)
def test_it_says_each_verdict_in_words(changes: dict[str, object], said: str) -> None:
    assert verdict(msgspec.structs.replace(PLAIN, **changes))[1] == said


def test_it_never_says_pass_for_a_small_sample() -> None:
    assert verdict(msgspec.structs.replace(PLAIN, small_sample=True))[0] == "warn"


def test_it_rounds_half_to_even() -> None:
    assert (decimal(Ratio(1, 16)), decimal(Ratio(3, 16)), decimal(Ratio(2, 3))) == ("0.062", "0.188", "0.667")


def test_it_says_none_for_a_ratio_over_nothing() -> None:
    assert decimal(Ratio(1, 0)) == "none"


def test_it_draws_interval_estimate_limit_and_parity() -> None:
    group = BIAS[1].groups[0]
    assert line(*plot(group, 33, "warn", UNICODE)).text == "        ├─────●──────┤           "


def test_it_shows_three_lamps_and_a_dot_for_what_is_unknown() -> None:
    group = msgspec.structs.replace(PLAIN, below_four_fifths=True, interval="uncertain", significant=None)
    assert line(*lamps(group, UNICODE)).text == "✗ ! · "


def test_it_names_the_failing_group_at_80_columns() -> None:
    said = plain(bias_lines(BIAS[1], 76, ASCII))
    assert "65+" in said
    assert "x FAIL below 4/5" in said
    assert "212!" in said


def test_it_says_that_no_bias_check_is_a_finding() -> None:
    said = plain(fairness_lines((), SUBJECT, 76, ASCII))
    assert "That is a finding, not a pass" in said
    assert f"muniment bias check FILE --attribute COLUMN --for {SUBJECT}" in said


def test_it_shows_the_ratio_as_the_integers_that_were_compared() -> None:
    check = BIAS[1]
    assert "387/500 = 0.774000" in plain(group_detail(check, check.groups[3], UNICODE))
