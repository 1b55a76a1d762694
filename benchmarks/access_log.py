"""Writes an access log of any length: the same seed gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_LINES_EACH = 100_000
_FIRST_SECOND = 1_780_000_000
_AGENTS = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{}.0.0.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Mobile/15E148"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    "Mozilla/5.0 (compatible; Examplebot/2.{}; +http://bot.example/)",
    "curl/7.{}.1",
)
_PATHS = (
    "/", "/static/app.css", "/static/logo.png", "/items/{}", "/items/{}/photos", "/search?q=word+{}&page=2",
    "/api/customers/{}", "/api/orders?customer_id={}", "/news/{}.html", "/%E6%A4%9C%E7%B4%A2?page={}",
)  # fmt: skip
_STATUSES = np.array(["200"] * 90 + ["304"] * 4 + ["302"] * 2 + ["404"] * 3 + ["500"])


def write_access_log(path: Path, lines: int, seed: int = 1) -> None:
    """Write ``lines`` lines of the combined format, of about 190 bytes, times ascending.

    As in life, one in 2,000 has an escaped quote in its request, one in 50,000 is blank and one is no
    access line at all.
    """
    rng = np.random.default_rng(seed)
    agents = np.array([agent.format(n) for agent in _AGENTS for n in range(60, 90)])
    with path.open("w", encoding="ascii", newline="\n") as out:
        for done in range(0, lines, _LINES_EACH):
            out.write(_text(rng, agents, done, min(_LINES_EACH, lines - done)))


def _text(rng: np.random.Generator, agents: np.ndarray, done: int, lines: int) -> str:
    seconds = _FIRST_SECOND + (done + np.arange(lines)) // 20
    addresses = rng.integers(0, 60_000, lines)
    paths = rng.integers(0, len(_PATHS), lines)
    ids = rng.integers(1, 200_000, lines)
    statuses = _STATUSES[rng.integers(0, len(_STATUSES), lines)]
    sizes = rng.integers(0, 60_000, lines)
    chosen = agents[rng.integers(0, len(agents), lines)]
    times = _times(seconds)
    columns = zip(*(c.tolist() for c in (addresses, paths, ids, statuses, sizes, chosen)), times, strict=True)
    texts = [
        f'198.18.{a >> 8}.{a & 255} - - [{t}] "GET {_PATHS[p].format(i)} HTTP/1.1" {s} {z} '
        f'"{"-" if i & 1 else "https://www.shop.example/items/" + str(i % 1000)}" "{u}"\n'
        for a, p, i, s, z, u, t in columns
    ]
    texts[999::2000] = [text.replace(" HTTP/1.1", "\\x22 HTTP/1.1") for text in texts[999::2000]]
    texts[24_999::50_000] = ["\n"] * len(texts[24_999::50_000])
    texts[49_998::50_000] = ["server restarted, see the journal\n"] * len(texts[49_998::50_000])
    return "".join(texts)


def _times(seconds: np.ndarray) -> list[str]:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    unique, where = np.unique(seconds, return_inverse=True)
    texts = [
        f"{iso[8:10]}/{months[int(iso[5:7]) - 1]}/{iso[:4]}:{iso[11:]} +0000"
        for iso in unique.astype("datetime64[s]").astype(str).tolist()
    ]
    return [texts[i] for i in where.tolist()]
