"""What people's tables say of each record, brought into forms to compare: one row per record.

Values become forms here and nowhere else; the table of them (``forming``) is the stage's own and goes when
the stage is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from ashiato.engine.people.forms.addresses.parts import Address, parse_address
from ashiato.engine.people.forms.addresses.places import fold_place
from ashiato.engine.people.forms.births import form_birth
from ashiato.engine.people.forms.cleaning import clean
from ashiato.engine.people.forms.names import Name, form_part, parse_name
from ashiato.engine.people.forms.phones import form_mail, form_phone
from ashiato.terms.meanings import Meaning

#: The stage's own table: one row per record, numbered in the order of system, table and key.
TRAITS = "record_traits"
_PLACE = ("number", "system", "table_name", "record_key", "writing")
#: What two records are compared by; NULL where a record does not say it.
FORMS = (
    "kanji", "sound", "family_kanji", "family_sound", "given_kanji", "given_sound", "former", "is_latin",
    "is_company", "birth", "sex", "phone", "mail", "own_number", "company_number", "home", "room", "street",
    "postal_code", "city",
)  # fmt: skip
_TYPES = {"number": pa.int64(), "birth": pa.int64(), "is_latin": pa.bool_(), "is_company": pa.bool_()}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in (*_PLACE, *FORMS)])
_SEXES = {
    **dict.fromkeys(("m", "male", "男", "男性", "1", "man"), "M"),
    **dict.fromkeys(("f", "female", "女", "女性", "2", "woman"), "F"),
}
#: Facts of which several columns hold parts.
_IN_LINES = (Meaning.ADDRESS, Meaning.CITY, Meaning.PREFECTURE)
Facts = Mapping[Meaning, str]


@dataclass(frozen=True)
class RecordsOf:
    """Whose rows a batch has: system and table, the columns by what they mean, its first row's number."""

    system: str
    table: str
    meanings: Mapping[Meaning, Sequence[str]]
    first: int


def form_batch(source: RecordsOf, batch: pa.RecordBatch) -> pa.Table:
    """Return one row of ``SCHEMA`` per row of a batch: its ``_key`` and the columns of the source."""
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    meant = {
        meaning: list(zip(*(columns[name] for name in names), strict=True))
        for meaning, names in source.meanings.items()
    }
    rows = [
        form_record({meaning: _said(meaning, values[place]) for meaning, values in meant.items()})
        for place in range(batch.num_rows)
    ]
    held: dict[str, list[object]] = {
        "number": list(range(source.first, source.first + batch.num_rows)),
        "system": [source.system] * batch.num_rows,
        "table_name": [source.table] * batch.num_rows,
        "record_key": columns["_key"],
    }
    held["writing"] = [_digest(row) for row in rows]
    held |= {name: [row[place] for row in rows] for place, name in enumerate(FORMS)}
    return pa.table(held, schema=SCHEMA)


