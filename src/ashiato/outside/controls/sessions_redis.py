"""Sessions that a site keeps in Redis: set aside under another name, given back with their time-outs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from ashiato.outside.controls.control import Control, State, Trial, Verb
from ashiato.outside.controls.live_databases import password_of
from ashiato.outside.controls.site_trials import SiteTrial, tried
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target, TargetKind
from ashiato.terms.errors import Place

_ASIDE = "ashiato:ended:"
#: All or none of one session, and the same again changes nothing: Redis runs a script alone.
_END = (
    "if redis.call('EXISTS', KEYS[2]) == 1 then return redis.call('DEL', KEYS[1]) end "
    "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('RENAME', KEYS[1], KEYS[2]) end"
)
_RESTORE = "if redis.call('EXISTS', KEYS[2]) == 1 then return redis.call('RENAME', KEYS[2], KEYS[1]) end"


@dataclass(frozen=True)
class RedisServer:
    """A Redis, and how its keys of sessions begin; ``seconds`` for an answer."""

    host: str
    port: int
    prefix: str
    database: int = 0
    user: str = ""
    password_file: Path | None = None
    seconds: float = 10.0


class SessionsRedis(Control):
    """Renames a session's key, so that neither its content nor its time-out is lost."""

    verb: ClassVar = Verb.SESSION_TERMINATION
    takes: ClassVar = frozenset({TargetKind.SESSION})

    def __init__(self, server: RedisServer, trial: SiteTrial | None = None) -> None:
        """Nothing is opened before it is asked for."""
        self._server = server
        self._trial = trial

    def observe(self, targets: Sequence[Target]) -> list[State]:
        """Ask whether each key is in its place, set aside, or neither."""
        with self._connected() as asked:
            pipe = asked.pipeline(transaction=True)
            for target in targets:
                pipe.exists(self._key(target))
                pipe.exists(_ASIDE + self._key(target))
            found = [bool(number) for number in pipe.execute()]
        return [
            {"is_known": here or aside, "is_ended": aside and not here}
            for here, aside in zip(found[::2], found[1::2], strict=True)
        ]

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """Set aside; of a session that is not there, what was."""
        del target, until
        return {"is_known": True, "is_ended": True} if before["is_known"] else before

    def put(self, states: Sequence[tuple[Target, State]], at: object) -> None:
        """Rename all of them in one transaction."""
        del at
        with self._connected() as asked:
            pipe = asked.pipeline(transaction=True)
            for target, state in states:
                if state["is_known"]:
                    script = _END if state["is_ended"] else _RESTORE
                    pipe.execute_command("EVAL", script, 2, self._key(target), _ASIDE + self._key(target))
            pipe.execute()

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Ask the site as each session."""
        return tried(self._trial, targets)

    def _key(self, target: Target) -> str:
        return self._server.prefix + target.value

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        import redis  # noqa: PLC0415 - of the server's parts
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        server = self._server
        where = Place(f"{server.host}:{server.port}")
        asked = redis.Redis(
            server.host, server.port, server.database, username=server.user or None,
            password=password_of(server.password_file) or None, socket_timeout=server.seconds,
            socket_connect_timeout=server.seconds, protocol=2, retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
        try:
            yield asked
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise NoAnswerError(f"Redis does not do it: {str(error)[:200]}", where=where) from None
        except redis.RedisError as error:
            raise ControlError(f"Redis refuses: {str(error)[:200]}", where=where) from None
        finally:
            asked.close()
