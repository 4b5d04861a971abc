"""Other people's WeCom software: fetched once from PyPI and npm, each in a folder and a process of its own.

`python -m tests.peers.wecom.others` fetches all of it. A process reads one JSON document a line and answers with one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "peers" / "wecom"
_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Software:
    """A release of somebody's software, and how its processes are told to use it."""

    name: str
    runtime: str
    """The lock file of its virtual environment without `.txt`, or `node`."""
    by: str
    """What the processes call it."""


WECHATPY_1 = Software("wechatpy 1.8.18", "wechatpy-1.8.18", "wechatpy")
WECHATPY_2 = Software("wechatpy 2.0.0a26", "wechatpy-2.0.0a26", "wechatpy")
TENCENT = Software("WXBizMsgCrypt (wecom 2022.3.24.13.53.39)", "wecom-2022.3.24.13.53.39", "tencent")
WECOM_CRYPTO = Software("@wecom/crypto 1.0.1", "node", "@wecom/crypto")
WECHAT_CRYPTO = Software("wechat-crypto 0.0.2", "node", "wechat-crypto")
EASYWECHAT = Software("node-easywechat 3.6.2", "node", "node-easywechat")
JSSDK = Software("@wecom/jssdk 2.4.4", "node", "@wecom/jssdk")

SEALERS = (WECHATPY_1, WECHATPY_2, TENCENT, WECOM_CRYPTO, WECHAT_CRYPTO, EASYWECHAT)
"""Who seals and opens callbacks."""
CALLERS = (WECHATPY_1, WECHATPY_2, EASYWECHAT)
"""Who calls the API."""


class Running:
    """A process with somebody's software in it: `seals`, `calls` or `pages` (the script), told whose by its argument."""

    def __init__(self, whose: Software, script: str, *arguments: str) -> None:
        self.whose = whose
        self._process = subprocess.Popen(
            [*_command(whose, script), whose.by, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"NODE_NO_WARNINGS": "1", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def ask(self, does: str, **told: Any) -> dict[str, Any]:
        """What the software makes of it; `{"refused": …}` where it raised an error."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": does, **told}).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{self.whose.name} ended with {self._process.wait(_WAIT_S)}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_WAIT_S)


def fetch(runtime: str) -> Path:
    """The folder of a virtual environment or of node_modules as the lock file says, set up where it is not yet."""
    return _node() if runtime == "node" else _venv(runtime)


def _command(whose: Software, script: str) -> list[str]:
    folder = fetch(whose.runtime)
    if whose.runtime == "node":
        shutil.copytree(HERE / "node", folder, dirs_exist_ok=True)
        return ["node", str(folder / f"{script}.mjs")]
    return [str(folder / "bin" / "python"), str(HERE / "python" / f"{script}.py")]


def _venv(lock: str) -> Path:
    file, folder = HERE / "python" / f"{lock}.txt", CACHE / lock
    if not _is_as(folder, file):
        shutil.rmtree(folder, ignore_errors=True)
        _run(_uv(), "venv", "--quiet", "--python", sys.executable, str(folder))
        _run(
            _uv(), "pip", "install", "--quiet", "--no-deps", "--python", str(folder / "bin" / "python"), "-r", str(file)
        )
        _mark(folder, file)
    return folder


def _node() -> Path:
    file, folder = HERE / "node" / "package-lock.json", CACHE / "node"
    if not _is_as(folder, file):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "node", folder)
        _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)
        _mark(folder, file)
    return folder


def _is_as(folder: Path, lock: Path) -> bool:
    mark = folder / "fetched"
    return mark.is_file() and mark.read_bytes() == lock.read_bytes()


def _mark(folder: Path, lock: Path) -> None:
    (folder / "fetched").write_bytes(lock.read_bytes())


def _run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, timeout=300, env={"UV_SYSTEM_CERTS": "1", **os.environ})


def _uv() -> str:
    own = CACHE.parents[1] / "uv" / "bin" / "uv"
    found = str(own) if own.is_file() else shutil.which("uv")
    assert found, "uv was not found; scripts/test fetches it"
    return found


if __name__ == "__main__":
    for runtime in sorted({one.runtime for one in (*SEALERS, *CALLERS, JSSDK)}):
        fetch(runtime)
