"""Which format a file has: as the data map says, as a sealed configuration says, or as its lines show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from ashiato.datamap.model import DataMap, Objects, Source
from ashiato.engine.log_names import is_named_by
from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.configs import Config
from ashiato.engine.reading.forwarded import Proxies
from ashiato.engine.reading.json_keys import KeyMap, keys_of_format
from ashiato.engine.reading.log_formats import BUILT_IN, LogFormat, apache_format, nginx_format
from ashiato.engine.reading.offered import Manner, offered
from ashiato.engine.reading.parser import Parser, parse_whatever
from ashiato.engine.reading.parsers.json_lines import JsonLines, Outcome
from ashiato.engine.reading.parsers.web_log import WebLog
from ashiato.engine.reading.times import SECOND_US, Clock, count_days

SAMPLE_LINES = 400
_NO_SOURCE = Source(files="*")
_SURE_SHARE = 0.5
_CONFIG_NAMES = (
    "*.conf", "*.cnf", "*.cfg", "*.ini", "*.sql", "*.cron", "*crontab*", "*.y*ml", "*.toml", "*.service",
    "*.sh", "*.py", "*.php", "*.rb", "*.md", "*.htaccess", "*.env",
    "*/sites-available/*", "*/sites-enabled/*", "*/cron.d/*", "*.xml", "*.properties",
)  # fmt: skip
_ROTATION = re.compile(r"([.-]\d+|[.-]\d{4}-?\d\d-?\d\d([-_T]?\d{2,6})?|\.(gz|bz2|xz|zst|zip|old))+$")
#: The day on which a log was set aside, as rotation writes it: ``messages-20260608``.
_NAMED_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d[01]\d[0-3]\d(?!\d)")


@dataclass(frozen=True)
class Choice:
    """The parsers for one file, best first, and how the best was found; none: ``reason`` says why.

    The others stand by for lines that the best cannot read, as logs change their format in midstream.

    ``zone`` is the name of the zone for times that carry none.
    """

    parsers: tuple[Parser, ...]
    detected_by: str
    zone: str
    reason: str = "format-unknown"


def is_config(file: str) -> bool:
    """Tell by its name whether a file is configuration or a script, which is no log."""
    return any(fnmatchcase(f"/{file}".lower(), f"*/{pattern.lstrip('*/')}" if "/" in pattern else pattern)
               for pattern in _CONFIG_NAMES)  # fmt: skip


def is_object(file: str, places: Sequence[Objects]) -> bool:
    """Tell by the data map whether a file is the copy of an object: by its folder, or by its key."""
    for place in places:
        if place.copies and file.startswith(f"{place.copies.strip('/')}/"):
            return True
        if place.keys.strip("*/") and is_named_by(file, place.keys.lstrip("/")):
            return True
    return False


def log_name(file: str) -> str:
    """A log's name without rotation and compression suffixes: ``access.log`` of ``access.log.3.gz``."""
    return _ROTATION.sub("", file.rpartition("/")[2])


