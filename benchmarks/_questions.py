"""The questions of the catalogue as somebody would ask them by hand, in DuckDB's SQL.

They are the yardstick of `benchmarks.readings`, and the second opinion of `tests/insight/test_by_hand.py`. Tables are those
that `tiefen.insight.engine` gives out; `$start`, `$end`, `$d90` (90 days before the end) and `$asof` are instants, `$hours`
is the zone's distance from UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

_SAID = "message_posted WHERE NOT by_bot AND happened_at >= $start AND happened_at < $end"
_HEARD = 'SELECT DISTINCT "group" FROM message_posted WHERE happened_at < $end'
_HERE = 'SELECT DISTINCT "group", person FROM stay WHERE joined_at < $asof AND (left_at IS NULL OR left_at >= $asof)'
_LINKS = """SELECT DISTINCT seq, "group", a, b, us FROM (
    SELECT seq, "group", member AS a, reply_to AS b, epoch_us(happened_at) AS us FROM message_posted
    WHERE NOT by_bot AND reply_to IS NOT NULL AND happened_at >= $d90 AND happened_at < $end
    UNION ALL
    SELECT seq, "group", member, COALESCE(p.person, handle), us FROM (
        SELECT seq, "group", member, unnest(mentions) AS handle, epoch_us(happened_at) AS us FROM message_posted
        WHERE NOT by_bot AND len(mentions) > 0 AND happened_at >= $d90 AND happened_at < $end
    ) LEFT JOIN person_of p USING (handle)
) WHERE a <> b"""
_SLOTS = f"""SELECT "group", epoch_us(happened_at) // 1200000000 AS slot, count(DISTINCT member) AS n FROM {_SAID}
    GROUP BY ALL"""
_EDGES = f'SELECT "group", a, b, count(*) AS weight FROM ({_LINKS}) GROUP BY ALL'
_TURNS = f"""SELECT seq, "group", member, us, is_question, min(start_us) OVER (
        PARTITION BY "group" ORDER BY us, seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_us
    FROM (SELECT *, CASE WHEN lag(member) OVER w IS DISTINCT FROM member THEN us END AS start_us
        FROM (SELECT seq, "group", member, epoch_us(happened_at) AS us, is_question FROM {_SAID})
        WINDOW w AS (PARTITION BY "group" ORDER BY us, seq))"""
_PEOPLE = """SELECT person FROM person WHERE person NOT IN (
    SELECT person FROM person WHERE staff
    UNION SELECT staff FROM contact_added WHERE staff IS NOT NULL
    UNION SELECT staff FROM contact_lost WHERE staff IS NOT NULL
    UNION SELECT member FROM message_posted GROUP BY member
        HAVING count(*) FILTER (NOT by_bot AND NOT by_staff) = 0 OR count(*) FILTER (by_staff) > 0)"""
_HEARD_PEOPLE = """SELECT member AS person FROM message_posted WHERE NOT by_bot AND happened_at < $end UNION
    SELECT person FROM stay WHERE "group" IN (
        SELECT "group" FROM message_posted WHERE NOT by_bot AND happened_at < $end)"""
_MOVED = """SELECT person, happened_at, amount_fen FROM order_paid WHERE happened_at < $end AND person IS NOT NULL
    UNION ALL
    SELECT COALESCE(r.person, p.person), r.happened_at, -r.amount_fen FROM order_refunded r LEFT JOIN (
        SELECT "order", min(person) AS person FROM order_paid WHERE happened_at < $end AND person IS NOT NULL GROUP BY 1
    ) p USING ("order") WHERE r.happened_at < $end AND COALESCE(r.person, p.person) IS NOT NULL"""
_SEEN = """SELECT person, min(us) AS first_us, max(us) AS last_us FROM (
    SELECT member AS person, epoch_us(happened_at) AS us FROM message_posted WHERE NOT by_bot AND happened_at < $end
    UNION ALL SELECT member, epoch_us(happened_at) FROM reaction_put WHERE happened_at < $end
    UNION ALL SELECT person, epoch(joined_at)::BIGINT * 1000000 FROM stay WHERE join_known AND joined_at < $end
    {doing}) WHERE person IS NOT NULL GROUP BY person""".replace(
    "{doing}",
    " ".join(
        f"UNION ALL SELECT person, epoch_us(happened_at) FROM {name} WHERE happened_at < $end"
        for name in (
            "contact_added", "page_viewed", "link_clicked", "code_scanned", "event_tracked", "order_placed", "order_paid",
        )
    ),
)  # fmt: skip
_CAME = "SELECT person, arg_min(source, (happened_at, seq)) AS source, min(happened_at) AS came_at FROM ({}) GROUP BY person".format(
    " UNION ALL ".join(
        f"SELECT person, source, happened_at, seq FROM {name}"
        " WHERE source IS NOT NULL AND person IS NOT NULL AND happened_at < $end"
        for name in ("contact_added", "code_scanned", "link_clicked", "page_viewed", "order_paid")
    )
)
_COST = "SELECT source, sum(amount_fen) AS cost FROM cost_spent WHERE happened_at < $end GROUP BY source"
_EARNED = f"""SELECT source, person, amount_fen, (epoch_us(happened_at) - epoch_us(came_at)) // 86400000000 AS age
    FROM ({_CAME}) JOIN ({_MOVED}) USING (person) WHERE happened_at >= came_at"""


def _zeros(groups: str, some: str) -> str:
    return f'SELECT g."group", COALESCE(n, 0) AS part, 1 AS whole FROM ({groups}) g LEFT JOIN ({some}) s ON s."group" = g."group"'


def _everybody(some: str, known: str | None = None) -> str:
    only = f" WHERE person IN ({known})" if known else ""
    return f"SELECT person, COALESCE(n, 0) AS part, 1 AS whole FROM ({_PEOPLE}) LEFT JOIN ({some}) USING (person){only}"


def _active(days: int) -> str:
    return _zeros(
        _HEARD,
        'SELECT "group", count(DISTINCT member) AS n FROM message_posted WHERE NOT by_bot AND happened_at < $end'
        f" AND happened_at >= $end::TIMESTAMPTZ - INTERVAL {days} DAY GROUP BY 1",
    )


def _kept(days: int) -> str:
    return f"""SELECT "group", count(*) FILTER (left_at IS NULL OR left_at >= joined_at + INTERVAL {days} DAY) AS part,
        count(*) AS whole FROM stay WHERE join_known AND joined_at >= $asof::TIMESTAMPTZ - INTERVAL 90 DAY
        AND joined_at < $asof::TIMESTAMPTZ - INTERVAL {days} DAY GROUP BY 1"""


def _answered(asked: str) -> str:
    """(group, waited): until the first answer, in microseconds, or NULL."""
    return f"""SELECT "group", least(by_link, by_turn) - us AS waited FROM (
        SELECT q."group", q.us, CASE WHEN q.next_us - q.us <= 600000000 THEN q.next_us END AS by_turn,
            (SELECT min(l.us) FROM links l WHERE l."group" = q."group" AND l.b = q.member AND l.us > q.us
                AND l.us - q.us <= 86400000000) AS by_link
        FROM ({asked}) q)"""


_BY_LOT = """SELECT "group", sum(p + q - p * q) AS acquainted, sum(p) + sum(q) AS ties, 2 * sum(p * q) AS returned FROM (
    SELECT "group", 1 - exp(-x.o * y.n / (total - alone)) AS p, 1 - exp(-y.o * x.n / (total - alone)) AS q
    FROM ends x JOIN ends y USING ("group") JOIN (
        SELECT "group", sum(o) AS total, sum(o * n) / sum(o) AS alone FROM ends GROUP BY 1) USING ("group")
    WHERE x.person < y.person) GROUP BY 1"""
_ENDS = """SELECT "group", person, sum(o)::DOUBLE AS o, sum(n)::DOUBLE AS n FROM (
    SELECT "group", a AS person, weight AS o, 0 AS n FROM edges UNION ALL SELECT "group", b, 0, weight FROM edges)
    GROUP BY 1, 2"""


def _met(days: int) -> str:
    """(group, stay_id, other, waited): newcomers, and whom they met within so many days."""
    return f"""SELECT j."group", j.stay_id, m.other, min(m.us - j.us) AS waited FROM (
            SELECT "group", stay_id, person, epoch(joined_at)::BIGINT * 1000000 AS us FROM stay
            WHERE join_known AND joined_at >= $asof::TIMESTAMPTZ - INTERVAL 90 DAY
            AND joined_at < $asof::TIMESTAMPTZ - INTERVAL {days} DAY AND "group" IN (SELECT "group" FROM links)) j
        LEFT JOIN (SELECT "group", a AS person, b AS other, us FROM links
            UNION ALL SELECT "group", b, a, us FROM links) m
        ON m."group" = j."group" AND m.person = j.person AND m.us >= j.us AND m.us < j.us + {days} * 86400000000
        GROUP BY 1, 2, 3"""


def _integrated(days: int) -> str:
    return f"""WITH links AS MATERIALIZED ({_LINKS})
        SELECT "group", count(*) FILTER (n >= 2) AS part, count(*) AS whole FROM (
            SELECT "group", stay_id, count(DISTINCT other) AS n FROM ({_met(days)}) GROUP BY 1, 2) GROUP BY 1"""


_WATCHED = 'SELECT DISTINCT "group" FROM stay WHERE joined_at < $end AND (join_known OR left_known)'
_FIRST = 'SELECT "group", member, min(epoch_us(happened_at)) AS us FROM message_posted WHERE NOT by_bot AND happened_at < $end GROUP BY 1, 2'

_THERE = """SELECT "group", person, max((joined_at < $start)::INT) AS before,
    max((left_at IS NULL OR left_at >= $asof)::INT) AS after FROM stay
    WHERE joined_at < $asof AND (left_at IS NULL OR left_at >= $start) GROUP BY 1, 2"""
_MOST = """SELECT "group", max(here) FILTER (back = 0) AS part, max(here) AS whole FROM (
    SELECT "group", back, count(DISTINCT person) AS here FROM stay, range(13) AS r(back)
    WHERE joined_at < CASE back WHEN 0 THEN $asof ELSE $end - to_days((30 * back)::INTEGER) END AND (
        left_at IS NULL OR left_at >= CASE back WHEN 0 THEN $asof ELSE $end - to_days((30 * back)::INTEGER) END)
    GROUP BY 1, 2) GROUP BY 1"""
_TWICE = """SELECT "group", member, max((happened_at < $start)::INT) AS before, max((happened_at >= $start)::INT) AS now
    FROM message_posted WHERE NOT by_bot AND happened_at >= $start - INTERVAL 30 DAY AND happened_at < $end GROUP BY 1, 2"""

GROUPS: dict[str, str] = {
    "member_growth": f'SELECT "group", sum(after) - sum(before) AS part, sum(before) AS whole FROM ({_THERE}) GROUP BY 1 HAVING sum(before) > 0',
    "member_retention": f'SELECT "group", sum(before * after) AS part, sum(before) AS whole FROM ({_THERE}) GROUP BY 1 HAVING sum(before) > 0',
    "member_survival": f'SELECT "group", COALESCE(part, 0) AS part, whole FROM ({_MOST})',
    "speaker_growth": f'SELECT "group", sum(now) - sum(before) AS part, sum(before) AS whole FROM ({_TWICE}) GROUP BY 1 HAVING sum(before) > 0',
    "speaker_retention": f'SELECT "group", sum(now * before) AS part, sum(before) AS whole FROM ({_TWICE}) GROUP BY 1 HAVING sum(before) > 0',
    "talk_survival": f"""SELECT "group", COALESCE(n, 0) AS part, 30 AS whole FROM ({_HEARD}) LEFT JOIN (
        SELECT "group", count(DISTINCT day) AS n FROM {_SAID} GROUP BY 1) USING ("group")""",
    "talk_volume": f"""SELECT "group", COALESCE(n, 0) AS part, 30 AS whole FROM ({_HEARD}) LEFT JOIN (
        SELECT "group", count(*) AS n FROM {_SAID} GROUP BY 1) USING ("group")""",
    "members": _zeros(
        'SELECT DISTINCT "group" FROM stay WHERE joined_at < $end',
        f'SELECT "group", count(*) AS n FROM ({_HERE}) GROUP BY 1',
    ),
    "joined": _zeros(
        _WATCHED,
        'SELECT "group", count(*) AS n FROM stay WHERE join_known AND joined_at >= $start AND joined_at < $end GROUP BY 1',
    ),
    "left": _zeros(
        _WATCHED,
        'SELECT "group", count(*) AS n FROM stay WHERE left_known AND left_at >= $start AND left_at < $end GROUP BY 1',
    ),
    "active_1d": _active(1),
    "active_7d": _active(7),
    "active_30d": _active(30),
    "speaker_share": f"""SELECT "group", count(s.person) AS part, count(*) AS whole FROM ({_HERE}) h LEFT JOIN (
        SELECT DISTINCT "group", member AS person FROM {_SAID}) s USING ("group", person)
        WHERE "group" IN ({_HEARD}) GROUP BY 1""",
    "messages": _zeros(_HEARD, f'SELECT "group", count(*) AS n FROM {_SAID} GROUP BY 1'),
    "messages_per_speaker": f'SELECT "group", count(*) AS part, count(DISTINCT member) AS whole FROM {_SAID} GROUP BY 1',
    "participation_gini": f"""SELECT "group", 2 * sum(i * x) - (count(*) + 1) * sum(x) AS part, count(*) * sum(x) AS whole
        FROM (SELECT "group", x, row_number() OVER (PARTITION BY "group" ORDER BY x) AS i
            FROM (SELECT "group", member, count(*) AS x FROM {_SAID} GROUP BY 1, 2)) GROUP BY 1""",
    "newcomer_retention_7d": _kept(7),
    "newcomer_retention_30d": _kept(30),
    "first_reply_time": f"""WITH links AS MATERIALIZED ({_LINKS}), turns AS ({_TURNS})
        SELECT "group", sum(waited) / 1e6 AS part, count(*) AS whole FROM (
            {_answered(f'SELECT t.* FROM turns t SEMI JOIN ({_FIRST}) f USING ("group", member, us)')})
        WHERE waited IS NOT NULL GROUP BY 1""",
    "strangers": f"""WITH edges AS MATERIALIZED ({_EDGES}),
        speakers AS MATERIALIZED (SELECT DISTINCT "group", member FROM {_SAID}),
        known AS (SELECT "group", count(*) AS n FROM (
            SELECT DISTINCT e."group", least(a, b), greatest(a, b) FROM edges e
            JOIN speakers x ON x."group" = e."group" AND x.member = e.a
            JOIN speakers y ON y."group" = e."group" AND y.member = e.b) GROUP BY 1)
        SELECT "group", pairs - COALESCE(known.n, 0) AS part, pairs AS whole FROM (
            SELECT "group", count(*) * (count(*) - 1) / 2 AS pairs FROM speakers GROUP BY 1) LEFT JOIN known USING ("group")
        WHERE "group" IN (SELECT "group" FROM edges)""",
    "reciprocity": f"""WITH edges AS MATERIALIZED ({_EDGES})
        SELECT x."group", count(y.a) AS part, count(*) AS whole FROM edges x
        LEFT JOIN edges y ON y."group" = x."group" AND y.a = x.b AND y.b = x.a GROUP BY 1""",
    "strangers_against_null": f"""WITH edges AS MATERIALIZED ({_EDGES}), ends AS MATERIALIZED ({_ENDS})
        SELECT "group", acquainted AS part, known AS whole FROM ({_BY_LOT}) JOIN (
            SELECT "group", count(DISTINCT (least(a, b), greatest(a, b))) AS known FROM edges GROUP BY 1) USING ("group")""",
    "reciprocity_against_null": f"""WITH edges AS MATERIALIZED ({_EDGES}), ends AS MATERIALIZED ({_ENDS})
        SELECT "group", back / there AS part, returned / ties AS whole FROM ({_BY_LOT}) JOIN (
            SELECT x."group", count(y.a) AS back, count(*) AS there FROM edges x
            LEFT JOIN edges y ON y."group" = x."group" AND y.a = x.b AND y.b = x.a GROUP BY 1) USING ("group")
        WHERE returned > 0""",
    "integration_14d": _integrated(14),
    "integration_30d": _integrated(30),
    "integration_first_tie": f"""WITH links AS MATERIALIZED ({_LINKS})
        SELECT "group", sum(waited) / 1e6 AS part, count(*) AS whole FROM (
            SELECT "group", stay_id, min(waited) AS waited FROM ({_met(30)}) WHERE other IS NOT NULL GROUP BY 1, 2)
        GROUP BY 1""",
    "reply_time": f"""SELECT "group", sum(gap) / 1e6 AS part, count(*) AS whole FROM (
        SELECT "group", member, lead(member) OVER w AS other, lead(us) OVER w - us AS gap
        FROM (SELECT seq, "group", member, epoch_us(happened_at) AS us FROM {_SAID})
        WINDOW w AS (PARTITION BY "group" ORDER BY us, seq)) WHERE other <> member AND gap <= 86400000000 GROUP BY 1""",
    "questions_answered": f"""WITH links AS MATERIALIZED ({_LINKS}), turns AS ({_TURNS})
        SELECT "group", count(waited) AS part, count(*) AS whole FROM (
            {_answered("SELECT * FROM turns WHERE is_question")}) GROUP BY 1""",
    "advert_share": f"""SELECT "group", count(*) FILTER (COALESCE(advert, again >= 3 AND length >= 10 AND text_hash IS NOT NULL
            OR advert_score >= .5)) AS part, count(*) AS whole FROM (
            SELECT *, count(*) OVER (PARTITION BY member, text_hash) AS again FROM {_SAID} AND advert_score IS NOT NULL)
        LEFT JOIN advert_mark ON message = source_id GROUP BY 1""",
    "repeated_text": f"""SELECT "group", count(*) FILTER (n > 1) AS part, count(*) AS whole FROM (
        SELECT "group", count(*) OVER (PARTITION BY "group", text_hash) AS n FROM {_SAID}
            AND text_hash IS NOT NULL AND length >= 4) GROUP BY 1""",
    "repeated_nearly": f"""WITH said AS (
            SELECT seq, "group", text, list_distinct(list_transform(range(1, len(text) - 1), lambda i: text[i:i + 2])) AS triples
            FROM {_SAID.replace("WHERE", "JOIN (SELECT seq, text FROM words) USING (seq) WHERE")} AND length >= 10)
        SELECT "group", count(*) FILTER (EXISTS (FROM said o WHERE o."group" = s."group" AND o.seq <> s.seq
            AND len(list_intersect(o.triples, s.triples)) >= .7 * len(list_distinct(list_concat(o.triples, s.triples))))) AS part,
            count(*) AS whole FROM said s GROUP BY 1""",
    "crowding": f"""SELECT "group", count(*) FILTER (n > 40) AS part, count(*) AS whole FROM ({_SLOTS}) GROUP BY 1""",
    "crowding_peak": f"""SELECT "group", max(n) AS part, 1 AS whole FROM ({_SLOTS}) GROUP BY 1""",
    "sell_give": f"""SELECT "group", count(*) FILTER (text LIKE '%下单%' OR text LIKE '%元%' OR COALESCE(
                advert, again >= 3 AND length >= 10 AND text_hash IS NOT NULL OR advert_score >= .5)) AS part, count(*) AS whole
        FROM (SELECT *, count(*) OVER (PARTITION BY member, text_hash) AS again FROM {_SAID} AND advert_score IS NOT NULL)
        JOIN (SELECT seq, text FROM words) USING (seq) LEFT JOIN advert_mark ON message = source_id WHERE by_staff GROUP BY 1""",
    "overlap": f"""SELECT "group", count(*) FILTER (n > 1) AS part, count(*) AS whole FROM (
        SELECT "group", count(*) OVER (PARTITION BY person) AS n FROM ({_HERE})) GROUP BY 1""",
}

PERSONS: dict[str, str] = {
    "recency_days": f"""SELECT person, date_diff('day', max(happened_at + to_hours($hours))::TIMESTAMP::DATE,
            ($end::TIMESTAMPTZ - INTERVAL 1 SECOND + to_hours($hours))::TIMESTAMP::DATE) AS part, 1 AS whole
        FROM order_paid WHERE happened_at < $end AND person IN ({_PEOPLE}) GROUP BY 1""",
    "frequency": _everybody(
        'SELECT person, count(DISTINCT "order") AS n FROM order_paid WHERE happened_at < $end GROUP BY 1',
        f"SELECT person FROM ({_PEOPLE}) WHERE EXISTS (FROM order_paid WHERE happened_at < $end)",
    ),
    "money": _everybody(
        f"SELECT person, sum(amount_fen) AS n FROM ({_MOVED}) GROUP BY 1",
        f"SELECT person FROM ({_PEOPLE}) WHERE EXISTS (FROM order_paid WHERE happened_at < $end)",
    ),
    "groups_in": _everybody(f"SELECT person, count(*) AS n FROM ({_HERE}) GROUP BY 1"),
    "contacts": _everybody("""SELECT person, count(*) FILTER (now = 1) AS n FROM (
        SELECT person, COALESCE(staff, 0) AS staff, arg_max(now, (happened_at, seq)) AS now FROM (
            SELECT person, staff, happened_at, seq, 1 AS now FROM contact_added WHERE happened_at < $end UNION ALL
            SELECT person, staff, happened_at, seq, 0 FROM contact_lost WHERE happened_at < $end) GROUP BY 1, 2) GROUP BY 1"""),
    "messages": _everybody(f"SELECT member AS person, count(*) AS n FROM {_SAID} GROUP BY 1", _HEARD_PEOPLE),
    "active_days_90d": _everybody(
        """SELECT member AS person, count(DISTINCT (happened_at + to_hours($hours))::TIMESTAMP::DATE) AS n
        FROM message_posted WHERE NOT by_bot AND happened_at >= $d90 AND happened_at < $end GROUP BY 1""",
        _HEARD_PEOPLE,
    ),
    "influence": _everybody(f"SELECT b AS person, count(DISTINCT a) AS n FROM ({_LINKS}) GROUP BY 1", _HEARD_PEOPLE),
    "people_brought": _everybody(
        "SELECT invited_by AS person, count(DISTINCT person) AS n FROM stay"
        " WHERE invited_by IS NOT NULL AND invited_by <> person AND joined_at < $end GROUP BY 1"
    ),
    "days_known": f"""SELECT person, greatest((epoch_us($asof::TIMESTAMPTZ) - first_us) // 86400000000, 0) AS part, 1 AS whole
        FROM ({_SEEN}) WHERE person IN ({_PEOPLE})""",
    "silent_days": f"""SELECT person, greatest((epoch_us($asof::TIMESTAMPTZ) - last_us) // 86400000000, 0) AS part, 1 AS whole
        FROM ({_SEEN}) WHERE person IN ({_PEOPLE})""",
}


def _revenue(days: int) -> str:
    return f"""WITH ripe AS ({_CAME} HAVING min(happened_at) <= $asof::TIMESTAMPTZ - INTERVAL {days} DAY)
        SELECT source, COALESCE(earned, 0) AS part, n AS whole
        FROM (SELECT source, count(*) AS n FROM ripe GROUP BY 1) LEFT JOIN (
            SELECT source, sum(amount_fen) AS earned FROM ({_EARNED})
            WHERE age < {days} AND person IN (SELECT person FROM ripe) GROUP BY 1) USING (source)"""


def _first_days(first: str, known: str | None = None) -> str:
    only = f" WHERE person IN ({known})" if known else ""
    return f"""WITH ripe AS ({_CAME} HAVING min(happened_at) <= $asof::TIMESTAMPTZ - INTERVAL 30 DAY)
        SELECT source, count(*) FILTER (first_at < came_at + INTERVAL 30 DAY) AS part, count(*) AS whole
        FROM (SELECT person, source, came_at FROM ripe{only}) LEFT JOIN ({first}) USING (person) GROUP BY 1"""


_INVITED = (
    "SELECT invited_by AS person, joined_at AS first_at FROM stay WHERE invited_by <> person AND joined_at < $end"
)
_PEOPLE_OF = f"SELECT source, count(*) AS people FROM ({_CAME}) GROUP BY 1"

SOURCES: dict[str, str] = {
    "arrivals": f"SELECT source, COALESCE(people, 0) AS part, 1 AS whole FROM source LEFT JOIN ({_PEOPLE_OF}) USING (source)",
    "cost": f"SELECT source, cost AS part, 1 AS whole FROM ({_COST})",
    "cac": f"SELECT source, cost AS part, COALESCE(people, 0) AS whole FROM ({_COST}) LEFT JOIN ({_PEOPLE_OF}) USING (source)",
    "revenue_30d": _revenue(30),
    "revenue_90d": _revenue(90),
    "revenue_180d": _revenue(180),
    "ltv_cac": f"""SELECT source, COALESCE(earned, 0) AS part, cost AS whole FROM ({_COST}) LEFT JOIN (
        SELECT source, sum(amount_fen) AS earned FROM ({_EARNED}) GROUP BY 1) USING (source) WHERE cost > 0""",
    "payback_days": f"""SELECT source, min(age) AS part, 1 AS whole FROM (
        SELECT source, age, sum(sum(amount_fen)) OVER (PARTITION BY source ORDER BY age) AS total
        FROM ({_EARNED}) GROUP BY source, age) JOIN ({_COST}) USING (source) WHERE total >= cost AND cost > 0 GROUP BY 1""",
    "stayed_30d": f"""WITH ripe AS ({_CAME} HAVING min(happened_at) <= $asof::TIMESTAMPTZ - INTERVAL 30 DAY)
        SELECT source, count(*) FILTER (NOT EXISTS (SELECT 1 FROM contact_lost l WHERE l.person = r.person
            AND l.happened_at < $end AND l.happened_at >= came_at AND l.happened_at < came_at + INTERVAL 30 DAY)) AS part,
        count(*) AS whole FROM ripe r WHERE EXISTS (SELECT 1 FROM contact_added a WHERE a.person = r.person
            AND a.happened_at < $end AND a.happened_at < came_at + INTERVAL 30 DAY) GROUP BY 1""",
    "spoke_30d": _first_days(
        "SELECT member AS person, min(happened_at) AS first_at FROM message_posted WHERE NOT by_bot AND happened_at < $end GROUP BY 1",
        _HEARD_PEOPLE,
    ),
    "bought_30d": _first_days(
        "SELECT person, min(happened_at) AS first_at FROM order_paid WHERE happened_at < $end AND person IS NOT NULL GROUP BY 1",
        f"SELECT person FROM ({_PEOPLE}) WHERE EXISTS (SELECT 1 FROM order_paid WHERE happened_at < $end)",
    ),
    "brought_30d": _first_days(
        f"SELECT person, min(first_at) AS first_at FROM ({_INVITED}) GROUP BY 1",
        f"SELECT person FROM ({_CAME}) WHERE EXISTS ({_INVITED} AND invited_by IN ({_PEOPLE}))",
    ),
}

BY_HAND: dict[tuple[str, str], str] = {
    **{("group", key): sql for key, sql in GROUPS.items()},
    **{("person", key): sql for key, sql in PERSONS.items()},
    **{("source", key): sql for key, sql in SOURCES.items()},
}

MODELLED: frozenset[tuple[str, str]] = frozenset(
    [
        *(("person", key) for key in ("expected_orders_90d", "expected_money_365d", "active_chance")),
        ("source", "ltv_expected"),
        *(("group", f"silence_risk_{days}d") for days in (30, 60, 90)),
    ]
)
"""What no SQL can answer: the parameters of a model are sought first. Its own tests say what it must say."""


def by_hand(per: str, key: str, *, start: datetime, end: datetime, as_of: datetime, hours: int = 8) -> str:
    """The question with its instants filled in."""
    values: dict[str, Any] = {
        "$start": f"TIMESTAMPTZ '{start.isoformat()}'",
        "$end": f"TIMESTAMPTZ '{end.isoformat()}'",
        "$d90": f"TIMESTAMPTZ '{(end - timedelta(days=90)).isoformat()}'",
        "$asof": f"TIMESTAMPTZ '{as_of.isoformat()}'",
        "$hours": str(hours),
    }
    sql = BY_HAND[per, key]
    for name, value in values.items():
        sql = sql.replace(name, value)
    return sql
