"""The round that tells: plan, claim, offer by threads, write down.

What keeps an alarm from being lost or told twice:

1. What is due is planned out of the groups themselves: a round that dies before its commit is done again.
2. A message is claimed, and that committed, before it is offered; its lock proves whether the worker lives.
3. What a try came to is written down again and again until the database takes it.
4. A claim whose worker died is offered again, by the receiver's next way, with the same reference, and says
   that it may have been told before: nobody can tell, and an alarm lost is worse than one told twice.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

from ashiato.rooms.living import Clock
from ashiato.rooms.watching.composing import Composer
from ashiato.rooms.watching.models import Message, Try
from ashiato.rooms.watching.policy import Policy
from ashiato.rooms.watching.selectors import list_failing_ways
from ashiato.rooms.watching.services.claiming import claim, record_try, release_dead
from ashiato.rooms.watching.services.planning import plan_messages
from ashiato.rooms.watching.terms import Outcome
from ashiato.rooms.watching.ways import Ways

#: So many are offered at once; a way that hangs keeps a thread, and the others go on.
HANDS = 8
#: A claim is offered within so many seconds or not at all.
_USABLE = 60.0


@dataclass
class Teller:
    """One worker's part: its threads, and what is under way on them."""

    policy: Policy
    ways: Ways
    clock: Clock
    lock_file: str
    threads: ThreadPoolExecutor
    _under_way: dict[Future[Try], Message] = field(default_factory=dict)

    def take_round(self) -> int:
        """Plan what is due, offer what is free, write down what is done; returns how many that were."""
        now = self.clock.now()
        done = self._take_in()
        release_dead(self.lock_file, now)
        plan_messages(self.policy, now)
        self._offer()
        return done

    def finish(self, seconds: float) -> int:
        """Wait for what is under way and write it down; returns how many were."""
        wait(self._under_way, timeout=seconds)
        return self._take_in()

    def _offer(self) -> None:
        free = HANDS - len(self._under_way)
        if not free:
            return
        claimed = claim(self.policy, self.lock_file, free, self.clock.now())
        composer = Composer(self.policy, tuple(each.way for each in list_failing_ways())) if claimed else None
        still = partial(self._is_usable, self.clock.steady())
        for message in claimed:
            assert composer is not None  # noqa: S101 - made where anything was claimed
            receiver = self.policy.receivers[message.receiver]
            way = receiver.ways[message.tries % len(receiver.ways)]
            offer = partial(self.ways.offer, way, composer.compose(message, receiver), still)
            self._under_way[self.threads.submit(self._try, way.name, offer)] = message

    def _try(self, way: str, offer: partial[tuple[Outcome, str]]) -> Try:
        outcome, words = offer()
        return Try(way=way, at=self.clock.now(), outcome=outcome, words=words)

    def _is_usable(self, since: float) -> bool:
        return self.clock.steady() - since < _USABLE

    def _take_in(self) -> int:
        """Write down what is done; what the database does not take now stays for the next round."""
        finished = [each for each in self._under_way if each.done()]
        for each in finished:
            record_try(self._under_way[each], self.policy, each.result(), self.lock_file)
            del self._under_way[each]
        return len(finished)
