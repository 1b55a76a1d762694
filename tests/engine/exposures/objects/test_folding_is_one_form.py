"""The form of a value in a file is the form of the value in a table, whatever its writing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.engine.exposures.objects.folding import fold, fold_date, fold_sql
from ashiato.engine.store import Store

_SIGNS = "アァｱｧがガｶﾞﾊﾟﾝーｰ-－Ａａa０0（(　 様髙高ヶケ@._/"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(Path(tmp_path_factory.mktemp("folding")))


_ANY = st.characters(codec="utf-8", max_codepoint=0xFFFF, exclude_characters="\0")
_TEXTS = st.text(st.sampled_from(_SIGNS) | _ANY, max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(_TEXTS, min_size=20, max_size=60))
def test_tables_and_files_fold_alike(store: Store, texts: list[str]) -> None:
    store.write_as("texts", pa.table({"n": list(range(len(texts))), "v": texts}))
    found = [row[0] for row in store.rows(f"SELECT {fold_sql('v')} FROM texts ORDER BY n")]
    plain = [text for text in texts if text.lower().isascii()]
    assert [fold(text) for text in texts if text in plain] == [
        form for text, form in zip(texts, found, strict=True) if text in plain
    ]
    kana = [(fold(text), form) for text, form in zip(texts, found, strict=True) if set(text) <= set(_SIGNS)]
    assert [one for one, _ in kana] == [form for _, form in kana]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｲｼｲ ｲｻﾑ", "いしい　いさむ"),
        ("ｶﾞｯｷﾞ", "ガッギ"),
        ("ﾊﾟﾝ", "ぱん"),
        ("髙﨑", "高崎"),
        ("石井 勇 様", "石井勇"),
        ("０９０－４３８９－７５３８", "090-4389-7538"),
        ("+81 90-4389-7538", "09043897538"),
        ("〒192-7666", "１９２７６６６"),
        ("Isamu@Example.JP", "isamu@example.jp"),
        ("12,000", "12000"),
    ],
)
def test_writings_of_one_value_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_dates_are_digits() -> None:
    dates = {
        fold_date(text)
        for text in ("1992年11月10日", "1992/11/10", "平成4年11月10日", "H4.11.10", "1992-11-10")
    }
    assert dates == {"19921110"}
    assert fold_date("令和元年5月1日") == "20190501"
    assert fold_date("090-1234-5678") is None
