"""Where proof stands, in words of files: ``file:line``, ``file:first-last``, ``file:#i``, as SQL.

``file`` is ``evidence.label``: the path as added with ``; : |`` percent-encoded, so that a list of
places joined by ``;`` can be taken apart again. ``#i`` is the place of an element in a JSON array, from 0,
or the number of a Windows event.
"""

from __future__ import annotations

#: SQL that is true of evidence whose records are elements of a JSON array and not lines.
IS_ARRAY = "coalesce(readings.source_format, '') LIKE '%-array'"
#: SQL that is true of evidence whose records have numbers of their own and stand on no line.
IS_APART = f"({IS_ARRAY} OR coalesce(readings.source_format, '') LIKE '%-evtx')"
#: SQL for what is taken from ``line_first`` to show it: elements are shown from 0, anything else as it is.
BASE = f"CASE WHEN {IS_ARRAY} THEN 1 ELSE 0 END"


def grouped_places(lines: str, keys: tuple[str, ...]) -> str:
    """Return SQL that joins lines into one text of places per key.

    ``lines``: SQL with the keys, ``evidence_id``, ``line_first`` and ``line_last``. Lines that touch
    are one range. The result has the keys and ``places``.
    """
    key = ", ".join(keys)
    return f"""
        WITH lines AS ({lines}),
        starts AS (
            SELECT *, CASE WHEN line_first <= 1 + max(line_last) OVER (
                PARTITION BY {key}, evidence_id ORDER BY line_first, line_last
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS opens
            FROM lines
        ),
        runs AS (
            SELECT *, sum(opens) OVER (
                PARTITION BY {key}, evidence_id ORDER BY line_first, line_last
                ROWS UNBOUNDED PRECEDING) AS run
            FROM starts
        ),
        ranges AS (
            SELECT {key}, evidence_id, min(line_first) AS first, max(line_last) AS last
            FROM runs GROUP BY {key}, evidence_id, run
        ),
        named AS (
            SELECT ranges.*, evidence.label AS file,
                CASE WHEN {IS_APART} THEN '#' ELSE '' END AS sign,
                {BASE} AS base
            FROM ranges JOIN evidence ON evidence.evidence_id = ranges.evidence_id
            LEFT JOIN readings ON readings.evidence_id = ranges.evidence_id
        )
        SELECT {key}, string_agg(
            file || ':' || sign || (first - base)
                || CASE WHEN last > first THEN '-' || (last - base) ELSE '' END,
            ';' ORDER BY file, first) AS places
        FROM named GROUP BY {key}
    """
