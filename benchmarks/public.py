"""The public pages under load, beside a bare Django view of one SELECT and nginx with a file, in one run.

``python -m benchmarks.public [PEOPLE] [SECONDS]`` (5,000 people and 10 seconds unless said). A PostgreSQL of
its own, two processes that serve, wrk with 32 connections, each request from an address of its own, with rate
limit, counts and CSP on. A core's time tells more than the clock where others use the machine. Goals: 0.4 of
the bare view, p99 below 100 ms; records for 5.1 million in ten minutes; 25 kB for a private answer. Then a
hostile asker: a million guesses at a stranger whose contact is known.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from ashiato.bundle.openings import MARK, Opening, opening_input, pack_grades, size_of
from ashiato.bundle.oprf import output_of
from ashiato.bundle.records import Told, bits_for, closed_records, padded_buckets
from ashiato.letters.notices.codes import check_digit
from tests.journeys.databases import find_program, free_port
from tests.journeys.sending_databases import PostgreSql
from tests.public.site import LABELS, Edition, Letter, Site, prepare, running

EVERYBODY = 5_100_000
ROOT = Path(__file__).resolve().parents[1]
_ADDRESS = """
local count = 0
local seed = tonumber(string.match(tostring({}), "0x(%x+)"), 16) % 250
local function address()
  count = count + 1
  return seed .. "." .. (count // 65536 % 250) .. "." .. (count // 256 % 256) .. "." .. (count % 256)
end
""".replace("count // 65536", "math.floor(count / 65536)").replace("count // 256", "math.floor(count / 256)")
_CHECK = """
function request()
  wrk.headers["X-Forwarded-For"] = address()
  return wrk.format("GET", "/check/" .. codes[count % #codes + 1])
end
"""
_CONTACT = """
function request()
  wrk.headers["X-Forwarded-For"] = address()
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  return wrk.format("POST", "/mine/without-code/", nil, "contact=p" .. count .. "%40example.jp")
end
"""
_BARE = """
import os
from django.conf import settings
settings.configure(
    DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="bench", MIDDLEWARE=[],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "site",
                           "HOST": "127.0.0.1", "PORT": os.environ["BARE_PORT"], "CONN_MAX_AGE": None}},
)
import django
django.setup()
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

def view(request, code):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM public_codegiven WHERE fingerprint = %s", [code.encode()])
        return HttpResponse("yes" if cursor.fetchone() else "no")

urlpatterns = [path("check/<str:code>", view)]
application = get_wsgi_application()
"""
_NGINX = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; location / {{ root {folder}; try_files /page.html =404; }} }} }}
"""


@dataclass(frozen=True)
class Load:
    """What wrk measured."""

    rate: float
    p99_ms: float
    wrong: int
    core_ms: float

    def told(self, name: str, bare: Load | None = None) -> str:
        """Return a line of it, and the ratios to the bare view: by the clock, and by the cores' time."""
        ratio = ""
        if bare:
            ratio = f"; of the bare view {self.rate / bare.rate:.2f} by the clock"
            ratio += f", {bare.core_ms / self.core_ms:.2f} by the cores' time"
        core = f", {self.core_ms:.2f} ms of a core each"
        return f"{name:<30}{self.rate:8,.0f}/s, p99 {self.p99_ms:6.1f} ms, {self.wrong} refused{core}{ratio}"


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as name, PostgreSql.running() as database:
        folder = Path(name)
        site, letters = _site(folder / "home", database.port, people)
        codes = [each.code for each in letters[:500]]
        bare = _load_bare(folder, database, codes, seconds)
        with running(site) as served:
            check = _wrk(folder, site.port, _listed(codes) + _CHECK, seconds, lambda: _used(served, database))
            contact = _wrk(folder, site.port, _CONTACT, seconds, lambda: _used(served, database))
            alike = _alike(site, letters)
        static = _load_nginx(folder, seconds)
    print(static.told("nginx, a file"))
    print(bare.told("bare Django view, one SELECT"))
    print(check.told("is it real: a code", bare))
    print(contact.told("is my data in it: a contact", bare))
    print(alike)
    print(_setting_up())
    print(_hostile_asker(1_000_000))


def _site(home: Path, port: int, people: int) -> tuple[Site, list[Letter]]:
    database = {"host": "127.0.0.1", "port": port, "name": "postgres", "user": "site"}
    listen = free_port()
    keys = prepare(home, listen, processes=2, proxies=1, database=database)
    letters = [Letter(_code(n), f"mail:p{n}@example.jp", (4, 3, 0, 2)) for n in range(people)]
    site = Site(home, listen, keys)
    loaded = site.load(Edition(letters).write(keys, home / "bundle"))
    if loaded.returncode:
        raise RuntimeError(loaded.stderr)
    return site, letters


def _code(number: int) -> str:
    digits = f"{number * 7_919_933 % 10**11:011}"
    return digits + str(check_digit(digits))


def _listed(codes: list[str]) -> str:
    return "codes = {" + ",".join(f'"{each}"' for each in codes) + "}\n"


def _load_bare(folder: Path, database: PostgreSql, codes: list[str], seconds: int) -> Load:
    (folder / "bare.py").write_text(_BARE, "utf-8")
    port = free_port()
    gunicorn = Path(sys.executable).with_name("gunicorn")
    words = [
        gunicorn,
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "--threads",
        "4",
        "-k",
        "gthread",
        "bare:application",
    ]
    surroundings = {**os.environ, "BARE_PORT": str(database.port)}  # noqa: TID251 - a process of its own
    with _process(port, words, folder, surroundings) as served:
        return _wrk(folder, port, _listed(codes) + _CHECK, seconds, lambda: _used(served, database))


def _load_nginx(folder: Path, seconds: int) -> Load:
    port = free_port()
    (folder / "page.html").write_text("<!doctype html>" + "あ" * 900, "utf-8")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port), "utf-8")
    folder.chmod(0o755)
    with _process(port, [find_program("nginx"), "-c", folder / "nginx.conf"], folder, None):
        return _wrk(folder, port, _listed(["1"]) + _CHECK, seconds, lambda: 0.0)


