"""How surely two writings are one person, as SQL: which facts agree, what that weighs, what conflicts.

Three tiers. What must match: the name (whole, or its given part), or a number of the person. What may not
conflict: birth date, sex, numbers; a conflict is never outweighed. What may differ: address, phone, mail
and, with the rest alike, the surname. Thousandths of a bit throughout; docs/decisions/0016 says where the
figures are from.
"""

from __future__ import annotations

from ashiato.engine.people.pairing import PAIRS
from ashiato.engine.people.weights import WRITINGS
from ashiato.engine.store import Station, Store

SCORED = "scored_pairs"
#: From here on two writings are one person (odds of 128 to 1), or may be one (even odds).
SURE, PERHAPS = 7_000, 0
# What stands for a fact that does not agree: log2(m / u), m of the 0.05 that an exact agreement leaves,
# shared by the levels below it; u of a difference is 1, of a typing error how often strangers are as close.
NAME_DIFFERS, NAME_ODD, PART_NEAR, MARRIED = -6_300, -3_000, -4_000, -5_000
BIRTH_NEAR, BIRTH_DIFFERS, NUMBER_NEAR, NUMBER_DIFFERS, SEX_SAME = 2_400, -5_300, 6_000, -5_300, 900
# What changes in a life: m of differing is 0.25 (address, phone), 0.35 (mail).
PHONE_DIFFERS, MAIL_DIFFERS, HOME_DIFFERS = -2_000, -1_500, -2_000
ROOM_DIFFERS, POSTAL_ONLY = -4_000, -500
_LONG, _STREET_SHARE = 5, 6


def _same(form: str) -> str:
    """1: both say it and alike, 0: both and otherwise; NULL: one does not say it."""
    return (
        f"CASE WHEN l.{form} IS NULL OR r.{form} IS NULL THEN NULL WHEN l.{form} = r.{form} THEN 1 ELSE 0 END"
    )


def _near(form: str) -> str:
    """One typing error apart, in a longer word two."""
    short = f"CASE WHEN length(l.{form}) < length(r.{form}) THEN length(l.{form}) ELSE length(r.{form}) END"
    return (
        f"COALESCE(levenshtein(l.{form}, r.{form}) <= CASE WHEN {short} >= {_LONG} THEN 2 "
        f"WHEN {short} >= 2 THEN 1 ELSE 0 END, FALSE)"
    )


def _part(part: str) -> str:
    """2: a part of the name agrees, 1: nearly, 0: it differs; NULL: not told apart in one of the two."""
    kanji, sound = f"{part}_kanji", f"{part}_sound"
    return f"""
CASE WHEN l.{kanji} = r.{kanji} OR l.{sound} = r.{sound} THEN 2
     WHEN l.{kanji} IS NOT NULL AND r.{kanji} IS NOT NULL THEN 0
     WHEN l.{sound} IS NULL OR r.{sound} IS NULL THEN NULL
     WHEN {_near(sound)} THEN 1 ELSE 0 END
"""


def _near_across(one: str, other: str) -> str:
    long = f"length(l.{one}) >= {_LONG} AND length(r.{other}) >= {_LONG}"
    return f"(l.{one} = r.{other} OR ({long} AND levenshtein(l.{one}, r.{other}) <= 2))"


_SWAPPED = f"""
COALESCE({_near_across("family_sound", "given_sound")}
         AND {_near_across("given_sound", "family_sound")}, FALSE)
OR COALESCE(l.family_kanji = r.given_kanji AND l.given_kanji = r.family_kanji, FALSE)
"""
_STREET = f"""
COALESCE(levenshtein(l.street, r.street) * {_STREET_SHARE} <= length(l.street), FALSE)
"""
_FORMER = """
COALESCE(l.former = r.family_kanji, FALSE) OR COALESCE(l.former = r.family_sound, FALSE)
OR COALESCE(r.former = l.family_kanji, FALSE) OR COALESCE(r.former = l.family_sound, FALSE)
"""
_BIRTH = """
CASE WHEN l.birth IS NULL OR r.birth IS NULL THEN NULL WHEN l.birth = r.birth THEN 2
     WHEN l.birth // 100 = r.birth // 100 OR l.birth % 10000 = r.birth % 10000
       OR (l.birth // 10000 = r.birth // 10000
           AND (l.birth % 100 = r.birth % 100
                OR (l.birth // 100 % 100 = r.birth % 100 AND l.birth % 100 = r.birth // 100 % 100))) THEN 1
     ELSE 0 END
"""
_NUMBER = f"""
CASE WHEN l.own_number IS NULL OR r.own_number IS NULL THEN NULL WHEN l.own_number = r.own_number THEN 2
     WHEN {_near("own_number")} THEN 1 ELSE 0 END
"""
_HOME = f"""
CASE WHEN l.home = r.home AND COALESCE(l.room = r.room, TRUE) THEN 4 WHEN l.home = r.home THEN 3
     WHEN {_STREET} THEN 3
     WHEN l.postal_code = r.postal_code THEN 2 WHEN l.city = r.city THEN 1
     WHEN (l.home IS NULL AND l.postal_code IS NULL) OR (r.home IS NULL AND r.postal_code IS NULL) THEN NULL
     ELSE 0 END
"""

