"""How much it says that two records agree, in thousandths of a bit: whole numbers, whose sums have no order.

Fellegi and Sunter's weights (1969): of an agreement, log2(m / u). u, how often two strangers agree, is the
value's own frequency among the other records; m, how often records of one person agree, is shipped, not
learned: an estimate whose sums depend on the order of threads would give other bytes in another run. An exact
agreement has the m that Splink gives the highest level before training (0.95); what may change in a life
(address, phone) has a low one for differing, what may not has a conflict instead (``scoring``).
"""

from __future__ import annotations

import math

import pyarrow as pa

from ashiato.engine.people.traits import TRAITS
from ashiato.engine.store import Station, Store

#: One row per distinct way a person is written, with what each of its forms weighs.
WRITINGS = "writings"
_M_EXACT = 0.95
_STARTS = "substr(a.given_sound, 1, 2) AS given_start, substr(a.family_sound, 1, 2) AS family_start"
#: The forms that are weighed by how rare their value is, each with the SQL for it.
WEIGHED = {
    "kanji": "kanji", "sound": "sound", "family": "COALESCE(family_sound, family_kanji)",
    "given": "COALESCE(given_sound, given_kanji)", "birth": "birth", "phone": "phone", "mail": "mail",
    "own_number": "own_number", "company_number": "company_number", "home": "home",
    "postal_code": "postal_code", "city": "city",
}  # fmt: skip

#: Among how many at least a value is rare, where fewer records say it: a register of ten does not make two
#: of one name a fifth of mankind. Phones, mail and homes are as rare as records, numbers unique in a country.
_AMONG = {
    **dict.fromkeys(("kanji", "sound", "birth", "phone", "mail", "home"), 1_000),
    **dict.fromkeys(("own_number", "company_number"), 1_000_000),
}
_OWN = ("phone", "mail", "home")


def bits(share: float) -> int:
    """Return log2 of a ratio in thousandths."""
    return round(1000 * math.log2(share))


def prior(records: int) -> int:
    """Return what agreements must outweigh: each record has one other of its person among so many."""
    return bits(max(records, 2))


def write_writings(store: Store, forms: tuple[str, ...]) -> frozenset[str]:
    """Write ``writings``: equal records as one, with its number of records, its first and its weights.

    Returns the forms that any record says.
    """
    kept = ", ".join(f"min({form}) AS {form}" for form in forms)
    alike = f"SELECT writing, min(number) AS id, count(*) AS records, {kept} FROM {TRAITS} GROUP BY writing"
    store.run(Station("alike", alike))
    counted = ", ".join(f"count({form})" for form in forms)
    ((*counts,),) = store.rows(f"SELECT {counted} FROM alike")
    told = frozenset(form for form, count in zip(forms, counts, strict=True) if count)
    records = store.count(TRAITS)
    said = {name: value for name, value in WEIGHED.items() if any(form in value for form in told)}
    for name, value in said.items():
        _write_frequency(store, name, value, records)
    weighed = ", ".join(
        (f"f_{name}.weight" if name in said else "CAST(NULL AS BIGINT)") + f" AS w_{name}" for name in WEIGHED
    )
    joins = " ".join(
        f"LEFT JOIN frequency_{name} AS f_{name} ON f_{name}.value = {_of(value)}"
        for name, value in said.items()
    )
    own = ", ".join(f"a.{form}" for form in forms)
    columns = f"a.id, a.writing, a.records, {own}, {_STARTS}, {weighed}"
    store.run(Station(WRITINGS, f"SELECT {columns} FROM alike AS a {joins}"))
    store.forget(f"{kind}_{name}" for name in said for kind in ("times", "weights", "frequency"))
    return told | {f"{part}_start" for part in ("given", "family") if f"{part}_sound" in told}


def _of(value: str) -> str:
    return value.replace("(", "(a.").replace(", ", ", a.") if "(" in value else f"a.{value}"


def _write_frequency(store: Store, name: str, value: str, records: int) -> None:
    """Write how much each value of one form weighs, by how many other records have the same."""
    counted = f"SELECT {value} AS value, CAST(sum(records) AS BIGINT) AS times FROM alike GROUP BY {value}"
    known = f"SELECT value, times FROM ({counted}) AS held WHERE value IS NOT NULL"
    store.run(Station(f"times_{name}", known))
    told = store.rows(f"SELECT times, count(*) FROM times_{name} GROUP BY times ORDER BY times")
    holders = sum(times * values for times, values in told)
    among = max(_AMONG.get(name, 2), holders, records if name in _OWN else 2)
    weights = [max(bits(_M_EXACT * (among - 1) / max(times - 1, 1)), 0) for times, _ in told]
    columns = {
        "times": pa.array([times for times, _ in told], pa.int64()),
        "weight": pa.array(weights, pa.int64()),
    }
    store.write_as(f"weights_{name}", pa.table(columns))
    joined = f"SELECT t.value, w.weight FROM times_{name} AS t JOIN weights_{name} AS w ON w.times = t.times"
    store.run(Station(f"frequency_{name}", joined))
