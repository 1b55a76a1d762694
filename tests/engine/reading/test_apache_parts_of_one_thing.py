"""An Apache LogFormat may write a moment, or a target, in several directives that touch."""

from __future__ import annotations

from ashiato.engine.reading.log_formats import apache_format

PERF = '%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t %a sid=%{sid}C "%m %U%q %H" %>s %B %D'


def test_touching_directives_become_one_value() -> None:
    meanings = [value.meaning for value in apache_format("perf", PERF).values]
    assert meanings.count("@time") == 1
    assert meanings.count("http_request_target") == 1
    assert len(meanings) == 9


def test_directives_apart_stay_apart() -> None:
    values = apache_format("apart", "%{%s}t [%U] [%q] %{%z}t").values
    assert [value.name for value in values] == ["%{%s}t", "%U", "%q", "%{%z}t"]


def test_literals_stay_between_their_values() -> None:
    made = apache_format("perf", PERF)
    assert len(made.literals) == len(made.values) + 1
    assert made.literals[1] == b" "
    assert made.literals[3] == b' "'