def _digest(forms: tuple[object, ...]) -> str:
    """Name a way to be written, so that equal ones are found by one comparison."""
    return hashlib.blake2b(repr(forms).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _said(meaning: Meaning, values: Sequence[str | None]) -> str:
    """Return the lines of an address as one text; of anything else the first that is said."""
    held = [value for value in values if value]
    return " ".join(held) if meaning in _IN_LINES else next(iter(held), "")


def form_record(said: Facts) -> tuple[object, ...]:
    """Return the forms, in the order of ``FORMS``, of what a record says."""
    name, family, given = _name(said)
    home, room, street, postal, city = _home(said)
    latin = bool(name) and name.isascii()
    first, second = _parsed(name), _parsed(said.get(Meaning.KANA, "") or _kana(said))
    company = first.is_company or second.is_company or bool(said.get(Meaning.COMPANY_NUMBER))
    sound = second.sound or first.sound
    parts = (family or first.family, second.family, given or first.given, second.given)
    family_kanji, family_sound, given_kanji, given_sound = _sorted_parts(parts)
    birth = _birth(said.get(Meaning.BIRTH, ""))
    return (
        first.whole, sound, family_kanji, family_sound, given_kanji, given_sound,
        first.former or _part(said.get(Meaning.FORMER, "")), latin, company, birth,
        _SEXES.get(said.get(Meaning.SEX, "").strip().lower()), _phone(said), _mail(said),
        _number(said.get(Meaning.PERSON_NUMBER, "")), _number(said.get(Meaning.COMPANY_NUMBER, "")),
        home, room, street, postal, city,
    )  # fmt: skip


def _name(said: Facts) -> tuple[str, str | None, str | None]:
    """Return the name as one text, and its parts where columns of their own hold them."""
    family, given = said.get(Meaning.FAMILY, ""), said.get(Meaning.GIVEN, "")
    if family or given:
        return f"{family} {given}".strip(), _part(family), _part(given)
    return said.get(Meaning.NAME, ""), None, None


def _kana(said: Facts) -> str:
    return f"{said.get(Meaning.FAMILY_KANA, '')} {said.get(Meaning.GIVEN_KANA, '')}".strip()


def _sorted_parts(parts: Sequence[str | None]) -> tuple[str | None, ...]:
    """Return family and given, each (in kanji, by sound): a part of a name in kana or letters is a sound."""
    sorted_parts: list[str | None] = []
    for own, kana in (parts[:2], parts[2:]):
        is_sound = own is not None and own.isascii()
        sorted_parts += [None if is_sound else own, kana or (own if is_sound else None)]
    return tuple(sorted_parts)


def _home(said: Facts) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    """Return (home, room, street, postal code, city); of other countries' addresses the street is text."""
    above = (said.get(Meaning.PREFECTURE, ""), said.get(Meaning.CITY, ""))
    lines, code = said.get(Meaning.ADDRESS, ""), said.get(Meaning.POSTAL_CODE, "")
    whole = " ".join((*above, lines)).strip()
    if not whole:
        return None, None, None, _number(code), None
    if whole.isascii():
        street, city = _plain(lines), _plain(" ".join(above))
        return (f"{city}|{street}" if street else None), None, street or None, _number(code), city or None
    parts = _address(whole, code)
    place = fold_place(f"{parts.prefecture}|{parts.municipality}|{_without_chome(parts)}")
    numbers = "-".join(str(each) for each in (parts.chome, parts.numbers) if each not in (None, ""))
    named = fold_place(parts.prefecture + parts.municipality)
    home = f"{place}|{numbers}" if numbers else None
    return home, parts.room or None, None, parts.postal_code or None, named or None


def _without_chome(parts: Address) -> str:
    """Return the town alone: its chome stands among the numbers, as in 3-29-19."""
    return (
        parts.town
        if parts.chome is None
        else parts.town.rsplit("丁", 1)[0].rstrip("〇一二三四五六七八九十百千")
    )


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in clean(text).casefold()).split())


def _mail(said: Facts) -> str | None:
    written = said.get(Meaning.MAIL, "")
    return form_mail(written) if written else None


def _phone(said: Facts) -> str | None:
    written = said.get(Meaning.PHONE, "")
    return form_phone(written) if written else None


@lru_cache(maxsize=1 << 16)
def _birth(written: str) -> int | None:
    return form_birth(written) if written else None


@lru_cache(maxsize=1 << 16)
def _parsed(written: str) -> Name:
    return parse_name(written)


@lru_cache(maxsize=1 << 14)
def _address(written: str, code: str) -> Address:
    return parse_address(written, code)


def _part(written: str) -> str | None:
    return form_part(clean(written)) if written else None


def _number(written: str) -> str | None:
    """Return a number in capitals without marks; one of zeros alone is none."""
    bare = "".join(each for each in clean(written).upper() if each.isalnum()) if written else ""
    return bare if bare.strip("0") else None
