"""What ``ashiato notify`` prints: plans, waves, rates, and where everybody stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ashiato.cli.progress import telling
from ashiato.cli.screen import clean, note, say, say_json
from ashiato.cli.surroundings import language_of_machine
from ashiato.exports.words import Language, words_in
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.terms.counts import Bound

if TYPE_CHECKING:
    from ashiato.outside.messages.intake import Intake, Unread
    from ashiato.rooms.notifying.api import CallsBack, ClosingSum, Progress, Standing, Tally

_T = TypeVar("_T")
_TELL_EACH = 1_000
_SECONDS_EACH = 5.0


class NotifyScreen:
    """Says it in one language."""

    def __init__(self, language: Language | None) -> None:
        """The machine's own language unless one is named."""
        self._words = words_in(language or language_of_machine())
        self._begun = self._told = time.monotonic()

    def word(self, key: str, **params: object) -> str:
        """Return one phrase."""
        return self._words.say(f"notify.{key}", **params)

    def say(self, key: str, **params: object) -> None:
        """Print one line; numbers with their thousands apart."""
        shown = {name: self._shown(value) for name, value in params.items()}
        say(self.word(key, **shown))

    def _shown(self, value: object) -> str:
        return self._words.number(value) if isinstance(value, int) else clean(value)

    @contextmanager
    def counting(self, total: int) -> Iterator[Callable[[Iterable[_T]], Iterator[_T]]]:
        """Yield what passes things on and shows how many have passed."""
        with telling() as tell:

            def counted(things: Iterable[_T]) -> Iterator[_T]:
                for number, each in enumerate(things, 1):
                    if number % _TELL_EACH == 0:
                        tell("plan", number, total)
                    yield each

            yield counted

    def show_plan(self, tally: Tally, run: int, *, exact: bool, dry: bool) -> None:
        """Print what a plan counted."""
        told = sum(tally.channels.values()) + sum(tally.excluded.values())
        bound = self._words.say(
            f"bounds.{Bound.EXACT if exact else Bound.AT_MOST}",
            number=self._words.number(told),
            unit=self._words.code("units", "people"),
        )
        say(self.word("planned", run=run, people=bound, dry=self.word("dry") if dry else ""), style="bold")
        for channel, count in sorted(tally.channels.items()):
            self.say("by_channel", channel=self._words.code("notice_channels", channel), count=count)
        for why, count in sorted(tally.excluded.items()):
            self.say("excluded", why=why, count=count)
        for change, count in sorted(tally.counts.items()):
            if count:
                self.say("changed", change=self._words.code("notice_changes", change), count=count)

    def show_approved(self, what: str, count: int, **params: object) -> None:
        """Print how many approved something."""
        self.say("approved", what=self.word(what, **params), count=count, needed=APPROVALS_NEEDED)

    def show_rate(self, progress: Progress) -> None:
        """Print now and then how fast it goes, from what was handed over so far."""
        now = time.monotonic()
        if now - self._told < _SECONDS_EACH:
            return
        self._told = now
        rate = progress.handed / (now - self._begun)
        minutes = f"{progress.left / rate / 60:,.0f}" if rate else "?"
        note(
            self.word(
                "rate",
                handed=f"{progress.handed:,}",
                left=f"{progress.left:,}",
                rate=f"{rate:,.0f}",
                minutes=minutes,
            )
        )
        if progress.trouble:
            note(self.word("trouble", why=progress.trouble))

    def show_sent(self, progress: Progress) -> None:
        """Print what a worker did."""
        self.say(
            "sent",
            handed=progress.handed,
            failed=progress.failed,
            doubted=progress.doubted,
            deferred=progress.deferred,
        )
        if progress.trouble:
            self.say("trouble", why=progress.trouble)
        if progress.closed:
            self.say("gates", gates=", ".join(progress.closed))
        elif not (progress.handed or progress.failed or progress.doubted or progress.deferred):
            self.say("nothing_sent")

    def show_asked(self, counts: dict[str, int]) -> None:
        """Print what the outside answered."""
        self.say("asked", **{name: counts.get(name, 0) for name in ("handed", "planned", "unknown")})

    def show_taken_in(self, counts: Mapping[str, int]) -> None:
        """Print what came back by mail."""
        for kind, count in sorted(counts.items()):
            self.say("taken_in", kind=kind, count=count)

    def show_called(self, back: CallsBack) -> None:
        """Print what a list of calls held; every line that was not understood stands there."""
        self.say("calls_back", new=back.new, known=back.known, open=back.open)
        self._say_unread(back.unread)

    def show_returned(self, intake: Intake, new: int) -> None:
        """Print what a list of returned letters held; every line that was not understood stands there."""
        self.say("letters_back", new=new, known=len(intake.returned) - new, again=len(intake.again))
        self._say_unread(intake.unread)

    def _say_unread(self, lines: Iterable[Unread]) -> None:
        for line in lines:
            self.say("line_unread", line=line.line, text=line.text, why=line.why)

    def show_history(self, told: Mapping[str, Any], *, as_json: bool) -> None:
        """Print what was done to tell one person."""
        if as_json:
            say_json(dict(told))
            return
        for notice in told["notices"]:
            channel = self._words.code("notice_channels", notice["channel"])
            self.say("notice_row", **{**notice, "channel": channel, "state": self._state(notice["state"])})
            for move in notice["moves"]:
                self.say("move_row", **{**move, "new": self._state(move["new"])})
        for field in ("excluded", "erased_at"):
            if told[field]:
                self.say(f"history_{field}", value=told[field])

    def _state(self, state: str) -> str:
        return self._words.code("notice_states", state)

    def show_status(
        self,
        closing: ClosingSum,
        standing: Standing,
        doubts: Sequence[tuple[str, str, str]],
        *,
        as_json: bool,
    ) -> None:
        """Print where everybody stands."""
        if as_json:
            say_json(_as_json(closing, standing))
            return
        self.say("people", count=closing.people)
        for where, count in _places(closing):
            self.say("where", where=self._words.code("notice_states", where), count=count)
        for why, count in sorted(closing.excluded.items()):
            self.say("excluded", why=why, count=count)
        self.say("sum_holds" if closing.holds else "sum_broken", lost=closing.lost)
        if not standing.is_text_approved:
            self.say("text_open")
        for wave in standing.waves:
            state = "stopped" if wave["is_stopped"] else "approved" if wave["is_approved"] else "open"
            self.say(
                "wave_row", number=wave["number"], people=wave["people"], state=self.word(f"{state}_state")
            )
        for gate in standing.gates:
            self.say("gate_row", kind=gate["kind"], by=gate["closed_by"], why=gate["why"])
        for reference, channel, why in doubts:
            self.say("doubt_row", reference=reference, channel=channel, why=why)


def _places(closing: ClosingSum) -> list[tuple[str, int]]:
    told = {"delivered": closing.delivered, "returned": closing.returned, "published": closing.published}
    return [(where, count) for where, count in {**told, **closing.open}.items() if count]


def _as_json(closing: ClosingSum, standing: Standing) -> dict[str, object]:
    return {
        "people": closing.people,
        "where": dict(_places(closing)),
        "excluded": dict(closing.excluded),
        "sum_holds": closing.holds,
        "lost": closing.lost,
        "in_doubt": standing.in_doubt,
        "text_approved": standing.is_text_approved,
        "waves": [{**each, "not_before": str(each["not_before"] or "")} for each in standing.waves],
        "closed_gates": standing.gates,
    }
