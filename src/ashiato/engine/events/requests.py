"""Requests: two logs of one request become one event with two witnesses.

A source is a *twin* of a richer one when most of what it names (address, method, target) stands in the
richer one in the same second. Its lines are then paired by a request id that each log holds once, else by
equal key (second, address, method, target; status and bytes where both logs tell them) and by rank within
equal keys, in file order. Keys whose counts differ stay apart, and so do lines of one id that say different
things of the reply, and several of one key of which one log alone tells that their replies differed.
"""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.store import Station, Store

_TWIN_SHARE = 0.5
# Two logs write a request down at its begin and at its end: a long reply lies between.
_SAME_REQUEST_S = 300
_LINKS = pa.schema(
    [("source", pa.string()), ("hub", pa.string()), ("with_bytes", pa.bool_()), ("with_code", pa.bool_())]
)

#: One row per request line: what two logs of one request have in common.
KEYS = Station(
    "request_keys",
    r"""
    SELECT n.record_no, n.source, n.time_us // 1000000 AS second,
        coalesce(r.src_endpoint_ip, '') AS ip,
        coalesce(r.http_request_method, '') AS method,
        coalesce(r.http_request_target, '') AS target,
        coalesce(r.http_response_code, 0) AS code,
        coalesce(r.http_response_body_bytes, 0) AS body_bytes,
        lower(coalesce(r.trace_uid, '')) AS trace,
        CASE WHEN r.http_response_body_bytes IS NULL THEN 0 ELSE 1 END AS has_bytes,
        CASE WHEN r.http_response_code IS NULL THEN 0 ELSE 1 END AS has_code,
        CASE WHEN r.actor_session_uid IS NULL THEN 0 ELSE 1 END
            + CASE WHEN r.actor_user_name IS NULL THEN 0 ELSE 1 END
            + CASE WHEN r.trace_uid IS NULL THEN 0 ELSE 1 END
            + CASE WHEN r.duration_us IS NULL THEN 0 ELSE 1 END
            + CASE WHEN r.time_step_us < 1000000 THEN 1 ELSE 0 END AS richness
    FROM records r
    JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
    LEFT JOIN record_copies c ON c.record_no = n.record_no
    WHERE r.record_kind = 'web-request' AND c.record_no IS NULL
    """,
)

#: One row per source of requests: how much its lines tell.
RICHNESS = Station(
    "request_sources",
    """
    SELECT source, count(*) AS lines, sum(richness) * 1.0 / count(*) AS richness,
        sum(has_bytes) * 2 > count(*) AS has_bytes, sum(has_code) * 2 > count(*) AS has_code,
        min(second) AS first, max(second) AS last
    FROM request_keys
    GROUP BY source
    """,
)

#: One row per pair of sources: the share of what both could have seen that both name in the same second.
SHARES = Station(
    "request_shares",
    """
    WITH named AS (SELECT DISTINCT source, second, ip, method, target FROM request_keys),
    spans AS (
        SELECT a.source AS source, b.source AS other,
            greatest(a.first, b.first) AS first, least(a.last, b.last) AS last
        FROM request_sources a
        JOIN request_sources b ON a.source <> b.source
    ),
    seen AS (
        SELECT source, other, count(*) AS things
        FROM (
            SELECT DISTINCT s.source, s.other, n.ip, n.method, n.target
            FROM spans s
            JOIN named n ON n.source = s.source AND n.second BETWEEN s.first AND s.last
        ) AS here
        GROUP BY source, other
    ),
    both_seen AS (
        SELECT source, other, count(*) AS things
        FROM (
            SELECT DISTINCT a.source AS source, b.source AS other, a.ip, a.method, a.target
            FROM named a
            JOIN named b ON b.second = a.second AND b.ip = a.ip AND b.method = a.method
                AND b.target = a.target AND b.source <> a.source
        ) AS here
        GROUP BY source, other
    )
    SELECT seen.source, seen.other, coalesce(both_seen.things, 0) * 1.0 / seen.things AS share
    FROM seen
    LEFT JOIN both_seen ON both_seen.source = seen.source AND both_seen.other = seen.other
    """,
)

