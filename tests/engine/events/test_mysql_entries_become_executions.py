"""MySQL's logs: up to three entries of one execution are one event, on the connection that ran it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.engine.events.scene import SECOND, START, LogBook, Said, join, request

_ONE = "SELECT name FROM patients WHERE id = 7"
_TWO = "SELECT name FROM patients WHERE id = 8"


_FORMATS = {
    "mysql/general.log": "mysql-general",
    "mysql/slow.log": "mysql-slow",
    "mysql/server_audit.log": "mariadb-audit",
}


class Logs:
    """The three logs of one server, written in whole seconds as MariaDB does."""

    def __init__(self) -> None:
        """Begin with empty ones."""
        self.general = LogBook("mysql/general.log")
        self.slow = LogBook("mysql/slow.log")
        self.audit = LogBook("mysql/server_audit.log")
        self._queries = 0

    def connect(self, thread: int, second: int, user: str, database: str | None = None) -> None:
        """Write that somebody signed in."""
        said: Said = {"database_user_name": user, "database_name": database, "src_endpoint_ip": "10.0.0.5"}
        self._tell(self.general, "sql-connection", thread, second, activity_name="authorized", **said)

    def begin(self, thread: int, second: int, text: str) -> None:
        """Write what the general log writes of a statement."""
        self._tell(self.general, "sql-statement", thread, second, query_text=text, activity_name="statement")

    def end(self, thread: int, second: int, text: str, *, rows: int = 1, lasting_us: int = 100) -> None:
        """Write what the slow log writes of a statement."""
        said: Said = {"query_text": text, "query_rows": rows, "duration_us": lasting_us}
        self._tell(self.slow, "sql-statement", thread, second, **said)

    def audited(self, thread: int, second: int, text: str, code: str | None = None) -> None:
        """Write what the audit plugin writes of a statement that reads one table."""
        self._queries += 1
        beside: Said = {"unmapped": f'{{"query_id":{self._queries}}}', "database_user_name": "app"}
        touched: Said = {"activity_name": "READ", "query_objects": "clinic.patients", **beside}
        self._tell(self.audit, "sql-audit", thread, second, **touched)
        status = "failure" if code else "success"
        self._tell(self.audit, "sql-audit", thread, second, query_text=text, status=status,
                   error_code=code, database_name="clinic", **beside)  # fmt: skip

    def _tell(self, book: LogBook, kind: str, thread: int, second: int, **said: object) -> None:
        more = {
            "source_format": _FORMATS[book.file],
            "time_step_us": SECOND,
            "database_session_uid": str(thread),
        }
        book.tell(kind, START + second * SECOND, **more, **said)

    def events(self, folder: Path) -> list[tuple[Any, ...]]:
        """Join the logs; returns each execution's text, witnesses, rows, error, user, database, session."""
        with join(folder, [book for book in (self.general, self.slow, self.audit) if book.records]) as store:
            return store.rows(
                """
                SELECT e.query_text, string_agg(w.role, '+' ORDER BY w.role), e.query_rows, e.error_code,
                    e.database_user_name, e.database_name, e.database_session_uid
                FROM events e JOIN witnesses w ON w.event_id = e.event_id
                WHERE e.event_kind = 'sql'
                GROUP BY e.event_id, e.start_us, e.query_text, e.query_rows, e.error_code,
                    e.database_user_name, e.database_name, e.database_session_uid
                ORDER BY e.start_us, e.event_id
                """
            )


def test_three_logs_of_one_execution_are_one_event(tmp_path: Path) -> None:
    logs = Logs()
    logs.connect(5, 0, "app", "clinic")
    logs.begin(5, 1, _ONE)
    logs.audited(5, 1, _ONE)
    logs.end(5, 1, _ONE, rows=3)
    assert logs.events(tmp_path) == [(_ONE, "audit+audit+duration+statement", 3, None, "app", "clinic", "5")]


def test_equal_statements_of_one_second_are_paired_in_order(tmp_path: Path) -> None:
    logs = Logs()
    for rows in (4, 5):
        logs.begin(5, 1, _ONE)
        logs.end(5, 1, _ONE, rows=rows)
    assert [event[:3] for event in logs.events(tmp_path)] == [
        (_ONE, "duration+statement", 4),
        (_ONE, "duration+statement", 5),
    ]


def test_entries_that_cannot_be_paired_stay_apart_and_are_counted(tmp_path: Path) -> None:
    logs = Logs()
    logs.begin(5, 1, _ONE)
    logs.begin(5, 1, _ONE)
    logs.end(5, 1, _ONE)
    with join(tmp_path, [logs.general, logs.slow]) as store:
        assert store.rows("SELECT entries_here, entries_there FROM ambiguous_entries") == [(1, 2)]
        assert store.rows("SELECT count(*) FROM events WHERE event_kind = 'sql'") == [(3,)]


def test_connections_of_one_number_are_told_apart(tmp_path: Path) -> None:
    logs = Logs()
    logs.connect(5, 0, "app", "clinic")
    logs.begin(5, 1, _ONE)
    logs.begin(5, 2, "use `billing`")
    logs.begin(5, 3, _TWO)
    logs.connect(5, 4, "root")
    logs.begin(5, 5, _ONE)
    told = [event[4:] for event in logs.events(tmp_path)]
    assert told == [
        ("app", "clinic", "5"), ("app", "billing", "5"), ("app", "billing", "5"), ("root", None, "5#2"),
    ]  # fmt: skip


def test_a_long_statement_is_found_where_it_ended(tmp_path: Path) -> None:
    logs = Logs()
    logs.begin(5, 1, _ONE)
    logs.audited(5, 9, _ONE, "1317")
    logs.end(5, 9, _ONE, lasting_us=8 * SECOND)
    logs.begin(5, 10, _TWO)
    logs.begin(6, 1, _TWO)
    logs.begin(6, 2, _ONE)
    logs.audited(6, 9, _TWO)
    events = logs.events(tmp_path)
    assert events[0][1:4] == ("audit+audit+duration+statement", 1, "1317")
    # Connection 6 ran something else since: whatever ended late there was not what began first.
    assert [event[1] for event in events[1:]] == ["statement"] * 2 + ["audit+audit", "statement"]


def test_slow_and_audit_log_find_each_other_alone(tmp_path: Path) -> None:
    logs = Logs()
    logs.end(5, 1, _ONE, rows=6)
    logs.audited(5, 1, _ONE)
    logs.audited(5, 2, _TWO, "1054")
    assert [event[:4] for event in logs.events(tmp_path)] == [
        (_ONE, "audit+audit+duration", 6, None),
        (_TWO, "audit+audit", None, "1054"),
    ]


def test_statements_in_whole_seconds_find_their_requests(tmp_path: Path) -> None:
    logs, web = Logs(), LogBook("web/access.log")
    logs.connect(5, 0, "app", "clinic")
    for number in range(40):
        at = START + 10 * number * SECOND
        web.tell("web-request", at, time_step_us=SECOND, **request(http_request_target=f"/p/{5000 + number}"))
        logs.begin(5, 10 * number, f'SELECT name FROM patients WHERE id = "{5000 + number}"')
    with join(tmp_path, [logs.general, web]) as store:
        found = store.rows(
            """
            SELECT count(*) FROM causes c JOIN events s ON s.event_id = c.sql_event_id
            JOIN events h ON h.event_id = c.http_event_id
            WHERE strpos(s.query_text, substring(h.http_request_target, 4)) > 0 AND c.confidence > 0.9
            """
        )
    assert found == [(40,)]
