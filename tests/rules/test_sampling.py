"""A sample can be drawn again by anybody who can hash."""

import hashlib

from registry.rules.sampling import draw


def test_the_order_is_that_of_the_hash_of_seed_and_place():
    ranked = sorted(range(500), key=lambda n: hashlib.sha256(b"2026-q4\0" + str(n).encode()).hexdigest())

    assert draw("2026-q4", 500, 20) == tuple(ranked[:20])


def test_a_larger_sample_begins_with_the_smaller():
    assert draw("s", 1000, 50)[:10] == draw("s", 1000, 10)


def test_asking_for_more_than_there_is_gives_every_place_once():
    assert sorted(draw("s", 7, 100)) == list(range(7))


def test_another_seed_draws_others():
    assert draw("a", 1000, 10) != draw("b", 1000, 10)
