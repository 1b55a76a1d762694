"""Roles of a database that may no longer come in, and whose connections are ended."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from ashiato.outside.controls.control import Control, State, Trial, Verb
from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.targets import ControlError, NoAnswerError, Target, TargetKind

_PAUSE = 0.05
_UNKNOWN: State = {"is_known": False, "may_log_in": False}


class DatabaseRoles(Control):
    """Locks roles first, in one transaction, and then ends their connections until none is left.

    ``secrets``: the password files of roles that can be tried by signing in; else a try proves nothing.
    """

    verb: ClassVar = Verb.ACCOUNT_LOCKING
    takes: ClassVar = frozenset({TargetKind.DATABASE_ROLE})

    def __init__(self, database: LiveDatabase, secrets: Mapping[str, Path]) -> None:
        """Nothing is opened before it is asked for."""
        self.database = database
        self._secrets = secrets

    @abstractmethod
    def may_log_in(self, cursor: Any, role: str) -> bool | None:  # noqa: ANN401 - a driver's cursor
        """Read whether a role may log in; None of one that is not known."""

    @abstractmethod
    def let_in(self, cursor: Any, role: str, *, may: bool) -> None:  # noqa: ANN401 - as above
        """Let a role log in, or not."""

    @abstractmethod
    def end_connections(self, cursor: Any, role: str) -> int:  # noqa: ANN401 - as above
        """End a role's connections; returns how many there were."""

    @abstractmethod
    def is_refusal(self, error: BaseException) -> bool:
        """Tell whether a failed login says that the role is locked."""

    @abstractmethod
    def user_of(self, role: str) -> str:
        """Return the name by which a role logs in."""

    def observe(self, targets: Sequence[Target]) -> list[State]:
        """Read of each role whether it may log in."""
        with self.database.session() as cursor:
            found = [self.may_log_in(cursor, target.value) for target in targets]
        return [_UNKNOWN if may is None else {"is_known": True, "may_log_in": may} for may in found]

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """Out; a role that is not there stays as it is.

        Raises: ControlError: it is our own, by which it would have to be given back.
        """
        del until
        if self.user_of(target.value) == self.database.user:
            raise ControlError(f"`{target.value}` is the role that locks", fix="name it under `never`")
        return {**before, "may_log_in": False}

    def put(self, states: Sequence[tuple[Target, State]], at: object) -> None:
        """Lock or unlock in one transaction; then end the connections of those who are out."""
        del at
        known = [(target.value, state) for target, state in states if state["is_known"]]
        with self.database.session() as cursor:
            for role, state in known:
                self.let_in(cursor, role, may=bool(state["may_log_in"]))
        for role, state in known:
            if not state["may_log_in"]:
                self._end_all(role)

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Sign in as each role whose password is known."""
        return [self._trial(target.value) for target in targets]

    def _end_all(self, role: str) -> None:
        until = time.monotonic() + self.database.seconds
        while self._end_once(role):
            if time.monotonic() > until:
                raise NoAnswerError("connections of a locked role do not end", fix="end them by hand")
            time.sleep(_PAUSE)

    def _end_once(self, role: str) -> int:
        """In a transaction of its own: within one, PostgreSQL shows the connections of its beginning."""
        with self.database.session() as cursor:
            return self.end_connections(cursor, role)

    def _trial(self, role: str) -> Trial:
        if role not in self._secrets:
            return Trial(None, "no password of it is declared under `secrets`: nobody signed in as it")
        own = replace(self.database, user=self.user_of(role), password_file=self._secrets[role])
        try:
            with own.session() as cursor:
                cursor.execute("SELECT 1")
        except ControlError as error:
            is_out = error.__cause__ is not None and self.is_refusal(error.__cause__)
            return Trial(True if is_out else None, str(error))
        return Trial(is_blocked=False, told="it signed in")
