"""Give each column a category, by its name, its comment, its values and the table it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.datamap.draft.seen import SeenColumn, SeenTable
from ashiato.datamap.draft.values import look_of
from ashiato.datamap.draft.words import category_by_name, holds, listed, spelled
from ashiato.terms.categories import Category

_LOOK_CATEGORIES = {
    "e-mail address": Category.CONTACT,
    "hash": Category.CREDENTIAL,
    "my number": Category.GOVERNMENT_NUMBER,
    "card number": Category.CARD,
    "zip": Category.CONTACT,
    "phone number": Category.CONTACT,
    "IBAN": Category.BANK_ACCOUNT,
    "prefecture": Category.CONTACT,
    "kana name": Category.IDENTITY,
    "personal name": Category.IDENTITY,
    "address": Category.CONTACT,
}


@dataclass(frozen=True)
class Judged:
    """A column's category, what its values look like, and why when the name alone did not say it."""

    category: Category
    look: str | None = None
    why: str | None = None
    is_money: bool = False


def judge_columns(table: SeenTable) -> dict[str, Judged]:
    """Judge every column of a table; ids that are keys or links say nothing by themselves."""
    numbers = {part for link in table.links for part in link.columns} | set(table.key)
    judged = {name: _judge(column, is_number=name in numbers) for name, column in table.columns.items()}
    return {name: _in_context(table, name, judged) for name in judged}


def _judge(column: SeenColumn, *, is_number: bool) -> Judged:
    by_name = category_by_name(column.name, column.comment)
    look = look_of(column.values)
    if is_number and spelled(column.name).endswith(" id "):
        return Judged(Category.OTHER, look)
    if by_name is None and look is not None:
        return Judged(_LOOK_CATEGORIES[look], look, f"CHECK: the values look like: {look}")
    if by_name in (Category.OTHER, Category.FREE_TEXT) and look in (
        "my number",
        "card number",
        "e-mail address",
    ):
        return Judged(_LOOK_CATEGORIES[look], look, f"CHECK: the values look like: {look}")
    return Judged(by_name or Category.OTHER, look)


def _in_context(table: SeenTable, name: str, judged: dict[str, Judged]) -> Judged:
    """Money and payment columns take the sense of their table."""
    own = judged[name]
    word = spelled(name)
    numbers = {part for link in table.links for part in link.columns} | set(table.key)
    if own.category is not Category.OTHER or name in numbers:
        return own
    if holds(spelled(table.name), listed("payment_tables")):
        return own if word.endswith(" id ") else Judged(Category.PREMIUM, own.look)
    if holds(word, listed("money")):
        medical = any(other.category is Category.MEDICAL for other in judged.values())
        return Judged(Category.MEDICAL if medical else Category.CONTRACT, own.look, is_money=True)
    return own
