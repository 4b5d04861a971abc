"""Writes the pages of docs/ that are made from the code: `python docs/catalogues.py`. A test asserts that they are true."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import typer.main

from tiefen.act.broadcasts.launches import WAVES
from tiefen.act.copy_checks import CHECKS
from tiefen.act.journeys.positions import MOST_TIMES
from tiefen.act.journeys.ready import READY as JOURNEYS
from tiefen.act.journeys.steps import STEPS
from tiefen.act.journeys.triggers import TRIGGERS
from tiefen.act.playbooks.blocks import BLOCKS
from tiefen.act.playbooks.personas import PERSONAS
from tiefen.act.playbooks.ready import READY
from tiefen.act.variables import VARIABLES
from tiefen.cli import app
from tiefen.decide.policy import Policy
from tiefen.decide.segments.predicates import PREDICATES
from tiefen.decide.segments.rule import MOST_CONDITIONS, MOST_DEEP, fields_of, kind_of
from tiefen.decide.segments.starters import STARTERS
from tiefen.insight.catalogue import METRICS
from tiefen.insight.detectors import DETECTORS
from tiefen.insight.ladder import LADDER
from tiefen.intake.files.formats import FORMATS
from tiefen.kit.settings import Settings
from tiefen.ledger.facts import KINDS, columns
from tiefen.ledger.group_kinds import GROUP_KINDS
from tiefen.ledger.identity import ID_TYPES
from tiefen.ledger.lake import table_name
from tiefen.outcome.blocks import LEAST_GROUPS, OUTCOMES
from tiefen.sandbox.endpoints import ENDPOINTS

DOCS = Path(__file__).parent
_PER = {"group": "Groups 社群", "person": "People 人", "source": "Sources 渠道"}


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)])


def first_line(of: object) -> str:
    return (inspect.getdoc(of) or "").split("\n\n")[0].replace("\n", " ")


def metrics() -> str:
    parts = [
        "# Metrics 指标\n\nMade from the catalogue in `src/tiefen/insight/metrics` by `docs/catalogues.py`. A value is part ÷ whole;"
        " whole 0 means that nobody knows, and is shown as “—”.\nGrade A needs memberships, orders or costs only; grade B needs"
        " messages. `→` says which direction is better."
    ]
    for per, title in _PER.items():
        rows = [
            [
                f"`{m.key}`<br>{m.zh}<br>{m.en}", f"{m.definition_zh}<br>{m.definition_en}", f"`{m.formula}`", m.unit,
                {"higher": "→ higher", "lower": "→ lower"}.get(m.better, ""), m.grade, m.source,
            ]
            for m in METRICS
            if m.per == per
        ]  # fmt: skip
        parts.append(
            f"## {title}\n\n" + table(["metric", "definition", "formula", "unit", "better", "grade", "source"], rows)
        )
    parts.append(
        "## Findings 发现\n\n"
        + table(
            ["finding", "about", "what to do"],
            [[f"`{d.key}`<br>{d.zh}<br>{d.en}", d.entity, f"{d.todo_zh}<br>{d.todo_en}"] for d in DETECTORS],
        )
    )
    parts.append("## The ladder 成长阶梯\n\n" + table(["rung", "中文"], [[f"`{r.key}`", r.zh] for r in LADDER]))
    return "\n\n".join(parts) + "\n"


def facts() -> str:
    parts = [
        "# Facts 事实\n\nMade from `src/tiefen/ledger/facts` by `docs/catalogues.py`. A fact is appended once and never changed; its key is"
        " (corp, kind, `source_id`). Every kind has `happened_us` (microseconds, UTC) and `source_id`;\nthe fields below are its"
        " own. A reference holds a small number in place of an outer id; names and words are elsewhere and can be erased."
    ]
    for kind in KINDS:
        fields = [
            [f"`{c.name}`", f"{c.ref}{' (many)' if c.many else ''}" if c.ref else str(c.arrow)] for c in columns(kind)
        ]
        parts.append(f"## `{kind.kind}` {kind.title[0]}\n\n{first_line(kind)}\n\n" + table(["field", "type"], fields))
    parts.append(
        "## Ids 身份\n\nHow many of each one person may hold; strongest first.\n\n"
        + table(["id", "", "most"], [[f"`{i.key}`", f"{i.zh} / {i.en}", str(i.limit)] for i in ID_TYPES])
    )
    return "\n\n".join(parts) + "\n"


def formats() -> str:
    parts = [
        "# Files 文件\n\nMade from `src/tiefen/intake/files/formats` by `docs/catalogues.py`. Headings are recognised in any case, with blanks"
        " or underscores; what is not recognised is chosen by hand and remembered."
    ]
    for format in FORMATS:
        rows = [
            [f"`{f.key}`{' *' if f.required else ''}", f"{f.zh} / {f.en}", ", ".join(f.headings[:8])]
            for f in format.fields
        ]
        parts.append(
            f"## `{format.key}` {format.zh} / {format.en}\n\n" + table(["field (* required)", "", "headings"], rows)
        )
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    parts = [
        "# Commands 命令\n\nMade from `src/tiefen/cli` by `docs/catalogues.py`. In the clone: `uv run tiefen …` or `.venv/bin/tiefen …`.\n"
        "Every `--json` prints one JSON document to standard output and nothing else there. Errors go to standard error with"
        " exit status 1, wrong usage with 2."
    ]
    parts += [_command(name, command) for name, command in _leaves(typer.main.get_command(app), "tiefen")]
    return "\n\n".join(parts) + "\n"


def _leaves(command: Any, name: str) -> list[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        return [(name, command)]
    return [leaf for key, one in inner.items() for leaf in _leaves(one, f"{name} {key}")]


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    rows = [
        [", ".join(f"`{o}`" for o in p.opts) if p.param_type_name == "option" else f"`{p.name.upper()}`", p.help or ""]
        for p in command.params
        if p.name != "help"
    ]
    usage = " ".join([name, *(a.name.upper() + ("…" if a.nargs == -1 else "") for a in arguments)])
    return f"## `{usage}`\n\n{first_line(command.callback)}" + ("\n\n" + table(["", ""], rows) if rows else "")


def settings() -> str:
    rows = [
        [f"`TIEFEN_{name.upper()}`", f"`{field.default}`" if str(field.default) else "", field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return (
        "# Settings 设置\n\nMade from `src/tiefen/kit/settings.py` by `docs/catalogues.py`. An argument on the command line wins over"
        " the environment.\n\n" + table(["variable", "default", ""], rows) + "\n"
    )


def segments() -> str:
    rows = []
    for predicate in PREDICATES:
        fields = []
        for field in fields_of(predicate):
            options = " \\| ".join(str(option[0]) for option in field.get("options", ()))
            fields.append(f"`{field['name']}`{'?' if field['optional'] else ''}" + (f": {options}" if options else ""))
        rows.append(
            [f"`{kind_of(predicate)}`<br>{'<br>'.join(predicate.title)}", first_line(predicate), "<br>".join(fields)]
        )
    given = [
        [f"`{one.key}`<br>{one.zh}<br>{one.en}", f"{one.why_zh}<br>{one.why_en}", f"`{json.dumps(one.rule)}`"]
        for one in STARTERS
    ]
    views = [[f"`{table_name(kind.kind)}`", ", ".join(f"`{c.name}`" for c in columns(kind))] for kind in KINDS]
    views += [
        ["`stay`", "`person`, `group`, `joined_us`, `left_us`, `via`, `how`, `invited_by`"], ["`person`", "`person`, `staff`"],
        ["`group`", "`group`, `created_at`, `dismissed_at`"], ["`source`", "`source`, `name`"],
    ]  # fmt: skip
    return (
        "\n\n".join(
            [
                "# Segments 分群\n\nMade from `src/tiefen/decide/segments` by `docs/catalogues.py`. A rule is a condition, or `all` / `any` of"
                " several `rules`, or `not` a `rule`, in JSON with its `kind`; at most"
                f" {MOST_DEEP} deep and {MOST_CONDITIONS} conditions.\nWho it holds is kept: facts, time and merges take people in and"
                " out, which are facts themselves (`segment.entered`, `segment.left`), and once a day everybody is looked at.\nWhoever is"
                " in it when it is made or its rule is changed has not entered. Staff, and whoever was erased, are in no segment.",
                "## Conditions 条件\n\n" + table(["condition", "", "values (? may be left out)"], rows),
                "## To begin with 现成的分群\n\n" + table(["segment", "", "rule"], given),
                "## Tables for SQL 可查的表\n\nAn audience may be the column `person` of one SELECT over these, in DuckDB's SQL. Every table of"
                " facts also has `happened_at`, `happened_us`, `day` (in the company's zone), `seq` and `source_id`.\n\n"
                + table(["table", "columns"], views),
            ]
        )
        + "\n"
    )


def playbooks() -> str:
    rows = []
    for block in BLOCKS:
        acts = "<br>".join(
            f"{act.title[0]} / {act.title[1]} ({act.persona}{', message' if act.how == 'message' else ''})"
            for act in block().acts()
        )
        usual = f"{block.at}, {block.hours:g} h{'<br>never left out' if block.essential else ''}"
        kind = str(block.__struct_config__.tag)
        rows.append([f"`{kind}`<br>{'<br>'.join(block.title)}", "<br>".join(block.about), acts, usual])
    ready = [
        [
            f"`{key}`<br>{one.name}<br>{one.name_en}", one.goal, f"{one.days or '—'}",
            "<br>".join(f"{placed.at} `{placed.block.__struct_config__.tag}`" for placed in one.blocks),
        ]
        for key, one in READY.items()
    ]  # fmt: skip
    personas = [[f"`{one.key}`<br>{one.zh}<br>{one.en}", f"{one.voice_zh}<br>{one.voice_en}"] for one in PERSONAS]
    kinds = [
        [f"`{key}`<br>{zh}<br>{en}", f"{about_zh}<br>{about_en}"] for key, (zh, en, about_zh, about_en) in GROUP_KINDS.items()
    ]  # fmt: skip
    outcomes = [[f"`{one.key}`<br>{one.zh}<br>{one.en}", one.better] for one in OUTCOMES]
    return (
        "\n\n".join(
            [
                "# Playbooks 剧本\n\nMade from `src/tiefen/act/playbooks` by `docs/catalogues.py`. A playbook is a calendar of blocks for groups of one"
                " kind, on days of the group, of the week or of the calendar.\nEach block is opened two hours before its first act, as tasks for"
                " whoever is the persona or as a message to the group that its owner confirms, exactly once; what is past its window is skipped and"
                " not fired late.\nA share of groups (5 % unless said otherwise) goes without a block each time, others each time, so that what it"
                " brings can be told.\n\nA kind of group is what an operator said of it and, where nobody did, what its name sounds like. “Same kind” and the rules for"
                " new groups go by it; a rule for `custom` takes only groups of which that was said.",
                "## Kinds of groups 群类型\n\n" + table(["kind", "what for"], kinds),
                "## Blocks 活动\n\n" + table(["block", "what for", "what is done", "usually"], rows),
                "## Personas 人设\n\n" + table(["persona", "voice"], personas),
                "## Ready playbooks 现成的剧本\n\n" + table(["playbook", "goal", "days", "blocks"], ready),
                "## What is measured 效果\n\nAgainst the same hours of up to four weeks before in the same group, less what changed in groups that went"
                " without the block at that time and had no other (difference in differences, 95 % interval by group;"
                f" `src/tiefen/outcome/blocks/effect.py`).\nWith fewer than {LEAST_GROUPS} groups on either side, or none to compare with, it says that"
                " it cannot tell yet. A block that was opened counts whether or not staff did what was asked.\n\n"
                + table(["outcome", "better"], outcomes),
            ]
        )
        + "\n"
    )


BEGINS, ENDS = "<!-- from here on made by docs/catalogues.py -->", "<!-- as far as here -->"
_RESULTS = DOCS.parent / "tests" / "peers" / "wecom" / "results"
_CALLERS = {
    "wechatpy 1.8.18": "wechatpy-1.8.18", "wechatpy 2.0.0a26": "wechatpy-2.0.0a26",
    "node-easywechat 3.6.2": "node-easywechat-3.6.2",
}  # fmt: skip
_SEALERS = {
    **_CALLERS, "WXBizMsgCrypt": "WXBizMsgCrypt-wecom-2022.3.24.13.53.39", "@wecom/crypto 1.0.1": "wecom-crypto-1.0.1",
    "wechat-crypto 0.0.2": "wechat-crypto-0.0.2", "@wecom/jssdk 2.4.4": "wecom-jssdk-2.4.4",
}  # fmt: skip
_CHECKS = {
    "callbacks/vectors": ("opens the official vectors", "打开官方示例密文"),
    "callbacks/opens": ("opens what Tiefen and the others seal", "打开铁粉与其他各方加密的内容"),
    "callbacks/seals": ("seals what Tiefen and the others open", "加密的内容能被铁粉与其他各方打开"),
    "callbacks/sandbox": (
        "passes the sandbox's trial (echostr) and opens its callbacks",
        "通过沙箱的地址验证（echostr）并打开其回调",
    ),
    "callbacks/echostr": ("its echostr is answered by Tiefen's address", "它的 echostr 得到铁粉回调地址的正确回答"),
    "callbacks/address": ("its events are kept by Tiefen's address", "它发来的事件被铁粉回调地址收下并保存"),
    "callbacks/altered": ("refuses what was altered", "拒绝被改动的消息"),
    "callbacks/key": ("opens nothing sealed with another key", "用别的密钥加密的打不开"),
    "callbacks/receiver": ("refuses what is for somebody else", "拒绝发给别的企业的消息"),
    "callbacks/nobody": ("takes an empty receiver", "接受空的接收方"),
    "sidebar/signature": ("signs pages of the sidebar as Tiefen does", "侧边栏页面签名与铁粉一致"),
    "sidebar/page": ("`agentConfig` with the app's ticket", "用应用的 ticket 完成 `agentConfig`"),
}
_MARKS = {"works": "✓", "refused": "⊘", "absent": "–", "defect": "✗"}


def proof(zh: int) -> str:
    """The tables of what other people's software made of the sandbox and of Tiefen; `zh` 0 or 1."""
    notes: list[str] = []
    calls = {name: _results(file) for name, file in _CALLERS.items()}
    rows = [
        [f"`{endpoint.path}`", *(_cell(of[endpoint.path], notes, zh) for of in calls.values())]
        for endpoint in ENDPOINTS
    ]
    endpoints = table([("endpoint", "接口")[zh], *calls], rows)
    sealers = {name: _results(file) for name, file in _SEALERS.items()}
    checks = table(
        ["", *sealers],
        [
            [names[zh], *(_cell(of[key], notes, zh) if key in of else "" for of in sealers.values())]
            for key, names in _CHECKS.items()
        ],
    )
    known = "\n".join(f"{number}. {note}" for number, note in enumerate(notes, 1))
    return "\n\n".join([_LEGEND[zh], checks, endpoints, ("Notes:", "注：")[zh], known])


