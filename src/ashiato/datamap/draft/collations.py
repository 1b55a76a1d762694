"""Find how a database's text sorts, where a file says so: dumps, listings of settings, messages of initdb.

Sources: PostgreSQL 17 manual, CREATE DATABASE, pg_database, initdb; MySQL 8.4 manual, SHOW CREATE TABLE,
server options; MariaDB's documentation on collations (all read 2026-11-22).
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ashiato.datamap.draft.sql_text import cut_statements


class Reach(IntEnum):
    """What a collation was said of; the nearer to the tables, the more it counts."""

    SERVER = 1
    DATABASE = 2
    TABLE = 3


@dataclass(frozen=True)
class SeenCollation:
    """A collation by the name a data map gives it, of what, and in which file it stands."""

    name: str
    reach: Reach
    database: str
    file: str


@dataclass(frozen=True)
class Paper:
    """The beginning of a file that may speak of settings; of a log only the server's own words are taken."""

    file: str
    text: str
    is_log: bool = False


_WANTED = re.compile(r"\s*CREATE\s+(DATABASE|SCHEMA|TABLE)\s", re.IGNORECASE)
_NAME = r"[`\"\[]?(?P<name>[^\s`\"\];]+)"
_DATABASE = re.compile(
    rf"\s*CREATE\s+(?:DATABASE|SCHEMA)\s+(?:/\*.*?\*/\s*)?(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}", re.IGNORECASE
)
_OPTION = re.compile(
    r"\b(LOCALE_PROVIDER|ICU_LOCALE|BUILTIN_LOCALE|LC_COLLATE|LOCALE|COLLATE)\s*=?\s*[\"'`]?([\w.@-]+)",
    re.IGNORECASE,
)
_TABLE_OPTIONS = re.compile(r"\)\s*ENGINE\s*=.*", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(r"\b(?:CHARSET|CHARACTER\s+SET)\s*=?\s*[\"'`]?(\w+)", re.IGNORECASE)
#: What MySQL before 8 and MariaDB before 11 leave out of a dump: a character set's usual collation.
_USUAL = {
    "utf8mb4": "utf8mb4_general_ci",
    "utf8mb3": "utf8mb3_general_ci",
    "utf8": "utf8mb3_general_ci",
    "latin1": "latin1_swedish_ci",
    "cp932": "cp932_japanese_ci",
    "sjis": "sjis_japanese_ci",
    "ujis": "ujis_japanese_ci",
    "binary": "binary",
}
_VARIABLE = re.compile(
    r"[|\s\"']*(?P<key>collation[-_]server|collation_database|lc_collate)[\"'\s]*[|,\t=]\s*[\"']?(?P<name>[\w.@-]+)",
    re.IGNORECASE,
)
_INITDB = re.compile(r"The database cluster will be initialized with (?:locale \"?([\w.@-]+)\"?\.|\w)")
_INITDB_PART = re.compile(
    r"(?P<key>provider|ICU locale|default collation|LC_COLLATE|COLLATE):\s+(?P<name>[\w.@-]+)\s*$"
)
_INITDB_LINES = 12
_LIST_KEYS = ("datcollate", "collate")


def collations_in_sql(file: str, lines: Iterable[str]) -> Iterator[SeenCollation]:
    """Yield what the definitions of databases and tables in SQL text say; rows of data are passed over."""
    for text in cut_statements(lines, _WANTED):
        made = _DATABASE.match(text)
        name = _of_options(_options(text if made else _after_columns(text)))
        if name:
            reach = Reach.DATABASE if made else Reach.TABLE
            yield SeenCollation(name, reach, made["name"] if made else "", file)


def collations_in_paper(paper: Paper) -> Iterator[SeenCollation]:
    """Yield what a paper says: definitions, variables, listings of databases, the messages of initdb."""
    lines = paper.text.splitlines()
    yield from _of_initdb(paper.file, lines)
    if paper.is_log:
        return
    yield from collations_in_sql(paper.file, (f"{line}\n" for line in lines))
    yield from _of_listing(paper.file, lines)
    for number, line in enumerate(lines):
        found = _VARIABLE.match(line)
        if found:
            own = found["key"].lower() == "collation_database"
            yield SeenCollation(found["name"], Reach.DATABASE if own else Reach.SERVER, "", paper.file)
        elif line.strip() == "lc_collate":
            told = [said.strip() for said in lines[number + 1 : number + 3] if set(said.strip()) - {"-"}]
            yield from (SeenCollation(name, Reach.SERVER, "", paper.file) for name in told[:1])


def _after_columns(text: str) -> str:
    """The options of a whole table, which stand behind its columns."""
    found = _TABLE_OPTIONS.search(text)
    return found[0] if found else text.rpartition(")")[2]


def _options(text: str) -> dict[str, str]:
    found = {key.upper(): value for key, value in _OPTION.findall(text)}
    charset = _CHARSET.search(text)
    if charset and charset[1].lower() in _USUAL:
        found.setdefault("COLLATE", _USUAL[charset[1].lower()])
    return found


def _of_options(options: dict[str, str]) -> str | None:
    """The collation that the options of CREATE DATABASE, or a table's, come to."""
    locale = options.get("LOCALE")
    provider = options.get("LOCALE_PROVIDER", "libc").lower()
    if provider == "icu":
        return icu_name(options.get("ICU_LOCALE") or locale)
    if provider == "builtin":
        return options.get("BUILTIN_LOCALE") or locale
    return options.get("COLLATE") or options.get("LC_COLLATE") or locale


def icu_name(locale: str | None) -> str | None:
    """Name an ICU locale as a collation: ``ja`` is ``ja-x-icu``, ``ja_JP`` is ``ja-JP``."""
    plain = (locale or "").partition(".")[0].replace("_", "-")
    if not plain:
        return None
    return plain if "-" in plain else f"{plain}-x-icu"


def _of_initdb(file: str, lines: Sequence[str]) -> Iterator[SeenCollation]:
    for number, line in enumerate(lines):
        began = _INITDB.search(line)
        if not began:
            continue
        parts = (_INITDB_PART.search(after) for after in lines[number + 1 : number + _INITDB_LINES])
        said = {part["key"]: part["name"] for part in parts if part}
        by_icu = said.get("provider") == "icu"
        told = said.get("default collation") or (said.get("ICU locale") if by_icu else None)
        name = began[1] or told or said.get("LC_COLLATE") or said.get("COLLATE")
        if name:
            yield SeenCollation((icu_name(name) if by_icu and told else name) or name, Reach.SERVER, "", file)


def _of_listing(file: str, lines: Sequence[str]) -> Iterator[SeenCollation]:
    """Read a table of databases: ``pg_database`` as CSV, or what ``psql -l`` prints."""
    for number, line in enumerate(lines):
        mark = "|" if "|" in line else ","
        heads = [head.strip().lower() for head in line.split(mark)]
        if any(key in heads for key in _LIST_KEYS) and ("datname" in heads or "name" in heads):
            for row in _rows(lines[number + 1 :], mark):
                yield from _of_row(file, dict(zip(heads, (cell.strip() for cell in row), strict=False)))
            return


def _rows(lines: Sequence[str], mark: str) -> Iterator[list[str]]:
    if mark == "|":
        yield from (line.split(mark) for line in lines)
        return
    # What cannot be read as CSV ends the listing.
    with contextlib.suppress(csv.Error):
        yield from csv.reader(lines)


def _of_row(file: str, row: dict[str, str]) -> Iterator[SeenCollation]:
    database = row.get("datname") or row.get("name") or ""
    provider = row.get("datlocprovider") or row.get("locale provider") or "libc"
    icu = row.get("datlocale") or row.get("daticulocale") or row.get("locale") or row.get("icu locale")
    plain = row.get("datcollate") or row.get("collate")
    name = icu_name(icu) if provider in ("i", "icu") else (icu if provider in ("b", "builtin") else plain)
    if database and name:
        yield SeenCollation(name, Reach.DATABASE, database, file)


#: Databases that every server has.
_EVERYWHERE = re.compile(r"template\d|postgres|mysql|sys|information_schema|performance_schema|master|tempdb")
#: How to ask, by engine.
_ASKING = {
    "postgresql": "SELECT datname, datcollate, datlocprovider FROM pg_database",
    "mysql": "SHOW VARIABLES LIKE 'collation_database'",
    "mariadb": "SHOW VARIABLES LIKE 'collation_database'",
    "sqlserver": "SELECT name, collation_name FROM sys.databases",
}


def choose_collation(
    found: Iterable[SeenCollation], engine: str, names: Sequence[str]
) -> tuple[str | None, tuple[str, ...]]:
    """Return a system's collation, and what to note of it; ``names``: what its database may be called."""
    fitting = [one for one in found if _fits(one.name, engine) and not _EVERYWHERE.fullmatch(one.database)]
    own = {name.lower() for name in names}
    named = [one for one in fitting if one.database.lower() in own]
    nearest = max((one.reach for one in named or fitting), default=None)
    said = [one for one in named or fitting if one.reach is nearest]
    kinds = sorted({one.name for one in said})
    if not kinds:
        asking = _ASKING.get(engine)
        how = f"; ask `{asking}`" if asking else ""
        return None, (
            f"CHECK: no file says how text sorts; without `collation` pages are answered wider{how}",
        )
    files = ", ".join(sorted({one.file for one in said})[:3])
    if len(kinds) > 1:
        return None, (f"CHECK: {files} name several collations: {', '.join(kinds)}; write the tables' own",)
    doubt = "CHECK: the server's default, which a database can override, " if nearest is Reach.SERVER else ""
    return kinds[0], (f"{doubt}as in {files}",)


def _fits(name: str, engine: str) -> bool:
    """Tell whether a name can be this engine's; MySQL's are of lower case with underscores."""
    mysql = re.fullmatch(r"[a-z0-9]+_[a-z0-9_]+|binary", name) is not None
    return mysql if engine in ("mysql", "mariadb") else not mysql
