"""What a human decided of a pair is kept in the case, and the next matching follows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashiato.engine.api import create_case, decide_pair
from ashiato.engine.case import Case
from ashiato.engine.ledger import list_entries
from ashiato.engine.runs import key_of
from ashiato.engine.store import Store
from ashiato.terms.errors import CaseError
from tests.engine.people.registers import Matched, match_register

_REGISTER = [
    ("1", "高橋 一", "タカハシ ハジメ", "M", "1950-10-10", "03-2222-2222", "h@example.jp"),
    ("2", "髙橋 一", "タカハシ ハジメ", "M", "1981-04-12", "03-2222-2222", "h@example.jp"),
    ("3", "森 薫", "モリ カオル", "M", "1992-09-09", "070-5555-6666", "k@example.jp"),
    ("4", "森　薫", "ﾓﾘ ｶｵﾙ", "M", "1992-09-09", "070-5555-6666", "k@example.jp"),
]


def _matched(case: Case) -> Matched:
    return match_register(case.folder, _REGISTER)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)


def test_a_word_of_same_joins_the_pair(case: Case) -> None:
    before = _matched(case)
    ((pair, *_),) = before.reviews
    inputs = key_of(case).inputs
    with Store(case.folder / "run") as store:
        decide_pair(case, store, pair, "same", by="Aoi", because="called: one person, mistyped")
    assert _matched(case).groups() == {("1", "2"), ("3", "4")}
    assert key_of(case).inputs != inputs, "the next run is another run"
    (entry,) = list_entries(case.folder, "people decide")
    assert entry["inputs"]["by"] == "Aoi"
    assert pair not in json.dumps(entry), "the ledger names the pair by a code"


def test_a_word_of_different_narrows_the_bounds(case: Case) -> None:
    before = _matched(case)
    assert before.widest["2"] == "1"
    with Store(case.folder / "run") as store:
        for verdict in ("same", "different"):
            decide_pair(case, store, before.reviews[0][0], verdict, by="Aoi", because="father and son")
    after = _matched(case)
    assert (after.persons["2"], after.widest["2"]) == ("2", "2")
    assert [row[-1] for row in after.reviews] == ["different"]


def test_an_unknown_pair_is_refused(case: Case) -> None:
    _matched(case)
    with Store(case.folder / "run") as store, pytest.raises(CaseError):
        decide_pair(case, store, "nonsense", "same", by="Aoi", because="")
