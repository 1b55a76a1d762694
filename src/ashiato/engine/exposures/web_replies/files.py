"""Files of data that a web server handed out by itself: no statement was run, and nobody sealed a copy.

What was in such a file is known to nobody here; at the upper bound it is everybody.
"""

from __future__ import annotations

from ashiato.engine.exposures.web_replies.unlogged import Unlogged
from ashiato.engine.store import Store

NON_SQL_PATH = "non-sql-path"
_ENDINGS = (
    *(".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar"),
    *(".sql", ".dump", ".bak", ".old", ".db", ".db3", ".sqlite", ".sqlite3", ".mdb", ".accdb", ".mdf"),
    *(".csv", ".tsv", ".xls", ".xlsx", ".ods", ".ndjson", ".parquet"),
)


def files_read(store: Store) -> frozenset[str]:
    """Return the paths of the web server's files whose copies were sealed and read."""
    if not store.has("objects"):
        return frozenset()
    sql = "SELECT DISTINCT databucket_file_path FROM objects WHERE databucket_name = ''"
    return frozenset(path for (path,) in store.rows(sql))


def is_data_file(request: Unlogged) -> bool:
    """Tell whether a request's path ends as files of data do."""
    return request.url_path.lower().endswith(_ENDINGS)
