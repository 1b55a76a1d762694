"""Who is to be told of what was reached of them, and by which ways: ``persons`` and ``contacts``.

A notice about a minor goes to a guardian who can be told; nothing goes where a person is protected, or to
the dead; who has no way left is a row of the channel *publication*, the substitute measure.
"""

from __future__ import annotations

from ashiato.engine.people.sources import Source
from ashiato.engine.people.states import STATES, codes_sql
from ashiato.engine.people.ways import TOLD_RECORDS, WAYS, write_ways
from ashiato.engine.store import Station
from ashiato.engine.tables_of_persons import CONTACTS, PERSONS
from ashiato.engine.workspace import Workspace
from ashiato.terms.contacts import AddressUse, Channel, ContactFault, PersonState
from ashiato.terms.grades import Grade

_KEY = ("system", "table_name", "record_key")
_REACHED = int(Grade.POSSIBLE)


def _on(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{name} = {right}.{name}" for name in _KEY)


_TOLD = f"""
SELECT person_id, min(widest_person_id) AS widest_person_id, max(grade) AS grade,
       sum(CASE WHEN grade >= {_REACHED} THEN 1 ELSE 0 END) AS records
FROM people GROUP BY person_id HAVING max(grade) >= {_REACHED}
"""
# A guardian is another person than the minor; of several records and guardians each pair once.
_GUARDIANS = f"""
SELECT DISTINCT m.person_id, g.person_id AS guardian_id
FROM told_persons AS t JOIN people AS m ON m.person_id = t.person_id
JOIN {STATES} AS s ON {_on("s", "m")}
JOIN people AS g ON g.system = s.system AND g.table_name = s.guardian_table AND g.record_key = s.guardian_key
WHERE s.is_minor = 1 AND g.person_id <> m.person_id
"""
_RECORDS = """
SELECT p.system, p.table_name, p.record_key, p.person_id, p.widest_person_id
FROM people AS p
JOIN (SELECT person_id FROM told_persons UNION SELECT guardian_id FROM guardian_links) AS w
  ON w.person_id = p.person_id
"""
# Whoever may be one with somebody protected is left alone until a human has decided.
_MARKS = f"""
WITH near AS (
  SELECT DISTINCT p.widest_person_id FROM people AS p JOIN {STATES} AS s ON {_on("s", "p")}
  WHERE s.is_protected = 1
)
SELECT r.person_id, min(COALESCE(s.is_past, 0)) AS is_past, max(COALESCE(s.is_deceased, 0)) AS is_deceased,
       max(COALESCE(s.is_protected, 0)) AS is_protected,
       max(CASE WHEN n.widest_person_id IS NULL THEN 0 ELSE 1 END) AS is_near,
       max(COALESCE(s.is_minor, 0)) AS is_minor, max(COALESCE(s.age_told, 0)) AS age_told,
       max(COALESCE(s.is_company, 0)) AS is_company,
       min(s.language) AS language, max(CASE WHEN s.system IS NULL THEN 0 ELSE 1 END) AS is_held
FROM {TOLD_RECORDS} AS r LEFT JOIN {STATES} AS s ON {_on("s", "r")}
LEFT JOIN near AS n ON n.widest_person_id = r.widest_person_id
GROUP BY r.person_id
"""
_LOST = " ".join(
    f"WHEN w.channel = '{channel}' THEN s.lost_{mark}"
    for channel, mark in (
        (Channel.LETTER, "letter"), (Channel.MAIL, "mail"),
        (Channel.MOBILE, "phone"), (Channel.PHONE, "phone"),
    )
)  # fmt: skip
# What came back came back from today's address, which stands in the record itself.
_IS_OWN = f"w.at_table = w.table_name AND w.address_use = '{AddressUse.NOW}'"
_IS_SAFE = f"w.address_use = '{AddressUse.SAFE}'"
_USES = " ".join(f"WHEN w.address_use = '{use}' THEN {place}" for place, use in enumerate(AddressUse))
_BARRED = codes_sql((
    (f"m.is_protected = 1 AND NOT {_IS_SAFE}", ContactFault.PROTECTED),
    (f"m.is_protected = 0 AND m.is_near = 1 AND NOT {_IS_SAFE}", ContactFault.PROTECTED_PERHAPS),
    ("m.is_deceased = 1", ContactFault.DECEASED),
    (f"{_IS_OWN} AND CASE {_LOST} ELSE 0 END = 1", ContactFault.UNDELIVERABLE),
))  # fmt: skip
_CHOSEN = f"""
WITH judged AS (
  SELECT r.person_id, w.*, {_BARRED} AS barred, CASE {_USES} END AS turn, s.is_past AS of_past
  FROM {WAYS} AS w JOIN {TOLD_RECORDS} AS r ON {_on("r", "w")}
  JOIN person_marks AS m ON m.person_id = r.person_id
  LEFT JOIN {STATES} AS s ON {_on("s", "w")}
),
told AS (
  SELECT j.*, CASE WHEN j.is_sound = 1 AND j.barred = '' THEN 1 ELSE 0 END AS may,
         CASE WHEN j.faults = '' THEN j.barred WHEN j.barred = '' THEN j.faults
              ELSE j.faults || ';' || j.barred END AS contact_reasons
  FROM judged AS j
)
SELECT person_id, channel,
       CASE WHEN may = 1 THEN row_number() OVER (
         PARTITION BY person_id, channel ORDER BY may DESC, turn, of_past, faults, snapshot_us DESC, system,
         table_name, record_key, at_table, at_key, at_columns) END AS preference,
       may = 1 AS usable, contact_reasons, address_use, system, table_name, record_key, at_table, at_key,
       at_columns, snapshot_us
FROM told
"""
_ANY = codes_sql(
    (f"max(CASE WHEN ';' || contact_reasons || ';' LIKE '%;{code};%' THEN 1 ELSE 0 END) = 1", code)
    for code in ContactFault
)
_OF_PERSON = f"""
SELECT person_id, {_ANY} AS contact_reasons, max(CASE WHEN usable THEN 1 ELSE 0 END) AS can_be_told, {
    codes_sql(
        (f"max(CASE WHEN usable AND channel = '{channel}' THEN 1 ELSE 0 END) = 1", channel)
        for channel in Channel
        if channel is not Channel.PUBLICATION
    )
} AS channels
FROM chosen_ways GROUP BY person_id
"""
# Of several guardians the first who can be told; of a protected minor none.
_ADDRESSEES = """
SELECT t.person_id, COALESCE(min(CASE WHEN o.can_be_told = 1 THEN g.guardian_id END), min(g.guardian_id))
         AS guardian_id,
       CASE WHEN max(m.is_protected) = 1 OR max(m.is_near) = 1 THEN t.person_id
            ELSE COALESCE(min(CASE WHEN o.can_be_told = 1 THEN g.guardian_id END), t.person_id) END
         AS addressee_id
FROM told_persons AS t JOIN person_marks AS m ON m.person_id = t.person_id
LEFT JOIN guardian_links AS g ON g.person_id = t.person_id
LEFT JOIN ways_of_person AS o ON o.person_id = g.guardian_id
GROUP BY t.person_id
"""
_PERSONAS = f"""
SELECT person_id, string_agg(persona, ';' ORDER BY persona) AS personas
FROM (
  SELECT DISTINCT person_id, persona FROM people WHERE grade >= {_REACHED} AND persona IS NOT NULL
) AS held
GROUP BY person_id
"""
_STATES = codes_sql((
    ("m.is_past = 1 AND m.is_held = 1", PersonState.PAST),
    ("m.is_minor = 1", PersonState.MINOR),
    ("m.is_minor = 1 AND a.guardian_id IS NULL", PersonState.GUARDIAN_UNKNOWN),
    ("m.is_held = 1 AND m.age_told = 0 AND m.is_company = 0", PersonState.AGE_UNKNOWN),
    ("m.is_deceased = 1", PersonState.DECEASED),
    ("m.is_protected = 1", PersonState.PROTECTED),
    ("m.is_company = 1", PersonState.COMPANY),
))  # fmt: skip
_PERSONS = f"""
SELECT t.person_id, t.widest_person_id, t.grade, t.records, COALESCE(p.personas, '') AS personas,
       {_STATES} AS states, m.language, a.guardian_id, a.addressee_id, COALESCE(o.channels, '') AS channels,
       COALESCE(o.can_be_told, 0) = 1 AS is_reachable,
       COALESCE(o.contact_reasons, '{ContactFault.NO_CONTACT}') AS contact_reasons
FROM told_persons AS t JOIN person_marks AS m ON m.person_id = t.person_id
JOIN addressees AS a ON a.person_id = t.person_id
LEFT JOIN ways_of_person AS o ON o.person_id = a.addressee_id
LEFT JOIN person_personas AS p ON p.person_id = t.person_id
"""
_NOWHERE = ", ".join(["CAST(NULL AS VARCHAR)"] * 7)
_CONTACTS = f"""
SELECT * FROM chosen_ways
UNION ALL
SELECT person_id, '{Channel.PUBLICATION}', 1, TRUE, contact_reasons, {_NOWHERE},
       CAST(NULL AS BIGINT)
FROM persons WHERE NOT is_reachable
"""


def write_persons(workspace: Workspace, sources: tuple[Source, ...]) -> None:
    """Write ``persons`` and ``contacts`` of everybody of whom a record is possible at least."""
    store = workspace.store
    store.run(Station("told_persons", _TOLD))
    store.run(Station("guardian_links", _GUARDIANS))
    store.run(Station(TOLD_RECORDS, _RECORDS))
    write_ways(workspace, sources)
    for name, sql in (
        ("person_marks", _MARKS), ("chosen_ways", _CHOSEN), ("ways_of_person", _OF_PERSON),
        ("addressees", _ADDRESSEES), ("person_personas", _PERSONAS),
    ):  # fmt: skip
        store.run(Station(name, sql))
    store.run(Station("persons", _PERSONS, PERSONS))
    store.run(Station("contacts", _CONTACTS, CONTACTS))
