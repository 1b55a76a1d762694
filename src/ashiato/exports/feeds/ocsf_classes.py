"""Which class of OCSF an event is of, and the attributes that are that class's own."""

from __future__ import annotations

from collections.abc import Callable

from ashiato.exports.feeds.ocsf_objects import (
    METHODS,
    UNKNOWN,
    Said,
    actor,
    first,
    outcome,
    request,
    response,
    some,
    source_endpoint,
    traffic,
    user,
)

BASE_EVENT, AUTHENTICATION, HTTP_ACTIVITY, API_ACTIVITY, DATASTORE_ACTIVITY = 0, 3002, 4002, 6003, 6005
_OTHER = 99
_NOBODY = {"user": {"name": UNKNOWN}}
_NOWHERE = {"name": UNKNOWN}
_QUERY, _CONNECT = 4, 3
_LOGON, _LOGOFF = 1, 2
_CALLS = {"create": 1, "write": 1, "read": 2, "list": 2, "update": 3, "delete": 4}
_ON_OBJECTS = {"read": 1, "update": 2, "write": 5, "create": 6, "delete": 7, "list": 8}
_SIGNING_OUT = ("sign-out", "logout", "ended")
_OPENING = ("received", "authorized", "connect", "started", "opened", "refused")

#: The class's number, the activity's, and the attributes.
Told = tuple[int, int, dict[str, object]]


def class_of(said: Said) -> Told:
    """Return the class, the activity, and what the class has words for."""
    told = _BY_KIND.get(str(said.peek("event_kind")), _base)(said)
    if told[0] != BASE_EVENT:
        said.pop("event_kind")
    return told


def _http(said: Said) -> Told:
    asked = said.peek("http_request_method")
    activity = METHODS.index(asked) + 1 if asked in METHODS else _OTHER  # OCSF numbers them so
    named = _named(said, activity)
    told = some(http_request=request(said), http_response=response(said))
    if not told:
        return _base(said)
    told |= some(src_endpoint=source_endpoint(said), traffic=traffic(said))
    told |= some(actor=actor(said, "actor_user_name", "actor_session_uid"))
    return HTTP_ACTIVITY, activity, told | named | outcome(said)


def _sql(said: Said) -> Told:
    told = {"query_info": _query(said)} if said.peek("query_text") is not None else {}
    return DATASTORE_ACTIVITY, _QUERY, told | _of_database(said) | outcome(said)


def _connection(said: Said) -> Told:
    activity = _CONNECT if said.peek("activity_name") in _OPENING else _OTHER
    return DATASTORE_ACTIVITY, activity, _of_database(said) | _named(said, activity) | outcome(said)


def _of_database(said: Said) -> dict[str, object]:
    name = first(said.pop("database_name"), said.peek("system"), UNKNOWN)
    return {
        "database": {"name": name, "type_id": 1},
        "type_id": 1,
        "actor": actor(said, "database_user_name", "database_session_uid") or _NOBODY,
        "src_endpoint": source_endpoint(said) or _NOWHERE,
    }


def _query(said: Said) -> dict[str, object]:
    command = first(said.pop("query_command"), "statement")
    return {"name": command, "query_string": said.pop("query_text")}


def _auth(said: Said) -> Told:
    activity = _LOGOFF if said.peek("activity_name") in _SIGNING_OUT else _LOGON
    service = first(said.peek("process_name"), said.peek("system"), UNKNOWN)
    told: dict[str, object] = {
        "user": user(said, "actor_user_name") or _NOBODY["user"],
        "service": {"name": service},
    }
    told |= some(
        src_endpoint=source_endpoint(said),
        session=said.take(uid="actor_session_uid"),
        http_request=request(said),
        http_response=response(said),
    )
    return AUTHENTICATION, activity, told | outcome(said)


def _api(said: Said) -> Told:
    if said.peek("api_operation") is None:
        return _base(said)
    bucket = _bucket(said)
    done = str(said.peek("activity_name"))
    activity = (_ON_OBJECTS if bucket else _CALLS).get(done, _OTHER)
    named = _named(said, activity)
    told: dict[str, object] = {
        "actor": actor(said, "actor_user_name", "actor_session_uid") or _NOBODY,
        "src_endpoint": source_endpoint(said) or _NOWHERE,
    }
    told |= bucket or {"api": _call(said)}
    told |= some(http_request=request(said), http_response=response(said))
    return DATASTORE_ACTIVITY if bucket else API_ACTIVITY, activity, told | named | outcome(said)


def _call(said: Said) -> dict[str, object]:
    asked = said.take(uid="api_request_uid")
    return some(
        operation=said.pop("api_operation"), request=asked, service=said.take(name="api_service_name")
    )


def _bucket(said: Said) -> dict[str, object]:
    name = said.pop("databucket_name")
    if name is None:
        return {}
    return {"databucket": some(name=name, type_id=0, file=_file(said)), "type_id": 2}


def _file(said: Said) -> dict[str, object]:
    path = said.pop("databucket_file_path")
    if path is None:
        return {}
    told = some(version=said.pop("databucket_file_version"), size=said.whole("databucket_file_size"))
    return {"name": path.rsplit("/", 1)[-1] or path, "path": path, "type_id": 0, **told}


def _base(said: Said) -> Told:
    told = some(actor=actor(said, "actor_user_name", "actor_session_uid"))
    if said.peek("device_hostname") is not None:
        told["device"] = {"hostname": said.pop("device_hostname"), "type_id": 0}
    return BASE_EVENT, _OTHER, told | _named(said, _OTHER) | outcome(said)


def _named(said: Said, activity: int) -> dict[str, object]:
    """Return the log's own word for what OCSF has no number for."""
    if activity != _OTHER:
        return {}
    return some(activity_name=first(said.peek("http_request_method"), said.peek("activity_name")))


_BY_KIND: dict[str, Callable[[Said], Told]] = {
    "http": _http,
    "sql": _sql,
    "connection": _connection,
    "auth": _auth,
    "api": _api,
}
