"""Say of each column of a table of people which fact it holds: as the map says, else by its name."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

from ashiato.datamap.draft.words import holds, spelled
from ashiato.datamap.model import Column, DataTable
from ashiato.terms.categories import Category
from ashiato.terms.meanings import Meaning

_ASKED = (Category.IDENTITY, Category.CONTACT, Category.BIRTH, Category.SEX, Category.FAMILY)
#: What a column of family data may say of the person; a child's name is not the person's.
_OF_FAMILY = (Meaning.FORMER,)


@functools.cache
def _words() -> list[tuple[Meaning, list[str]]]:
    text = resources.files("ashiato.datamap").joinpath("meaning_words.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    return [(Meaning(row["means"]), row["words"]) for row in rows]


def meaning_of(column: Column) -> Meaning:
    """Return the fact one column holds; a government number is the person's own."""
    if column.means is not None:
        return column.means
    if column.category is Category.GOVERNMENT_NUMBER:
        return Meaning.PERSON_NUMBER
    if column.category not in _ASKED:
        return Meaning.NOTHING
    name = spelled(column.name)
    found = next((meaning for meaning, words in _words() if holds(name, words)), Meaning.NOTHING)
    return found if column.category is not Category.FAMILY or found in _OF_FAMILY else Meaning.NOTHING


def meanings_of(table: DataTable) -> dict[Meaning, tuple[str, ...]]:
    """Return the columns of a table by the fact they hold, each in the map's order."""
    found: dict[Meaning, tuple[str, ...]] = {}
    for column in table.columns.values():
        meaning = meaning_of(column)
        if meaning is not Meaning.NOTHING:
            found[meaning] = (*found.get(meaning, ()), column.name)
    return found
