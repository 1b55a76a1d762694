"""When each request was being answered, on the database's clock, and whose statements may be requests'.

A request's *window* is the stretch of the database's clock in which it was answered. Windows are laid into
buckets as wide as themselves or wider (levels, each four times the one before), so that each touches at
most two and the join of windows and statements is one of equal keys, however long a request took. Where a
log gives no durations, the statement's end is looked for shortly before the request's, instead of its start.
A time that its log cuts down to whole seconds stands for the whole second: what counts is how much of it
lies in the window.

A statement outside every window is not nobody's for that: a request may have taken longer than others, its
reply may have been given up before the statement ended, the clocks may differ by more than could be read.
So each window has *far* parts on both sides, up to the neighbouring requests and a bound.

Clients of the database whose statements fall into windows no oftener than they would at other times are not
the web application's; their statements are not looked at further. Only times at which the web log has
requests say so.
"""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.store import Station, Store
from ashiato.engine.workspace import Workspace

_FINEST_US = 250_000
_LEVELS = 11
_SAMPLE = 2_000
# Far parts: how many requests they pass at most, and how far they reach back (few replies take longer, and
# most servers give them up then) and on (what is done after the reply, clocks that differ unnoticed).
_PASSED = 8
_FAR_US = 30_000_000
_FAR_ON_US = 5_000_000
# Shares of a web client's statements that are in windows; and of moments, when none can be told by time.
_WEB_INSIDE = 0.97
_ALIVE_US = 600_000_000
# Half of the shifts keep to the clock's round times, at which jobs and health checks meet by themselves.
_SHIFTS_US = (0, 37_000_000, -41_000_000, 300_000_000, -300_000_000, 331_000_000, 3_600_000_000)
#: Names by which tools of people and machines, not of web applications, sign in to a database.
_TOOLS = (
    "psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "pg_receivewal", "pg_upgrade", "vacuumdb",
    "reindexdb", "pgbench", "walreceiver", "pgadmin", "dbeaver", "datagrip", "mysqldump", "mysql",
)  # fmt: skip
_KNOWN = pa.schema([("kind", pa.string()), ("name", pa.string())])

_WIDTHS = [_FINEST_US * 4**level for level in range(_LEVELS)]
_LEVEL_SQL = "CASE " + " ".join(
    f"WHEN far_hi_us - far_lo_us <= {width} THEN {level}" for level, width in enumerate(_WIDTHS)
)
_WIDTH_ROWS = ", ".join(f"({level}, {width})" for level, width in enumerate(_WIDTHS))
_SHIFT_ROWS = ", ".join(f"({shift})" for shift in _SHIFTS_US)

#: One row per execution: who ran it, when, and its stem (the text up to the first value in it). MySQL's logs
#: name no application; mysqldump and mariadb-dump are known by what they say first on a connection of which
#: the beginning is logged (its number is not 0): nothing that a request sends comes before the application's.
#: Source: mysqldump's ``connect_to_db`` (MySQL 5.0 to 8.4), MariaDB 10.11's own, read 2026-11-23.
STATEMENTS = Station(
    "cause_statements",
    r"""
    WITH dumps AS (
        SELECT session FROM (
            SELECT session, text, row_number() OVER (
                PARTITION BY session ORDER BY start_us, lead_no
            ) AS place
            FROM executions
            WHERE is_mysql = 1 AND session NOT LIKE '% 0'
        ) AS begun
        WHERE place = 1 AND text LIKE '/*!40100 SET @@SQL_MODE=''%'' */'
    ),
    known AS (
        SELECT x.*, coalesce(x.database_application,
            CASE WHEN d.session IS NOT NULL THEN 'mysqldump' END) AS application
        FROM executions x
        LEFT JOIN dumps d ON d.session = x.session
    )
    SELECT x.lead_no AS sql_no, n.source AS database_source, x.start_us, x.end_us,
        x.time_step_us AS step_us, x.trace_uid,
        n.source || ' ' || coalesce(x.database_user_name, '') || ' ' || coalesce(x.application, '')
            || ' ' || coalesce(x.src_endpoint_ip, r.src_endpoint_ip, '') AS client,
        lower(coalesce(x.database_user_name, '')) AS user_name,
        lower(coalesce(x.application, '')) AS application,
        trim(regexp_replace(
            regexp_replace(CASE
                WHEN x.is_mysql = 1 THEN replace(lower(substring(x.text, 1, 1000)), '"', '''')
                ELSE lower(substring(coalesce(x.text, ''), 1, 1000))
            END, '/\*.*?\*/|\s+', ' ', 'g'),
            '(''|\$[0-9]|\b[0-9]).*$', '', 'g'
        )) AS stem
    FROM known x
    JOIN record_numbers n ON n.record_no = x.lead_no
    JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
    WHERE x.runs = 1
    """,
)

