"""Our own Sigma rules and the analyst's, and where the events of each log source are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from ashiato.engine.case import PLACEHOLDERS_FILE, RULES_FOLDER
from ashiato.engine.findings.host_events import host_source
from ashiato.engine.sigma.documents import RuleError
from ashiato.engine.sigma.predicates import Atom, Text
from ashiato.engine.sigma.rule_files import Rule, RuleSet, read_rule_set
from ashiato.engine.sigma.sources import LogSource, Source
from ashiato.engine.tables import EVENTS
from ashiato.terms.errors import Place

__all__ = ["SHIPPED_RULES", "RuleError", "read_case_rules", "read_rule", "read_rules"]

#: The rules travel inside the package: an installed program has no source tree beside it.
SHIPPED_RULES = Path(__file__).resolve().parents[2] / "rules"

_COMMON_FIELDS = {name: name for name in EVENTS.columns}
_WEB_FIELDS = {
    **_COMMON_FIELDS,
    "c-ip": "src_endpoint_ip",
    "src_ip": "src_endpoint_ip",
    "cs-method": "http_request_method",
    "c-uri": "http_request_target",
    "cs-uri": "http_request_target",
    "c-uri-query": "http_request_query",
    "cs-uri-query": "http_request_query",
    "c-uri-stem": "http_request_path",
    "cs-uri-stem": "http_request_path",
    "cs-host": "http_request_host",
    "cs-user-agent": "http_request_user_agent",
    "c-useragent": "http_request_user_agent",
    "cs-referer": "http_request_referrer",
    "cs-version": "http_request_version",
    "cs-username": "actor_user_name",
    "sc-status": "http_response_code",
    "decoded": "decoded",
    "has_syntax": "has_syntax",
}
# Only what is kept as CloudTrail wrote it; a rule on other fields is refused. Of a user agent, the brackets
# that AWS puts around its own are taken off.
_CLOUDTRAIL_FIELDS = {
    **_COMMON_FIELDS,
    "eventName": "api_operation",
    "eventSource": "api_service_name",
    "errorCode": "error_code",
    "errorMessage": "error_text",
    "userAgent": "http_request_user_agent",
    "userIdentity.type": "actor_user_type",
    "userIdentity.accessKeyId": "actor_user_credential_uid",
    "requestID": "api_request_uid",
    "requestParameters.bucketName": "databucket_name",
}
_CLOUDTRAIL = Source(
    "finding_api_calls",
    _CLOUDTRAIL_FIELDS,
    ("api_operation", "error_text"),
    Atom("source_format", Text(("cloudtrail",), cased=True), "source_format"),
)
_WEB = Source("finding_requests", _WEB_FIELDS, ("decoded", "http_request_user_agent"))
_SOURCES = {
    "webserver": _WEB,
    "proxy": _WEB,
    "database": Source(
        "finding_statements", {**_COMMON_FIELDS, "query_shape": "query_shape"}, ("query_text", "error_text")
    ),
    "authentication": Source("finding_sign_ins", _COMMON_FIELDS, ("message",)),
    # Calls of any cloud, by the names that CloudTrail gives their fields.
    "api": Source("finding_api_calls", _CLOUDTRAIL_FIELDS, ("api_operation", "error_text")),
}
# Services and products that mean a category's events where a rule names no category.
_SERVICES = {"apache": "webserver", "nginx": "webserver"}


def source_of(log_source: LogSource) -> Source | None:
    """Return where the events of a log source are, or None where no table of ours has them."""
    if log_source == LogSource(product="aws", service="cloudtrail"):
        return _CLOUDTRAIL
    if found := host_source(log_source):
        return found
    if log_source.category:
        return _SOURCES.get(log_source.category)
    return _SOURCES.get(_SERVICES.get(log_source.service, ""))


def read_rules(folder: Path = SHIPPED_RULES) -> tuple[Rule, ...]:
    """Return every rule of a folder, by name. Raises RuleError for the first that cannot be used."""
    found = read_rule_set([folder], source_of)
    for error in found.refused:
        raise error
    return found.rules


def read_rule(path: Path) -> Rule:
    """Return the rule of one file, named as the file. Raises RuleError."""
    found = read_rule_set([path], source_of)
    for error in found.refused:
        raise error
    return found.rules[0]


def read_case_rules(case_folder: Path) -> RuleSet:
    """Return the shipped rules and those in a case's own ``rules`` folder; what is refused costs no other.

    Raises RuleError: the file of placeholders cannot be read.
    """
    own = case_folder / RULES_FOLDER
    placeholders = _placeholders_of(case_folder / PLACEHOLDERS_FILE)
    if not (own.is_dir() or placeholders):
        return _shipped_alone(SHIPPED_RULES)
    places = [SHIPPED_RULES, *([own] if own.is_dir() else [])]
    return read_rule_set(places, source_of, placeholders)


@cache
def _shipped_alone(folder: Path) -> RuleSet:
    """Return what comes with the program, read once in a process: it takes a third of a second."""
    return read_rule_set([folder], source_of)


def _placeholders_of(path: Path) -> dict[str, list[str]]:
    """Return the values of each placeholder: a mapping of names to a value or a list of them."""
    if not path.is_file():
        return {}
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return {str(name): _listed(given) for name, given in written.items()}
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError) as error:
        what = "the placeholders cannot be read: names, each with a value or a list of values, are expected"
        raise RuleError(
            what, where=Place(path.name, 1), fix="write it like `Servers: [srv1, srv2*]`"
        ) from error


def _listed(given: object) -> list[str]:
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]
