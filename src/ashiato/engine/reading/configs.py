"""Read what sealed configuration says of logs: their formats, their paths, their zone.

Configuration is evidence too: hostile, cut, of any version. What is not understood is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashiato.engine.reading.log_formats import BUILT_IN, LogFormat, apache_format, nginx_format

_NGINX_TOKEN = re.compile(
    r"""\#[^\n]* | '((?:[^'\\]|\\.)*)' | "((?:[^"\\]|\\.)*)" | ([{};])
    | ((?:\\.|[^\s'"{};#]|\{\w+\})[^\s;{}]*(?:\{\w+\}[^\s;{}]*)*)""",
    re.VERBOSE | re.DOTALL,
)
_APACHE_LINE = re.compile(
    r"^[ \t]*(LogFormat|CustomLog|TransferLog)\s+(.*?)\s*$", re.IGNORECASE | re.MULTILINE
)
_APACHE_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_SETTING = re.compile(
    r"^[ \t]*(log_line_prefix|log_timezone|timezone)\s*=?\s*('(?:[^']|'')*'|[^\s#]+)", re.MULTILINE
)


@dataclass(frozen=True)
class Config:
    """What one configuration file says: log formats, which log has which, PostgreSQL's settings."""

    file: str
    formats: tuple[LogFormat, ...] = ()
    logs: tuple[tuple[str, str], ...] = ()
    line_prefix: str | None = None
    log_zone: str | None = None

    def format_of(self, path: str) -> LogFormat | None:
        """The format of the log that this configuration writes to a path of the same name."""
        wanted = dict(self.logs).get(path)
        return next((each for each in (*self.formats, *BUILT_IN) if plain_name(each) == wanted), None)


def plain_name(log_format: LogFormat) -> str:
    """A format's name as its configuration writes it."""
    return log_format.name.partition(":")[2] or log_format.name


def read_config(file: str, text: str) -> Config:
    """Return what the text of a configuration file says of logs."""
    nginx_formats, nginx_logs = (
        _read_nginx(text) if re.search(r"\b(log_format|access_log)\b", text) else ([], [])
    )
    apache_formats, apache_logs = _read_apache(text)
    settings = {name: _unquoted(value) for name, value in _SETTING.findall(text)}
    return Config(
        file,
        (*nginx_formats, *apache_formats),
        (*nginx_logs, *apache_logs),
        settings.get("log_line_prefix"),
        settings.get("log_timezone", settings.get("timezone")),
    )


def _read_nginx(text: str) -> tuple[list[LogFormat], list[tuple[str, str]]]:
    formats, logs = [], []
    for words in _nginx_directives(text):
        if words[0] == "log_format" and len(words) >= 3:
            formats.append(_nginx_format(words[1], words[2:]))
        elif words[0] == "access_log" and len(words) >= 2 and words[1] != "off":
            named = words[2] if len(words) > 2 and "=" not in words[2] else "combined"
            logs.append((_file_name(words[1]), named))
    return formats, logs


def _nginx_directives(text: str) -> list[list[str]]:
    directives: list[list[str]] = []
    words: list[str] = []
    for found in _NGINX_TOKEN.finditer(text):
        single, double, mark, plain = found.groups()
        if mark:
            directives += [words] if words else []
            words = []
        elif single is not None or double is not None:
            words.append(_unescaped(single if double is None else double))
        elif plain:
            words.append(plain)
    return directives


def _nginx_format(name: str, words: list[str]) -> LogFormat:
    escape = "default"
    if words[0].startswith("escape="):
        escape, words = words[0].removeprefix("escape="), words[1:]
    return nginx_format(f"nginx:{name}", "".join(words), escape)


def _read_apache(text: str) -> tuple[list[LogFormat], list[tuple[str, str]]]:
    formats, logs = [], []
    for directive, rest in _APACHE_LINE.findall(re.sub(r"\\\n", " ", text)):
        words = [_unescaped(quoted) if quoted else plain for quoted, plain in _APACHE_WORD.findall(rest)]
        if directive.lower() == "logformat" and words and "%" in words[0]:
            formats.append(apache_format(f"apache:{words[1] if len(words) > 1 else 'default'}", words[0]))
        elif directive.lower() == "customlog" and len(words) > 1 and "%" in words[1]:
            formats.append(apache_format(f"apache:{_file_name(words[0])}", words[1]))
            logs.append((_file_name(words[0]), _file_name(words[0])))
        elif directive.lower() == "customlog" and len(words) > 1:
            logs.append((_file_name(words[0]), words[1]))
        elif directive.lower() == "transferlog" and words:
            logs.append((_file_name(words[0]), "default"))
    return formats, logs


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _unescaped(text: str) -> str:
    return re.sub(
        r"\\(.)", lambda found: {"t": "\t", "n": "\n"}.get(found[1], found[1]), text, flags=re.DOTALL
    )


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value