@contextmanager
def _process(port: int, words: list[Any], folder: Path, surroundings: dict[str, str] | None) -> Iterator[int]:
    served = subprocess.Popen(
        list(map(str, words)),
        cwd=folder,
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port)
        yield served.pid
    finally:
        served.terminate()
        served.wait(20)


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _used(served: int, database: PostgreSql) -> float:
    """Return the seconds of all cores that a server, its processes and the database's have used."""
    listed = subprocess.run(["pgrep", "-P", str(served)], capture_output=True, text=True, check=False).stdout
    ticks = 0
    for pid in (served, *map(int, listed.split()), *database.writers(())):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _wrk(folder: Path, port: int, script: str, seconds: int, used: Callable[[], float]) -> Load:
    (folder / "load.lua").write_text(_ADDRESS + script, "utf-8")
    address = f"http://127.0.0.1:{port}/"
    words = ["wrk", "-t2", "-c32", "--latency", "-s", str(folder / "load.lua"), address]
    subprocess.run([*words, "-d2s"], check=True, capture_output=True)
    before = used()
    told = subprocess.run([*words, f"-d{seconds}s"], check=True, capture_output=True, text=True).stdout
    core = used() - before
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0])
    count = int(re.findall(r"(\d+) requests in", told)[0])
    value, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", told)[0]
    wrong = re.findall(r"Non-2xx or 3xx responses: (\d+)", told)
    p99_ms = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return Load(rate, p99_ms, int(wrong[0]) if wrong else 0, core / count * 1_000)


