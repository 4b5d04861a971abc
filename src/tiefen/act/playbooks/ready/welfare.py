"""福利群：每周一次 — one day of offers a week for regulars, voted on by them, quiet otherwise."""

from tiefen.act.playbooks.blocks.launch import Launch
from tiefen.act.playbooks.blocks.note import Note
from tiefen.act.playbooks.blocks.red_packet import RedPacket
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.vote import Vote
from tiefen.act.playbooks.blocks.weekly_report import WeeklyReport
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual
from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready.placing import on, weekly

PLAYBOOK = Playbook(
    name="福利群固定福利日", name_en="Welfare group, one day a week", group_kind="welfare", anchor="joined",
    goal="一周只打扰一次：周五福利日的下单率稳定，退群率不高于平时。",
    goal_en="One interruption a week: orders on Friday's welfare day stay steady, and no more people leave than usual.",
    blocks=(
        on(1, WelcomeRitual(
            purpose_of_group="给老朋友的固定福利，每周五一次，其他时间不打扰",
            rules=("福利只在周五", "买不买都自在", "售后找 @小助手，当天处理"),
        )),
        weekly((3,), Vote(question="周五福利想要哪个？", options=("囤货组合", "新品尝鲜", "老味道返场"))),
        weekly((5,), RedPacket(amount_fen=1_000, packets=20, occasion="福利日开场", topic="上次买的用得怎么样？"), "19:30"),
        weekly((5,), Launch(
            product="本周福利", price_fen=6_900, worth="周三大家投出来的", until="周六中午 12 点",
        ), "20:00"),
        weekly((7,), ShowDay(what="这周收到的", thanks="有问题也说，当天给你处理"), "19:30", since=8),
        weekly((1,), Note(
            what="跟进上周未解决的售后", detail="逐条看上周的抱怨和退换，给出结果和时间；解决了在群里说一声谢谢提醒。",
        ), "14:00", key="aftercare", since=8),
        weekly((7,), WeeklyReport(
            highlights=("本周最受欢迎", "晒得最好的", "已解决的售后"), next_week="周三投票，周五见",
        ), "20:30", since=22),
    ),
)  # fmt: skip
