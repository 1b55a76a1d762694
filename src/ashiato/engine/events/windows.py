"""Which requests were being answered when a statement started: time alone.

A request's *window* is the stretch of the database's clock in which it was answered. Windows are laid into
buckets as wide as themselves or wider (levels, each four times the one before), so that each touches at
most two and the join of windows and statements is one of equal keys, however long a request took. Where a
log gives no durations, the statement's end is looked for shortly before the request's, instead of its start.

Clients of the database whose statements fall into windows no oftener than they would at other times are not
the web application's; their statements are not looked at further.
"""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.store import Station, Store
from ashiato.engine.workspace import Workspace

_FINEST_US = 250_000
_LEVELS = 11
_SAMPLE = 2_000
# How much less likely a moment within the slack at a window's edges is than one inside.
_OUTSIDE = 0.05
_SHORTEST_US = 10_000
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
    f"WHEN hi_us - lo_us <= {width} THEN {level}" for level, width in enumerate(_WIDTHS)
)
_WIDTH_ROWS = ", ".join(f"({level}, {width})" for level, width in enumerate(_WIDTHS))
_SHIFT_ROWS = ", ".join(f"({shift})" for shift in _SHIFTS_US)

#: One row per execution: who ran it, when, and its stem (the text up to the first value in it).
STATEMENTS = Station(
    "cause_statements",
    r"""
    SELECT x.lead_no AS sql_no, n.source AS database_source, x.start_us, x.end_us, x.trace_uid,
        n.source || ' ' || coalesce(x.database_user_name, '') || ' ' || coalesce(x.database_application, '')
            || ' ' || coalesce(r.src_endpoint_ip, '') AS client,
        lower(coalesce(x.database_user_name, '')) AS user_name,
        lower(coalesce(x.database_application, '')) AS application,
        trim(regexp_replace(
            regexp_replace(lower(substring(coalesce(x.text, ''), 1, 1000)), '/\*.*?\*/|\s+', ' ', 'g'),
            '(''|\$[0-9]|\b[0-9]).*$', '', 'g'
        )) AS stem
    FROM executions x
    JOIN record_numbers n ON n.record_no = x.lead_no
    JOIN records r ON r.evidence_id = n.evidence_id AND r.line_first = n.line_first
    WHERE x.runs = 1
    """,
)

#: One row per request x database log: its window on that database's clock.
WINDOWS = Station(
    "request_windows",
    f"""
    WITH laid AS (
        SELECT q.lead_no AS request_no, k.database_source,
            CASE WHEN q.duration_us IS NULL AND k.stamps_start = 0 THEN 0 ELSE 1 END AS timed,
            k.slack_us,
            q.time_us + k.skew_us - CASE
                WHEN k.stamps_start = 1 THEN 0
                ELSE coalesce(q.duration_us, k.lookback_us) + CASE WHEN q.duration_us IS NULL THEN 0
                    ELSE least(q.time_step_us, 1000) END
            END AS first_us,
            q.time_us + k.skew_us + q.time_step_us + CASE
                WHEN k.stamps_start = 1 THEN coalesce(q.duration_us, k.lookback_us) ELSE 0
            END AS last_us
        FROM request_leads q
        JOIN clocks k ON k.web_source = q.source
    ),
    wide AS (
        SELECT request_no, database_source, timed, first_us, last_us,
            first_us - slack_us AS lo_us, last_us + slack_us AS hi_us
        FROM laid
    )
    SELECT request_no, database_source, timed, first_us, last_us, lo_us, hi_us,
        {_LEVEL_SQL} ELSE {_LEVELS - 1} END AS level
    FROM wide
    """,
)

#: One row per window x bucket it touches.
BUCKETS = Station(
    "window_buckets",
    f"""
    WITH widths AS (SELECT level, width_us FROM (VALUES {_WIDTH_ROWS}) AS w(level, width_us))
    SELECT q.database_source, q.timed, q.level, q.lo_us // w.width_us AS bucket,
        q.request_no, q.first_us, q.last_us, q.lo_us, q.hi_us
    FROM request_windows q JOIN widths w ON w.level = q.level
    UNION ALL
    SELECT q.database_source, q.timed, q.level, q.hi_us // w.width_us AS bucket,
        q.request_no, q.first_us, q.last_us, q.lo_us, q.hi_us
    FROM request_windows q JOIN widths w ON w.level = q.level
    WHERE q.hi_us // w.width_us > q.lo_us // w.width_us
    """,
)

