"""What every test may lean on: Hypothesis profiles, the evidence folder, and the law on skips."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings
from typer.main import get_command

from ashiato.engine import store

ROOT = Path(__file__).resolve().parent.parent
_SETTINGS = os.environ  # noqa: TID251 - the one place where tests read their surroundings
IN_CI = _SETTINGS.get("CI", "").lower() in {"1", "true"}

#: Skips that even CI may show, each with why it cannot run there. Anything else fails in CI.
CANNOT_RUN_IN_CI = {
    "no evidence folder": "the shared evidence is not part of the project; a lone clone has none",
    "this kernel gives no network namespaces": "a container may lack the right to make one",
    "only on macOS": "CI is Linux; the lock file's wheels for macOS are checked in tests/house",
}

#: By this a process that a test starts knows that its branches are measured too (coverage, `patch`).
_MEASURES_CHILDREN = "COVERAGE_PROCESS_CONFIG"

#: Marks of tests whose files start first, by how long they take: minutes on a cluster, then seconds.
_LONGEST_FIRST = ("spark", "slow")

settings.register_profile("dev", max_examples=40, deadline=None)
settings.register_profile("ci", max_examples=150, deadline=None, print_blob=True)
settings.register_profile(
    "long", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(_SETTINGS.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))

# `make check` has a worker for each core already; `make test` leaves each table engine the program's own.
store._THREADS = int(_SETTINGS.get("ENGINE_THREADS", store._THREADS))


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Give slow tests three workers for two processors.

    They wait for servers, browsers and clocks: two workers left 23 % of two processors idle.
    """
    processors = yield
    return processors if config.option.markexpr == "not slow" else (3 * processors + 1) // 2


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark as slow what comes after the first case of ``first_quick``; put the longest files first.

    A worker that is given minutes of work last leaves the others idle beside it.
    """
    for item in items:
        case = getattr(item, "callspec", None)
        if case and any(case.indices.values()) and item.get_closest_marker("first_quick"):
            item.add_marker(pytest.mark.slow)
    yield
    turn: dict[Path, int] = {}
    for item in items:
        turn[item.path] = min(_turn_of(item), turn.get(item.path, len(_LONGEST_FIRST)))
    items.sort(key=lambda item: turn[item.path])


def _turn_of(item: pytest.Item) -> int:
    marked = (number for number, name in enumerate(_LONGEST_FIRST) if item.get_closest_marker(name))
    return next(marked, len(_LONGEST_FIRST))


def pytest_collection_finish() -> None:
    """Leave what collecting made out of every later search for garbage: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the branches of quick tests, which are to reach a branch by themselves.

    Measured, a test takes 1.4 to 1.8 times the processor, and the slow ones are nearly all of a run.
    """
    if not item.get_closest_marker("slow"):
        return (yield)
    with _unmeasured():
        return (yield)


@contextmanager
def _unmeasured() -> Generator[None]:
    told_to_children = _SETTINGS.pop(_MEASURES_CHILDREN, None)
    stopped = list(_stopped())
    try:
        yield
    finally:
        for measuring in reversed(stopped):
            measuring.start()
        if told_to_children is not None:
            _SETTINGS[_MEASURES_CHILDREN] = told_to_children


def _stopped() -> Generator[Coverage]:
    """Stop what measures this process, the latest started first: each that ends wakes the one before it."""
    while measuring := Coverage.current():
        measuring.stop()
        yield measuring


@pytest.fixture(scope="session", autouse=True)
def _verbs_are_made_once() -> Iterator[None]:
    """Let a process make the tree of verbs once, as the program does: for each call it took 40 ms."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of evidence sets; the test is skipped where there is none."""
    chosen = _SETTINGS.get("ASHIATO_CORPUS")
    folder = Path(chosen) if chosen else ROOT.parent / "shared" / "evidence"
    if folder.is_dir():
        return folder.resolve()
    if chosen:
        pytest.fail(f"ASHIATO_CORPUS names {chosen}, which is not a folder")
    pytest.skip("no evidence folder: put one beside the checkout, or name it in ASHIATO_CORPUS")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, turn a skip that CI could have run into a failure."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI, the same for a whole file that skips itself."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (IN_CI and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(known in reason for known in CANNOT_RUN_IN_CI):
        report.outcome = "failed"
        report.longrepr = f"skipped where it could run (tests/conftest.py CANNOT_RUN_IN_CI): {reason}"
