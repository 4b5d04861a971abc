"""What can be done at WeCom, each to its end as facts: codes, welcomes, broadcasts, Moments, handovers, messages to staff."""

from tiefen.wecom.channel.broadcasts import Nudged
from tiefen.wecom.channel.channel import Channel, Looked
from tiefen.wecom.channel.entry_codes import EntryCode
from tiefen.wecom.channel.errors import AlreadyTasked, TaskNotFound
from tiefen.wecom.channel.message import Message
from tiefen.wecom.channel.settings import ChannelSettings
from tiefen.wecom.channel.touches import Recipient
from tiefen.wecom.channel.welcomes import Welcomed

__all__ = [
    "AlreadyTasked",
    "Channel",
    "ChannelSettings",
    "EntryCode",
    "Looked",
    "Message",
    "Nudged",
    "Recipient",
    "TaskNotFound",
    "Welcomed",
]