def newest_moment(file: str, modified_us: int | None) -> int | None:
    """The moment that a file's lines lie before: the end of the day in its name, else its last change."""
    for digits in reversed(_NAMED_DAY.findall(file.rpartition("/")[2])):
        day = count_days(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        if day is not None:
            return (day + 1) * 86400 * SECOND_US
    return modified_us


class Detector:
    """Knows the data map and all sealed configurations, and chooses parsers for one file after another."""

    def __init__(self, datamap: DataMap, configs: Sequence[Config], zone: ZoneInfo) -> None:
        """``zone`` is the case's, for times that nothing else places."""
        self._datamap = datamap
        self._configs = configs
        self._zone = zone
        self._proxies = Proxies(datamap.accounts.proxies)

    def choose(self, file: str, block: Block | None, modified_us: int | None = None) -> Choice:
        """Choose the parsers for a file by its name, its first lines and when it was last changed."""
        if block is None or not len(block):
            return Choice((), "empty", self._zone.key)
        if _is_binary(block.content[:65536]):
            return Choice((), "content", self._zone.key, "binary")
        source = self._source_of(file)
        clock = Clock(self._zone_of(file, source), newest_moment(file, modified_us))
        told = self._told(file, source, clock)
        shares = [(_share(parser, block), parser) for parser, _ in told]
        shares += [(_share(parser, block), parser) for parser in self._usual(source, clock)]
        if is_object(file, self._datamap.objects):
            # A log among the objects is still a log; lists of people written as JSON are none.
            shares = [each for each in shares if not isinstance(each[1], JsonLines)]
            if max((share for share, _ in shares), default=0) < _SURE_SHARE:
                return Choice((), "datamap", clock.zone.key, "not-a-log")
        best = max((share for share, _ in shares), default=0)
        if best < _SURE_SHARE and is_config(file):
            return Choice((), "name", clock.zone.key, "not-a-log")
        if best == 0:
            return Choice((), "content", clock.zone.key)
        ranked = [parser for _, parser in sorted(shares, key=lambda each: -each[0])]
        by = dict(told).get(ranked[0], "content")
        return Choice(tuple(ranked), by, clock.zone.key)

    def _source_of(self, file: str) -> Source:
        return next((s for s in self._datamap.sources if is_named_by(file, s.files)), _NO_SOURCE)

    def _zone_of(self, file: str, source: Source) -> ZoneInfo:
        """The zone of times without one: of the source, of its server, of the estate, of the case."""
        for name in (source.zone, self._server_zone(file), self._datamap.zone):
            if name is not None:
                try:
                    return ZoneInfo(name)
                except (ZoneInfoNotFoundError, ValueError, OSError):
                    continue
        return self._zone

    def _server_zone(self, file: str) -> str | None:
        """The zone that a database's configuration beside this log says its log is written in."""
        folder = file.rpartition("/")[0]
        beside = [c for c in self._configs if c.log_zone and c.file.rpartition("/")[0] == folder]
        return beside[0].log_zone if beside else None

    def _told(self, file: str, source: Source, clock: Clock) -> list[tuple[Parser, str]]:
        """Parsers that somebody named for this file: the data map, or the server that wrote it."""
        told: list[tuple[Parser, str]] = []
        if source.log_format:
            told.append((self._web(_written_format(source.log_format), source, clock), "datamap"))
        elif source.format:
            told += [(p, "datamap") for p in self._usual(source, clock) if p.name == source.format]
        name = log_name(file)
        for config in self._configs:
            found = config.format_of(name)
            if found is not None:
                told.append((self._web(found, source, clock), f"config {config.file}"))
        return told

    def _usual(self, source: Source, clock: Clock) -> list[Parser]:
        """Every format that is tried on a file of which nobody told us anything."""
        configured = [each for config in self._configs for each in config.formats]
        web = [self._web(each, source, clock) for each in (*configured, *BUILT_IN)]
        prefixes = sorted({config.line_prefix for config in self._configs if config.line_prefix})
        # By its own law the extended log format is written in UTC; a source's zone says otherwise.
        utc = clock if source.zone else Clock(ZoneInfo("UTC"))
        keys = KeyMap(_told_keys(source))
        return offered(Manner(clock, utc, keys, _outcome(source), self._proxies, tuple(prefixes)), web)

    def _web(self, log_format: LogFormat, source: Source, clock: Clock) -> Parser:
        if not log_format.is_json:
            return WebLog(log_format, clock, self._proxies)
        keys = KeyMap(_told_keys(source), keys_of_format(log_format))
        return JsonLines(log_format.name, keys, clock, _outcome(source), self._proxies)


def _share(parser: Parser, block: Block) -> float:
    """Which share of some lines that are not blank the parser reads: the first, and some from further on."""
    first = block.compact(np.arange(min(len(block), SAMPLE_LINES)))
    whole = parser.cut(replace(first, ended=False)) or len(first)
    parts = [first.compact(np.arange(whole))]
    if whole < len(first) and not len(parse_whatever(parser, parts[0])):
        # The one record of a short file may stand where the sample ends.
        parts = [first]
    if len(block) > 2 * SAMPLE_LINES and not parser.many_lined:
        parts.append(block.compact(np.arange(SAMPLE_LINES, len(block), len(block) // SAMPLE_LINES)))
    lines = [line for part in parts for line in part.lines() if line.strip()]
    read = sum(len(part) - len(parse_whatever(parser, part).left_over(len(part))) for part in parts)
    return read / max(1, len(lines))


def _is_binary(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    codes = np.frombuffer(content, np.uint8)
    text = (codes >= 32) | ((codes >= 8) & (codes <= 13)) | (codes == 27)
    return len(codes) > 0 and float(np.mean(text)) < 0.7


def _told_keys(source: Source) -> dict[str, str]:
    return {key: _MEANINGS.get(column, column) for column, key in source.fields.items()}


_MEANINGS = {"time_us": "@time", "time": "@time", "duration_us": "@microseconds", "activity_name": "@event"}


def _outcome(source: Source) -> Outcome:
    return Outcome(source.success, source.failure)


def _written_format(text: str) -> LogFormat:
    return (
        apache_format("datamap", text) if "%" in text and "$" not in text else nginx_format("datamap", text)
    )
