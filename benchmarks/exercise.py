"""The exercise range: people made a second, and requests a second that each site bears.

``python -m benchmarks.exercise [PEOPLE] [SECONDS]`` (100,000 people and 10 seconds unless said). wrk with 16
connections asks for a customer's own record: each request passes nginx, the application, and three statements
of the database, all of them logged.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from range.keeper import Wanted
from range.place import find_place
from range.programs import find_program, give
from range.running import LOG, running


def main(people: int, seconds: int) -> None:
    """Start both sites, and load each for so many seconds."""
    with TemporaryDirectory() as name:
        give(Path(name))
        wanted = Wanted(Path(name) / "range", people)
        with running(wanted):
            _tell_filling(people, (wanted.folder / LOG).read_text("utf-8"))
            for site in wanted.sites:
                _tell_load(wanted.folder, site, seconds)


def _tell_filling(people: int, said: str) -> None:
    for site, took in re.findall(r"(\w+): \d+ people in ([\d.]+) s", said):
        print(f"{site}: {people:,} people in {took} s, {people / max(float(took), 0.05):,.0f} a second")


def _tell_load(folder: Path, site: str, seconds: int) -> None:
    place = find_place(folder, site)
    client, _ = place.customer("127.16.0.9", 17)
    loading = [find_program("wrk"), "-t1", "-c16", f"-d{seconds}s", "--latency"]
    command = [*loading, "-H", f"Cookie: sid={client.cookie}", place.url + place.record(17)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, slowest = re.search(r"Requests/sec:\s+([\d.]+)", told), re.search(r"99%\s+(\S+)", told)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    words = [found[1] if found else "0" for found in (rate, slowest, refused)]
    print("{}: {} requests a second, 99 % within {}, {} refused".format(site, *words))


if __name__ == "__main__":
    main(*(int(word) for word in [*sys.argv[1:], *("100000", "10")[len(sys.argv) - 1 :]]))
