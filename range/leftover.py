"""The backup somebody left in the web's folder: the first people's rows, for whoever knows its name."""

from __future__ import annotations

import csv
import gzip
import io
from contextlib import closing
from pathlib import Path

from range.servers.filling import owner_of
from range.site.definition import Site

#: People in it at most: it is an old one, and a download of it is one reply.
MOST = 50_000


def leave_backup(site: Site, folder: Path, port: int) -> None:
    """Write the left-over backup under the folder that nginx serves; the same people give the same bytes."""
    people = site.people
    statement = (
        f"SELECT {', '.join(people.shown)} FROM {people.table} WHERE {people.key} <= {MOST} ORDER BY 1"
    )
    with closing(owner_of(site, port)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    place = folder / "public" / site.left_over.lstrip("/")
    place.parent.mkdir()
    with place.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        writer = csv.writer(io.TextIOWrapper(packed, "utf-8", newline="", write_through=True))
        writer.writerow(people.shown)
        writer.writerows(rows)
