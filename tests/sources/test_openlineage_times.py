"""Event times as producers write them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.openlineage.times import parse_event_time

AT = 1_767_323_045


@pytest.mark.parametrize(
    ("written", "text", "instant"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", AT * 10**9),
        ("2026-01-02T03:04:05.34Z", "2026-01-02T03:04:05.34Z", AT * 10**9 + 340_000_000),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456789Z", AT * 10**9 + 123_456_789),
        ("2026-01-02T13:04:05.001+10:00", "2026-01-02T03:04:05.001Z", AT * 10**9 + 1_000_000),
        ("2026-01-01T22:34:05.5-04:30", "2026-01-02T03:04:05.5Z", AT * 10**9 + 500_000_000),
        ("2026-01-02T03:04:05.000000+00:00", "2026-01-02T03:04:05.000000Z", AT * 10**9),
    ],
)
def test_a_time_becomes_utc_and_keeps_the_digits_the_source_gave(written: str, text: str, instant: int):
    found = parse_event_time(written)

    assert (found.text, found.instant, found.warning) == (text, instant, None)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("2026-01-02T03:04:05.678", "2026-01-02T03:04:05.678Z"),
        ("2026-01-02 03:04:05+00:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04Z", "2026-01-02T03:04:00Z"),
        ("2026-01-02 04:04:05+0100", "2026-01-02T03:04:05Z"),
    ],
)
def test_an_odd_spelling_is_understood_with_a_warning(written: str, text: str):
    found = parse_event_time(written)

    assert found.text == text
    assert written in (found.warning or "")


def test_a_leap_second_keeps_its_name_and_stands_where_the_next_second_starts():
    leap, after = parse_event_time("2016-12-31T23:59:60Z"), parse_event_time("2017-01-01T00:00:00Z")

    assert leap.text == "2016-12-31T23:59:60Z"
    assert leap.instant == after.instant


def test_a_leap_second_of_another_zone_is_the_same_moment_in_utc():
    assert parse_event_time("2017-01-01T08:59:60+09:00").text == "2016-12-31T23:59:60Z"


def test_the_year_9999_is_taken_and_stops_at_the_last_instant_that_fits():
    found = parse_event_time("9999-12-31T23:59:59Z")

    assert (found.text, found.instant) == ("9999-12-31T23:59:59Z", 2**63 - 1)


@pytest.mark.parametrize(
    "written",
    [
        None,
        1767322800000,
        "",
        "2026-01-02",
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-01-02T25:00:00Z",
        "2026-01-02T00:61:00Z",
        "2026-01-02T00:00:61Z",
        "0001-01-01T00:00:00+10:00",
        "+10000-01-01T00:00:00Z",
        "2026-01-02T03:04:05Zjunk",
        "٢٠٢٦-01-02T03:04:05Z",
    ],
)
def test_what_names_no_moment_is_refused_with_a_reason(written: object):
    with pytest.raises(ValueError, match="eventTime"):
        parse_event_time(written)


FIRST = datetime.min  # noqa: DTZ901 - the event's zone is written as Z
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - likewise


@given(st.datetimes(FIRST, datetime.max), st.text("0123456789", max_size=12))  # noqa: DTZ901 - likewise
def test_a_plain_time_is_kept_as_written_and_its_instant_is_that_of_the_calendar(at: datetime, digits: str):
    second = at.replace(microsecond=0)
    written = f"{second.isoformat()}{'.' if digits else ''}{digits}Z"

    read = parse_event_time(written)

    whole = (second - EPOCH) // timedelta(seconds=1)
    expected = whole * 1_000_000_000 + int(digits[:9].ljust(9, "0"))
    assert (read.text, read.warning) == (written, None)
    assert read.instant == max(-(2**63) + 1, min(expected, 2**63 - 1))
