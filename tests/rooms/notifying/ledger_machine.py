"""A machine that plans, sends, crashes and asks at random; after every step the ledger must be right."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ashiato.rooms.notifying.models import Notice, NoticeMove, Worker
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.selectors.closing import closing_sum, list_strays
from ashiato.rooms.notifying.services import claiming, receiving, reconciling, recording, working
from ashiato.rooms.notifying.services.gating import GateKind, close_gate, open_gate
from ashiato.rooms.notifying.services.moving import Because
from ashiato.rooms.notifying.services.recording import Offered
from ashiato.rooms.notifying.states import FAILED, State, is_legal
from ashiato.terms.errors import ServerError
from tests.rooms.notifying import scenes

NAMES = st.sampled_from([f"p{number}" for number in range(6)])
CHANNELS = st.sampled_from([("email",), ("letter", "email"), ("email", "sms", "letter"), ()])
REASONS = st.sampled_from(["", "", "", "no-longer-alive"])
FOUND = st.builds(
    lambda name, channels, words, excluded: scenes.person(name, *channels, words=words, excluded=excluded),
    NAMES, CHANNELS, st.sampled_from(["birth date", "premium"]), REASONS,
)  # fmt: skip
PEOPLE = st.lists(FOUND, min_size=4, max_size=6, unique_by=lambda each: each.person_id)
FATES = st.sampled_from(["taken", "refused", "busy", "taken, no answer", "lost, no answer", "never offered"])
WORKERS = st.sampled_from([0, 1])


class LedgerMachine(RuleBasedStateMachine):
    """Two workers, one campaign, an outside that remembers."""

    @initialize(people=PEOPLE)
    def begin(self, people: list[PersonFound]) -> None:
        """Plan for the first time and send off what two persons approved."""
        self.now = scenes.AT
        self.campaign = scenes.campaign()
        self.outside = scenes.Outside()
        self.held: list[list[Notice]] = [[], []]
        self.run = 0
        self.born = 0
        self.workers = [self._worker(), self._worker()]
        self.roster = {each.person_id: each for each in people}
        self._plan()
        self.release()

    def _worker(self) -> Worker:
        self.born += 1
        return working.enlist(f"w{self.born}", machine="m", lock_file="", at=self.now)

    def _plan(self) -> None:
        self.run += 1
        scenes.plan(self.campaign, self.roster.values(), self.run)

    @rule(found=FOUND)
    def change(self, found: PersonFound) -> None:
        """A run says something else of somebody, or finds them."""
        self.roster[found.person_id] = found
        self._plan()
        self.release()

    @rule(name=NAMES)
    def clear(self, name: str) -> None:
        """A run clears somebody."""
        if self.roster.pop(name, None):
            self._plan()

    @rule()
    def release(self) -> None:
        """Two persons approve what waits; nothing waiting is refused."""
        with suppress(ServerError):
            scenes.release(self.campaign)

    @rule(which=WORKERS, most=st.integers(1, 4))
    def claim(self, which: int, most: int) -> None:
        """A worker takes some."""
        wanted = claiming.Wanted(self.campaign, ("email", "sms", "letter"), most, self.now)
        self.held[which] += claiming.claim(self.workers[which], wanted)

    @rule(which=WORKERS, fates=st.lists(FATES, min_size=3, max_size=3))
    def work(self, which: int, fates: list[str]) -> None:
        """A worker takes some and offers them."""
        self.claim(which, 3)
        self.offer(which, fates)

    @rule(which=WORKERS, fates=st.lists(FATES, min_size=4, max_size=4))
    def offer(self, which: int, fates: list[str]) -> None:
        """A worker offers what it holds and records what became of it."""
        offered = [
            made
            for each, fate in zip(self.held[which], fates, strict=False)
            if (made := self._offer(each, fate))
        ]
        recording.record_offered(self.workers[which], offered, self.now)
        recording.record_offered(self.workers[which], offered, self.now)
        self.held[which] = self.held[which][len(fates) :]
        working.give_back(
            self.workers[which],
            Because("never offered", "w", self.now),
            [each.pk for each in self.held[which]],
        )

    def _offer(self, notice: Notice, fate: str) -> Offered | None:
        if fate.startswith("taken"):
            self.outside.take(notice)
        new = {
            "taken": State.HANDED, "refused": State.BOUNCED, "busy": State.PLANNED,
            "taken, no answer": State.UNKNOWN, "lost, no answer": State.UNKNOWN,
        }.get(fate)  # fmt: skip
        return None if new is None else Offered(notice.pk, new, fate)

    @rule(which=WORKERS, sent=st.integers(0, 3))
    def die(self, which: int, sent: int) -> None:
        """A worker is killed with some offered and none recorded; another finds that it is dead."""
        self.claim(which, 3)
        for notice in self.held[which][:sent]:
            self.outside.take(notice)
        self.held[which] = []
        working.bury(self.workers[which], Because("its worker died", "other", self.now))
        self.workers[which] = self._worker()

    @rule()
    def reconcile(self) -> None:
        """The outside is asked, and again where it says no."""
        lookups = dict.fromkeys(("email", "sms", "letter"), self.outside)
        reconciling.reconcile(self.campaign, lookups, scenes.TestClock(self.now))

    @rule(number=st.integers(0, 20), new=st.sampled_from([State.DELIVERED, State.BOUNCED, State.RETURNED]))
    def receive(self, number: int, new: State) -> None:
        """The outside reports of something it took, twice."""
        took = sorted(each for each, count in self.outside.took.items() if count)
        if took:
            report = receiving.Report(f"{number}{new}", took[number % len(took)], new)
            first = receiving.record_receipt(report, self.now)
            assert not (first and receiving.record_receipt(report, self.now))
            receiving.apply_waiting(self.campaign, self.now)

    @rule()
    def settle(self) -> None:
        """Days pass, and what cannot be reached is published for."""
        self.now += timedelta(days=8)
        receiving.settle(self.campaign, self.now)
        receiving.publish(self.campaign, Because("published", "aoi", self.now))

    @rule()
    def gate(self) -> None:
        """While somebody holds the gate closed, nothing is taken."""
        aoi = scenes.approvers()[0]
        close_gate(self.campaign, GateKind.HAND, aoi, "drill", self.now)
        wanted = claiming.Wanted(self.campaign, ("email", "sms", "letter"), 9, self.now)
        assert not claiming.claim(self.workers[0], wanted)
        open_gate(self.campaign, GateKind.HAND, aoi, "drill", self.now)

    @invariant()
    def the_sum_holds(self) -> None:
        """Everybody is somewhere, once."""
        if hasattr(self, "campaign"):
            closing = closing_sum(self.campaign)
            assert closing.holds, closing
            assert not list_strays(self.campaign)

    @invariant()
    def nobody_is_between_channels(self) -> None:
        """Whoever a channel failed waits for the next one, or for the publication, at once."""
        failed = Notice.objects.filter(is_current=True, state__in=FAILED, person__excluded="")
        assert not failed.exists()

    @invariant()
    def nobody_was_told_twice(self) -> None:
        """The outside took each reference at most once."""
        assert all(count <= 1 for count in getattr(self, "outside", scenes.Outside()).took.values())

    @invariant()
    def every_move_is_legal(self) -> None:
        """Moves follow one another from nothing to where the notice stands."""
        stands: dict[int, str] = {}
        for notice, old, new in NoticeMove.objects.order_by("pk").values_list("notice_id", "old", "new"):
            assert is_legal(old, new)
            assert stands.get(notice, "") == old
            stands[notice] = new
