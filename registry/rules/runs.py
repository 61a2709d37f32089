"""What became of a run, from all its events, in whatever order and however often they arrive.

1. Events are ordered by (instant, START < RUNNING < OTHER < COMPLETE < ABORT < FAIL, event id); several real
   producers give one time to START and COMPLETE, and the event id settles what is left.
2. A terminal state is sticky; of several, the latest counts. START, RUNNING and OTHER never move a run back.
3. Without a terminal state the latest START or RUNNING counts; a run that has neither is OTHER.
4. `started_at` is the earliest START and nothing else; `ended_at` is the time of the terminal state chosen.

Merging is associative, commutative, and the same for every split of the events, so that two imports and
one give the same run. Sources: interop section 1.3, RECORDS section 3.
"""

from collections.abc import Iterable

import msgspec

from schemas.observation import RANKS, RunFact

TERMINAL = frozenset(("COMPLETE", "ABORT", "FAIL"))
STATIC_RANK = RANKS["OTHER"]
"""Where events without a run stand between events of the same instant."""

_WEIGHT = {"OTHER": 0, "START": 1, "RUNNING": 1, "COMPLETE": 2, "ABORT": 2, "FAIL": 2}


class RunState(msgspec.Struct, frozen=True):
    """A run as reduced so far. Times are the source's texts; instants decide, texts break ties."""

    state: str
    state_instant: int
    state_time: str
    started_instant: int | None
    started_at: str | None
    last_instant: int
    streaming: bool
    events: int
    user: str | None = None

    @property
    def ended_at(self) -> str | None:
        """The time of the terminal state, or None while there is none."""
        return self.state_time if self.state in TERMINAL else None

    @property
    def ended_instant(self) -> int | None:
        """The instant of the terminal state, or None while there is none."""
        return self.state_instant if self.state in TERMINAL else None


def of_event(fact: RunFact) -> RunState:
    """Return the run as this one event shows it."""
    state = fact.state or "OTHER"
    started = state == "START"
    return RunState(
        state,
        fact.instant,
        fact.time,
        fact.instant if started else None,
        fact.time if started else None,
        fact.instant,
        is_streaming(fact),
        1,
        fact.user,
    )


def merge(one: RunState, other: RunState) -> RunState:
    """Return the run that the events behind `one` and `other`, none of them in both, show together."""
    chosen = max(one, other, key=_decides)
    start = _earlier(one, other)
    return RunState(
        chosen.state,
        chosen.state_instant,
        chosen.state_time,
        start.started_instant,
        start.started_at,
        max(one.last_instant, other.last_instant),
        one.streaming or other.streaming,
        one.events + other.events,
        max(one.user or "", other.user or "") or None,
    )


def reduce(facts: Iterable[RunFact]) -> RunState:
    """Return the run that these events, each given once, show; raise ValueError for none."""
    state: RunState | None = None
    for fact in facts:
        state = of_event(fact) if state is None else merge(state, of_event(fact))
    if state is None:
        raise ValueError("a run without events has no state")
    return state


def is_streaming(fact: RunFact) -> bool:
    """Say whether the event calls its job a stream or a service, which may never end."""
    kind = fact.job_facets.get("jobType")
    processing = kind.get("processingType") if isinstance(kind, dict) else None
    return isinstance(processing, str) and processing.upper() in ("STREAMING", "SERVICE")


def _decides(run: RunState) -> tuple[int, int, int, str]:
    return _WEIGHT[run.state], run.state_instant, RANKS[run.state], run.state_time


def _earlier(one: RunState, other: RunState) -> RunState:
    if one.started_instant is None or one.started_at is None:
        return other
    if other.started_instant is None or other.started_at is None:
        return one
    mine, theirs = (one.started_instant, one.started_at), (other.started_instant, other.started_at)
    return one if mine <= theirs else other
