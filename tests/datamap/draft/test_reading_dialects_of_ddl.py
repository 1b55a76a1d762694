"""Keys, links and comments are read however the dialect writes them."""

from __future__ import annotations

from pathlib import Path

from ashiato.datamap.draft.ddl import read_schema
from ashiato.datamap.draft.seen import Link, SeenSystem
from ashiato.datamap.snapshots import list_columns

HOW = "declared in the schema"


def seen(text: str, folder: Path) -> SeenSystem:
    path = folder / "schema.sql"
    path.write_text(text, encoding="utf-8")
    system = SeenSystem("s")
    read_schema(path, system)
    return system


def test_keys_added_together_after_the_tables(tmp_path: Path) -> None:
    system = seen(
        """
        CREATE TABLE `agents` (`id` int NOT NULL, `code` varchar(9), `boss_id` int) ENGINE=InnoDB;
        ALTER TABLE `agents`
          ADD PRIMARY KEY (`id`),
          ADD UNIQUE KEY `by_code` (`code`),
          ADD KEY `by_boss` (`boss_id`),
          ADD CONSTRAINT `b` FOREIGN KEY (`boss_id`) REFERENCES `bosses` (`id`) ON DELETE CASCADE;
        ALTER TABLE `agents` MODIFY `id` int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=12;
        """,
        tmp_path,
    )
    agents = system.tables["agents"]
    assert (agents.key, agents.uniques) == (("id",), [("code",)])
    assert agents.links == [Link(("boss_id",), "bosses", ("id",), HOW, on_delete="CASCADE")]


def test_comments_unique_indexes_and_joined_keys(tmp_path: Path) -> None:
    system = seen(
        """
        CREATE TABLE crm.people (a int, b int, c text, d text, PRIMARY KEY (a, b), UNIQUE (c));
        CREATE TABLE public.calls (x int, y int, z int UNIQUE, w varchar(9),
            CONSTRAINT f FOREIGN KEY (x, y) REFERENCES crm.people (a, b));
        CREATE UNIQUE INDEX by_w ON public.calls USING btree (w);
        CREATE UNIQUE INDEX partly ON public.calls (y) WHERE y > 0;
        COMMENT ON TABLE crm.people IS '顧客';
        COMMENT ON COLUMN crm.people.c IS '氏名';
        COMMENT ON COLUMN crm.nobody.c IS 'x';
        ALTER TABLE public.calls ADD COLUMN later date;
        """,
        tmp_path,
    )
    people, calls = system.tables["crm.people"], system.tables["calls"]
    assert (people.key, people.uniques, people.comment) == (("a", "b"), [("c",)], "顧客")
    assert people.columns["c"].comment == "氏名"
    assert calls.links == [Link(("x", "y"), "crm.people", ("a", "b"), HOW)]
    assert calls.uniques == [("z",), ("w",)]
    assert calls.columns["later"].type == "date"


def test_other_products_are_known_by_their_words(tmp_path: Path) -> None:
    texts = {
        "sqlserver": "CREATE TABLE [dbo].[c] ([id] int IDENTITY(1,1) PRIMARY KEY, [n] nvarchar(40));",
        "oracle": "CREATE TABLE c (id NUMBER(10) PRIMARY KEY, n VARCHAR2(40));",
        "sqlite": "CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, n);",
        "mariadb": "-- MariaDB dump\n-- Server version\t10.11.6-MariaDB\n"
        "CREATE TABLE `c` (`id` int PRIMARY KEY);",
    }
    for engine, text in texts.items():
        system = seen(text, tmp_path)
        assert system.engine == engine
        assert system.tables["c"].key == ("id",)


def test_the_columns_of_a_snapshot_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeffid,氏名\n1,x\n", encoding="utf-8")
    (tmp_path / "b.csv").write_bytes(b"")
    assert list_columns(tmp_path) == {"a": ("id", "氏名"), "b": ()}
