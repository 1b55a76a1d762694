"""How text sorts is taken from wherever a file says so, and from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.draft import draft_datamap
from ashiato.datamap.draft.collations import (
    Paper,
    Reach,
    choose_collation,
    collations_in_paper,
    collations_in_sql,
)

PAPERS = {
    "pg_dump with a libc locale": (
        (
            "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc "
            "LOCALE = 'ja_JP.UTF-8';\n"
        ),
        "ja_JP.UTF-8",
    ),
    "pg_dump with an ICU locale": (
        "CREATE DATABASE shop WITH LOCALE_PROVIDER = icu LOCALE = 'en_US.UTF-8' ICU_LOCALE = 'ja-JP';\n",
        "ja-JP",
    ),
    "pg_dump with a language alone": (
        "CREATE DATABASE shop LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'ja';\n",
        "ja-x-icu",
    ),
    "pg_dump with the built-in provider": (
        "CREATE DATABASE shop LOCALE_PROVIDER = builtin LOCALE = 'en_US.UTF-8' BUILTIN_LOCALE = 'C.UTF-8';",
        "C.UTF-8",
    ),
    "older pg_dump": ("CREATE DATABASE shop LC_COLLATE = 'C' LC_CTYPE = 'en_US.UTF-8';", "C"),
    "initdb": (
        (
            'The files belonging to this system will be owned by user "postgres".\n'
            'The database cluster will be initialized with locale "en_US.utf8".\n'
        ),
        "en_US.utf8",
    ),
    "initdb by ICU": (
        (
            "2026-01-05T09:00:00Z The database cluster will be initialized with this locale configuration:\n"
            "2026-01-05T09:00:00Z   locale provider:   icu\n"
            "2026-01-05T09:00:00Z   default collation: ja-JP\n"
            "2026-01-05T09:00:00Z   LC_COLLATE:  en_US.utf8\n"
        ),
        "ja-JP",
    ),
    "initdb of several locales": (
        "The database cluster will be initialized with locales\n  COLLATE:  C\n  CTYPE:    ja_JP.UTF-8\n",
        "C",
    ),
    "pg_database": (
        (
            "oid,datname,datlocprovider,datcollate,daticulocale\n"
            "5,postgres,c,C,\n16384,shop,i,en_US.UTF-8,ja-JP\n1,template1,c,C,\n"
        ),
        "ja-JP",
    ),
    "psql -l": (
        (
            "                  List of databases\n"
            "   Name    | Owner | Encoding | Locale Provider |   Collate   |    Ctype    | ICU Locale |\n"
            "-----------+-------+----------+-----------------+-------------+-------------+------------+\n"
            " postgres  | pg    | UTF8     | libc            | C           | C           |            |\n"
            " shop      | pg    | UTF8     | libc            | ja_JP.UTF-8 | ja_JP.UTF-8 |            |\n"
            "(2 rows)\n"
        ),
        "ja_JP.UTF-8",
    ),
    "SHOW lc_collate": (" lc_collate  \n-------------\n ja_JP.UTF-8\n(1 row)\n", "ja_JP.UTF-8"),
    "pg_settings": ("name,setting\nlc_collate,ja_JP.UTF-8\nlc_ctype,C\n", "ja_JP.UTF-8"),
}
MYSQL_PAPERS = {
    "my.cnf": ("[mysqld]\ncollation-server = utf8mb4_ja_0900_as_cs\n", "utf8mb4_ja_0900_as_cs"),
    "SHOW VARIABLES": (
        (
            "| Variable_name      | Value              |\n| collation_database | utf8mb4_unicode_ci |\n"
            "| collation_server   | utf8mb4_bin        |\n"
        ),
        "utf8mb4_unicode_ci",
    ),
    "mysqldump's database": (
        (
            "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 "
            "COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;\n"
        ),
        "utf8mb4_0900_ai_ci",
    ),
    "a table": (
        (
            "CREATE TABLE `m` (\n  `a` varchar(9) COLLATE utf8mb4_bin COMMENT 'a) COLLATE=x_y',\n  KEY (a)\n"
            ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='members (all)';\n"
        ),
        "utf8mb4_unicode_ci",
    ),
    "a table of a usual collation": (
        "CREATE TABLE `m` (`a` int) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
        "utf8mb4_general_ci",
    ),
}


@pytest.mark.parametrize("kind", PAPERS)
def test_papers_of_postgresql_name_the_collation(kind: str) -> None:
    text, name = PAPERS[kind]
    found = collations_in_paper(Paper("paper", text))
    chosen, notes = choose_collation(found, "postgresql", ["shop"])
    assert chosen == name
    assert any("paper" in note for note in notes)


@pytest.mark.parametrize("kind", MYSQL_PAPERS)
def test_papers_of_mysql_name_the_collation(kind: str) -> None:
    text, name = MYSQL_PAPERS[kind]
    assert choose_collation(collations_in_paper(Paper("paper", text)), "mysql", ["shop"])[0] == name


def test_what_visitors_wrote_into_logs_counts_nothing() -> None:
    hostile = (
        '203.0.113.7 - - [10/Jun/2026:23:01:00 +0900] "GET /?collation_server=x_y HTTP/1.1" 200 1\n'
        "lc_collate | C\ncollation-server = x_y\nCREATE DATABASE shop LC_COLLATE = 'C';\n"
    )
    assert list(collations_in_paper(Paper("access.log", hostile, is_log=True))) == []


def test_rows_of_a_dump_count_nothing() -> None:
    dump = (
        "CREATE TABLE m (note text);\nCOPY m (note) FROM stdin;\n"
        "CREATE DATABASE shop LC_COLLATE = 'C';\n\\.\nCREATE DATABASE shop LC_COLLATE = 'ja_JP.utf8';\n"
    )
    (found,) = collations_in_sql("d.sql", dump.splitlines(keepends=True))
    assert (found.name, found.reach, found.database) == ("ja_JP.utf8", Reach.DATABASE, "shop")


def test_own_database_counts_before_others_and_the_server() -> None:
    listing = "datname,datlocprovider,datcollate\nshop,c,C\ncrm,c,ja_JP.UTF-8\n"
    found = list(collations_in_paper(Paper("l", f"{listing}lc_collate,en_US.UTF-8\n")))
    assert choose_collation(found, "postgresql", ["crm", "public"])[0] == "ja_JP.UTF-8"
    name, notes = choose_collation(found, "postgresql", ["main"])
    assert name is None
    assert notes == ("CHECK: l name several collations: C, ja_JP.UTF-8; write the tables' own",)


def test_options_of_a_locale_are_kept() -> None:
    text = "CREATE DATABASE shop LOCALE_PROVIDER = icu ICU_LOCALE = 'ja-JP-u-kn-true';"
    name, notes = choose_collation(collations_in_paper(Paper("d.sql", text)), "postgresql", ["shop"])
    assert name == "ja-JP-u-kn-true"
    assert notes == ("as in d.sql",)


def test_draft_says_where_the_collation_stands(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(
        "CREATE DATABASE shop LOCALE_PROVIDER = icu ICU_LOCALE = 'ja-JP';\n"
        "CREATE TABLE m (no integer PRIMARY KEY, name text);\n"
    )
    draft = draft_datamap({"shop": tmp_path})
    assert draft.datamap.systems["shop"].collation == "ja-JP"
    assert "    # as in schema.sql\n    collation: ja-JP\n" in draft.text


def test_draft_without_a_collation_says_how_to_ask(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE m (no integer PRIMARY KEY, name text);\n")
    text = draft_datamap({"shop": tmp_path}).text
    assert "# CHECK: no file says how text sorts" in text
    assert "FROM pg_database" in text


def test_several_systems_take_only_what_names_them(tmp_path: Path) -> None:
    for name in ("crm", "shop"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "schema.sql").write_text("CREATE TABLE m (no integer PRIMARY KEY);\n")
    papers = [Paper("a", "datname,datcollate\ncrm,C\n"), Paper("b", "lc_collate,en_US.UTF-8\n")]
    systems = draft_datamap({n: tmp_path / n for n in ("crm", "shop")}, papers=papers).datamap.systems
    assert [systems[name].collation for name in ("crm", "shop")] == ["C", None]
