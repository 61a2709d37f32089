"""Selecting from a lineage graph and drawing it."""

import pytest

from registry.rules.lineage import (
    EVERY_HOP,
    Edge,
    Gap,
    Lineage,
    Node,
    Selector,
    cycles,
    dot,
    parse_selector,
    select,
    tree,
)
from schemas.errors import Usage


def graph(*edges: str, root: str, gaps: tuple[str, ...] = ()) -> Lineage:
    pairs = [edge.split(">") for edge in edges]
    names = sorted({root, *(name for pair in pairs for name in pair)})
    return Lineage(
        (root,),
        tuple(Node(name, "dataset", name) for name in names),
        tuple(Edge(a, b, "input") for a, b in pairs),
        tuple(Gap(name, "no-known-writer") for name in gaps),
    )


@pytest.mark.parametrize(
    ("text", "name", "up", "down"),
    [
        ("x", "x", 1, 1),
        ("+x", "x", EVERY_HOP, 0),
        ("x+", "x", 0, EVERY_HOP),
        ("+x+", "x", EVERY_HOP, EVERY_HOP),
        ("2+x+1", "x", 2, 1),
        ("2+credit-risk@7", "credit-risk@7", 2, 0),
        ("s3://b:a+b+3", "s3://b:a+b", 0, 3),
        ("10+x", "x", 10, 0),
    ],
)
def test_a_selector_says_how_far_to_look_each_way(text: str, name: str, up: int, down: int):
    assert parse_selector(text) == Selector(name, up, down)


def test_an_empty_selector_is_refused():
    with pytest.raises(Usage):
        parse_selector("")


def test_hops_are_counted_from_the_root_each_way():
    whole = graph("a>b", "b>c", "c>d", "d>e", "other>d", root="c", gaps=("a", "b"))

    found = select(whole, up=1, down=2)

    assert [n.id for n in found.nodes] == ["b", "c", "d", "e"]
    assert [g.at for g in found.gaps] == ["b"]


def test_a_tree_names_twice_what_is_reached_twice_and_draws_it_once():
    drawn = list(tree(graph("raw>a", "raw>b", "a>x", "b>x", root="x", gaps=("raw",)), upstream=True))

    assert drawn == [
        "dataset x",
        "|- dataset a",
        "|  `- dataset raw",
        "|     `- ? no-known-writer",
        "`- dataset b",
        "   `- dataset raw  (above)",
    ]


def test_a_circle_is_drawn_to_its_end_and_named():
    circle = graph("a>b", "b>c", "c>a", root="a")

    assert list(tree(circle, upstream=False)) == [
        "dataset a",
        "`- dataset b",
        "   `- dataset c",
        "      `- dataset a  (above)",
    ]
    assert cycles(circle) == [["a", "b", "c"]]


def test_a_chain_of_thousands_is_drawn():
    chain = graph(*(f"n{i}>n{i + 1}" for i in range(5000)), root="n0")

    assert len(list(tree(chain, upstream=False))) == 5001


def test_names_cannot_break_out_of_a_drawing():
    hostile = graph('a"];x[label="\n>b', root="b")

    assert '  "a\\"];x[label=\\"\\n" -> "b" [label="input", style=solid];' in list(dot(hostile))
