"""Only the database's log is left, all by one shared user: who lists more than anybody reads is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.site import DAY, HONEST, HOUR, MIDNIGHT, MINUTE, SECOND, Site

NOON = MIDNIGHT + 12 * HOUR
LIST = "select id, name, mail from members where name like '{}%' order by name limit 50 offset {}"
BATCH = "select id, name, mail from members where id in ({})"
FILE = "select id, name, mail, bank from members order by id limit {}"
FILES = (
    FILE,
    "select id, name, mail, bank from members where club = 5 order by id limit {}",
    "select count(*) over () as n, id, name, mail from members limit {}",
    "(select id, name, mail from members limit {})",
)


def _say(site: Site, at: int, label: str, text: str) -> None:
    site.events.append(
        {
            "event_kind": "sql",
            "start_us": at,
            "label": label,
            "query_text": text,
            "database_user_name": "webapp",
            "src_endpoint_ip": "10.0.0.8",
            "database_session_uid": f"pool{len(site.events) % 5}",
        }
    )


def _word(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:9]


def _screen(site: Site, at: int, label: str, who: int | None, text: str) -> None:
    """Ask for one screen, as an application does that keeps its sessions in the database (``who``)."""
    if who is not None:
        token = hashlib.sha256(f"session {who}".encode()).hexdigest()[:40]
        _say(site, at - 3000, "session", f"select payload from web_sessions where token = '{token}'")
        _say(site, at - 2000, "session", f"select id, name from clerks where id = {who}")
    _say(site, at, label, text)


def _clerks(site: Site, *, sessions: bool, days: int = 1, count: int = 5) -> Site:
    """Clerks who look for somebody and open the record, all day, now and then at once."""
    for clerk in range(count):
        for step in range(60 * days):
            day, at = divmod(step, 60)
            start = (
                MIDNIGHT + day * DAY + 9 * HOUR + (at * 8 * MINUTE) + int(site.chance.integers(5 * MINUTE))
            )
            who = clerk if sessions else None
            _screen(site, start, HONEST, who, LIST.format(_word(clerk * 1000 + step), 0))
            number = int(site.chance.integers(30_000))
            opened = f"select * from members where id = {number}"
            _screen(site, start + 20 * SECOND, HONEST, who, opened)
    return site


def _by_script(site: Site, start: int = NOON, label: str = "thief") -> None:
    for step in range(50):
        _screen(site, start + step * SECOND // 3, label, 77, LIST.format(_word(9000 + step), 0))


def _by_hand(site: Site) -> None:
    for step in range(16):
        _screen(site, NOON + step * 40 * SECOND, "thief", 77, LIST.format(_word(9000 + step), 0))


def _by_script_without_sessions(site: Site) -> None:
    for step in range(200):
        _screen(site, NOON + step * SECOND // 5, "thief", None, LIST.format(_word(9000 + step), 0))


def _page_by_page(site: Site) -> None:
    for page in range(40):
        _screen(site, NOON + page * MINUTE, "thief", None, LIST.format("", 50 * page))


def _by_keys(site: Site) -> None:
    for step in range(0, 3000, 300):
        _screen(
            site,
            NOON + step * SECOND,
            "thief",
            None,
            BATCH.format(", ".join(map(str, range(step, step + 300)))),
        )


def _by_file(site: Site) -> None:
    for step, file in enumerate(FILES):
        _screen(site, NOON + step * MINUTE, "thief", None, file.format(50_000))


def listed_site() -> Site:
    """Return a site of whose lists every way in which they tell themselves finds some."""
    site = _clerks(Site(), sessions=True)
    for steals in (_by_script, _page_by_page, _by_file):
        steals(site)
    return site


THIEVES: dict[str, tuple[bool, Callable[[Site], None]]] = {
    "by-script": (True, _by_script),
    "by-hand": (True, _by_hand),
    "by-script-without-sessions": (False, _by_script_without_sessions),
    "page-by-page": (False, _page_by_page),
    "by-keys": (False, _by_keys),
    "by-file": (False, _by_file),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(THIEVES))
def test_who_lists_more_than_anybody_reads_is_found(tmp_path: Path, name: str) -> None:
    sessions, steals = THIEVES[name]
    site = _clerks(Site(), sessions=sessions)
    steals(site)
    outcome = site.investigate(tmp_path)
    assert outcome.recall("thief") == 1.0, outcome.findings
    assert outcome.precision >= 0.98, outcome.findings
    assert outcome.techniques() == ["T1213.006"]


@pytest.mark.slow
def test_a_thief_who_comes_again_at_the_same_hour_is_no_routine(tmp_path: Path) -> None:
    site = _clerks(Site(), sessions=True, days=2)
    for start in (NOON, NOON + DAY):
        _by_script(site, start)
    outcome = site.investigate(tmp_path)
    assert outcome.recall("thief") == 1.0, outcome.findings
    assert outcome.precision >= 0.98, outcome.findings


def _jobs() -> Iterator[tuple[int, str]]:
    """Yield what jobs run each night, and a page that everybody gets again and again."""
    for day in range(3):
        night = MIDNIGHT + day * DAY + 2 * HOUR
        yield night, FILE.format(50_000)
        for step in range(0, 3000, 300):
            keys = ", ".join(map(str, range(step, step + 300)))
            yield night + MINUTE + step * SECOND // 100, BATCH.format(keys)
        yield from ((night + HOUR + page * SECOND, LIST.format("", 50 * page)) for page in range(60))
        yield from ((night + 9 * HOUR + n * SECOND // 2, LIST.format("a", 0)) for n in range(90))


@pytest.mark.slow
@pytest.mark.parametrize("sessions", [True, False])
def test_clerks_and_nightly_jobs_raise_nothing(tmp_path: Path, sessions: bool) -> None:
    site = _clerks(Site(), sessions=sessions, days=3)
    for at, text in _jobs():
        _say(site, at, HONEST, text)
    for day in range(3 if sessions else 0):
        _by_script(site, MIDNIGHT + day * DAY + 5 * HOUR, HONEST)
    assert site.investigate(tmp_path).hostile == {}


@pytest.mark.slow
def test_lists_of_requests_that_crossed_are_not_lost(tmp_path: Path) -> None:
    """Another session is looked up between the thief's own look-up and the thief's list."""
    site = _clerks(Site(), sessions=True)
    _by_script(site)
    for step in range(0, 50, 5):
        token = hashlib.sha256(b"session 3").hexdigest()[:40]
        at = NOON + step * SECOND // 3 - 1000
        _say(site, at, HONEST, f"select payload from web_sessions where token = '{token}'")
    assert site.investigate(tmp_path).recall("thief") == 1.0
