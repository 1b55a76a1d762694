"""Ways in of other kinds: bodies broken open, leaked passwords, shared sessions, exports, database users."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.intrusion.walkers import NIGHT, POOL, at_random, nameless, peopled, walk
from tests.engine.site import BROWSERS, DAY, HONEST, HOUR, MIDNIGHT, MINUTE, SECOND, Outcome, Site

THIEF = "203.0.113.80"
NOON = MIDNIGHT + DAY + 11 * HOUR
STAFF_ROOM = "192.0.2.20"


def _assert_only(outcome: Outcome, label: str, technique: str) -> None:
    assert outcome.recall(label) >= 0.98, outcome.findings
    assert outcome.precision >= 0.98
    assert technique in outcome.techniques()


def _search(site: Site, values: list[str]) -> Site:
    """Send values in bodies (or cookies): the web log has the route alone, the database the statement."""
    for step, value in enumerate(values):
        said = {"method": "POST", "query": site._pasted(value), "agent": BROWSERS[1]}
        site.request(NIGHT + step * SECOND, "break", THIEF, site.names.search, **said)
    return site


BREAKS = {
    "one-union": ["zz' UNION SELECT id, mail || ':' || pw FROM members --"],
    "one-condition-always-true": ["zz' OR 1=1 --"],
    "a-few-unions": [f"z' UNION SELECT id, mail FROM members OFFSET {n} LIMIT 99 --" for n in range(4)],
    "letters-tried-by-pattern": [f"x' OR mail LIKE '{chr(97 + n % 26)}%" for n in range(60)],
    "letters-tried-by-substring": [
        f"x' AND (SELECT substring(pw,{n},1) FROM members LIMIT 1)='a' AND '1'='1" for n in range(60)
    ],
    "letters-tried-by-delay": [
        f"x' AND CASE WHEN left((SELECT pw FROM members),{n})='a' THEN pg_sleep(2) END IS NULL AND '1'='1"
        for n in range(60)
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_body_that_breaks_a_statement_is_found(tmp_path: Path, name: str) -> None:
    _assert_only(_search(peopled(), BREAKS[name]).investigate(tmp_path), "break", "T1190")


@pytest.mark.slow
def test_one_broken_statement_is_enough(tmp_path: Path) -> None:
    _assert_only(_search(peopled(30), BREAKS["one-union"]).investigate(tmp_path), "break", "T1190")


def _database_alone(site: Site) -> Site:
    site.events = [event for event in site.events if event["event_kind"] == "sql"]
    site.causes = []
    return site


@pytest.mark.slow
def test_injection_through_a_pool_leaves_its_statements_out(tmp_path: Path) -> None:
    site = peopled()
    site.inject(NIGHT, THIEF, 60)
    outcome = _database_alone(site).investigate(tmp_path)
    assert outcome.recall("inject") >= 0.95
    assert outcome.precision >= 0.98


@pytest.mark.slow
def test_a_walk_shows_in_statements_alone(tmp_path: Path) -> None:
    site = walk(peopled(), range(2000, 2200))
    _assert_only(_database_alone(site).investigate(tmp_path), "walk", "T1213")


@pytest.mark.slow
def test_honest_statements_alone_raise_nothing(tmp_path: Path) -> None:
    assert _database_alone(peopled(300)).investigate(tmp_path).hostile == {}


def _stuff(site: Site, every: int, addresses: int) -> Site:
    """Try a leaked password for each of 200 accounts; every fiftieth is right, and its owner's page read."""
    for number in range(200):
        ok = number % 50 == 7
        ip, agent = POOL[number % addresses], BROWSERS[number % len(BROWSERS)]
        label, at = "right" if ok else "wrong", NIGHT + number * every
        account = f"member{1000 + number}" if ok else f"leaked{number}"
        session = site.sign_in(at, label, ip, account, ok=ok, agent=agent, tool=True)
        if ok:
            own = site.names.record.format(id=1000 + number)
            site.read(at + SECOND, "right", ip, own, agent=agent, session=session, account=account)
    return site


