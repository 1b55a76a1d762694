"""What the names in log formats, log keys and log directives mean, as event columns.

Names starting with ``@`` are not columns but what columns are made from: ``@time``, ``@request`` (the
request line), ``@seconds``, ``@milliseconds``, ``@microseconds`` (durations), ``@address`` (address and
port), ``@forwarded`` (X-Forwarded-For), ``@hops`` (that header in place of the address), ``@event`` (what
an application says happened), ``@outcome``.

Sources: nginx "Alphabetical index of variables" and ngx_http_log_module, Apache 2.4 mod_log_config
(read 2026-11-22).
"""

from __future__ import annotations

import re

#: nginx variables.
NGINX = {
    "remote_addr": "src_endpoint_ip",
    "remote_port": "src_endpoint_port",
    "remote_user": "actor_user_name",
    "hops": "@hops",
    "http_x_forwarded_for": "@forwarded",
    "proxy_add_x_forwarded_for": "@forwarded",
    "time_local": "@time",
    "time_iso8601": "@time",
    "msec": "@time",
    "request": "@request",
    "request_method": "http_request_method",
    "request_uri": "http_request_target",
    "uri": "http_request_path",
    "document_uri": "http_request_path",
    "args": "http_request_query",
    "query_string": "http_request_query",
    "server_protocol": "http_request_version",
    "host": "http_request_host",
    "http_host": "http_request_host",
    "server_name": "http_request_host",
    "http_user_agent": "http_request_user_agent",
    "http_referer": "http_request_referrer",
    "status": "http_response_code",
    "body_bytes_sent": "http_response_body_bytes",
    "bytes_sent": "traffic_out_bytes",
    "request_time": "@seconds",
    "request_id": "trace_uid",
    "http_x_request_id": "trace_uid",
    "http_traceparent": "trace_uid",
}

#: Apache directives without argument, after modifiers are taken away.
APACHE = {
    "a": "src_endpoint_ip",
    "h": "src_endpoint_ip",
    "u": "actor_user_name",
    "t": "@time",
    "r": "@request",
    "m": "http_request_method",
    "U": "http_request_path",
    "q": "http_request_query",
    "H": "http_request_version",
    "v": "http_request_host",
    "V": "http_request_host",
    "s": "http_response_code",
    "b": "http_response_body_bytes",
    "B": "http_response_body_bytes",
    "O": "traffic_out_bytes",
    "D": "@microseconds",
    "T": "@seconds",
    "L": "trace_uid",
}

#: Apache directives with an argument: (argument in lower case, letter).
APACHE_WITH = {
    ("user-agent", "i"): "http_request_user_agent",
    ("referer", "i"): "http_request_referrer",
    ("host", "i"): "http_request_host",
    ("x-forwarded-for", "i"): "@forwarded",
    ("x-request-id", "i"): "trace_uid",
    ("unique_id", "e"): "trace_uid",
    ("c", "a"): "src_endpoint_ip",
    ("remote", "p"): "src_endpoint_port",
    ("s", "T"): "@seconds",
    ("ms", "T"): "@milliseconds",
    ("us", "T"): "@microseconds",
}

