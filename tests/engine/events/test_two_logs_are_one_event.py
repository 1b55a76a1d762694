"""Two logs of one request are one event with two witnesses; what cannot be told apart stays apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.events.scene import SECOND, START, LogBook, join, request

RICH = {"source_format": "json", "duration_us": 4000, "actor_session_uid": "s1"}


def _twins(*targets: str) -> tuple[LogBook, LogBook]:
    plain, rich = LogBook("web/access.log"), LogBook("web/access_json.log")
    for place, target in enumerate(targets):
        moment = START + place * SECOND // 3
        rich.tell("web-request", moment, **request(http_request_target=target, **RICH))
        plain.tell(
            "web-request",
            moment - moment % SECOND,
            **request(http_request_target=target),
            time_step_us=SECOND,
        )
    return plain, rich


def test_the_poorer_line_inherits_session_and_time(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c", "/d")
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*), count(actor_session_uid), min(time_step_us) FROM events") == [
            (4, 4, 1000)
        ]
        assert store.rows("SELECT role, count(*) FROM witnesses GROUP BY role ORDER BY role") == [
            ("request", 4),
            ("second-log", 4),
        ]


def test_the_event_keeps_what_only_the_poorer_log_has(tmp_path: Path) -> None:
    plain, rich = _twins("/a")
    plain.records[0]["http_request_referrer"] = "https://shop.example/"
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT http_request_referrer, duration_us FROM events") == [
            ("https://shop.example/", 4000)
        ]


def test_equal_requests_are_paired_in_file_order(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/a", "/a")
    with join(tmp_path, [plain, rich]) as store:
        pairs = store.rows(
            "SELECT min(line_first), max(line_first), count(*) FROM witnesses GROUP BY event_id ORDER BY 1"
        )
    assert pairs == [(1, 1, 2), (2, 2, 2), (3, 3, 2)]


def test_unequal_counts_stay_apart_and_are_counted(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/a", "/b", "/c", "/d")
    del rich.records[1]
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events WHERE http_request_target = '/a'") == [(3,)]
        assert store.rows("SELECT lines_here, lines_there FROM ambiguous_pairs") == [(2, 1)]


def test_a_line_missing_in_one_log_costs_no_other(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c", "/d")
    del plain.records[2]
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(4,)]
        assert store.rows("SELECT count(*) FROM ambiguous_pairs") == [(0,)]


def test_lines_of_one_file_are_never_paired(tmp_path: Path) -> None:
    book = LogBook("web/access.log")
    for _ in range(4):
        book.tell("web-request", START, **request())
    with join(tmp_path, [book]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(4,)]


def test_two_servers_with_one_health_check_are_two(tmp_path: Path) -> None:
    first, second = LogBook("web1/access.log"), LogBook("web2/access.log")
    for place in range(40):
        for name, book in (("one", first), ("two", second)):
            moment = START + place * SECOND
            book.tell("web-request", moment, **request(http_request_target="/health"))
            own = request(http_request_target=f"/{name}/{place}")
            book.tell("web-request", moment, **own)
    with join(tmp_path, [first, second]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(160,)]


def test_a_rotated_pair_meets_across_the_boundary(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c", "/d", "/e", "/f")
    older = LogBook("web/access.log.1", records=plain.records[:3])
    newer = LogBook("web/access.log", records=plain.records[3:])
    rich_older = LogBook("web/access_json.log.1", records=rich.records[:4])
    rich_newer = LogBook("web/access_json.log", records=rich.records[4:])
    with join(tmp_path, [older, newer, rich_older, rich_newer]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(6,)]


def test_an_application_log_without_statuses_is_still_paired(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c")
    for record in rich.records:
        record["http_response_code"] = record["http_response_body_bytes"] = None
    with join(tmp_path, [plain, rich]) as store:
        told = store.rows("SELECT count(*), min(http_response_code), count(actor_session_uid) FROM events")
        assert told == [(3, 200, 3)]
        assert store.rows("SELECT count(*) FROM contradictions") == [(0,)]


def test_a_request_id_pairs_lines_of_different_seconds(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/a", "/c", "/d")
    for place, (one, other) in enumerate(zip(plain.records, rich.records, strict=True)):
        one["trace_uid"], other["trace_uid"] = f"4BF92F35-{place:04}", f"4bf92f35-{place:04}"
    plain.records[0]["time_us"] -= 3 * SECOND
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*), count(actor_session_uid) FROM events") == [(4, 4)]


def test_a_request_id_that_a_client_repeats_pairs_nothing(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c", "/d")
    for record in (*plain.records, *rich.records):
        record["trace_uid"] = "f00dfeed"
    plain.records[0]["time_us"] -= 3 * SECOND
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(5,)]


def _traced(*targets: str) -> tuple[LogBook, LogBook]:
    plain, rich = _twins(*targets)
    for place, (one, other) in enumerate(zip(plain.records, rich.records, strict=True)):
        one["trace_uid"] = other["trace_uid"] = f"4bf92f35-{place:04}"
    return plain, rich


@pytest.mark.parametrize("earlier_us", [0, 3 * SECOND])
@pytest.mark.parametrize(
    ("said", "differs"),
    [
        ({"http_response_code": 403, "http_response_body_bytes": 9}, "status=403/200"),
        ({"http_response_body_bytes": 9}, "bytes=9/512"),
    ],
)
def test_a_shared_request_id_hides_no_contradiction(
    tmp_path: Path, earlier_us: int, said: dict[str, object], differs: str
) -> None:
    plain, rich = _traced("/a", "/b", "/c", "/d")
    rich.records[1].update(said)
    plain.records[1]["time_us"] -= earlier_us
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(5,)]
        assert store.rows("SELECT differs FROM contradictions") == [(differs,)]


def test_a_request_id_used_again_the_day_after_is_another_request(tmp_path: Path) -> None:
    plain, rich = _traced("/a", "/b", "/c", "/d")
    plain.records[1]["time_us"] -= 86_400 * SECOND
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(5,)]
        assert store.rows("SELECT count(*) FROM contradictions") == [(0,)]


@pytest.mark.parametrize(
    ("codes", "sizes", "events"),
    [((403, 200), (9, 9), 6), ((200, 200), (9, 900), 6), ((200, 200), (9, 9), 4)],
)
def test_replies_that_one_log_alone_tells_apart_are_nobodys_in_particular(
    tmp_path: Path, codes: tuple[int, int], sizes: tuple[int, int], events: int
) -> None:
    plain, rich = _twins("/a", "/a", "/c", "/d")
    for record, code, size in zip(plain.records, codes, sizes, strict=False):
        record["http_response_code"], record["http_response_body_bytes"] = code, size
    for record in rich.records:
        record["http_response_code"] = record["http_response_body_bytes"] = None
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(events,)]
        ambiguous = store.rows("SELECT lines_here, lines_there FROM ambiguous_pairs")
        assert ambiguous == ([(2, 2)] if events == 6 else [])


def test_a_log_without_bytes_is_still_paired(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c")
    for record in rich.records:
        record["http_response_body_bytes"] = None
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*), min(http_response_body_bytes) FROM events") == [(3, 512)]


@pytest.mark.slow
@settings(max_examples=8)
@given(st.lists(st.sampled_from(["/a", "/b", "/c?x=1"]), min_size=1, max_size=12), st.data())
def test_pairs_agree_in_all_they_share(
    tmp_path_factory: pytest.TempPathFactory, targets: list[str], data: st.DataObject
) -> None:
    plain, rich = _twins(*targets)
    lost = data.draw(st.sets(st.integers(0, len(targets) - 1), max_size=3))
    rich.records = [record for place, record in enumerate(rich.records) if place not in lost]
    with join(tmp_path_factory.mktemp("twins"), [plain, rich]) as store:
        joined = store.rows(
            """
            SELECT count(DISTINCT r.http_request_target), count(DISTINCT r.time_us // 1000000),
                count(DISTINCT w.evidence_id), count(*)
            FROM witnesses w JOIN records r
                ON r.evidence_id = w.evidence_id AND r.line_first = w.line_first
            GROUP BY w.event_id
            """
        )
    assert all(targets_said == 1 and seconds == 1 for targets_said, seconds, _, _ in joined)
    assert all(files == lines for _, _, files, lines in joined)
    assert sum(lines for *_, lines in joined) == len(plain.records) + len(rich.records)


def test_lines_that_contradict_stay_apart_and_are_named(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c", "/d")
    plain.records[1]["http_response_code"] = 404
    plain.records[2]["http_response_body_bytes"] = 7
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT count(*) FROM events") == [(6,)]
        told = store.rows(
            "SELECT a.http_request_target, b.http_request_target, c.differs FROM contradictions AS c "
            "JOIN events AS a ON a.event_id = c.event_id JOIN events AS b ON b.event_id = c.other_event_id "
            "ORDER BY 1"
        )
    assert told == [("/b", "/b", "status=200/404"), ("/c", "/c", "bytes=512/7")]


def test_a_line_that_a_log_lacks_contradicts_nothing(tmp_path: Path) -> None:
    plain, rich = _twins("/a", "/b", "/c", "/d")
    del plain.records[2]
    with join(tmp_path, [plain, rich]) as store:
        assert store.rows("SELECT * FROM contradictions") == []


@pytest.mark.parametrize(("code", "told"), [(200, []), (403, [("status=200/403", True)])])
def test_calls_under_one_request_id_may_contradict(
    tmp_path: Path, code: int, told: list[tuple[str, bool]]
) -> None:
    trail, access = LogBook("trail.json"), LogBook("s3.log")
    for book, status in ((trail, 200), (access, code)):
        book.tell(
            "api-call", START, api_request_uid="R1", databucket_file_path="a.csv", http_response_code=status
        )
    with join(tmp_path, [trail, access]) as store:
        assert store.rows("SELECT differs, event_id = other_event_id FROM contradictions") == told
