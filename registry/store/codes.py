"""The small integers that stand for words in the projections."""

from enum import IntEnum


class Kind(IntEnum):
    """What a node is."""

    DATASET = 1
    JOB = 2


class Direction(IntEnum):
    """Which way data went between a run and a dataset."""

    INPUT = 1
    OUTPUT = 2


class Relation(IntEnum):
    """Why one node points to another."""

    INPUT = 1
    OUTPUT = 2
    DERIVATION = 3
    PARENT = 4
    DEPENDENCY = 5
    DECLARED_DERIVATION = 6