# Where each moment of a statement is looked for: its start in timed windows, its end in others.
_PLACED = f"""
    used AS (
        SELECT l.database_source, l.timed, l.level, w.width_us
        FROM (SELECT DISTINCT database_source, timed, level FROM window_buckets) l
        JOIN (VALUES {_WIDTH_ROWS}) AS w(level, width_us) ON w.level = l.level
    )
"""

#: One row per client: how many of a sample of its statements fall into windows, at their time and beside it.
CLIENTS = Station(
    "database_clients",
    f"""
    WITH {_PLACED},
    sampled AS (
        SELECT sql_no, client, user_name, application, database_source, start_us, end_us
        FROM (
            SELECT sql_no, client, user_name, application, database_source, start_us, end_us,
                row_number() OVER (PARTITION BY client ORDER BY sql_no) AS place,
                count(*) OVER (PARTITION BY client) AS statements
            FROM cause_statements
        ) AS numbered
        WHERE place % (1 + statements // {_SAMPLE}) = 0
    ),
    shifted AS (
        SELECT s.sql_no, s.client, s.database_source, d.shift_us, u.timed, u.level, u.width_us,
            CASE WHEN u.timed = 1 THEN s.start_us ELSE s.end_us END + d.shift_us AS moment_us
        FROM sampled s
        JOIN used u ON u.database_source = s.database_source
        CROSS JOIN (VALUES {_SHIFT_ROWS}) AS d(shift_us)
    ),
    found AS (
        SELECT DISTINCT p.sql_no, p.client, p.shift_us
        FROM shifted p
        JOIN window_buckets b ON b.database_source = p.database_source AND b.timed = p.timed
            AND b.level = p.level AND b.bucket = p.moment_us // p.width_us
        WHERE p.moment_us BETWEEN b.lo_us AND b.hi_us
    ),
    counted AS (
        SELECT client, sum(CASE WHEN shift_us = 0 THEN 1 ELSE 0 END) AS inside,
            sum(CASE WHEN shift_us = 0 THEN 0 ELSE 1 END) AS beside
        FROM found
        GROUP BY client
    )
    SELECT s.client, max(s.user_name) AS user_name, max(s.application) AS application,
        count(*) AS statements, coalesce(max(c.inside), 0) AS inside,
        coalesce(max(c.beside), 0) * 1.0 / (count(*) * {len(_SHIFTS_US) - 1}) AS chance
    FROM sampled s
    LEFT JOIN counted c ON c.client = s.client
    GROUP BY s.client
    """,
)

#: One row per client whose statements requests may have run. Above a chance of 0.9 time tells nothing.
WEB_CLIENTS = Station(
    "web_clients",
    """
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
        ))
    )
    """,
)

#: One row per statement x request whose window holds it; ``fit`` is how likely its moment is, the surer the
#: shorter the window.
CANDIDATES = Station(
    "cause_candidates",
    f"""
    WITH {_PLACED},
    placed AS (
        SELECT s.sql_no, s.database_source, u.timed, u.level, u.width_us,
            CASE WHEN u.timed = 1 THEN s.start_us ELSE s.end_us END AS moment_us
        FROM cause_statements s
        JOIN web_clients c ON c.client = s.client
        JOIN used u ON u.database_source = s.database_source
    )
    SELECT p.sql_no, b.request_no,
        CASE WHEN p.moment_us BETWEEN b.first_us AND b.last_us THEN 1.0 ELSE {_OUTSIDE} END
            / greatest(b.last_us - b.first_us, {_SHORTEST_US}) AS fit
    FROM placed p
    JOIN window_buckets b ON b.database_source = p.database_source AND b.timed = p.timed
        AND b.level = p.level AND b.bucket = p.moment_us // p.width_us
    WHERE p.moment_us BETWEEN b.lo_us AND b.hi_us
    """,
)


def find_candidates(workspace: Workspace) -> None:
    """Write ``cause_candidates`` and the tables it rests on."""
    store = workspace.store
    _write_known(workspace)
    for station in (STATEMENTS, WINDOWS, BUCKETS, CLIENTS, WEB_CLIENTS, CANDIDATES):
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
