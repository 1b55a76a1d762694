"""What configurations say of a statement log: the last word counts, whatever its letters."""

from __future__ import annotations

import pytest

from ashiato.engine.coverage.settings import read_settings


@pytest.mark.parametrize(
    ("texts", "all_logged", "less_logged"),
    [
        ((), False, False),
        (("log_statement = all",), True, False),
        (("log_statement 'all' # since June",), True, False),
        (("log_min_duration_statement = 0",), True, False),
        (("log_statement = mod",), False, True),
        (("#log_statement = all\nlog_line_prefix = '%m'",), False, True),
        (("log_statement = all\nLog_Statement = NONE",), False, True),
        (("log_statement = all", "log_statement = 'ddl'"), False, True),
        (("log_statement = all\ninclude_dir 'conf.d'",), False, False),
        (("log_statement = all\nINCLUDE 'other.conf'",), False, False),
    ],
)
def test_last_word_on_statements_counts(texts: tuple[str, ...], all_logged: bool, less_logged: bool) -> None:
    settings = read_settings(list(texts))
    assert (settings.logs_all, settings.logs_less) == (all_logged, less_logged)


@pytest.mark.parametrize(("said", "lost"), [("'csvlog, syslog'", True), ("SYSLOG", True), ("csvlog", False)])
def test_syslog_may_lose_lines(said: str, lost: bool) -> None:
    assert read_settings([f"log_destination = {said}"]).may_lose_lines is lost
