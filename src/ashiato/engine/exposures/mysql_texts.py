"""MySQL's and MariaDB's statements as text: comments that run, and statements that never did or read nothing.

Their general log says nothing of errors, so what no server can have parsed is told by its text alone. What
this page cannot tell for certain it leaves to be widened.

Sources: MySQL 8.0 manual "Comments", "SELECT ... INTO Statement"; MariaDB Knowledge Base "Comment Syntax";
both manuals' lists of error codes (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECE = re.compile(
    r"""
      (?P<quoted>'(?:[^'\\]|\\.|'')*+(?P<single>')?|"(?:[^"\\]|\\.|"")*+(?P<double>")?|`[^`]*+(?P<tick>`)?)
    | (?P<line>(?:\#|--(?=[\s\x00-\x1f]|$))[^\n]*)
    | (?P<minus>--)
    | /\*(?P<maria>M?)!(?P<version>\d*)
    | (?P<comment>/\*.*?(?:\*/|\Z))
    | (?P<end>\*/)
    """,
    re.VERBOSE | re.DOTALL,
)
# How a server reads quotes that is set not to take backslashes for escapes.
_NO_ESCAPES = re.compile(
    r"""(?P<quoted>'[^']*+(?P<single>')?|"[^"]*+(?P<double>")?|`[^`]*+(?P<tick>`)?)
    | (?:\#|--(?=[\s\x00-\x1f]|$))[^\n]* | /\*.*?(?:\*/|\Z)""",
    re.VERBOSE | re.DOTALL,
)
# Versions that every server in use has reached, and those that none has: comments that name others run or
# do not, as the server's version and kind decide.
_REACHED, _NEVER = 50_700, 91_000
_SIX_DIGITS = 100_000
_INTO = re.compile(
    r"""\bINTO\s+(?:(?:OUTFILE|DUMPFILE)\s+'(?P<file>[^']*)'|@[\w$.]+(?:\s*,\s*@[\w$.]+)*)
        (?:\s+CHARACTER\s+SET\s+\w+)?
        (?:\s+(?:FIELDS|COLUMNS|LINES)
           (?:\s+(?:OPTIONALLY\s+)?(?:TERMINATED|ENCLOSED|ESCAPED|STARTING)\s+BY\s+'(?:[^'\\]|\\.|'')*+')+)*""",
    re.VERBOSE | re.IGNORECASE,
)
_QUERY = re.compile(r"[(\s]*+(?:SELECT|WITH|TABLE|VALUES)\b", re.IGNORECASE)
_TO_FILE = re.compile(r"\b(?:OUTFILE|DUMPFILE)\b", re.IGNORECASE)
#: A setting in a comment that some server's version runs: run or not, it reads nothing.
_SETTING = re.compile(r"\s*/\*M?!\d*+\s*+(SET\s[^()*]*+)\*/\s*+;?\s*+", re.IGNORECASE)
#: Words by which a statement begins that sends no rows of tables.
_IDLE = re.compile(
    r"""\s*(?:(?:UN)?LOCK|SHOW|EXPLAIN|DESC|DESCRIBE|OPTIMIZE|CHECK|REPAIR|CHECKSUM|FLUSH|RESET|PURGE|GRANT
        |REVOKE|PREPARE|DEALLOCATE|KILL|INSTALL|UNINSTALL|XA|SAVEPOINT|RELEASE|ROLLBACK|START|STOP|CHANGE
        |CACHE|RENAME|HELP|SHUTDOWN|USE|BEGIN|COMMIT|EXECUTE|LOAD|DROP|TRUNCATE|SIGNAL|CREATE\s+USER
        |ALTER|SET\s+(?:NAMES|CHARACTER|PASSWORD|TRANSACTION)|HANDLER\s+\S+\s+(?:OPEN|CLOSE))\b""",
    re.VERBOSE | re.IGNORECASE,
)
#: Errors found before a statement runs: syntax, names, rights, columns that do not fit together.
_NEVER_RAN = frozenset({
    "1044", "1045", "1046", "1047", "1049", "1051", "1052", "1054", "1055", "1056", "1063", "1064", "1065",
    "1066", "1103", "1106", "1109", "1110", "1111", "1115", "1140", "1141", "1142", "1143", "1144", "1146",
    "1147", "1149", "1222", "1227", "1234", "1235", "1241", "1243", "1247", "1248", "1250", "1253", "1267",
    "1270", "1271", "1273", "1305", "1318", "1327", "1370", "1390", "1410", "1582", "1583", "1584", "1630",
})  # fmt: skip


class UnsureError(Exception):
    """Whether a comment runs hangs on the server's version."""


def plain_text(text: str) -> str:
    """Return a statement as its server read it: comments that run opened, other forms in plainer ones.

    What is written to a file or into variables instead of being sent becomes a table made of it.

    Raises UnsureError: whether a comment runs depends on the server's version.
    """
    setting = _SETTING.fullmatch(text)
    if setting is not None:
        return setting[1]
    if "/*" in text or "--" in text:
        text = "".join(_opened(text))
    found = _sent_elsewhere(text)
    return f"CREATE TABLE _staged AS {_without(found)}" if found is not None else text


def file_written(text: str) -> tuple[str, str] | None:
    """Return the path of the file a query writes its rows to, and the query alone."""
    if not _TO_FILE.search(text):
        return None
    try:
        text = "".join(_opened(text)) if "/*" in text or "--" in text else text
    except UnsureError:
        return None
    found = _sent_elsewhere(text)
    return (found["file"], _without(found)) if found and found["file"] else None


def _sent_elsewhere(text: str) -> re.Match[str] | None:
    """Return where a query says that its rows go to a file or into variables."""
    found = _outside(_INTO, text) if re.search(r"\binto\b", text, re.IGNORECASE) else None
    return found if found is not None and _QUERY.match(text) else None


def _without(found: re.Match[str]) -> str:
    return f"{found.string[: found.start()]} {found.string[found.end() :]}"


def _opened(text: str) -> Iterator[str]:
    at, inside = 0, 0
    for found in _PIECE.finditer(text):
        if found.start() < at:
            continue
        yield text[at : found.start()]
        at = found.end()
        if found["version"] is not None:
            runs = _runs(found["maria"], found["version"])
            inside += runs
            at = at if runs else _end_of(text, at)
            yield " "
        elif found["end"] and inside:
            inside -= 1
            yield " "
        elif found["line"] or found["comment"]:
            yield " "
        else:
            yield "- -" if found["minus"] else found[0]
    yield text[at:]


def _runs(maria: str, version: str) -> bool:
    number = int(version or 0)
    if not maria and number < _REACHED:
        return True
    if not maria and _NEVER <= number < _SIX_DIGITS:
        return False
    raise UnsureError


def _end_of(text: str, start: int) -> int:
    end = text.find("*/", start)
    if end < 0 or "/*" in text[start:end]:
        raise UnsureError
    return end + 2


def _outside(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return where a pattern begins outside of quotes and comments."""
    taken = ((found.start(), found.end()) for found in _PIECE.finditer(text))
    first, last = next(taken, (len(text), len(text)))
    for found in pattern.finditer(text):
        while last <= found.start() and last < len(text):
            first, last = next(taken, (len(text), len(text)))
        if not first < found.start() < last:
            return found
    return None


def never_parsed(text: str) -> bool:
    """Tell whether no server can have made a statement of it: quotes or brackets left open."""
    return all(_is_faulty(text, pieces) for pieces in (_PIECE, _NO_ESCAPES))


def _is_faulty(text: str, pieces: re.Pattern[str]) -> bool:
    plain: list[str] = []
    at, is_open = 0, False
    for found in pieces.finditer(text):
        plain.append(text[at : found.start()])
        at = found.end()
        is_open = found["quoted"] is not None and not any(found[k] for k in ("single", "double", "tick"))
    rest = "".join([*plain, text[at:]])
    # Of several statements those before the fault ran.
    return ";" not in rest.rstrip("; \t\r\n") and (is_open or _is_unbalanced(rest))


def _is_unbalanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return True
    return depth != 0


def never_ran(code: str | None) -> bool:
    """Tell whether an error is found before a statement runs."""
    return code in _NEVER_RAN


def reads_nothing(text: str) -> bool:
    """Tell whether a statement sends no rows of tables, by the word it begins with."""
    return _IDLE.match(text) is not None and ";" not in text.rstrip("; \t\r\n")
