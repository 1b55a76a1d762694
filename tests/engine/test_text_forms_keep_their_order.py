"""Text in the forms of other engines: what sorts before what, and that nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path

from ashiato.engine.store import Store


def _formed(store: Store, how: str, *texts: str | None) -> list[str | None]:
    values = ", ".join(["(?)"] * len(texts))
    sql = f"SELECT text_form(col0, '{how}') FROM (VALUES {values})"
    return [form for (form,) in store.rows(sql, texts)]


def test_jis_puts_characters_it_lacks_first(tmp_path: Path) -> None:
    with Store(tmp_path / "run") as store:
        lacking, first, second = _formed(store, "jis", "\U00020bb7", "\u4e9c", "\u5516")
        assert lacking is not None
        assert first is not None
        assert second is not None
        assert lacking < first < second


def test_nothing_stays_nothing_among_texts(tmp_path: Path) -> None:
    with Store(tmp_path / "run") as store:
        assert _formed(store, "jis", "a", None, "") == ["61", None, ""]
