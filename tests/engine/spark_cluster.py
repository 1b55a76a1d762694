"""A Spark standalone cluster on this machine: a master and two workers, and what a client needs to use it."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

from ashiato.engine.spark import find_java, wrap_java
from tests.journeys.command import surroundings

_HOME = Path(pyspark.__file__).parent
_MASTER, _WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
_ADDRESS = re.compile(r"Starting Spark master at (spark://[0-9.]+:[0-9]+)")
_REGISTERED = re.compile(r"Successfully registered with master")
_MOST_SECONDS = 120
# Small tables on two processors: what a cluster of that size has in its spark-defaults.conf. Plans are walked
# and not compiled, nor made anew between their steps: both took longer than the rows. On one machine the
# engine does both, as Spark does.
_CLIENT = """spark.sql.shuffle.partitions 2
spark.buffer.pageSize 1m
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.executor.memory 1g
spark.executor.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1
spark.driver.extraJavaOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1
"""


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs: its address, its workers' folders, and the settings a client's process needs."""

    address: str
    settings: dict[str, str]
    workers: tuple[Path, ...]

    def executors_of(self, worker: Path) -> int:
        """Return how many executors a worker has run."""
        return sum(1 for _ in worker.glob("app-*/*/stderr"))


@contextmanager
def run_cluster(folder: Path) -> Iterator[Cluster]:
    """Run a master and two workers until the block ends, all on loopback and with ports of their own."""
    conf = folder / "conf"
    conf.mkdir(parents=True)
    (conf / "spark-defaults.conf").write_text(_CLIENT)
    settings = {
        "SPARK_HOME": str(_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONF_DIR": str(conf),
        **_java(folder / "java"),
    }
    started: list[subprocess.Popen[bytes]] = []
    try:
        ports = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        started.append(_start(folder / "master.log", settings, _MASTER, *ports))
        address = _wait_for(folder / "master.log", _ADDRESS)[1]
        workers = tuple(folder / f"worker{number}" for number in (1, 2))
        for worker in workers:
            worker.mkdir()
            own = settings | {"SPARK_WORKER_DIR": str(worker), "SPARK_LOCAL_DIRS": str(worker)}
            sizes = ["--cores", "1", "--memory", "1g", "--work-dir", str(worker)]
            started.append(_start(worker / "worker.log", own, _WORKER, *ports, *sizes, address))
        for worker in workers:
            _wait_for(worker / "worker.log", _REGISTERED)
        yield Cluster(address, settings, workers)
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=_MOST_SECONDS)


def _java(folder: Path) -> dict[str, str]:
    home = find_java()
    return {} if home is None else {"JAVA_HOME": str(wrap_java(home, folder))}


def _start(log: Path, settings: dict[str, str], name: str, *words: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        program = str(_HOME / "bin" / "spark-class")
        env = {**surroundings(), **settings}
        return subprocess.Popen([program, name, *words], env=env, stdout=out, stderr=out)


def _wait_for(log: Path, words: re.Pattern[str]) -> re.Match[str]:
    until = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < until:
        found = words.search(log.read_text(errors="replace"))
        if found:
            return found
        time.sleep(0.2)
    message = f"the cluster does not start: {log.read_text(errors='replace')[-2000:]}"
    raise TimeoutError(message)