#: One row per request x database log: its window on that database's clock, ``lo`` to ``hi`` with the slack,
#: and its far parts.
WINDOWS = Station(
    "request_windows",
    f"""
    WITH neighbours AS (
        SELECT lead_no,
            time_us - lag(time_us, {_PASSED}) OVER (PARTITION BY source ORDER BY time_us, lead_no)
                AS since_us,
            lead(time_us, {_PASSED}) OVER (PARTITION BY source ORDER BY time_us, lead_no) - time_us
                AS until_us
        FROM request_leads
    ),
    laid AS (
        SELECT q.lead_no AS request_no, k.database_source,
            CASE WHEN q.duration_us IS NULL AND k.stamps_start = 0 THEN 0 ELSE 1 END AS timed,
            k.slack_us, k.database_step_us, q.time_us + k.skew_us AS time_us,
            q.time_us + k.skew_us - CASE
                WHEN k.stamps_start = 1 THEN 0
                ELSE coalesce(q.duration_us, k.lookback_us) + CASE WHEN q.duration_us IS NULL THEN 0
                    ELSE least(q.time_step_us, 1000) END
            END AS first_us,
            q.time_us + k.skew_us + q.time_step_us + CASE
                WHEN k.stamps_start = 1 THEN coalesce(q.duration_us, k.lookback_us) ELSE 0
            END AS last_us,
            least(coalesce(b.since_us, {_FAR_US}),
                CASE WHEN k.stamps_start = 1 THEN {_FAR_ON_US} ELSE {_FAR_US} END) AS back_us,
            least(coalesce(b.until_us, {_FAR_US}),
                CASE WHEN k.stamps_start = 1 THEN {_FAR_US} ELSE {_FAR_ON_US} END) AS on_us
        FROM request_leads q
        JOIN neighbours b ON b.lead_no = q.lead_no
        JOIN clocks k ON k.web_source = q.source
    ),
    wide AS (
        SELECT request_no, database_source, timed, first_us, last_us,
            first_us - slack_us AS lo_us, last_us + slack_us AS hi_us,
            least(first_us - slack_us, time_us - back_us) - database_step_us AS far_lo_us,
            greatest(last_us + slack_us, time_us + on_us) AS far_hi_us
        FROM laid
    )
    SELECT request_no, database_source, timed, first_us, last_us, lo_us, hi_us, far_lo_us, far_hi_us,
        {_LEVEL_SQL} ELSE {_LEVELS - 1} END AS level
    FROM wide
    """,
)

#: One row per window x bucket it touches.
BUCKETS = Station(
    "window_buckets",
    f"""
    WITH widths AS (SELECT level, width_us FROM (VALUES {_WIDTH_ROWS}) AS w(level, width_us))
    SELECT q.database_source, q.timed, q.level, q.far_lo_us // w.width_us AS bucket,
        q.request_no, q.first_us, q.last_us, q.lo_us, q.hi_us, q.far_lo_us, q.far_hi_us
    FROM request_windows q JOIN widths w ON w.level = q.level
    UNION ALL
    SELECT q.database_source, q.timed, q.level, q.far_hi_us // w.width_us AS bucket,
        q.request_no, q.first_us, q.last_us, q.lo_us, q.hi_us, q.far_lo_us, q.far_hi_us
    FROM request_windows q JOIN widths w ON w.level = q.level
    WHERE q.far_hi_us // w.width_us > q.far_lo_us // w.width_us
    """,
)

#: Where each moment of a statement is looked for: its start in timed windows, its end in others.
PLACED = f"""
    used AS (
        SELECT l.database_source, l.timed, l.level, w.width_us
        FROM (SELECT DISTINCT database_source, timed, level FROM window_buckets) l
        JOIN (VALUES {_WIDTH_ROWS}) AS w(level, width_us) ON w.level = l.level
    )
"""

#: One row per database log x stretch in which, or beside which, requests were logged.
ALIVE = Station(
    "alive_stretches",
    f"""
    SELECT DISTINCT q.database_source, q.stretch + d.beside AS stretch
    FROM (SELECT DISTINCT database_source, first_us // {_ALIVE_US} AS stretch FROM request_windows) q
    CROSS JOIN (VALUES (-1), (0), (1)) AS d(beside)
    """,
)

