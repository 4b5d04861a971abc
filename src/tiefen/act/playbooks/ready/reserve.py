"""预备役群：十四天 — those who have not bought yet come to trust; a small offer at the end, and help whoever does not take it."""

from tiefen.act.playbooks.blocks.book_breakdown import BookBreakdown
from tiefen.act.playbooks.blocks.dry_goods import DryGoods
from tiefen.act.playbooks.blocks.guest_talk import GuestTalk
from tiefen.act.playbooks.blocks.launch import Launch
from tiefen.act.playbooks.blocks.note import Note
from tiefen.act.playbooks.blocks.questions import Questions
from tiefen.act.playbooks.blocks.self_introduction import SelfIntroduction
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.signup_relay import SignupRelay
from tiefen.act.playbooks.blocks.weekly_report import WeeklyReport
from tiefen.act.playbooks.blocks.weekly_theme import WeeklyTheme
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual
from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready.placing import on

PLAYBOOK = Playbook(
    name="预备役十四天", name_en="Reserve group, fourteen days", group_kind="reserve", days=15, anchor="birth",
    goal="十四天建立信任：先让人得到三次好处，再请人体验一次；没买的也好好留下。",
    goal_en="Trust in fourteen days: three things of use first, then an invitation to try; whoever does not buy is kept well too.",
    blocks=(
        on(1, WelcomeRitual(purpose_of_group="先免费学点有用的，不着急买")),
        on(2, SelfIntroduction()),
        on(3, WeeklyTheme(
            theme="入门三件事", question="你现在最大的一个困扰是什么？",
            days=("今天：说困扰", "明天：干货", "大后天：答疑"),
        )),
        on(4, DryGoods(topic="新手最容易踩的三个坑", points=("一上来就买全套", "只看价格不看成分", "坚持三天就换方法"))),
        on(5, BookBreakdown()),
        on(6, Questions(about_what="这几天学的，还有你的具体情况")),
        on(7, WeeklyReport(next_week="请一位老朋友来讲她的变化，再开一次体验")),
        on(8, GuestTalk(topic="我从半信半疑到离不开", guest="一位老顾客")),
        on(9, ShowDay(what="这一周你试了什么", thanks="每一条我都回，给一句具体建议")),
        on(10, SignupRelay(what="体验名额", places=50, until="明天下午 6 点")),
        on(11, Launch(
            product="新人体验装", price_fen=990, worth="七天的量，够你判断适不适合", until="后天晚上 9 点",
            returns="不适合不用寄回，告诉我们原因就退",
        )),
        on(12, Questions(about_what="体验装怎么用")),
        on(14, Note(
            what="一对一回访每位体验的人", detail="问三件事：收到没、用了没、感觉如何；不推下一单。没买的也问一句还想学什么。",
        ), "15:00"),
        on(15, WeeklyReport(next_week="愿意继续的，去成长群一起坚持")),
    ),
)  # fmt: skip
