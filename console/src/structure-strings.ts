/** The sentences of a group's structure: Chinese first, then English. */
export const structureZh = {
  st_title: '结构',
  st_hint: '近 90 天的回复和提到构成关系；每周从判读当天往回数。',
  st_guessed: '推断的关系',
  st_guessed_why:
    '这个群的消息从不注明回复谁、提到谁，关系由前 100 条消息推断（最多看最近 2,000 条），只取把握过半的。请当作线索，不当作事实。',
  st_no_ties: '还没有人互相回复或提到，看不出结构。',
  st_leaders: '领袖走势',
  st_leaders_about:
    '领袖：近 90 天回应过的人最多、处在群的核心、近 30 天仍在说话的人（至多占发言者 5%，不超过 10 人）。排序按回应人数，再按核心度；PageRank 只作展示。右边是近 26 周每周有多少人回应。',
  st_heard: '每周回应人数（26 周）',
  st_degree: '相识',
  st_core: '核心度',
  st_events: '领袖沉默之后',
  st_events_about:
    '此前 8 周常被回应的人，连续 4 周一句话没说，算一次。前后各 4 周，领袖自己的消息不计；“预期”是消息量和走势相近、同期没有领袖沉默的群（至多 20 个）的平均变化，括号里 95% 的同类群会落在其中。这是随后发生的，不等于由它引起的。',
  st_events_none: '近半年没有领袖沉默满 4 周。',
  st_everywhere: '全部社群 {events} 次、{groups} 个群：随后的消息是预期的 {ratio}（95% 区间 {low}–{high}）',
  st_everywhere_none: '全部社群 {events} 次、{groups} 个群可比，不足 3 个群，不给平均值。',
  st_silent_from: '沉默始于',
  st_messages: '消息',
  st_speakers: '发言人周次',
  st_left: '退群',
  st_expected: '预期',
  st_like: '可比群',
  st_too_few: '可比的群不足 5 个',
  st_came_back: '后来又说话了',
  st_brokers: '搭桥的人',
  st_brokers_about:
    '桥接：别的两人之间的最短路有多大比例经过此人。约束（Burt）：关系越集中在彼此相识的人身上越高，低的是搭桥的人。相连圈子：本群内有关系的小圈子数。独自相连：只有此人把本群的圈子和别群的圈子连起来，有几处（在 20 个以上的群有关系的人和员工不算）。',
  st_brokers_none: '没有人连着两个圈子。',
  st_betweenness: '桥接',
  st_sampled: '超过 128 人的群按 64 个起点估算',
  st_constraint: '约束',
  st_circles: '相连圈子',
  st_bridges: '相连别群圈子',
  st_sole: '独自相连',
  map_ties: '关系',
  map_circle: '圈子 {n} · {size} 人',
}

export const structureEn: typeof structureZh = {
  st_title: 'Structure',
  st_hint:
    'Ties are replies and mentions of the last 90 days; weeks are counted back from the day of the reading.',
  st_guessed: 'guessed ties',
  st_guessed_why:
    'Messages of this group never say whom they answer or mention. Ties are guessed from the 100 messages before each (of the latest 2,000), where a guess is more likely right than not. Take them as hints, not as facts.',
  st_no_ties: 'Nobody has answered or mentioned anybody yet; there is no structure to be seen.',
  st_leaders: 'Course of leaders',
  st_leaders_about:
    'Leaders: answered by the most people in the last 90 days, in the core of the group, and still talking in the last 30 (at most 5% of the speakers, and 10). Ordered by listeners, then core; PageRank is for display only. The bars: how many people answered them in each of the last 26 weeks.',
  st_heard: 'Answered by, each week (26 weeks)',
  st_degree: 'Ties',
  st_core: 'Core',
  st_events: 'When a leader fell silent',
  st_events_about:
    'Somebody who was often answered in the eight weeks before and then said nothing for four. Four weeks before and after, without the leader’s own messages. Expected is how groups of like volume and trend, in which no leader fell silent then, changed on average (20 at most); 95% of such groups are within the brackets. It is what followed, not what was caused by it.',
  st_events_none: 'No leader fell silent for four weeks in the last half-year.',
  st_everywhere:
    'All groups, {events} events in {groups} groups: messages after are {ratio} of the expected (95% interval {low}–{high})',
  st_everywhere_none:
    'All groups: {events} events in {groups} groups can be compared; with fewer than 3 groups no mean is told.',
  st_silent_from: 'Silent from',
  st_messages: 'Messages',
  st_speakers: 'Speakers × weeks',
  st_left: 'Left',
  st_expected: 'expected',
  st_like: 'Like groups',
  st_too_few: 'fewer than 5 like groups',
  st_came_back: 'spoke again later',
  st_brokers: 'Brokers',
  st_brokers_about:
    'Betweenness: of the shortest paths between two others, the share that lead past somebody. Constraint (Burt): high where ties are with people tied to each other; brokers are low. Circles tied: circles of this group in which they have ties. Joined alone: circles of other groups that nobody else joins with theirs (staff, and people with ties in more than 20 groups, do not count).',
  st_brokers_none: 'Nobody is tied to two circles.',
  st_betweenness: 'Betweenness',
  st_sampled: 'estimated from 64 starting points in groups of more than 128',
  st_constraint: 'Constraint',
  st_circles: 'Circles tied',
  st_bridges: 'Circles elsewhere',
  st_sole: 'Joined alone',
  map_ties: 'ties',
  map_circle: 'Circle {n} · {size}',
}
