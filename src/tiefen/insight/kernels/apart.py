"""Kernels in processes of their own, so that all cores have something to do: most of what a kernel does holds the interpreter.

A worker is a plain `python -m tiefen.insight.kernels.apart MODULE NAME` that reads batches from its standard input and writes
what the kernel says of each to its standard output, both as Arrow streams after their length. It ends with its input, so that
nothing is left behind by whoever is killed; and unlike a child of `multiprocessing` it may be begun by the process that reads.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import IO

import pyarrow as pa

_LENGTH = 8


def asked_apart(of: Callable[[pa.Table], pa.Table], batches: Sequence[pa.Table], workers: int) -> list[pa.Table]:
    """What a function of a module says of each batch, in their order. RuntimeError where a worker ended before its time; what
    it had to say of it is on standard error."""
    found: list[pa.Table] = [pa.table({})] * len(batches)
    waiting = sorted(range(len(batches)), key=lambda number: batches[number].num_rows)  # the longest are taken first

    def serve() -> None:
        with _worker(of) as worker:
            assert worker.stdin is not None
            assert worker.stdout is not None
            try:
                while (number := _next(waiting)) is not None:
                    _write(worker.stdin, batches[number])
                    if (answer := _read(worker.stdout)) is None:
                        break
                    found[number] = answer
                worker.stdin.close()
            except BrokenPipeError:
                pass
        if worker.returncode:
            raise RuntimeError(f"{of.__module__}.{of.__qualname__} failed in a process of its own")

    with ThreadPoolExecutor(workers, thread_name_prefix="kernel") as pool:
        for done in [pool.submit(serve) for _ in range(workers)]:
            done.result()
    return found


def _next(waiting: list[int]) -> int | None:
    try:
        return waiting.pop()
    except IndexError:
        return None


def _worker(of: Callable[[pa.Table], pa.Table]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", __name__, of.__module__, of.__qualname__]
    one_core = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # A session of its own: an interrupt is for whoever reads, and the worker ends with its input.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=one_core, start_new_session=True
    )


def _serve(module: str, name: str) -> None:
    of = getattr(import_module(module), name)
    come, go = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    try:
        while (batch := _read(come)) is not None:
            _write(go, of(batch))
    except BrokenPipeError:
        os._exit(0)  # nobody waits any more


def _write(to: IO[bytes], rows: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    told = sink.getvalue()
    to.write(told.size.to_bytes(_LENGTH, "big"))
    to.write(told)
    to.flush()


def _read(come: IO[bytes]) -> pa.Table | None:
    length = come.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    told = come.read(int.from_bytes(length, "big"))
    return pa.ipc.open_stream(told).read_all()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
