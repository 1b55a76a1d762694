"""A machine that calls the same desk before four worlds; an oracle of its own says who may be known."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ashiato.rooms.answering import api
from ashiato.rooms.notifying.models import Notice
from ashiato.terms.errors import ServerError
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, UNUSED, World

CODES = st.sampled_from([UNUSED, UNUSED, UNUSED, "0" * 12, "not a code", UNUSED[:-1]])
BORN = st.sampled_from(["1980-04-05", "S55.4.5", "1980-04-06", "", "x"])
PHONE = st.sampled_from(["090-1234-5678", "+81 90 1234 5678", "090-1234-5679", ""])
MAIL = st.sampled_from(["hanako@example.jp", "HANAKO@EXAMPLE.JP", "other@example.jp", ""])
POST = st.sampled_from(["160-0000", "", ""])
FACTS = st.builds(lambda *said: dict(zip(api.FactKind, said, strict=True)), BORN, PHONE, MAIL, POST)
CALLERS = st.sampled_from(["03-1234-5678", "03-8765-4321", ""])
WHICH = st.integers(0, 3)


class LadderMachine(RuleBasedStateMachine):
    """Contacts, tries, promises and time, in each world alike."""

    @initialize()
    def begin(self) -> None:
        """Open the desks."""
        self.desks = {world: desks.desk(world, str(world).replace(" ", "-")) for world in World}
        first = {world: Notice.objects.filter(campaign=each.campaign) for world, each in self.desks.items()}
        #: What Hanako's letter says in each world; where there is no letter, any code.
        self.codes = {
            world: rows.order_by("pk").values_list("code", flat=True).first() or UNUSED
            for world, rows in first.items()
        }
        self.contacts: list[dict[World, api.Contact]] = []
        self.slips: list[int] = []
        self.known: set[int] = set()
        self.failed: list[datetime] = []
        self.now = AT
        self.take("03-1234-5678")

    @rule(caller=CALLERS)
    def take(self, caller: str) -> None:
        """Somebody calls."""
        self.contacts.append({w: desks.call(each, caller, self.now) for w, each in self.desks.items()})
        self.slips.append(0)

    @rule(which=WHICH, code=CODES, said=FACTS)
    def offer(self, which: int, code: str, said: dict[api.FactKind, str]) -> None:
        """They try to be known."""
        number = which % len(self.contacts)
        typed = {world: own if code == UNUSED else code for world, own in self.codes.items()}
        replies = {w: self._reply(each, typed[w], said) for w, each in self.contacts[number].items()}
        others = {reply for world, reply in replies.items() if world != World.IN_SCOPE}
        if not self.known:
            assert len(others) == 1
        given = [text for text in said.values() if text]
        if number in self.known or self.slips[number] >= 3 or not 2 <= len(given) <= 3:
            assert replies[World.IN_SCOPE].startswith("refused")
            return
        expected = self._is_hanako(code, *list(said.values())[:3])
        assert ("is_verified=True" in replies[World.IN_SCOPE]) == expected
        if expected:
            self.known.add(number)
            return
        self.slips[number] += 1
        if code == UNUSED:
            self.failed.append(self.now)
        if not self.known:
            assert len(set(replies.values())) == 1

    def _reply(self, contact: api.Contact, code: str, said: dict[api.FactKind, str]) -> str:
        try:
            return repr(api.try_to_verify(contact, api.Offered(code, said), desks.agent(), self.now))
        except ServerError as refused:
            return f"refused: {refused}"

    def _is_hanako(self, code: str, born: str, phone: str, mail: str) -> bool:
        """The rule in plain words: her code, two facts that no letter shows, and not tried too often."""
        right = [
            born in {"1980-04-05", "S55.4.5"},
            phone in {"090-1234-5678", "+81 90 1234 5678"},
            mail.lower() == "hanako@example.jp",
        ]
        lately = [at for at in self.failed if at >= self.now - timedelta(hours=24)]
        return code == UNUSED and sum(right) >= 2 and len(lately) < 5

    @rule(which=WHICH, purpose=st.sampled_from(list(api.Purpose)))
    def promise(self, which: int, purpose: api.Purpose) -> None:
        """A call is promised; to verify is refused to whoever is not known."""
        number = which % len(self.contacts)
        for world, contact in self.contacts[number].items():
            is_known = world == World.IN_SCOPE and number in self.known
            try:
                made = api.promise_call(contact, purpose, desks.agent(), self.now)
            except ServerError:
                continue
            assert purpose == api.Purpose.ANSWER or is_known
            api.end_call(made.call_back, api.Outcome.NOT_THEM, desks.agent(), self.now)

    @rule(minutes=st.integers(1, 1_500))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.now += timedelta(minutes=minutes)

    @invariant()
    def nothing_is_told(self) -> None:
        """Whoever is not known has the same page in every world; so has the desk before anybody is."""
        for number, contacts in enumerate(self.contacts):
            if number not in self.known:
                pages = {desks.page(each) for each in contacts.values()}
                assert len(pages) == 1 or (self.known and len({*map(self._told, contacts.values())}) == 1)
        if not self.known:
            raised = {repr(self._raised(each)) for each in self.desks.values()}
            assert len(raised) == 1

    def _told(self, contact: api.Contact) -> object:
        contact.refresh_from_db()
        return contact.rung, contact.person, api.find_known(contact, desks.agent(), self.now)

    def _raised(self, opened: api.Desk) -> list[tuple[str, str, int, int]]:
        raised = api.raise_alerts(opened, self.now)
        return [(each.kind, each.queue, each.grade, each.count) for each in raised]
