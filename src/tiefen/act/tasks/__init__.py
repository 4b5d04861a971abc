"""Tasks of staff: one inbox over marketing, sales and service. Written in the transaction of whoever asks for something to be done."""

from tiefen.act.tasks.keeping import Moved, add, finish, hand, note, snooze
from tiefen.act.tasks.staffing import Person, coverage, staff_of, working, works_here
from tiefen.act.tasks.task import KINDS, WAITING, BadSnooze, Kind, StaffNotHere, Task, TaskClosed, TaskNotFound
from tiefen.act.tasks.turning import turn

__all__ = [
    "KINDS",
    "WAITING",
    "BadSnooze",
    "Kind",
    "Moved",
    "Person",
    "StaffNotHere",
    "Task",
    "TaskClosed",
    "TaskNotFound",
    "add",
    "coverage",
    "finish",
    "hand",
    "note",
    "snooze",
    "staff_of",
    "turn",
    "working",
    "works_here",
]
