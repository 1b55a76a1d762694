"""Values of requests that stand in statements, and how much each tells of who asked.

A value tells the more the rarer it is: among requests, and among statements, in whose words it is looked for.
Where a statement holds a list of values, each tells the less. What statements say of their own accord (a
table's name, an alias, a keyword) is counted with the values in them, so that a word which many statements
say tells little, whoever asked for it. A number is looked for among values alone, as names are numbered too.
"""

from __future__ import annotations

from ashiato.engine.events.clocks import LITERAL_CHARS
from ashiato.engine.events.routes import PLAIN_SQL
from ashiato.engine.store import Station

_MOST_BITS = 14.0
# A value that a single request has tells much even in a log too short to call it rare.
_BITS_OF_ONE = 6.0
# Statements name so many values each with a meaning of its own; more are a list.
_FEW_VALUES = 20

_IS_NUMBER = "regexp_matches({value}, '^[0-9]+$')"

#: One row per statement: its words, in which a request's values are looked for, and those of its own values,
#: in which numbers are; of a statement too long for that, all its words.
WORDS = Station(
    "statement_words",
    f"""
    WITH spelled AS (
        SELECT x.lead_no AS sql_no, length(x.text) AS chars, ' ' || {
        PLAIN_SQL.format(text="substring(x.text, 1, 20000) || ' ' || coalesce(x.query_binds, '')")
    } || ' ' AS words
        FROM executions x
        WHERE x.text IS NOT NULL
    ),
    valued AS (
        SELECT lead_no, string_agg(token, ' ' ORDER BY token) AS said FROM statement_literals GROUP BY lead_no
    )
    SELECT s.sql_no, s.words,
        CASE WHEN s.chars > {LITERAL_CHARS} THEN s.words ELSE ' ' || coalesce(v.said, '') || ' ' END
            AS own_values
    FROM spelled s
    LEFT JOIN valued v ON v.lead_no = s.sql_no
    """,
)

#: One row per statement that holds a list of values: the bits by which any of them tells less. Among five
#: hundred numbers most small numbers stand, whoever asked; of a statement too long, each word is one.
LISTED = Station(
    "statement_lists",
    f"""
    SELECT sql_no, ln(held) / ln(2) AS bits
    FROM (
        SELECT lead_no AS sql_no, count(*) AS held FROM statement_literals GROUP BY lead_no
        UNION ALL
        SELECT w.sql_no, length(w.words) - length(replace(w.words, ' ', '')) AS held
        FROM statement_words w
        JOIN executions x ON x.lead_no = w.sql_no
        WHERE length(x.text) > {LITERAL_CHARS}
    ) AS counted
    WHERE held > {_FEW_VALUES}
    """,
)

#: One row per distinct statement without its values, in plain words: how many statements say it.
PLAIN_SHAPES = Station(
    "statement_shapes",
    rf"""
    WITH bare AS (
        SELECT regexp_replace(
            CASE WHEN is_mysql = 1 THEN replace(substring(text, 1, 20000), '"', '''')
                ELSE substring(text, 1, 20000) END,
            '''[^'']*''|\b[0-9]+\b', ' ', 'g'
        ) AS bare_text
        FROM executions
        WHERE text IS NOT NULL
    ),
    plain AS (
        SELECT ' ' || {PLAIN_SQL.format(text="bare_text")} || ' ' AS words FROM bare
    )
    SELECT words, count(*) AS statements FROM plain GROUP BY words
    """,
)

#: One row per request x value in it.
ASKED = Station(
    "values_asked",
    f"""
    SELECT a.request_no, a.token,
        CASE WHEN strpos(a.token, ' ') > 0 THEN substring(a.token, 1, strpos(a.token, ' ') - 1)
            ELSE a.token END AS first_word
    FROM (
        SELECT r.request_no, t.token
        FROM request_routes r
        JOIN target_tokens t ON t.target_no = r.target_no
        UNION
        SELECT request_no, {PLAIN_SQL.format(text="actor_user_name")} AS token
        FROM request_routes
        WHERE actor_user_name IS NOT NULL
    ) AS a
    WHERE a.token <> ''
    """,
)

#: One row per value asked for that statements say: how many do as a value (or a word of one), and how many
#: as words of their own, which say nothing of who asked.
VALUES_RUN = Station(
    "values_run",
    f"""
    WITH tokens AS (SELECT DISTINCT token, first_word FROM values_asked),
    valued AS (
        SELECT l.lead_no, l.token FROM statement_literals l JOIN tokens t ON t.token = l.token
        UNION
        SELECT l.lead_no, l.word AS token
        FROM (
            SELECT lead_no, UNNEST(string_split(token, ' ')) AS word
            FROM statement_literals WHERE strpos(token, ' ') > 0
        ) AS l
        JOIN tokens t ON t.token = l.word
    ),
    shaped AS (
        SELECT DISTINCT t.token, s.words, s.statements
        FROM (
            SELECT words, statements, UNNEST(string_split(trim(words), ' ')) AS word FROM statement_shapes
        ) AS s
        JOIN tokens t ON t.first_word = s.word
        WHERE strpos(s.words, ' ' || t.token || ' ') > 0 AND NOT {_IS_NUMBER.format(value="t.token")}
    )
    SELECT token, sum(as_value) AS as_value, sum(as_words) AS as_words
    FROM (
        SELECT token, count(*) AS as_value, 0 AS as_words FROM valued GROUP BY token
        UNION ALL
        SELECT token, 0 AS as_value, sum(statements) AS as_words FROM shaped GROUP BY token
    ) AS counted
    GROUP BY token
    """,
)

#: One row per request x value in it, with how telling the value is: bits by the rarer side's use.
#: ``is_number``: it is looked for among values alone.
REQUEST_VALUES = Station(
    "request_values",
    f"""
    WITH asked_often AS (
        SELECT token, count(*) AS uses, count(*) * 1.0 / (SELECT count(*) FROM request_routes) AS share
        FROM values_asked GROUP BY token
    ),
    run_often AS (
        SELECT token, as_value, as_words,
            least(1.0, (as_value + as_words) * 1.0 / (SELECT count(*) FROM executions)) AS share
        FROM values_run
    )
    SELECT a.request_no, a.token, {_IS_NUMBER.format(value="a.token")} AS is_number,
        greatest(
            least({_MOST_BITS}, -ln(greatest(o.share, coalesce(s.share, 0))) / ln(2)),
            CASE WHEN o.uses = 1 AND coalesce(s.as_value, 0) <= 2
                AND (coalesce(s.as_words, 0) = 0 OR a.token <> a.first_word) THEN {_BITS_OF_ONE} ELSE 0.0 END
        ) AS bits
    FROM values_asked a
    JOIN asked_often o ON o.token = a.token
    LEFT JOIN run_often s ON s.token = a.token
    """,
)

#: In the order they are run; ``request_routes`` is written before.
VALUE_STATIONS = (WORDS, LISTED, PLAIN_SHAPES, ASKED, VALUES_RUN, REQUEST_VALUES)
