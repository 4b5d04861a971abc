"""Playbooks to begin with, one for each kind of group. A new one is a file here and a line."""

from tiefen.act.playbooks.playbook import Playbook
from tiefen.act.playbooks.ready import flash, growth, red_packet, reserve, sharing, welfare

READY: dict[str, Playbook] = {
    "flash": flash.PLAYBOOK,
    "red_packet": red_packet.PLAYBOOK,
    "sharing": sharing.PLAYBOOK,
    "reserve": reserve.PLAYBOOK,
    "growth": growth.PLAYBOOK,
    "welfare": welfare.PLAYBOOK,
}
