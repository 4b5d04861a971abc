"""What the sandbox remembers: one SQLite file. Times are virtual seconds since 1970; lists and objects are JSON text.

Staff ids compare without regard to case, as WeCom does. `agentid` beside a thing is the app that made it, 0 an
administrator by hand.
"""

from __future__ import annotations

VERSION = 2
UPGRADES = {1: "ALTER TABLE messages ADD COLUMN by_company INTEGER NOT NULL DEFAULT 0"}
"""What brings a sandbox of an earlier version up to date."""

TABLES = """
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE corps (
    corpid TEXT PRIMARY KEY, name TEXT NOT NULL, agentid INTEGER NOT NULL, secret TEXT NOT NULL,
    archive_secret TEXT NOT NULL, token TEXT NOT NULL, aes_key TEXT NOT NULL, created REAL NOT NULL,
    callback_url TEXT, shop_url TEXT, shop_key TEXT NOT NULL DEFAULT '', settings TEXT NOT NULL DEFAULT '{}'
);
-- kind: app (self-built), sync (通讯录同步), archive. visible: NULL everybody, else {"departments": [], "users": []}.
-- permissions: names as endpoints need them. trusted_ips: NULL any address, else {address: from when}.
CREATE TABLE apps (
    corpid TEXT NOT NULL, agentid INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, secret TEXT NOT NULL UNIQUE,
    visible TEXT, permissions TEXT NOT NULL, trusted_ips TEXT, disabled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (corpid, agentid)
) WITHOUT ROWID;
-- revoked: thrown away before its time.
CREATE TABLE tokens (
    token TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, issued REAL NOT NULL, expires REAL NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX tokens_of_app ON tokens (corpid, agentid, expires);

CREATE TABLE departments (
    corpid TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, parentid INTEGER NOT NULL, ord INTEGER NOT NULL,
    PRIMARY KEY (corpid, id)
) WITHOUT ROWID;
-- status as WeCom counts it: 1 active, 2 disabled, 4 not activated, 5 left. welcome: greets by the admin's own message.
-- follows: may have external contacts. archived: conversations are kept. last_login: for handovers.
CREATE TABLE users (
    corpid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL, department INTEGER NOT NULL,
    position TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL DEFAULT 1, hired REAL NOT NULL, left_at REAL,
    follows INTEGER NOT NULL DEFAULT 1, archived INTEGER NOT NULL DEFAULT 1, welcome TEXT, last_login REAL NOT NULL,
    PRIMARY KEY (corpid, userid)
) WITHOUT ROWID;

-- Everybody with a WeChat (type 1) or a foreign WeCom account (type 2); unionid '' for those without.
CREATE TABLE persons (
    person TEXT PRIMARY KEY, name TEXT NOT NULL, gender INTEGER NOT NULL, avatar TEXT NOT NULL, type INTEGER NOT NULL,
    corp_name TEXT NOT NULL, unionid TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE externals (
    external_userid TEXT PRIMARY KEY, corpid TEXT NOT NULL, person TEXT NOT NULL, UNIQUE (corpid, person)
) WITHOUT ROWID;
-- One row a pair, used again when they meet again. half: not confirmed by the staff. left_by_staff: the staff deleted
-- the customer, the API knows nothing of them any more; left_by_person: the customer deleted the staff, the API does.
-- owner_left: the staff has resigned (unassigned customer). chatted: first word or opening since added. spoke: last talk.
CREATE TABLE follows (
    id INTEGER PRIMARY KEY, corpid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL,
    created REAL NOT NULL, add_way INTEGER NOT NULL, state TEXT, way TEXT, oper_userid TEXT NOT NULL,
    remark TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '', remark_company TEXT NOT NULL DEFAULT '',
    mobiles TEXT NOT NULL DEFAULT '[]', half INTEGER NOT NULL DEFAULT 0, left_by_staff REAL, left_by_person REAL,
    chatted REAL, spoke REAL, owner_left REAL, UNIQUE (corpid, userid, external_userid)
);
CREATE INDEX follows_of_external ON follows (external_userid);
CREATE INDEX follows_unassigned ON follows (corpid, owner_left, id) WHERE owner_left IS NOT NULL;
CREATE TABLE follow_tags (
    follow INTEGER NOT NULL, tag_id TEXT NOT NULL, PRIMARY KEY (follow, tag_id)
) WITHOUT ROWID;
CREATE INDEX follow_tags_of_tag ON follow_tags (tag_id);
-- Tags staff keep for themselves: they have no id.
CREATE TABLE personal_tags (
    follow INTEGER NOT NULL, group_name TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (follow, group_name, name)
) WITHOUT ROWID;

CREATE TABLE tag_groups (
    group_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, name TEXT NOT NULL,
    created REAL NOT NULL, ord INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX tag_groups_of_corp ON tag_groups (corpid, name);
CREATE TABLE tags (
    tag_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, group_id TEXT NOT NULL, agentid INTEGER NOT NULL, name TEXT NOT NULL,
    created REAL NOT NULL, ord INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX tags_of_group ON tags (group_id, name);
CREATE INDEX tags_of_corp ON tags (corpid);

-- changes: how many members came or went so far, which makes the member version. members: how many are in. status: 0, 1 owner left, 2 being handed
-- over, 3 handed over.
CREATE TABLE groups (
    chat_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL COLLATE NOCASE,
    notice TEXT NOT NULL DEFAULT '', admins TEXT NOT NULL DEFAULT '[]', created REAL NOT NULL, dismissed REAL,
    changes INTEGER NOT NULL DEFAULT 0, members INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0, opengid TEXT NOT NULL UNIQUE
) WITHOUT ROWID;
CREATE INDEX groups_of_owner ON groups (corpid, owner);
-- What stood in a field before it was changed, for those who read a moment too early.
CREATE TABLE group_changes (chat_id TEXT NOT NULL, at REAL NOT NULL, field TEXT NOT NULL, old TEXT NOT NULL);
CREATE INDEX group_changes_of_group ON group_changes (chat_id, at);
-- type: 1 staff, 2 external. scene as groupchat/get counts: 1 invited, 2 link, 3 code. quit: 0 left, 1 removed.
CREATE TABLE stays (
    id INTEGER PRIMARY KEY, corpid TEXT NOT NULL, chat_id TEXT NOT NULL, member_id TEXT NOT NULL COLLATE NOCASE,
    type INTEGER NOT NULL, joined REAL NOT NULL, left_at REAL, scene INTEGER NOT NULL, invitor TEXT, state TEXT,
    quit INTEGER
);
CREATE UNIQUE INDEX stays_now ON stays (chat_id, member_id) WHERE left_at IS NULL;
CREATE INDEX stays_of_group ON stays (chat_id, joined);
CREATE INDEX stays_of_member ON stays (member_id);

CREATE TABLE ways (
    config_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, type INTEGER NOT NULL,
    scene INTEGER NOT NULL, style INTEGER NOT NULL, remark TEXT NOT NULL, skip_verify INTEGER NOT NULL,
    state TEXT NOT NULL, users TEXT NOT NULL, parties TEXT NOT NULL, is_temp INTEGER NOT NULL,
    expires_in INTEGER NOT NULL, chat_expires_in INTEGER NOT NULL, unionid TEXT NOT NULL, is_exclusive INTEGER NOT NULL,
    mark_source INTEGER NOT NULL, conclusions TEXT, created REAL NOT NULL, used REAL
) WITHOUT ROWID;
CREATE INDEX ways_of_corp ON ways (corpid, created, config_id);
CREATE TABLE join_ways (
    config_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, scene INTEGER NOT NULL,
    remark TEXT NOT NULL, auto_create_room INTEGER NOT NULL, room_base_name TEXT NOT NULL, room_base_id INTEGER NOT NULL,
    chat_ids TEXT NOT NULL, state TEXT NOT NULL, mark_source INTEGER NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX join_ways_of_corp ON join_ways (corpid);
-- Temporary conversations that were opened by a temporary way.
CREATE TABLE temp_chats (
    corpid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL, config_id TEXT NOT NULL,
    ends REAL NOT NULL, closed REAL, PRIMARY KEY (corpid, userid, external_userid)
) WITHOUT ROWID;

-- purpose: media (three days), moments (upload_attachment 1), album (upload_attachment 2), image (uploadimg, for ever;
-- media_id is then the last part of its url).
CREATE TABLE media (
    media_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, type TEXT NOT NULL, purpose TEXT NOT NULL, filename TEXT NOT NULL,
    content_type TEXT NOT NULL, content BLOB NOT NULL, created REAL NOT NULL, expires REAL
);

-- used: the welcome was sent (or begun: used_by the app that did).
CREATE TABLE welcome_codes (
    code TEXT PRIMARY KEY, corpid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL,
    created REAL NOT NULL, half INTEGER NOT NULL, used REAL, used_by INTEGER
) WITHOUT ROWID;
CREATE INDEX welcome_codes_of_pair ON welcome_codes (external_userid, userid);
CREATE TABLE group_welcomes (
    template_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, content TEXT NOT NULL,
    notify INTEGER NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;

-- content: {"text": …, "attachments": […]}. create_type 0 corp, 1 personal. dispatched: from when results are told.
-- reminded: times of reminders.
CREATE TABLE group_messages (
    msgid TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, chat_type TEXT NOT NULL, creator TEXT,
    create_type INTEGER NOT NULL, content TEXT NOT NULL, allow_select INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL,
    dispatched REAL NOT NULL, cancelled REAL, reminded TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX group_messages_of_corp ON group_messages (corpid, created);
-- status: 0 not sent, 2 sent.
CREATE TABLE group_message_tasks (
    msgid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, status INTEGER NOT NULL DEFAULT 0, sent REAL,
    PRIMARY KEY (msgid, userid)
) WITHOUT ROWID;
-- target: external_userid or chat_id. status: 0 not sent, 1 sent, 2 not a friend any more, 3 had its share already.
CREATE TABLE group_message_results (
    msgid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, target TEXT NOT NULL, status INTEGER NOT NULL DEFAULT 0,
    sent REAL, PRIMARY KEY (msgid, userid, target)
) WITHOUT ROWID;
CREATE INDEX group_message_results_of_target ON group_message_results (target, sent);

-- status: 1 begun, 2 under way, 3 made. result: what get_moment_task_result tells when it is made.
CREATE TABLE moments (
    jobid TEXT PRIMARY KEY, moment_id TEXT NOT NULL UNIQUE, corpid TEXT NOT NULL, agentid INTEGER NOT NULL,
    creator TEXT, create_type INTEGER NOT NULL, content TEXT NOT NULL, visible_range TEXT NOT NULL, status INTEGER NOT NULL,
    result TEXT, created REAL NOT NULL, made REAL, cancelled REAL
);
CREATE INDEX moments_of_corp ON moments (corpid, created);
CREATE TABLE moment_tasks (
    moment_id TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, status INTEGER NOT NULL DEFAULT 0, published REAL,
    PRIMARY KEY (moment_id, userid)
) WITHOUT ROWID;
-- Whom a moment is meant for; sent: since when they can see it.
CREATE TABLE moment_targets (
    moment_id TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL, sent REAL,
    PRIMARY KEY (moment_id, userid, external_userid)
) WITHOUT ROWID;
-- kind: comment, like.
CREATE TABLE moment_reactions (
    id INTEGER PRIMARY KEY, moment_id TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, kind TEXT NOT NULL,
    external_userid TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX moment_reactions_of_moment ON moment_reactions (moment_id, userid);

-- kind: onjob, resigned. status: 1 done, 2 waiting, 3 refused, 4 taker's limit. takeover: when it takes (or took) effect.
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY, corpid TEXT NOT NULL, kind TEXT NOT NULL, handover TEXT NOT NULL COLLATE NOCASE,
    takeover TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL, message TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL, created REAL NOT NULL, takeover_time REAL NOT NULL
);
CREATE INDEX transfers_of_customer ON transfers (external_userid, created);
CREATE INDEX transfers_of_pair ON transfers (corpid, handover, takeover, id);
CREATE TABLE group_transfers (
    id INTEGER PRIMARY KEY, corpid TEXT NOT NULL, kind TEXT NOT NULL, chat_id TEXT NOT NULL,
    owner_before TEXT NOT NULL COLLATE NOCASE, owner_after TEXT NOT NULL COLLATE NOCASE, created REAL NOT NULL
);
CREATE INDEX group_transfers_of_group ON group_transfers (chat_id, created);

CREATE TABLE albums (
    product_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, content TEXT NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE rules (
    rule_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, content TEXT NOT NULL,
    created REAL NOT NULL
);

-- range: {"user_list": [], "department_list": []}; priority: {"priority_type": …, "priority_userid_list": []} or NULL.
CREATE TABLE links (
    link_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,
    range TEXT NOT NULL, priority TEXT, skip_verify INTEGER NOT NULL, mark_source INTEGER NOT NULL,
    created REAL NOT NULL, deleted REAL
) WITHOUT ROWID;
-- chat_status: 0 has not written, 1 has, 2 unknown. messages: how many they wrote.
CREATE TABLE link_customers (
    link_id TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL,
    chat_status INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, at REAL NOT NULL, messages INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (link_id, userid, external_userid)
) WITHOUT ROWID;
CREATE INDEX link_customers_of_external ON link_customers (external_userid);
CREATE TABLE link_clicks (id INTEGER PRIMARY KEY, link_id TEXT NOT NULL, external_userid TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX link_clicks_of_link ON link_clicks (link_id, at);
-- Keys by which a message from a link's customer can be looked up for half an hour.
CREATE TABLE chat_keys (
    chat_key TEXT PRIMARY KEY, corpid TEXT NOT NULL, link_id TEXT NOT NULL, userid TEXT NOT NULL,
    external_userid TEXT NOT NULL, state TEXT NOT NULL, messages INTEGER NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;

-- What message/send sent; touser: whom it reached, "a|b"; recalled: when it was taken back.
CREATE TABLE staff_messages (
    msgid TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, touser TEXT NOT NULL, msgtype TEXT NOT NULL,
    content TEXT NOT NULL, digest TEXT NOT NULL, at REAL NOT NULL, recalled REAL
);
CREATE INDEX staff_messages_of_digest ON staff_messages (corpid, agentid, digest, at);
CREATE INDEX staff_messages_of_app ON staff_messages (corpid, agentid, at);
CREATE TABLE tickets (
    ticket TEXT PRIMARY KEY, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, issued REAL NOT NULL, expires REAL NOT NULL
) WITHOUT ROWID;

-- Everything said; tolist holds userids and external ids. What the archive shows of it is its own affair.
-- by_company: arrived as a message of the company's, which is among the deliveries too.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, corpid TEXT NOT NULL, msgid TEXT NOT NULL, sender TEXT NOT NULL,
    tolist TEXT NOT NULL, roomid TEXT NOT NULL, at REAL NOT NULL, msgtype TEXT NOT NULL, content TEXT NOT NULL,
    reply_to TEXT, by_company INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX messages_of_room ON messages (roomid, at);
CREATE INDEX messages_of_corp ON messages (corpid, at);
CREATE INDEX messages_of_two ON messages (corpid, sender, tolist, at) WHERE roomid = '';
CREATE TABLE consents (
    corpid TEXT NOT NULL, userid TEXT NOT NULL COLLATE NOCASE, external_userid TEXT NOT NULL, status TEXT NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (corpid, userid, external_userid)
) WITHOUT ROWID;
-- target: a chat_id or a userid.
CREATE TABLE mutes (person TEXT NOT NULL, corpid TEXT NOT NULL, target TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (person, corpid, target)) WITHOUT ROWID;
-- What reached a customer's or a group's phone. content only for what has no msgid to look it up by.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY, corpid TEXT NOT NULL, kind TEXT NOT NULL, userid TEXT NOT NULL, target TEXT NOT NULL,
    msgid TEXT NOT NULL, content TEXT, at REAL NOT NULL
);
CREATE INDEX deliveries_of_target ON deliveries (target, at);

CREATE TABLE orders (
    order_id TEXT PRIMARY KEY, corpid TEXT NOT NULL, person TEXT NOT NULL, lines TEXT NOT NULL, fen INTEGER NOT NULL,
    refunded INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL
);

-- fate: made (nobody to tell), queued, lost, delivered, failed. tries: how often it was sent. told: what the last one was
-- answered.
CREATE TABLE callbacks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, corpid TEXT NOT NULL, at REAL NOT NULL, xml TEXT NOT NULL, fate TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, told TEXT NOT NULL DEFAULT ''
);
CREATE INDEX callbacks_of_corp ON callbacks (corpid, id);
-- lane: callback, shop. rank: the order of sending. ready: wall time before which a delayed one waits for the others.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, corpid TEXT NOT NULL, lane TEXT NOT NULL, rank INTEGER NOT NULL,
    ready REAL NOT NULL, callback INTEGER, body TEXT NOT NULL
);
CREATE INDEX outbox_of_lane ON outbox (corpid, lane, rank);

CREATE TABLE calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, corpid TEXT NOT NULL, agentid INTEGER NOT NULL, at REAL NOT NULL,
    ip TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, params TEXT NOT NULL, body TEXT NOT NULL,
    status INTEGER NOT NULL, errcode INTEGER NOT NULL, answer TEXT NOT NULL, seconds REAL NOT NULL
);
CREATE TABLE due (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL);
CREATE INDEX due_in_order ON due (at, id);
CREATE TABLE blocks (scope TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
"""
