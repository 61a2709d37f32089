"""muniment bias check: the shape scripts rely on, and one line for every input that cannot be used."""

import csv
import io
import json
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "bias"
GROUP_KEYS = {
    *("label", "n", "selected", "rate", "impact_ratio", "ci_low", "ci_high", "z", "p", "fisher_p"),
    *("below_four_fifths", "small_sample", "excluded", "tn", "fp", "fn", "tp", "tpr", "fpr", "fnr", "ppv"),
}
CHECK_KEYS = {
    *("attribute", "rule", "reference", "polarity", "unknown", "groups", "parity_difference", "parity_ratio"),
    *("equalized_odds_difference", "equalized_odds_ratio", "mantel_haenszel_ratio"),
}
COUNTS = "sex,race,people,chosen\nF,a,100,40\nF,b,50,30\nM,a,100,60\nM,b,50,20\n,a,7,1\nn/a,b,3,1\n"
ROWS = (
    "sex,site,said,true,w\nF,x,yes,1,2\nF,y,no,0,1\nF,x,yes,0,1\n"
    "M,x,yes,1,3\nM,y,no,1,2\nM,y,maybe,0,1\nunknown,x,yes,1,4\n"
)


@pytest.fixture
def table(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_counts_are_added_up_crossed_and_compared(muniment, table):
    done = muniment(
        *("bias", "check", table(COUNTS), "--attribute", "sex", "--attribute", "race", "--cross", "sex*race"),
        *("--n", "people", "--selected", "chosen", "--json"),
    )

    assert done.code == 0
    sex, race, both = done.json["checks"]
    assert set(sex) >= CHECK_KEYS
    assert all(set(group) >= GROUP_KEYS for group in sex["groups"])
    assert (sex["attribute"], race["attribute"], both["attribute"]) == ("sex", "race", "sex*race")
    assert [(g["label"], g["n"], g["selected"]) for g in sex["groups"]] == [("F", 150, 70), ("M", 150, 80)]
    assert (sex["unknown"], race["unknown"], both["unknown"]) == (10, 0, 10)
    assert sex["groups"][0]["impact_ratio"] == 70 / 80
    assert (sex["reference"], sex["polarity"], sex["rule"]) == ("M", "favourable", "general")
    assert [g["label"] for g in both["groups"]] == ["F|a", "F|b", "M|a", "M|b"]
    assert both["parity_difference"] == 0.2


def test_without_for_nothing_is_stored_and_no_registry_is_needed(muniment, table, tmp_path: Path):
    done = muniment(
        "bias", "check", table(COUNTS), "--attribute", "sex", "--n", "people", "--selected", "chosen"
    )

    assert done.code == 0
    assert not (tmp_path / "registry").exists()
    assert "recorded" not in done.out


def test_rows_are_weighed_and_compared_with_what_turned_out(muniment, table):
    done = muniment(
        *("bias", "check", table(ROWS), "--attribute", "sex", "--outcome", "said", "--positive", "yes"),
        *("--positive", "maybe", "--truth", "true", "--truth-positive", "1", "--weight", "w", "--json"),
    )

    (check,) = done.json["checks"]
    women, men = check["groups"]
    assert [women[k] for k in ("tn", "fp", "fn", "tp", "n", "selected")] == [1, 1, 0, 2, 4, 3]
    assert [men[k] for k in ("tn", "fp", "fn", "tp", "n", "selected")] == [0, 1, 2, 3, 6, 4]
    assert (women["tpr"], women["fpr"], women["fnr"], women["ppv"]) == (1.0, 0.5, 0.0, 2 / 3)
    assert check["equalized_odds_difference"] == 0.5
    assert check["unknown"] == 4


def test_weights_that_are_not_whole_give_rates_but_no_tests_and_are_not_stored(muniment, table):
    text = "sex,said,w\nF,yes,0.5\nF,no,1.5\nM,yes,1\nM,no,1\n"
    words = ("bias", "check", table(text), "--attribute", "sex", "--outcome", "said", "--positive", "yes")

    women = muniment(*words, "--weight", "w", "--json").json["checks"][0]["groups"][0]
    refused = muniment(*words, "--weight", "w", "--for", "m@1")

    assert (women["rate"], women["impact_ratio"], women["n"]) == (0.25, 0.5, 2)
    assert women["z"] is None
    assert refused.code == 2
    assert "never stored" in refused.err


def test_confusion_counts_give_the_same_as_rows(muniment, table):
    text = "sex,a,b,c,d\nF,1,1,0,2\nM,0,1,2,3\n"
    done = muniment(
        *("bias", "check", table(text), "--attribute", "sex", "--json"),
        *("--tn", "a", "--fp", "b", "--fn", "c", "--tp", "d"),
    )

    (check,) = done.json["checks"]
    assert check["equalized_odds_difference"] == 0.5
    assert check["groups"][1]["selected"] == 4


def test_strata_turn_berkeley_round(muniment):
    done = muniment(
        *("bias", "check", DATA / "ucb_admissions_1973.csv", "--attribute", "sex", "--strata", "department"),
        *("--n", "applicants", "--selected", "admitted", "--json"),
    )

    (check,) = done.json["checks"]
    assert check["groups"][0]["impact_ratio"] == pytest.approx(0.6818298435630683)
    assert check["mantel_haenszel_ratio"] == pytest.approx(1.058307423589208)
    assert check["groups"][0]["below_four_fifths"] is True


def test_the_city_rules_table_is_printed_with_words_for_every_lamp(muniment, table):
    rows = csv.DictReader((DATA / "ll144_rule_examples.csv").read_text().splitlines())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("race", "n", "k"))
    writer.writerows(
        (r["label"], r["people"], r["counted"])
        for r in rows
        if (r["table"], r["attribute"]) == ("selection", "race")
    )

    done = muniment(
        *(
            "bias",
            "check",
            table(out.getvalue()),
            "--attribute",
            "race",
            "--n",
            "n",
            "--selected",
            "k",
            "--rule",
            "ll144",
        )
    )

    assert done.code == 0
    line = next(line for line in done.out.splitlines() if line.startswith("Black or African American"))
    assert "0.843" in line
    assert "at or above" in line
    assert "uncertain" in line
    assert "significant" in line
    assert "under 2 % of the people, kept: Native American or Alaska Native" in done.err


