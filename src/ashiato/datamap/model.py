"""The data map as the engine sees it: what ``datamap.yaml`` says, checked and typed.

The written form and its JSON Schema are in ``datamap/schema.json``; the guide is
``docs/guides/datamap.md``. Everything is optional: an empty map answers less, never wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.contacts import AddressUse, Channel, PersonState
from ashiato.terms.meanings import Meaning

#: From which age on a person is no minor, where a map does not say: Japan's since April 2022 (Civil Code, 4).
OF_AGE = 18


@dataclass(frozen=True)
class Column:
    """One column of a table; ``immutable`` promises that its value never changes once written.

    ``collation``: how its text compares and sorts, where that is not the database's own way. ``means``: the
    fact of a person it holds, where its name does not tell. ``contact``: when the address in it holds, where
    it is one to tell people by; None: of a table of people, now; of one that hangs on people, never.
    """

    name: str
    type: str | None = None
    category: Category = Category.OTHER
    tags: tuple[LegalTag, ...] = ()
    immutable: bool = False
    collation: str | None = None
    means: Meaning | None = None
    contact: AddressUse | None = None


@dataclass(frozen=True)
class Mark:
    """A column that marks a row: by one of ``values``; with none named, by any that is not a word for no."""

    column: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Belongs:
    """How a table's rows hang on people: this table's ``columns`` equal the ``key`` of ``table``."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class DataTable:
    """One table: whose rows it holds, its key and its columns.

    ``person``: each row is a person's record. ``belongs``: each row hangs on a person's record,
    directly or through another table that does. ``append_only``: rows are never changed or deleted.
    ``membership_sensitive``: that somebody is in the table at all is a secret (a clinic's patients).
    ``persona``: what these people are to the operator (``policyholder``); ``persona_column`` and
    ``personas`` map a column's values to personas where the table mixes them. ``client``: for whom the
    operator holds these people; ``client_column`` names the client row by row, through ``clients`` when it
    holds codes: a value that is not among them names nobody. ``states`` and ``undeliverable`` say by which
    columns a person is past, deceased or protected, and a way (letter, mail, phone) is known to fail.
    ``language``: what to write to them in; ``language_column`` tells it row by row, through ``languages``
    where it holds codes. ``guardian``: on whose record, in a table of people, a minor's row leans.
    """

    name: str
    key: tuple[str, ...] = ()
    person: bool = False
    belongs: Belongs | None = None
    persona: str | None = None
    persona_column: str | None = None
    personas: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    updated_at: str | None = None
    append_only: bool = False
    membership_sensitive: bool = False
    client: str | None = None
    client_column: str | None = None
    clients: dict[str, str] = field(default_factory=dict)
    states: dict[PersonState, Mark] = field(default_factory=dict)
    undeliverable: dict[Channel, Mark] = field(default_factory=dict)
    language: str | None = None
    language_column: str | None = None
    languages: dict[str, str] = field(default_factory=dict)
    guardian: Belongs | None = None


@dataclass(frozen=True)
class System:
    """One database: its engine and how it compares text, its zone, its tables.

    ``copies_apart``: dumps, backups, exports and replicas of it lie where no stolen access could read them.
    ``sql_mode``: the modes of a MySQL or MariaDB, separated by commas; empty: none.
    """

    name: str
    engine: str = "postgresql"
    version: str | None = None
    collation: str | None = None
    encoding: str = "UTF-8"
    zone: str | None = None
    default_schema: str = "public"
    tables: dict[str, DataTable] = field(default_factory=dict)
    copies_apart: bool = False
    sql_mode: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a route puts into its reply.

    ``columns``: ``table.column`` or ``table.*`` patterns that go out (None: all projected columns);
    ``drops``: patterns that never do; ``success``: statuses whose reply carries rows;
    ``prints_errors``: a failed statement's message is shown in the reply.
    """

    columns: tuple[str, ...] | None = None
    drops: tuple[str, ...] = ()
    success: tuple[int, ...] = ()
    prints_errors: bool = False


@dataclass(frozen=True)
class Route:
    """One way in through the web: method and path template, who may, what it runs, what it answers.

    ``methods`` empty: any. ``path``: ``/api/owners/{id}``. ``statements``: SQL as the application
    sends it, placeholders as ``{name}``; learned from the logs where it is empty.
    """

    path: str
    methods: tuple[str, ...] = ()
    system: str | None = None
    role: str | None = None
    statements: tuple[str, ...] = ()
    answer: Answer = field(default_factory=Answer)
    login: bool = False


@dataclass(frozen=True)
class Accounts:
    """Who is who: shared database users, honest machines, office networks, staff accounts.

    ``pooled``: database users shared by an application. ``machines``: database users, addresses or
    user agents of batch jobs, backups and health checks known to be honest. ``offices``: addresses or
    networks shared by staff. ``proxies``: addresses of the operator's own load balancers.
    ``staff_roles``: account name -> role, or read from ``staff_table``/``staff_name``/``staff_role``.
    """

    pooled: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    staff_roles: dict[str, str] = field(default_factory=dict)
    staff_table: str | None = None
    staff_name: str | None = None
    staff_role: str | None = None


@dataclass(frozen=True)
class Source:
    """How to read one kind of file: which files, which format, which key is which column.

    ``files``: a glob over the evidence path. ``format``: a format's name, or None to detect it.
    ``fields``: event column -> key (or dotted path) in the file. ``success``/``failure``: values that
    mark a sign-in's outcome, as ``{key: value}``. ``covers``: every way in passes through this source.
    """

    files: str
    format: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    log_format: str | None = None
    zone: str | None = None
    skew_us: int = 0
    success: dict[str, str] = field(default_factory=dict)
    failure: dict[str, str] = field(default_factory=dict)
    covers: bool = False
    system: str | None = None


@dataclass(frozen=True)
class Objects:
    """One kind of file outside the tables: an object store's or a web server's, and who can be inside.

    ``keys``: a glob over the object's key, or over the path of a download. ``bucket``: whose keys these are;
    None: any. ``copies``: the folder of the evidence below which copies of them stand, each under its key.
    ``holds``: people tables whose records can be inside (None: any, empty: nobody's). ``columns``: a
    file's header -> the ``table.column`` it means, where header and values do not tell.
    """

    keys: str
    bucket: str | None = None
    copies: str | None = None
    holds: tuple[str, ...] | None = None
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DataMap:
    """All an operator told us of one estate; ``of_age``: from which age on a person is no minor."""

    name: str = ""
    zone: str | None = None
    systems: dict[str, System] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    accounts: Accounts = field(default_factory=Accounts)
    sources: tuple[Source, ...] = ()
    objects: tuple[Objects, ...] = ()
    of_age: int = OF_AGE

    @property
    def is_empty(self) -> bool:
        """Whether the map names no table at all, so that no exposure can be computed."""
        return not any(system.tables for system in self.systems.values())