_RANKED = """
    sides AS (
        SELECT l.source AS link, k.record_no, k.second, k.ip, k.method, k.target,
            CASE WHEN l.with_code THEN k.code ELSE 0 END AS code,
            CASE WHEN l.with_bytes THEN k.body_bytes ELSE 0 END AS body_bytes,
            CASE WHEN k.source = l.hub THEN 1 ELSE 0 END AS at_hub,
            CASE WHEN k.has_code = 1 THEN k.code END AS told_code,
            CASE WHEN k.has_bytes = 1 THEN k.body_bytes END AS told_bytes
        FROM twin_sources l
        JOIN request_keys k ON k.source = l.source OR k.source = l.hub
        LEFT JOIN traced_pairs t ON t.link = l.source AND t.record_no = k.record_no
        LEFT JOIN traced_pairs h ON h.link = l.source AND h.lead_no = k.record_no
        WHERE t.record_no IS NULL AND h.lead_no IS NULL
    ),
    ranked AS (
        SELECT link, record_no, second, ip, method, target, code, body_bytes, at_hub,
            row_number() OVER (
                PARTITION BY link, second, ip, method, target, code, body_bytes, at_hub
                ORDER BY record_no
            ) AS rank,
            sum(at_hub) OVER same AS at_hubs,
            sum(1 - at_hub) OVER same AS at_twins,
            CASE WHEN max(told_code) OVER same > min(told_code) OVER same THEN 0
                WHEN max(told_bytes) OVER same > min(told_bytes) OVER same THEN 0 ELSE 1 END AS alike
        FROM sides
        WINDOW same AS (PARTITION BY link, second, ip, method, target, code, body_bytes)
    )
"""

#: One row per record of a call that another log tells of under the same request id and at about the same
#: time: the record that says which bytes were asked for, or else whose key it was, leads.
API_PAIRS = Station(
    "api_pairs",
    """
    WITH calls AS (
        SELECT n.record_no, r.api_request_uid AS uid, coalesce(r.databucket_file_path, '') AS file,
            r.time_us // 60000000 AS minute,
            CASE WHEN r.http_request_range IS NULL THEN 0 ELSE 2 END
                + CASE WHEN r.actor_user_credential_uid IS NULL THEN 0 ELSE 1 END AS richness
        FROM records r
        JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
        LEFT JOIN record_copies c ON c.record_no = n.record_no
        WHERE r.record_kind = 'api-call' AND r.api_request_uid IS NOT NULL AND c.record_no IS NULL
    ),
    spans AS (
        SELECT uid, file, min(minute) AS minute FROM calls GROUP BY uid, file
    ),
    ranked AS (
        SELECT calls.record_no, calls.uid, calls.file,
            row_number() OVER (PARTITION BY calls.uid, calls.file
                               ORDER BY calls.richness DESC, calls.record_no) AS nth
        FROM calls JOIN spans ON spans.uid = calls.uid AND spans.file = calls.file
        WHERE calls.minute <= spans.minute + 5
    )
    SELECT twin.record_no, hub.record_no AS lead_no
    FROM ranked twin JOIN ranked hub ON hub.uid = twin.uid AND hub.file = twin.file AND hub.nth = 1
    WHERE twin.nth > 1
    """,
)

#: One row per line whose request id stands once in its log and once in the richer one, of one request and
#: at about the same time, with what both tell of the reply.
TRACED = Station(
    "traced_lines",
    f"""
    WITH once AS (
        SELECT source, trace, min(record_no) AS record_no, min(second) AS second, min(ip) AS ip,
            min(method) AS method, min(target) AS target, max(CASE WHEN has_code = 1 THEN code END) AS code,
            max(CASE WHEN has_bytes = 1 THEN body_bytes END) AS body_bytes
        FROM request_keys
        WHERE trace <> ''
        GROUP BY source, trace
        HAVING count(*) = 1
    )
    SELECT l.source AS link, twin.record_no, hub.record_no AS lead_no, twin.code AS other_code, hub.code,
        twin.body_bytes AS other_bytes, hub.body_bytes
    FROM twin_sources l
    JOIN once twin ON twin.source = l.source
    JOIN once hub ON hub.source = l.hub AND hub.trace = twin.trace AND hub.ip = twin.ip
        AND hub.method = twin.method AND hub.target = twin.target
        AND hub.second BETWEEN twin.second - {_SAME_REQUEST_S} AND twin.second + {_SAME_REQUEST_S}
    """,
)

