"""Which request ran which statement, against traffic whose truth the dice know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import Accounts, DataMap
from ashiato.engine.store import Store
from tests.engine.events.scene import SECOND, START, LogBook, executed, join, request
from tests.engine.events.traffic import Shop, run_shop

pytestmark = pytest.mark.first_quick

_CAUSES = """
    SELECT s.line_first, q.line_first, c.confidence, c.candidates, c.how
    FROM causes c
    JOIN witnesses s ON s.event_id = c.sql_event_id AND s.role IN ('statement', 'duration')
        AND s.line_first = (SELECT min(w.line_first) FROM witnesses w WHERE w.event_id = s.event_id)
    JOIN witnesses q ON q.event_id = c.http_event_id
    ORDER BY s.line_first, q.line_first
"""
COARSE = {"step_us": SECOND, "timed": False, "sessions": False}


@dataclass(frozen=True)
class Score:
    """Of the true pairs, the share kept and the share of certainty; of the sure ones, the share right."""

    kept: float
    certainty: float
    sure: float
    sure_and_right: float


def _score(shop: Shop, store: Store) -> Score:
    rows = store.rows(_CAUSES)
    true = [(line, asked, p) for line, asked, p, *_ in rows if shop.truth.get(line) == asked]
    sure = [(line, asked) for line, asked, p, *_ in rows if p >= 0.9]
    right = [line for line, asked in sure if shop.truth.get(line) == asked]
    whole = len(shop.truth)
    return Score(
        len(true) / whole,
        sum(p for *_, p in true) / whole,
        len(sure) / whole,
        len(right) / max(len(sure), 1),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("logged", "certainty"),
    [
        ({}, 0.97),
        ({"requests": 1500, "pause_s": 0.01}, 0.9),
        ({"stamp": "start"}, 0.97),
        ({"skew_us": 137 * SECOND + 250_000}, 0.97),
        ({"skew_us": -9 * 3600 * SECOND}, 0.97),
        ({"opaque": True, "skew_us": 5 * SECOND}, 0.95),
        (COARSE, 0.9),
        (COARSE | {"stamp": "start"}, 0.88),
        (COARSE | {"skew_us": -2_500_000}, 0.88),
        (COARSE | {"requests": 1500, "pause_s": 0.05}, 0.5),
    ],
    ids=[
        "timed", "busy", "stamped at the start", "clock ahead", "clock in another zone",
        "no values in targets",
        "whole seconds", "whole seconds of the start", "whole seconds and a clock behind", "busy seconds",
    ],
)  # fmt: skip
def test_true_requests_are_kept_and_sure_ones_right(
    tmp_path: Path, logged: dict[str, Any], certainty: float
) -> None:
    shop = run_shop(Shop(**logged))
    with join(tmp_path, [shop.web, shop.database]) as store:
        score = _score(shop, store)
    assert score.kept >= 0.99, score
    assert score.certainty >= certainty, score
    assert score.sure_and_right >= 0.995, score


_SECONDS = {"requests": 300, "database_step_us": SECOND}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("logged", "certainty"),
    [
        (COARSE | _SECONDS, 0.8),
        (COARSE | _SECONDS | {"told": "start"}, 0.8),
        (COARSE | _SECONDS | {"told": "end"}, 0.8),
        ({"step_us": SECOND, "sessions": False} | _SECONDS | {"told": "start"}, 0.8),
        ({"sessions": False} | _SECONDS | {"told": "end"}, 0.8),
        (COARSE | _SECONDS | {"told": "start", "skew_us": SECOND}, 0.6),
        (COARSE | _SECONDS | {"told": "start", "skew_us": -SECOND}, 0.6),
        (COARSE | {"told": "start", "skew_us": SECOND}, 0.6),
        (COARSE | {"told": "start", "opaque": True} | _SECONDS, 0.6),
        (COARSE | {"told": "start", "pause_s": 4.0} | _SECONDS, 0.8),
        ({"told": "start", "requests": 5, "pause_s": 9.0, "skew_us": SECOND}, 0.1),
        (COARSE | _SECONDS | {"told": "start", "pause_s": 0.05}, 0.3),
    ],
    ids=[
        "both lines", "start alone", "end alone", "requests timed", "requests timed finely", "ahead",
        "behind", "fine statements ahead", "no values", "quiet", "five requests a second apart", "busy",
    ],
)  # fmt: skip
def test_whole_seconds_of_a_database_lose_nothing(
    tmp_path: Path, logged: dict[str, Any], certainty: float
) -> None:
    shop = run_shop(Shop(**logged))
    with join(tmp_path, [shop.web, shop.database]) as store:
        score = _score(shop, store)
    assert score.kept == 1.0, score
    assert score.certainty >= certainty, score
    assert score.sure_and_right >= 0.99, score


@pytest.mark.slow
def test_confidences_of_one_statement_add_up_to_one_at_most(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=400, pause_s=0.02, step_us=SECOND, timed=False))
    with join(tmp_path, [shop.web, shop.database]) as store:
        most, rows, least = store.rows(
            """
            SELECT max(total), max(rows), min(candidates - rows) FROM (
                SELECT sum(confidence) AS total, count(*) AS rows, max(candidates) AS candidates
                FROM causes GROUP BY sql_event_id) AS s
            """
        )[0]
    assert most <= 1.001
    assert rows > 3, "whole seconds of a busy shop are ambiguous"
    assert least >= 0


@pytest.mark.slow
def test_a_batch_job_and_a_backup_have_no_request(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=300, pause_s=1.0))
    for place in range(12):
        executed(
            shop.database, START + place * 20 * SECOND, f"SELECT due FROM premiums WHERE id = {place}",
            database_session_uid="batch.1", database_user_name="night", database_application="billing",
        )  # fmt: skip
        executed(
            shop.database, START + place * 20 * SECOND, f"COPY t{place} TO stdout",
            database_session_uid="dump.1", database_user_name="postgres", database_application="pg_dump",
        )  # fmt: skip
    with join(tmp_path, [shop.web, shop.database]) as store:
        found = store.rows(
            """
            SELECT count(*) FROM causes c JOIN events e ON e.event_id = c.sql_event_id
            WHERE e.database_user_name <> 'shop'
            """
        )
    assert found == [(0,)]


_DUMPING = ("/*!40100 SET @@SQL_MODE='' */", "SELECT /*!40001 SQL_NO_CACHE */ * FROM `premiums`")


def _mysql(book: LogBook, thread: int, second: int, *texts: str, begun: bool = True) -> list[int]:
    """Write a connection of the general log, in whole seconds; returns its statements' lines."""
    said: dict[str, Any] = {
        "source_format": "mysql-general", "time_step_us": SECOND, "database_session_uid": str(thread),
    }  # fmt: skip
    at = START + second * SECOND
    if begun:
        book.tell(
            "sql-connection", at, activity_name="authorized", database_user_name="shop",
            src_endpoint_ip=f"10.0.0.{thread}", **said,
        )  # fmt: skip
    return [
        book.tell("sql-statement", at, query_text=text, activity_name="statement", **said) for text in texts
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begun", "texts", "asked"),
    [
        (True, _DUMPING, False),
        (False, _DUMPING, True),
        (True, ("SELECT 1 FROM baskets", *_DUMPING), True),
        (True, ("SELECT '/*!40100 SET @@SQL_MODE=' FROM baskets",), True),
    ],
    ids=["a dump", "its beginning not logged", "behind the application's own", "only like it"],
)
def test_a_dump_by_the_applications_own_user_has_no_request(
    tmp_path: Path, begun: bool, texts: tuple[str, ...], asked: bool
) -> None:
    web, database = LogBook("web/access.log"), LogBook("mysql/general.log")
    for second in range(0, 40, 2):
        web.tell("web-request", START + second * SECOND, **request(time_step_us=SECOND))
        _mysql(database, 100 + second, second, "SELECT name FROM baskets WHERE id = 7")
    lines = _mysql(database, 7, 20, *texts, begun=begun)
    known = DataMap(accounts=Accounts(pooled=("shop", "")))
    with join(tmp_path, [web, database], known) as store:
        caused = {line for line, *_ in store.rows(_CAUSES)}
    assert set(lines) & caused == (set(lines) if asked else set())
    assert len(caused - set(lines)) == 20