def _alike(site: Site, letters: list[Letter], pairs: int = 150) -> str:
    """Ask about contacts in scope and about strangers in turn; a permutation test of the times."""
    times: dict[bool, list[float]] = {True: [], False: []}
    bodies = set()
    for number in range(pairs):
        for inside in (True, False) if number % 2 else (False, True):
            contact = letters[number].contact.partition(":")[2] if inside else f"q{number}@example.jp"
            headers = {"X-Forwarded-For": f"10.{int(inside)}.{number // 250}.{number % 250}"}
            begun = time.perf_counter()
            bodies.add(site.ask("/mine/without-code/", {"contact": contact}, headers).content)
            times[inside].append(time.perf_counter() - begun)
    share = _permuted(times[True], times[False])
    middle = {inside: sorted(each)[len(each) // 2] * 1_000 for inside, each in times.items()}
    return (
        f"contact in scope and strangers: {len(bodies)} page for both; median {middle[True]:.2f} and "
        f"{middle[False]:.2f} ms; of 2,000 shuffles {share:.0%} differ as much"
    )


def _permuted(left: list[float], right: list[float]) -> float:
    """Return which share of random halves differ in their trimmed means as much as these."""
    chance, both = secrets.SystemRandom(), [*left, *right]

    def distance(values: list[float]) -> float:
        half = len(values) // 2
        return abs(_trimmed(values[:half]) - _trimmed(values[half:]))

    seen, hits = distance(both), 0
    for _ in range(2_000):
        chance.shuffle(both)
        hits += distance(both) >= seen
    return hits / 2_000


def _trimmed(values: list[float]) -> float:
    kept = sorted(values)[: len(values) * 9 // 10]
    return mean(kept)


def _setting_up(count: int = 40_960) -> str:
    """Close records as an export does; the time for everybody, and the bytes of a private answer."""
    key = secrets.token_bytes(31) + b"\x00"
    told = [Told(opening_input(_code(n), "post:1600000"), pack_grades(1, [4] * 40)) for n in range(count)]
    used = time.process_time()
    closed_records(key, told[: count // 4], 13)
    of_one_core = count / 4 / (time.process_time() - used)
    begun = time.perf_counter()
    closed_records(key, told, 13, processes=2)
    rate = count / (time.perf_counter() - begun)
    average = EVERYBODY / 2**13
    answer = 32 + (average + 5 * average**0.5) * size_of(40)
    return (
        f"records: {of_one_core:,.0f} a second of one core's time; {rate:,.0f} by the clock on two, that is "
        f"{EVERYBODY / rate / 60:.1f} minutes for {EVERYBODY:,}; a private answer is {answer / 1000:.1f} kB"
    )


def _hostile_asker(guesses: int) -> str:
    """Guess codes of one stranger whose contact is known, as fast as the machine can and with no limit."""
    key, people, size = secrets.token_bytes(31) + b"\x00", 5_000, size_of(len(LABELS))
    said = pack_grades(1, (4, 3, 0, 2))
    told = [Told(opening_input(_code(n), f"mail:p{n}@example.jp"), said) for n in range(people)]
    bits = bits_for(people)
    buckets = [*padded_buckets(closed_records(key, told, bits), bits, size, secrets.token_bytes(32))]
    marks = {each[start : start + MARK] for each in buckets for start in range(0, len(each), size)}
    first, found, begun = secrets.randbelow(10**11), 0, time.perf_counter()
    for number in range(guesses):
        digits = f"{(first + number * 61_803_398_875) % 10**11:011}"
        asked = opening_input(digits + str(check_digit(digits)), "mail:p7@example.jp")
        found += Opening(output_of(key, asked)).mark() in marks
    seconds = time.perf_counter() - begun
    return (
        f"hostile asker: {guesses:,} guesses at one stranger in {seconds:,.0f} s, no limit: {found} opened; "
        f"chance of one in so many {guesses / 10**11:.0e}; under the limits {guesses / 30:,.0f} address-hours"
    )


if __name__ == "__main__":
    main()
