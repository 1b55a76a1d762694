"""What went wrong in other programs goes right here: order, groups, windows, and rules that never end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ashiato.engine.findings.rules import SHIPPED_RULES, source_of
from ashiato.engine.sigma.patterns import Database
from ashiato.engine.sigma.predicates import Regex, Text, Wild, atoms_of
from ashiato.engine.sigma.rule_files import RuleSet, read_rule_set
from ashiato.engine.sigma.scanning import Scanner
from ashiato.engine.sigma.sources import Source
from ashiato.engine.sigma.texts import TextIndex
from tests.engine.sigma.test_correlations_hold_as_the_oracle_says import BASE, found_by_product

HEAD = "title: t\nlogsource: {category: any}\ndetection:\n"


def _events(*said: tuple[int, str, str]) -> list[dict[str, Any]]:
    return [{"at": at * 1_000_000, "k": k, "g": g, "h": None, "v": None} for at, k, g in said]


def _places(folder: Path, events: list[dict[str, Any]], **said: Any) -> list[int]:
    rules: dict[str, dict[str, Any]] = {**BASE, "c0": {"correlation": said}}
    return [event for _, event, _ in found_by_product(folder, rules, events)["c0"]]


def test_order_is_kept_after_the_first_rule(tmp_path: Path) -> None:
    said = {"type": "temporal_ordered", "rules": ["r0", "r1", "r2"], "timespan": "1m"}
    assert _places(tmp_path, _events((0, "a", "x"), (1, "c", "x"), (2, "b", "x")), **said) == []
    assert _places(tmp_path, _events((0, "a", "x"), (1, "b", "x"), (2, "c", "x")), **said) == [2]
    assert _places(tmp_path, _events((0, "abc", "x"), (1, "b", "x")), **said) == []


def test_groups_part_the_hits_of_all_rules(tmp_path: Path) -> None:
    said = {"type": "temporal", "rules": ["r0", "r1"], "timespan": "1m", "group-by": ["g"]}
    assert _places(tmp_path, _events((0, "a", "x"), (1, "b", "y")), **said) == []
    assert _places(tmp_path, _events((0, "a", "x"), (1, "b", "y"), (2, "b", "x")), **said) == [2]


def test_windows_end_where_the_timespan_ends(tmp_path: Path) -> None:
    said = {"type": "event_count", "rules": ["r0"], "timespan": "1m", "condition": {"gte": 3}}
    late = _events((0, "a", "x"), (1, "a", "x"), (61, "a", "x"))
    assert _places(tmp_path, late, **said) == []
    assert _places(tmp_path, _events((0, "a", "x"), (1, "a", "x"), (60, "a", "x")), **said) == [2]


def test_an_alias_may_name_a_rule_not_asked_for(tmp_path: Path) -> None:
    aliases = {"who": {"r0": "g", "r1": "g", "a-rule-of-elsewhere": "g"}}
    said = {
        "type": "temporal",
        "rules": ["r0", "r1"],
        "timespan": "1m",
        "group-by": ["who"],
        "aliases": aliases,
    }
    assert _places(tmp_path, _events((0, "a", "x"), (1, "b", "x")), **said) == [1]


def _read(folder: Path, detection: str, **placeholders: list[str]) -> RuleSet:
    (folder / "rule.yml").write_text(HEAD + detection, encoding="utf-8")
    return read_rule_set([folder], lambda _: Source("events"), placeholders)


def _rows(rules: RuleSet, texts: list[str | None]) -> list[int]:
    batch = pa.RecordBatch.from_pydict({"f": pa.array(texts, pa.string())})
    return [row for hits in Scanner(rules.rules, ("f",)).hits(batch) for row in hits.rows.tolist()]


def test_endless_patterns_take_time_in_line_with_the_text(tmp_path: Path) -> None:
    rules = _read(tmp_path, "  s: {f|re: '^(a+)+$'}\n  condition: s\n")
    begun = time.process_time()
    assert _rows(rules, ["a" * 200_000 + "!", "aa"]) == [1]
    assert time.process_time() - begun < 1


def test_thousands_of_values_are_one_look(tmp_path: Path) -> None:
    values = "".join(f"      - value-{number}\n" for number in range(5_000))
    rules = _read(tmp_path, f"  s:\n    f:\n{values}  condition: s\n")
    assert _rows(rules, ["VALUE-4999", "value-5000", None]) == [0]


@pytest.mark.parametrize(
    ("detection", "line", "word"),
    [
        ("  s:\n    f|re: '(?:a{1,999}){1,999}'\n  condition: s\n", 5, "bounded time"),
        ("  s:\n    f|expand: '%A%%A%'\n  condition: s\n", 5, "40,000 values"),
        ("  s: &a [x]\n  t: {f: *a, g: *a}\n  condition: 1 of u*\n", 6, "'u*'"),
        ("  s: {f: x}\n  condition: s | count() > 5\n", 5, "pipe"),
        ("  s: {f: []}\n  condition: s\n", 4, "null asks for absence"),
        ("  s: {f|base64: 'a*b'}\n  condition: s\n", 4, "wildcards"),
        ("  s: {f|gt: many}\n  condition: s\n", 4, "SigmaGreaterThanModifier"),
    ],
)
def test_what_cannot_be_done_is_refused_where_it_stands(
    tmp_path: Path, detection: str, line: int, word: str
) -> None:
    (tmp_path / "well.yml").write_text(HEAD + "  s: {f: well}\n  condition: s\n", encoding="utf-8")
    rules = _read(tmp_path, detection, A=[f"v{number}" for number in range(200)])
    assert [str(error.where) for error in rules.refused] == [f"rule.yml:{line}"]
    assert word in str(rules.refused[0])
    assert _rows(rules, ["well"]) == [0]


def test_documents_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    (tmp_path / "bomb.yml").write_text(bomb, encoding="utf-8")
    (tmp_path / "broken.yml").write_bytes(b"\xff\xfe\x00")
    rules = read_rule_set([tmp_path], lambda _: Source("events"))
    assert [error.where.file for error in rules.refused if error.where] == ["bomb.yml", "broken.yml"]


def test_both_ways_of_looking_fold_every_letter_alike() -> None:
    signs = pa.array([chr(number) for number in range(1, 0x3000)])
    asked = [Regex(f"(?i){sign}") for sign in "skåσßµı"] + [
        Regex(r"\s"),
        Regex(r"[^\s]"),
        Regex(r"(?i)[a-z]"),
    ]
    texts = [Text((Wild.ANY, sign, Wild.ANY)) for sign in "skåσßµI"]
    slow, quick = (TextIndex([*asked, *texts], database=used).matches(signs) for used in (False, True))
    every: list[Text | Regex] = [*asked, *texts]
    for each in every:
        assert slow.places(each).tolist() == quick.places(each).tolist(), each


@pytest.mark.slow
def test_one_database_holds_every_pattern_of_ours() -> None:
    """What it cannot hold, or what hits everywhere, is compiled again and evaluated value by value."""
    rules = read_rule_set([SHIPPED_RULES], source_of).rules
    asked = {atom.predicate for rule in rules for atom in atoms_of(rule.node)}
    patterns = {key: each.pattern for key, each in enumerate(p for p in asked if isinstance(p, Regex))}
    assert len(patterns) > 100
    database = Database({}, patterns, used=True)
    paths = "".join(f"/shop/items/{number}?page={number % 7}\n" for number in range(30_000))
    database.find(paths.encode(), 30_000)
    # "Anything at all" is what these ask for.
    assert {patterns[key] for key in database.left} <= {"."}
