"""Causes: which request ran which statement, how surely, and from what.

Time gives each statement its candidates (``windows``). Among them it is weighed

- how often requests of the candidate's route run statements of this stem, learned from all statements at
  once: each is shared out among its candidates, rates are counted from the shares, and the shares follow
  the rates again, a few times over (expectation maximisation); of a stem too rare to learn from, each
  statement is weighed as if it were its candidate's;
- whether values of the request (or its user's name) stand in the statement, by how rare they are;
- that the true request may be none of them (its line lost, or the statement the application's own); of a
  statement outside every window, this is what its far candidates are weighed against.

A trace identifier that stands in both settles it. Every candidate is kept but those a hundred times less
likely than the best, so an ambiguous statement has several rows whose confidences add up to one at most.
"""

from __future__ import annotations

from ashiato.engine.events.telling import VALUE_STATIONS
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import CAUSES

_ROUNDS = 4
_NOBODY = 0.02
_NEGLIGIBLE = 0.01
_RARE_RUNS = 8
_LEAST = 0.0001
_TELLING_BITS = 3.0
_TRACE = r"(?:traceparent|trace_?id|request_?id|x-request-id)[\"'']?\s*[=:]\s*[\"'']?(?:00-)?([0-9a-z-]{8,})"

#: One row per request: its route.
ROUTES = Station(
    "request_routes",
    """
    WITH named AS (
        SELECT q.lead_no AS request_no, g.target_no,
            coalesce(q.http_request_method, '') || ' ' || t.template AS route,
            q.actor_user_name
        FROM (
            SELECT q.lead_no, q.http_request_method, q.http_request_path, q.http_request_query,
                coalesce(a.actor_user_name, q.actor_user_name) AS actor_user_name
            FROM request_leads q
            LEFT JOIN request_actors a ON a.lead_no = q.lead_no
        ) AS q
        JOIN request_targets g ON coalesce(g.path, '') = coalesce(q.http_request_path, '')
            AND coalesce(g.query, '?') = coalesce(q.http_request_query, '?')
        JOIN target_templates t ON t.target_no = g.target_no
    ),
    routes AS (
        SELECT route, min(request_no) AS route_no, count(*) AS requests FROM named GROUP BY route
    )
    SELECT n.request_no, n.target_no, r.route_no, r.requests, n.actor_user_name
    FROM named n
    JOIN routes r ON r.route = n.route
    """,
)

#: One row per statement x candidate: all that is weighed but the learned rates.
PAIRS = Station(
    "cause_pairs",
    f"""
    WITH stems AS (
        SELECT client, stem, min(sql_no) AS stem_no,
            CASE WHEN count(*) <= {_RARE_RUNS} THEN 1 ELSE 0 END AS rare
        FROM cause_statements GROUP BY client, stem
    ),
    matched AS (
        SELECT c.sql_no, c.request_no, sum(greatest(v.bits - coalesce(l.bits, 0), 0)) AS bits
        FROM cause_candidates c
        JOIN request_values v ON v.request_no = c.request_no
        JOIN statement_words w ON w.sql_no = c.sql_no
        LEFT JOIN statement_lists l ON l.sql_no = c.sql_no
        WHERE strpos(CASE WHEN v.is_number THEN w.own_values ELSE w.words END, ' ' || v.token || ' ') > 0
        GROUP BY c.sql_no, c.request_no
    )
    SELECT c.sql_no, c.request_no, t.stem_no, t.rare, r.route_no, r.requests,
        coalesce(m.bits, 0) AS bits,
        CASE WHEN coalesce(m.bits, 0) >= {_TELLING_BITS} THEN 1.0 ELSE 0.0 END AS telling,
        c.fit,
        coalesce(
            max(CASE WHEN c.near = 1 THEN c.fit END) OVER (PARTITION BY c.sql_no),
            max(c.most_fit) OVER (PARTITION BY c.sql_no)
        ) AS nobody_fit,
        round(c.fit / sum(c.fit) OVER (PARTITION BY c.sql_no), 9) AS share,
        sum(c.near) OVER (PARTITION BY c.sql_no) AS candidates
    FROM cause_candidates c
    JOIN cause_statements s ON s.sql_no = c.sql_no
    JOIN stems t ON t.client = s.client AND t.stem = s.stem
    JOIN request_routes r ON r.request_no = c.request_no
    LEFT JOIN matched m ON m.sql_no = c.sql_no AND m.request_no = c.request_no
    """,
)


