"""Reading everything WeCom tells of a corp, and keeping it up to date."""

from tiefen.wecom.sync.archive import ArchiveReader
from tiefen.wecom.sync.clocks import clock_of
from tiefen.wecom.sync.forecast import Forecast, forecast
from tiefen.wecom.sync.progress import Progress, progress
from tiefen.wecom.sync.settings import SyncSettings
from tiefen.wecom.sync.state import Skip, Summary, SyncUnderWay
from tiefen.wecom.sync.sync import Pulled, Sync
from tiefen.wecom.sync.tending import Tending
from tiefen.wecom.sync.troubles import Trouble, troubles

__all__ = [
    "ArchiveReader",
    "Forecast",
    "Progress",
    "Pulled",
    "Skip",
    "Summary",
    "Sync",
    "SyncSettings",
    "SyncUnderWay",
    "Tending",
    "Trouble",
    "clock_of",
    "forecast",
    "progress",
    "troubles",
]
