"""快闪群：五天 — an event group that is opened, sells once and is closed with dignity."""

from tiefen.act.playbooks.blocks.dissolution import Dissolution
from tiefen.act.playbooks.blocks.launch import Launch
from tiefen.act.playbooks.blocks.questions import Questions
from tiefen.act.playbooks.blocks.red_packet import RedPacket
from tiefen.act.playbooks.blocks.show_day import ShowDay
from tiefen.act.playbooks.blocks.signup_relay import SignupRelay
from tiefen.act.playbooks.blocks.vote import Vote
from tiefen.act.playbooks.blocks.weekly_theme import WeeklyTheme
from tiefen.act.playbooks.blocks.welcome_ritual import WelcomeRitual
from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready.placing import on

PLAYBOOK = Playbook(
    name="快闪群五天", name_en="Flash group, five days", group_kind="flash", days=6, anchor="birth",
    goal="五天内把一次活动讲明白、卖一次、好好散场；愿意留下的人去常驻群。",
    goal_en="In five days tell of one event, sell once and part well; whoever wants to stay moves to a lasting group.",
    blocks=(
        on(1, WelcomeRitual(
            purpose_of_group="一起等一场只有五天的活动，用完就散，不占你的列表",
            rules=("群只开五天，到点解散", "每天只有两次消息，其余时间安静", "问题随时 @小助手"),
        ), "10:00"),
        on(1, RedPacket(amount_fen=2_000, packets=30, occasion="开群大吉", topic="你是从哪里知道这次活动的？"), "20:00"),
        on(2, WeeklyTheme(
            theme="这次的主角是怎么来的", question="你最想知道它的哪一点？",
            days=("今天：讲来历", "明天：你们选规格", "后天晚上：开卖"),
        ), "10:00"),
        on(2, Questions(about_what="这次活动和商品"), "20:00"),
        on(3, Vote(question="群内专属搭配选哪个？", options=("两件装", "三件装", "家庭装")), "12:15"),
        on(3, SignupRelay(what="明晚 8 点提醒我", places=200, until="明天下午 6 点"), "18:00"),
        on(4, Launch(
            product="快闪专属搭配", price_fen=9_900, worth="昨天大家投票选出来的规格，只在这个群有",
            until="明天中午 12 点", returns="签收 7 天内不满意，找小助手就退",
        ), "20:00"),
        on(5, ShowDay(what="你下的单 / 你打算怎么用", thanks="晒的朋友我一个个回，说说怎么用最好"), "12:00"),
        on(5, Dissolution(
            why="五天的活动结束了", next_place="常驻福利群：一周只打扰一次，固定周五", closes="明天晚上 9 点",
        ), "20:30"),
    ),
)  # fmt: skip