def test_small_categories_are_left_out_on_request_with_count_and_rate_shown(muniment, table):
    text = "sex,n,k\nA,1000,500\nB,1000,400\nC,30,30\n"
    words = (
        "bias",
        "check",
        table(text),
        "--attribute",
        "sex",
        "--n",
        "n",
        "--selected",
        "k",
        "--rule",
        "ll144",
    )

    kept = muniment(*words, "--json").json["checks"][0]
    left = muniment(*words, "--exclude-small", "--json").json["checks"][0]
    refused = muniment(*words, "--exclude", "B")

    assert (kept["reference"], left["reference"]) == ("C", "A")
    third = left["groups"][2]
    assert (third["excluded"], third["n"], third["rate"], third["impact_ratio"]) == (True, 30, 1.0, None)
    assert left["groups"][1]["impact_ratio"] == 0.8
    assert left["groups"][1]["below_four_fifths"] is False
    assert refused.code == 2


def test_scores_are_counted_strictly_above_the_median(muniment, table):
    text = "sex,score\nM,10\nM,20\nM,30\nM,40\nF,20\nF,30\nF,30\nF,50\nunknown,-1e3\n"
    words = ("bias", "check", table(text), "--attribute", "sex", "--score", "score", "--json")

    known = muniment(*words).json["checks"][0]
    everybody = muniment(*words, "--median-of", "all").json["checks"][0]

    assert [g["rate"] for g in known["groups"]] == [0.25, 0.25]
    assert [g["rate"] for g in everybody["groups"]] == [0.25, 0.25]
    assert known["unknown"] == 1


def test_a_reference_is_named_per_attribute(muniment, table):
    words = ("bias", "check", table(COUNTS), "--attribute", "sex", "--attribute", "race", "--n", "people")

    named = muniment(*words, "--selected", "chosen", "--reference", "sex=F", "--json").json["checks"]
    plain = muniment(
        *words, "--selected", "chosen", "--reference", "F", "--reference", "overall", "--json"
    ).json["checks"]
    typo = muniment(*words, "--selected", "chosen", "--reference", "Femal")

    assert [c["reference"] for c in named] == ["F", "b"]
    assert [(c["reference"], c["reference_policy"]) for c in plain] == [("F", "F"), ("overall", "overall")]
    assert typo.code == 2
    assert "names no group" in typo.err


