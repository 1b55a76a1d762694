"""Finds password guessing: failures per client, per account, over days and over many addresses."""

from __future__ import annotations

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# A person who forgot a password tries a handful of times and then asks for a new one; ten failures without
# a success between them, or failures on five accounts that never came right, are not a person's.
_FAILURES = 10
_MANY_FAILURES = 30
_ACCOUNTS = 5
# Guessers fail nearly always; an address shared by honest people mostly succeeds.
_FAILED_OF_TEN = 8
_PAUSE_US = 1_800_000_000
_HOUR_US = 3_600_000_000

#: One row per attempt x unit that could be a guesser: a client's burst, an address over all time, a user
#: agent over all addresses, an account under fire. A browser that many honest people have too is the
#: guesser's only where sign-ins mostly failed; a tool that hardly anybody uses otherwise, wherever it came
#: right.
_UNITS = Station(
    "finding_guess_units",
    f"""
    WITH gaps AS (
        SELECT a.*, COALESCE(a.agent, '-') AS tool,
               start_us - LAG(start_us) OVER (
                   PARTITION BY address, COALESCE(agent, '-') ORDER BY start_us, event_id) AS gap_us
        FROM finding_attempts AS a
    ), runs AS (
        SELECT g.*, SUM(CASE WHEN gap_us > {_PAUSE_US} THEN 1 ELSE 0 END) OVER (
                   PARTITION BY address, tool ORDER BY start_us, event_id) AS run
        FROM gaps AS g
    ), judged AS (
        SELECT r.*, SUM(failed) OVER (PARTITION BY address, tool, run) AS run_failures,
               SUM(succeeded) OVER (PARTITION BY address, tool, run) AS run_successes
        FROM runs AS r
    ), tools AS (
        SELECT tool, SUM(CASE WHEN failures < {_ACCOUNTS} * successes THEN 1 ELSE 0 END) AS honest_runs,
               COUNT(*) AS runs
        FROM (
            SELECT tool, SUM(failed) AS failures, SUM(succeeded) AS successes
            FROM runs GROUP BY address, tool, run
        ) AS each_run
        GROUP BY tool
    )
    SELECT 'client' AS unit_kind, address || '|' || tool || '#' || CAST(run AS VARCHAR) AS unit, r.*
    FROM judged AS r
    UNION ALL
    SELECT 'address' AS unit_kind, address AS unit, r.* FROM judged AS r
    LEFT JOIN finding_attempt_ways AS w ON w.event_id = r.event_id
    WHERE run_successes = 0 OR run_failures >= {_ACCOUNTS} * run_successes OR w.is_direct = 1
    UNION ALL
    SELECT 'agent' AS unit_kind, r.tool AS unit, r.* FROM judged AS r
    JOIN tools AS t ON t.tool = r.tool
    WHERE agent IS NOT NULL
      AND (run_successes = 0 OR run_failures >= {_ACCOUNTS} * run_successes OR honest_runs * 10 <= runs)
    UNION ALL
    SELECT 'account' AS unit_kind, account AS unit, r.* FROM judged AS r WHERE account IS NOT NULL
    """,
)

#: One row per hour in which sign-ins fail far more often than in the site's other hours, over many addresses:
#: a wave of guesses spread so thin that no single client stands out.
_WAVES = Station(
    "finding_guess_waves",
    f"""
    WITH hours AS (
        SELECT start_us // {_HOUR_US} AS hour, COUNT(*) AS attempts, SUM(failed) AS failures,
               COUNT(DISTINCT CASE WHEN failed = 1 THEN address END) AS addresses
        FROM finding_attempts GROUP BY start_us // {_HOUR_US}
    ), usual AS (
        SELECT MIN(CASE WHEN nth * 4 >= 3 * n THEN failures END) AS failures FROM (
            SELECT failures, COUNT(*) OVER () AS n, ROW_NUMBER() OVER (ORDER BY failures) AS nth FROM hours
        ) AS ranked
    )
    SELECT h.hour, h.failures, u.failures AS usual
    FROM hours AS h CROSS JOIN usual AS u
    WHERE h.failures >= {_MANY_FAILURES} AND h.addresses >= {_FAILURES}
      AND h.failures >= 5 * (u.failures + 1) AND h.failures * 2 >= h.attempts
    """,
)

#: One row per address that does nothing but fail to sign in, straight, a few times: one of many such is how
#: leaked passwords are tried slowly enough for no hour to stand out.
_SPREAD = Station(
    "finding_guess_spread",
    f"""
    SELECT a.address, COUNT(*) AS failures, MIN(a.start_us) AS first_us, MAX(a.start_us) AS last_us
    FROM finding_attempts AS a
    JOIN finding_attempt_ways AS w ON w.event_id = a.event_id
    JOIN (
        SELECT address, COUNT(*) AS requests FROM finding_requests GROUP BY address
    ) AS r ON r.address = a.address
    GROUP BY a.address
    HAVING MIN(a.failed) = 1 AND MIN(w.is_direct) = 1 AND COUNT(*) <= {_FAILURES}
       AND MAX(r.requests) <= COUNT(DISTINCT a.request_id)
    """,
)

