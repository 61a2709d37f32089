"""From the words after `bias check` to the checks themselves."""

from collections.abc import Iterable, Iterator, Sequence

from importers.evaluations.table import Table, read_table
from registry.rules import fairness
from registry.rules.ll144 import group_names, leave_out, under_two_percent
from registry.rules.tally import Question, Tally, tally
from registry.rules.tally_layout import ConfusionColumns, CountColumns, Layout, RowColumns, ScoreColumn
from schemas.errors import Malformed, Usage
from schemas.evaluation import BiasCheck, BiasInput, GroupCounts, Polarity, Rule
from tui.bias_asked import Asked

_UNDER_TWO_PERCENT = "less than 2 % of the people (6 RCNY 5-301)"


def checks_of(asked: Asked, name: str, data: bytes, *, storing: bool) -> tuple[list[BiasCheck], list[str]]:
    """Return the checks asked for and what a person should know; raise for input that cannot mean any."""
    layout, outcome = _layout(asked)
    attributes = _attributes(asked)
    table = read_table(data, name)
    question = Question(attributes, layout, asked.strata, frozenset(asked.unknown))
    try:
        tallies = tally(table.columns, table.rows(), question)
    except (Malformed, Usage) as error:
        # The rules do not know where the rows came from.
        text = error.message if error.message.startswith(name) else f"{name}: {error.message}"
        raise type(error)(text, hint=error.hint) from error
    _refuse_unused(asked, tallies)
    source = (
        ("digest", table.digest),
        ("layout", _layout_name(layout)),
        ("name", name),
        ("size", table.size),
    )
    checks = [
        fairness.evaluate(_given(asked, t, Polarity(outcome, asked.favourable), source)) for t in tallies
    ]
    if storing and any(not isinstance(g.counts.n, int) for c in checks for g in c.groups):
        raise Usage(
            "weights that are not whole give fractions of people, which are never stored",
            hint="leave out --for, or use whole weights",
        )
    return checks, list(_notes(asked, checks, table))


def _layout(asked: Asked) -> tuple[Layout, str]:
    """Return where the numbers stand and what the counted outcome is called."""
    if asked.n is not None and asked.selected is not None and asked.above_median is None:
        _refuse_others(asked, "n", "selected")
        return CountColumns(asked.n, asked.selected), asked.selected
    if asked.n is not None and asked.above_median is not None and asked.selected is None:
        _refuse_others(asked, "n", "above_median")
        return CountColumns(asked.n, asked.above_median), f"{asked.above_median}: score above the median"
    cells = (asked.tn, asked.fp, asked.fn, asked.tp)
    if all(cells):
        _refuse_others(asked, "tn", "fp", "fn", "tp")
        return ConfusionColumns(*(str(c) for c in cells)), "predicted positive"
    if asked.outcome is not None and asked.positive:
        _refuse_others(asked, "outcome", "positive", "truth", "truth_positive", "weight")
        if (asked.truth is None) == bool(asked.truth_positive):
            raise Usage("--truth and --truth-positive go together", hint="name the column and its value")
        positive = frozenset(v.strip() for v in asked.positive)
        truth = frozenset(v.strip() for v in asked.truth_positive)
        layout = RowColumns(asked.outcome, positive, asked.truth, truth, asked.weight)
        return layout, f"{asked.outcome} is {' or '.join(sorted(positive))}"
    if asked.score is not None:
        _refuse_others(asked, "score")
        return ScoreColumn(asked.score, asked.median_of == "all"), f"{asked.score} above the median"
    raise Usage(
        "expected the columns that hold the outcome",
        hint="--n COL --selected COL; --n COL --above-median COL; --tn --fp --fn --tp COL; "
        "--outcome COL --positive VALUE; or --score COL",
    )


_MEASURES = (
    *("n", "selected", "above_median", "tn", "fp", "fn", "tp"),
    *("outcome", "positive", "truth", "truth_positive", "weight", "score"),
)


def _refuse_others(asked: Asked, *used: str) -> None:
    for name in _MEASURES:
        if name not in used and getattr(asked, name):
            option, first = name.replace("_", "-"), used[0].replace("_", "-")
            raise Usage(f"--{option} does not go with --{first}", hint="give one kind of outcome columns")


