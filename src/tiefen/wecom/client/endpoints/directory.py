"""Staff and departments (https://developer.work.weixin.qq.com/document/path/90196, 90200, 90201, 90208, 95350, 96067)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tiefen.wecom.client.api import Api
from tiefen.wecom.client.checks import between
from tiefen.wecom.client.paging import every_page
from tiefen.wecom.client.wire import Page, Reply


class StaffCard(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here. What a newer app may not see (mobile, email, gender, …) stays empty."""

    userid: str
    name: str = ""
    department: tuple[int, ...] = ()
    main_department: int = 0
    position: str = ""
    status: int = 0
    """1 active, 2 disabled, 4 not activated, 5 left."""
    alias: str = ""
    mobile: str = ""
    email: str = ""
    gender: int = 0
    avatar: str = ""
    open_userid: str = ""
    is_leader_in_dept: tuple[int, ...] = ()
    direct_leader: tuple[str, ...] = ()


class StaffList(Reply, frozen=True, kw_only=True):
    userlist: tuple[StaffCard, ...] = ()


class StaffPlace(msgspec.Struct, frozen=True, kw_only=True):
    userid: str
    department: int = 0


class StaffIds(Page, frozen=True, kw_only=True):
    dept_user: tuple[StaffPlace, ...] = ()


class Department(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str = ""
    name_en: str = ""
    department_leader: tuple[str, ...] = ()
    parentid: int = 0
    order: int = 0


class Departments(Reply, frozen=True, kw_only=True):
    department: tuple[Department, ...] = ()


class DepartmentIds(Reply, frozen=True, kw_only=True):
    department_id: tuple[Department, ...] = ()


class DepartmentReply(Reply, frozen=True, kw_only=True):
    department: Department


class FollowStaff(Reply, frozen=True, kw_only=True):
    follow_user: tuple[str, ...] = ()


class Directory:
    """Who works here. Only what lies in the app's visible range is seen."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get_follow_user_list(self) -> tuple[str, ...]:
        """Staff who may have external contacts (https://developer.work.weixin.qq.com/document/path/92571)."""
        return self._api.get("externalcontact/get_follow_user_list", FollowStaff).follow_user

    def user_get(self, userid: str) -> StaffCard:
        return self._api.get("user/get", StaffCard, userid=userid)

    def user_simplelist(self, department_id: int) -> tuple[StaffCard, ...]:
        """Staff of one department, without those below it: walk the departments."""
        return self._api.get("user/simplelist", StaffList, department_id=department_id).userlist

    def user_list(self, department_id: int) -> tuple[StaffCard, ...]:
        """Staff of one department in detail; `ReplyTooBig` for very large ones."""
        return self._api.get("user/list", StaffList, department_id=department_id).userlist

    def list_id(self, cursor: str = "", limit: int = 10_000) -> StaffIds:
        """Ids of all staff; answers to the 通讯录同步 secret only."""
        between("user/list_id", "limit", limit, 1, 10_000)
        return self._api.ask("user/list_id", StaffIds, {"cursor": cursor, "limit": limit})

    def every_id(self, cursor: str = "") -> Iterator[tuple[StaffIds, str]]:
        return every_page("user/list_id", self.list_id, cursor)

    def department_list(self, id: int | None = None) -> tuple[Department, ...]:
        """All departments below one (0 or None: all) with names; slow."""
        return self._api.get("department/list", Departments, **_id(id)).department

    def department_simplelist(self, id: int | None = None) -> tuple[Department, ...]:
        """Ids, parents and order of the departments, without names."""
        return self._api.get("department/simplelist", DepartmentIds, **_id(id)).department_id

    def department_get(self, id: int) -> Department:
        return self._api.get("department/get", DepartmentReply, id=id).department


def _id(id: int | None) -> dict[str, int]:
    return {} if id is None else {"id": id}