#: Keys that applications use, best first: of several in one record the first gives the column.
KEYS = {
    "@time": (
        "msec", "ts", "@timestamp", "timestamp", "time", "datetime", "time_iso8601", "time_local", "date",
        "event_time", "eventtime", "logged_at", "created_at", "asctime",
    ),
    "src_endpoint_ip": (
        "ip", "remote_addr", "client_ip", "clientip", "remote_ip", "src_ip", "source_ip", "ip_address",
        "client_addr", "remote_address", "src", "source", "addr", "peer", "client", "remote_host", "host_ip",
    ),
    "src_endpoint_port": ("remote_port", "client_port", "src_port", "source_port"),
    "@address": ("client_address", "remote"),
    "@forwarded": ("x_forwarded_for", "xff", "http_x_forwarded_for", "forwarded_for"),
    "http_request_method": ("method", "request_method", "http_method", "verb", "req_method"),
    "http_request_target": ("request_uri", "uri", "target", "url", "original_url", "raw_path"),
    "http_request_path": ("path", "uri_path", "url_path", "request_path", "pathname", "endpoint"),
    "http_request_query": ("query", "query_string", "args", "uri_query"),
    "@request": ("request", "request_line"),
    "http_request_version": ("protocol", "http_version", "server_protocol", "proto"),
    "http_request_host": ("host", "http_host", "vhost", "server_name", "domain"),
    "http_request_user_agent": ("ua", "user_agent", "http_user_agent", "useragent", "agent"),
    "http_request_referrer": ("ref", "referer", "referrer", "http_referer", "http_referrer"),
    "http_response_code": ("status", "status_code", "http_status", "response_code", "code",
        "response_status",),
    "http_response_body_bytes": (
        "body_bytes", "body_bytes_sent", "content_length", "response_length", "length", "response_size",
        "resp_bytes",
    ),
    "traffic_out_bytes": ("bytes", "bytes_sent", "bytes_out", "size", "sent_bytes"),
    "@seconds": ("rt", "request_time", "duration", "elapsed", "duration_s", "response_time", "took"),
    # ``responseTime``, run together, is pino's and express-winston's, and counts milliseconds.
    "@milliseconds": (
        "duration_ms", "elapsed_ms", "latency_ms", "response_time_ms", "took_ms", "time_ms", "responsetime",
    ),
    "@microseconds": ("duration_us", "elapsed_us", "latency_us"),
    "actor_session_uid": ("sess", "session", "session_id", "sessionid", "sid", "jsessionid", "phpsessid"),
    "actor_user_name": (
        "user", "username", "user_name", "login", "login_id", "login_name", "account", "remote_user",
        "userid", "user_id", "uid", "email", "mail", "principal", "subject", "actor", "account_id",
        "account_name",
    ),
    "actor_user_type": ("kind", "user_type", "user_kind", "actor_type", "role", "realm"),
    "@event": ("event", "action", "event_type", "event_name", "activity", "msg", "message", "type"),
    "@outcome": ("outcome", "result", "success", "ok"),
    "trace_uid": (
        "trace_id", "traceid", "request_id", "requestid", "req_id", "x_request_id", "correlation_id",
        "transaction_id", "traceparent", "rid",
    ),
    "error_text": ("error", "err", "exception", "error_message", "reason"),
    "query_text": ("sql", "statement", "db_statement"),
}  # fmt: skip

#: Where loggers of Node (pino, bunyan, express-winston below ``meta``) keep a request and its reply.
USUAL_PATHS = {
    "http_request_method": ("req.method", "meta.req.method"),
    "http_request_target": ("req.originalUrl", "req.url", "meta.req.originalUrl", "meta.req.url"),
    "src_endpoint_ip": ("req.remoteAddress", "req.ip", "meta.req.ip"),
    "http_request_user_agent": ("req.headers.user-agent", "meta.req.headers.user-agent"),
    "http_response_code": ("res.statusCode", "meta.res.statusCode"),
    "@milliseconds": ("meta.responseTime",),
}

#: Keys ending in ``_id`` that never name an account.
_NOT_ACCOUNTS = re.compile(
    r"(request|req|trace|span|session|correlation|transaction|event|log|process|thread)_id"
)
_SESSION_COOKIE = re.compile(r"cookie_\w*(sess|sid)\w*", re.IGNORECASE)


def meaning_of_variable(name: str) -> str | None:
    """What an nginx variable says: by its own name, as a session cookie, or as a key of that name."""
    if name in NGINX:
        return NGINX[name]
    return "actor_session_uid" if _SESSION_COOKIE.fullmatch(name) else None


def meaning_of_directive(letter: str, argument: str | None) -> str | None:
    """What an Apache ``%{argument}letter`` says."""
    if argument is None:
        return APACHE.get(letter)
    if letter == "t":
        return "@time"
    if letter == "C" and _SESSION_COOKIE.fullmatch(f"cookie_{argument}"):
        return "actor_session_uid"
    return APACHE_WITH.get((argument if letter in "Tap" else argument.lower(), letter))


def names_an_account(key: str) -> bool:
    """Tell whether a key such as ``customer_id`` may name who signed in."""
    return key.endswith("_id") and _NOT_ACCOUNTS.fullmatch(key) is None
