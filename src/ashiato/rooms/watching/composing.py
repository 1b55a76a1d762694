"""What a receiver is told of a group: numbers, expected numbers, lines, what the guard did; and no person.

Sessions, accounts and keys are counted and not named: a session's value opens it, an account may be a
person's name. The page behind the link names them to those who may see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from ipaddress import ip_network

import yaml

from ashiato.exports.words import Language, Words
from ashiato.outside.messages.alarms.alarm_text import AlarmText, defused
from ashiato.rooms.watching.models import AlarmGroup, Message
from ashiato.rooms.watching.policy import Policy, Receiver
from ashiato.rooms.watching.selectors import count_answers
from ashiato.rooms.watching.terms import NOTHING
from ashiato.terms.alarms import ActorKind, AlarmCode
from ashiato.terms.times import moment_of

_NAMED = frozenset({ActorKind.ADDRESS.value, ActorKind.NETWORK.value})
_MOST_NAMED = 5
_MOST_LINES = 5
_MINUTE, _HOUR = 60, 3600


@cache
def texts_in(language: Language) -> Words:
    """Load one language's words."""
    text = files(__package__).joinpath(f"texts/{language}.yaml").read_text(encoding="utf-8")
    return Words(language, yaml.safe_load(text))


@dataclass(frozen=True)
class Composer:
    """Composes messages in the policy's zone; ``failing``: ways that took nothing when last tried."""

    policy: Policy
    failing: tuple[str, ...] = ()

    def compose(self, message: Message, receiver: Receiver) -> AlarmText:
        """Return the message as its receiver gets it, of the group as it stands."""
        words, group = texts_in(receiver.language), message.group
        lines = [*self._facts(group, words), "", *self._answers(group, words), ""]
        lines += self._about_telling(message, receiver, words)
        subject = self._subject(group, words)
        return AlarmText(message.reference, subject, "\n".join([subject, "", *lines]), message.made_at)

    def trial(self, reference: str, language: Language, who: str, at: datetime) -> AlarmText:
        """Return a message that tries a way; ``who`` asked for it."""
        words = texts_in(language)
        text = words.say("trial", who=defused(who))
        return AlarmText(reference, words.say("trial_subject"), text, at)

    def _subject(self, group: AlarmGroup, words: Words) -> str:
        said = {
            "what": words.code("codes", group.kind.code),
            "system": defused(group.kind.system, 60) or words.say("no_system"),
        }
        if group.people_expected is None:
            return words.say("subject", **said)
        return words.say("subject_people", **said, **_number(group, words))

    def _facts(self, group: AlarmGroup, words: Words) -> Iterator[str]:
        if group.people:
            key = "people_alone" if group.people_expected is None else "people"
            yield words.say(key, **_number(group, words))
        yield words.say("rule", rule=defused(group.rule))
        if group.kind.code == AlarmCode.CONTAINMENT_STUCK.value:
            yield words.say("stuck", plan=defused(group.rule.rpartition("/")[2]))
        if group.kind.code in _SILENCES:
            yield words.say(_SILENCES[group.kind.code], last=self._time(group.first_us), zone=self._zone)
        else:
            yield from self._about_actors(group, words)
        if group.lines:
            yield words.say("lines")
            yield from (f"  {defused(each)}" for each in group.lines[:_MOST_LINES])

    def _about_actors(self, group: AlarmGroup, words: Words) -> Iterator[str]:
        yield words.say("system", system=defused(group.kind.system, 60) or words.say("no_system"))
        times = {"first": self._time(group.first_us), "last": self._time(group.last_us)}
        yield words.say("times", **times, zone=self._zone)
        if group.alarms > 1:
            counts = {"alarms": words.number(group.alarms), "actors": words.number(group.actors_count)}
            yield words.say("alarms", **counts)
        yield words.say("who", who=who_asked(group.actors, words))

    def _answers(self, group: AlarmGroup, words: Words) -> Iterator[str]:
        for each in count_answers(group)[:_MOST_NAMED]:
            said = {"number": words.number(each["number"]), "alarms": words.number(group.alarms)}
            if each["answer"] != NOTHING:
                said["plan"] = defused(each["plan"]) or words.say("no_plan")
                said["trouble"] = defused(each["trouble"])
            yield words.say(f"answers.{each['answer']}", **said)

    def _about_telling(self, message: Message, receiver: Receiver, words: Words) -> Iterator[str]:
        failing = [way.name for way in receiver.ways if way.name in self.failing]
        if failing:
            yield words.say("failed", ways=", ".join(map(defused, failing)))
        if message.is_again:
            yield words.say("again", reference=message.reference)
        group, steps = message.group, self.policy.steps
        if group.step + 1 < len(steps) and group.told_at is not None:
            at = (group.told_at + steps[group.step + 1].after).astimezone(self.policy.zone)
            yield words.say("next", at=f"{at:%Y-%m-%d %H:%M}")
        else:
            yield words.say("last")
        link = f"{self.policy.origin}/alarms/{group.pk}/"
        yield words.say("acknowledge", link=link, number=group.pk)

    def _time(self, time_us: int) -> str:
        return f"{moment_of(time_us, self.policy.zone):%Y-%m-%d %H:%M:%S}"

    @property
    def _zone(self) -> str:
        return self.policy.zone.key


_SILENCES = {AlarmCode.GUARD_SILENT.value: "silent_guard", AlarmCode.SOURCE_SILENT.value: "silent_source"}


def who_asked(actors: Sequence[Sequence[str]], words: Words) -> str:
    """Return addresses and networks as they are, of everybody else how many there are."""
    named = [text for _, kind, value in actors if kind in _NAMED and (text := _address(value))]
    rest = Counter(kind for _, kind, value in actors if kind not in _NAMED or not _address(value))
    rest[ActorKind.ADDRESS.value] += max(0, len(named) - _MOST_NAMED)
    counted = [
        words.say("others", number=number, kind=words.code("kinds", kind))
        for kind, number in sorted(rest.items())
        if number
    ]
    return ", ".join([*named[:_MOST_NAMED], *counted])


def _address(value: str) -> str:
    """Return an address or network in its one writing; empty where it is none, as in a forged header."""
    try:
        found = ip_network(value, strict=False)
    except ValueError:
        return ""
    return str(found.network_address) if found.num_addresses == 1 else str(found)


def _number(group: AlarmGroup, words: Words) -> dict[str, str]:
    return {
        "people": words.number(group.people),
        "expected": words.number(group.people_expected),
        "window": window_text(group.window_s, words),
    }


def window_text(seconds: int, words: Words) -> str:
    """Return a span in the largest unit that is whole."""
    for unit, size in (("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds and seconds % size == 0:
            return words.say(unit, number=words.number(seconds // size))
    return words.say("seconds", number=words.number(seconds))
