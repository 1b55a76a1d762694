from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashiato.terms.errors import CaseError
from tests.engine.dumps.tables_made import columns_of, converted, rows_of

_MYSQL = r"""-- MariaDB dump 10.19  Distrib 10.11, for debian-linux-gnu (x86_64)
/*!40101 SET NAMES utf8mb4 */;
USE `shop`;
DROP TABLE IF EXISTS `owners`;
CREATE TABLE `owners` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `na``me` varchar(40) DEFAULT NULL COMMENT 'a; b',
  `photo` blob DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `by_name` (`na``me`)
) ENGINE=InnoDB;
LOCK TABLES `owners` WRITE;
INSERT INTO `owners` VALUES (1,'a\nb''c\\d\'e\"f\Z;(1,2),',_binary 'PK\0\n'),(2,NULL,0xFF00),
(3,'','x');
INSERT INTO `owners` VALUES (-4,'日本',NULL);
UNLOCK TABLES;
-- Dumping data for table `empty`
CREATE TABLE `empty` (`a` int);
CREATE TABLE `left out` (`a` int);
DELIMITER ;;
CREATE TRIGGER t BEFORE INSERT ON owners FOR EACH ROW BEGIN
INSERT INTO `empty` VALUES (1);
END ;;
DELIMITER ;
"""

_POSTGRES = r"""--
-- PostgreSQL database dump
--
\restrict abc
CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $_$
INSERT INTO public.owners VALUES (9, 'no row');
$_$;
CREATE TABLE public.owners (
    id integer NOT NULL,
    name text,
    flag boolean
);
INSERT INTO public.owners VALUES (1, 'back\slash ''quoted''', true);
INSERT INTO public.owners VALUES (2, 'two
lines, one; INSERT INTO public.owners VALUES (8, ''no'', NULL);
', NULL);
INSERT INTO "Audit"."Old" ("Row", id) VALUES
	(E'tab\t\'', 1),
	('\x00ff', 1.5e3) ON CONFLICT DO NOTHING;
"""


def test_a_mysql_dump_becomes_tables(tmp_path: Path) -> None:
    out = converted(tmp_path, _MYSQL)
    assert columns_of(out, "owners") == "id,na`me,photo"
    assert rows_of(out, "owners") == [
        ("1", "a\nb'c\\d'e\"f\x1a;(1,2),", "\\x504b000a"),
        ("2", None, "\\xff00"),
        ("3", "", "\\x78"),
        ("-4", "日本", None),
    ]
    assert (columns_of(out, "empty"), rows_of(out, "empty")) == ("a", [])
    assert not (out / "left out.csv").exists(), "nothing says that its rows are in the dump"
    assert "CREATE TABLE `owners`" in (out / "schema.sql").read_text()


def test_a_postgresql_dump_of_inserts_becomes_tables(tmp_path: Path) -> None:
    out = converted(tmp_path, _POSTGRES)
    assert columns_of(out, "owners") == "id,name,flag"
    assert rows_of(out, "owners") == [
        ("1", "back\\slash 'quoted'", "true"),
        ("2", "two\nlines, one; INSERT INTO public.owners VALUES (8, 'no', NULL);\n", None),
    ]
    assert columns_of(out, "Audit.Old") == "Row,id"
    assert rows_of(out, "Audit.Old") == [("tab\t'", "1"), ("\\x00ff", "1.5e3")]


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_CELLS = st.none() | st.integers(-(2**63), 2**63 - 1) | _TEXTS | st.binary(max_size=6)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(rows=st.lists(st.tuples(_CELLS, _TEXTS), min_size=1, max_size=5))
def test_a_sqlite_dump_becomes_its_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, str]]
) -> None:
    """Python writes the same statements as the shell's ``.dump``."""
    folder = tmp_path_factory.mktemp("sqlite")
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute('CREATE TABLE "owners" (a, "b c" TEXT)')
        database.executemany('INSERT INTO "owners" VALUES (?, ?)', rows)
        text = "\n".join(["PRAGMA foreign_keys=OFF;", *database.iterdump()])
    shown = [(None if a is None else "\\x" + a.hex() if isinstance(a, bytes) else str(a), b) for a, b in rows]
    assert rows_of(converted(folder, text), "owners") == shown


def test_what_the_shell_writes_for_line_ends_is_undone(tmp_path: Path) -> None:
    head = "PRAGMA foreign_keys=OFF;\nCREATE TABLE t(a,b);\n"
    value = r"replace(replace('x\r\ny','\r',char(13)),'\n',char(10))"
    out = converted(tmp_path, f"{head}INSERT INTO t VALUES({value},unistr('\\u0041\\\\'));\n")
    assert rows_of(out, "t") == [("x\r\ny", "A\\")]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),(now());\n", 2, "cannot be read"),
        ("CREATE TABLE t (a int);\nINSERT INTO t VALUES (1, 2);\n", 2, "other columns"),
        ("INSERT INTO t VALUES (1);\n", 1, "does not say which columns"),
        ("CREATE TABLE t (a text);\nINSERT INTO t VALUES ('never\nclosed\n", 3, "breaks off"),
        ("CREATE TABLE t (a text);\n", None, "neither a SQLite file nor"),
    ],
)
def test_what_cannot_be_read_is_placed(tmp_path: Path, text: str, line: int | None, what: str) -> None:
    with pytest.raises(CaseError, match=what) as refused:
        converted(tmp_path, text)
    assert refused.value.where is not None
    assert refused.value.where.line == line


def test_long_values_over_many_lines_are_read_in_time(tmp_path: Path) -> None:
    text = "it''s a line\n" * 9_000
    out = converted(tmp_path, f"CREATE TABLE t (a text);\nINSERT INTO t VALUES ('{text}');\n")
    assert rows_of(out, "t") == [(text.replace("''", "'"),)]