#: One row per such line of which the richer log says nothing else.
TRACED_PAIRS = Station(
    "traced_pairs",
    """
    SELECT link, record_no, lead_no FROM traced_lines
    WHERE coalesce(code = other_code, TRUE) AND coalesce(body_bytes = other_bytes, TRUE)
    """,
)

#: One row per line of a poorer log that tells of a request which a richer log tells of too.
PAIRS = Station(
    "request_pairs",
    f"""
    WITH {_RANKED}
    SELECT twin.record_no, hub.record_no AS lead_no
    FROM ranked twin
    JOIN ranked hub ON hub.link = twin.link AND hub.second = twin.second AND hub.ip = twin.ip
        AND hub.method = twin.method AND hub.target = twin.target AND hub.code = twin.code
        AND hub.body_bytes = twin.body_bytes AND hub.rank = twin.rank
    WHERE twin.at_hub = 0 AND hub.at_hub = 1 AND twin.at_hubs = twin.at_twins
        AND (twin.at_hubs = 1 OR twin.alike = 1)
    UNION ALL
    SELECT record_no, lead_no FROM traced_pairs
    UNION ALL
    SELECT record_no, lead_no FROM api_pairs
    """,
)

#: One row per key that both logs of a request hold, but not equally often, or several times with replies that
#: one of them alone tells apart: these lines stay apart.
AMBIGUOUS = Station(
    "ambiguous_pairs",
    f"""
    WITH {_RANKED}
    SELECT link AS source, second, ip, method, target, code, body_bytes,
        max(at_twins) AS lines_here, max(at_hubs) AS lines_there
    FROM ranked
    WHERE at_hubs > 0 AND at_twins > 0 AND (at_hubs <> at_twins OR at_hubs > 1 AND alike = 0)
    GROUP BY link, second, ip, method, target, code, body_bytes
    """,
)


def pair_requests(store: Store) -> None:
    """Write ``request_pairs`` (line of a poorer log -> line of the richer one) and ``ambiguous_pairs``."""
    for station in (KEYS, RICHNESS, SHARES):
        store.run(station)
    _write_links(store)
    for station in (API_PAIRS, TRACED, TRACED_PAIRS, PAIRS):
        store.run(station)
    store.run(AMBIGUOUS)


def _write_links(store: Store) -> None:
    ranked = store.rows(
        "SELECT source, has_bytes, has_code FROM request_sources ORDER BY richness DESC, lines DESC, source"
    )
    shares = {(a, b): share for a, b, share in store.rows("SELECT source, other, share FROM request_shares")}
    hubs: list[tuple[str, bool, bool]] = []
    links: list[tuple[str, str, bool, bool]] = []
    for source, has_bytes, has_code in ranked:
        twin = next((hub for hub in hubs if _is_twin(shares, source, hub[0])), None)
        if twin is None:
            hubs.append((source, has_bytes, has_code))
        else:
            links.append((source, twin[0], bool(has_bytes and twin[1]), bool(has_code and twin[2])))
    columns = [list(column) for column in zip(*links, strict=True)] or [[] for _ in _LINKS]
    store.write_as("twin_sources", pa.table(columns, schema=_LINKS))


def _is_twin(shares: dict[tuple[str, str], float], source: str, hub: str) -> bool:
    return max(shares.get((source, hub), 0.0), shares.get((hub, source), 0.0)) >= _TWIN_SHARE
