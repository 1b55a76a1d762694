"""Which records are compared at all: those that share two facts, or one that few share.

Each way to find pairs is a key; of a key that too many writings share, none is compared by it, and that is
told (``match_ways``): a switchboard's number, one name a million times.
"""

from __future__ import annotations

from ashiato.engine.people.weights import WRITINGS
from ashiato.engine.store import Row, Station, Store
from ashiato.engine.tables import MATCH_WAYS

PAIRS = "match_pairs"
#: How many writings may share a key, so that a key costs at most so many times half as many comparisons.
MOST_IN_BLOCK = 60
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
_COUNTS = f"""
SELECT count(*), count(*) FILTER (WHERE writings > {MOST_IN_BLOCK}),
       CAST(COALESCE(sum(records) FILTER (WHERE writings > {MOST_IN_BLOCK}), 0) AS BIGINT)
FROM blocks_{{place}}
"""


def write_pairs(store: Store, said: frozenset[str]) -> None:
    """Write ``match_pairs`` (each pair of writings once, ``a`` before ``b``) and ``match_ways``.

    ``said``: the forms that any record says; ways by others find nothing and are not walked.
    """
    told: list[Row] = [(way, 0, 0, 0, 0) for way, forms in WAYS.items() if not said.issuperset(forms)]
    walked = {way: forms for way, forms in WAYS.items() if said.issuperset(forms)}
    for place, (way, forms) in enumerate(walked.items()):
        store.run(Station(f"blocks_{place}", _blocks(forms)))
        store.run(Station(f"pairs_{place}", _pairs(f"blocks_{place}", forms)))
        ((blocks, large, records),) = store.rows(_COUNTS.format(place=place))
        told.append((way, blocks, store.count(f"pairs_{place}"), large, records))
    store.write(MATCH_WAYS, sorted(told))
    none = "SELECT id AS a, id AS b FROM writings WHERE FALSE"
    union = " UNION ALL ".join([none, *(f"SELECT a, b FROM pairs_{place}" for place in range(len(walked)))])
    store.run(Station(PAIRS, f"SELECT DISTINCT a, b FROM ({union}) AS found"))
    store.forget(f"{kind}_{place}" for place in range(len(walked)) for kind in ("blocks", "pairs"))


def _blocks(forms: tuple[str, ...]) -> str:
    listed, known = ", ".join(forms), " AND ".join(f"{form} IS NOT NULL" for form in forms)
    return (
        f"SELECT {listed}, writings, records FROM (SELECT {listed}, count(*) AS writings, "
        f"CAST(sum(records) AS BIGINT) AS records FROM {WRITINGS} WHERE {known} GROUP BY {listed}) AS held "
        "WHERE writings > 1"
    )


def _pairs(blocks: str, forms: tuple[str, ...]) -> str:
    same = " AND ".join(f"r.{form} = l.{form}" for form in forms)
    small = " AND ".join(f"k.{form} = l.{form}" for form in forms)
    return (
        f"SELECT l.id AS a, r.id AS b FROM {blocks} AS k JOIN {WRITINGS} AS l ON {small} "
        f"JOIN {WRITINGS} AS r ON {same} AND r.id > l.id AND r.is_company = l.is_company "
        f"WHERE k.writings <= {MOST_IN_BLOCK}"
    )
