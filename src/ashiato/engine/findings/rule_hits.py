"""Makes findings of the Sigma rules' hits: one per rule and visit, with every event it fired on."""

from __future__ import annotations

from ashiato.engine.findings.host_events import HOST_TABLE
from ashiato.engine.findings.rule_matches import RULE_TABLES
from ashiato.engine.store import Station

#: One row per call of a cloud's interface, with all its columns.
API_CALLS = Station("finding_api_calls", "SELECT e.* FROM events AS e WHERE e.event_kind = 'api'")

#: One row per statement: the visit that brought it about (its likeliest request's), else its connection.
STATEMENT_VISITS = Station(
    "finding_statement_visits",
    """
    SELECT q.event_id, COALESCE(v.visit, 'd:' || q.database_session_uid, 'd:?') AS visit
    FROM finding_statements AS q
    LEFT JOIN (
        SELECT a.sql_event_id, a.http_event_id,
               ROW_NUMBER() OVER (
                   PARTITION BY a.sql_event_id
                   ORDER BY a.confidence DESC, CASE WHEN r.has_syntax THEN 0 ELSE 1 END, a.http_event_id
               ) AS nth
        FROM causes AS a JOIN finding_requests AS r ON r.event_id = a.http_event_id
    ) AS c ON c.sql_event_id = q.event_id AND c.nth = 1
    LEFT JOIN visits AS v ON v.event_id = c.http_event_id
    """,
)

# A request that met "not found" or another refusal did nothing here: a knock, whatever its text. So is one
# that three or more addresses send to the letter: such knockers go from site to site.
_REQUEST_EFFECT = "COALESCE(r.http_response_code, 0) NOT BETWEEN 400 AND 499 AND r.target_askers <= 2"
# Fewer requests than this, with no other sign beside them, may be a curious visitor or a stray probe; not
# where the rule is critical: it names what succeeds at once.
_SERIES = 3
_VISIT_TABLES = {
    "finding_statements": "finding_statement_visits",
    "finding_api_calls": "finding_calls",
    HOST_TABLE: "finding_host_visits",
}
_HITS_OF = """
    SELECT m.rule, m.technique, m.level, m.certainty, m.because, v.visit, r.event_id,
           CASE WHEN {effect} THEN 1 ELSE 0 END AS had_effect
    FROM finding_rule_matches AS m
    JOIN {table} AS r ON r.event_id = m.event_id
    JOIN {visits} AS v ON v.event_id = r.event_id
    WHERE m.source = '{table}'
"""
_HITS = Station(
    "finding_rule_hits",
    " UNION ALL ".join(
        _HITS_OF.format(
            table=table,
            visits=_VISIT_TABLES.get(table, "visits"),
            effect=_REQUEST_EFFECT if table == "finding_requests" else "TRUE",
        )
        for table in RULE_TABLES
    ),
)

_FOUND = Station(
    "found_rules",
    f"""
    SELECT h.rule, 'rule' AS rule_kind, MIN(h.technique) AS technique, h.rule || '|' || h.visit AS key,
           CASE WHEN MIN(h.level) = 'informational' THEN 'informational'
                WHEN SUM(h.had_effect) = 0 THEN 'low'
                WHEN SUM(h.had_effect) < {_SERIES} AND MIN(h.level) IN ('high', 'medium') THEN 'medium'
                ELSE MIN(h.level) END AS level,
           CASE WHEN SUM(h.had_effect) = 0 THEN LEAST(MAX(h.certainty), 0.2)
                WHEN SUM(h.had_effect) < {_SERIES} AND MIN(h.level) <> 'critical'
                THEN LEAST(MAX(h.certainty), 0.5)
                ELSE MAX(h.certainty) END AS certainty,
           CASE WHEN h.visit LIKE 's:%' THEN 'session' WHEN h.visit LIKE 'd:%' THEN 'database_session'
                WHEN h.visit LIKE 'k:%' THEN 'account' WHEN h.visit LIKE 'h:%' THEN 'host'
                ELSE 'address' END AS actor_kind,
           COALESCE(MIN(CASE WHEN h.visit LIKE 's:%' OR h.visit LIKE 'd:%' OR h.visit LIKE 'h:%'
                              THEN SUBSTR(h.visit, 3) END),
                    MIN(c.account), MIN(v.address), h.visit) AS actor,
           COUNT(DISTINCT h.event_id) AS observed, 0 AS expected,
           'rule-fired(rule=' || h.rule || ',events=' || CAST(COUNT(DISTINCT h.event_id) AS VARCHAR)
               || ',answered=' || CAST(SUM(h.had_effect) AS VARCHAR) || ',by=' || MIN(h.because) || ')' AS why
    FROM finding_rule_hits AS h
    LEFT JOIN (SELECT visit, MIN(address) AS address FROM visits GROUP BY visit) AS v ON v.visit = h.visit
    LEFT JOIN (SELECT visit, MIN(account) AS account FROM finding_calls GROUP BY visit) AS c
      ON c.visit = h.visit
    GROUP BY h.rule, h.visit
    """,
)

_EVENTS = Station(
    "found_rules_events", "SELECT DISTINCT rule || '|' || visit AS key, event_id FROM finding_rule_hits"
)

#: The stations that make the findings of ``finding_rule_matches``, once STATEMENT_VISITS has run.
STATIONS = (_HITS, _FOUND, _EVENTS)
