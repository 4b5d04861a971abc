"""The kinds of steps. A new one is a file here, a line in the list and a test."""

from tiefen.act.journeys.steps.base import Step
from tiefen.act.journeys.steps.branch import BranchByCondition, BranchBySegment
from tiefen.act.journeys.steps.jump import Jump
from tiefen.act.journeys.steps.leave import Leave
from tiefen.act.journeys.steps.points import GivePoints
from tiefen.act.journeys.steps.send import Send
from tiefen.act.journeys.steps.split import Split, Way
from tiefen.act.journeys.steps.tag import PutTag
from tiefen.act.journeys.steps.task import AskStaff
from tiefen.act.journeys.steps.wait import Wait
from tiefen.act.journeys.steps.wait_for import WaitFor
from tiefen.act.journeys.steps.wait_until_date import WaitUntilDate
from tiefen.act.journeys.steps.wait_until_time import WaitUntilTime
from tiefen.act.journeys.steps.webhook import CallWebhook

AnyStep = (
    Send | Wait | WaitUntilTime | WaitUntilDate | WaitFor | BranchBySegment | BranchByCondition | Split | PutTag
    | GivePoints | AskStaff | CallWebhook | Jump | Leave
)  # fmt: skip
STEPS: tuple[type[Step], ...] = (
    Send,
    Wait,
    WaitUntilTime,
    WaitUntilDate,
    WaitFor,
    BranchBySegment,
    BranchByCondition,
    Split,
    PutTag,
    GivePoints,
    AskStaff,
    CallWebhook,
    Jump,
    Leave,
)

__all__ = [
    "STEPS", "AnyStep", "AskStaff", "BranchByCondition", "BranchBySegment", "CallWebhook", "GivePoints", "Jump", "Leave",
    "PutTag", "Send", "Split", "Step", "Wait", "WaitFor", "WaitUntilDate", "WaitUntilTime", "Way",
]  # fmt: skip
