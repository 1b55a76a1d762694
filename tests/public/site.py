"""The public pages as visitors meet them: the program's verbs in processes of their own, asked by HTTP."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from ashiato.bundle.form import Manifest, write_bundle
from ashiato.bundle.keys import ConsoleKeys
from ashiato.bundle.openings import fingerprint_of, opening_input, pack_grades, size_of
from ashiato.bundle.records import Told, bits_for, closed_records, padded_buckets
from tests.journeys.command import ASHIATO
from tests.journeys.databases import free_port

ROOT = Path(__file__).resolve().parents[2]
_EXAMPLE = ROOT / "examples" / "pet-insurer"
DAN, EMI = "483920174627", "104837265912"
LABELS = (
    {"ja": "お名前", "en": "Name", "category": "identity"},
    {"ja": "ご住所", "en": "Postal address", "category": "contact"},
    {"ja": "生年月日", "en": "Date of birth", "category": "birth"},
    {"ja": "口座情報", "en": "Bank account", "category": "bank account"},
)


@dataclass(frozen=True)
class Letter:
    """A message that went out: its code, the contact it was sent to, the grades it told of ``LABELS``."""

    code: str
    contact: str
    grades: Sequence[int]
    edition: int = 1


@dataclass
class Site:
    """Running pages, and the console's keys to them."""

    home: Path
    port: int
    keys: ConsoleKeys

    def ask(
        self, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for a page, or send a form."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = dict(headers or {})
        body = None
        if form is not None:
            body = urlencode(form)
            sent |= {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("GET" if form is None else "POST", path, body, sent)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return Answer(response.status, dict(response.getheaders()), content)

    def load(self, bundle: Path) -> subprocess.CompletedProcess[str]:
        """Load a bundle with the program's own verb."""
        return command("public", "load", str(bundle), "--home", str(self.home), "--lang", "en")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The page."""
        return self.content.decode()


@dataclass
class Edition:
    """What a bundle of a test says; the statement is the shipped one."""

    letters: Sequence[Letter] = ()
    number: int = 1
    changed: dict[str, Any] = field(default_factory=dict)
    taken: bytes = b""

    def write(self, keys: ConsoleKeys, path: Path) -> Path:
        """Write the bundle, as the console does, without a console."""
        bits, size = bits_for(len(self.letters)), size_of(len(LABELS))
        told = [
            Told(opening_input(each.code, each.contact), pack_grades(each.edition, each.grades))
            for each in self.letters
        ]
        held = closed_records(keys.public.oprf, told, bits)
        buckets = [*padded_buckets(held, bits, size, keys.public.pepper)]
        codes = sorted(fingerprint_of(keys.public.pepper, each.code) for each in self.letters)
        parts = {
            "statement.json": json.dumps(statement() | self.changed).encode(),
            "codes": b"".join(codes),
            "records": b"".join(buckets),
            "taken": self.taken,
        }
        manifest = Manifest(self.number, "2026-11-24T09:00:00+09:00", bits, size, len(buckets[0]), {})
        write_bundle(path, keys, manifest, parts)
        return path


LETTERS = (
    Letter(DAN, "post:1600000", (4, 3, 0, 2)),
    Letter(EMI, "mail:emi@example.jp", (4, 0, 2, 0)),
)


def statement() -> dict[str, Any]:
    """What is said to everybody."""
    said: dict[str, Any] = yaml.safe_load((_EXAMPLE / "public.yaml").read_text("utf-8"))
    for place, each in enumerate(said["statements"], 1):
        each |= {"number": place, "dated": str(each["dated"])}
    sender = yaml.safe_load((_EXAMPLE / "notices.yaml").read_text("utf-8"))["sender"]
    known = {
        "sites": [sender["site"]],
        "senders": [sender["mail"]],
        "phones": [sender["desk"]["phone"]],
    }
    name = {"ja": "ご連絡先", "en": "Contact details", "easy": "｜住所《じゅうしょ》"}
    text = {
        "ja": "お金の話が出たら、まず詐欺をお疑いください。",
        "en": "If it turns to money, suspect a fraud first.",
    }
    return said | {
        "sender": sender, "known": known, "labels": list(LABELS), "advice": [{"name": name, "text": text}],
        "canaries": [],
    }  # fmt: skip


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run([ASHIATO, *words], check=False, capture_output=True, text=True)


def prepare(home: Path, port: int, **said: object) -> ConsoleKeys:
    """Make a folder of public pages; returns the console's keys to it."""
    home.mkdir(parents=True, exist_ok=True)
    written = {"hosts": ["127.0.0.1", "localhost"], "listen": f"127.0.0.1:{port}", "processes": 1, **said}
    (home / "public.yaml").write_text(json.dumps(written), "utf-8")
    keys = ConsoleKeys.make()
    (home / "public.key").touch(mode=0o600)
    (home / "public.key").write_bytes(keys.public.written())
    return keys


@contextmanager
def serving(home: Path, edition: Edition | None = None, **said: object) -> Iterator[Site]:
    """Serve pages with an edition loaded; gone afterwards."""
    port = free_port()
    site = Site(home, port, prepare(home, port, **said))
    loaded = site.load((edition or Edition(LETTERS)).write(site.keys, home / "first.bundle"))
    assert loaded.returncode == 0, loaded.stderr
    with running(site):
        yield site


@contextmanager
def running(site: Site) -> Iterator[int]:
    """Run the process that serves, until told to stop; yields its number."""
    served = subprocess.Popen([ASHIATO, "public", "serve", "--home", str(site.home)], stderr=subprocess.PIPE)
    try:
        _await(site, served)
        yield served.pid
    finally:
        served.terminate()
        served.communicate(timeout=20)


def _await(site: Site, served: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while served.poll() is None and time.monotonic() < until:
        try:
            site.ask("/robots.txt")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the pages do not serve")