def _layout_name(layout: Layout) -> str:
    names = {CountColumns: "counts", ConfusionColumns: "confusion", RowColumns: "rows", ScoreColumn: "scores"}
    return names[type(layout)]


def _attributes(asked: Asked) -> tuple[tuple[str, ...], ...]:
    plain = [tuple(a.split("*")) for a in asked.attributes]
    crossed = [tuple(part.strip() for part in c.split("*")) for c in asked.crosses]
    for parts in crossed:
        if len(parts) < 2 or len(set(parts)) != len(parts) or "" in parts:
            raise Usage(
                f"--cross {'*'.join(parts)}: expected two columns or more", hint="write --cross 'sex*race'"
            )
    found = tuple(dict.fromkeys([*plain, *crossed]))
    if not found:
        raise Usage("name at least one column of groups", hint="--attribute COL")
    return found


def _given(
    asked: Asked, counted: Tally, polarity: Polarity, source: tuple[tuple[str, str | int], ...]
) -> BiasInput:
    rule: Rule = "ll144" if asked.rule == "ll144" else "general"
    return BiasInput(
        attribute=counted.attribute,
        rule=rule,
        policy=_policy(asked.references, counted),
        polarity=polarity,
        unknown=counted.unknown,
        groups=_left_out(asked, counted.groups),
        strata_by=asked.strata,
        strata=counted.strata,
        source=source,
    )


def _policy(references: Sequence[str], counted: Tally) -> str:
    labels = {g.label for g in counted.groups}
    chosen = fairness.BEST
    for text in references:
        attribute, _, name = text.partition("=")
        if text in labels:
            return text
        if name and attribute == counted.attribute:
            return name
        if text in fairness.POLICIES:
            chosen = text
    return chosen


def _left_out(asked: Asked, groups: tuple[GroupCounts, ...]) -> tuple[GroupCounts, ...]:
    labels = [label for label in asked.exclude if label in {g.label for g in groups}]
    if asked.exclude_small:
        if asked.rule != "ll144":
            raise Usage(
                "--exclude-small is LL144's 2 % rule", hint="add --rule ll144, or name groups with --exclude"
            )
        labels += [label for label in under_two_percent(groups) if label not in labels]
    if not labels:
        return groups
    reason = asked.exclude_reason or (_UNDER_TWO_PERCENT if asked.rule == "ll144" else "")
    if not reason.strip():
        raise Usage("leaving a group out needs a reason", hint="add --exclude-reason TEXT")
    # Shares are those of the whole table, so what may be left out is settled before anything is.
    marked = {
        g.label: g
        for label in labels
        for g in leave_out(groups, label, reason, rule=asked.rule)
        if g.excluded
    }
    return tuple(marked.get(g.label, g) for g in groups)


def _refuse_unused(asked: Asked, tallies: Sequence[Tally]) -> None:
    """Raise for an --exclude or --reference that names nothing: a slip must not pass silently."""
    labels = {g.label for t in tallies for g in t.groups}
    for label in asked.exclude:
        if label not in labels:
            raise Usage(f"--exclude {label!r} names no group", hint="write the label as the file does")
    attributes = {t.attribute for t in tallies}
    for text in asked.references:
        if text in labels or text in fairness.POLICIES or text.partition("=")[0] in attributes:
            continue
        known = group_names(g for t in tallies for g in t.groups)
        raise Usage(f"--reference {text!r} names no group", hint=f"best, largest, overall, or one of {known}")


def _notes(asked: Asked, checks: Sequence[BiasCheck], table: Table) -> Iterator[str]:
    if asked.outcome is not None and all(g.counts.selected == 0 for c in checks for g in c.groups):
        values = ", ".join(sorted(_values(table, asked.outcome))[:8])
        yield f"no row's {asked.outcome} is {' or '.join(asked.positive)}; its values are {values}"
    if asked.rule == "ll144" and not any("*" in c.given.attribute for c in checks):
        yield "LL144 also asks for the crossed table: add --cross 'SEX*RACE'"
    for found in checks:
        small = under_two_percent(g.counts for g in found.groups)
        if asked.rule == "ll144" and small and not asked.exclude_small:
            yield f"{found.given.attribute}: under 2 % of the people, kept: {', '.join(small)}"


def _values(table: Table, column: str) -> Iterable[str]:
    at = table.columns.index(column)
    return {cells[at][:40] for _, cells in table.rows()}
