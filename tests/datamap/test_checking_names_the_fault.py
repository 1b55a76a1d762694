"""Each kind of fault is found at its line, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.check import check_datamap, check_written
from ashiato.written.parsing import parse_written
from ashiato.written.problems import Level, Problem, meant

PEOPLE = "systems: {a: {tables: {p: {key: id, person: true, columns: {id: other, mail: contact}}}}}\n"


def problems_of(text: str, snapshots: dict[str, dict[str, list[str]]] | None = None) -> list[Problem]:
    return check_written(parse_written(text.encode(), "m.yaml"), snapshots)


FAULTS = [
    ("sistems: {}", 1, "did you mean `systems`"),
    ("name: x\nroutes:\n  - path: /a\n    metods: [GET]", 4, "did you mean `methods`"),
    ("systems:\n  a:\n    engine: postgress", 3, "did you mean `postgresql`"),
    (
        "systems:\n  a:\n    tables:\n      t:\n        columns:\n          e: contac",
        6,
        "did you mean `contact`",
    ),
    ("systems:\n  a:\n    tables: [t]", 3, "a list stands where a mapping belongs"),
    ("routes:\n  - methods: [GET]", 2, "`path` is missing"),
    ("routes:\n  - path: api/x", 2, "/api/owners/{id}"),
    ("routes:\n  - path: /a?b=c", 2, "without the query string"),
    ("routes:\n  - path: /a/{id", 2, "do not pair"),
    ("routes:\n  - path: /a/{}", 2, "do not pair"),
    ("routes:\n  - path: /a\n    methods: [get]", 3, "in capitals"),
    ("routes:\n  - {path: /a}\n  - {path: /a}", 3, "already routes[0]"),
    ("routes:\n  - path: /a\n    answer: none", 3, "nothing"),
    ("routes:\n  - path: /a\n    answer:\n      success: [99]", 4, "HTTP status"),
    ("routes:\n  - path: /a\n    system: b", 3, "is not in the map"),
    ("routes:\n  - path: /a\n    answer: {drops: [t.x]}", 3, "the table `t` is not in the map"),
    (f"{PEOPLE}routes:\n  - path: /a\n    answer: {{drops: [p.mial]}}", 4, "did you mean `mail`"),
    ("accounts:\n  offices: [198.51.100.20/24]", 2, "198.51.100.0/24"),
    ("accounts:\n  proxies: [balancer]", 2, "such as `192.0.2.7`"),
    ("accounts:\n  staff_table: {table: staff, name: login}", 2, "the table `staff` is not in the map"),
    (f"{PEOPLE}accounts:\n  staff_table: {{table: p, name: login}}", 3, "no column `login`"),
    ("sources:\n  - files: ../x", 2, "out of the evidence folder"),
    ("sources:\n  - files: /var/log/x", 2, "out of the evidence folder"),
    ("sources:\n  - files: x\n    skew: 2", 3, "`2s`"),
    ("sources:\n  - files: x\n    fields: {src_ip: a}", 3, "is not a field of events"),
    ("zone: ../../etc/passwd", 1, "is not a time zone"),
    ("zone: Asia/Tokio", 1, "Asia/Tokyo"),
]
TABLE_FAULTS = [
    ("t: {person: true}", "no `key`"),
    ("t: {persona: owner}", "rows are not people"),
    ("t: {client: Aozora Life}", "rows are not people"),
    ("t: {person: true, key: id, client: {by: insurer}, columns: {id: {}}}", "`insurer` is not among"),
    ("t: {membership_sensitive: true}", "rows are not people"),
    ("t: {states: {past: x}}", "rows are not people"),
    (
        "t: {person: true, key: id, states: {deceased: {by: st, is: [D]}}, columns: {id: {}}}",
        "`st` is not among",
    ),
    ("t: {person: true, key: id, undeliverable: {mail: bounce}, columns: {id: {}}}", "`bounce` is not among"),
    ("t: {person: true, key: id, guardian: {table: u, by: id}, columns: {id: {}}}", "not a table of people"),
    ("t: {person: true, key: [a, b], guardian: {table: t, by: a}}", "names 1 column(s)"),
    ("t: {columns: {tel: {category: contact, contact: now}}}", "tells nobody"),
    ("t: {key: id, person: true, belongs: {table: u, by: x}}\n      u: {key: id, person: true}", "both"),
    ("t: {belongs: {table: u, by: x}}", "is not in this system"),
    ("t: {belongs: {table: u, by: x}}\n      u: {person: true, key: [a, b]}", "names 1 column(s)"),
    ("t: {belongs: {table: u, by: x}}\n      u: {key: id}", "whose rows are nobody's"),
    ("t: {key: id, belongs: {table: t, by: x}}", "in a circle: t -> t"),
    (
        "t: {key: id, belongs: {table: u, by: x}}\n      u: {key: id, belongs: {table: t, by: y}}",
        "in a circle",
    ),
    ("t: {key: idd, columns: {id: other}}", "did you mean `id`"),
    ("t: {updated_at: at, columns: {id: other}}", "the column `at` is not among"),
    ("t: {columns: {id: {type: vrchar}}}", "not a SQL type"),
    ("t: {belongs: {by: x}}", "`table` is missing"),
    ("t: {key: []}", "this is empty"),
    ("t: {key: [a, a]}", "names something twice"),
]


@pytest.mark.parametrize(("text", "line", "said"), FAULTS, ids=range(len(FAULTS)))
def test_a_fault_is_named_with_its_line(text: str, line: int, said: str) -> None:
    (problem,) = problems_of(text)
    assert problem.line == line
    assert said in str(problem)
    assert problem.fix


@pytest.mark.parametrize(("table", "said"), TABLE_FAULTS, ids=range(len(TABLE_FAULTS)))
def test_a_faulty_table_is_named_with_its_line(table: str, said: str) -> None:
    found = problems_of(f"systems:\n  a:\n    tables:\n      {table}\n")
    assert any(said in str(problem) and problem.line in (4, 5) for problem in found), found


def test_a_key_given_twice_is_named_with_both_lines() -> None:
    (problem,) = problems_of("systems:\n  a:\n    zone: UTC\n    zone: UTC\n")
    assert problem.line == 4
    assert "first on line 3" in problem.what


def test_a_chain_of_belongs_may_be_long() -> None:
    rows = "".join(f", t{n}: {{key: id, belongs: {{table: t{n - 1}, by: x}}}}" for n in range(1, 60))
    assert problems_of(f"systems: {{a: {{tables: {{t0: {{key: id, person: true}}{rows}}}}}}}") == []


def test_a_snapshot_is_held_against_the_map() -> None:
    found = problems_of(PEOPLE, {"a": {"p": ["id", "email", "tel"], "q": ["id"]}, "b": {"x": ["y"]}})
    assert {problem.level for problem in found} == {Level.ADVICE}
    advice = [problem.what for problem in found]
    assert len(advice) == 5
    assert "the snapshot's table has no column `mail`." in advice
    assert any("table `q` is not in the map" in said for said in advice)


def test_a_right_map_has_no_problems(tmp_path: Path) -> None:
    path = tmp_path / "datamap.yaml"
    path.write_text(PEOPLE)
    assert check_datamap(path, {"a": {"p": ["id", "mail"]}}) == []


def test_an_empty_name_is_named_as_such() -> None:
    found = problems_of('systems:\n  a:\n    tables:\n      "": {key: id, columns: {"": other}}\n  "": {}\n')
    assert [problem.what for problem in found] == ["this is empty."] * 3
    assert {problem.line for problem in found} == {4, 5}
    assert all("take it out, or write a name" in problem.fix for problem in found)


def test_a_remedy_lists_no_empty_name() -> None:
    assert meant("owner", ["", "owners"]) == "did you mean `owners`? Known here: owners."
    assert meant("owner", [""]) == "Nothing of this kind is named in the map."


def _route(said: str) -> str:
    return (
        f"systems: {{a: {{engine: mysql, tables: {{p: {{key: id}}}}}}}}\nroutes:\n  - path: /x\n    {said}\n"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM p WHERE id = {id}",
        "SELECT * FROM p WHERE name LIKE '%{q}%' ORDER BY {sort} LIMIT 40 OFFSET {page} * 40 - 40",
        "SELECT `id` FROM p WHERE mail = '{mail}' -- sign-in",
        "INSERT INTO log VALUES ({who}, NOW())",
    ],
)
def test_statements_as_they_are_sent_are_right(statement: str) -> None:
    assert problems_of(_route(f'statements: ["{statement}"]')) == []


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM p [WHERE branch = {b}]", "SELECT * FROM (", "WHERE id = {"]
)
def test_statement_that_is_no_sql_is_advised(statement: str) -> None:
    (problem,) = problems_of(_route(f'statements: ["{statement}"]'))
    assert (problem.level, problem.path) == (Level.ADVICE, "routes[0].statements[0]")
    assert "one statement for each way" in problem.fix


def test_a_name_may_hold_a_line_break() -> None:
    text = 'systems: {a: {tables: {"\\n": {key: id}}}}\nroutes: [{path: /x, answer: {drops: ["\\n.*"]}}]\n'
    assert problems_of(text) == []
