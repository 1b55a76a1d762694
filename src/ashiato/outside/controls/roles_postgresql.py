"""Roles of PostgreSQL: NOLOGIN, and their connections terminated."""

from __future__ import annotations

from typing import Any

from ashiato.outside.controls.database_roles import DatabaseRoles


class PostgresqlRoles(DatabaseRoles):
    """A role is named as it stands in ``pg_roles``; our own needs CREATEROLE with ADMIN of it, or more."""

    def may_log_in(self, cursor: Any, role: str) -> bool | None:  # noqa: ANN401 - a driver's cursor
        """Read ``rolcanlogin``."""
        cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", (role,))
        row = cursor.fetchone()
        return None if row is None else bool(row[0])

    def let_in(self, cursor: Any, role: str, *, may: bool) -> None:  # noqa: ANN401 - as above
        """Alter the role; its name is quoted by the driver."""
        from psycopg import sql  # noqa: PLC0415 - of the server's parts

        words = sql.SQL("ALTER ROLE {} LOGIN" if may else "ALTER ROLE {} NOLOGIN")
        cursor.execute(words.format(sql.Identifier(role)))

    def end_connections(self, cursor: Any, role: str) -> int:  # noqa: ANN401 - as above
        """Terminate its backends."""
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_get_activity(NULL) AS a "
            "JOIN pg_roles AS r ON r.oid = a.usesysid WHERE r.rolname = %s AND a.pid <> pg_backend_pid()",
            (role,),
        )
        return int(cursor.fetchone()[0])

    def is_refusal(self, error: BaseException) -> bool:
        """PostgreSQL says so only in words; in another language a try proves nothing."""
        return "is not permitted to log in" in str(error)

    def user_of(self, role: str) -> str:
        """The role itself."""
        return role
