"""A real Spark cluster on this machine: a master, two workers of one core each and a Spark Connect server, each a process
of its own from the PyPI package. What they say to each other goes over loopback, as it would over a network."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "127.0.0.1"
WORKERS = 2
_DAEMON_MB, _READY_SECONDS = 256, 240
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
"""A cluster that lives for two minutes is not worth the second compiler."""
_CONF = {
    "spark.executor.cores": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.locality.wait": "0s",
    "spark.ui.enabled": "false",
    "spark.driver.host": HOST,
}


@dataclass(frozen=True)
class Shape:
    """What each worker, its executor and the Connect server's driver may hold, in MB, and how they are run."""

    worker_mb: int = 1_400
    executor_mb: int = 900
    driver_mb: int = 900
    java: str = _QUICK
    partitions: int = 4
    adaptive: bool = False

    @property
    def conf(self) -> dict[str, str]:
        return _CONF | {
            "spark.executor.memory": f"{self.executor_mb}m",
            "spark.executor.extraJavaOptions": self.java,
            "spark.sql.shuffle.partitions": str(self.partitions),
            "spark.sql.adaptive.enabled": str(self.adaptive).lower(),
        }


SMALL = Shape()
LARGE = Shape(
    worker_mb=4_000, executor_mb=3_000, driver_mb=9_000, java="-XX:+UseSerialGC", partitions=16, adaptive=True
)
"""For hundreds of millions of facts."""


def home() -> Path:
    """Where the package is; without it (or without Java) there is no cluster and the tests say so."""
    found = importlib.util.find_spec("pyspark")
    place = Path(found.origin).parent if found is not None and found.origin else None
    if place is None or not (place / "bin" / "spark-class").exists() or shutil.which("java") is None:
        pytest.skip(
            "no Spark here: `scripts/test long` brings it, or `uv sync --inexact --group cluster` and a Java 17"
        )
    return place


@contextmanager
def spark_cluster(folder: Path, shape: Shape = SMALL) -> Iterator[str]:
    """The address of its Spark Connect server. Everything is ended with the block."""
    spark = home()
    master, connect = _free_port(), _free_port()
    environment = os.environ | {
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_JAVA_OPTS": _QUICK,
        "PYSPARK_PYTHON": sys.executable,
        "OMP_NUM_THREADS": "1",
    }
    daemon = [str(spark / "bin" / "spark-class"), "org.apache.spark.deploy"]
    url = f"spark://{HOST}:{master}"
    with ExitStack() as stack:
        running: dict[str, subprocess.Popen[bytes]] = {}

        def start(name: str, command: Sequence[str], daemon_mb: int) -> None:
            # For a Spark Connect server, too, this wins over `--driver-memory`.
            given = environment | {"SPARK_DAEMON_MEMORY": f"{daemon_mb}m"}
            running[name] = stack.enter_context(_running(command, folder / f"{name}.log", given))

        start("master", [
            daemon[0], f"{daemon[1]}.master.Master", "--host", HOST, "--port", str(master), "--webui-port", "0",
        ], _DAEMON_MB)  # fmt: skip
        for number in range(WORKERS):
            start(f"worker{number}", [
                daemon[0], f"{daemon[1]}.worker.Worker", "--host", HOST, "--cores", "1", "--memory", f"{shape.worker_mb}m",
                "--webui-port", "0", "--work-dir", str(folder / f"work{number}"), url,
            ], _DAEMON_MB)  # fmt: skip
        conf = shape.conf | {
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": str(connect),
        }
        start("connect", [
            str(spark / "bin" / "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
            "--master", url, "--driver-java-options", shape.java,
            *(part for key, value in conf.items() for part in ("--conf", f"{key}={value}")), "spark-internal",
        ], shape.driver_mb)  # fmt: skip
        _await(connect, folder, running)
        yield f"sc://{HOST}:{connect}"


@contextmanager
def _running(command: Sequence[str], log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT, cwd=log.parent)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(port: int, folder: Path, running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and all(process.poll() is None for process in running.values()):
        with socket.socket() as tried:
            if tried.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    said = "\n".join(f"{log.name}: {log.read_text('utf-8', 'replace')[-600:]}" for log in sorted(folder.glob("*.log")))
    raise RuntimeError(f"the cluster did not start within {_READY_SECONDS} s\n{said}")


def _free_port() -> int:
    with socket.socket() as some:
        some.bind((HOST, 0))
        return int(some.getsockname()[1])
