"""Executions gathered by shape: one understanding, one replay, however many executions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.asking import with_rejected
from ashiato.engine.exposures.executions import TEXT_CUT, Execution
from ashiato.engine.exposures.expressions import is_drawn
from ashiato.engine.exposures.fans import Frame, frames_of
from ashiato.engine.exposures.links import Link, firm_links_of, is_negative, links_of
from ashiato.engine.exposures.markers import restored_tree, structural_markers
from ashiato.engine.exposures.masks import BIND_MISSING, LACKS
from ashiato.engine.exposures.mysql_texts import never_parsed, never_ran, reads_nothing
from ashiato.engine.exposures.plan import Plan
from ashiato.engine.exposures.refusals import cannot_run, may_have_begun
from ashiato.engine.exposures.shapes import (
    NotUnderstoodError,
    Shaped,
    Value,
    is_mysql,
    is_unknown,
    shape_statement,
    shape_unknown,
)
from ashiato.engine.exposures.sql_modes import hangs_on_mode
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.understanding import understand

#: SQLSTATE classes after which a statement has not begun to run (PostgreSQL 15, appendix A):
#: 42 syntax error or access rule violation, 3D and 3F no such database or schema, 26 no such statement.
_NEVER_RAN = ("42", "3D", "3F", "26")
#: What is wrong with a name is found out as each statement is read; a text's syntax before any of it runs.
_NAMES, _SYNTAX = "42", "42601"


@dataclass(frozen=True)
class Group:
    """The executions of one shape, with its plan, or why there is none.

    ``refusal`` beside a plan: values are missing, or a page is drawn by chance, so its rows are all that its
    other conditions let through.
    ``links``: how rows of its tables find each other; ``firm``: those that each of a table's rows holds to.
    ``negative``: a row's absence can bring another in. ``frames``: its queries in which places count.
    ``plans``: each member's group, where several are replayed as one.
    """

    number: int
    state: State
    plan: Plan | None
    refusal: str | None
    members: tuple[tuple[Execution, tuple[Value, ...]], ...]
    links: tuple[Link, ...] = ()
    negative: bool = False
    plans: tuple[int, ...] = ()
    firm: tuple[Link, ...] = ()
    frames: tuple[Frame, ...] = ()


def sent_nothing(execution: Execution, dialect: str) -> bool:
    """Tell whether the server refused a statement before running it, or it sends no rows of tables."""
    text, code = execution.text, execution.error_code
    if is_mysql(dialect):
        return never_ran(code) or (not execution.is_cut and (never_parsed(text) or reads_nothing(text)))
    if code is None or not code.startswith(_NEVER_RAN):
        return False
    return code == _SYNTAX or not (code.startswith(_NAMES) and may_have_begun(text))


def gather_groups(
    executions: Iterable[Execution], states: tuple[State, ...], dialects: dict[str, str]
) -> list[Group]:
    """Group executions by state, shape and structural values, and understand each group once."""
    gathered: dict[tuple[int, str, tuple[str, ...]], list[tuple[Execution, Shaped]]] = {}
    markers: dict[tuple[int, str], tuple[int, ...]] = {}
    names = [state.names for state in states]
    for execution in executions:
        at = _state_of(execution, states)
        dialect = dialects[states[at].system.name]
        if sent_nothing(execution, dialect):
            continue
        shaped, refusal = _shaped(execution, dialect)
        if hangs_on_mode(execution.text, states[at].system, names[at]):
            refusal = "sql-mode"
            shaped = Shaped(f"{refusal}: {execution.text}", ())
        if refusal is None and (at, shaped.shape) not in markers:
            markers[at, shaped.shape], refusal = _markers(shaped, dialect)
        fixed = tuple(shaped.values[n].text or "" for n in markers.get((at, shaped.shape), ()))
        gathered.setdefault((at, shaped.shape, fixed), []).append((execution, shaped))
    return [
        _group(number, states[at], dialects[states[at].system.name], markers.get((at, shape)), members)
        for number, ((at, shape, _), members) in enumerate(sorted(gathered.items(), key=lambda item: item[0]))
    ]


def _state_of(execution: Execution, states: tuple[State, ...]) -> int:
    names = [state.system.name for state in states]
    return names.index(execution.database) if execution.database in names else 0


def _shaped(execution: Execution, dialect: str) -> tuple[Shaped, str | None]:
    if execution.is_cut:
        return Shaped(f"{TEXT_CUT}: {execution.text}", ()), TEXT_CUT
    try:
        return shape_statement(execution.text, execution.binds, dialect), None
    except NotUnderstoodError as error:
        if str(error) in LACKS:
            return _shaped_unknown(execution, dialect, str(error))
        return Shaped(f"{error}: {execution.text}", ()), str(error)


def _shaped_unknown(execution: Execution, dialect: str, lack: str) -> tuple[Shaped, str | None]:
    try:
        return shape_unknown(execution.text, execution.binds, dialect), None
    except NotUnderstoodError:
        return Shaped(f"{lack}: {execution.text}", ()), lack


def _markers(shaped: Shaped, dialect: str) -> tuple[tuple[int, ...], str | None]:
    try:
        return structural_markers(shaped, dialect), None
    except NotUnderstoodError as error:
        return (), str(error)


def _group(
    number: int,
    state: State,
    dialect: str,
    markers: tuple[int, ...] | None,
    members: list[tuple[Execution, Shaped]],
) -> Group:
    held = tuple((execution, shaped.values) for execution, shaped in members)
    if markers is None:
        return Group(number, state, None, members[0][1].shape.split(":", 1)[0], held)
    try:
        tree = restored_tree(members[0][1], markers, dialect)
        if cannot_run(tree):
            return Group(number, state, Plan((), ()), None, held)
        plan = understand(tree.copy(), state, dialect)
        if not any(execution.usual for execution, _ in members):
            # A question that only the intruder asks: a row that it names and rejects is its answer.
            plan = with_rejected(plan)
    except NotUnderstoodError as error:
        return Group(number, state, None, str(error), held)
    return Group(
        number,
        state,
        plan,
        _lack_of(members[0], tree),
        held,
        links_of(tree, plan.instances),
        is_negative(tree),
        firm=firm_links_of(tree, plan.instances),
        frames=frames_of(tree, plan.instances),
    )


def _lack_of(member: tuple[Execution, Shaped], tree: exp.Expr) -> str | None:
    """Return why a statement that is understood cannot be replayed, or None where it can."""
    if is_unknown(member[1]):
        return member[0].note if member[0].note in LACKS else BIND_MISSING
    drawn = any(is_drawn(page) for page in tree.find_all(exp.Limit, exp.Offset, exp.Fetch))
    return "order-unknown" if drawn else None
