"""Which records are compared at all: those that share two facts, or one that few share.

Each way to find pairs is a key. Where more writings share one than a way may walk, so that comparisons would
grow with their square, those are compared that share a second fact besides, each of them in turn; that is
told (``match_ways``): a switchboard's number, one name a million times.
"""

from __future__ import annotations

from ashiato.engine.people.weights import WRITINGS
from ashiato.engine.store import Row, Station, Store
from ashiato.engine.tables import MATCH_WAYS

PAIRS = "match_pairs"
#: How many writings may share a key, so that a key costs at most so many times half as many comparisons.
MOST_IN_BLOCK = 60
#: Strangers share a birth date and two letters of a name as soon as a register is large: few are walked so.
_FEW_IN_BLOCK = 6
#: The ways, by name: the forms that two writings share.
WAYS = {
    "mail": ("mail",),
    "phone": ("phone",),
    "number": ("own_number",),
    "company number": ("company_number",),
    "birth and given name by sound": ("birth", "given_sound"),
    "birth and given name by kanji": ("birth", "given_kanji"),
    "birth and family name by sound": ("birth", "family_sound"),
    "birth and family name by kanji": ("birth", "family_kanji"),
    "birth and beginning of the given name": ("birth", "given_start"),
    "birth and name by kanji": ("birth", "kanji"),
    "birth and postal code": ("birth", "postal_code"),
    "family name by sound and postal code": ("family_sound", "postal_code"),
    "name by sound and postal code": ("sound", "postal_code"),
    "name by kanji and postal code": ("kanji", "postal_code"),
    "name by sound and city": ("sound", "city"),
    "name by kanji and city": ("kanji", "city"),
    "home and given name by sound": ("home", "given_sound"),
    "home and given name by kanji": ("home", "given_kanji"),
    "home and name by sound": ("home", "sound"),
    "home and name by kanji": ("home", "kanji"),
}
_FEW = frozenset({"birth and beginning of the given name"})
#: The second facts by which what too many share is split.
SPLITS = ("kanji", "sound", "family_kanji", "family_start", "birth", "home", "postal_code", "city", "phone")


def most_in(way: str) -> int:
    """Return how many writings may share a key of a way before a second fact is asked for."""
    return _FEW_IN_BLOCK if way in _FEW else MOST_IN_BLOCK


def write_pairs(store: Store, said: frozenset[str]) -> None:
    """Write ``match_pairs`` (each pair of writings once, ``a`` before ``b``) and ``match_ways``.

    ``said``: the forms that any record says; ways by others find nothing and are not walked.
    """
    told: list[Row] = [(way, 0, 0, 0, 0) for way, forms in WAYS.items() if not said.issuperset(forms)]
    found: list[str] = []
    for place, (way, forms) in enumerate(WAYS.items()):
        if said.issuperset(forms):
            pairs, row = _walk(store, f"{place}", way, said)
            told.append(row)
            found += pairs
    store.write(MATCH_WAYS, sorted(told))
    none = "SELECT id AS a, id AS b FROM writings WHERE FALSE"
    union = " UNION ALL ".join([none, *(f"SELECT a, b FROM {name}" for name in found)])
    store.run(Station(PAIRS, f"SELECT DISTINCT a, b FROM ({union}) AS found"))
    store.forget(found)


def _walk(store: Store, place: str, way: str, said: frozenset[str]) -> tuple[list[str], Row]:
    """Write one way's tables of pairs; returns their names and the way's row of ``match_ways``."""
    forms, most = WAYS[way], most_in(way)
    store.run(Station(f"blocks_{place}", _blocks(forms, WRITINGS)))
    counts = (
        f"SELECT count(*), count(*) FILTER (WHERE writings > {most}), "
        f"CAST(COALESCE(sum(records) FILTER (WHERE writings > {most}), 0) AS BIGINT) FROM blocks_{place}"
    )
    ((blocks, large, records),) = store.rows(counts)
    store.run(Station(f"pairs_{place}", _pairs(f"blocks_{place}", forms, WRITINGS, most)))
    found = [f"pairs_{place}"]
    if large:
        found += _split(store, place, forms, most, said)
    store.forget((f"blocks_{place}",))
    return found, (way, blocks, sum(store.count(name) for name in found), large, records)


def _split(store: Store, place: str, forms: tuple[str, ...], most: int, said: frozenset[str]) -> list[str]:
    """Write the pairs of a way's large blocks that share a second fact; returns the tables' names."""
    kept = ", ".join(f"w.{form}" for form in ("id", "records", "is_company", *sorted({*forms, *SPLITS})))
    large = f"crowd_{place}"
    shared = " AND ".join(f"k.{form} = w.{form}" for form in forms)
    store.run(Station(
        large,
        f"SELECT {kept} FROM blocks_{place} AS k JOIN {WRITINGS} AS w ON {shared} WHERE k.writings > {most}",
    ))  # fmt: skip
    found = []
    for second in SPLITS:
        if second in said and second not in forms:
            both = (*forms, second)
            name = f"{place}_{second}"
            store.run(Station(f"blocks_{name}", _blocks(both, large)))
            store.run(Station(f"pairs_{name}", _pairs(f"blocks_{name}", both, large, MOST_IN_BLOCK)))
            store.forget((f"blocks_{name}",))
            found.append(f"pairs_{name}")
    store.forget((large,))
    return found


def _blocks(forms: tuple[str, ...], writings: str) -> str:
    listed, known = ", ".join(forms), " AND ".join(f"{form} IS NOT NULL" for form in forms)
    return (
        f"SELECT {listed}, writings, records FROM (SELECT {listed}, count(*) AS writings, "
        f"CAST(sum(records) AS BIGINT) AS records FROM {writings} WHERE {known} GROUP BY {listed}) AS held "
        "WHERE writings > 1"
    )


def _pairs(blocks: str, forms: tuple[str, ...], writings: str, most: int) -> str:
    same = " AND ".join(f"r.{form} = l.{form}" for form in forms)
    small = " AND ".join(f"k.{form} = l.{form}" for form in forms)
    return (
        f"SELECT l.id AS a, r.id AS b FROM {blocks} AS k JOIN {writings} AS l ON {small} "
        f"JOIN {writings} AS r ON {same} AND r.id > l.id AND r.is_company = l.is_company "
        f"WHERE k.writings <= {most}"
    )
