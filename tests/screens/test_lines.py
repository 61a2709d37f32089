"""Lines: what foreign text can do to a terminal, and how text is cut to cells."""

from tui.drawing.lines import BLANK, beside, chunks, clean, fit, line, plain, tail, wrap


def test_it_writes_out_characters_that_steer_a_terminal() -> None:
    assert clean("a\x1b[31mred") == "a<U+001B>[31mred"


def test_it_writes_out_characters_that_reorder_what_is_read() -> None:
    assert clean("credit\u202eksir@7") == "credit<U+202E>ksir@7"


def test_it_writes_out_invisible_characters_that_make_two_names_look_alike() -> None:
    assert clean("credit\u200b-risk") == "credit<U+200B>-risk"


def test_it_keeps_letters_of_every_script() -> None:
    assert clean("Kreditwürdigkeit 信用") == "Kreditwürdigkeit 信用"


def test_it_cuts_to_cells_and_marks_the_cut() -> None:
    assert fit("retail/credit-risk", 10) == "retail/cr…"


def test_it_counts_wide_characters_as_two_cells() -> None:
    assert fit("信用", 6) == "信用  "


def test_it_cuts_the_front_where_the_end_tells_more() -> None:
    assert tail("s3://warehouse/features/credit", 12) == "…ures/credit"


def test_it_keeps_the_line_breaks_of_a_reason() -> None:
    assert wrap("first\nsecond", 40) == ["first", "second"]


def test_it_adds_nothing_to_the_text_that_is_signed() -> None:
    text = '{"decision":"approve","reason":"sha256:0123"}'
    assert "".join(chunks(text, 9)) == text


def test_it_keeps_the_keys_of_the_left_column() -> None:
    rows = beside([line("a", key="one")], [line("x"), BLANK], 3, "|")
    assert (plain(rows), rows[0].key) == ("a   | x\n    |", "one")
