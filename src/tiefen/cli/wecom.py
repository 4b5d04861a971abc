"""`tiefen wecom`: connecting a company to WeCom, and how that is going."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from tiefen.cli import wecom_sync
from tiefen.cli.common import CorpOption, DataOption, JsonOption, err, fail, opened, out, print_json, print_table

if TYPE_CHECKING:
    from tiefen.web.wecom_checks import Found
    from tiefen.wecom.connections import Connection

_CLICK = {
    "40001": "The secret does not belong to this corp id. Copy it anew: 应用管理 → the app → Secret.",
    "40013": "There is no such corp id. Copy it anew: 我的企业 → 企业信息 → 企业ID.",
    "40091": "The secret does not belong to this corp id. Copy it anew: 应用管理 → the app → Secret.",
    "60020": "WeCom does not know the address Tiefen calls from{ip}. Add it: 应用管理 → the app → 企业可信IP; wait a minute.",
    "48002": "The app may not do this. Add it: 客户与上下游 → API → 可调用接口的应用, and tick the permission.",
    "50003": "The app is switched off. Switch it on: 应用管理 → the app → 启用.",
    "nobody": "The app sees nobody who has customers. Widen 应用管理 → the app → 可见范围, and 客户联系 → 权限配置 → 使用范围.",
    "unanswered": "Nothing answers at the base URL. Is the address right, and may this machine reach it?",
    "malformed": "What answers at the base URL is not WeCom.",
}
_WRONG = frozenset({"40001", "40013", "40091", "unanswered", "malformed"})
"""With these nothing is kept: what was typed cannot be right."""
_NEEDED = frozenset({"token", "ip", "range", "archive"})


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The connection to WeCom (企业微信).", no_args_is_help=True)
    for command in (connect, status, replay, disconnect):
        group.command(command.__name__)(command)
    group.command("list")(list_)
    group.command("sync")(wecom_sync.sync)
    app.add_typer(group, name="wecom")


def connect(
    corpid: Annotated[str, typer.Option(help="企业ID, from 我的企业.")],
    secret: Annotated[str, typer.Option(help="The app's Secret.", envvar="TIEFEN_WECOM_SECRET")],
    base_url: Annotated[str, typer.Option(help="Where WeCom answers.")] = "https://qyapi.weixin.qq.com",
    agentid: Annotated[int, typer.Option(min=0, help="The app's AgentId.")] = 0,
    token: Annotated[str, typer.Option(help="The callback's Token; made if not given.")] = "",
    aes_key: Annotated[str, typer.Option("--aes-key", help="The callback's EncodingAESKey; made if not given.")] = "",
    archive_secret: Annotated[str, typer.Option(help="The secret of the conversation archive (会话存档).")] = "",
    archive_url: Annotated[str, typer.Option(help="Where decrypted rows of the archive are served.")] = "",
    welcome: Annotated[str | None, typer.Option(help="Welcome newcomers with this text; empty for none.")] = None,
    public_url: Annotated[str, typer.Option(help="Where WeCom reaches this server from outside.")] = "",
    window: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Seconds a callback's timestamp may be off; 600, but any for a sandbox on this machine, whose clock may"
            " not be ours (0).",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
    corp: CorpOption = "main",
    json: JsonOption = False,
) -> None:
    """Connect a company to WeCom: each step is tried live, and what is missing is told with where to click."""
    from tiefen.web.wecom_checks import check
    from tiefen.wecom import connections

    with opened(data, corp) as ledger:
        tried = connections.made(
            corp, corpid=corpid, secret=secret, base_url=base_url, agentid=agentid, archive_secret=archive_secret,
            archive_url=archive_url, token=token or connections.new_token(), aes_key=aes_key or connections.new_aes_key(),
        )  # fmt: skip
        found = check(tried)
        if wrong := next((one for one in found if one.state == "failed" and one.code in _WRONG), None):
            fail(f"Not connected. {_advice(wrong)}")
        of = connections.connect(
            ledger, corp, corpid=corpid, secret=secret, base_url=base_url, agentid=agentid,
            archive_secret=archive_secret, archive_url=archive_url, token=token, aes_key=aes_key,
            window_seconds=_window(base_url) if window is None else window, welcome=welcome,
        )  # fmt: skip
        reached = public_url.rstrip("/") or f"http://{ledger.settings.host}:{ledger.settings.port}"
    _tell(of, reached + of.callback_path, found, json=json)


def _window(base_url: str) -> int:
    from tiefen.wecom.connections import WINDOW_SECONDS

    return 0 if urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"} else WINDOW_SECONDS


def _tell(of: Connection, url: str, found: list[Found], *, json: bool) -> None:
    if json:
        print_json({
            "corp": of.corp_id, "corpid": of.corpid, "agentid": of.agentid, "base_url": of.base_url,
            "callback_url": url, "token": of.token, "aes_key": of.aes_key,
            "checks": [asdict(one) | {"facts": dict(one.facts), "advice": _advice(one)} for one in found],
        })  # fmt: skip
        return
    for one in found:
        mark = {"ok": "[green]✓[/green]", "failed": "[red]✗[/red]", "unknown": "[dim]?[/dim]"}[one.state]
        err.print(f"{mark} {one.key} {_advice(one)}", highlight=False, soft_wrap=True)
    out.print(
        f"Connected. In WeCom's console: 客户与上下游 → API → 接收事件服务器 (or the app → 接收消息 → 设置API接收)\n"
        f"  URL             {url}\n  Token           {of.token}\n  EncodingAESKey  {of.aes_key}\n"
        "Tick 外部联系人变更回调, save, and let `tiefen wecom sync` read what there is.",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def _advice(one: Found) -> str:
    """What to click where something failed."""
    if one.state != "failed":
        return ""
    if one.code == "48002" and not (one.key in _NEEDED or one.facts.get("required")):
        return "(not allowed to the app; Tiefen works without it)"
    ip = f" ({one.facts['ip']})" if one.facts.get("ip") else ""
    return _CLICK.get(one.code, f"WeCom says {one.code}: {one.facts.get('errmsg', '')}").format(ip=ip)


def list_(data: DataOption = None, json: JsonOption = False) -> None:
    """List the companies that are connected."""
    from tiefen.kit.clock import from_us
    from tiefen.wecom.connections import connections

    with opened(data) as ledger:
        rows = [
            {
                "corp": of.corp_id, "corpid": of.corpid, "agentid": of.agentid, "base_url": of.base_url,
                "archive": bool(of.archive_secret), "since": from_us(of.created_us).isoformat(),
            }
            for of in connections(ledger)
        ]  # fmt: skip
    if json:
        print_json(rows)
    else:
        columns = {"corp": "Company", "corpid": "Corp id", "agentid": "App", "base_url": "At", "since": "Since"}
        print_table("Connected to WeCom", columns, rows)


def status(data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False) -> None:
    """How the callbacks of a company are: what came, what waits, what was refused."""
    from tiefen.kit.clock import SECOND_US, from_us
    from tiefen.wecom.callbacks import health
    from tiefen.wecom.connections import connection

    with opened(data, corp) as ledger:
        connection(ledger, corp)
        found = health(ledger, corp)
    late = found.late.value
    told: dict[str, Any] = {
        "corp": corp,
        "last_callback": None if found.last_us is None else from_us(found.last_us).isoformat(),
        "address_proved": None if found.verified_us is None else from_us(found.verified_us).isoformat(),
        "late_seconds": None if late is None else round(late / SECOND_US, 3),
        "waiting": found.waiting,
        "waiting_since": None if found.waiting_since_us is None else from_us(found.waiting_since_us).isoformat(),
        "events_today": found.events, "redelivered_today": found.again, "refused_today": found.refused,
        "welcomes_today": found.welcomes, "not_translated": found.failed, "unknown": found.unknown,
        "latest_failures": [asdict(one) for one in found.failures],
    }  # fmt: skip
    if json:
        print_json(told)
        return
    print_table(
        f"Callbacks of {corp}", {"what": "", "is": ""},
        [{"what": key.replace("_", " "), "is": _shown(value)} for key, value in told.items() if key != "latest_failures"],
    )  # fmt: skip
    for one in found.failures:
        err.print(f"  {one.state}: {one.event}/{one.change} {one.reason or ''}", highlight=False, markup=False)


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{what} {times:,}" for what, times in sorted(value.items())) or "none"
    return value


def replay(data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False) -> None:
    """Hand on once more what could not be translated or was unknown."""
    from tiefen.wecom.callbacks import replay as again

    with opened(data, corp) as ledger:
        count = again(ledger, corp)
    if json:
        print_json({"corp": corp, "replayed": count})
    else:
        out.print(f"{count} are handed on once more by the running server.")


def disconnect(data: DataOption = None, corp: CorpOption = "main", json: JsonOption = False) -> None:
    """Forget the secrets and refuse callbacks from now on; what was learned stays."""
    from tiefen.wecom.connections import disconnect as cut

    with opened(data, corp) as ledger:
        cut(ledger, corp)
    if json:
        print_json({"corp": corp, "connected": False})
    else:
        out.print(f"{corp} is not connected any more.")