def _cell(of: dict[str, Any], notes: list[str], zh: int) -> str:
    mark, note = _MARKS[of["outcome"]], of.get(("en", "zh")[zh], "")
    if note and note not in notes:
        notes.append(note)
    number = f" ({notes.index(note) + 1})" if note else ""
    return mark + number + "".join(f" {code}" for code in of.get("codes", []))


def _results(file: str) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = json.loads((_RESULTS / f"{file}.json").read_text("utf-8"))
    return kept


_LEGEND = (
    "✓ does what WeCom's page says; ⊘ is refused as the page says; the numbers are errcodes that were provoked and came as"
    " documented. – the software has nothing for it. ✗ a known defect of the software. Empty: not tried.",
    "✓ 与企业微信文档一致；⊘ 如文档所述被拒绝；数字是触发后如文档所述返回的错误码。– 该软件没有这个功能。✗ 该软件的已知缺陷。空白：没有试。",
)

PARTS = {"wecom.md": lambda: proof(0), "wecom.zh-CN.md": lambda: proof(1)}
"""Pages of which only what stands between BEGINS and ENDS is made."""


def with_part(text: str, part: str) -> str:
    """A page with its made part as it is to be."""
    before, _, rest = text.partition(BEGINS)
    return f"{before}{BEGINS}\n\n{part}\n\n{ENDS}{rest.partition(ENDS)[2]}"


