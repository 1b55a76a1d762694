"""Runs the Sigma rules: one finding per rule and visit, with every event it fired on."""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.findings.rules import Rule
from ashiato.engine.store import Station, quote_text

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
_VISIT_TABLES = {"finding_statements": "finding_statement_visits"}


def plan_rules(rules: Sequence[Rule]) -> tuple[Station, ...]:
    """Return the stations that make the findings of these rules, in order, once STATEMENT_VISITS has run."""
    hits = " UNION ALL ".join(_hits_of(rule) for rule in rules) or _NO_HITS
    return (Station("finding_rule_hits", hits), _FOUND, _EVENTS)


_NO_HITS = (
    "SELECT '' AS rule, '' AS technique, '' AS level, 0.0 AS certainty, '' AS visit, event_id,"
    " 0 AS had_effect FROM events WHERE 1 = 0"
)


def _hits_of(rule: Rule) -> str:
    visits = _VISIT_TABLES.get(rule.table, "visits")
    effect = _REQUEST_EFFECT if rule.table == "finding_requests" else "TRUE"
    return (
        f"SELECT {quote_text(rule.name)} AS rule, {quote_text(rule.technique)} AS technique,"
        f" {quote_text(rule.level)} AS level, {rule.certainty} AS certainty, v.visit, r.event_id,"
        f" CASE WHEN {effect} THEN 1 ELSE 0 END AS had_effect"
        f" FROM {rule.table} AS r JOIN {visits} AS v ON v.event_id = r.event_id WHERE {rule.condition}"
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
                ELSE 'address' END AS actor_kind,
           COALESCE(MIN(CASE WHEN h.visit LIKE 's:%' OR h.visit LIKE 'd:%' THEN SUBSTR(h.visit, 3) END),
                    MIN(v.address), h.visit) AS actor,
           COUNT(DISTINCT h.event_id) AS observed, 0 AS expected,
           'rule-fired(rule=' || h.rule || ',events=' || CAST(COUNT(DISTINCT h.event_id) AS VARCHAR)
               || ',answered=' || CAST(SUM(h.had_effect) AS VARCHAR) || ')' AS why
    FROM finding_rule_hits AS h
    LEFT JOIN (SELECT visit, MIN(address) AS address FROM visits GROUP BY visit) AS v ON v.visit = h.visit
    GROUP BY h.rule, h.visit
    """,
)

_EVENTS = Station(
    "found_rules_events", "SELECT DISTINCT rule || '|' || visit AS key, event_id FROM finding_rule_hits"
)
