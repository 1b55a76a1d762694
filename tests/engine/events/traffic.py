"""A web shop's traffic by dice: requests, the statements they run, and which ran which."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.engine.events.scene import SECOND, START, LogBook, executed, finished, numbered, request, started

_WORDS = ("lamp", "chair", "table", "mirror", "clock", "vase", "shelf", "basket")


@dataclass
class Shop:
    """How the shop logs.

    ``stamp``: what a request line's time is, the reply's end or the request's start; ``told``: which of a
    statement's lines are written, all, its ``start`` or its ``end`` with how long it took.
    """

    requests: int = 600
    pause_s: float = 0.5
    stamp: str = "end"
    step_us: int = 1000
    timed: bool = True
    database_step_us: int = 1000
    told: str = "all"
    skew_us: int = 0
    sessions: bool = True
    opaque: bool = False
    seed: int = 1
    web: LogBook = field(default_factory=lambda: LogBook("web/access.log"))
    database: LogBook = field(default_factory=lambda: LogBook("db/postgresql.csv"))
    truth: dict[int, int] = field(default_factory=dict)


def run_shop(shop: Shop) -> Shop:
    """Fill the shop's books; ``truth`` maps each statement's line to its request's line."""
    dice = np.random.default_rng(shop.seed)
    lines: list[tuple[int, dict[str, object], list[tuple[int, int, str]]]] = []
    moment = START
    for _ in range(shop.requests):
        moment += int(dice.exponential(shop.pause_s) * SECOND)
        lines.append(_visit(dice, moment))
    _write(shop, dice, lines)
    return shop


def _visit(
    dice: np.random.Generator, start: int
) -> tuple[int, dict[str, object], list[tuple[int, int, str]]]:
    user = int(dice.integers(1000, 1300))
    route, target, texts = _asked(dice, user)
    runs, now = [], start + int(dice.integers(500, 3_000))
    for text in texts:
        lasting = int(dice.exponential(3_000)) + 300
        runs.append((now, lasting, text))
        now += lasting + int(dice.integers(100, 2_000))
    end = now + int(dice.integers(500, 4_000))
    said = {
        "http_request_method": route, "http_request_target": target,
        "src_endpoint_ip": f"198.51.100.{user % 250}",
        "duration_us": end - start, "actor_session_uid": f"s{user}", "end_us": end,
    }  # fmt: skip
    return start, said, runs


def _asked(dice: np.random.Generator, user: int) -> tuple[str, str, list[str]]:
    item, word = int(dice.integers(1, 5000)), _WORDS[int(dice.integers(len(_WORDS)))]
    page = int(dice.integers(1, 9))
    kind = int(dice.integers(10))
    if kind < 3:
        return "GET", f"/items/{item}", [
            f"SELECT id, name FROM items WHERE id = {item}",
            f"SELECT count(*) FROM reviews WHERE item_id = {item}",
        ]  # fmt: skip
    if kind < 5:
        limit = f"ORDER BY id LIMIT 20 OFFSET {20 * (page - 1)}"
        return "GET", f"/search?q={word}&page={page}", [
            f"SELECT id, name FROM items WHERE name LIKE '%{word}%' {limit}"
        ]  # fmt: skip
    if kind < 7:
        return "GET", "/account", [
            f"SELECT * FROM customers WHERE id = {user}",
            f"SELECT * FROM orders WHERE customer_id = {user} ORDER BY id",
        ]  # fmt: skip
    if kind < 8:
        return "POST", "/login", [f"SELECT id, password FROM customers WHERE email = 'c{user}@shop.example'"]
    return "GET", f"/css/theme{item % 3}.css", []


def _write(
    shop: Shop,
    dice: np.random.Generator,
    lines: list[tuple[int, dict[str, object], list[tuple[int, int, str]]]],
) -> None:
    ran: list[tuple[int, int, str, int]] = []
    ends = [int(str(said["end_us"])) for _, said, _ in lines]
    for place in np.argsort(np.array(ends), kind="stable"):
        start, said, runs = lines[int(place)]
        end = int(str(said.pop("end_us")))
        if not shop.timed:
            said.pop("duration_us")
        if shop.opaque:
            said |= {
                "http_request_method": "POST",
                "http_request_target": f"/{str(said['http_request_target'])[1:3]}",
            }
        if not shop.sessions:
            said.pop("actor_session_uid")
        stamped = end if shop.stamp == "end" else start
        said |= {"time_step_us": shop.step_us, "http_response_body_bytes": int(dice.integers(100, 9_000))}
        line = shop.web.tell("web-request", stamped - stamped % shop.step_us, **request(**said))
        ran += [(moment, lasting, text, line) for moment, lasting, text in runs]
    for moment, lasting, text, line in sorted(ran):
        shop.truth[_execute(shop, dice, moment, (lasting, text))] = line


def _execute(shop: Shop, dice: np.random.Generator, moment: int, what: tuple[int, str]) -> int:
    start, (lasting, text) = moment + shop.skew_us, what
    said = {
        "database_session_uid": f"pool.{int(dice.integers(6))}", "database_user_name": "shop",
        "database_application": "shopweb", "time_step_us": shop.database_step_us,
    }  # fmt: skip
    step = shop.database_step_us
    begun, ended = start - start % step, start + lasting - (start + lasting) % step
    if shop.told == "start":
        return started(shop.database, begun, text, **said)
    if shop.told == "end":
        return finished(shop.database, ended, text, lasting_us=lasting, **said)
    if step == 1000:
        return executed(shop.database, begun, text, lasting_us=lasting, **said)
    line = started(shop.database, begun, text, **said)
    shop.database.tell("sql-duration", ended, duration_us=lasting, **numbered(shop.database, said))
    return line
