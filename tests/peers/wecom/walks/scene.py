"""A company in the sandbox, somebody's client that works for it, and the people around it."""

from __future__ import annotations

import base64
import itertools
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.peers.wecom.others import Running
from tests.peers.wecom.receiving import Accepting, address_of
from tiefen.kit.callback_crypto import CallbackCrypto
from tiefen.sandbox import Sandbox
from tiefen.sandbox.endpoints import ENDPOINTS
from tiefen.sandbox.phones import Phones
from tiefen.wecom.events import texts_of

METHODS = {endpoint.path: endpoint.method for endpoint in ENDPOINTS}
_AROUND = "errcode", "errmsg"


@dataclass(eq=False)
class ApiRefused(Exception):
    """The platform said no, and the client said so."""

    code: int


@dataclass(eq=False)
class NoSuchPage(Exception):
    """The client called an address that there is not."""

    status: int


@dataclass
class Scene:
    """`call` is the client under test; `set_up` does beside it what its step needs to be there."""

    box: Sandbox
    address: str
    process: Running
    corpid: str
    agentid: int
    secret: str
    archive_secret: str
    codes: list[int] = field(default_factory=list)
    """What was refused as documented since the last look."""
    answered: bool = False
    """Whether the client got an answer since then."""
    _http: httpx.Client = field(default_factory=httpx.Client)
    _numbers: Any = field(default_factory=itertools.count)
    _token: tuple[float, str] = (0.0, "")

    @property
    def phones(self) -> Phones:
        return self.box.phones(self.corpid)

    @property
    def now(self) -> int:
        return int(self.box.clock.now())

    def start(self, secret: str = "") -> None:
        """A fresh client; with another secret if there is one."""
        self.process.ask("start", base=self.address, corpid=self.corpid, secret=secret or self.secret)

    def look_afresh(self) -> None:
        self.codes, self.answered = [], False
        self.start()

    def offers(self, path: str) -> bool:
        """Whether the client has a way to make this call."""
        return bool(self.process.ask("has", path=path)["has"])

    def call(self, path: str, **given: Any) -> dict[str, Any]:
        """What the client gets, without errcode and errmsg."""
        said = self.process.ask("call", method=METHODS[path], path=path, given=given)
        if "errcode" in said:
            raise ApiRefused(said["errcode"])
        if "status" in said:
            raise NoSuchPage(said["status"])
        assert "answer" in said, said
        self.answered = True
        return {name: value for name, value in said["answer"].items() if name not in _AROUND}

    def refuses(self, path: str, code: int, **given: Any) -> None:
        """The client is told no with this errcode."""
        try:
            said = self.call(path, **given)
        except ApiRefused as refused:
            assert refused.code == code, f"{path} was refused with {refused.code}, not {code}"
            self.codes.append(code)
        else:
            raise AssertionError(f"{path} answered {said} in place of {code}")

    def set_up(self, path: str, **given: Any) -> dict[str, Any]:
        """The same call by nobody's client: plain HTTP."""
        query = {"access_token": self._own_token()}
        if METHODS[path] == "GET":
            answer = self._http.get(f"{self.address}/cgi-bin/{path}", params={**query, **given})
        elif "content" in given and "filename" in given:
            file = given["filename"], base64.b64decode(given["content"])
            more = {name: value for name, value in given.items() if name not in ("content", "filename")}
            answer = self._http.post(f"{self.address}/cgi-bin/{path}", params={**query, **more}, files={"media": file})
        else:
            answer = self._http.post(f"{self.address}/cgi-bin/{path}", params=query, json=given)
        said: dict[str, Any] = answer.json()
        assert said["errcode"] == 0, said
        return said

    def file(self, media_id: str) -> bytes:
        """What the platform has under a media_id."""
        asked = {"access_token": self._own_token(), "media_id": media_id}
        return self._http.get(f"{self.address}/cgi-bin/media/get", params=asked).content

    @contextmanager
    def called_back(self) -> Iterator[None]:
        """The company has an address for callbacks meanwhile: some are only made for one that has."""
        keys = self.box.keys(self.corpid)
        accepting = Accepting(CallbackCrypto(keys.token, keys.aes_key, keys.corpid))
        with address_of(accepting) as url:
            assert self.box.set_callback(self.corpid, url).ok
            yield
            self.box.set_callback(self.corpid, None)

    def told_of(self, whom: str, name: str) -> str:
        """A field of the latest callback that has it; `whom` narrows it to somebody, where the callback names them."""
        told = [texts_of(xml.encode()) for xml in self.box.truth(self.corpid).callbacks()]
        named = [one[name][0] for one in told if name in one and one.get("ExternalUserID", [whom]) == [whom]]
        return named[-1]

    def later(self, seconds: float) -> None:
        """Time passes; for so long that a token ends, the client is a fresh one."""
        self.box.clock.step(seconds)
        if seconds > 3_600:
            self.start()

    def name(self, of: str) -> str:
        """A name nothing else has."""
        return f"{of}{next(self._numbers)}"

    def staff(self) -> str:
        """Somebody new who works here."""
        userid = self.name("staff")
        self.phones.hire(userid, f"员工{userid}🌺")
        return userid

    def person(self) -> str:
        return self.phones.person(self.name("黛玉"))

    def customer(self, userid: str, **more: Any) -> str:
        """The external_userid of somebody new who has added a member of staff."""
        return self.phones.add_contact(self.person(), userid, **more)

    def group(self, owner: str, *people: str, name: str = "海棠诗社 🌸") -> str:
        """A group that is old enough to be told of in full."""
        chat_id = self.phones.create_group(owner, name, people=people)
        self.box.clock.step(3)
        return chat_id

    def _own_token(self) -> str:
        ends, token = self._token
        if ends <= self.box.clock.now():
            asked = {"corpid": self.corpid, "corpsecret": self.secret}
            said = self._http.get(f"{self.address}/cgi-bin/gettoken", params=asked).json()
            token = said["access_token"]
            self._token = self.box.clock.now() + said["expires_in"], token
        return token


def coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def picture(side: int = 8) -> bytes:
    """A PNG that every reader takes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xc8\x32\x50" * side) * side
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