_COMPARED = f"""
SELECT p.a, p.b, {_same("kanji")} AS kanji, {_same("sound")} AS sound,
       CASE WHEN {_near("sound")} AND (l.is_latin OR r.is_latin) THEN 1 ELSE 0 END AS sound_near,
       CASE WHEN {_SWAPPED} THEN 1 ELSE 0 END AS swapped, CASE WHEN {_FORMER} THEN 1 ELSE 0 END AS former,
       {_part("family")} AS family, {_part("given")} AS given,
       CASE WHEN l.is_latin OR r.is_latin THEN 0 ELSE 1 END AS exact_writing,
       {_BIRTH} AS birth, {_same("sex")} AS sex, {_same("phone")} AS phone, {_same("mail")} AS mail,
       {_NUMBER} AS own_number, {_same("company_number")} AS company_number, {_HOME} AS home,
       l.w_kanji, l.w_sound, l.w_birth, l.w_phone, l.w_mail, l.w_own_number, l.w_company_number, l.w_home,
       l.w_postal_code, l.w_city,
       CASE WHEN r.w_home < l.w_home THEN r.w_home ELSE l.w_home END AS w_near_home,
       CASE WHEN r.w_family < l.w_family THEN r.w_family ELSE l.w_family END AS w_family,
       CASE WHEN r.w_given < l.w_given THEN r.w_given ELSE l.w_given END AS w_given
FROM {PAIRS} AS p JOIN {WRITINGS} AS l ON l.id = p.a JOIN {WRITINGS} AS r ON r.id = p.b
"""

# 4: the whole name agrees; 3: agrees, but one writing of it does not, or the parts are swapped; 2: nearly;
# 1: the given name alone; 0: it differs; NULL: nothing to compare.
_NAMED = """
SELECT c.*,
       CASE WHEN (kanji = 1 AND COALESCE(sound, 1) = 1) OR (sound = 1 AND COALESCE(kanji, 1) = 1) THEN 4
            WHEN kanji = 1 OR sound = 1 OR swapped = 1 THEN 3
            WHEN family >= 1 AND given >= 1 THEN 2
            WHEN (given IS NULL AND family = 2) OR (family IS NULL AND given = 2) THEN 2
            WHEN given IS NULL AND family IS NULL AND sound_near = 1 THEN 2
            WHEN given = 2 THEN 1
            WHEN kanji IS NULL AND sound IS NULL AND family IS NULL AND given IS NULL THEN NULL
            ELSE 0 END AS name
FROM compared AS c
"""

_WEIGHED = f"""
SELECT n.*,
       CASE name WHEN 4 THEN CASE WHEN kanji = 1 THEN COALESCE(w_kanji, w_sound) ELSE w_sound END
                 WHEN 3 THEN CASE WHEN kanji = 1 THEN w_kanji WHEN sound = 1 THEN w_sound
                                  ELSE COALESCE(w_family, 0) + COALESCE(w_given, 0) END + ({NAME_ODD})
                 WHEN 2 THEN CASE WHEN family = 2 THEN w_family WHEN family = 1 AND w_family > {-PART_NEAR}
                                  THEN w_family + ({PART_NEAR}) ELSE 0 END
                           + CASE WHEN given = 2 THEN w_given WHEN given = 1 AND w_given > {-PART_NEAR}
                                  THEN w_given + ({PART_NEAR}) ELSE 0 END
                 WHEN 1 THEN w_given + CASE WHEN former = 1 THEN 0 ELSE {MARRIED} END
                 WHEN 0 THEN {NAME_DIFFERS} ELSE 0 END AS s_name,
       CASE birth WHEN 2 THEN w_birth WHEN 1 THEN {BIRTH_NEAR} WHEN 0 THEN {BIRTH_DIFFERS} ELSE 0 END
       + CASE sex WHEN 1 THEN {SEX_SAME} ELSE 0 END
       + CASE phone WHEN 1 THEN w_phone WHEN 0 THEN {PHONE_DIFFERS} ELSE 0 END
       + CASE mail WHEN 1 THEN w_mail WHEN 0 THEN {MAIL_DIFFERS} ELSE 0 END
       + CASE own_number WHEN 2 THEN w_own_number WHEN 1 THEN {NUMBER_NEAR} WHEN 0 THEN {NUMBER_DIFFERS}
                         ELSE 0 END
       + CASE company_number WHEN 1 THEN w_company_number ELSE 0 END
       + CASE home WHEN 4 THEN w_home WHEN 3 THEN w_near_home + ({ROOM_DIFFERS})
                   WHEN 2 THEN w_postal_code + ({POSTAL_ONLY}) WHEN 1 THEN w_city
                   WHEN 0 THEN {HOME_DIFFERS} ELSE 0 END AS s_rest
FROM named AS n
"""