COUNT_WORDS = ("--attribute", "sex", "--n", "n", "--selected", "k")


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("", COUNT_WORDS, "empty, expected a header and rows"),
        ("sex,n,k\n", COUNT_WORDS, "no row names a known group"),
        ("sex,n\nF,1\n", COUNT_WORDS, "no column 'k'; the columns are sex, n"),
        ("sex,n,k\nF,-1,0\n", COUNT_WORDS, "line 2: n: expected a number of people, found '-1'"),
        ("sex,n,k\nF,1.5,0\n", COUNT_WORDS, "line 2: n: expected a number of people, found '1.5'"),
        ("sex,n,k\nF,1,\n", COUNT_WORDS, "line 2: k: expected a number of people, found ''"),
        ("sex,n,k\nF,1,2\n", COUNT_WORDS, "line 2: k is 2, more than the 1 of n"),
        ("sex,n,k\nF,1\n", COUNT_WORDS, "line 2: expected 3 cells, found 2"),
        ("sex,n,n\nF,1,1\n", COUNT_WORDS, "the header names 'n' twice"),
        (b"sex,n,k\n\xff,1,1\n", COUNT_WORDS, "byte 8 is not UTF-8"),
        ('sex,n,k\n"F,1,1\n', COUNT_WORDS, "not CSV"),
        ("sex,n,k\nF,1,1\n", ("--attribute", "sex"), "expected the columns that hold the outcome"),
        ("sex,n,k\nF,1,1\n", ("--n", "n", "--selected", "k"), "name at least one column of groups"),
        ("sex,n,k\nF,1,1\n", (*COUNT_WORDS, "--weight", "n"), "--weight does not go with --n"),
        ("sex,n,k\nF,1,1\n", (*COUNT_WORDS, "--cross", "sex"), "expected two columns or more"),
        (
            "sex,n,k\nF,1,1\n",
            ("--attribute", "n", "--n", "n", "--selected", "k"),
            "cannot name groups and hold",
        ),
        ("sex,n,k\nF,1,1\n", (*COUNT_WORDS, "--exclude", "F"), "needs a reason"),
        ("sex,n,k\nF,1,1\n", (*COUNT_WORDS, "--exclude", "Q"), "'Q' names no group"),
        ("sex,n,k\nF,1,1\n", (*COUNT_WORDS, "--exclude-small"), "LL144's 2 % rule"),
        ("sex,o\nF,\n", ("--attribute", "sex", "--outcome", "o", "--positive", "1"), "line 2: o is empty"),
        (
            "sex,s\nF,high\n",
            ("--attribute", "sex", "--score", "s"),
            "line 2: s: expected a number, found 'high'",
        ),
        (
            "sex,o,w\nF,1,-2\n",
            ("--attribute", "sex", "--outcome", "o", "--positive", "1", "--weight", "w"),
            "line 2: w: expected a weight, found '-2'",
        ),
    ],
)
def test_input_that_cannot_be_used_is_one_line_and_exit_2(muniment, table, text, words, said):
    refused = muniment("bias", "check", table(text), *words)

    assert refused.code == 2
    assert said in refused.err
    assert refused.out == ""
    assert len(refused.err.splitlines()) <= 2


def test_a_file_that_is_not_there_is_exit_2(muniment, tmp_path: Path):
    refused = muniment("bias", "check", tmp_path / "none.csv", *COUNT_WORDS)

    assert refused.code == 2
    assert "cannot be read" in refused.err


def test_a_positive_value_that_never_occurs_is_pointed_out(muniment, table):
    done = muniment(
        *(
            "bias",
            "check",
            table(ROWS),
            "--attribute",
            "sex",
            "--outcome",
            "said",
            "--positive",
            "Yes",
            "--json",
        )
    )

    assert done.code == 0
    assert done.json["checks"][0]["reference"] is None
    assert done.json["checks"][0]["groups"][0]["impact_ratio"] is None
    assert "its values are maybe, no, yes" in done.err


def test_a_column_that_a_tool_turned_into_floats_holds_the_same_values(muniment, table):
    words = ("--attribute", "sex", "--outcome", "o", "--positive", "1", "--json")

    done = muniment("bias", "check", table("sex,o\nF,1.0\nF,0.0\nM,1\n"), *words)

    assert [g["selected"] for g in done.json["checks"][0]["groups"]] == [1, 1]


def test_berkeley_is_told_in_words(muniment):
    done = muniment(
        *("bias", "check", DATA / "ucb_admissions_1973.csv", "--attribute", "sex", "--strata", "department"),
        *("--n", "applicants", "--selected", "admitted"),
    )

    assert "together and within department say different things" in done.out


def test_labels_cannot_write_to_the_terminal_or_pass_for_another_group(muniment, table):
    text = 'sex,race,n,k\n"a|b",c,9,3\na,"b|c",9,4\n"\x1b[31mred",c,9,4\n'
    words = ("bias", "check", table(text), "--cross", "sex*race", "--n", "n", "--selected", "k")

    done = muniment(*words)

    assert "\x1b" not in done.out
    assert len(muniment(*words, "--json").json["checks"][0]["groups"]) == 3


def test_a_recorded_check_is_shown_again_computed_from_its_counts(founded, table, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin").code == 0
    words = (
        "--attribute",
        "sex",
        "--n",
        "people",
        "--selected",
        "chosen",
        "--for",
        "credit-risk@7",
        "--json",
    )

    done = founded("bias", "check", table(COUNTS), *words)
    shown = founded("bias", "show", "credit-risk@7", "--json")

    assert done.code == 0, done.err
    assert done.json["subject"] == "retail/credit-risk@7"
    (record,) = done.json["recorded"]
    (check,) = shown.json["checks"]
    assert (check["document"], check["leaf"]) == (record["document"], record["leaf"])
    assert check["groups"] == done.json["checks"][0]["groups"]
    assert "M (best)" in founded("bias", "show", "credit-risk@7").out


def test_a_check_for_a_version_never_registered_is_exit_5(founded, table):
    words = ("--attribute", "sex", "--n", "people", "--selected", "chosen", "--for", "credit-risk@9")

    assert founded("bias", "check", table(COUNTS), *words).code == 5


def test_json_holds_no_nan(muniment, table):
    done = muniment("bias", "check", table("sex,n,k\nF,5,0\nM,0,0\n"), *COUNT_WORDS, "--json")

    assert json.loads(done.out, parse_constant=pytest.fail)["checks"][0]["parity_ratio"] is None
