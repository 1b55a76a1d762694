"""Finds database connections of their own (no web request behind them) that read in bulk for once only."""

from __future__ import annotations

from ashiato.engine.store import Station

# Below a thousand rows a look by hand by an administrator is as likely.
_ROWS = 1000
_DAY_US = 86_400_000_000

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
                    THEN 1 ELSE 0 END) AS whole_reads
    FROM visits AS v JOIN finding_statements AS q ON q.event_id = v.event_id
    WHERE v.visit LIKE 'd:%'
    GROUP BY v.visit, v.account, v.address, v.agent
    """,
)

#: One row per connection that read whole tables, with the days on which the like of it happened.
_READERS = Station(
    "finding_bulk_readers",
    f"""
    WITH like_it AS (
        SELECT account, address, agent, COUNT(DISTINCT day) AS days, COUNT(*) AS connections
        FROM finding_connections GROUP BY account, address, agent
    ), users AS (
        SELECT account, COUNT(*) AS connections, COUNT(DISTINCT address) AS addresses,
               COUNT(DISTINCT agent) AS agents
        FROM finding_connections GROUP BY account
    )
    SELECT c.*, l.days, u.connections AS of_user, u.addresses, u.agents
    FROM finding_connections AS c
    JOIN like_it AS l ON l.account = c.account AND l.address = c.address AND l.agent = c.agent
    JOIN users AS u ON u.account = c.account
    LEFT JOIN finding_known AS k ON k.kind = 'machine' AND k.value IN (c.account, c.address, c.agent)
    WHERE (c.rows_read >= {_ROWS} OR c.whole_reads > 0) AND l.days = 1 AND k.value IS NULL
    """,
)

_FOUND = Station(
    "found_bulk",
    """
    SELECT 'bulk-read-for-once' AS rule, 'behaviour' AS rule_kind, 'T1213.006' AS technique,
           account || '|' || address || '|' || agent AS key, 'medium' AS level,
           CASE WHEN addresses > 1 AND agents > 1 AND of_user >= 3 THEN 0.8
                WHEN addresses > 1 OR agents > 1 THEN 0.6 ELSE 0.4 END AS certainty,
           'database_user' AS actor_kind, account AS actor,
           GREATEST(SUM(rows_read), SUM(whole_reads)) AS observed, 0 AS expected,
           'whole-tables-read(user=' || account || ',program=' || agent || ',address=' || address || ',rows='
               || CAST(CAST(SUM(rows_read) AS BIGINT) AS VARCHAR) || ',whole-reads=' ||
                   CAST(CAST(SUM(whole_reads) AS BIGINT) AS VARCHAR)
               || ',days-like-it=' || CAST(days AS VARCHAR) || ')' AS why
    FROM finding_bulk_readers
    GROUP BY account, address, agent, days, of_user, addresses, agents
    """,
)

_EVENTS = Station(
    "found_bulk_events",
    """
    SELECT b.account || '|' || b.address || '|' || b.agent AS key, v.event_id
    FROM finding_bulk_readers AS b JOIN visits AS v ON v.visit = b.visit
    """,
)

STATIONS = (_CONNECTIONS, _READERS, _FOUND, _EVENTS)
