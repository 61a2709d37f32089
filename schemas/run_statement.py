"""One event of a run as its exact bytes state it: what is kept of it for a person who asks who said what."""

import msgspec

from schemas.observation import Facets, Name


class UseStatement(msgspec.Struct, frozen=True):
    """A dataset as one event lists it: facets of the dataset, and facets of this use of it."""

    dataset: Name
    facets: Facets = {}
    use_facets: Facets = {}


class RunStatement(msgspec.Struct, frozen=True):
    """What one event states. `order` decides between statements: instant, rank of the type, event id."""

    order: tuple[int, int, bytes]
    type: str | None
    time: str
    producer: str = ""
    run_facets: Facets = {}
    job_facets: Facets = {}
    inputs: tuple[UseStatement, ...] = ()
    outputs: tuple[UseStatement, ...] = ()
