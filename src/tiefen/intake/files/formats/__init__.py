"""The kinds of files. A new one is a file here, a line below and a test."""

from tiefen.intake.files.errors import UnknownFormat
from tiefen.intake.files.formats import chat, contacts, costs, irc, members, orders
from tiefen.intake.files.formats.base import Field, Format, Kept, Memory, Options, Reader
from tiefen.intake.files.formats.exports import DISCORD, SLACK, TELEGRAM, ZULIP

FORMATS: tuple[Format, ...] = (
    chat.FORMAT,
    members.FORMAT,
    orders.FORMAT,
    contacts.FORMAT,
    costs.FORMAT,
    ZULIP,
    SLACK,
    DISCORD,
    TELEGRAM,
    irc.FORMAT,
)
_BY_KEY = {format.key: format for format in FORMATS}


def format_of(key: str) -> Format:
    """The format called so."""
    if key not in _BY_KEY:
        raise UnknownFormat(key)
    return _BY_KEY[key]


__all__ = ["FORMATS", "Field", "Format", "Kept", "Memory", "Options", "Reader", "format_of"]