def _round(number: int) -> Station:
    # Shares are summed as decimals: sums of floats differ with the order of the rows.
    before = "cause_pairs" if number == 1 else f"cause_shares_{number - 1}"
    return Station(
        f"cause_shares_{number}",
        f"""
        WITH rates AS (
            SELECT stem_no, route_no, runs, runs / (requests + 1.0) AS rate,
                least(0.98, (told + 1.0) / (runs + 2.0)) AS tells
            FROM (
                SELECT stem_no, route_no, max(requests) AS requests,
                    CAST(sum(CAST(share AS DECIMAL(18, 9))) AS DOUBLE) AS runs,
                    CAST(sum(CAST(share * telling AS DECIMAL(18, 9))) AS DOUBLE) AS told
                FROM {before}
                GROUP BY stem_no, route_no
            ) AS summed
        ),
        usual AS (
            SELECT stem_no, sum(runs * rate) / sum(runs) AS rate FROM rates GROUP BY stem_no
        ),
        weighed AS (
            SELECT p.sql_no, p.request_no, p.stem_no, p.rare, p.route_no, p.requests, p.bits, p.telling,
                p.fit, p.nobody_fit, p.candidates, u.rate AS usual_rate,
                p.fit * CASE WHEN p.rare = 1 THEN (r.runs - p.share + 1.0) / (p.requests + 1.0)
                    ELSE r.rate END
                    * CASE WHEN p.telling > 0 THEN r.tells * power(2.0, p.bits)
                    ELSE 1.0 - r.tells END AS weight
            FROM {before} p
            JOIN rates r ON r.stem_no = p.stem_no AND r.route_no = p.route_no
            JOIN usual u ON u.stem_no = p.stem_no
        )
        SELECT sql_no, request_no, stem_no, rare, route_no, requests, bits, telling, fit, nobody_fit,
            candidates,
            round(weight / (sum(weight) OVER (PARTITION BY sql_no)
                + {_NOBODY} * usual_rate * nobody_fit), 9) AS share
        FROM weighed
        """,
    )


#: One row per statement x request that bear the same trace identifier.
TRACED = Station(
    "cause_traces",
    f"""
    WITH told AS (
        SELECT s.sql_no, lower(coalesce(
            s.trace_uid, nullif(regexp_extract(lower(x.text), '{_TRACE}', 1), '')
        )) AS trace
        FROM cause_statements s
        JOIN executions x ON x.lead_no = s.sql_no
        WHERE s.trace_uid IS NOT NULL OR x.text LIKE '%/*%'
    ),
    asked AS (
        SELECT lead_no AS request_no, lower(trace_uid) AS trace FROM request_leads WHERE trace_uid IS NOT NULL
    )
    SELECT t.sql_no, a.request_no, count(*) OVER (PARTITION BY t.sql_no) AS candidates
    FROM told t
    JOIN asked a ON a.trace = t.trace
        OR (length(t.trace) >= 32 AND substring(a.trace, 1, 32) = substring(t.trace, 1, 32))
    """,
)

#: The causes, by event numbers.
ALL_CAUSES = Station(
    "causes",
    f"""
    WITH found AS (
        SELECT sql_no, request_no, 1.0 / candidates AS confidence, 'trace' AS how, candidates
        FROM cause_traces
        UNION ALL
        SELECT p.sql_no, p.request_no, p.share AS confidence,
            CASE WHEN p.candidates = 0 THEN 'far-time' WHEN p.candidates > 1 THEN 'time+route'
                    ELSE 'time' END
                || CASE WHEN p.telling > 0 THEN '+value' ELSE '' END AS how,
            greatest(p.candidates, count(*) OVER (PARTITION BY p.sql_no)
                + CASE WHEN p.candidates = 0 THEN 1 ELSE 0 END) AS candidates
        FROM (
            SELECT sql_no, request_no, share, telling, candidates,
                max(share) OVER (PARTITION BY sql_no) AS best
            FROM cause_shares_{_ROUNDS}
        ) AS p
        LEFT JOIN (SELECT DISTINCT sql_no FROM cause_traces) t ON t.sql_no = p.sql_no
        WHERE t.sql_no IS NULL AND round(p.share, 6) >= {_NEGLIGIBLE} * round(p.best, 6)
            AND round(p.share, 6) >= {_LEAST}
    )
    SELECT s.event_id AS sql_event_id, q.event_id AS http_event_id,
        round(f.confidence, 6) AS confidence, f.how, f.candidates
    FROM found f
    JOIN event_spans s ON s.lead_no = f.sql_no
    JOIN event_spans q ON q.lead_no = f.request_no
    """,
    writes=CAUSES,
)


def write_causes(store: Store) -> None:
    """Write ``causes`` from the candidates of each statement."""
    for station in (
        ROUTES,
        *VALUE_STATIONS,
        PAIRS,
        *map(_round, range(1, _ROUNDS + 1)),
        TRACED,
        ALL_CAUSES,
    ):
        store.run(station)