@pytest.mark.slow
@pytest.mark.parametrize("every", [4 * SECOND, 3 * MINUTE], ids=["at-once", "over-hours"])
@pytest.mark.parametrize("addresses", [10, 400])
@pytest.mark.parametrize("signs", [True, False], ids=["sessions", "nothing-told"])
def test_leaked_passwords_that_were_right_are_found(
    tmp_path: Path, every: int, addresses: int, signs: bool
) -> None:
    site = peopled(200) if signs else nameless(200)
    outcome = _stuff(site, every, addresses).investigate(tmp_path)
    assert outcome.recall("right") == 1.0
    assert outcome.recall("wrong") >= 0.98
    assert outcome.precision >= 0.98


@pytest.mark.slow
def test_a_session_shared_with_a_thief_is_parted(tmp_path: Path) -> None:
    site = peopled()
    own = [event for event in site.events if event.get("actor_user_name") == "staff1"]
    session = next(e["actor_session_uid"] for e in own if e["start_us"] > MIDNIGHT + DAY)
    said = {"session": session, "account": "staff1", "agent": "curl/8"}
    for step, number in enumerate(at_random(200, 3000)):
        target = site.names.staff_record.format(id=1000 + number)
        site.read(NOON + step * 10 * SECOND, "taken", THIEF, target, **said)
    outcome = site.investigate(tmp_path)
    assert outcome.recall("taken") >= 0.98
    assert outcome.precision >= 0.98


@pytest.mark.slow
def test_a_session_shared_with_a_thief_is_parted_by_address_where_no_program_is_named(
    tmp_path: Path,
) -> None:
    site = peopled()
    own = next(
        event
        for event in site.events
        if event.get("actor_user_name") == "staff1" and event["start_us"] > MIDNIGHT + DAY
    )
    said = {"session": own["actor_session_uid"], "account": "staff1"}
    for step, number in enumerate(at_random(200, 3000)):
        label, ip = (HONEST, own["src_endpoint_ip"]) if step % 40 == 20 else ("taken", THIEF)
        target = site.names.staff_record.format(id=1000 + number)
        site.read(NOON + step * 10 * SECOND, label, ip, target, **said)
    for event in site.events:
        event["http_request_user_agent"] = None
    outcome = site.investigate(tmp_path)
    assert outcome.recall("taken") >= 0.98
    assert outcome.precision >= 0.98


@pytest.mark.slow
def test_breadth_beyond_own_past_and_peers_is_found(tmp_path: Path) -> None:
    site = peopled()
    site.staff(6)
    session = site.sign_in(NOON, "broad", STAFF_ROOM, "staff4", role="staff")
    for step, number in enumerate(at_random(240, 3000)):
        target = site.names.staff_record.format(id=1000 + number)
        at = NOON + MINUTE + step * 20 * SECOND
        site.read(at, "broad", STAFF_ROOM, target, session=session, account="staff4")
    _assert_only(site.investigate(tmp_path), "broad", "T1078")


def _export(site: Site, account: str | None, ip: str = "203.0.113.50") -> Site:
    said = {"agent": BROWSERS[5], "size": 4_000_000, "account": account}
    session = site.sign_in(NIGHT, "export", ip, account, agent=BROWSERS[5]) if account else None
    query = "SELECT id, name, mail FROM members ORDER BY id"
    target = "/backoffice/members/export.csv"
    site.request(NIGHT + MINUTE, "export", ip, target, session=session, query=query, **said)
    return site


