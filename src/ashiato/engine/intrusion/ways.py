"""The kinds of ways in, by the rules that show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One kind of way in: its name, the technique it usually is, and how a path of it is titled."""

    name: str
    technique: str
    title: str


DISCOVERY = Way("discovery", "T1595.003", "Search for paths from {address}")
GUESSING = Way("guessing", "T1110", "Password guessing from {address}")
ENUMERATION = Way("enumeration", "T1213", "Records gone through at {route} by {actor}")
TAKEOVER = Way("takeover", "T1078", "Stolen account {actor}")
INJECTION = Way("injection", "T1190", "Injection through {route} from {address}")
BULK = Way("bulk", "T1213.006", "Bulk read of the database by {actor}")
EXPORT = Way("export", "T1567", "Whole data fetched at {route} from {address}")
OTHER = Way("other", "", "Hostile requests from {address}")

# In the order in which they name a visit that shows several: what took most first.
WAYS = (INJECTION, ENUMERATION, TAKEOVER, BULK, EXPORT, GUESSING, DISCOVERY, OTHER)

_BY_RULE = {
    "statement-changed-by-request": INJECTION,
    "statement-broken-open": INJECTION,
    "statement-shapes-of-one-client": INJECTION,
    "database-statement-injected": INJECTION,
    "database-syntax-error": INJECTION,
    "database-host-reached": INJECTION,
    "web-sql-injection": INJECTION,
    "web-command-injection": INJECTION,
    "web-script-injection": INJECTION,
    "web-path-traversal": INJECTION,
    "web-planted-script": INJECTION,
    "record-enumeration": ENUMERATION,
    "account-not-its-owner": TAKEOVER,
    "cloud-key-not-its-owner": TAKEOVER,
    "bulk-read-for-once": BULK,
    "database-backup-fetched": EXPORT,
    "heavy-answer-to-a-stranger": EXPORT,
    "data-nobody-else-is-given": EXPORT,
    "copy-guessed-and-had": EXPORT,
    "statements-counting-up": ENUMERATION,
    "statements-listing-many": BULK,
    "web-server-side-request": INJECTION,
    "password-guessing": GUESSING,
    "password-guessed": GUESSING,
    "path-discovery": DISCOVERY,
    "web-attack-tool": DISCOVERY,
    "web-known-weakness": DISCOVERY,
}


def way_of(rule: str) -> Way:
    """Return the way in that findings of a rule show."""
    return _BY_RULE.get(rule, OTHER)
