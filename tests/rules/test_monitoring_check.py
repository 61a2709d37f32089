"""A check that a version is watched in use: it passes while reports keep coming, without a new approval."""

from typing import Any

import msgspec
import pytest

from registry.rules.check_rules import CheckRule, MonitoringCheck
from registry.rules.checks import CheckInputs, LineageSummary, evaluate_check
from registry.rules.policy import OnStale, parse_policy_set
from registry.rules.time_spans import days_after
from schemas.digest import Digest
from schemas.errors import VerificationError

FIRST, SECOND = Digest.of(b"first report"), Digest.of(b"second report")
WATCHED = CheckRule(id="watched", title="Watched", severity="block", check=MonitoringCheck(30))
SEEN = "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("last", "now", "result", "said"),
    [
        (SEEN, SEEN, "pass", "last seen in use at 2026-03-01T00:00:00Z"),
        (SEEN, "2026-03-30T23:59:59Z", "pass", "last seen in use"),
        (SEEN, "2026-03-31T00:00:00Z", "fail", "one report every 30 days is asked for"),
        (None, SEEN, "fail", "no report of its use is recorded"),
    ],
)
def test_the_latest_report_may_be_as_old_as_the_policy_says(
    last: str | None, now: str, result: str, said: str
) -> None:
    lineage = LineageSummary(training_known=True, datasets=1, gaps=0, weakest="reported")
    row = evaluate_check(
        WATCHED, CheckInputs(evaluated_at=now, artifact_level="verified", lineage=lineage, monitored_at=last)
    )
    assert row.result == result
    assert said in row.message
    assert row.values == ({} if last is None else {"last": SEEN, "validUntil": "2026-03-31T00:00:00Z"})


@pytest.mark.parametrize("check", [{}, {"maxAgeDays": 0}, {"maxAgeDays": "30"}, {"maxAgeDays": 30, "x": 1}])
def test_a_check_without_a_sensible_age_is_refused(logbook: Any, check: dict[str, Any]) -> None:
    policy = msgspec.structs.replace(logbook.policy, checks=(WATCHED,)).to_predicate("0" * 32)
    assert parse_policy_set(policy).checks == (WATCHED,)
    policy["checks"][0]["check"] = {"monitoring": check}
    with pytest.raises(VerificationError, match="POLICY_MALFORMED"):
        parse_policy_set(policy)


def seen(book: Any, people: Any, report: Digest) -> tuple[int, str]:
    """Record a report of monitoring; return its leaf and that leaf's time."""
    leaf = book.log("monitoring-recorded", [book.subject(), ("document", report)], {}, people.alice)
    return leaf, book.records[leaf].leaf.time


@pytest.fixture
def watched(logbook: Any, people: Any) -> Any:
    """credit-risk@7, approved under a policy that asks for a report every 30 days."""
    version = logbook.policy.version + 1
    logbook.set_policy(msgspec.structs.replace(logbook.policy, version=version, checks=(WATCHED,)))
    seen(logbook, people, FIRST)
    logbook.decide(people.bob, logbook.request(monitoring=(FIRST,)))
    return logbook


def first_ends(book: Any) -> str:
    leaf = next(r.leaf for r in book.records if r.leaf.type == "monitoring-recorded")
    return days_after(leaf.time, 30)


def test_an_approval_goes_stale_when_nobody_watches_any_longer(watched: Any) -> None:
    ends = first_ends(watched)
    assert watched.gate().verdict == "allow"
    assert watched.status(at=ends).status == "stale"
    (why,) = watched.status(at=ends).why
    assert why.startswith("monitoring: last seen in use at ")
    assert why.endswith("one every 30 days is asked for")
    assert watched.gate(at=ends).verdict == "deny"
    assert watched.status(at=ends).next == ("muniment import monitoring FILE --for retail/credit-risk@7",)


def test_a_new_report_keeps_it_in_use_without_a_new_approval(watched: Any, people: Any) -> None:
    ends = first_ends(watched)
    watched.later(days=20)
    leaf, time = seen(watched, people, SECOND)
    assert watched.status(at=ends).status == "valid"
    assert watched.status(at=days_after(time, 30)).status == "stale"
    # The new report grants, so it must lie under a signed head; before the first ran out it granted nothing.
    assert watched.gate(at=ends, signed_size=leaf).verdict == "unproven"
    assert watched.gate(at=ends, signed_size=leaf + 1).verdict == "allow"
    assert watched.gate(at=time, signed_size=leaf).verdict == "allow"


def test_what_a_compromised_key_reported_keeps_nothing_in_use(watched: Any, people: Any) -> None:
    ends = first_ends(watched)
    watched.later(days=20)
    leaf = watched.log("monitoring-recorded", [watched.subject(), ("document", SECOND)], {}, people.carol)
    assert watched.status(at=ends).status == "valid"
    watched.revoke(people.carol, "compromised", leaf)
    assert watched.status(at=ends).status == "stale"


def test_a_policy_may_give_days_of_grace(logbook: Any, people: Any) -> None:
    (rule,) = logbook.policy.approval
    graceful = msgspec.structs.replace(rule, on_stale=OnStale(0, {"monitoring": 5}))
    version = logbook.policy.version + 1
    logbook.set_policy(
        msgspec.structs.replace(logbook.policy, version=version, approval=(graceful,), checks=(WATCHED,))
    )
    seen(logbook, people, FIRST)
    logbook.decide(people.bob, logbook.request(monitoring=(FIRST,)))
    ends = first_ends(logbook)
    assert (logbook.gate(at=ends).verdict, logbook.status(at=ends).status) == ("allow", "stale")
    assert logbook.gate(at=days_after(ends, 5)).verdict == "deny"


def test_a_dossier_that_did_not_pass_has_nothing_to_lose(logbook: Any, people: Any) -> None:
    version = logbook.policy.version + 1
    warned = msgspec.structs.replace(WATCHED, severity="warn")
    logbook.set_policy(msgspec.structs.replace(logbook.policy, version=version, checks=(warned,)))
    row = evaluate_check(
        warned,
        CheckInputs(
            evaluated_at=SEEN,
            artifact_level="verified",
            lineage=LineageSummary(training_known=True, datasets=1, gaps=0, weakest="reported"),
        ),
    )
    logbook.decide(people.bob, logbook.request(checks=(row,)))
    assert logbook.status().status == "valid"
