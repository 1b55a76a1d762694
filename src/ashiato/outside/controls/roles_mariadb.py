"""Accounts of MariaDB: ACCOUNT LOCK, and their connections killed."""

from __future__ import annotations

from typing import Any

from ashiato.outside.controls.database_roles import DatabaseRoles

#: ER_ACCOUNT_HAS_BEEN_LOCKED
_LOCKED = 4151
_KILL = "BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; KILL %s; END"


class MariadbRoles(DatabaseRoles):
    """An account is named ``user@host`` as in ``mysql.global_priv``, ``app@%`` without a host."""

    def may_log_in(self, cursor: Any, role: str) -> bool | None:  # noqa: ANN401 - a driver's cursor
        """Read whether it is locked."""
        cursor.execute(
            "SELECT JSON_VALUE(Priv, '$.account_locked') FROM mysql.global_priv "
            "WHERE User = %s AND Host = %s",
            _account(role),
        )
        row = cursor.fetchone()
        return None if row is None else row[0] not in {"1", "true"}

    def let_in(self, cursor: Any, role: str, *, may: bool) -> None:  # noqa: ANN401 - as above
        """Alter the account; its two parts are bound."""
        cursor.execute(f"ALTER USER %s@%s ACCOUNT {'UNLOCK' if may else 'LOCK'}", _account(role))

    def end_connections(self, cursor: Any, role: str) -> int:  # noqa: ANN401 - as above
        """Kill the connections of the user, from whichever host; a locked account keeps none."""
        user, host = _account(role)
        cursor.execute(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = %s AND HOST LIKE %s "
            "AND ID <> CONNECTION_ID()",
            (user, "%" if host == "%" else f"{host}%"),
        )
        numbers = [int(number) for (number,) in cursor.fetchall()]
        for number in numbers:
            # One that ends by itself between the two statements is what was wanted.
            cursor.execute(_KILL, (number,))
        return len(numbers)

    def is_refusal(self, error: BaseException) -> bool:
        """By the number of the error."""
        return bool(error.args) and error.args[0] == _LOCKED

    def user_of(self, role: str) -> str:
        """The part before the host."""
        return _account(role)[0]


def _account(role: str) -> tuple[str, str]:
    user, at, host = role.rpartition("@")
    return (user, host) if at else (role, "%")
