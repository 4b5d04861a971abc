"""What Tiefen knows of WeCom's present state, and the one place where what WeCom tells becomes facts."""

from tiefen.wecom.mirror.mirror import Made, Mirror
from tiefen.wecom.mirror.pulls import Pull, Pulls

__all__ = ["Made", "Mirror", "Pull", "Pulls"]
