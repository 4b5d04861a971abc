"""The rows: one SQLAlchemy schema for SQLite and PostgreSQL. Migrations live beside it.

Instants are microseconds since 1970 UTC (`…_us`). Names, words and identifiers are in `people`,
`handles`, `groups`, `words`, `rejects` and `imports` only, so that erasing somebody touches those alone.
"""

from __future__ import annotations

import sqlalchemy as sa

from tiefen.ledger.schema import broadcasts as broadcasts
from tiefen.ledger.schema import experiments as experiments
from tiefen.ledger.schema import group_kinds as group_kinds
from tiefen.ledger.schema import journeys as journeys
from tiefen.ledger.schema import playbooks as playbooks
from tiefen.ledger.schema import segments as segments
from tiefen.ledger.schema import touches as touches
from tiefen.ledger.schema.base import Id, Json
from tiefen.ledger.schema.base import metadata as metadata

corps = sa.Table(
    "corps",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("settings", Json, nullable=False, server_default="{}"),
    sa.Column("demo", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("used", sa.BigInteger, nullable=False),
)
"""The highest number given out of each kind: `fact` (seq), `handle`, `group`, `source`, `merge`."""

# ---- facts --------------------------------------------------------------------------------------

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("seq", Id, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("happened_us", sa.BigInteger, nullable=False),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("body", Json, nullable=False),
)
"""Facts not yet pruned after their move to the lake. `origin` says which door: `import:…`, `key:…`, `demo`, `identity`."""

fact_keys = sa.Table(
    "fact_keys",
    metadata,
    sa.Column("key", sa.LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)
"""A 16-byte digest of (corp, kind, source id) of every fact ever kept, so nothing is kept twice."""

fact_counts = sa.Table(
    "fact_counts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("facts", sa.BigInteger, nullable=False),
    sa.Column("first_us", sa.BigInteger, nullable=False),
    sa.Column("last_us", sa.BigInteger, nullable=False),
)
"""Counts are kept, not counted on page load."""

words = sa.Table(
    "words",
    metadata,
    sa.Column("seq", Id, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("group", sa.BigInteger, nullable=False),
    sa.Column("member", sa.BigInteger, nullable=False),
    sa.Column("happened_us", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""What was said, by the `seq` of its `message.posted`; moved to the lake's `words` with it."""

lake_state = sa.Table(
    "lake_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("flushed_through", sa.BigInteger, nullable=False),
    sa.Column("versions", Json, nullable=False),
    sa.Column("flushed_us", sa.BigInteger, nullable=False),
)
"""One row (id 1): facts with `seq` ≤ `flushed_through` are in the lake, at these Delta versions."""

permits = sa.Table(
    "permits",
    metadata,
    sa.Column("reason", sa.Text, primary_key=True),
)
"""Facts cannot be deleted unless a row is here, put and taken away within one transaction: an erasure or a removal."""

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("through", sa.BigInteger, nullable=False),
)
"""Whoever reacts to facts of a corp, and up to which `seq` they have (`ledger.following`). Facts that somebody has yet to see stay in
the store after their move to the lake."""

# ---- who and where ------------------------------------------------------------------------------

people = sa.Table(
    "people",
    metadata,
    sa.Column("person_id", Id, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("attributes", Json, nullable=False, server_default="{}"),
    sa.Column("staff", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("merged_into", sa.BigInteger),
    sa.Column("erased_us", sa.BigInteger),
    sa.Index("people_by_corp", "corp_id", "person_id"),
    sa.Index("people_by_name", "corp_id", "name"),
)
"""One human. The number is that of the first handle, so only merged people need a mapping at all. Of somebody erased
(`erased_us`) nothing is learned any more."""

handles = sa.Table(
    "handles",
    metadata,
    sa.Column("handle", Id, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("id_type", sa.Text, nullable=False),
    sa.Column("id_value", sa.Text, nullable=False),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("corp_id", "id_type", "id_value", name="handles_once"),
    sa.Index("handles_by_person", "person_id"),
)
"""One id the world has for somebody. Facts point here; merging people changes `person_id` and no fact."""

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("group_id", Id, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("outer_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("platform", sa.Text, nullable=False, server_default=""),
    sa.Column("owner", sa.BigInteger),
    sa.Column("created_us", sa.BigInteger),
    sa.Column("dismissed_us", sa.BigInteger),
    sa.UniqueConstraint("corp_id", "outer_id", name="groups_once"),
)

stays = sa.Table(
    "stays",
    metadata,
    sa.Column("stay_id", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("group", sa.BigInteger, nullable=False),
    sa.Column("member", sa.BigInteger, nullable=False),
    sa.Column("joined_us", sa.BigInteger, nullable=False),
    sa.Column("left_us", sa.BigInteger),
    sa.Column("join_known", sa.Boolean, nullable=False),
    sa.Column("left_known", sa.Boolean, nullable=False),
    sa.Column("via", sa.Text, nullable=False, server_default="unknown"),
    sa.Column("how", sa.Text),
    sa.Column("invited_by", sa.BigInteger),
    sa.Index("stays_by_group", "group", "member", "joined_us"),
    sa.Index("stays_by_member", "member"),
    sqlite_autoincrement=True,
)
"""Membership as intervals, a projection of the facts that can be rebuilt from them at any time.

`join_known` is false where the stay was only inferred: from the first sign of life (a message) or from a full list that
does not tell when and how somebody came; `left_known` likewise.
"""

marks = sa.Table(
    "marks",
    metadata,
    sa.Column("group", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("member", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("at_us", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False, server_default="unknown"),
    sa.Column("by", sa.BigInteger),
    sa.Column("inferred", sa.Boolean, nullable=False),
    sa.Index("marks_by_member", "member"),
    sqlite_with_rowid=False,
)
"""What is known of somebody's presence in a group: `joined`, `left`, and the first time they were `seen`. Stays follow
from these by `stays.stays_of`, whatever order they came in."""

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("source_id", Id, primary_key=True, autoincrement=False),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.UniqueConstraint("corp_id", "name", name="sources_once"),
)

# ---- doors --------------------------------------------------------------------------------------

write_keys = sa.Table(
    "write_keys",
    metadata,
    sa.Column("write_key", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("strict", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("revoked_us", sa.BigInteger),
    sa.Column("last_used_us", sa.BigInteger),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("import_id", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("uploaded", sa.Boolean, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("mapping", Json, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("bytes_total", sa.BigInteger, nullable=False),
    sa.Column("bytes_done", sa.BigInteger, nullable=False),
    sa.Column("rows_done", sa.BigInteger, nullable=False),
    sa.Column("accepted", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("rejected", sa.BigInteger, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("finished_us", sa.BigInteger),
    sa.Column("error", sa.Text),
    sa.Index("imports_by_corp", "corp_id", "created_us"),
)
"""`state` is one of mapping, queued, running, finished, failed, cancelled."""

mappings = sa.Table(
    "mappings",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("format", sa.Text, primary_key=True),
    sa.Column("shape", sa.Text, primary_key=True),
    sa.Column("mapping", Json, nullable=False),
    sa.Column("saved_us", sa.BigInteger, nullable=False),
)
"""A column mapping that somebody confirmed, by format and the digest of the file's header."""

rejects = sa.Table(
    "rejects",
    metadata,
    sa.Column("reject_id", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("raw", Json, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", Json, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("corp_id", "origin", "position", "code", name="rejects_once"),
    sa.Index("rejects_by_corp", "corp_id", "reject_id"),
    sqlite_autoincrement=True,
)
"""Rows and events that were refused, whole, with why. `state` is open, replayed or dropped."""

# ---- people at the console ----------------------------------------------------------------------

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default="zh"),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
)

login_links = sa.Table(
    "login_links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
    sa.Column("used_us", sa.BigInteger),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("last_used_us", sa.BigInteger),
    sa.Column("revoked_us", sa.BigInteger),
)

advert_marks = sa.Table(
    "advert_marks",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True),
    sa.Column("advert", sa.Boolean, nullable=False),
    sa.Column("account_id", sa.Text),
    sa.Column("marked_us", sa.BigInteger, nullable=False),
    sa.Column("talk", sa.Text),
)
"""What operators said about a message (by its `source_id`): an advert or not, and where they said more than that, which kind
of talk it is. The model learns from these."""

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("receipt_id", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("counts", Json, nullable=False),
    sa.Column("done_us", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)
"""Proof of an erasure or export: when, by whom, how many rows of what; never of whom."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("did", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False, server_default=""),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Index("audit_by_corp", "corp_id", "audit_id"),
    sqlite_autoincrement=True,
)

# ---- what WeCom was asked to do -----------------------------------------------------------------

channel_tasks = sa.Table(
    "channel_tasks",
    metadata,
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("outer_id", sa.Text, nullable=False, server_default=""),
    sa.Column("body", Json, nullable=False),
    sa.Column("asked_us", sa.BigInteger, nullable=False),
    sa.Column("ends_us", sa.BigInteger, nullable=False),
    sa.Column("next_look_us", sa.BigInteger),
    sa.Column("looks", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.Index("channel_tasks_due", "corp_id", "next_look_us"),
)
"""What was handed to WeCom and when to look what became of it. Written before it is asked for, so that a crash in between
is found. `state` is asking, open, cancelling, done or failed; of an entry code it is kept or deleted."""

channel_recipients = sa.Table(
    "channel_recipients",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("touch", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("campaign", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("moved_us", sa.BigInteger, nullable=False),
    sa.Index("channel_recipients_by_task", "task_id"),
    sa.Index("channel_recipients_by_recipient", "corp_id", "recipient"),
)
"""Whom a task is for, until it has come to its end; of a handover for 90 days longer, because a contact is handed over
twice in 90 days at most. How each touch moved is in the facts."""

media_cache = sa.Table(
    "media_cache",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("media_id", sa.Text, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
)
"""Files WeCom holds for three days, by what is in them."""

# ---- what WeCom told ----------------------------------------------------------------------------

wecom_corps = sa.Table(
    "wecom_corps",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("corpid", sa.Text, nullable=False),
    sa.Column("agentid", sa.BigInteger, nullable=False),
    sa.Column("archive_url", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("window_seconds", sa.BigInteger, nullable=False),
    sa.Column("welcome", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)
"""Companies that are connected. `sealed` holds the secrets; the key to them is in the data folder, never here."""

wecom_events = sa.Table(
    "wecom_events",
    metadata,
    sa.Column("seq", Id, primary_key=True, autoincrement=True),
    sa.Column("corp_id", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("received_us", sa.BigInteger, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("welcome", sa.Text),
    sa.UniqueConstraint("corp_id", "key", name="wecom_events_once"),
    sa.Index(
        "wecom_events_open", "corp_id", "state", "seq",
        sqlite_where=sa.text("state <> 'done'"), postgresql_where=sa.text("state <> 'done'"),
    ),
    sa.Index(
        "wecom_events_to_welcome", "seq",
        sqlite_where=sa.text("welcome = 'due'"), postgresql_where=sa.text("welcome = 'due'"),
    ),
    sqlite_autoincrement=True,
)  # fmt: skip
"""Callbacks as they came, in the order of their arrival, for as long as they may be needed for a replay. `state` is waiting,
done, failed (with a `reason`) or unknown; `welcome` is due, taken or late where the event had a code for one."""

wecom_counts = sa.Table(
    "wecom_counts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.Column("last_us", sa.BigInteger, nullable=False),
    sa.Column("late_us", sa.BigInteger, nullable=False),
)
"""How often what came on a day of the corp's calendar (`event:…`, `again`, `refused:…`, `welcome:…`), when last, and by how
much all of them together came later than they happened."""

# ---- what is known of WeCom's present state -----------------------------------------------------

wecom_staff = sa.Table(
    "wecom_staff",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("userid", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("departments", Json, nullable=False, server_default="[]"),
    sa.Column("serves", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("seen_us", sa.BigInteger, nullable=False),
    sa.Column("gone_us", sa.BigInteger),
)
"""Who works there, as far as the app may see. `serves`: may have external contacts and is seen by the app; only of them an
absence from a list means anything. `gone_us`: from when they were not seen any more."""

wecom_departments = sa.Table(
    "wecom_departments",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("department_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("parent_id", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

wecom_contacts = sa.Table(
    "wecom_contacts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("userid", sa.Text, primary_key=True),
    sa.Column("external_userid", sa.Text, primary_key=True),
    sa.Column("added_us", sa.BigInteger),
    sa.Column("lost_us", sa.BigInteger),
    sa.Column("lost_by", sa.Text),
    sa.Column("half_us", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False, server_default=""),
    sa.Column("add_way", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tags", Json, nullable=False, server_default="{}"),
    sa.Column("card", sa.Text, nullable=False, server_default=""),
    sa.Column("told_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("edited_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seen_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("wecom_contacts_by_external", "corp_id", "external_userid"),
    sqlite_with_rowid=False,
)
"""A member of staff and a person outside. `added_us` is None where only an end was told; `lost_by` is person, staff, both
or unknown (inferred from a list). `half_us`: asked for and not confirmed. `tags`: ids with the names they were put under.
`card`: a digest of what a list last said. `told_us`, `edited_us`, `seen_us`: the last event, the last change of a note by hand,
the beginning of the last list that had them."""

wecom_groups = sa.Table(
    "wecom_groups",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("chat_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("status", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_us", sa.BigInteger),
    sa.Column("dismissed_us", sa.BigInteger),
    sa.Column("version", sa.Text, nullable=False, server_default=""),
    sa.Column("renamed_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("reowned_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("listed_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seen_us", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("hidden", sa.Text),
    sqlite_with_rowid=False,
)
"""A group. `version` is that of its members as they are known here; `renamed_us` and `reowned_us` when that was last told
without telling to what; `listed_us` when the list of groups last had it, `seen_us` when its members were last read, `hidden`
why they cannot be read."""

wecom_members = sa.Table(
    "wecom_members",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("chat_id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("staff", sa.Boolean, nullable=False),
    sa.Column("joined_us", sa.BigInteger, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("invitor", sa.Text),
    sa.Column("state", sa.Text, nullable=False, server_default=""),
    sa.Index("wecom_members_by_member", "corp_id", "member_id"),
    sqlite_with_rowid=False,
)
"""Who is in a group now. Who was is in `stays`, and what was told of it in `marks`."""

wecom_tags = sa.Table(
    "wecom_tags",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("tag_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("group_id", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    sa.Column("deleted_us", sa.BigInteger),
)

wecom_entrances = sa.Table(
    "wecom_entrances",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("entrance_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False, server_default=""),
    sa.Column("body", Json, nullable=False, server_default="{}"),
    sa.Column("seen_us", sa.BigInteger, nullable=False),
    sa.Column("gone_us", sa.BigInteger),
    sa.Index("wecom_entrances_by_state", "corp_id", "state"),
)
"""Ways in: `kind` is contact_way, join_way or link. `state` is what they carry; of a link its users choose it."""

wecom_link_contacts = sa.Table(
    "wecom_link_contacts",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("userid", sa.Text, primary_key=True),
    sa.Column("external_userid", sa.Text, primary_key=True),
    sa.Column("link_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default=""),
    sa.Column("chat_status", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("wecom_link_contacts_by_external", "corp_id", "external_userid"),
    sqlite_with_rowid=False,
)
"""Who came by which acquisition link."""

wecom_numbers = sa.Table(
    "wecom_numbers",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("of", sa.Text, primary_key=True),
    sa.Column("day_us", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("body", Json, nullable=False),
    sqlite_with_rowid=False,
)
"""WeCom's own counts as it gave them: `what` is groups (by owner) or behaviour (of staff), a row a day."""

wecom_pulls = sa.Table(
    "wecom_pulls",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("of", sa.Text, primary_key=True),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Text, nullable=False, server_default=""),
    sa.Column("tries", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("asked_us", sa.BigInteger, nullable=False),
    sa.Index("wecom_pulls_due", "corp_id", "due_us"),
)
"""What is to be asked of WeCom, once however often it was wished for: `what` is group, contact, staff, tags, links, archive
or everything. `version` is the one that an event told of and the answer should have."""

wecom_syncs = sa.Table(
    "wecom_syncs",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("state", Json, nullable=False),
)
"""How far a reading has come, so that it goes on there after a crash: `what` is everything or archive."""

wecom_troubles = sa.Table(
    "wecom_troubles",
    metadata,
    sa.Column("corp_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("facts", Json, nullable=False, server_default="{}"),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.Column("first_us", sa.BigInteger, nullable=False),
    sa.Column("last_us", sa.BigInteger, nullable=False),
    sa.Column("again_us", sa.BigInteger),
)
"""What goes wrong at present, by the work it befell; a success takes it away."""
