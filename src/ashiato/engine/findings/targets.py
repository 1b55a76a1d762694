"""Reads what a request's target says: its route template, the objects it names, and its decoded text."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

_NUMBER = re.compile(r"\d+")
_OPAQUE = re.compile(
    r"""^(?:
      [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}   # UUID
    | (?=[^/]*\d)[0-9a-fA-F]{16,}                             # hash, object id
    | (?=[^/]*\d)(?=[^/]*[A-Za-z])[A-Za-z0-9_-]{20,}          # token, ULID, base64url
    )$""",
    re.VERBOSE,
)
_UUID = re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9a-zA-Z])")
_SUFFIX = re.compile(r"\.[A-Za-z][0-9A-Za-z]{0,4}\Z")
_STATIC = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp4|webm)$", re.IGNORECASE
)
_PAGE_NAMES_TEXT = """
    page p pg pageno page_no pagenum page_number pageindex page_index offset start from skip after
"""
_PAGE_NAMES = frozenset(_PAGE_NAMES_TEXT.split())
# Numbers under these names say how to show or when, never which record.
_NOT_OBJECTS_TEXT = """
    limit size per_page perpage page_size pagesize count n sort order dir lang v ver version t ts _
    time date year month day width height w h lat lon lng zoom min max price amount qty quantity
    rows status state type format
"""
_NOT_OBJECTS = _PAGE_NAMES | frozenset(_NOT_OBJECTS_TEXT.split())
_KEY_LIKE = re.compile(r"^[A-Za-z]{0,6}[-_]?\d{1,20}$")
_WIDE_SLASH = re.compile(r"%c0%(?:af|2f)|%c1%9c", re.IGNORECASE)
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}\Z")
_URL_SAFE = str.maketrans("-_", "+/")
# Shorter ones hold no statement, longer ones are files.
_SHORTEST_WRAPPED, _LONGEST_WRAPPED = 12, 32_768
_ESCAPED = re.compile(r"[%+]")
# A target without any of these cannot carry syntax of another language.
_SYNTAX = re.compile(
    r"""['"<>;|`\\$(){}\x00\r\n]|\.\./|\.\.$|--|/\*|\*/|\#|&&|@@
      |\b(?:or|and|select|union|insert|update|delete|drop|sleep|having|order\s+by|null|etc|exec|cmd)\b
      |:/{2}|\b(?:php|data|file|expect|ldap):""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """One target's meaning.

    ``objects`` names every record the target asks for, or is None. ``listing`` is the target without its
    page number, so that the pages of one list share it.
    """

    template: str
    shape: str
    listing: str
    objects: str | None
    object_number: int | None
    page: int | None
    decoded: str
    is_static: bool
    has_syntax: bool


def parse_target(target: str) -> Reading:
    """Return the reading of one request target; never raises, whatever the target holds."""
    path, _, query = target.partition("?")
    decoded = "\n".join([decode_twice(target), *wrapped_texts(query)])
    template, parts = _template_of(path)
    names, values, page, others = _query_of(query)
    objects = parts + values
    return Reading(
        template=template,
        shape=f"{template}?{'&'.join(sorted(names))}" if names else template,
        listing=f"{path}?{'&'.join(sorted(others))}",
        objects="/".join(objects) if objects else None,
        object_number=_last_number(objects),
        page=page,
        decoded=decoded,
        is_static=_STATIC.search(path) is not None,
        has_syntax=_SYNTAX.search(decoded) is not None,
    )


def decode_twice(text: str) -> str:
    """Return the text percent-decoded once; when a second decoding differs, both, one line each."""
    if not _ESCAPED.search(text):
        return text
    plain = _PERCENT_U.sub(lambda match: chr(int(match.group(1), 16)), _WIDE_SLASH.sub("/", text))
    once = unquote_plus(plain, errors="replace")
    twice = unquote(_WIDE_SLASH.sub("/", once), errors="replace") if "%" in once else once
    return once if twice == once else f"{once}\n{twice}"


def wrapped_texts(query: str) -> list[str]:
    """Return the text inside each query value that is base64 or hexadecimal of text of another language."""
    found: list[str] = []
    for item in query.split("&") if len(query) >= _SHORTEST_WRAPPED else ():
        value = unquote(item.partition("=")[2])
        text = _unwrap(value) if _SHORTEST_WRAPPED <= len(value) <= _LONGEST_WRAPPED else None
        text = None if text is None else text.rstrip("\r\n")
        if text is not None and text.isprintable() and _SYNTAX.search(text):
            found.append(text)
    return found


def _unwrap(value: str) -> str | None:
    try:
        if _HEX.match(value):
            return bytes.fromhex(value).decode()
        if _BASE64.match(value):
            plain = value.rstrip("=").translate(_URL_SAFE)
            return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:
        return None
    return None


def parameter_values(target: str) -> list[str]:
    """Return each query value and path segment of a target, decoded once as an application does."""
    path, _, query = target.partition("?")
    pairs = [item.partition("=") for item in query.split("&") if item]
    values = [unquote_plus(value or name, errors="replace") for name, _, value in pairs]
    return values + [unquote(segment, errors="replace") for segment in path.split("/") if segment]


def _template_of(path: str) -> tuple[str, list[str]]:
    segments = path[:2000].split("/")
    parts: list[str] = []
    for index, segment in enumerate(segments):
        suffix = _SUFFIX.search(segment)
        stem = segment[: suffix.start()] if suffix else segment
        if _OPAQUE.match(stem):
            parts.append(segment)
            segments[index] = "{x}" + segment[len(stem) :]
        elif _UUID.search(segment):
            parts.append(segment)
            segments[index] = _NUMBER.sub("{n}", _UUID.sub("{x}", segment))
        elif _NUMBER.search(segment):
            template = _NUMBER.sub("{n}", segment)
            if template != "v{n}":  # an API version, not a record
                parts.append(segment)
                segments[index] = template
    return "/".join(segments), parts


def _query_of(query: str) -> tuple[list[str], list[str], int | None, list[str]]:
    names: list[str] = []
    values: list[str] = []
    others: list[str] = []
    page = None
    for item in query[:4000].split("&") if query else ():
        name, _, value = item.partition("=")
        name = name[:60].lower()
        if not value:
            continue
        names.append(name)
        if name in _PAGE_NAMES:
            page = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else page
            continue
        others.append(item)
        if name not in _NOT_OBJECTS and (_KEY_LIKE.match(value) or _OPAQUE.match(value)):
            values.append(value)
    return names, values, page, others


def _last_number(objects: list[str]) -> int | None:
    for value in reversed(objects):
        found = _NUMBER.findall(value)
        if found and len(found[-1]) <= 15:
            return int(found[-1])
    return None