#: One row per failed attempt of a wave, from addresses that never came right nor did anything else there.
_WAVE_ATTEMPTS = Station(
    "finding_guess_wave_units",
    f"""
    SELECT 'wave' AS unit_kind, CAST(w.hour AS VARCHAR) AS unit, a.event_id, a.request_id, a.start_us,
           a.address, a.agent, a.session, a.account, a.succeeded, a.failed
    FROM finding_attempts AS a
    JOIN finding_guess_waves AS w ON w.hour = a.start_us // {_HOUR_US}
    LEFT JOIN (SELECT DISTINCT address FROM finding_attempts WHERE succeeded = 1) AS k ON k.address =
        a.address
    WHERE a.failed = 1 AND k.address IS NULL
    UNION ALL
    SELECT 'spread' AS unit_kind, 'all' AS unit, a.event_id, a.request_id, a.start_us, a.address, a.agent,
           a.session, a.account, a.succeeded, a.failed
    FROM finding_attempts AS a JOIN finding_guess_spread AS p ON p.address = a.address
    """,
)

#: One row per unit that guesses.
_GUESSERS = Station(
    "finding_guessers",
    f"""
    WITH counted AS (
        SELECT unit_kind, unit, COUNT(*) AS attempts, CAST(SUM(failed) AS BIGINT) AS failures,
               CAST(SUM(succeeded) AS BIGINT) AS successes,
               COUNT(DISTINCT CASE WHEN failed = 1 THEN account END) AS accounts,
               COUNT(DISTINCT CASE WHEN account IS NULL AND failed = 1 THEN event_id END) AS nameless,
               COUNT(DISTINCT address) AS addresses, MIN(address) AS address,
               SUM(COALESCE(w.is_direct, 0)) AS straight
        FROM (
            SELECT unit_kind, unit, event_id, address, account, succeeded, failed FROM finding_guess_units
            UNION ALL
            SELECT unit_kind, unit, event_id, address, account, succeeded, failed FROM
                finding_guess_wave_units
        ) AS units
        LEFT JOIN (SELECT event_id AS attempt_id, is_direct FROM finding_attempt_ways) AS w
          ON w.attempt_id = units.event_id
        GROUP BY unit_kind, unit
    )
    SELECT c.* FROM counted AS c
    WHERE failures * 10 >= attempts * {_FAILED_OF_TEN} AND (
          (unit_kind = 'client' AND (failures >= {_FAILURES} OR accounts >= {_ACCOUNTS}))
       OR (unit_kind = 'address' AND failures >= {_FAILURES} AND accounts + nameless >= {_ACCOUNTS})
       OR (unit_kind = 'agent' AND failures >= 2 * {_FAILURES} AND addresses >= 3)
       OR (unit_kind IN ('wave', 'spread') AND failures >= {_MANY_FAILURES} AND addresses >= {_FAILURES})
       OR (unit_kind = 'account' AND failures >= {_FAILURES} AND addresses >= 3))
    """,
)

#: One row per success that came straight, from an address never seen before, amid guesses spread over many
#: addresses: one of them was right.
_LUCKY = Station(
    "finding_guess_luck",
    """
    WITH spans AS (
        SELECT g.unit_kind, g.unit, g.failures, MIN(u.start_us) AS first_us, MAX(u.start_us) AS last_us
        FROM finding_guessers AS g
        JOIN finding_guess_wave_units AS u ON u.unit_kind = g.unit_kind AND u.unit = g.unit
        GROUP BY g.unit_kind, g.unit, g.failures
    ), seen AS (
        SELECT address, MIN(start_us) AS first_us FROM finding_requests GROUP BY address
    )
    SELECT a.event_id, a.request_id, s.unit_kind, s.unit, s.failures
    FROM finding_attempts AS a
    JOIN finding_attempt_ways AS w ON w.event_id = a.event_id AND w.is_direct = 1
    JOIN seen AS n ON n.address = a.address AND n.first_us >= a.start_us - 10000000
    JOIN spans AS s ON a.start_us BETWEEN s.first_us AND s.last_us
    WHERE a.succeeded = 1
    """,
)

