"""Who answers whom in IRC, guessed by the models that are shipped, in whole log files that they have not learned from."""

from __future__ import annotations

import time

import numpy as np
import pytest

from benchmarks._replies import BEFORE, Log, Score, logs, scored
from tests.real.world import file_of
from tiefen.insight.models.replies.guessing import SURE, guesses

pytestmark = pytest.mark.long

PREVIOUS, FEED_FORWARD = 0.350, 0.723
"""F of Kummerfeld et al. 2019, table 3: the line before; a feed-forward net with word vectors."""


@pytest.fixture(scope="module")
def kept_back() -> list[Log]:
    return list(logs(file_of("chat_irc_replies"), only_test=True))


def _asked(log: Log, name: str) -> tuple[dict[int, int], dict[int, float]]:
    some, backs, chances = guesses(log.talk.upto(log.end), name, start=max(0, log.first - BEFORE))
    return dict(zip(some.tolist(), backs.tolist(), strict=True)), dict(
        zip(some.tolist(), chances.tolist(), strict=True)
    )


def test_the_line_before_is_as_good_a_guess_as_was_published(kept_back: list[Log]) -> None:
    score = scored((log, dict.fromkeys(log.answers, 1)) for log in kept_back)

    assert score.f1 == pytest.approx(PREVIOUS, abs=0.015)


def test_where_names_are_known_guesses_are_better_than_the_published_net(kept_back: list[Log]) -> None:
    began = time.process_time()
    score = scored((log, _asked(log, "named")[0]) for log in kept_back)
    each = (time.process_time() - began) / sum(log.end - max(0, log.first - BEFORE) for log in kept_back)

    print(f"with names: {score}; {1e3 * each:.2f} ms a message")  # noqa: T201
    assert score.f1 >= max(0.725, FEED_FORWARD)
    assert each < 3e-3


def test_without_names_more_than_half_of_the_links_are_right_and_of_the_sure_ones_more(kept_back: list[Log]) -> None:
    """As it is in groups of which nobody says whom they address. Of a sure guess it matters who is answered, not which of
    their lines."""
    found = [(log, *_asked(log, "plain")) for log in kept_back]
    score = scored((log, backs) for log, backs, _ in found)
    right = sure = linked = 0
    for log, backs, chances in found:
        author = log.talk.author
        for message, (those, lines) in log.answers.items():
            to = {int(author[message - back]) for back in those} - {int(author[message])}
            guess = int(author[message - backs[message]])
            linked += bool(lines and to)
            if chances[message] >= SURE and backs[message] > 0 and guess != author[message]:
                sure, right = sure + 1, right + (guess in to)
    who = Score(right, sure, linked)

    print(f"without names: {score}; who is answered, where sure: {who}")  # noqa: T201
    assert score.f1 >= 0.53
    assert who.precision >= 0.57


def test_a_word_said_later_changes_no_guess(kept_back: list[Log]) -> None:
    log = kept_back[0]

    short, backs, _ = guesses(log.talk.upto(200), "named", start=100)
    longer, again, _ = guesses(log.talk.upto(260), "named", start=100)

    same = np.isin(longer, short)
    assert np.mean(again[same] == backs) > 0.97, "but for the rarity of words"
