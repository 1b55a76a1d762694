"""Each person's ``sensitivities``: judged once for all persons of whom the same was reached."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ashiato.datamap.model import DataMap
from ashiato.engine.people.harms import Reached, facts_of, judge_facts
from ashiato.engine.store import Station, Store
from ashiato.engine.tables_of_persons import SENSITIVITIES
from ashiato.terms.grades import Grade

#: Between records, and after a system's name: ASCII's own separators.
_RECORD, _SYSTEM = "\x1e", "\x1f"

# Of each person what was reached in which system, and the same text for all of whom it is the same.
_TEXTS = f"""
SELECT person_id, string_agg(told, '{_RECORD}' ORDER BY told) AS told
FROM (
  SELECT DISTINCT person_id, system || '{_SYSTEM}' || fields AS told FROM people
  WHERE grade >= {int(Grade.POSSIBLE)}
) AS held GROUP BY person_id
"""
_JUDGED = """
SELECT t.person_id, j.level AS sensitivity, j.identifiable, j.harms, j.because,
       j.sure_level AS sensitivity_sure, j.surely_identifiable AS identifiable_sure
FROM person_texts AS t JOIN judged_texts AS j ON j.told = t.told
"""
_JUDGEMENT = {
    "level": pa.int32(), "sure_level": pa.int32(), "identifiable": pa.bool_(),
    "surely_identifiable": pa.bool_(), "harms": pa.string(), "because": pa.string(),
}  # fmt: skip
_WORDS = {grade.word: grade for grade in Grade}


def write_sensitivities(store: Store, datamap: DataMap) -> None:
    """Write ``sensitivities``, one row per person of ``persons``."""
    store.run(Station("person_texts", _TEXTS))
    texts = [text for (text,) in store.rows("SELECT DISTINCT told FROM person_texts ORDER BY told")]
    judged = [judge_facts(read_reached(datamap, text)) for text in texts]
    held = {
        name: pa.array([getattr(each, name) for each in judged], kind) for name, kind in _JUDGEMENT.items()
    }
    held["told"] = pa.array(texts, pa.string())
    store.write_as("judged_texts", pa.table(held))
    store.run(Station("sensitivities", _JUDGED, SENSITIVITIES))


def read_reached(datamap: DataMap, text: str) -> Reached:
    """Read what ``people`` says was reached into facts, each with its best grade and the fields of it."""
    best: dict[str, tuple[Grade, list[str]]] = {}
    for system, field, grade in sorted(_fields(text), key=lambda each: (-each[2], each[:2])):
        table, _, column = field.rpartition(".")
        mapped = datamap.systems.get(system)
        for fact in facts_of(mapped.tables.get(table) if mapped else None, column):
            held = best.setdefault(fact, (grade, []))
            held[1].append(field)
    return best


def _fields(text: str) -> Iterator[tuple[str, str, Grade]]:
    for record in text.split(_RECORD):
        system, _, fields = record.partition(_SYSTEM)
        for entry in filter(None, fields.split(";")):
            field, _, graded = entry.rpartition("=")
            grade = _WORDS.get(graded.partition("/")[0])
            if field and grade is not None:
                yield system, field, grade
