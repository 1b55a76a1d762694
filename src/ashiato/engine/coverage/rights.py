"""Who may read what: roles, owners and grants, as sealed dumps write them.

An answer is an upper bound: what a dump leaves open is taken to be allowed. Row security is not counted as a
bound on rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

PUBLIC = "public"
EVERY = "*"
#: What ALTER ROLE calls all roles.
EVERYBODY = "all"
#: Members of these can read files of the server, run programs there, or see what others asked.
_STRONG_ROLES = frozenset(
    {"pg_read_server_files", "pg_write_server_files", "pg_execute_server_program", "pg_read_all_stats"}
)
_READS_ALL = "pg_read_all_data"


@dataclass
class Role:
    """One database user or group. None: no dump says it.

    ``settings``: parameters set for its sessions alone. ``member_of``: the roles it is a member of.
    """

    superuser: bool | None = None
    replication: bool | None = None
    login: bool | None = None
    sets_parameters: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    member_of: set[str] = field(default_factory=set)


@dataclass(frozen=True, order=True)
class Grant:
    """A right to read: of whom, on which table (``*``: all), which columns (empty: all)."""

    role: str
    schema: str
    table: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Reading:
    """What a role may read of one table, and on what ground."""

    table: str
    columns: tuple[str, ...]
    ground: str


@dataclass
class Rights:
    """All that sealed dumps say of rights.

    ``hidden_writes``: what writes rows without a statement of its own. ``tables``: how many are made.
    ``unread``: statements on rights that were not understood.
    """

    roles: dict[str, Role] = field(default_factory=dict)
    grants: set[Grant] = field(default_factory=set)
    owners: dict[tuple[str, str], str] = field(default_factory=dict)
    row_security: set[tuple[str, str]] = field(default_factory=set)
    hidden_writes: set[str] = field(default_factory=set)
    tables: int = 0
    unread: int = 0

    def role(self, name: str) -> Role:
        """Return a role, made when it is first heard of."""
        return self.roles.setdefault(name, Role())

    def is_strong(self, name: str) -> bool | None:
        """Tell whether a role can change what is logged of it, or read past SQL; None: no dump says."""
        every = [self.roles.get(each) for each in self.memberships(name)]
        if any(role and (role.superuser or role.replication or role.sets_parameters) for role in every):
            return True
        if self.memberships(name) & _STRONG_ROLES:
            return True
        own = self.roles.get(name)
        return None if own is None or own.superuser is None or own.replication is None else False

    def memberships(self, name: str) -> frozenset[str]:
        """Return a role and all roles it is a member of, at any distance."""
        found, waiting = {name}, [name]
        while waiting:
            role = self.roles.get(waiting.pop())
            for other in role.member_of if role else ():
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return frozenset(found)

    def readable(self, name: str, table: str, schema: str = "public") -> Reading | None:
        """Return what a role may read of a table, or None when the dumps leave it no way to."""
        return next(self._readings(name, table, schema), None)

    def _readings(self, name: str, table: str, schema: str) -> Iterator[Reading]:
        every = self.memberships(name)
        if name not in self.roles or self.unread or not (self.owners or self.grants):
            yield Reading(table, (), "not-told")
        if any(self.roles[each].superuser for each in every if each in self.roles):
            yield Reading(table, (), "superuser")
        if _READS_ALL in every:
            yield Reading(table, (), _READS_ALL)
        if (owner := self.owners.get((schema, table))) in every:
            yield Reading(table, (), "owner" if owner == name else f"member-of({owner})")
        yield from self._granted(every, name, table, schema)

    def _granted(self, every: frozenset[str], name: str, table: str, schema: str) -> Iterator[Reading]:
        held = [
            grant
            for grant in sorted(self.grants)
            if grant.role in every | {PUBLIC}
            and grant.schema in (schema, EVERY)
            and grant.table in (table, EVERY)
        ]
        whole = [grant for grant in held if not grant.columns]
        if held:
            columns = () if whole else tuple(sorted({name for grant in held for name in grant.columns}))
            first = (whole or held)[0].role
            ground = "grant" if first == name else PUBLIC if first == PUBLIC else f"member-of({first})"
            narrowed = ";row-security" if (schema, table) in self.row_security else ""
            yield Reading(table, columns, f"{ground}{narrowed}")
