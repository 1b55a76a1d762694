"""What is tried at a site, as single lines tell it: SQL in requests, passwords of many, copies of data.

Each is counted as people are: different tries from one address within a minute, an hour and a day. Tries
alone are the weather of the open network; what is told of is many that were answered, or one that came right.
Nobody but the address is named: whose session a request to an open route claims, no site has checked.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import unquote_plus

from ashiato.guard.counters import WINDOWS, Counter
from ashiato.guard.requests import NONE, Numbers, Request, Requests, Truths
from ashiato.guard.settings import Attempt, Window
from ashiato.guard.sights import Look, Sight
from ashiato.guard.spending import Asked, Asker, asker_of, key_of
from ashiato.terms.alarms import Alarm, AlarmCode

#: So many copies that are not there make one that is there a copy somebody guessed.
FEWEST_MISSES = 3
#: What a guessed copy costs: more than any budget of misses.
COPY_COSTS = 1_000
_LEAST_COPY_BYTES = 1_024
_HAD = (200, 206)
_MISSED = (403, 404, 410)
_ERRORS = 500
_REFUSED = 400
_COPIES = re.compile(
    r"\.(?:zip|tar|tgz|gz|bz2|xz|zst|7z|rar|sql|dump|bak|old|orig|save|csv|tsv|xlsx?|mdb|accdb|db3?|sqlite\d?"
    r"|ndjson|parquet)$|/(?:\.git|\.env|\.svn|backups?|dumps?|exports?|old|bak)(?:/|$)",
    re.IGNORECASE,
)
#: Signs without which no text leaves a value of SQL, as they come: a quote, a bracket, a remark, a semicolon.
_SIGNS = r"(?i)%27|'|%22|\)|%29|--|%2d%2d|/\*|%2f\*|;|%3b"
#: A value that is left, and SQL behind it; nothing is gone back over, so that no text takes long.
_GAP = r"(?:\s|[()]|/\*[^*]{0,64}+\*/)*+"
_SQL = re.compile(
    rf"""(?:['")]|\b\d++){_GAP}(?:
        union\b.{{0,200}}\bselect\b
      | (?:and|or|having|where)\b{_GAP}(?:not\b{_GAP})?(?:
            (?:select|case|exists)\b | \w++\(
          | ['"]?[\w.]++['"]?\s*+(?:[=<>] | (?:like|between)\b | in\s*+\())
      | order\s+by\s+\d | \|\| | ;\s*(?:select|waitfor|declare|drop|insert|update|delete)\b
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LONGEST = 8_192
_HOUR = WINDOWS.index(Window.HOUR)
_HOUR_S = 3_600


def has_sql(query: str) -> bool:
    """Tell whether a query's text leaves a value and goes on as SQL."""
    return _SQL.search(unquote_plus(query[:_LONGEST])) is not None


def tries(requests: Requests, routes: Numbers) -> Truths:
    """Tell which requests may be tries; ``routes``: the number of each one's route."""
    codes = requests.codes
    signs = requests.matches("http_request_query", _SIGNS)
    answered = (codes < _REFUSED) | (codes >= _ERRORS)
    copies = requests.each(lambda _, path: 0 if _COPIES.search(path) else None) != NONE
    told: Truths = (signs & answered & (routes != NONE)) | (copies & (routes == NONE) & (codes != NONE))
    return told | requests.sign_ins


def try_of(request: Request, code: int, route: int) -> Look | None:
    """Return what a request tried, None where nothing."""
    if request.kind == "sign-in":
        return _password(request)
    if route != NONE:
        return _look(Attempt.SQL, request.query) if has_sql(request.query) else None
    if code in _MISSED:
        return _look(Attempt.COPIES, request.path)
    is_had = code in _HAD and request.method == "GET" and not (request.session or request.account)
    is_had = is_had and request.reply_bytes >= _LEAST_COPY_BYTES
    return _look(Attempt.COPIES, request.path, COPY_COSTS) if is_had else None


def is_alone(look: Look, counter: Counter, time_us: int) -> bool:
    """Tell whether a copy was handed out to somebody who guessed at no others before: that says nothing."""
    is_had = any(sight.weight == COPY_COSTS for sight in look.sights)
    return is_had and len(counter.seen.entries(_HOUR, time_us)) < FEWEST_MISSES


def found_passwords(look: Look, counter: Counter, asked: Asked, *, is_told: bool) -> list[Alarm]:
    """Return an alarm for each session that passwords opened for whoever tried those of many.

    ``is_told``: just now; then of those that were opened within the hour before, else of this sign-in alone.
    """
    if look.role != Attempt.PASSWORDS or not counter.told:
        return []
    opened = {
        entry.member: entry.time_us
        for what, entry in counter.seen.entries(_HOUR, asked.time_us)
        if entry.cost == 0 and (is_told or what == look.sights[0].what)
    }
    return [_found(asker_of(asked.asker.system, member), at, asked) for member, at in opened.items()]


def _found(asker: Asker, time_us: int, asked: Asked) -> Alarm:
    rule = f"{Attempt.PASSWORDS}/found"
    return Alarm(
        key=key_of(rule, asker.session, asker.address, str(time_us)),
        code=AlarmCode.FINDING,
        rule=rule,
        first_us=time_us,
        last_us=asked.time_us,
        decided_us=asked.decided_us,
        actors=asker.actors(),
        people=0,
        people_expected=None,
        window_s=_HOUR_S,
        lines=(asked.line,),
    )


def _password(request: Request) -> Look:
    """A sign-in that failed costs by its account; one that came right costs nothing, and is remembered."""
    if request.status.lower() == "success":
        return _look(Attempt.PASSWORDS, f"in {request.session}", 0)
    return _look(Attempt.PASSWORDS, f"tried {request.account}")


def _look(attempt: Attempt, what: str, weight: int = 1) -> Look:
    digest = blake2b(f"{attempt}\x00{what}".encode("utf-8", "surrogatepass"), digest_size=7).digest()
    return Look(attempt, "", (Sight(int.from_bytes(digest, "big"), weight, 0, None, None),))
