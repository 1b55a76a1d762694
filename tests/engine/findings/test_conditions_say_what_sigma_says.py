"""Sigma conditions hold as Sigma says on our tables, or are refused by rule and line."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.findings.rules import RuleError, read_rule
from ashiato.engine.sigma.rule_files import Rule
from ashiato.engine.sigma.scanning import Scanner

HEAD = """title: t
id: 6f0e3b6a-4a54-4b53-9f2c-0d8f0f3a7cff
level: low
logsource: {category: webserver}
detection:
"""


def _condition(folder: Path, detection: str) -> Rule:
    path = folder / "rule.yml"
    path.write_text(HEAD + detection, encoding="utf-8")
    return read_rule(path)


def _is_true(rule: Rule, **columns: object) -> bool:
    batch = pa.RecordBatch.from_pydict({name: [value] for name, value in columns.items()})
    return bool(list(Scanner([rule], tuple(columns)).hits(batch)))


CASES = [
    ("  s: {c-uri|contains: '/Admin'}\n  condition: s", "/x/aDMIN/1", True),
    ("  s: {c-uri|contains: '100%'}\n  condition: s", "/x/100y", False),
    ("  s: {c-uri|contains: 'a_b'}\n  condition: s", "/axb", False),
    ("  s: {c-uri|startswith: '/a'}\n  condition: s", "/b/a", False),
    ("  s: {c-uri|endswith: '.php'}\n  condition: s", "/b/a.PHP", True),
    ("  s: {c-uri|contains|all: ['a', 'b']}\n  condition: s", "/a", False),
    ("  s: {c-uri|contains|all: ['a', 'b']}\n  condition: s", "/ba", True),
    ("  s: {c-uri: ['/a', '/b']}\n  condition: s", "/b", True),
    ("  s: {c-uri: '/a*z'}\n  condition: s", "/a/b/z", True),
    ("  s: {c-uri|re: '^/a\\d+$'}\n  condition: s", "/a12", True),
    ("  s: {c-uri|re|i: '^/A'}\n  condition: s", "/a", True),
    ("  s: {c-uri|contains: a}\n  f: {c-uri|contains: b}\n  condition: s and not f", "/ab", False),
    ("  s1: {c-uri: /a}\n  s2: {c-uri: /b}\n  condition: 1 of s*", "/b", True),
    ("  s1: {c-uri|contains: a}\n  s2: {c-uri|contains: b}\n  condition: all of them", "/b", False),
    ("  s: {c-uri: null}\n  condition: s", None, True),
    ("  s: {c-uri|contains: a}\n  condition: not s", None, True),
]


@pytest.mark.parametrize(("detection", "target", "expected"), CASES)
def test_condition_matches_as_sigma_defines(
    tmp_path: Path, detection: str, target: str | None, expected: bool
) -> None:
    assert _is_true(_condition(tmp_path, detection), http_request_target=target) is expected


def test_numbers_networks_and_keywords_match(tmp_path: Path) -> None:
    status = _condition(tmp_path, "  s: {sc-status|gte: 500}\n  condition: s")
    assert _is_true(status, http_response_code=503)
    assert not _is_true(status, http_response_code=404)
    network = _condition(tmp_path, "  s: {c-ip|cidr: 198.18.0.0/15}\n  condition: s")
    assert _is_true(network, src_endpoint_ip="198.19.4.4")
    assert not _is_true(network, src_endpoint_ip="198.20.4.4")
    words = _condition(tmp_path, "  s: [sqlmap, nikto]\n  condition: s")
    assert _is_true(words, decoded="/", http_request_user_agent="SQLMap/1")


@pytest.mark.parametrize(
    ("detection", "line", "word"),
    [
        ("  s: {no-such-field: 1}\n  condition: s", 6, "no-such-field"),
        ("  s:\n    c-uri|fieldref: no-such-field\n  condition: s", 7, "no-such-field"),
        ("  s:\n    c-uri|re: 'a(?=b)'\n  condition: s", 7, "bounded time"),
        ("  s: {c-ip: a}\n  t:\n    c-uri|unheard: a\n  condition: s", 8, "unheard"),
        ("  s:\n    c-uri|expand: '%Servers%'\n  condition: s", 7, "%Servers%"),
        ("  s: {c-uri: a}\n  condition: s and nothing", 7, "nothing"),
        ("  s: {c-uri: a\n  condition: s", 7, "YAML"),
    ],
)
def test_what_is_not_supported_names_rule_and_line(
    tmp_path: Path, detection: str, line: int, word: str
) -> None:
    with pytest.raises(RuleError) as caught:
        _condition(tmp_path, detection)
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line) == ("rule.yml", line)
    assert word in str(caught.value)


def test_correlation_without_its_rules_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.yml"
    correlation = "  type: event_count\n  rules: [gone]\n  timespan: 1h\n  condition: {gte: 2}\n"
    path.write_text(f"title: t\ncorrelation:\n{correlation}", encoding="utf-8")
    with pytest.raises(RuleError, match=r"many\.yml:4: no rule .* 'gone'"):
        read_rule(path)


@given(
    pattern=st.text(alphabet="ab%_!'*?", min_size=1, max_size=6),
    text=st.text(alphabet="abAB%_!'", max_size=8),
)
def test_wildcards_agree_with_a_second_matcher(
    tmp_path_factory: pytest.TempPathFactory, pattern: str, text: str
) -> None:
    quoted = pattern.replace("'", "''")
    condition = _condition(tmp_path_factory.mktemp("r"), f"  s:\n    c-uri: '{quoted}'\n  condition: s")
    assert _is_true(condition, http_request_target=text) is fnmatchcase(text.lower(), pattern.lower())


def test_the_guides_example_is_a_rule_that_works(tmp_path: Path) -> None:
    guide = Path(__file__).parents[3] / "docs" / "guides" / "detection.md"
    path = tmp_path / "example.yml"
    path.write_text(guide.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    rule = read_rule(path)
    assert (rule.level, rule.technique, rule.source.table) == ("medium", "T1595", "finding_requests")
    assert _is_true(rule, http_request_path="/Reports/Old/1", src_endpoint_ip="192.0.2.1")
    assert not _is_true(rule, http_request_path="/reports/old/1", src_endpoint_ip="10.1.1.1")
