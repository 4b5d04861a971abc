"""What is said in groups, without the words: those are in the erasable `words`."""

from tiefen.ledger.facts.base import Fact, GroupRef, PersonRef

MESSAGE_KINDS = (
    "text", "image", "voice", "video", "file", "link", "mini_program", "red_packet", "signup_chain", "sticker",
    "location", "card", "system", "other",
)  # fmt: skip


class MessagePosted(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody said something in a group. Its `source_id` is the message's id there."""

    kind = "message.posted"
    title = ("发言", "Message posted")

    group: GroupRef
    member: PersonRef
    message_kind: str = "text"
    """One of `MESSAGE_KINDS`."""
    reply_to: PersonRef | None = None
    """Whom it answers, where the platform says so or the importer inferred it."""
    reply_to_message: str | None = None
    """The `source_id` of the message it answers."""
    mentions: tuple[PersonRef, ...] = ()
    length: int | None = None
    """Characters; None where the words were not given."""
    is_question: bool = False
    has_link: bool = False
    topic: str | None = None
    """The platform's own thread or topic, where it has them."""
    text_hash: int | None = None
    """A 63-bit digest of the normalised words, so that repeats can be counted without them."""
    advert_score: float | None = None
    """0…1 from the rules at intake; None where the words were not given."""
    by_bot: bool = False
    by_staff: bool = False


class ReactionPut(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody reacted to a message."""

    kind = "reaction.put"
    title = ("回应", "Reaction")

    group: GroupRef
    member: PersonRef
    to: PersonRef | None = None
    to_message: str | None = None
    reaction: str = ""
