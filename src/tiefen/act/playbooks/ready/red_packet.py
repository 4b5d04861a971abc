"""红包群：每周 — small red packets at set times; what keeps people are the topics between them."""

from tiefen.act.playbooks.blocks.questions import Questions
from tiefen.act.playbooks.blocks.red_packet import RedPacket
from tiefen.act.playbooks.blocks.self_introduction import SelfIntroduction
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.vote import Vote
from tiefen.act.playbooks.blocks.weekly_report import WeeklyReport
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual
from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready.placing import on, weekly

PLAYBOOK = Playbook(
    name="红包群每周节奏", name_en="Red-packet group, weekly", group_kind="red_packet", anchor="joined",
    goal="红包只是开场，四周内把抢红包的人变成说话的人：红包后有话题的发言人数逐周上升。",
    goal_en="Red packets only open the talk: within four weeks those who grab them become those who speak, more of them after each week's packet.",
    blocks=(
        on(1, WelcomeRitual(
            purpose_of_group="每周二、周五晚上 8 点，发个小红包，聊个小话题",
            rules=("红包定时发，不私下要", "不用转发、不用拉人", "抢完记得冒个泡"),
        )),
        on(2, SelfIntroduction(questions=("我在哪个城市", "我抢过最大的红包是多少", "我最近想买什么"))),
        weekly((2,), RedPacket(
            amount_fen=1_000, packets=20, occasion="周二不发呆", topic="今天吃了什么好吃的？发图！",
        ), "20:00", key="tuesday"),
        weekly((5,), RedPacket(
            amount_fen=2_000, packets=30, occasion="周五啦，辛苦一周", topic="这周最开心的一件小事是什么？",
        ), "20:00", key="friday"),
        weekly((4,), Vote(question="下周红包后聊什么？", options=("省钱妙招", "带娃趣事", "最近在追的剧")), since=7),
        weekly((6,), ShowDay(what="周末的一张照片", thanks="我挑三张做下周红包封面，署你的名")),
        weekly((3,), Questions(about_what="想问什么都行"), since=8),
        weekly((7,), WeeklyReport(highlights=("手气王", "聊得最多的", "最有用的一条"), next_week="周二 8 点，老时间")),
    ),
)  # fmt: skip
