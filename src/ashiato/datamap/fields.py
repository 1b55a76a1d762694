"""The event fields that ``sources[].fields`` may map, as the engine's records name them."""

from __future__ import annotations

#: ``time`` is the moment in any usual form; durations are named by their unit.
EVENT_FIELDS = frozenset(
    {
        "time",
        "@seconds",
        "@milliseconds",
        "time_us",
        "src_endpoint_ip",
        "src_endpoint_port",
        "http_request_method",
        "http_request_target",
        "http_request_path",
        "http_request_query",
        "http_request_version",
        "http_request_host",
        "http_request_user_agent",
        "http_request_referrer",
        "http_response_code",
        "http_response_body_bytes",
        "traffic_out_bytes",
        "duration_us",
        "actor_session_uid",
        "actor_user_name",
        "actor_user_type",
        "activity_name",
        "status",
        "trace_uid",
        "database_user_name",
        "database_name",
        "database_session_uid",
        "database_session_line",
        "database_application",
        "query_text",
        "query_binds",
        "query_command",
        "query_rows",
        "query_objects",
        "error_code",
        "error_text",
        "message",
    }
)
