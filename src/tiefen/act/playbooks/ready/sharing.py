"""分享群：每周一个主题 — theme, knowledge, show, a talk by a member, a report; the next theme is voted on."""

from tiefen.act.playbooks.blocks.dry_goods import DryGoods
from tiefen.act.playbooks.blocks.guest_talk import GuestTalk
from tiefen.act.playbooks.blocks.questions import Questions
from tiefen.act.playbooks.blocks.self_introduction import SelfIntroduction
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.vote import Vote
from tiefen.act.playbooks.blocks.weekly_report import WeeklyReport
from tiefen.act.playbooks.blocks.weekly_theme import WeeklyTheme
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual
from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready.placing import on, weekly

PLAYBOOK = Playbook(
    name="分享群一周一题", name_en="Sharing group, a theme a week", group_kind="sharing", anchor="joined",
    goal="让好内容从成员里长出来：八周内成员自己发起的分享超过我们发的。",
    goal_en="Good content grows from the members: within eight weeks they share more than we do.",
    blocks=(
        on(1, WelcomeRitual(purpose_of_group="每周聊透一个主题，互相教、互相学")),
        on(2, SelfIntroduction(questions=("我在哪个城市、做什么", "我最拿手的一件事", "我最想学的一件事"))),
        weekly((1,), WeeklyTheme(
            theme="冰箱里的一周", question="你家冰箱里现在有什么？拍一张！",
            days=("周三：专家讲怎么存", "周五：晒冰箱", "周六：群友分享", "周日：小结 + 投下周主题"),
        )),
        weekly((3,), DryGoods(
            topic="食材怎么放才不坏", points=("叶菜用厨房纸包好再进袋", "葱姜蒜别进冷藏", "熟食两小时内进冰箱，三天内吃完"),
        )),
        weekly((4,), Questions(about_what="本周主题")),
        weekly((5,), ShowDay(what="你家冰箱 / 你的一周备菜")),
        weekly((6,), GuestTalk(topic="我家一周买菜只去一次", minutes=20, guest="群里的老朋友"), since=8),
        weekly((7,), WeeklyReport(), "18:00"),
        weekly((7,), Vote(question="下周主题选哪个？", options=("早餐不重样", "省时晚餐", "孩子的零食")), "20:00"),
    ),
)  # fmt: skip
