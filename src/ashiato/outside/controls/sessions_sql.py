"""Sessions ended, and accounts disabled, in the site's own database, by statements the operator declares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ashiato.outside.controls.control import Control, State, Trial, Verb
from ashiato.outside.controls.live_databases import LiveDatabase, run_bound
from ashiato.outside.controls.site_trials import SiteTrial, tried
from ashiato.outside.controls.targets import ControlError, Target, TargetKind

_READS = re.compile(r"\s*select\b", re.IGNORECASE)
_WORDS = (str, int, bool, type(None))


@dataclass(frozen=True)
class Statements:
    """What the operator declares; in each, ``:value`` is who is meant, in ``restore`` ``:before`` what was.

    ``look`` reads one column of one row; ``stopped`` is what it reads once ``stop`` was run.
    """

    look: str
    stop: str
    restore: str
    stopped: str | int | bool

    def __post_init__(self) -> None:
        """Refuse statements that would be run for everybody, or whose look is none."""
        for name, text in (("look", self.look), ("stop", self.stop), ("restore", self.restore)):
            if ":value" not in text:
                raise ControlError(
                    f"`{name}` does not say for whom", fix="write :value where its name stands"
                )
        if ":before" not in self.restore:
            raise ControlError("`restore` does not say what was", fix="write :before where it stands")
        if not _READS.match(self.look):
            raise ControlError("`look` is no SELECT", fix="write one that reads one column")


class SessionsSql(Control):
    """Runs the declared statements, all of a call in one transaction; values are bound, never text."""

    verb: ClassVar = Verb.SESSION_TERMINATION
    takes: ClassVar = frozenset({TargetKind.SESSION})

    def __init__(
        self, database: LiveDatabase, statements: Statements, trial: SiteTrial | None = None
    ) -> None:
        """Nothing is opened before it is asked for."""
        self._database = database
        self._statements = statements
        self._trial = trial

    def observe(self, targets: Sequence[Target]) -> list[State]:
        """Read what the site's database holds of each; one it does not know is none."""
        states: list[State] = []
        with self._database.session() as cursor:
            for target in targets:
                run_bound(self._database, cursor, self._statements.look, {"value": target.value})
                states.append(_state(cursor.fetchone()))
        return states

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """What is read once it is stopped; of one that is not there, what was."""
        del target, until
        return {"is_known": True, "held": self._statements.stopped} if before["is_known"] else before

    def put(self, states: Sequence[tuple[Target, State]], at: object) -> None:
        """Stop and restore, all in one transaction."""
        del at
        with self._database.session() as cursor:
            for target, state in states:
                if not state["is_known"]:
                    continue
                is_stop = state["held"] == self._statements.stopped
                statement = self._statements.stop if is_stop else self._statements.restore
                words = {"value": target.value, "before": state["held"]}
                run_bound(self._database, cursor, statement, words)

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Ask the site as each session."""
        return tried(self._trial, targets)


class AccountsSql(SessionsSql):
    """The same for accounts; nobody's password is known here, so that a try proves nothing.

    An account that the statements do not find may get in all the same, by another name: it is not stopped.
    """

    verb: ClassVar = Verb.ACCOUNT_LOCKING
    takes: ClassVar = frozenset({TargetKind.ACCOUNT})

    def wanted(self, target: Target, before: State, until: datetime) -> State:
        """What is read once it is disabled, whether it was found or not."""
        del target, before, until
        return {"is_known": True, "held": self._statements.stopped}

    def is_same(self, one: State, other: State) -> bool:
        """Tell whether it is the very state."""
        return one == other

    def attempt(self, targets: Sequence[Target]) -> list[Trial]:
        """Say that nobody can be tried."""
        return [Trial(None, "without its password an account cannot be tried") for _ in targets]


def _state(row: Sequence[object] | None) -> State:
    if row is None:
        return {"is_known": False, "held": None}
    if len(row) != 1 or not isinstance(row[0], _WORDS):
        raise ControlError("`look` reads no single plain word", fix="cast it to text, a number or a boolean")
    return {"is_known": True, "held": row[0]}
