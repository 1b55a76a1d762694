"""Marks events that a rule or a behaviour calls suspicious, each with its reason.

Reads ``events`` and ``causes``, and for what an analyst pinned ``evidence`` and ``witnesses``; writes
``findings`` (one row per hit), ``finding_events`` (the events each rests on), ``rules`` (which Sigma rules
were used), ``visits`` (which client's unbroken use each event is part of) and ``pins``. Rules are Sigma files
under ``ashiato/rules`` and in the case; behaviours are SQL stations, one file each here: ``scanning``,
``fetched``, ``guessing``, ``hammering``, ``enumeration``, ``walks``, ``takeover`` (with ``offices`` and
``sweeps``), ``injection``, ``breaks``, ``bulk``, ``unsigned``, ``hauls``, ``counting``, ``lists``, ``calls``.
Floors are absolute and stated beside the number; comparisons are with peers by robust statistics, so that
sites of any size need no tuning.
"""

from __future__ import annotations

from ashiato.engine.findings import (
    asks,
    breaks,
    bulk,
    calls,
    counting,
    enumeration,
    fetched,
    guessing,
    hammering,
    hauls,
    injection,
    lists,
    pinned,
    scanning,
    sign_ins,
    signers,
    takeover,
    unsigned,
    visits,
    walks,
)
from ashiato.engine.findings.host_events import HOST_EVENTS, HOST_VISITS
from ashiato.engine.findings.known import write_known
from ashiato.engine.findings.readings import read_events
from ashiato.engine.findings.rule_hits import API_CALLS, STATEMENT_VISITS
from ashiato.engine.findings.rule_hits import STATIONS as RULE_STATIONS
from ashiato.engine.findings.rule_matches import match_rules
from ashiato.engine.findings.rules import read_case_rules
from ashiato.engine.store import Station
from ashiato.engine.tables import (
    CAUSES,
    EVENTS,
    EVIDENCE,
    FINDING_EVENTS,
    FINDINGS,
    PINS,
    RULES,
    VISITS,
    WITNESSES,
    Table,
)
from ashiato.engine.workspace import Workspace

__all__ = ["READS", "WRITES", "build"]

READS: tuple[Table, ...] = (EVIDENCE, WITNESSES, EVENTS, CAUSES)
WRITES: tuple[Table, ...] = (FINDINGS, FINDING_EVENTS, RULES, VISITS, PINS)

_KINDS = (
    "rules",
    "scanning",
    "fetched",
    "guessing",
    "guessed",
    "hammering",
    "enumeration",
    "walks",
    "takeover",
    "injection",
    "breaks",
    "bulk",
    "unsigned",
    "hauls",
    "counting",
    "lists",
    "calls",
    "pins",
)
_ALL_FOUND = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, rule, rule_kind, technique, key, level, certainty, actor_kind, actor,"
    f" CAST(observed AS DOUBLE) AS observed, CAST(expected AS DOUBLE) AS expected, why FROM found_{kind}"
    for kind in _KINDS
)
_ALL_EVENTS = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, key, event_id FROM found_{kind}_events" for kind in _KINDS
)
_ID = "SUBSTR(MD5(kind || '|' || key), 1, 16)"

_FINDING_EVENTS = Station(
    "finding_events",
    f"SELECT DISTINCT {_ID} AS finding_id, event_id FROM ({_ALL_EVENTS}) AS e WHERE event_id IS NOT NULL",
    FINDING_EVENTS,
)
_FINDINGS = Station(
    "findings",
    f"""
    SELECT f.*, t.start_us, t.end_us, t.events
    FROM (SELECT {_ID} AS finding_id, a.* FROM ({_ALL_FOUND}) AS a) AS f
    JOIN (
        SELECT x.finding_id, MIN(e.start_us) AS start_us, MAX(e.end_us) AS end_us, COUNT(*) AS events
        FROM finding_events AS x JOIN events AS e ON e.event_id = x.event_id
        GROUP BY x.finding_id
    ) AS t ON t.finding_id = f.finding_id
    """,
    FINDINGS,
)


def build(workspace: Workspace) -> None:
    """Write findings, their events, and the visits.

    Raises RuleError: the placeholders are unreadable. CaseError: the pins are.
    """
    rules = read_case_rules(workspace.case_folder)
    pinned.note_pins(workspace)
    write_known(workspace)
    read_events(workspace.store)
    _run(
        workspace,
        (
            calls.CALLS,
            *sign_ins.ROUTES,
            *signers.STATIONS,
            *visits.BEFORE_SIGN_INS,
            *sign_ins.ATTEMPTS,
            *visits.AFTER_SIGN_INS,
        ),
    )
    injection.prove_injections(workspace.store)
    _run(workspace, (API_CALLS, STATEMENT_VISITS, HOST_EVENTS, HOST_VISITS))
    breaks.prove_breaks(workspace.store)
    behaviours = (
        *scanning.STATIONS,
        *fetched.STATIONS,
        *guessing.STATIONS,
        *hammering.STATIONS,
        *asks.STATIONS,
        *enumeration.STATIONS,
        *walks.STATIONS,
        *takeover.STATIONS,
        *injection.STATIONS,
        *breaks.STATIONS,
        *bulk.STATIONS,
        *unsigned.STATIONS,
        *hauls.STATIONS,
        *counting.STATIONS,
        *lists.STATIONS,
        *calls.STATIONS,
        *pinned.STATIONS,
    )
    lists.read_lists(workspace.store)
    match_rules(workspace.store, rules)
    _run(workspace, (*RULE_STATIONS, *behaviours, _FINDING_EVENTS, _FINDINGS))


def _run(workspace: Workspace, stations: tuple[Station, ...]) -> None:
    for done, station in enumerate(stations, 1):
        workspace.store.run(station)
        workspace.tell("findings", done, len(stations))
