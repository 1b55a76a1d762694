"""Where proof stands, in words of files: ``file:line`` and ``file:first-last``, as SQL.

``file`` is ``evidence.label``: the path as added with ``; : |`` percent-encoded, so that a list of
places joined by ``;`` can be taken apart again.
"""

from __future__ import annotations


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
            SELECT ranges.*, evidence.label AS file
            FROM ranges JOIN evidence ON evidence.evidence_id = ranges.evidence_id
        )
        SELECT {key}, string_agg(
            file || ':' || first || CASE WHEN last > first THEN '-' || last ELSE '' END,
            ';' ORDER BY file, first) AS places
        FROM named GROUP BY {key}
    """
