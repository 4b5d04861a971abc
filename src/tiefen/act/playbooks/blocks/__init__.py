"""The blocks there are. A new one is a file here, a line in the list, and its page in docs/playbooks.md."""

from __future__ import annotations

from tiefen.act.playbooks.block import Block
from tiefen.act.playbooks.blocks.book_breakdown import BookBreakdown
from tiefen.act.playbooks.blocks.check_in import CheckIn
from tiefen.act.playbooks.blocks.dissolution import Dissolution
from tiefen.act.playbooks.blocks.dry_goods import DryGoods
from tiefen.act.playbooks.blocks.guest_talk import GuestTalk
from tiefen.act.playbooks.blocks.launch import Launch
from tiefen.act.playbooks.blocks.note import Note
from tiefen.act.playbooks.blocks.questions import Questions
from tiefen.act.playbooks.blocks.red_packet import RedPacket
from tiefen.act.playbooks.blocks.self_introduction import SelfIntroduction
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.signup_relay import SignupRelay
from tiefen.act.playbooks.blocks.vote import Vote
from tiefen.act.playbooks.blocks.weekly_report import WeeklyReport
from tiefen.act.playbooks.blocks.weekly_theme import WeeklyTheme
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual

BLOCKS: tuple[type[Block], ...] = (
    WelcomeRitual,
    SelfIntroduction,
    WeeklyTheme,
    DryGoods,
    BookBreakdown,
    ShowDay,
    Questions,
    Vote,
    SignupRelay,
    CheckIn,
    RedPacket,
    GuestTalk,
    Launch,
    WeeklyReport,
    Dissolution,
    Note,
)

AnyBlock = (
    WelcomeRitual | SelfIntroduction | WeeklyTheme | DryGoods | BookBreakdown | ShowDay | Questions | Vote | SignupRelay
    | CheckIn | RedPacket | GuestTalk | Launch | WeeklyReport | Dissolution | Note
)  # fmt: skip
BY_KIND: dict[str, type[Block]] = {str(block.__struct_config__.tag): block for block in BLOCKS}

__all__ = [
    "BLOCKS",
    "BY_KIND",
    "AnyBlock",
    "BookBreakdown",
    "CheckIn",
    "Dissolution",
    "DryGoods",
    "GuestTalk",
    "Launch",
    "Note",
    "Questions",
    "RedPacket",
    "SelfIntroduction",
    "ShowDay",
    "SignupRelay",
    "Vote",
    "WeeklyReport",
    "WeeklyTheme",
    "WelcomeRitual",
]
