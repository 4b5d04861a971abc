"""Why what a campaign is given by a rule and what the holdout says it brought are two numbers, in a sentence."""

from __future__ import annotations

from tiefen.outcome.results import Result, against_holdout


def explained(given_fen: float, given_orders: float, result: Result | None) -> tuple[str, str]:
    """Chinese and English. `given`: by the last touch."""
    given_zh, given_en = (
        f"末次触达归给它 {_yuan(given_fen)}（{given_orders:.0f} 单）",
        f"The last touch gives it {_yuan(given_fen)} ({given_orders:.0f} orders)",
    )
    money = None if result is None else next((one for one in result.measures if one.key == "money"), None)
    against = None if money is None else against_holdout(money)
    if against is None:
        return (
            f"{given_zh}。没有对照组，无法知道其中多少本来就会买。",
            f"{given_en}. Nobody was held out, so nobody knows how many would have bought anyway.",
        )
    if against.verdict == "too_few" or against.total is None:
        return (
            f"{given_zh}。对照组里买的人还太少，增量暂时算不出来。",
            f"{given_en}. Too few have bought yet to tell what of it the holdout would not have brought.",
        )
    total = against.total
    if against.verdict == "cannot_tell":
        low, high = against.total_low or 0, against.total_high or 0
        return (
            f"{given_zh}；和对照组相比的增量还看不清，大致在 {_yuan(low)} 到 {_yuan(high)} 之间，也可能是零。",
            f"{given_en}; against the holdout it cannot be told yet: somewhere between {_yuan(low)} and {_yuan(high)}, and perhaps nothing.",
        )
    if total <= 0:
        return (
            f"{given_zh}，但对照组没收到也买得一样多或更多（增量 {_yuan(total)}）：这些订单本来就会有，消息没有带来它们。",
            f"{given_en}, but those held out bought as much or more (difference {_yuan(total)}): the orders would have come anyway.",
        )
    share = total / given_fen if given_fen > 0 else None
    if share is not None and share < 0.9:
        return (
            f"{given_zh}，真正的增量是 {_yuan(total)}：每 10 元里约 {10 * (1 - share):.0f} 元来自没有消息也会买的人。",
            f"{given_en}; it truly brought {_yuan(total)}: of every 10, about {10 * (1 - share):.0f} come from people who would have bought anyway.",
        )
    if share is not None and share <= 1.1:
        return (
            f"{given_zh}，和对照组比出的增量 {_yuan(total)} 差不多。",
            f"{given_en}, about what it brought against the holdout: {_yuan(total)}.",
        )
    return (
        f"{given_zh}，真正的增量更多，是 {_yuan(total)}：有人过了归因期才买，或在别处被别的消息领走了功劳。",
        f"{given_en}; it truly brought more, {_yuan(total)}: some bought after the lookback, or another message took the credit.",
    )


def _yuan(fen: float) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) / 100:,.0f}"
