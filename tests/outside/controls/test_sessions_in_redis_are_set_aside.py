"""A real Redis: sessions set aside and given back with content and time, whatever they are called."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from ashiato.outside.controls import deeds
from ashiato.outside.controls.sessions_redis import RedisServer, SessionsRedis
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target, checked_target
from tests.journeys.databases import free_port
from tests.outside.controls.laws import now

pytestmark = pytest.mark.slow
_NAMES = ["bad", "*", "a\\r\\nFLUSHALL", "x;FLUSHALL", "ashiato:ended:bad"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis.Redis]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server: apt-get install redis-server")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (
        subprocess.Popen(words, stdout=subprocess.DEVNULL) as server,
        redis.Redis("127.0.0.1", port, protocol=2) as asked,
    ):
        for _ in range(200):
            try:
                asked.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.02)
        yield asked
        server.terminate()


def _server(served: redis.Redis, seconds: float = 5.0) -> RedisServer:
    return RedisServer("127.0.0.1", served.connection_pool.connection_kwargs["port"], "s:", seconds=seconds)


def _targets() -> list[Target]:
    return [checked_target("shop", "session", name) for name in _NAMES]


def test_each_is_set_aside_alone_and_given_back(served: redis.Redis) -> None:
    served.flushall()
    for name in [*_NAMES, "honest"]:
        served.hset(f"s:{name}", "user", name)
        served.pexpire(f"s:{name}", 600_000)
    before = {key: served.hgetall(key) for key in sorted(served.keys("*"))}
    control = SessionsRedis(_server(served))
    changes = deeds.dry_run(control, _targets(), now())
    for _ in range(2):
        assert {each.standing for each in deeds.apply(control, changes, now())} == {deeds.Standing.HELD}
        assert served.keys("s:*") == [b"s:honest"]
    assert 0 < served.pttl("ashiato:ended:s:bad") <= 600_000
    assert [each.is_blocked for each in deeds.verify(control, changes)] == [None] * len(_NAMES)
    for _ in range(2):
        assert {each.standing for each in deeds.undo(control, changes, now())} == {deeds.Standing.OPEN}
    assert {key: served.hgetall(key) for key in sorted(served.keys("*"))} == before
    assert 0 < served.pttl("s:bad") <= 600_000


def test_a_session_made_anew_while_set_aside_is_ended_and_the_first_given_back(served: redis.Redis) -> None:
    served.flushall()
    served.set("s:bad", "first")
    control = SessionsRedis(_server(served))
    changes = deeds.dry_run(control, _targets()[:1], now())
    deeds.apply(control, changes, now())
    served.set("s:bad", "second")
    assert [each.standing for each in deeds.observe(control, changes)] == [deeds.Standing.OPEN]
    deeds.apply(control, changes, now())
    assert served.get("s:bad") is None
    deeds.undo(control, changes, now())
    assert served.get("s:bad") == b"first"


def test_one_that_timed_out_meanwhile_is_over(served: redis.Redis) -> None:
    served.flushall()
    served.set("s:bad", "first", px=60_000)
    control = SessionsRedis(_server(served))
    changes = deeds.dry_run(control, _targets()[:1], now())
    deeds.apply(control, changes, now())
    served.delete("ashiato:ended:s:bad")
    assert [each.standing for each in deeds.undo(control, changes, now())] == [deeds.Standing.OPEN]


def test_a_redis_that_is_away_hangs_or_refuses_is_told(served: redis.Redis, tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError):
        SessionsRedis(RedisServer("127.0.0.1", free_port(), "s:", seconds=0.5)).observe(_targets())
    served.client_pause(400)
    with pytest.raises(NoAnswerError):
        SessionsRedis(_server(served, 0.1)).observe(_targets())
    time.sleep(0.5)
    wrong = tmp_path / "password"
    wrong.write_text("wrong")
    wrong.chmod(0o600)
    server = RedisServer("127.0.0.1", _server(served).port, "s:", user="nobody", password_file=wrong)
    with pytest.raises(ControlError):
        SessionsRedis(server).observe(_targets())