# The name must match, or the person's number; a surname may change with the birth date alike or a note of it.
_MATCHES = """
COALESCE(name >= 2, FALSE) OR COALESCE(own_number = 2, FALSE)
OR COALESCE(name = 1 AND (former = 1 OR birth = 2), FALSE)
"""
# Of birth date and number either may be mistyped where name and the other agree; sex and both may not.
_CONFLICTS = (
    ("birth", "birth = 0 AND NOT COALESCE(own_number = 2 AND name >= 2, FALSE)"),
    ("sex", "sex = 0"),
    ("number", "own_number = 0 AND NOT COALESCE(birth = 2 AND name >= 2, FALSE)"),
    ("company number", "company_number = 0"),
)
_DOUBTS = (
    ("given name", "COALESCE(name, 0) < 2 AND birth = 2 AND own_number IS NULL AND given = 0"),
    ("name not comparable", "name IS NULL"),
    ("given name nearly", "name = 2 AND given = 1 AND exact_writing = 1"),
)
_AGREE = (
    ("name", "name >= 3"), ("name nearly", "name = 2"), ("given name", "name = 1"),
    ("former name", "former = 1"), ("birth", "birth = 2"), ("birth nearly", "birth = 1"),
    ("phone", "phone = 1"), ("mail", "mail = 1"), ("number", "own_number = 2"),
    ("number nearly", "own_number = 1"),
    ("company number", "company_number = 1"), ("address", "home = 4"), ("address nearly", "home = 3"),
    ("postal code", "home = 2"), ("city", "home = 1"),
)  # fmt: skip


def _listed(codes: tuple[tuple[str, str], ...]) -> str:
    """Return the SQL for a list of codes, each with a semicolon before it."""
    return " || ".join(f"CASE WHEN {test} THEN ';{code}' ELSE '' END" for code, test in codes)


def score_pairs(store: Store, prior: int) -> None:
    """Write ``scored_pairs``: one row per pair of writings that are, or may be, one person.

    ``verdict``: ``same`` or ``review``; ``score``: thousandths of a bit above even odds, conflicts apart.
    """
    told = f"""
SELECT a, b, s_name + s_rest - {prior} AS score, {_MATCHES} AS matches,
       {_listed(_AGREE)} AS agree, {_listed(_CONFLICTS)} AS conflict, {_listed(_DOUBTS)} AS doubt,
       CASE WHEN name IS NULL OR (name = 0 AND birth = 2 AND given = 0 AND family = 2 AND home >= 3)
            THEN s_rest - {prior} ELSE NULL END AS without_name
FROM weighed
"""
    steps = {"compared": _COMPARED, "named": _NAMED, "weighed": _WEIGHED, "told_pairs": told}
    if store.appends:
        # Of many pairs few are told of: as one query none of the rest is kept.
        within = ", ".join(f"{name} AS ({sql})" for name, sql in steps.items())
        store.run(Station(SCORED, f"WITH {within} {_JUDGED}"))
        store.forget((PAIRS,))
        return
    for name, sql in (*steps.items(), (SCORED, _JUDGED)):
        store.run(Station(name, sql))


_JUDGED = f"""
SELECT a, b, CASE WHEN matches THEN score ELSE without_name END AS score, substr(agree, 2) AS agree,
       substr(conflict || doubt, 2) AS conflict,
       CASE WHEN matches AND score >= {SURE} AND conflict = '' AND doubt = '' THEN 'same' ELSE 'review' END
         AS verdict
FROM told_pairs
WHERE (matches AND score >= {SURE}) OR (matches AND conflict = '' AND score >= {PERHAPS})
   OR (NOT matches AND conflict = '' AND without_name >= {SURE})
"""
