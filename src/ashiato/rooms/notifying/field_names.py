"""What a notice calls the columns that were reached: few words, each once, at its highest grade."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ashiato.datamap.meanings import meaning_of
from ashiato.datamap.model import DataMap
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade
from ashiato.terms.meanings import Meaning

#: What a person is told of; lower grades are no part of a notice.
_TOLD = Grade.POSSIBLE


class FieldNames:
    """Names the fields of one data map's tables."""

    def __init__(self, datamap: DataMap) -> None:
        """Read every column once."""
        self._said: dict[tuple[str, str], dict[str, str]] = {
            (name, f"{table.name}.{column.name}"): _words_of(meaning_of(column), column.category)
            for name, system in datamap.systems.items()
            for table in system.tables.values()
            for column in table.columns.values()
        }

    def told(self, held: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], ...]:
        """Return what is told of a person of these records: (system, fields as ``people`` has them).

        A field of no column (found in a file or a transcript) is told as other registered details.
        """
        highest: dict[str, tuple[int, dict[str, str]]] = {}
        for system, fields in held:
            for part in filter(None, fields.split(";")):
                column, _, rank = part.rpartition("=")
                grade = Grade.of_word(rank.partition("/")[0])
                words = self._said.get((system, column)) or _words_of(Meaning.NOTHING, Category.OTHER)
                known = highest.get(words["ja"])
                if grade >= _TOLD and (known is None or known[0] < grade):
                    highest[words["ja"]] = (grade, words)
        return tuple({**words, "grade": int(grade)} for _, (grade, words) in sorted(highest.items()))


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    text = resources.files("ashiato.rooms.notifying").joinpath("field_words.yaml").read_text("utf-8")
    read: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return read


def words_of_category(category: Category) -> dict[str, str]:
    """Return what a notice calls a kind of data, in ``ja`` and ``en``."""
    return _words()["categories"][category]


def _words_of(meaning: Meaning, category: Category) -> dict[str, str]:
    words = _words()["meanings"].get(meaning) or _words()["categories"][category]
    return {**words, "category": str(category)}
