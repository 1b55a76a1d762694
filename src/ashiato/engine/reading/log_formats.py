"""Written log formats of web servers, as parts: fixed text and values, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashiato.engine.reading.meanings import meaning_of_directive, meaning_of_variable


@dataclass(frozen=True)
class Value:
    """A value in a log format: its own name, and what it means (None: kept as unmapped)."""

    name: str
    meaning: str | None


@dataclass(frozen=True)
class LogFormat:
    """A line's template: ``literals[i]`` stands before ``values[i]``, the last literal ends the line.

    ``escape``: how the server writes quotes and control bytes inside values: ``text`` (backslashes),
    ``json`` or ``none``.
    """

    name: str
    written: str
    literals: tuple[bytes, ...]
    values: tuple[Value, ...]
    escape: str = "text"

    @property
    def is_json(self) -> bool:
        """Whether each line is a JSON object."""
        return self.literals[0].lstrip().startswith(b"{") and self.literals[-1].rstrip().endswith(b"}")


_NGINX_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))")
_APACHE_DIRECTIVE = re.compile(
    r"""%(?:
        (?P<percent>%)
      | (?:!?\d{3}(?:,\d{3})*)?  [<>]?  (?:\{(?P<argument>[^}]*)\})?  [<>]?
        (?P<letter>\^[A-Za-z]{2}|[A-Za-z])
    )""",
    re.VERBOSE,
)


def nginx_format(name: str, text: str, escape: str = "default") -> LogFormat:
    """Parse the text of an nginx ``log_format`` (ngx_http_log_module)."""
    literals, values, end = [], [], 0
    for found in _NGINX_VARIABLE.finditer(text):
        variable = found["braced"] or found["plain"]
        literals.append(text[end : found.start()])
        values.append(Value(variable, meaning_of_variable(variable)))
        end = found.end()
    literals.append(text[end:])
    kind = {"json": "json", "none": "none"}.get(escape, "text")
    return _format_of(name, text, literals, values, kind)


def apache_format(name: str, text: str) -> LogFormat:
    """Parse the text of an Apache ``LogFormat``, quotes already unescaped (mod_log_config)."""
    literals: list[str] = []
    values: list[Value] = []
    literal, end = "", 0
    for found in _APACHE_DIRECTIVE.finditer(text):
        literal += text[end : found.start()]
        end = found.end()
        if found["percent"]:
            literal += "%"
            continue
        argument, letter = found["argument"], found["letter"]
        bracketed = letter == "t" and argument is None
        value = Value(_apache_name(argument, letter), meaning_of_directive(letter, argument))
        literals.append(literal + "[" * bracketed)
        values.append(value)
        literal = "]" * bracketed
    literals.append(literal + text[end:])
    return _format_of(name, text, *_as_one(literals, values), "text")


def _as_one(literals: list[str], values: list[Value]) -> tuple[list[str], list[Value]]:
    """Join directives that write one thing between them: a moment in parts, a path and its query.

    ``%{%FT%T}t.%{msec_frac}t%{%z}t`` is one time, ``%U%q`` one target.
    """
    ends, kept = [literals[0]], [values[0]] if values else []
    for literal, value in zip(literals[1:], values[1:], strict=False):
        before = kept[-1]
        moment = before.meaning == "@time" and value.name.endswith("}t") and literal in ("", ".", ",")
        target = before.name == "%U" and value.name == "%q" and not literal
        if moment or target:
            kept[-1] = Value(before.name + literal + value.name, "@time" if moment else "http_request_target")
        else:
            ends.append(literal)
            kept.append(value)
    return [*ends, *literals[len(values) :]], kept


def _apache_name(argument: str | None, letter: str) -> str:
    return f"%{letter}" if argument is None else f"%{{{argument}}}{letter}"


def _format_of(name: str, text: str, literals: list[str], values: list[Value], escape: str) -> LogFormat:
    as_bytes = tuple(literal.encode() for literal in literals)
    return LogFormat(name, text, as_bytes, tuple(values), escape)


#: The formats both servers know without configuration.
COMMON = apache_format("common", '%h %l %u %t "%r" %>s %b')
COMBINED = apache_format("combined", '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"')
VHOST_COMBINED = apache_format(
    "vhost_combined", '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'
)
#: As many name their hosts' lines, without a port.
HOST_COMBINED = apache_format("host_combined", f"%v {COMBINED.written}")
#: What many sites write without a configuration at hand: the client's header after the agent; the header
#: in place of the address; anything else after the agent, kept as unmapped.
FORWARDED = apache_format("combined_forwarded", f'{COMBINED.written} "%{{X-Forwarded-For}}i"')
HOST_FORWARDED = apache_format("host_combined_forwarded", f"%v {FORWARDED.written}")
_AFTER_ADDRESS = (
    ' - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
HOPS = nginx_format("hops_combined", f"$hops{_AFTER_ADDRESS}")
WITH_TAIL = nginx_format("combined_tail", f"$remote_addr{_AFTER_ADDRESS} $tail")
BUILT_IN = (COMBINED, VHOST_COMBINED, HOST_COMBINED, COMMON, FORWARDED, HOST_FORWARDED, HOPS, WITH_TAIL)
