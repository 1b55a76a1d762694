from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.coverage.grants import read_rights
from ashiato.engine.coverage.rights import Reading, Rights
from ashiato.engine.coverage.sql_text import statements_of

ROLES = """
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'x;y';
CREATE ROLE "Op-1";
ALTER ROLE "Op-1" WITH SUPERUSER INHERIT LOGIN REPLICATION;
CREATE ROLE readers;
ALTER ROLE readers WITH NOSUPERUSER NOLOGIN NOREPLICATION;
CREATE ROLE clerk;
ALTER ROLE clerk WITH NOSUPERUSER LOGIN NOREPLICATION;
GRANT readers TO clerk WITH INHERIT TRUE GRANTED BY "Op-1";
"""
TABLES = """
-- a comment; with GRANT ALL ON TABLE public.members TO clerk;
CREATE TABLE public.members (id integer, name text);
ALTER TABLE public.members OWNER TO owning;
COPY public.members (id, name) FROM stdin;
1\tGRANT SELECT ON TABLE public.members TO app;
\\.
GRANT SELECT(name),INSERT,SELECT(id) ON TABLE public.visits TO app;
GRANT SELECT,UPDATE ON TABLE public.clinics TO readers;
GRANT INSERT ON TABLE public.members TO app;
"""


def rights(*more: str) -> Rights:
    return read_rights([ROLES, TABLES, *more])


def test_rights_are_those_of_grants_owners_and_memberships() -> None:
    held = rights()
    assert held.readable("app", "members") is None
    assert held.readable("app", "visits") == Reading("visits", ("id", "name"), "grant")
    assert held.readable("clerk", "clinics") == Reading("clinics", (), "member-of(readers)")
    assert held.readable("Op-1", "members") == Reading("members", (), "superuser")


def test_what_no_dump_tells_is_taken_to_be_allowed() -> None:
    assert rights().readable("stranger", "members") == Reading("members", (), "not-told")
    assert read_rights([]).readable("app", "members") == Reading("members", (), "not-told")


def test_revoked_rights_are_gone_and_others_stay() -> None:
    held = rights("REVOKE ALL ON TABLE public.visits FROM app;", "REVOKE SELECT ON clinics FROM clerk;")
    assert held.readable("app", "visits") is None
    assert held.readable("clerk", "clinics") is not None


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO app",
        "GRANT ALL PRIVILEGES ON members TO PUBLIC",
        "GRANT SELECT ON TABLE public.members, public.visits TO x, app WITH GRANT OPTION",
        "ALTER DEFAULT PRIVILEGES FOR ROLE x IN SCHEMA public GRANT SELECT ON TABLES TO app",
        "GRANT pg_read_all_data TO app",
        "ALTER TABLE ONLY public.members OWNER TO app",
        'grant select on "members" to "app"',
        "GRANT SELECT ON `public`.`members` TO `app`@`10.0.%`",
        "GRANT ALL PRIVILEGES ON *.* TO `app`@`localhost` WITH GRANT OPTION",
    ],
)
def test_every_way_of_giving_lets_read(statement: str) -> None:
    assert rights(f"{statement};").readable("app", "members") is not None


def test_row_security_is_named_and_bounds_nothing() -> None:
    held = rights("GRANT SELECT ON members TO app;", "ALTER TABLE public.members ENABLE ROW LEVEL SECURITY;")
    assert held.readable("app", "members") == Reading("members", (), "grant;row-security")


@pytest.mark.parametrize(
    ("statement", "strong"),
    [
        ("", False),
        ("ALTER ROLE app WITH SUPERUSER;", True),
        ('GRANT "Op-1" TO readers; GRANT readers TO app;', True),
        ("GRANT pg_read_server_files TO app;", True),
        ("GRANT SET ON PARAMETER log_statement TO app;", True),
        ("ALTER ROLE app WITH REPLICATION;", True),
    ],
)
def test_who_can_slip_past_the_log_is_known(statement: str, strong: bool) -> None:
    assert rights(statement).is_strong("app") is strong


def test_role_without_a_full_dump_is_neither_strong_nor_weak() -> None:
    assert read_rights(["CREATE ROLE app;"]).is_strong("app") is None
    assert rights().is_strong("nobody") is None


def test_settings_of_one_role_are_kept() -> None:
    held = rights(
        "ALTER ROLE app SET log_statement TO 'none';", "ALTER DATABASE d SET log_statement TO 'none';"
    )
    assert set(held.roles["app"].settings) == {"log_statement"}
    assert set(held.roles["database d"].settings) == {"log_statement"}


@pytest.mark.parametrize(
    "text", ["GRANT SELECT ON members", "GRANT SELECT ON TO app;", "GRANT;", "REVOKE x;"]
)
def test_what_is_not_understood_is_counted(text: str) -> None:
    held = rights(text)
    assert held.unread == 1
    assert held.readable("app", "members") == Reading("members", (), "not-told")


@pytest.mark.parametrize("opened", ["'", '"', "/* ", "$body$", "E'\\'"])
def test_rights_behind_an_unclosed_quote_are_missed_loudly(opened: str) -> None:
    assert rights(f"SELECT {opened}; GRANT SELECT ON members TO app;").unread == 1


@pytest.mark.parametrize(
    "text",
    ["/*" * 50_000, "'" * 100_001, "$a$" * 100_001, "GRANT " * 30_000, '"' + "x" * 100_000, "\0;" * 50_000,
     "GRANT SELECT ON " + "a," * 50_000 + " TO b;", "CREATE ROLE " + "(" * 100_000, "GRANT a TO b;" * 500],
    ids=range(9),
)  # fmt: skip
def test_hostile_dumps_cost_time_by_their_length(text: str) -> None:
    begun = time.process_time()
    read_rights([text])
    assert time.process_time() - begun < 5


@given(st.text())
def test_any_text_is_cut_without_loss_of_its_statements(text: str) -> None:
    read_rights([text])
    assert next(statements_of("SELECT 1;" + text)) == "SELECT 1"


def test_circles_of_roles_come_to_an_end() -> None:
    held = read_rights([ROLES, "GRANT app TO clerk; GRANT clerk TO app;"])
    assert held.memberships("app") == {"app", "clerk", "readers"}
