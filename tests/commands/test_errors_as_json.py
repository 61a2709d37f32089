"""With `--json`, stdout holds one document also when there is no answer."""

from tui.diagnostics import ExitCode


def test_what_is_not_here_is_a_document_with_the_next_step(founded):
    refused = founded("status", "retail/nothing@1", "--env", "production", "--json")

    assert refused.code == ExitCode.NOT_FOUND
    assert refused.json["error"]["kind"] == "NotFound"
    assert refused.json["error"]["exit_code"] == 5
    assert refused.json["error"]["message"] in refused.err


def test_wrong_usage_is_a_document(founded):
    refused = founded("gate", "credit-risk@7", "--no-such-option", "--json")

    assert refused.code == ExitCode.USAGE
    assert refused.json["error"]["kind"] == "Usage"
    assert refused.json["error"]["exit_code"] == 2
    assert "--no-such-option" in refused.json["error"]["message"]


def test_without_json_stdout_stays_empty(founded):
    assert founded("status", "retail/nothing@1", "--env", "production").out == ""