EXPORTS: dict[str, Callable[[], Site]] = {
    "by-a-customer": lambda: _export(peopled(), "member1003"),
    "by-nobody-signed-in": lambda: _export(peopled(), None),
    "from-no-office": lambda: _export(nameless(), None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_an_export_fetched_once_is_found(tmp_path: Path, name: str) -> None:
    outcome = EXPORTS[name]().investigate(tmp_path)
    assert outcome.recall("export") == 1.0
    assert outcome.precision == 1.0


@pytest.mark.slow
def test_exports_of_the_office_are_honest(tmp_path: Path) -> None:
    site = peopled()
    for day in range(3):
        at = MIDNIGHT + day * DAY + 10 * HOUR
        session = site.sign_in(at, HONEST, STAFF_ROOM, "staff1", role="staff")
        said = {"session": session, "account": "staff1", "size": 4_000_000}
        site.request(at + MINUTE, HONEST, STAFF_ROOM, "/backoffice/members/export.csv", **said)
    assert site.investigate(tmp_path).hostile == {}


@pytest.mark.slow
def test_a_backup_in_the_web_root_is_found(tmp_path: Path) -> None:
    site = nameless(sql=False)
    site.request(NIGHT, "fetch", THIEF, "/backup/shop.sql.gz", size=60_000_000, agent="curl/8")
    _assert_only(site.investigate(tmp_path), "fetch", "T1567")


@pytest.mark.slow
def test_requests_into_the_servers_own_network_are_found(tmp_path: Path) -> None:
    site = peopled()
    inside = (
        "169.254.169.254/latest/meta-data/",
        "127.0.0.1:8500/v1/kv",
        "10.0.0.8/",
        "localhost:9200/_search",
    )
    for step, place in enumerate(inside):
        at = NIGHT + step * MINUTE
        site.request(at, "inside", THIEF, f"/fetch?url=http%3A%2F%2F{place}", agent="curl/8")
    _assert_only(site.investigate(tmp_path), "inside", "T1190")


def _statements(site: Site, label: str, ip: str, texts: list[str], **said: object) -> Site:
    for step, text in enumerate(texts):
        site.events.append(
            {
                "event_kind": "sql",
                "start_us": NIGHT + step * 20 * SECOND,
                "label": label,
                "src_endpoint_ip": ip,
                "query_text": text,
                "database_user_name": "shopapp",
                "database_application": "psql",
                "database_session_uid": "own",
                **said,
            }
        )
    return site


ONE_BY_ONE = [f"SELECT * FROM members WHERE id = {number}" for number in range(2000, 2040)]
DATABASE_USERS: dict[str, Callable[[], Site]] = {
    "the-applications-from-afar": lambda: _statements(peopled(), "direct", THIEF, ONE_BY_ONE),
    "one-never-seen": lambda: _statements(
        peopled(), "direct", THIEF, ["SELECT id, mail FROM members"], database_user_name="contractor"
    ),
    "a-dump-from-afar": lambda: _statements(
        peopled(),
        "direct",
        THIEF,
        [f"COPY public.{table} (id, name) TO stdout;" for table in ("members", "orders")],
        database_application="pg_dump",
    ),
    "a-part-of-a-table-dumped-near-by": lambda: _statements(
        peopled(),
        "direct",
        "10.0.9.9",
        ["SELECT /*!40001 SQL_NO_CACHE */ `id`, `name` FROM `members` WHERE area='0005'"],
        database_application=None,
        source_format="mysql-general",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DATABASE_USERS))
def test_a_database_user_from_a_new_place_is_found(tmp_path: Path, name: str) -> None:
    _assert_only(DATABASE_USERS[name]().investigate(tmp_path), "direct", "T1213.006")


@pytest.mark.slow
def test_an_administrators_look_by_hand_is_honest(tmp_path: Path) -> None:
    looks = [f"SELECT * FROM members WHERE mail = 'm{number}@shop.example'" for number in range(6)]
    site = _statements(peopled(), HONEST, "10.0.0.40", looks, database_user_name="dba")
    assert site.investigate(tmp_path).hostile == {}


@pytest.mark.slow
@pytest.mark.parametrize(("agent", "found"), [("sqlmap/1.8.2#stable", 1.0), (BROWSERS[0], 0.0)])
def test_a_tool_that_comes_back_hours_later_is_the_same_hand(
    tmp_path: Path, agent: str, found: float
) -> None:
    site = peopled(30)
    site.scan(NIGHT, THIEF, 400, agent="sqlmap/1.8.2#stable")
    for number in range(6):
        at = NIGHT + 3 * HOUR + number * MINUTE
        site.request(at, "later", THIEF, site.names.record.format(id=9000 + number), agent=agent)
    assert site.investigate(tmp_path).recall("later") == found
