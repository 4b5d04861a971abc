"""Files made ready for messages: uploaded once, found by what is in them, uploaded again before their three days are over.

https://developer.work.weixin.qq.com/document/path/90253, 95098
"""

from __future__ import annotations

import hashlib
from typing import Literal

import sqlalchemy as sa

from tiefen.kit.clock import SECOND_US
from tiefen.ledger.schema import media_cache
from tiefen.wecom.channel.desk import Desk
from tiefen.wecom.channel.settings import DAY_US
from tiefen.wecom.client.gates import KeyedLocks

Use = Literal["message", "moment", "album"]
_LIFE_US = 3 * DAY_US
_ATTACHMENT = {"moment": 1, "album": 2}


class MediaShelf:
    """The files of one corp at WeCom."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._locks = desk, KeyedLocks()

    def ready(self, kind: str, name: str, content: bytes, *, use: Use = "message") -> str:
        """The `media_id` of a file (image, voice, video, file) that will be good for half a day at least."""
        shelf, digest = f"{use}:{kind}", hashlib.sha256(content).hexdigest()
        with self._locks.holding([(shelf, digest)]):
            now = self._desk.now_us()
            held = self._held(shelf, digest)
            if held is not None and held[1] - self._desk.settings.media_margin_us > now:
                return held[0]
            media = self._desk.api.media
            if use == "message":
                made = media.upload(kind, name, content)
            else:
                made = media.upload_attachment(kind, name, content, attachment_type=_ATTACHMENT[use])
            # Counted from the earlier of the two clocks, should they differ.
            since = min(now, made.created_at * SECOND_US or now)
            self._keep(shelf, digest, made.media_id, since + _LIFE_US)
            return made.media_id

    def forget(self, media_id: str) -> None:
        """WeCom says it is gone: the next who wants the file uploads it again."""
        with self._desk.ledger.write() as connection:
            connection.execute(
                sa.delete(media_cache).where(
                    media_cache.c.corp_id == self._desk.corp_id, media_cache.c.media_id == media_id
                )
            )

    def _held(self, shelf: str, digest: str) -> tuple[str, int] | None:
        asked = sa.select(media_cache.c.media_id, media_cache.c.expires_us).where(*self._row(shelf, digest))
        with self._desk.ledger.read() as connection:
            row = connection.execute(asked).first()
        return None if row is None else (row.media_id, row.expires_us)

    def _keep(self, shelf: str, digest: str, media_id: str, expires_us: int) -> None:
        now = self._desk.now_us()
        with self._desk.ledger.write() as connection:
            connection.execute(sa.delete(media_cache).where(*self._row(shelf, digest)))
            connection.execute(
                sa.delete(media_cache).where(
                    media_cache.c.corp_id == self._desk.corp_id, media_cache.c.expires_us < now
                )
            )
            connection.execute(
                sa.insert(media_cache).values(
                    corp_id=self._desk.corp_id, kind=shelf, digest=digest, media_id=media_id, expires_us=expires_us
                )
            )

    def _row(self, shelf: str, digest: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            media_cache.c.corp_id == self._desk.corp_id,
            media_cache.c.kind == shelf,
            media_cache.c.digest == digest,
        )
