"""The library of files (素材库) that messages carry: pictures, videos and files, by a name that says what is in them."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile
from starlette.responses import FileResponse, Response

from tiefen.kit.clock import from_us
from tiefen.kit.text import clean
from tiefen.web.answers import answer
from tiefen.web.context import Asked, SignedIn
from tiefen.web.errors import BodyTooLarge, NoFile, NotFound, UnknownKey
from tiefen.web.inputs import TextPath

router = APIRouter(tags=["library"])
MOST_BYTES = {"image": 10 << 20, "video": 10 << 20, "file": 20 << 20}
"""As WeCom takes them (https://developer.work.weixin.qq.com/document/path/90253)."""
_BEGINS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}
_SHOWN = {".jpg": "image/jpeg", ".png": "image/png"}
_MOST_FILES = 1_000


def folder(asked: Asked) -> Path:
    return asked.house.settings.data / "library" / asked.corp_id


@router.get("/api/library")
def list_library(asked: SignedIn) -> Response:
    """What is in it, the newest first."""
    home = folder(asked)
    found = [path for path in home.iterdir() if not path.name.startswith(".")] if home.is_dir() else []
    rows = sorted(((path.stat().st_mtime, path) for path in found), reverse=True)[:_MOST_FILES]
    return answer(
        {
            "items": [
                {"file": path.name, "kind": _kind(path), "bytes": path.stat().st_size, "at": from_us(int(at * 1e6))}
                for at, path in rows
            ]
        }
    )  # fmt: skip


@router.post("/api/library", openapi_extra={"requestBody": {"required": True}})
def add_to_library(asked: SignedIn, file: UploadFile | None = None, kind: Annotated[str, Form()] = "image") -> Response:
    """Put a file in. A picture is JPEG or PNG, whatever it is called; a video is MP4."""
    if file is None:
        raise NoFile
    if kind not in MOST_BYTES:
        raise UnknownKey("kind", kind[:40])
    most = MOST_BYTES[kind]
    content = file.file.read(most + 1)
    if len(content) > most:
        raise BodyTooLarge(most)
    name = _name(kind, file.filename or "", content)
    home = folder(asked)
    home.mkdir(parents=True, exist_ok=True)
    making = home / f".{name}"
    making.write_bytes(content)
    making.replace(home / name)
    asked.audit("added to the library", name)
    return answer({"file": name, "kind": kind, "bytes": len(content)})


@router.get("/api/library/{file}", responses={200: {"content": {"*/*": {}}}})
def one_file(asked: SignedIn, file: TextPath) -> Response:
    """A picture, to be shown; anything else is saved and never opened here."""
    path = folder(asked) / Path(file).name
    if file.startswith(".") or Path(file).name != file or not path.is_file():
        raise NotFound("file", file[:60])
    shown = _SHOWN.get(path.suffix)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=31536000, immutable"}
    if shown:
        return FileResponse(path, media_type=shown, headers=headers)
    return FileResponse(path, media_type="application/octet-stream", filename=file, headers=headers)


def _name(kind: str, given: str, content: bytes) -> str:
    """What it is kept as: a digest of what is in it, and what it was called."""
    digest = blake2b(content, digest_size=8).hexdigest()
    stem = "".join(letter for letter in clean(Path(given).stem) if letter.isalnum() or letter in "-_")[:40] or kind
    match kind:
        case "image":
            suffix = next((ending for begins, ending in _BEGINS.items() if content.startswith(begins)), None)
            if suffix is None or len(content) <= 5:
                raise UnknownKey("picture", "neither JPEG nor PNG")
        case "video":
            if content[4:8] != b"ftyp":
                raise UnknownKey("video", "no MP4")
            suffix = ".mp4"
        case _:
            if len(content) <= 5:
                raise UnknownKey("file", "with anything in it")
            suffix = "." + ("".join(letter for letter in Path(given).suffix if letter.isalnum())[:8] or "bin")
    return f"{digest}-{stem}{suffix}"


def _kind(path: Path) -> str:
    return "image" if path.suffix in _SHOWN else "video" if path.suffix == ".mp4" else "file"