_WORDS = (
    (
        "auto", "自动", "As staff can manage",
        f"Their own words as long as what whoever says them has to confirm that day stays within `personal_taps` (usually {Policy().personal_taps}, among"
        " the rules for sending); beyond it the plain ones to everybody of theirs. Where a variable has no fallback there are none, and everybody gets their own.",
    ),
    ("personal", "各说各的", "Words of their own", "Their own words, whatever that asks of staff."),
    (
        "one", "统一文案", "The same for all",
        "The plain words: fallbacks stand for variables, but for `staff_name`, which costs no tap. One task for each member of staff.",
    ),
)  # fmt: skip


def broadcasts() -> str:
    variables = [
        [
            f"`{one.key}`<br>{one.zh}<br>{one.en}",
            one.of,
            one.example,
            f'`{{{{ {one.key} | or_else("{one.fallback}") }}}}`',
        ]
        for one in VARIABLES
    ]
    checks = [[f"`{one.key}`<br>{one.zh}<br>{one.en}", one.basis] for one in CHECKS]
    waves = [
        [f"`{one.key}`<br>{one.zh}<br>{one.en}", f"day {one.days:+d}, {one.hour}:00", one.to_group] for one in WAVES
    ]
    return (
        "\n\n".join(
            [
                "# Broadcasts 群发\n\nMade from `src/tiefen/act` by `docs/catalogues.py`. How they are used is in"
                " [operators](operators.md).",
                "## Variables 变量\n\nA text holds variables with fallbacks and nothing else; code is refused with its line."
                " The key or the Chinese name may be written, with plain or full-width quotes. Whoever has neither a value nor a"
                " fallback gets nothing, with the reason `missing_variable`.",
                table(["variable", "of", "example", "with a fallback"], variables),
                "## Words and taps 文案与确认次数\n\nEach different text is a task of its own, and each task a tap of somebody on staff."
                " `words` says what texts with variables become ([decision 0008](decisions/0008-words-and-taps.md)).",
                table(
                    ["words", "what each is told"], [[f"`{key}`<br>{zh}<br>{en}", what] for key, zh, en, what in _WORDS]
                ),
                "## Copy checks 文案检查\n\nA finding stops the approval, warns, or hints. Nothing here is legal advice.",
                table(["check", "stands on"], checks),
                "## Waves of a launch 发售的波次\n\nDays count from the one on which it opens; words are where a draft begins.",
                table(["wave", "usually", "words to a group"], waves),
            ]
        )
        + "\n"
    )