def test_a_user_the_data_map_calls_a_machine_has_no_request(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=60))
    known = DataMap(accounts=Accounts(machines=("shop",)))
    with join(tmp_path, [shop.web, shop.database], known) as store:
        assert store.rows("SELECT count(*) FROM causes") == [(0,)]


def test_an_injected_payload_finds_its_request(tmp_path: Path) -> None:
    web, database = LogBook("web/access.log"), LogBook("db/postgresql.csv")
    for place in range(8):
        payload = f"%27%20UNION%20SELECT%20NULL,iban%20FROM%20accounts%20OFFSET%20{place}--%20-"
        said = request(http_request_target=f"/find?q={payload}", time_step_us=SECOND)
        web.tell("web-request", START, **said)
        union = f"UNION SELECT NULL,iban FROM accounts OFFSET {place}-- -"
        text = f"SELECT id FROM clinics WHERE name LIKE '%' {union}%'"
        executed(database, START + place * 40_000, text, database_session_uid="p.1", database_user_name="app")
    with join(tmp_path, [web, database]) as store:
        best = [(line, asked) for line, asked, p, *_ in store.rows(_CAUSES) if p > 0.9]
    assert [asked for _, asked in best] == list(range(1, 9))


@pytest.mark.slow
def test_a_trace_identifier_settles_it(tmp_path: Path) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e47%02x"
    web, database = LogBook("web/access.log"), LogBook("db/postgresql.csv")
    for place in range(4):
        web.tell("web-request", START, **request(trace_uid=trace % place, duration_us=90_000))
        text = f"SELECT 1 /*traceparent='00-{trace % (3 - place)}-00f067aa0ba902b7-01'*/"
        executed(database, START - 50_000, text, database_session_uid=f"p.{place}", database_user_name="app")
    with join(tmp_path, [web, database]) as store:
        found = [(asked, p, how) for _, asked, p, _, how in store.rows(_CAUSES)]
    assert found == [(4, 1.0, "trace"), (3, 1.0, "trace"), (2, 1.0, "trace"), (1, 1.0, "trace")]