#: One row per client: how many of a sample of its statements fall into windows, at their time and beside it,
#: of those at which requests were logged.
CLIENTS = Station(
    "database_clients",
    f"""
    WITH {PLACED},
    sampled AS (
        SELECT sql_no, client, user_name, application, database_source, start_us, end_us, step_us
        FROM (
            SELECT sql_no, client, user_name, application, database_source, start_us, end_us, step_us,
                row_number() OVER (PARTITION BY client ORDER BY sql_no) AS place,
                count(*) OVER (PARTITION BY client) AS statements
            FROM cause_statements
        ) AS numbered
        WHERE place % (1 + statements // {_SAMPLE}) = 0
    ),
    shifted AS (
        SELECT s.sql_no, s.client, s.database_source, d.shift_us, s.start_us + d.shift_us AS start_us,
            s.end_us + d.shift_us AS end_us, s.step_us
        FROM sampled s
        CROSS JOIN (VALUES {_SHIFT_ROWS}) AS d(shift_us)
        JOIN alive_stretches a ON a.database_source = s.database_source
            AND a.stretch = (s.start_us + d.shift_us) // {_ALIVE_US}
    ),
    moments AS (
        SELECT p.sql_no, p.client, p.database_source, p.shift_us, p.step_us, u.timed, u.level, u.width_us,
            CASE WHEN u.timed = 1 THEN p.start_us ELSE p.end_us END AS moment_us
        FROM shifted p
        JOIN used u ON u.database_source = p.database_source
    ),
    found AS (
        SELECT DISTINCT p.sql_no, p.client, p.shift_us
        FROM moments p
        JOIN window_buckets b ON b.database_source = p.database_source AND b.timed = p.timed
            AND b.level = p.level AND b.bucket = p.moment_us // p.width_us
        WHERE p.moment_us <= b.hi_us AND p.moment_us + p.step_us >= b.lo_us
    ),
    counted AS (
        SELECT p.client, sum(CASE WHEN p.shift_us = 0 THEN 1 ELSE 0 END) AS statements,
            sum(CASE WHEN p.shift_us = 0 AND f.sql_no IS NOT NULL THEN 1 ELSE 0 END) AS inside,
            sum(CASE WHEN p.shift_us <> 0 THEN 1 ELSE 0 END) AS shifted,
            sum(CASE WHEN p.shift_us <> 0 AND f.sql_no IS NOT NULL THEN 1 ELSE 0 END) AS beside
        FROM shifted p
        LEFT JOIN found f ON f.sql_no = p.sql_no AND f.shift_us = p.shift_us
        GROUP BY p.client
    )
    SELECT s.client, s.user_name, s.application, coalesce(c.statements, 0) AS statements,
        coalesce(c.inside, 0) AS inside,
        coalesce(c.beside, 0) * 1.0 / greatest(coalesce(c.shifted, 0), 1) AS chance
    FROM (
        SELECT client, max(user_name) AS user_name, max(application) AS application
        FROM sampled GROUP BY client
    ) AS s
    LEFT JOIN counted c ON c.client = s.client
    """,
)

#: One row per client whose statements requests may have run. Above a chance of 0.9 time tells nothing; of few
#: statements, it tells which of the two is likelier.
WEB_CLIENTS = Station(
    "web_clients",
    f"""
    SELECT c.client, c.chance
    FROM database_clients c
    LEFT JOIN known_clients pooled ON pooled.kind = 'pooled' AND pooled.name = c.user_name
    LEFT JOIN known_clients machine ON machine.kind = 'machine' AND machine.name = c.user_name
    LEFT JOIN known_clients tool ON tool.kind = 'tool'
        AND tool.name = regexp_extract(c.application, '^[a-z_]+', 0)
    WHERE machine.name IS NULL AND tool.name IS NULL AND (
        pooled.name IS NOT NULL
        OR (c.inside * 2 >= c.statements AND (
            c.chance > 0.9
            OR c.inside >= c.statements * c.chance + 3 * sqrt(c.statements * c.chance * (1 - c.chance))
                + CASE WHEN c.chance > 0 THEN 1 ELSE 0 END
            OR c.inside * ln({_WEB_INSIDE} / greatest(c.chance, 0.01))
                + (c.statements - c.inside) * ln((1 - {_WEB_INSIDE}) / (1 - c.chance)) > 0
        ))
    )
    """,
)


def write_windows(workspace: Workspace) -> None:
    """Write ``cause_statements``, ``request_windows``, ``window_buckets`` and ``web_clients``."""
    store = workspace.store
    _write_known(workspace)
    for station in (STATEMENTS, WINDOWS, BUCKETS, ALIVE, CLIENTS, WEB_CLIENTS):
        store.run(station)


def _write_known(workspace: Workspace) -> None:
    accounts = workspace.datamap.accounts
    pooled = {name.lower() for name in accounts.pooled}
    machines = {name.lower() for name in accounts.machines} - pooled
    rows = [("tool", name) for name in _TOOLS]
    rows += [("pooled", name) for name in sorted(pooled)] + [("machine", name) for name in sorted(machines)]
    columns = [list(column) for column in zip(*rows, strict=True)]
    _keep(workspace.store, pa.table(columns, schema=_KNOWN))


def _keep(store: Store, known: pa.Table) -> None:
    store.write_as("known_clients", known)
