from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.journeys.scoring import (
    Answer,
    Figure,
    Truth,
    Walks,
    line_figures,
    owner_figures,
    pair_figures,
    read_answer,
    read_truth,
    walks_of,
)

TRUTH = Truth(
    {"a1": frozenset({("1", "t.name"), ("2", "t.name")}), "a2": frozenset({("2", "t.mail")})},
    {("web.log", n): "a1" for n in range(1, 101)} | {("db.log", n): "a2" for n in range(1, 11)},
)
RIGHT = Answer(
    {"1": "confirmed", "2": "probable", "3": "not shown"},
    {("1", "t.name"): "confirmed", ("2", "t.name"): "probable", ("2", "t.mail"): "confirmed"},
    {line: {"a1": "P1", "a2": "P2"}[attack] for line, attack in TRUTH.lines.items()},
)
NOTHING = Answer({}, {}, {})


def _of(figures: list[Figure]) -> list[tuple[int, int, bool]]:
    return [(figure.good, figure.whole, figure.holds) for figure in figures]


def test_a_right_answer_meets_every_figure() -> None:
    everything = [*owner_figures(RIGHT, TRUTH), *pair_figures(RIGHT, TRUTH), *line_figures(RIGHT, TRUTH)]
    assert len(everything) == 10
    assert all(figure.holds for figure in everything)
    assert all(figure.share == 1 for figure in everything)


def test_an_empty_answer_meets_none_but_grace() -> None:
    assert not any(figure.holds for figure in owner_figures(NOTHING, TRUTH))
    assert not any(figure.holds for figure in pair_figures(NOTHING, TRUTH))
    assert _of(line_figures(NOTHING, TRUTH)) == [(0, 10, False), (0, 100, False)]
    assert not walks_of(NOTHING, TRUTH).told_apart(TRUTH.pairs)


def test_an_empty_truth_is_not_met_either() -> None:
    nothing_true = Truth({}, {})
    reached, spared = owner_figures(RIGHT, nothing_true)
    assert not reached.holds
    assert _of([spared]) == [(1, 3, False)]
    assert not any(figure.holds for figure in pair_figures(RIGHT, nothing_true))


def test_one_missed_owner_among_many_is_told() -> None:
    truth = Truth({"a1": frozenset((str(n), "t.name") for n in range(1000))}, {})
    grades = {str(n): "possible" for n in range(999)} | {"999": "not shown"}
    reached, _ = owner_figures(Answer(grades, {}, {}), truth)
    assert (reached.good, reached.whole, reached.holds) == (999, 1000, False)


def test_an_owner_who_is_no_row_at_all_is_missed() -> None:
    reached, _ = owner_figures(Answer({"1": "possible"}, {}, {}), TRUTH)
    assert _of([reached]) == [(1, 2, False)]


def test_owners_named_in_vain_count_against_the_spared() -> None:
    grades = {str(n): "not reached" for n in range(100)} | {"1": "confirmed", "2": "confirmed"}
    named = grades | {"50": "possible", "51": "confirmed"}
    assert _of(owner_figures(Answer(named, {}, {}), TRUTH))[1] == (96, 98, False)
    assert _of(owner_figures(Answer(grades | {"50": "possible"}, {}, {}), TRUTH))[1] == (97, 98, True)


def test_possible_pairs_are_neither_sure_nor_confirmed() -> None:
    answer = Answer({}, dict.fromkeys(TRUTH.every_pair, "possible"), {})
    precision, recall, *by_attack = pair_figures(answer, TRUTH)
    assert _of([precision, recall]) == [(0, 0, False), (0, 3, False)]
    assert _of(by_attack) == [(0, 2, False), (0, 1, False)]


def test_a_confirmed_pair_outside_the_truth_costs_precision() -> None:
    answer = Answer({}, dict(RIGHT.pairs) | {("1", "t.mail"): "confirmed"}, {})
    assert _of(pair_figures(answer, TRUTH))[:2] == [(2, 3, False), (3, 3, True)]


def test_small_files_have_five_lines_of_grace() -> None:
    five_missed = Answer({}, {}, {("db.log", n): "P2" for n in range(1, 6)})
    six_missed = Answer({}, {}, {("db.log", n): "P2" for n in range(1, 5)})
    assert _of(line_figures(five_missed, TRUTH))[:2] == [(5, 5, True), (5, 10, True)]
    assert _of(line_figures(six_missed, TRUTH))[:2] == [(4, 4, True), (4, 10, False)]


def test_lines_of_error_logs_are_left_out() -> None:
    answer = Answer({}, {}, {("nginx/error.log", n): "P1" for n in range(20)})
    assert not any("error.log" in figure.what for figure in line_figures(answer, TRUTH))


@pytest.mark.parametrize(
    ("lines", "apart"),
    [
        ({"P1": {"a1": 100}, "P2": {"a2": 10}}, True),
        ({"P1": {"a1": 60}, "P3": {"a1": 40}, "P2": {"a2": 10}}, True),
        ({"P1": {"a1": 100, "a2": 10}}, False),
        ({"P1": {"a1": 100}, "P2": {"a1": 5, "a2": 5}}, False),
        ({"P1": {"a1": 100}}, False),
    ],
)
def test_attacks_are_apart_on_paths_of_their_own(lines: dict[str, dict[str, int]], apart: bool) -> None:
    on_path = [(path, attack, n) for path, counts in lines.items() for attack, n in counts.items()]
    places = [((f"{path}.{attack}", n), path, attack) for path, attack, many in on_path for n in range(many)]
    answer = Answer({}, {}, {line: path for line, path, _ in places})
    walks = walks_of(answer, Truth({}, {line: attack for line, _, attack in places}))
    assert walks == Walks({path: walks.lines[path] for path in lines})
    assert walks.told_apart({"a1", "a2"}) is apart


def test_files_are_read_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text(
        "\ufeffsystem,table,key,person_id,persona,grade,fields,reasons\r\n"
        "s,t,1,1,p,confirmed,t.name=confirmed/L3;pets.x=possible/L2:part,drift\r\n"
        "s,t,2,2,p,not shown,,\r\ns,staff,1,1,p,confirmed,staff.name=confirmed/L3,\r\n"
    )
    (tmp_path / "intrusion.csv").write_text("\ufefffile,line,path\r\nweb.log,7,P1\r\n")
    assert read_answer(tmp_path, "t") == Answer(
        {"1": "confirmed", "2": "not shown"},
        {("1", "t.name"): "confirmed", ("1", "pets.x"): "possible"},
        {("web.log", 7): "P1"},
    )


def test_truth_is_read_packed_or_plain(tmp_path: Path) -> None:
    people = "attack,owner_id,fields_received\na1,1,t.name|t.mail\na2,1,t.name\na2,2,\n"
    (tmp_path / "persons.csv.gz").write_bytes(gzip.compress(people.encode()))
    (tmp_path / "attacker_requests.csv").write_text(
        "file,line,attack\nevidence/web.log,7,a1-dirb\nweb.log,8,a1-hydra\ndb.log,9,a2\n"
    )
    assert read_truth(tmp_path) == Truth(
        {"a1": frozenset({("1", "t.name"), ("1", "t.mail")}), "a2": frozenset({("1", "t.name")})},
        {("web.log", 7): "a1", ("web.log", 8): "a1", ("db.log", 9): "a2"},
    )
