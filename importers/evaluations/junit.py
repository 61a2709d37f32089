"""JUnit XML: the outcome of every test case, whatever ran it."""

import re
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation_report import Outcome, Result

BLIND_SPOTS = ("tests that were not collected", "what a test asserts: its name is all that is known of it")
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MESSAGE = 500
_KINDS: tuple[tuple[str, Result], ...] = (("failure", "fail"), ("error", "error"), ("skipped", "skipped"))


def is_junit(data: bytes) -> bool:
    """Tell whether the bytes look like JUnit XML."""
    return data.lstrip()[:1] == b"<" and b"<testsuite" in data[:65_536]


def read_junit(name: str, data: bytes) -> Results:
    """Return the outcome of each test case; raise Malformed for XML that declares entities or is broken."""
    # An entity may name a file or grow without end; no test report needs one. Wide characters, of which every
    # other byte is zero, would hide it.
    if _DECLARES.search(data) or b"\0" in data:
        raise Malformed(f"{name}: declares a document type or entities", hint="export plain JUnit XML")
    try:
        root = ET.fromstring(data)  # noqa: S314 - entities are refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Malformed(f"{name}: not XML: {error}", hint="export the report again") from error
    outcomes = tuple(_outcome(case) for case in root.iter("testcase"))
    if not outcomes:
        raise Malformed(f"{name}: no test case is in it")
    return Results("junit", outcomes=outcomes, blind_spots=BLIND_SPOTS)


def _outcome(case: Element) -> Outcome:
    name = ".".join(part for part in (case.get("classname"), case.get("name")) if part) or "unnamed"
    for tag, result in _KINDS:
        found = case.find(tag)
        if found is not None:
            said = found.get("message") or (found.text or "").strip().partition("\n")[0]
            return Outcome(name, result, said[:_MESSAGE])
    return Outcome(name, "pass")
