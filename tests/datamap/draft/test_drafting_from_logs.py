"""Routes, pooled users and sources come from the logs, and claim no more than the logs prove."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.draft import draft_datamap
from ashiato.datamap.draft.logs import pattern_of
from ashiato.datamap.draft.routes import fill, templates_of
from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import Answer, DataMap, Route
from ashiato.engine.store import Row, Store
from ashiato.engine.tables import CAUSES, EVENTS, READINGS, Table

Ran = tuple[str, int | None]
SQL = "SELECT name, tel FROM members WHERE id = {}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "run") as opened:
        yield opened


class Log:
    """Requests and the statements they ran, as the events tables hold them."""

    def __init__(self) -> None:
        self.events: list[Row] = []
        self.causes: list[Row] = []

    def request(
        self,
        method: str,
        path: str,
        code: int,
        size: int | None,
        ran: tuple[Ran, ...] = (),
        *,
        sureness: float = 1.0,
    ) -> None:
        """Add a request and, for each statement it ran, the text and its number of rows."""
        number = len(self.events)
        ip = f"192.0.2.{number % 7}"
        self.events.append(
            _row(
                EVENTS,
                event_id=number,
                event_kind="http",
                src_endpoint_ip=ip,
                http_request_method=method,
                http_request_path=path,
                http_response_code=code,
                http_response_body_bytes=size,
            )
        )
        for text, rows in ran:
            own = len(self.events)
            self.events.append(
                _row(
                    EVENTS,
                    event_id=own,
                    event_kind="sql",
                    query_text=text,
                    query_rows=rows,
                    database_user_name="web",
                )
            )
            self.causes.append((own, number, sureness, "time", 1))

    def draft(self, store: Store) -> DataMap:
        """Draft from this log; the rendered draft must load as it is."""
        store.write(EVENTS, self.events)
        store.write(CAUSES, self.causes)
        store.write(READINGS, [_row(READINGS, evidence_id="e", file="a/x.log.1.gz", records=1)])
        draft = draft_datamap({}, store)
        assert parse_datamap(draft.text) == draft.datamap
        return draft.datamap


def _row(table: Table, **said: object) -> Row:
    return tuple(said.get(name) for name in table.columns)


def _usual() -> Log:
    log = Log()
    for number in range(40):
        log.request("GET", f"/members/{number}", 200, 500 + number, ((SQL.format(number), 1),))
    return log


def test_numbers_in_paths_become_one_route(store: Store) -> None:
    drafted = _usual().draft(store)
    assert drafted.routes == (Route("/members/{id}", ("GET",), answer=Answer(success=(200,))),)


def test_a_refusal_of_one_size_is_no_success(store: Store) -> None:
    log = _usual()
    for number in range(40, 70):
        log.request("GET", f"/members/{number}", 403, 23, ((SQL.format(number), 1),))
    assert log.draft(store).routes[0].answer.success == (200,)


@pytest.mark.parametrize(
    ("code", "sizes", "rows"),
    [(403, range(20, 50), 1), (500, [None] * 30, 1), (403, [23] * 5, 1), (500, [23] * 30, None)],
    ids=["sizes differ", "no sizes", "too few", "failed or not logged"],
)
def test_a_status_not_proven_empty_claims_nothing(
    store: Store, code: int, sizes: list[int | None], rows: int | None
) -> None:
    log = _usual()
    for size in sizes:
        log.request("GET", "/members/7", code, size, ((SQL.format(7), rows),))
    assert log.draft(store).routes[0].answer == Answer()


def test_a_reply_without_known_statements_claims_nothing(store: Store) -> None:
    log = _usual()
    log.request("GET", "/members/99", 404, 10)
    assert log.draft(store).routes[0].answer == Answer()


def test_a_reply_whose_statements_found_nothing_is_empty(store: Store) -> None:
    log = _usual()
    log.request("GET", "/members/99", 404, 10, ((SQL.format(99), 0),))
    assert log.draft(store).routes[0].answer.success == (200,)


@pytest.mark.parametrize(("sureness", "times", "listed"), [(0.5, 3, True), (0.5, 2, False), (0.1, 40, False)])
def test_route_that_likely_runs_statements_is_listed_and_claims_nothing(
    store: Store, sureness: float, times: int, *, listed: bool
) -> None:
    """A form posted where the logs tell neither session nor trace: no statement of it is ever sure."""
    log = _usual()
    for _ in range(times):
        log.request("POST", "/admin/search.php", 200, 900, ((SQL.format(7), 1),), sureness=sureness)
    drafted = {route.path: route for route in log.draft(store).routes}
    assert ("/admin/search.php" in drafted) is listed
    assert not listed or drafted["/admin/search.php"].answer == Answer()


def test_scanned_paths_are_no_routes(store: Store) -> None:
    log = _usual()
    for number in range(100):
        log.request("GET", f"/{number}/wp-login.php", 404, 10)
        log.request("GET", "/static/app.js", 200, 10)
    assert [route.path for route in log.draft(store).routes] == ["/members/{id}"]


def test_hostile_paths_and_methods_break_nothing(store: Store) -> None:
    log = _usual()
    for path in ("/a b", "/{x}", "/\x1b[2J", "/'; DROP--", "//", "/" + "a" * 5000, "/\u202ex", "/日本"):
        for method in ("GET", "get", "G'T", "\x00"):
            log.request(method, path, 200, 1, (("SELECT 1", 1), ("SELECT '\x1b[2J\n# x: y'", 1)))
    assert "/members/{id}" in {route.path for route in log.draft(store).routes}


def test_a_sign_in_is_marked(store: Store) -> None:
    log = Log()
    log.request("POST", "/account/login", 302, 0)
    log.request("GET", "/account/login", 200, 10)
    assert log.draft(store).routes == (Route("/account/login", ("POST",), login=True),)


def test_shared_database_users_and_logs_are_found(store: Store) -> None:
    drafted = _usual().draft(store)
    assert drafted.accounts.pooled == ("web",)
    assert drafted.accounts.machines == ()
    assert [source.files for source in drafted.sources] == ["a/x.log*"]
    assert not any(source.covers for source in drafted.sources)


def test_statements_stand_in_comments_without_their_values(store: Store) -> None:
    log = _usual()
    log.request("GET", "/members/1", 200, 1, (("SELECT 1 FROM t WHERE n = '佐藤 花子'", 1),))
    store.write(EVENTS, log.events)
    store.write(CAUSES, log.causes)
    store.write(READINGS, [])
    text = draft_datamap({}, store).text
    assert "40 x SELECT name, tel FROM members WHERE id = ?" in text
    assert "佐藤" not in text


def test_a_place_that_takes_many_words_is_a_part() -> None:
    paths = [f"/users/{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(60)]
    assert set(templates_of(paths).values()) == {"/users/{id}"}
    assert set(templates_of(["/a/list", "/a/search", "/b"]).values()) == {"/a/list", "/a/search", "/b"}


def test_parts_are_named_after_what_stands_before() -> None:
    assert fill("/owners/12/pets/34") == "/owners/{owner_id}/pets/{id}"
    assert fill("/c/1b4e28ba-2fa1-11d2-883f-0016d3cca427") == "/c/{id}"
    assert fill("/p/PI-2022-700001") == "/p/{id}"
    assert fill("/v2/report") == "/v2/report"


@given(st.text(max_size=40))
def test_any_path_gives_a_right_template_or_none(path: str) -> None:
    template = fill(f"/{path}")
    if template is not None:
        parse_datamap(f"routes: [{{path: {template!r}}}]" if template.isascii() else "")
        assert template.startswith("/")


def test_rotated_pieces_share_one_pattern() -> None:
    names = ("n/a.log", "n/a.log.1", "n/a.log.2.gz", "n/a.log.10.zst")
    assert {pattern_of(name) for name in names} == {"n/a.log*"}
    assert pattern_of("pg/postgresql-2026-06-08.csv.gz") == "pg/postgresql*"
    assert pattern_of("x/[1].log") == "x/[[]1[]].log*"


@pytest.mark.parametrize(
    ("kinds", "banner", "expected"),
    [
        (("mysql-general", "combined"), "mariadbd, Version: 10.11.6-MariaDB-log. started with:", "mariadb"),
        (("mysql-slow",), "mysqld, Version: 8.0.39 (MySQL Community Server - GPL). started with:", "mysql"),
        (("mariadb-audit",), "nothing", "mariadb"),
        (("mysql-slow", "postgresql-csvlog"), "nothing", "postgresql"),
    ],
)
def test_the_logs_tell_mysql_from_the_rest(
    kinds: tuple[str, ...], banner: str, expected: str, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "pupils.csv").write_text("id,name\n1,Aoi Mori\n2,Ren Abe\n")
    ran = {"event_kind": "sql", "query_text": SQL.format(1), "database_name": "school"}
    begun = {"event_kind": "message", "activity_name": "started", "message": banner}
    store.write(EVENTS, [_row(EVENTS, event_id=1, **ran), _row(EVENTS, event_id=2, **begun)])
    store.write(CAUSES, [])
    rows = [_row(READINGS, evidence_id=kind, file=kind, source_format=kind, records=9) for kind in kinds]
    store.write(READINGS, rows)
    system = draft_datamap({"main": tmp_path / "tables"}, store).datamap.systems["main"]
    assert system.engine == expected
    assert system.default_schema == ("public" if expected == "postgresql" else "school")
