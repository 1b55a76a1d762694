"""Retention over all rooms, and over what sign-in keeps: what there is, what is due, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from ashiato.exports.words import Words
from ashiato.rooms.accounts.api import POLICIES as OF_ACCOUNTS
from ashiato.rooms.accounts.api import Event, Policy, Staff, retire
from ashiato.rooms.answering.api import POLICIES as OF_ANSWERING
from ashiato.rooms.cases.api import POLICIES as OF_CASES
from ashiato.rooms.containing.api import POLICIES as OF_CONTAINING
from ashiato.rooms.ending.api import POLICIES as OF_ENDING
from ashiato.rooms.notifying.api import POLICIES as OF_NOTIFYING
from ashiato.rooms.publishing.api import POLICIES as OF_PUBLISHING
from ashiato.rooms.watching.api import POLICIES as OF_WATCHING

_OF_SIGN_IN = (
    Policy(Session, Event.EXPIRED, due=lambda now: Session.objects.filter(expire_date__lt=now), removes=True),
    Policy(
        UserSession,
        Event.EXPIRED,
        due=lambda _: UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")),
        removes=True,
    ),
    Policy(
        Authenticator,
        Event.LEFT,
        due=lambda _: Authenticator.objects.filter(user__is_active=False),
        removes=True,
    ),
    Policy(
        EmailAddress,
        Event.LEFT,
        due=lambda _: EmailAddress.objects.filter(user__is_active=False),
        removes=True,
    ),
)
#: Each table with personal data, in the order in which it is done: what a session is known by after it.
POLICIES = (
    *OF_NOTIFYING,
    *OF_ANSWERING,
    *OF_PUBLISHING,
    *OF_ENDING,
    *OF_WATCHING,
    *OF_CONTAINING,
    *OF_CASES,
    *OF_ACCOUNTS,
    *_OF_SIGN_IN,
)


@dataclass(frozen=True)
class TableStanding:
    """One table: how many rows there are, and of how many the time has come."""

    policy: Policy
    rows: int
    due: int


def standing_of_tables(now: datetime, case: str = "") -> list[TableStanding]:
    """Count every table with personal data: of one case, or (none named) of the whole server."""
    return [_standing(each, now, case) for each in POLICIES if each.case or not case]


def _standing(policy: Policy, now: datetime, case: str) -> TableStanding:
    narrowed = {policy.case: case} if case else {}
    rows = policy.model._default_manager.filter(**narrowed).count()  # noqa: SLF001 - Django's public way to it
    return TableStanding(policy, rows, policy.is_due(now).filter(**narrowed).count())


def retire_all(by: Staff, now: datetime) -> Mapping[str, int]:
    """Do what every policy says; returns of how many rows by table, where there were any."""
    counted = {policy.name: retire(policy, by, now) for policy in POLICIES}
    return {name: count for name, count in counted.items() if count}


def told_of_table(standing: TableStanding, days: int | None, words: Words) -> dict[str, str | int]:
    """Return a table's policy in words; ``days``: how long its campaign keeps contents, if there is one."""
    policy = standing.policy
    term = words.say("retention.number_of_days", number=days) if days else words.say("retention.keep_days")
    about = f"retention.tables.{policy.name}"
    goes = policy.emptied or policy.removes
    return {
        "title": words.say(f"{about}.title"),
        "event": words.say(f"retention.events.{policy.event}", days=term),
        "goes": words.say(f"{about}.goes" if goes else "retention.nothing"),
        "stays": words.say(f"{about}.stays"),
        "rows": standing.rows,
        "due": standing.due,
    }