def test_a_web_log_without_a_database_has_no_causes(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=20))
    with join(tmp_path, [shop.web]) as store:
        assert store.rows("SELECT count(*) FROM causes") == [(0,)]
        assert store.rows("SELECT count(*) FROM events") == [(20,)]


def test_words_of_statements_tell_nothing_of_who_asked(tmp_path: Path) -> None:
    """One of two asks for ``C``; both ran statements of a table called ``c`` in them, with other values."""
    web, database = LogBook("access.log"), LogBook("postgresql.csv")
    for n in range(12):
        at_us = START + n * 10 * SECOND
        web.tell("web-request", at_us + 5_000, duration_us=9_000, **request(http_request_target=f"/a?p={n}"))
        executed(database, at_us, f"SELECT c.id FROM t AS c WHERE c.id = {n}", database_session_uid="one")
    at_us = START + 200 * SECOND
    said = [(f"/b?p={n}", f"SELECT c.id FROM t AS c WHERE c.id = {n}") for n in (20, 30)]
    said.append(("/b?p=C&q=Kobe", "SELECT c.no FROM u AS c WHERE c.town = 'Kobe'"))
    truth = {}
    for place, (target, text) in enumerate(said):
        told = request(http_request_target=target)
        asked = web.tell("web-request", at_us + 5_000, duration_us=9_000, **told)
        truth[executed(database, at_us, text, database_session_uid=f"of {place}")] = asked
    with join(tmp_path, [web, database]) as store:
        rows = store.rows(_CAUSES)
    found = {line: asked for line, asked, *_ in sorted(rows, key=lambda row: row[2])}
    assert {line: found.get(line) for line in truth} == truth


