"""A sign-in names its session's requests and the request that signed in, and nobody else's."""

from __future__ import annotations

from pathlib import Path

from tests.engine.events.scene import SECOND, START, LogBook, Said, join, request


def _sign_in(book: LogBook, moment: int, session: str | None, user: str, **more: object) -> None:
    said = {"actor_session_uid": session, "actor_user_name": user, "actor_user_type": "owner"}
    said |= {"src_endpoint_ip": "192.0.2.7", "status": "success", "activity_name": "login_ok"}
    book.tell("sign-in", moment, **(said | more))


def _visit(book: LogBook, moment: int, session: str | None, **more: object) -> None:
    said: Said = {"actor_session_uid": session, "duration_us": 20_000}
    book.tell("web-request", moment, **request(**(said | more)))


def _users(folder: Path, web: LogBook, app: LogBook) -> list[str | None]:
    with join(folder, [web, app]) as store:
        rows = store.rows("SELECT actor_user_name FROM events WHERE event_kind = 'http' ORDER BY event_id")
    return [row[0] for row in rows]


def test_requests_after_the_sign_in_bear_its_user(tmp_path: Path) -> None:
    web, app = LogBook("web/access_json.log"), LogBook("app/auth.log")
    _sign_in(app, START, "s1", "7001")
    for place, session in enumerate(["s1", "s2", None, "s1"]):
        _visit(web, START + (10 + place) * SECOND, session)
    assert _users(tmp_path, web, app) == ["7001", None, None, "7001"]


def test_requests_before_the_sign_in_bear_no_user(tmp_path: Path) -> None:
    web, app = LogBook("web/access_json.log"), LogBook("app/auth.log")
    _visit(web, START - 60 * SECOND, "s1")
    _sign_in(app, START, "s1", "7001")
    assert _users(tmp_path, web, app) == [None]


def test_a_session_signed_in_again_changes_hands(tmp_path: Path) -> None:
    web, app = LogBook("web/access_json.log"), LogBook("app/auth.log")
    _sign_in(app, START, "s1", "7001")
    _sign_in(app, START + 100 * SECOND, "s1", "7002")
    _visit(web, START + 50 * SECOND, "s1")
    _visit(web, START + 150 * SECOND, "s1")
    assert _users(tmp_path, web, app) == ["7001", "7002"]


def test_the_request_that_signed_in_gets_user_and_session(tmp_path: Path) -> None:
    web, app = LogBook("web/access_json.log"), LogBook("app/auth.log")
    _visit(web, START + 5_000, None, http_request_method="POST", http_request_target="/login")
    _sign_in(app, START, "s1", "7001")
    with join(tmp_path, [web, app]) as store:
        assert store.rows(
            "SELECT event_kind, actor_user_name, actor_session_uid FROM events ORDER BY event_kind"
        ) == [("auth", "7001", "s1"), ("http", "7001", "s1")]


def test_a_failed_sign_in_names_nobody(tmp_path: Path) -> None:
    web, app = LogBook("web/access_json.log"), LogBook("app/auth.log")
    _visit(web, START + 5_000, None, http_request_method="POST")
    _sign_in(app, START, None, "7001", status="failure", activity_name="login_failed")
    assert _users(tmp_path, web, app) == [None]


def test_two_sign_ins_at_once_from_one_address_name_neither(tmp_path: Path) -> None:
    web, app = LogBook("web/access.log"), LogBook("app/auth.log")
    for session, user in (("s1", "7001"), ("s2", "7002")):
        _visit(web, START + 5_000, None, http_request_method="POST")
        _sign_in(app, START, session, user)
    assert _users(tmp_path, web, app) == [None, None]


def test_another_address_is_not_the_one_that_signed_in(tmp_path: Path) -> None:
    web, app = LogBook("web/access.log"), LogBook("app/auth.log")
    _visit(web, START + 5_000, None, http_request_method="POST", src_endpoint_ip="203.0.113.9")
    _sign_in(app, START, "s1", "7001")
    assert _users(tmp_path, web, app) == [None]


def test_a_session_logged_by_its_beginning_is_the_same(tmp_path: Path) -> None:
    """The application writes the first ten characters of a cookie that the web server writes whole."""
    web, app = LogBook("web/access_json.log"), LogBook("app/auth.log")
    _sign_in(app, START, "0123456789", "7001")
    _sign_in(app, START, "abc", "7002")
    for place, session in enumerate(["0123456789abcdef", "01234567ffffffff", "abcdef0123456789"]):
        _visit(web, START + (10 + place) * SECOND, session)
    assert _users(tmp_path, web, app) == ["7001", None, None]
