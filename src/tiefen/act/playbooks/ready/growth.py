"""成长群：二十八天 — a habit kept together, with a book, a show day and a talk each week."""

from tiefen.act.playbooks.blocks.book_breakdown import BookBreakdown
from tiefen.act.playbooks.blocks.check_in import CheckIn
from tiefen.act.playbooks.blocks.dissolution import Dissolution
from tiefen.act.playbooks.blocks.dry_goods import DryGoods
from tiefen.act.playbooks.blocks.guest_talk import GuestTalk
from tiefen.act.playbooks.blocks.questions import Questions
from tiefen.act.playbooks.blocks.self_introduction import SelfIntroduction
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.weekly_report import WeeklyReport
from tiefen.act.playbooks.blocks.weekly_theme import WeeklyTheme
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual
from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready.placing import on, weekly

PLAYBOOK = Playbook(
    name="成长群二十八天", name_en="Growth group, twenty-eight days", group_kind="growth", days=30, anchor="joined",
    goal="二十八天一起坚持一件小事：完成过半的人占四成以上，从中找到下一批种子用户。",
    goal_en="Twenty-eight days of keeping up one small thing together: over 40 % do more than half of it, and the next seed members are found among them.",
    blocks=(
        on(1, WelcomeRitual(purpose_of_group="用二十八天，一起养成一个小习惯")),
        on(1, SelfIntroduction(questions=("我是谁", "这 28 天我想做到的一件小事", "我最怕哪一天放弃")), "20:00"),
        weekly((1, 2, 3, 4, 5), CheckIn(what="今天的那一件小事", days=28), "07:30", since=2, until=28),
        weekly((1,), WeeklyTheme(
            theme="这周只改一个小地方", question="上周哪一天最难？", days=("周三：拆书", "周五：展示", "周日：小结"),
        ), since=2, until=28),
        weekly((3,), BookBreakdown(), until=28),
        weekly((4,), DryGoods(
            topic="坚持不下去怎么办", points=("把目标再减一半", "绑在一件每天必做的事后面", "断了不补，第二天接着做"),
        ), since=8, until=28),
        weekly((5,), ShowDay(what="这周的小进步", thanks="每一条都有回应，月底做成纪念册")),
        weekly((6,), GuestTalk(topic="我是怎么坚持到今天的", guest="上一期的同学"), since=8, until=28),
        weekly((7,), WeeklyReport(highlights=("坚持得最好的", "最走心的一句话", "下周小约定")), until=28),
        on(14, Questions(about_what="走到一半，卡在哪儿")),
        on(28, ShowDay(what="28 天前后的变化", thanks="大家一起投出「最有变化」的三位"), key="finale"),
        on(29, Dissolution(
            why="二十八天走完了，你们都很了不起", next_place="老同学群，一个月聚一次；想再来一期的也可以当小队长",
            closes="明天晚上 9 点",
        )),
    ),
)  # fmt: skip