_FOUND = Station(
    "found_guessing",
    f"""
    WITH usual AS (
        SELECT COALESCE(MEDIAN(failures), 0) AS failures FROM (
            SELECT unit, SUM(failed) AS failures FROM finding_guess_units
            WHERE unit_kind = 'client' GROUP BY unit HAVING SUM(failed) > 0
        ) AS failing
    )
    SELECT 'password-guessing' AS rule, 'behaviour' AS rule_kind,
           CASE WHEN g.accounts >= {_ACCOUNTS} THEN 'T1110.004' ELSE 'T1110.001' END AS technique,
           g.unit_kind || '|' || g.unit AS key,
           CASE WHEN g.failures >= {_MANY_FAILURES} OR g.accounts >= {_FAILURES} THEN 'high' ELSE 'medium' END
               AS level,
           CASE WHEN g.failures >= {_MANY_FAILURES} OR g.accounts >= {_FAILURES} THEN 0.95
                WHEN g.unit_kind = 'account' THEN 0.5
                WHEN g.straight * 10 >= g.attempts * 9 THEN 0.85 ELSE 0.75 END AS certainty,
           CASE WHEN g.unit_kind IN ('client', 'wave', 'spread') THEN 'address' ELSE g.unit_kind END
               AS actor_kind,
           CASE WHEN g.unit_kind IN ('client', 'wave', 'spread') THEN g.address ELSE g.unit END AS actor,
           g.failures AS observed, u.failures AS expected,
           'sign-ins-failed(failures=' || CAST(g.failures AS VARCHAR) || ',accounts='
               || CAST(g.accounts AS VARCHAR)
               || ',without-a-form=' || CAST(CAST(g.straight AS BIGINT) AS VARCHAR)
               || ',successes=' || CAST(g.successes AS VARCHAR)
               || ',addresses=' || CAST(g.addresses AS VARCHAR)
               || ',usual=' || CAST(CAST(u.failures AS BIGINT) AS VARCHAR)
               || ')' AS why
    FROM finding_guessers AS g CROSS JOIN usual AS u
    """,
)

_EVENTS = Station(
    "found_guessing_events",
    """
    SELECT g.unit_kind || '|' || g.unit AS key, a.event_id
    FROM finding_guessers AS g
    JOIN finding_guess_units AS a ON a.unit_kind = g.unit_kind AND a.unit = g.unit
    WHERE a.failed = 1 OR g.unit_kind <> 'account'
    UNION
    SELECT g.unit_kind || '|' || g.unit AS key, a.request_id AS event_id
    FROM finding_guessers AS g
    JOIN finding_guess_units AS a ON a.unit_kind = g.unit_kind AND a.unit = g.unit
    WHERE a.request_id IS NOT NULL AND (a.failed = 1 OR g.unit_kind <> 'account')
    UNION
    SELECT w.unit_kind || '|' || w.unit AS key, w.event_id FROM finding_guess_wave_units AS w
    JOIN finding_guessers AS g ON g.unit_kind = w.unit_kind AND g.unit = w.unit
    UNION
    SELECT w.unit_kind || '|' || w.unit AS key, w.request_id AS event_id FROM finding_guess_wave_units AS w
    JOIN finding_guessers AS g ON g.unit_kind = w.unit_kind AND g.unit = w.unit
    WHERE w.request_id IS NOT NULL
    UNION
    SELECT l.unit_kind || '|' || l.unit AS key, l.event_id FROM finding_guess_luck AS l
    UNION
    SELECT l.unit_kind || '|' || l.unit AS key, l.request_id AS event_id FROM finding_guess_luck AS l
    """,
)

#: One row per success of a guesser: that session is the guesser's, and the account is known to it from then.
_GUESSED = Station(
    "found_guessed",
    f"""
    WITH guessed AS (
        SELECT a.event_id, a.request_id, a.session, a.account, a.address, a.start_us,
               MAX(g.failures) AS failures
        FROM finding_guessers AS g
        JOIN finding_guess_units AS a ON a.unit_kind = g.unit_kind AND a.unit = g.unit
        WHERE g.unit_kind IN ('client', 'address', 'agent') AND a.succeeded = 1
        GROUP BY a.event_id, a.request_id, a.session, a.account, a.address, a.start_us
        UNION
        SELECT a.event_id, a.request_id, a.session, a.account, a.address, a.start_us, l.failures
        FROM finding_attempts AS a JOIN finding_guess_luck AS l ON l.event_id = a.event_id
    ), strongest AS (
        SELECT event_id, account, address, MAX(failures) AS failures FROM guessed
        GROUP BY event_id, account, address
    )
    SELECT 'password-guessed' AS rule, 'behaviour' AS rule_kind, 'T1078' AS technique,
           CAST(event_id AS VARCHAR) AS key, 'high' AS level, 0.95 AS certainty,
           CASE WHEN account IS NULL THEN 'address' ELSE 'account' END AS actor_kind,
           COALESCE(account, address) AS actor, failures AS observed, 0 AS expected,
           'signed-in-after-failures(failures=' || CAST(failures AS VARCHAR) || ',address=' ||
               {plain("address")} ||
               ')' AS why
    FROM strongest
    """,
)

_GUESSED_EVENTS = Station(
    "found_guessed_events",
    """
    SELECT f.key, a.event_id FROM found_guessed AS f
    JOIN finding_attempts AS a ON CAST(a.event_id AS VARCHAR) = f.key
    UNION
    SELECT f.key, a.request_id AS event_id FROM found_guessed AS f
    JOIN finding_attempts AS a ON CAST(a.event_id AS VARCHAR) = f.key
    WHERE a.request_id IS NOT NULL
    """,
)

STATIONS = (
    _UNITS,
    _WAVES,
    _SPREAD,
    _WAVE_ATTEMPTS,
    _GUESSERS,
    _LUCKY,
    _FOUND,
    _EVENTS,
    _GUESSED,
    _GUESSED_EVENTS,
)
