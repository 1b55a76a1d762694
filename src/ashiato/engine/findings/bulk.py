"""Finds database connections of their own (no web request behind them) that read in bulk for once only."""

from __future__ import annotations

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# Below a thousand rows a look by hand by an administrator is as likely.
_ROWS = 1000
_DAY_US = 86_400_000_000
# An application's own user that suddenly comes from another place of the internet need not read much: ten
# statements are more than a connection test.
_STATEMENTS = 10
_NEAR = r"^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|127\.|::1$|[fF][cCdD]|[fF][eE]80|\?$|-$|\[local\]$)"
# What mysqldump and mariadb-dump write, of a table or, with --where, of as much of it as was wanted.
_DUMPED = "SELECT /*!40001 SQL_NO_CACHE */ %"
_LOCAL = r"^(?:127\.|::1$|\?$|-$|\[local\]$)"

#: One row per database connection that no web request explains: who, from where, what it read.
_CONNECTIONS = Station(
    "finding_connections",
    f"""
    SELECT v.visit, v.account, COALESCE(v.address, '?') AS address, COALESCE(v.agent, '-') AS agent,
           MIN(q.start_us) AS first_us, MIN(q.start_us) // {_DAY_US} AS day,
           SUM(COALESCE(q.query_rows, 0)) AS rows_read, COUNT(*) AS statements,
           COUNT(DISTINCT q.query_shape) AS shapes,
           SUM(CASE WHEN regexp_matches(COALESCE(q.query_shape, ''), '^copy .* to (?:stdout|program|\\?)')
                    OR (regexp_matches(COALESCE(q.query_shape, ''), '^select (?:\\* |.* )from ')
                        AND NOT regexp_matches(q.query_shape, ' (?:where|limit|join|group by) ')
                        AND NOT regexp_matches(q.query_shape, 'pg_catalog|information_schema|^select count')
                        AND COALESCE(q.query_rows, {_ROWS}) >= {_ROWS})
                    OR (q.query_text LIKE '{_DUMPED}' AND COALESCE(q.query_rows, {_ROWS}) >= {_ROWS})
                    THEN 1 ELSE 0 END) AS whole_reads
    FROM visits AS v JOIN finding_statements AS q ON q.event_id = v.event_id
    WHERE v.visit LIKE 'd:%'
    GROUP BY v.visit, v.account, v.address, v.agent
    """,
)

#: One row per database user x place (address and program) it connects from, web requests' pools included.
_PLACES = Station(
    "finding_database_places",
    f"""
    SELECT database_user_name AS account, COALESCE(src_endpoint_ip, '?') AS address,
           COALESCE(database_application, '-') AS agent, COUNT(*) AS statements,
           COUNT(DISTINCT start_us // {_DAY_US}) AS days
    FROM finding_statements
    GROUP BY database_user_name, COALESCE(src_endpoint_ip, '?'), COALESCE(database_application, '-')
    """,
)

#: One row per connection that read whole tables from a place used on one day only, with how far the place
#: is from the user's usual ones; from the open internet also one that read less, or came on some days of the
#: user's many. A user that only this place knows comes from elsewhere when nobody else connects from there;
#: near the database, the log must be long enough to show what recurs.
_READERS = Station(
    "finding_bulk_readers",
    f"""
    WITH usual AS (
        SELECT p.account, p.address, p.agent,
               SUM(CASE WHEN o.address <> p.address OR o.agent <> p.agent THEN 1 ELSE 0 END) AS other_places,
               SUM(CASE WHEN o.address = p.address AND o.agent <> p.agent THEN 1 ELSE 0 END) AS same_address,
               MAX(CASE WHEN o.address = p.address AND o.agent = p.agent THEN o.days END) AS days,
               MAX(o.days) AS user_days
        FROM finding_database_places AS p
        JOIN finding_database_places AS o ON o.account = p.account
         AND (o.statements >= p.statements OR o.days > 1 OR (o.address = p.address AND o.agent = p.agent))
        GROUP BY p.account, p.address, p.agent
    ), hosts AS (
        SELECT address, COUNT(DISTINCT account) AS users FROM finding_database_places GROUP BY address
    ), logged AS (
        SELECT COUNT(DISTINCT start_us // {_DAY_US}) AS days, COUNT(DISTINCT database_user_name) AS users
        FROM finding_statements
    ), placed AS (
        SELECT c.*, u.days, u.user_days,
               CASE WHEN regexp_matches(c.address, '{_NEAR}') THEN 0 ELSE 1 END AS is_far,
               CASE WHEN u.other_places > 0 AND u.same_address = 0 THEN 1
                    WHEN u.other_places = 0 AND h.users = 1 AND l.users > 1
                     AND NOT regexp_matches(c.address, '{_LOCAL}')
                     AND (l.days > 2 OR NOT regexp_matches(c.address, '{_NEAR}')) THEN 1
                    ELSE 0 END AS from_elsewhere,
               CASE WHEN u.other_places > 0 THEN 1 ELSE 0 END AS by_other_program
        FROM finding_connections AS c
        JOIN usual AS u ON u.account = c.account AND u.address = c.address AND u.agent = c.agent
        JOIN hosts AS h ON h.address = c.address
        CROSS JOIN logged AS l
    )
    SELECT c.* FROM placed AS c
    LEFT JOIN finding_known AS k ON k.kind = 'machine' AND k.value IN (c.account, c.address, c.agent)
    WHERE k.value IS NULL
      AND (((c.rows_read >= {_ROWS} OR c.whole_reads > 0)
            AND (c.days = 1 OR (c.from_elsewhere = 1 AND c.is_far = 1 AND c.days * 2 <= c.user_days)))
           OR (c.from_elsewhere = 1 AND c.is_far = 1 AND c.by_other_program = 1
               AND c.statements >= {_STATEMENTS} AND c.days * 2 <= c.user_days))
    """,
)

_FOUND = Station(
    "found_bulk",
    f"""
    SELECT 'bulk-read-for-once' AS rule, 'behaviour' AS rule_kind, 'T1213.006' AS technique,
           account || '|' || address || '|' || agent AS key,
           CASE WHEN from_elsewhere = 1 THEN 'high' WHEN by_other_program = 1 THEN 'medium' ELSE 'low' END
               AS level,
           CASE WHEN from_elsewhere = 1 THEN 0.85 WHEN by_other_program = 1 THEN 0.5 ELSE 0.3 END AS
               certainty,
           'database_user' AS actor_kind, account AS actor,
           GREATEST(SUM(rows_read), SUM(whole_reads)) AS observed, 0 AS expected,
           'whole-tables-read(user=' || {plain("account")} || ',program=' || {plain("agent")}
               || ',address=' || {plain("address")} || ',rows='
               || CAST(CAST(SUM(rows_read) AS BIGINT) AS VARCHAR) || ',whole-reads=' ||
                   CAST(CAST(SUM(whole_reads) AS BIGINT) AS VARCHAR)
               || ',new-address=' || CAST(from_elsewhere AS VARCHAR) || ',days-like-it=' || CAST(days AS
                   VARCHAR) || ')' AS why
    FROM finding_bulk_readers
    GROUP BY account, address, agent, days, from_elsewhere, by_other_program
    """,
)

_EVENTS = Station(
    "found_bulk_events",
    """
    SELECT b.account || '|' || b.address || '|' || b.agent AS key, v.event_id
    FROM finding_bulk_readers AS b JOIN visits AS v ON v.visit = b.visit
    """,
)

STATIONS = (_CONNECTIONS, _PLACES, _READERS, _FOUND, _EVENTS)
