"""Questions that a person puts together: cohorts, funnels, paths. A question is a value; its answer is an Ibis expression."""

from tiefen.insight.questions.acts import ANYTHING, JOINED, SPOKE, WHATS, Act
from tiefen.insight.questions.cohorts import Cohorts
from tiefen.insight.questions.funnels import Funnel
from tiefen.insight.questions.paths import Paths

__all__ = ["ANYTHING", "JOINED", "SPOKE", "WHATS", "Act", "Cohorts", "Funnel", "Paths"]
