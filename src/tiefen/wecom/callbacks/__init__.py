"""What WeCom calls us with: taken in, kept, answered at once where somebody waits, and handed on."""

from tiefen.wecom.callbacks.callbacks import Callbacks
from tiefen.wecom.callbacks.handing_on import Translator, replay
from tiefen.wecom.callbacks.health import Failure, Health, health
from tiefen.wecom.callbacks.welcoming import Welcomer

__all__ = ["Callbacks", "Failure", "Health", "Translator", "Welcomer", "health", "replay"]
