"""Cut a small break-in out of the whole one, with its truth: what `make demo` investigates.

Reads the folder of the whole pet insurer (evidence/, snapshot/, truth/) and writes evidence/, snapshot/
and truth/ beside this file. Honest traffic is thinned by session, attacks by time; which database lines
belong to which request is taken from a run of Ashiato over the whole. Nothing is invented: lines are
copied as they are, but for the line number within a database session, which is counted anew so that the
thinning leaves no gap, and for password hashes, which are blanked to save room.

    uv run examples/pet-insurer/cut.py ../shared/evidence/pet-insurer
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ashiato.engine.api import (
    Store,
    add_evidence,
    add_snapshot,
    create_case,
    list_sealed,
    open_content,
    read_logs,
)

HERE = Path(__file__).resolve().parent
SYSTEM, ZONE = "petdb", "Asia/Tokyo"
#: One honest session (or address without one) in so many is kept.
ONE_IN = 24
#: The same for members of staff, who are few and busy; the one whose account was stolen is kept whole.
ONE_STAFF_IN = 6
#: Of each attack, web requests before this time; the others are kept whole.
UNTIL = {"a1-dirb": "2026-06-08T22:41:06", "a1-hydra": "2026-06-08T23:12:00", "a2": "2026-06-09T03:00:00"}
#: Requests that ran these are all kept: a log from which changes were taken would tell another story than
#: the snapshot, and say so nowhere.
WRITES = "'INSERT', 'UPDATE', 'DELETE'"
#: Tables cut to the rows of owners that the kept attacks or sessions touched; owners stay whole, because
#: pages and offsets of the attacks count over all of them.
OF_OWNERS = {
    "pets": "owner_id",
    "contracts": "owner_id",
    "claims": "owner_id",
    "premium_payments": "owner_id",
}
_SESSION_LINE = re.compile(
    rb"""
    (?P<before>(?:(?:[^,"\n]*|"[^"\n]*"),){5}   # time, user, database, process, connection
    (?P<session>[0-9a-f]+\.[0-9a-f]+),)          # session
    (?P<number>\d+),                            # the line's number in its session
    """,
    re.VERBOSE,
)
Lines = dict[str, set[int]]


def main() -> None:
    """Cut, and print what was kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("whole", type=Path, help="the folder of the whole pet insurer")
    whole = parser.parse_args().whole
    with tempfile.TemporaryDirectory() as scratch:
        case = create_case(Path(scratch) / "case", ZONE, lambda: 0, HERE / "datamap.yaml")
        add_snapshot(case, whole / "snapshot", (whole / "as-of").read_text(), SYSTEM)
        add_evidence(case, [whole / "evidence"])
        run = read_logs(case)
        with Store(run.folder) as store:
            attacks = write_attacks(store, whole / "truth" / "attacker_requests.csv")
            choose_events(store)
            kept = kept_lines(store)
            numbers, counts = {}, Counter[bytes]()
            for sealed in list_sealed(case.folder):
                lines = open_content(case.folder, sealed).read().splitlines(keepends=True)
                numbers[sealed.file] = write_cut(sealed.file, lines, kept.get(sealed.file, set()), counts)
            owners = kept_owners(store, whole)
    cut_truth(whole / "truth", attacks, numbers)
    cut_snapshot(whole, owners)


def write_attacks(store: Store, path: Path) -> list[dict[str, str]]:
    """Make the table ``attacks`` (file, line, attack) of the truth's hostile lines, and return its rows."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    store.rows("CREATE TABLE attacks (file VARCHAR, line BIGINT, attack VARCHAR)")
    store.rows(
        "INSERT INTO attacks SELECT replace(file, 'evidence/', ''), line, attack FROM read_csv(?)",
        [str(path)],
    )
    return rows


def choose_events(store: Store) -> None:
    """Make the table ``chosen`` of the events that are kept."""
    limits = " ".join(
        f"WHEN attack = '{attack}' THEN start_us < epoch_us(TIMESTAMPTZ '{until}+09:00')"
        for attack, until in UNTIL.items()
    )
    store.rows(f"""
        CREATE TABLE chosen AS
        WITH of_attack AS (
            SELECT witnesses.event_id, min(attacks.attack) AS attack
            FROM witnesses
            JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
            JOIN attacks ON attacks.file = evidence.file AND attacks.line = witnesses.line_first
            GROUP BY witnesses.event_id
        ),
        stolen AS (
            SELECT DISTINCT actor_user_name
            FROM of_attack JOIN events ON events.event_id = of_attack.event_id
            WHERE attack = 'a4' AND actor_user_name IS NOT NULL
        ),
        writing AS (
            SELECT DISTINCT http_event_id
            FROM causes JOIN events ON events.event_id = causes.sql_event_id
            WHERE query_command IN ({WRITES})
        ),
        web AS (
            SELECT events.event_id FROM events LEFT JOIN of_attack ON of_attack.event_id = events.event_id
            WHERE events.event_kind <> 'sql' AND CASE
                {limits}
                WHEN attack IS NOT NULL OR events.event_id IN (FROM writing) THEN true
                WHEN events.event_kind = 'connection' OR actor_user_name IN (FROM stolen) THEN true
                WHEN actor_user_type = 'staff' THEN hash(actor_session_uid) % {ONE_STAFF_IN} = 0
                WHEN http_request_path = '/healthz' THEN events.event_id % 5 = 0
                ELSE hash(coalesce(actor_session_uid, src_endpoint_ip, '')) % {ONE_IN} = 0 END
        )
        SELECT event_id FROM web
        UNION
        SELECT sql_event_id FROM causes JOIN web ON web.event_id = causes.http_event_id
        UNION
        SELECT event_id FROM events
        WHERE event_kind = 'sql' AND coalesce(database_user_name, '') <> 'petapp'
        UNION
        SELECT of_attack.event_id FROM of_attack JOIN events ON events.event_id = of_attack.event_id
        WHERE event_kind = 'sql' AND attack NOT IN ({", ".join(f"'{name}'" for name in UNTIL)})
    """)


def kept_lines(store: Store) -> Lines:
    """Return the physical lines to keep, by evidence file."""
    kept: Lines = defaultdict(set)
    rows = store.rows("""
        SELECT evidence.file, line_first, line_last FROM witnesses
        JOIN chosen ON chosen.event_id = witnesses.event_id
        JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
    """)
    for file, first, last in rows:
        kept[file].update(range(first, last + 1))
    return kept


def kept_owners(store: Store, whole: Path) -> set[str]:
    """Return the owners whose pets, contracts and claims are kept: those that were looked up one by one."""
    rows = store.rows("""
        SELECT DISTINCT regexp_extract(query_text, '(?:owner_id|FROM owners WHERE id) = (\\d+)', 1)
        FROM events JOIN chosen ON chosen.event_id = events.event_id WHERE event_kind = 'sql'
    """)
    with (whole / "truth" / "persons.csv").open(encoding="utf-8-sig", newline="") as file:
        own = {row["owner_id"] for row in csv.DictReader(file) if row["attack"] == "a1"}
    return {owner for (owner,) in rows if owner} | own


def write_cut(name: str, lines: list[bytes], kept: set[int], counts: Counter[bytes]) -> dict[int, int]:
    """Write the kept lines of one log (a file that is no log is copied whole); return old -> new numbers."""
    chosen = sorted(kept) if kept or len(lines) > 200 else range(1, len(lines) + 1)
    text = b"".join(renumbered((lines[number - 1] for number in chosen), counts))
    path = HERE / "evidence" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text, 9, mtime=0) if path.suffix == ".gz" else text)
    return {old: new for new, old in enumerate(chosen, 1)}


def renumbered(lines: Iterable[bytes], counts: Counter[bytes]) -> Iterator[bytes]:
    """Count the lines of each database session anew; ``counts`` goes on from file to file."""
    for line in lines:
        found = _SESSION_LINE.match(line)
        if found is None:
            yield line
            continue
        counts[found["session"]] += 1
        yield found["before"] + str(counts[found["session"]]).encode() + b"," + line[found.end() :]


def cut_truth(truth: Path, attacks: list[dict[str, str]], numbers: dict[str, dict[int, int]]) -> None:
    """Write the truth of what was kept: hostile lines with their new numbers, and the records reached."""
    folder = HERE / "truth"
    folder.mkdir(exist_ok=True)
    for row in attacks:
        name = row["file"].removeprefix("evidence/")
        row["line"] = str(numbers.get(name, {}).get(int(row["line"]), ""))
        row["file"] = name
    write_table(folder / "attacker_requests.csv", [row for row in attacks if row["line"]])
    with (truth / "persons.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    until = UNTIL["a2"]
    write_table(
        folder / "persons.csv",
        [row for row in rows if row["attack"] != "a2" or row["first_received_at"] < until],
    )


def cut_snapshot(whole: Path, owners: set[str]) -> None:
    """Write the snapshot: all owners, and what hangs on the kept ones."""
    folder = HERE / "snapshot"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(whole / "as-of", HERE / "as-of")
    shutil.copyfile(whole / "snapshot" / "schema.sql", folder / "schema.sql")
    for path in sorted((whole / "snapshot").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if column := OF_OWNERS.get(path.stem):
            rows = [row for row in rows if row[column] in owners]
        for row in rows:
            if "password_hash" in row:
                row["password_hash"] = "-"  # noqa: S105 - a blank, not a secret
        write_table(folder / path.name, rows)


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as a gzipped CSV with the same bytes each time."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        file.seek(0)
        packed = gzip.compress(file.read().encode(), 9, mtime=0)
    path.with_name(path.name + ".gz").write_bytes(packed)


if __name__ == "__main__":
    main()