@pytest.mark.slow
def test_digits_of_names_and_places_are_nobodys_values(tmp_path: Path) -> None:
    """Of three requests in a second, 7 is asked for, and is in a table's name, and 1, which is in ``$1``."""
    web, database = LogBook("access.log"), LogBook("postgresql.csv")
    for n in range(40, 60):
        at_us = START + n * 10 * SECOND
        web.tell("web-request", at_us, time_step_us=SECOND, **request(http_request_target=f"/a?p={n}"))
        said = {"database_session_uid": "one", "time_step_us": SECOND}
        executed(database, at_us, "SELECT no FROM guests_4 WHERE no = $1", query_binds=f"$1 = '{n}'", **said)
    asked, truth = {}, {}
    for n in (7, 1, 30):
        told = request(http_request_target=f"/a?p={n}", time_step_us=SECOND)
        asked[n] = web.tell("web-request", START, **told)
    for n, table in ((7, "guests_4"), (1, "guests_4"), (30, "guests_7")):
        said = {"database_session_uid": f"of {n}", "time_step_us": SECOND, "query_binds": f"$1 = '{n}'"}
        line = executed(database, START, f"SELECT no FROM {table} WHERE no = $1", **said)
        truth[line] = asked[n]
    with join(tmp_path, [web, database]) as store:
        found = {(line, held): p for line, held, p, *_ in store.rows(_CAUSES)}
    assert all(found.get(pair, 0) > 0.9 for pair in truth.items()), found


def test_values_beside_a_statement_tell_how_clocks_differ(tmp_path: Path) -> None:
    """A web clock 37 seconds ahead; what requests ask for stands in lists of parameters alone."""
    web, database = LogBook("access.log"), LogBook("postgresql.csv")
    truth = {}
    for n in range(40):
        at_us = START + n * n * SECOND // 4
        told = request(http_request_target=f"/a?p=name{n:03}", time_step_us=SECOND)
        asked = web.tell("web-request", (at_us + 37 * SECOND) // SECOND * SECOND, **told)
        binds = f"$1 = 'name{n:03}'" if n % 2 else f"name{n:03},5"
        said = {"database_session_uid": "one", "query_binds": binds}
        truth[executed(database, at_us, "SELECT id FROM t WHERE name = $1", **said)] = asked
    with join(tmp_path, [web, database]) as store:
        found = {line: asked for line, asked, p, *_ in store.rows(_CAUSES) if p > 0.9}
        assert store.rows("SELECT skew_us / 1000000 BETWEEN -38 AND -36 FROM clocks") == [(True,)]
    assert found == truth


def test_a_list_of_numbers_is_nobodys_because_a_number_stands_in_it(tmp_path: Path) -> None:
    """Five hundred keys of a body that no log holds; most numbers anybody asks for stand among them."""
    web, database = LogBook("access.log"), LogBook("general.log")
    truth = {}
    for n in range(1, 161):
        at_us = START + n * 150_000
        told = {"database_session_uid": "one", "time_step_us": SECOND}
        second_us = at_us // SECOND * SECOND
        if n % 50 == 0:
            target, keys = "/api/people/batch", ", ".join(str(key) for key in range(1, 501))
            asked = request(http_request_target=target, http_request_method="POST")
            text = f"SELECT id, name FROM people WHERE id IN ({keys})"
        else:
            asked = request(http_request_target=f"/api/people/{n}")
            text = f"SELECT id, name FROM people WHERE id = {n}"
        line = web.tell("web-request", at_us + 2_000, duration_us=3_000, **asked)
        run = executed(database, second_us, text, lasting_us=0, **told)
        if n % 50 == 0:
            truth[run] = line
    with join(tmp_path, [web, database]) as store:
        found = {(line, asked): p for line, asked, p, *_ in store.rows(_CAUSES)}
    assert len(truth) == 3
    assert all(found.get(pair, 0) > 0.5 for pair in truth.items())
