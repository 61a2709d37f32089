"""Every tab fits every width, in both glyph sets, and says what matters."""

import msgspec
import pytest

from schemas.digest import Digest
from tests.screens.sample import CHANGES, CHECKS, PAGE, REGISTER, SUBJECT
from tests.screens.sample_queue import ITEM
from tui.drawing.attention import attention_keys
from tui.drawing.gate_list import gate_list
from tui.drawing.glyphs import ASCII, UNICODE, Glyphs, glyphs_for
from tui.drawing.heat_map import heat_map
from tui.drawing.lineage_graph import LineageGraph
from tui.drawing.lines import Line, cell_count, plain
from tui.drawing.queue import preview_lines, queue_line
from tui.drawing.records import change_lines
from tui.drawing.version import TABS, tab_lines
from tui.drawing.words import status_span

HOSTILE = "x\x1b]0;owned\x07\u202egnp.\u2066"


def drawn(tab: str, cells: int, glyphs: Glyphs, way: str = "tree") -> list[Line]:
    assert PAGE.lineage is not None
    return tab_lines(PAGE, tab, cells, glyphs, way=way, graph=LineageGraph(PAGE.lineage))


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("cells", [75, 76, 100, 115, 160])
@pytest.mark.parametrize("tab", TABS)
def test_no_row_is_wider_than_the_screen(tab: str, cells: int, glyphs: Glyphs) -> None:
    for way in ("tree", "table"):
        assert [
            row.text for row in drawn(tab, cells, glyphs, way) if cell_count(row.text.rstrip()) > cells
        ] == []


@pytest.mark.parametrize("tab", TABS)
def test_the_ascii_set_draws_nothing_but_ascii(tab: str) -> None:
    assert plain(drawn(tab, 76, ASCII)).isascii()


def test_every_glyph_is_one_cell() -> None:
    for glyphs in (UNICODE, ASCII):
        marks = [mark for mark in msgspec.structs.astuple(glyphs) if isinstance(mark, str)]
        assert {cell_count(mark) for mark in (*marks, *glyphs.boxes, *glyphs.heavy)} == {1}


def test_it_takes_the_glyph_set_that_is_named_else_what_the_terminal_can_show() -> None:
    assert glyphs_for({"MUNIMENT_GLYPHS": "ascii"}, "utf-8") is ASCII
    assert glyphs_for({}, "UTF-8") is UNICODE
    assert glyphs_for({}, "ascii") is ASCII


def test_the_overview_shows_why_and_what_next() -> None:
    said = plain(drawn("overview", 76, UNICODE))
    assert "gate ✗ deny" in said
    assert "risk-approver 0 of 1" in said
    assert "next       muniment approve retail/credit-risk@7" in said


def test_a_failed_check_shows_its_sentence_and_the_number_that_decided_it() -> None:
    said = plain(gate_list(CHECKS, "policy set 3", 76, UNICODE))
    assert "CHECKS  policy set 3  4 of 7 met" in said
    assert "✗ FAIL   Lineage without gaps" in said
    assert "gaps 1" in said
    assert "dataset bureau has no known writer" in said


def test_a_check_that_only_warns_is_marked_as_a_warning() -> None:
    assert "! FAIL   Data protection assessment" in plain(gate_list(CHECKS, "", 76, UNICODE))


def test_the_evidence_shows_what_monitoring_saw_and_how_old_it_is() -> None:
    said = plain(drawn("evidence", 76, UNICODE))
    assert "MONITORING" in said
    assert "✗ 2 of 8 alarming" in said
    assert "64 d old" in said
    assert "absent or damaged" in said
    assert "EVALUATIONS" in said


def test_a_version_that_nobody_watches_says_how_to_change_that() -> None:
    unwatched = msgspec.structs.replace(PAGE, reports=())
    said = plain(tab_lines(unwatched, "evidence", 76, UNICODE))
    assert "Nothing is known of this version in use." in said
    assert f"muniment import monitoring FILE --for {SUBJECT}" in said


def test_an_alarming_report_needs_attention() -> None:
    alarming = [key for key in attention_keys(PAGE, "evidence") if key.endswith(Digest.of(b"drift").hex)]
    assert len(alarming) == 1


def test_the_heat_map_places_each_risk_in_its_cell() -> None:
    rows = plain(heat_map(REGISTER, 76, UNICODE, residual=False)).splitlines()
    certain, likely = (next(row for row in rows if word in row) for word in (" certain", " likely"))
    assert "R-01" in certain
    assert "R-02 R-03 H" in likely


def test_the_residual_map_leaves_out_what_has_no_residual_score() -> None:
    said = plain(heat_map(REGISTER, 76, UNICODE, residual=True))
    assert "R-03" not in said
    assert "R-01" in said


def test_a_changed_part_says_what_follows_from_it() -> None:
    said = plain(change_lines(CHANGES, 76, UNICODE))
    assert "makes it stale" in said
    assert "Bias checks" in said


def test_a_version_without_risk_bias_or_lineage_says_that_it_is_a_finding() -> None:
    bare = msgspec.structs.replace(PAGE, risk=None, bias=(), lineage=None)
    for tab in ("risk", "fairness", "lineage"):
        assert "That is a finding, not a pass" in plain(tab_lines(bare, tab, 76, UNICODE))


def test_hostile_names_are_harmless_on_every_tab() -> None:
    text = (
        msgspec.json.encode(PAGE, enc_hook=str).decode().replace("dev.olsen", "EVIL").replace("Proxy", "EVIL")
    )
    for was in ("bureau", "Validation report", "female", "Lineage without gaps", "2 blocking"):
        text = text.replace(was, "EVIL")
    page = msgspec.json.decode(
        text.replace("EVIL", msgspec.json.encode(HOSTILE).decode()[1:-1]),
        type=type(PAGE),
        dec_hook=lambda kind, value: kind(value),
    )
    assert page.lineage is not None
    for tab in TABS:
        said = plain(tab_lines(page, tab, 116, UNICODE, graph=LineageGraph(page.lineage)))
        assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set(said)


def test_next_goes_to_what_is_not_as_it_should_be() -> None:
    assert attention_keys(PAGE, "overview") == ["check:LIN", "check:BIAS", "check:DPIA"]
    assert attention_keys(PAGE, "fairness") == ["group:age:under 25", "group:age:65+"]
    assert attention_keys(PAGE, "risk") == ["risk:R-01", "risk:R-03"]
    assert attention_keys(PAGE, "approvals") == ["approval:21"]
    assert len(attention_keys(PAGE, "evidence")) == 3


def test_a_queue_row_says_tier_version_environment_and_what_is_asked() -> None:
    said = queue_line(ITEM, 76, UNICODE).text
    assert all(word in said for word in ("HIGH", SUBJECT, "production", "Approve for production", "3/7"))


def test_the_preview_says_why_and_what_next() -> None:
    said = plain(preview_lines(ITEM, 76, UNICODE))
    assert "2 blocking checks fail" in said
    assert "→ muniment changes retail/credit-risk@7 --env production" in said


@pytest.mark.parametrize("status", ["valid", "stale", "expired", "revoked", "superseded"])
def test_every_status_is_told_by_a_word(status: str) -> None:
    assert status in status_span(status, ASCII).text
