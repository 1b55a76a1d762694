"""Attacks of other shapes, on sites of other names and sizes, are found without retuning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engine.site import (
    BROWSERS,
    DAY,
    HONEST,
    HOUR,
    MIDNIGHT,
    MINUTE,
    SECOND,
    Names,
    Outcome,
    Site,
    shuffled_blocks,
)

OTHER_NAMES = Names(
    login="/ja/account/sign_in",
    record="/v2/patients/{id}",
    part="/v2/patients/{id}/visits",
    home="/dashboard",
    staff_list="/staff/patients",
    staff_record="/staff/patients/{id}/show",
    search="/find",
)
NIGHT = MIDNIGHT + DAY + 2 * HOUR


def _peopled(seed: int = 1, customers: int = 120, **said: object) -> Site:
    site = Site(seed=seed, **said)  # type: ignore[arg-type]
    site.customers(customers)
    site.staff(5)
    site.noise(20)
    return site


def _assert_found(outcome: Outcome, label: str, technique: str) -> None:
    assert outcome.recall(label) >= 0.98, outcome.findings
    assert outcome.precision >= 0.98
    assert technique in outcome.techniques()


@pytest.mark.slow
@pytest.mark.parametrize("customers", [12, 120, 1200])
def test_honest_traffic_of_any_size_raises_nothing(tmp_path: Path, customers: int) -> None:
    outcome = _peopled(customers=customers).investigate(tmp_path)
    assert outcome.alarms() == []
    assert outcome.hostile == {}


@pytest.mark.slow
@pytest.mark.parametrize("names", [Names(), OTHER_NAMES], ids=["names", "other-names"])
@pytest.mark.parametrize("customers", [15, 150])
@pytest.mark.parametrize("order", ["rising", "blocks"])
def test_three_hundred_records_taken_are_found(
    tmp_path: Path, names: Names, customers: int, order: str
) -> None:
    site = _peopled(customers=customers, names=names)
    ids = list(range(1000, 1300)) if order == "rising" else list(shuffled_blocks(1000, 300, 20, 4))
    site.enumerate(MIDNIGHT + DAY, ["203.0.113.4", "10.20.1.1"], ids, 20 * SECOND)
    _assert_found(site.investigate(tmp_path), "enumerate", "T1213")


@pytest.mark.slow
def test_records_taken_slowly_over_days_are_found(tmp_path: Path) -> None:
    site = _peopled()
    site.enumerate(MIDNIGHT + HOUR, ["203.0.113.4"], list(range(2000, 2090)), 7 * MINUTE, visits=10)
    _assert_found(site.investigate(tmp_path), "enumerate", "T1213")


@pytest.mark.slow
@pytest.mark.parametrize("auth", [True, False], ids=["with-sign-in-log", "web-log-only"])
def test_forty_stolen_passwords_tried_are_found(tmp_path: Path, auth: bool) -> None:
    site = _peopled(auth=auth)
    site.guess(NIGHT, "203.0.113.9", [f"leaked{number}" for number in range(39)], right="member1044")
    _assert_found(site.investigate(tmp_path), "guess", "T1110")


@pytest.mark.slow
def test_passwords_tried_slowly_from_one_address_are_found(tmp_path: Path) -> None:
    site = _peopled()
    site.guess(MIDNIGHT, "203.0.113.9", [f"leaked{number}" for number in range(40)], every=45 * MINUTE)
    assert site.investigate(tmp_path).recall("guess") >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("words", [60, 3000])
def test_word_list_on_any_site_is_found(tmp_path: Path, words: int) -> None:
    site = _peopled()
    site.scan(NIGHT, "10.20.1.1", words)
    _assert_found(site.investigate(tmp_path), "scan", "T1595.003")


@pytest.mark.slow
@pytest.mark.parametrize("sql", [True, False], ids=["with-database-log", "web-log-only"])
@pytest.mark.parametrize("rows", [3, 300])
def test_injection_is_found_with_and_without_statements(tmp_path: Path, sql: bool, rows: int) -> None:
    site = _peopled(sql=sql)
    site.inject(NIGHT, "203.0.113.77", rows)
    _assert_found(site.investigate(tmp_path), "inject", "T1190")


@pytest.mark.slow
@pytest.mark.parametrize(("details", "pages", "every"), [(40, 24, 3), (15, 0, 4), (0, 15, 5), (15, 3, 40)])
def test_stolen_staff_account_is_found(tmp_path: Path, details: int, pages: int, every: int) -> None:
    site = _peopled()
    site.steal(NIGHT, "203.0.113.50", details, pages, every * SECOND)
    _assert_found(site.investigate(tmp_path), "steal", "T1078")


@pytest.mark.slow
def test_stolen_staff_account_at_the_office_is_found(tmp_path: Path) -> None:
    site = _peopled()
    site.steal(MIDNIGHT + DAY + 11 * HOUR, "192.0.2.20", 12, 12, 3 * SECOND)
    _assert_found(site.investigate(tmp_path), "steal", "T1078")


@pytest.mark.slow
def test_injection_by_post_is_found_from_the_database_log(tmp_path: Path) -> None:
    site = _peopled()
    site.inject(NIGHT, "203.0.113.77", 60, method="POST")
    _assert_found(site.investigate(tmp_path), "inject", "T1190")


@pytest.mark.slow
def test_guesses_spread_over_many_addresses_are_found(tmp_path: Path) -> None:
    site = _peopled()
    site.wave(NIGHT, 120)
    outcome = site.investigate(tmp_path)
    _assert_found(outcome, "wave", "T1110")
    assert len(outcome.paths) == 1


@pytest.mark.slow
def test_dump_over_a_connection_from_elsewhere_is_found(tmp_path: Path) -> None:
    site = _peopled()
    site.dump(NIGHT, "203.0.113.80")
    _assert_found(site.investigate(tmp_path), "dump", "T1213.006")


@pytest.mark.slow
def test_nightly_dump_on_the_database_host_is_honest(tmp_path: Path) -> None:
    site = _peopled()
    for night in range(2):
        site.dump(
            MIDNIGHT + night * DAY + 3 * HOUR, "127.0.0.1", label=HONEST, user="backup", program="pg_dump"
        )
    outcome = site.investigate(tmp_path)
    assert outcome.hostile == {}
    assert outcome.alarms() == []


@pytest.mark.slow
def test_script_among_the_uploads_is_found(tmp_path: Path) -> None:
    site = _peopled()
    site.plant(NIGHT, "203.0.113.81")
    _assert_found(site.investigate(tmp_path), "plant", "T1190")


@pytest.mark.slow
def test_busy_staff_member_is_not_taken_for_a_thief(tmp_path: Path) -> None:
    site = _peopled()
    for day in range(3):
        site._staff_day("busy", MIDNIGHT + day * DAY, 200)
    outcome = site.investigate(tmp_path)
    assert outcome.alarms() == []


@pytest.mark.slow
def test_accounts_own_visits_stay_out_of_a_theft(tmp_path: Path) -> None:
    site = _peopled()
    own = MIDNIGHT + DAY + 10 * HOUR
    site._customer_visit(own, "10.99.0.1", BROWSERS[3], 1003)
    site.enumerate(NIGHT, ["203.0.113.4"], list(range(1000, 1100)), 5 * SECOND, account="member1003")
    site._customer_visit(own + 5 * HOUR, "10.99.0.1", BROWSERS[3], 1003)
    outcome = site.investigate(tmp_path)
    assert outcome.precision == 1.0
    assert outcome.recall("enumerate") == 1.0


@pytest.mark.slow
def test_same_evidence_gives_the_same_answer_twice(tmp_path: Path) -> None:
    outcomes = []
    for name in ("one", "two"):
        site = Site()
        site.customers(20)
        site.scan(NIGHT, "203.0.113.9", 50)
        site.inject(NIGHT, "203.0.113.77", 20)
        outcomes.append(site.investigate(tmp_path / name))
    assert outcomes[0] == outcomes[1]


@pytest.mark.slow
def test_four_attacks_together_are_told_apart_and_linked(tmp_path: Path) -> None:
    site = _peopled()
    site.scan(NIGHT, "203.0.113.9", 400)
    site.guess(NIGHT + HOUR // 4, "203.0.113.9", [f"leaked{n}" for n in range(39)], right="member1044")
    site.enumerate(NIGHT + HOUR, ["203.0.113.9"], list(range(1000, 1200)), 5 * SECOND, account="member1044")
    site.inject(NIGHT + 5 * HOUR, "203.0.113.77", 30)
    outcome = site.investigate(tmp_path)
    assert outcome.techniques() == ["T1595.003", "T1110", "T1213", "T1190"]
    assert [intruder for _, intruder, _, _, _ in outcome.paths] == ["I1", "I1", "I1", "I2"]
    assert "linked-to(path=P2,by=account,value=member1044)" in outcome.paths[2][4]
    for label in ("scan", "guess", "enumerate", "inject"):
        assert outcome.recall(label) >= 0.98
    assert outcome.precision == 1.0


@pytest.mark.slow
def test_attacks_stand_out_in_a_log_without_sessions(tmp_path: Path) -> None:
    site = _peopled(customers=300, sessions=False, auth=False)
    site.scan(NIGHT, "203.0.113.9", 400)
    site.guess(NIGHT + HOUR // 4, "203.0.113.9", [f"leaked{n}" for n in range(39)])
    site.enumerate(NIGHT + HOUR, ["203.0.113.10"], list(shuffled_blocks(1000, 250, 20, 4)), 5 * SECOND)
    site.inject(NIGHT + 5 * HOUR, "203.0.113.77", 30)
    site.steal(NIGHT + 6 * HOUR, "203.0.113.50", 30, 12, 3 * SECOND)
    outcome = site.investigate(tmp_path)
    for label in ("scan", "guess", "enumerate", "inject", "steal"):
        assert outcome.recall(label) >= 0.98, label
    assert outcome.precision >= 0.98


@pytest.mark.slow
def test_text_from_logs_never_breaks_a_reason_apart(tmp_path: Path) -> None:
    names = Names(record="/api/{id}/a,b=(c);d|e", login="/login")
    site = Site(names=names)
    site.customers(20)
    thief = {"account": "x=1,y)(;|\x1b[31m"}
    site.enumerate(NIGHT, ["203.0.113.10"], list(range(1000, 1060)), 5 * SECOND, **thief)
    outcome = site.investigate(tmp_path)
    whys = [found[3] for found in outcome.findings] + [path[4] for path in outcome.paths]
    assert outcome.recall("enumerate") >= 0.98
    for why in whys:
        for reason in why.split(";"):
            assert re.fullmatch(r"[a-z-]+\((?:[a-z-]+=[^(),=;|\x00-\x1f]*,?)*\)", reason), why


@pytest.mark.slow
def test_no_events_at_all_give_empty_tables(tmp_path: Path) -> None:
    outcome = Site().investigate(tmp_path)
    assert (outcome.hostile, outcome.paths, outcome.findings) == ({}, [], [])
