"""Acts: what somebody does with a phone, as values; and doing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tiefen.sandbox.errors import NotPossible
from tiefen.sandbox.population import entrances

if TYPE_CHECKING:
    from tiefen.sandbox import Sandbox
    from tiefen.sandbox.phones import Phones


class Act(NamedTuple):
    """Somebody does something at a time. `args` depends on what; people are numbers, staff negative ones (−1 the first)."""

    at: float
    do: str
    args: tuple[Any, ...]


class Names:
    """How the sandbox calls the people, groups and messages of the population."""

    def __init__(self) -> None:
        self.people: dict[int, str] = {}
        self.numbers: dict[str, int] = {}
        self.groups: dict[int, str] = {}
        self.said: dict[str, str] = {}
        """Messages of the day that can still be answered: our key → msgid."""
        self.tags: dict[str, str] = {}

    def who(self, number: int, staff: list[str]) -> str:
        return self.people[number] if number >= 0 else staff[-1 - number]


class Doer:
    """Does acts on the phones of one corp. What cannot be done any more (who was put out cannot speak) is left undone."""

    def __init__(self, box: Sandbox, phones: Phones, names: Names, staff: list[str]) -> None:
        self.box, self.phones, self.names, self.staff = box, phones, names, staff
        self.undone = 0
        self.fresh_people: list[tuple[int, str]] = []
        self.fresh_groups: list[tuple[int, str]] = []
        self.said: list[tuple[str, str]] = []
        self.came: list[tuple[int, str]] = []
        """(person, state) of those who came by an entrance the brand has made."""
        self.looks_for_entrances = False
        """Whether newcomers take the brand's own codes and links where there are any. In its history there are none."""

    def do(self, act: Act) -> None:
        """One act, at its own time."""
        with self.box.clock.held(act.at):
            try:
                getattr(self, f"_{act.do}")(*act.args)
            except (NotPossible, KeyError):
                self.undone += 1

    # ---- people ----

    def _person(self, number: int, name: str, gender: int) -> None:
        person = self.phones.person(name, gender=gender)
        self.names.people[number] = person
        self.fresh_people.append((number, person))

    def _add(self, number: int, staff: int, add_way: int, state: str | None) -> None:
        person = self.names.people[number]
        if self.looks_for_entrances and state is not None:
            entrance = entrances.of(self.box, self.phones.corpid, state, number)
            if entrance is not None:
                entrances.enter(self.phones, person, entrance)
                self.came.append((number, entrance.state))
                return
        self.phones.add_contact(person, self.staff[staff], add_way=add_way, state=state)

    def _lose(self, number: int, staff: int) -> None:
        person = self.names.people[number]
        self.phones.delete_staff(person, self._contact_of(person, staff))

    def _contact_of(self, person: str, staff: int) -> str:
        """That staff member, or whoever has the customer by now: customers are handed over."""
        have = self.phones.staff_of(person)
        return self.staff[staff] if self.staff[staff] in have or not have else have[0]

    def _note(self, staff: int, number: int, remark: str, tags: tuple[str, ...]) -> None:
        ids = [self.names.tags[tag] for tag in tags if tag in self.names.tags]
        self.phones.edit_contact(self.staff[staff], self.names.people[number], remark=remark, add_tags=ids)

    def _resign(self, staff: int) -> None:
        self.phones.resign(self.staff[staff])

    # ---- groups ----

    def _create(self, group: int, name: str, owner: int, others: tuple[int, ...]) -> None:
        chat = self.phones.create_group(self.staff[owner], name, staff=[self.staff[one] for one in others])
        self.names.groups[group] = chat
        self.fresh_groups.append((group, chat))

    def _dismiss(self, group: int) -> None:
        self.phones.dismiss(self.names.groups[group])

    def _join(self, number: int, group: int, scene: int, inviter: int | None, state: str) -> None:
        invitor = None if inviter is None else self.names.who(inviter, self.staff)
        self.phones.join(self.names.people[number], self.names.groups[group], scene=scene, invitor=invitor, state=state)

    def _leave(self, number: int, group: int) -> None:
        self.phones.leave(self.names.people[number], self.names.groups[group])

    def _remove(self, number: int, group: int, staff: int) -> None:
        self.phones.remove(self.names.people[number], self.names.groups[group], by=self.staff[staff])

    # ---- talk ----

    def _say(
        self, who: int, group: int, text: str, key: str, reply_to: str | None, mentions: tuple[int, ...], msgtype: str
    ) -> None:  # fmt: skip
        msgid = self.phones.say(
            self.names.who(who, self.staff), self.names.groups[group], text, msgtype=msgtype,
            mentions=[self.names.who(one, self.staff) for one in mentions],
            reply_to=self.names.said.get(reply_to) if reply_to else None,
        )  # fmt: skip
        self.names.said[key] = msgid
        self.said.append((key, msgid))

    def _tell(self, who: int, to: int, text: str) -> None:
        person = self.names.people[max(who, to)]
        userid = self._contact_of(person, -1 - min(who, to))
        self.phones.say_to(*((person, userid) if who >= 0 else (userid, person)), text)

    # ---- the shop ----

    def _buy(self, number: int, lines: list[tuple[str, str, int, int]], order: str) -> None:
        self.phones.buy(
            self.names.people[number], [(sku, name, many, fen) for sku, name, many, fen in lines], order_id=order
        )

    def _refund(self, order: str) -> None:
        self.phones.refund(order)

    def _click(self, number: int, url: str) -> None:
        self.phones.click(self.names.people[number], url)

    # ---- towards the brand's messages ----

    def _confirm(self, staff: int, msgid: str, kind: str) -> None:
        done = self.phones.confirm_moment if kind == "moment" else self.phones.confirm
        done(self.staff[staff], msgid)

    def _mute(self, number: int, target: str) -> None:
        self.phones.mute(self.names.people[number], target)

    def _leave_chat(self, number: int, chat: str) -> None:
        self.phones.leave(self.names.people[number], chat)

    def _like(self, number: int, moment_id: str, userid: str, says: bool) -> None:
        react = self.phones.comment_moment if says else self.phones.like_moment
        react(self.names.people[number], moment_id, userid)

    def _answer(self, number: int, chat: str, text: str) -> None:
        self.phones.say(self.names.people[number], chat, text)