def journeys() -> str:
    kinds = [
        [
            f"`{one.__struct_config__.tag}`<br>{one.title[0]}<br>{one.title[1]}",
            first_line(one),
            ", ".join(f"`{name}`" for name in one.__struct_fields__ if name not in ("id", "next", "yes", "no")),
        ]
        for one in STEPS
    ]
    triggers = [
        [
            f"`{one.__struct_config__.tag}`<br>{one.title[0]}<br>{one.title[1]}",
            first_line(one),
            ", ".join(f"`{name}`" for name in one.__struct_fields__),
        ]
        for one in TRIGGERS
    ]
    ready = [
        [f"`{one.key}`<br>{one.title[0]}<br>{one.title[1]}", f"{one.about[0]}<br>{one.about[1]}"] for one in JOURNEYS
    ]
    return (
        "\n\n".join(
            [
                "# Journeys 旅程\n\nMade from the catalogues in `src/tiefen/act/journeys` by `docs/catalogues.py`. People enter by a trigger, go from step"
                " to step in sets, and leave at an end, at the goal, or when what brought them in is no longer so. Everything a step does is"
                " named after journey, person, entry, step and lap, in the transaction that moves the person, so it is done once.",
                f"What became known more than two days late brings nobody in, and nobody enters one journey more than {MOST_TIMES} times a day."
                " A message goes out only if the gate admits it; people go on either"
                " way. Publishing a change moves those inside who wait at a step that is gone to the nearest one left, or where the editor says;"
                " a changed wait counts from when they came to it. A rehearsal runs the same code over real facts in half-hour ticks, with"
                " profiles, tags and friendships of today, and without what other campaigns took of attention.",
                "A text with variables is said to each in their own words as long as staff need not tap too often, to all in the same or to each in"
                " their own at any price, as the step's `words` says: see [broadcasts](broadcasts.md#words-and-taps-文案与确认次数). What staff have to confirm is in the rehearsal.",
                "## Triggers 触发条件\n\n" + table(["trigger", "what it is", "fields"], triggers),
                "## Steps 步骤\n\n" + table(["step", "what it does", "fields"], kinds),
                "## Ready-made 现成的旅程\n\n" + table(["journey", "about"], ready),
            ]
        )
        + "\n"
    )


PAGES = {
    "metrics.md": metrics,
    "facts.md": facts,
    "formats.md": formats,
    "commands.md": commands,
    "settings.md": settings,
    "segments.md": segments,
    "broadcasts.md": broadcasts,
    "playbooks.md": playbooks,
    "journeys.md": journeys,
}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
    for page, make in PARTS.items():
        text = (DOCS / page).read_text("utf-8")
        (DOCS / page).write_text(with_part(text, make()), encoding="utf-8")
