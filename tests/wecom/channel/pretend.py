"""A WeCom with staff who confirm and contacts who refuse, as much of it as the channel meets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.wecom.client.scenes import OK, FakeClock, FakeWeCom
from tiefen.wecom.client import Shared, WeCom

DAY = 86_400
E = "externalcontact/"


def no(code: int) -> dict[str, Any]:
    return {"errcode": code, "errmsg": "no, hint: [1]"}


class PretendCorp:
    """Who follows whom is given; people act through the methods, the app through HTTP."""

    def __init__(self, follows: dict[str, list[str]], owners: dict[str, list[str]] | None = None) -> None:
        self.follows, self.owners = follows, owners or {}
        self.clock = FakeClock()
        self.fake = FakeWeCom(self._answer)
        self.tasks: dict[str, dict[str, Any]] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.transfers: dict[str, dict[str, Any]] = {}
        self.refuses: set[str] = set()
        self.strangers: set[str] = set()
        self.welcome_codes: dict[str, list[int]] = {}
        self.unreachable: set[str] = set()
        self.codes: dict[str, dict[str, Any]] = {}
        self.uploads = 0
        self.lose: dict[str, int] = {}
        """How many answers of an endpoint get lost after it was done."""
        self.say: dict[str, int] = {}
        """An errcode an endpoint answers with instead."""

    def client(self) -> WeCom:
        return WeCom(
            "https://wecom.test", "wwcorp", self.fake.secret, agentid=7, clock=self.clock, shared=Shared(),
            wire=self.fake.wire,
        )  # fmt: skip

    def now_us(self) -> int:
        return int(self.clock.now() * 1_000_000)

    # ---- people ----

    def confirm(
        self, userid: str, msgid: str, *, only: set[str] | None = None, failing: dict[str, int] | None = None
    ) -> None:
        task = self.tasks[msgid]
        if task["cancelled"]:
            return
        task["confirmed"][userid] = int(self.clock.now())
        for to in task["parts"].get(userid, []):
            if only is None or to in only:
                task["sent"][to] = (failing or {}).get(to, 1)

    def post(self, userid: str, moment_id: str) -> None:
        job = next(job for job in self.jobs.values() if job["moment_id"] == moment_id)
        if not job["cancelled"]:
            job["posted"].add(userid)

    # ---- the app ----

    def _answer(self, endpoint: str, body: dict[str, Any]) -> Any:
        if code := self.say.get(endpoint):
            return no(code)
        name = endpoint.rpartition("/")[2]
        handler: Callable[[dict[str, Any]], Any] = getattr(
            self, f"_{endpoint.removeprefix(E).replace('/', '_')}", None
        ) or getattr(self, f"_{name}")
        answer = handler(body)
        if self.lose.get(endpoint, 0) > 0:
            self.lose[endpoint] -= 1
            return httpx.Response(502, text="bad gateway")
        return answer

    def _send_welcome_msg(self, body: dict[str, Any]) -> Any:
        answers = self.welcome_codes.get(body["welcome_code"], [41050])
        code = answers.pop(0) if len(answers) > 1 else answers[0]
        return OK if code == 0 else no(code)

    def _add_msg_template(self, body: dict[str, Any]) -> Any:
        to_groups = body["chat_type"] == "group"
        wanted = body.get("chat_id_list") or body.get("external_userid") or []
        failed = [to for to in wanted if to in self.strangers]
        if not to_groups and len(failed) == len(wanted):
            return {**no(41048), "fail_list": failed}
        reach = self.owners if to_groups else self.follows
        parts = {userid: [to for to in wanted if to in mine and to not in failed] for userid, mine in reach.items()}
        msgid = f"msg{len(self.tasks)}"
        self.tasks[msgid] = {
            "made": int(self.clock.now()), "text": body.get("text"), "group": to_groups, "confirmed": {}, "sent": {},
            "parts": {userid: part for userid, part in parts.items() if part}, "cancelled": False, "reminded": [],
        }  # fmt: skip
        return {**OK, "fail_list": failed, "msgid": msgid}

    def _get_groupmsg_list_v2(self, body: dict[str, Any]) -> Any:
        rows = [
            {"msgid": msgid, "create_time": task["made"], "create_type": 0, "text": task["text"] or {}}
            for msgid, task in self.tasks.items()
            if task["group"] == (body["chat_type"] == "group")
            and body["start_time"] <= task["made"] <= body["end_time"]
        ]
        return {**OK, "group_msg_list": rows, "next_cursor": ""}

    def _get_groupmsg_task(self, body: dict[str, Any]) -> Any:
        task = self.tasks[body["msgid"]]
        if self.clock.now() < task["made"] + 30:
            return no(41063)
        rows = [{"userid": userid, "status": 2 if userid in task["confirmed"] else 0} for userid in task["parts"]]
        return {**OK, "task_list": rows, "next_cursor": ""}

    def _get_groupmsg_send_result(self, body: dict[str, Any]) -> Any:
        task, userid = self.tasks[body["msgid"]], body["userid"]
        field = "chat_id" if task["group"] else "external_userid"
        rows = [
            {field: to, "userid": userid, "status": task["sent"].get(to, 0), "send_time": task["confirmed"].get(userid)}
            for to in task["parts"].get(userid, [])
            if not task["group"] or to in task["sent"]
        ]
        # Two to a page, to be walked through.
        at = int(body["cursor"] or 0)
        return {**OK, "send_list": rows[at : at + 2], "next_cursor": str(at + 2) if at + 2 < len(rows) else ""}

    def _remind_groupmsg_send(self, body: dict[str, Any]) -> Any:
        reminded = self.tasks[body["msgid"]]["reminded"]
        if len([at for at in reminded if at > self.clock.now() - DAY]) >= 3:
            return no(41094)
        reminded.append(self.clock.now())
        return OK

    def _cancel_groupmsg_send(self, body: dict[str, Any]) -> Any:
        self.tasks[body["msgid"]]["cancelled"] = True
        return OK

    def _add_moment_task(self, body: dict[str, Any]) -> Any:
        jobid = f"job{len(self.jobs)}"
        chosen = ((body.get("visible_range") or {}).get("sender_list") or {}).get("user_list") or list(self.follows)
        self.jobs[jobid] = {
            "made": int(self.clock.now()), "moment_id": f"mom{len(self.jobs)}", "posted": set(), "cancelled": False,
            "staff": [userid for userid in chosen if userid in self.follows], "text": body.get("text"),
            "bad": [userid for userid in chosen if userid not in self.follows], "errcode": 0,
        }  # fmt: skip
        return {**OK, "jobid": jobid}

    def _get_moment_task_result(self, body: dict[str, Any]) -> Any:
        job = self.jobs[body["jobid"]]
        if self.clock.now() < job["made"] + 100:
            return {**OK, "status": 2, "type": "add_moment_task"}
        done = {"errcode": job["errcode"], "errmsg": "", "moment_id": "" if job["errcode"] else job["moment_id"]}
        return {
            **OK,
            "status": 3,
            "type": "add_moment_task",
            "result": {**done, "invalid_sender_list": {"user_list": job["bad"]}},
        }

    def _get_moment_list(self, body: dict[str, Any]) -> Any:
        rows = [
            {"moment_id": job["moment_id"], "create_time": job["made"], "create_type": 0, "text": job["text"]}
            for job in self.jobs.values()
        ]
        return {**OK, "moment_list": rows}

    def _get_moment_task(self, body: dict[str, Any]) -> Any:
        job = next(job for job in self.jobs.values() if job["moment_id"] == body["moment_id"])
        rows = [{"userid": userid, "publish_status": int(userid in job["posted"])} for userid in job["staff"]]
        return {**OK, "task_list": rows}

    def _get_moment_send_result(self, body: dict[str, Any]) -> Any:
        return {**OK, "customer_list": [{"external_userid": to} for to in self.follows[body["userid"]]]}

    def _cancel_moment_task(self, body: dict[str, Any]) -> Any:
        next(job for job in self.jobs.values() if job["moment_id"] == body["moment_id"])["cancelled"] = True
        return OK

    def _transfer_customer(self, body: dict[str, Any]) -> Any:
        rows = []
        for to in body["external_userid"]:
            code = 0 if to in self.follows.get(body["handover_userid"], []) else 40131
            if code == 0:
                self.transfers[to] = {"at": int(self.clock.now()) + DAY}
            rows.append({"external_userid": to, "errcode": code})
        return {**OK, "customer": rows}

    _resigned_transfer_customer = _transfer_customer

    def _transfer_result(self, body: dict[str, Any]) -> Any:
        rows = []
        for to, transfer in self.transfers.items():
            status = 3 if to in self.refuses else 1 if self.clock.now() >= transfer["at"] else 2
            rows.append({"external_userid": to, "status": status, "takeover_time": transfer["at"]})
        return {**OK, "customer": rows, "next_cursor": ""}

    _resigned_transfer_result = _transfer_result

    def _groupchat_onjob_transfer(self, body: dict[str, Any]) -> Any:
        failed = []
        for chat_id in body["chat_id_list"]:
            owner = next((owner for owner, mine in self.owners.items() if chat_id in mine), None)
            if owner is None:
                failed.append({"chat_id": chat_id, "errcode": 90501, "errmsg": "chat is not external group chat"})
            else:
                self.owners[owner].remove(chat_id)
                self.owners.setdefault(body["new_owner"], []).append(chat_id)
        return {**OK, "failed_chat_list": failed}

    _groupchat_transfer = _groupchat_onjob_transfer

    def _groupchat_get(self, body: dict[str, Any]) -> Any:
        owner = next(owner for owner, mine in self.owners.items() if body["chat_id"] in mine)
        return {**OK, "group_chat": {"chat_id": body["chat_id"], "owner": owner}}

    def _message_send(self, body: dict[str, Any]) -> Any:
        named = body["touser"].lower().split("|")
        missed = [userid for userid in named if userid in self.unreachable]
        return no(81013) if missed == named else {**OK, "invaliduser": "|".join(missed), "msgid": "m1"}

    def _media_upload(self, body: dict[str, Any]) -> Any:
        self.uploads += 1
        made = {"type": "image", "media_id": f"media{self.uploads}", "created_at": str(int(self.clock.now()))}
        return {"errcode": 0, "errmsg": "", **made}

    _upload_attachment = _media_upload

    def _add_contact_way(self, body: dict[str, Any]) -> Any:
        config_id = f"c{len(self.codes)}"
        self.codes[config_id] = body
        return {**OK, "config_id": config_id, "qr_code": f"https://wework.qpic.cn/{config_id}"}

    def _list_contact_way(self, body: dict[str, Any]) -> Any:
        return {**OK, "contact_way": [{"config_id": config_id} for config_id in self.codes]}

    def _get_contact_way(self, body: dict[str, Any]) -> Any:
        return {**OK, "contact_way": {**self.codes[body["config_id"]], "qr_code": "https://wework.qpic.cn/found"}}

    def _add_join_way(self, body: dict[str, Any]) -> Any:
        return {**OK, "config_id": self._add_contact_way(body)["config_id"]}

    def _get_join_way(self, body: dict[str, Any]) -> Any:
        way = {"config_id": body["config_id"], "qr_code": f"https://wework.qpic.cn/{body['config_id']}"}
        return {**OK, "join_way": way}

    def _del_contact_way(self, body: dict[str, Any]) -> Any:
        return OK if self.codes.pop(body["config_id"], None) else no(41044)

    _del_join_way = _del_contact_way
