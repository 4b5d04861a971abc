/** One group: where it is in its life and why, who carries it, who is new, whom it shares. */
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  DatePicker,
  Empty,
  Segmented,
  Space,
  Table,
  Tabs,
  Tag,
  Tooltip,
} from 'antd'
import dayjs from 'dayjs'
import { Link, useParams } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { ago, day, percent } from '../format'
import { useAddress, useCatalogue, useHere, useWriting } from '../here'
import { CircleMap } from '../parts/circles'
import { FindingCard } from '../parts/findings'
import { KindSelect } from '../parts/group-kind'
import { LifeCard, SummaryLine } from '../parts/life'
import { OutcomesCard } from '../parts/life-outcomes'
import { LifeReport, ReportButtons } from '../parts/life-report'
import type { Lived } from '../parts/life-types'
import { Failed, More } from '../parts/lists'
import { type About, Explained, NumCell } from '../parts/numbers'
import { Head } from '../parts/page'
import { Structure } from '../parts/structure'
import { Called, GroupLink, PersonLink, RoleTag, StageTag } from '../parts/tags'
import type { GroupAnswer, GroupPerson, Message } from '../types'
import { useWords } from '../words'

export function GroupPage() {
  const { id = '' } = useParams()
  const words = useWords()
  const { t, said, maybe } = words
  const write = useWriting()
  const at = useAddress()
  const days = at.number('days')
  const as_of = at.get('as_of')
  const page = useQuery({
    queryKey: ['group', id, days, as_of],
    queryFn: () => get<GroupAnswer & Lived>(`/api/groups/${encodeURIComponent(id)}`, { days, as_of }),
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { group, reading, metrics, curve, people, edges, circles, overlap, findings, newcomers, leaders } =
    page.data
  const head = (
    <Head
      reading={reading}
      title={
        <span className="row">
          {group.name}
          <StageTag stage={group.stage} />
          {group.health && <Tag>{maybe(`health_${group.health}`, group.health)}</Tag>}
          {group.dismissed_at && <Tag color="red">{t('dismissed')}</Tag>}
          {group.grade && (
            <Tooltip title={t(group.grade === 'A' ? 'grade_a' : 'grade_b')}>
              <Tag>{group.grade}</Tag>
            </Tooltip>
          )}
        </span>
      }
      hint={
        <Space size={14} wrap>
          <KindSelect group={group.group} of={group} />
          {group.owner_name && <span>{`${t('owner')} ${group.owner_name}`}</span>}
          {group.created_at && <span>{`${t('created')} ${day(write.moment(group.created_at))}`}</span>}
          {group.first_day && <span>{`${t('first_record')} ${day(group.first_day)}`}</span>}
          {group.last_spoke_on && <span>{`${t('last_spoke')} ${day(group.last_spoke_on)}`}</span>}
        </Space>
      }
    >
      <Link to={`/groups/split?groups=${group.group}`}>
        <Button>{t('sp_split_link')}</Button>
      </Link>
      {curve && reading && <ReportButtons />}
    </Head>
  )
  if (!curve || !people || !reading) {
    return (
      <>
        {head}
        <Card>
          <Empty description={reading ? t('unknown') : t('reading_now')} />
        </Card>
      </>
    )
  }
  const other = days !== undefined || as_of !== undefined
  const about: About = {
    per: 'group',
    id: group.group,
    name: group.name,
    window: other ? page.data.window : undefined,
  }
  if (at.get('report')) return <LifeReport page={page.data} about={about} />
  return (
    <>
      {head}
      <div className="stack">
        <SummaryLine summary={page.data.summary} />
        {group.stage_evidence.length > 0 && (
          <Alert
            type={group.health === 'dead' || group.health === 'fading' ? 'warning' : 'success'}
            title={
              <span data-testid="stage-evidence">
                <strong>{`${t('stage_why')}: `}</strong>
                {group.stage_evidence.map(said).join(words.language === 'zh' ? '；' : '; ')}
              </span>
            }
          />
        )}
        {findings && findings.length > 0 && (
          <div className="grid halves">
            {findings.map((finding) => (
              <FindingCard key={finding.key} finding={finding} />
            ))}
          </div>
        )}
        <Card title={t('numbers')}>
          <div className="row" style={{ marginBottom: 12 }}>
            <Segmented
              value={days ?? reading.window_days}
              aria-label={t('window')}
              style={{ maxWidth: '100%', overflowX: 'auto' }}
              options={[7, 30, 90, 365].map((n) => ({ value: n, label: t('window_days', { n }) }))}
              onChange={(n) => at.set({ days: n === reading.window_days ? null : n })}
            />
            <DatePicker
              value={dayjs(as_of ?? reading.end)}
              allowClear={as_of !== undefined}
              aria-label={t('as_of_day')}
              maxDate={dayjs(reading.end)}
              onChange={(chosen) => {
                const wanted = chosen?.format('YYYY-MM-DD')
                at.set({ as_of: !wanted || wanted === reading.end ? null : wanted })
              }}
            />
          </div>
          {other && <p className="muted">{t('other_window')}</p>}
          <Numbers metrics={metrics} about={about} busy={page.isPlaceholderData} />
        </Card>
        <OutcomesCard outcomes={page.data.outcomes} about={about} />
        <LifeCard curve={curve} life={page.data.life} about={about} asOf={reading.end} />
        <div className="grid wide-left">
          <Card title={t('circle_map')}>
            <p className="muted" style={{ marginTop: 0 }}>
              {t('circle_map_hint')}
            </p>
            {circles && circles.length > 0 ? (
              <CircleMap people={people} edges={edges ?? []} circles={circles} height="min(520px, 92vw)" />
            ) : (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('no_circles')} />
            )}
          </Card>
          <Card title={t('leaders')}>
            <Leaders people={leaders ?? []} />
          </Card>
        </div>
        <Structure group={group.group} name={group.name} />
        <Card>
          <Tabs
            defaultActiveKey={at.get('tab') ?? 'members'}
            onChange={(tab) => at.set({ tab })}
            items={[
              { key: 'members', label: t('members_tab'), children: <Members people={people} /> },
              {
                key: 'newcomers',
                label: t('newcomers'),
                children: <Newcomers people={newcomers?.people ?? []} />,
              },
              { key: 'overlap', label: t('overlap_with'), children: <Neighbours rows={overlap ?? []} /> },
              {
                key: 'messages',
                label: t('messages_tab'),
                destroyOnHidden: true,
                children: <Messages group={group.group} />,
              },
            ]}
          />
        </Card>
      </div>
    </>
  )
}

function Numbers({ metrics, about, busy }: { metrics: GroupAnswer['metrics']; about: About; busy: boolean }) {
  const { said } = useWords()
  const names = useCatalogue()
  return (
    <div className="grid tiles" style={{ opacity: busy ? 0.5 : 1 }} aria-busy={busy}>
      {names.metricsPer(about.per).map((card) => (
        <div key={card.key}>
          <Tooltip title={<Explained metric={card} num={metrics[card.key]} />}>
            <div className="muted" style={{ fontSize: 12 }}>
              {said(card)}
            </div>
          </Tooltip>
          <div style={{ fontSize: 20, fontWeight: 600 }}>
            <NumCell metric={card.key} num={metrics[card.key]} about={about} />
          </div>
        </div>
      ))}
    </div>
  )
}

function Leaders({ people }: { people: GroupPerson[] }) {
  const { t } = useWords()
  if (!people.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('leaders_none')} />
  return (
    <div className="stack" style={{ gap: 12 }} data-testid="leaders">
      {people.map((p) => (
        <div key={p.person} className="between" style={{ flexWrap: 'nowrap' }}>
          <div>
            <PersonLink person={p.person} name={p.name} />
            {!p.here && <Tag style={{ marginInlineStart: 4 }}>{t('gone')}</Tag>}
            <div className="muted num" style={{ fontSize: 12 }}>
              {`${t('messages_col')} ${p.messages} · ${t('listeners')} ${p.listeners} · ${t('core')} ${p.core}`}
            </div>
          </div>
          <TrendCell person={p} />
        </div>
      ))}
    </div>
  )
}

function TrendCell({ person }: { person: GroupPerson }) {
  if (!person.messages && !person.messages_before) return <span className="muted">—</span>
  const text = `${person.messages_before} → ${person.messages}`
  const up = person.messages > person.messages_before * 1.1
  const down = person.messages < person.messages_before * 0.9
  return (
    <span className="num" title={text} style={{ color: up ? '#2f9e62' : down ? '#d4527a' : undefined }}>
      {up ? '↑' : down ? '↓' : '→'} {person.messages_before ? percent(Math.abs(person.trend)) : text}
    </span>
  )
}

function Members({ people }: { people: GroupPerson[] }) {
  const words = useWords()
  const { t, maybe } = words
  const roles = [...new Set(people.map((p) => p.role))]
  const most = Math.max(1e-9, ...people.map((p) => p.pagerank))
  return (
    <>
      {people.length >= 500 && <p className="muted">{t('members_more')}</p>}
      <Table<GroupPerson>
        size="small"
        rowKey="person"
        dataSource={people}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: t('person'),
            render: (_, p) => (
              <>
                <PersonLink person={p.person} name={p.name} />
                {p.new && (
                  <Tag color="green" style={{ marginInlineStart: 4 }}>
                    {t('newcomer_mark')}
                  </Tag>
                )}
                {!p.here && <Tag style={{ marginInlineStart: 4 }}>{t('gone')}</Tag>}
              </>
            ),
          },
          {
            title: t('role'),
            filters: roles.map((role) => ({ text: maybe(`role_${role}`, role), value: role })),
            onFilter: (role, p) => p.role === role,
            render: (_, p) => <RoleTag role={p.role} />,
          },
          {
            title: t('messages_col'),
            dataIndex: 'messages',
            align: 'right',
            className: 'num',
            sorter: (a, b) => a.messages - b.messages,
          },
          {
            title: t('replies_received'),
            dataIndex: 'replies_received',
            align: 'right',
            className: 'num',
            sorter: (a, b) => a.replies_received - b.replies_received,
          },
          {
            title: t('listeners'),
            dataIndex: 'listeners',
            align: 'right',
            className: 'num',
            sorter: (a, b) => a.listeners - b.listeners,
          },
          {
            title: t('pagerank'),
            align: 'right',
            className: 'num',
            sorter: (a, b) => a.pagerank - b.pagerank,
            render: (_, p) => Math.round((p.pagerank / most) * 100),
          },
          { title: t('trend_col'), align: 'right', render: (_, p) => <TrendCell person={p} /> },
          {
            title: t('joined_on'),
            className: 'num',
            sorter: (a, b) => (a.joined_on ?? '').localeCompare(b.joined_on ?? ''),
            render: (_, p) => day(p.joined_on),
          },
          {
            title: t('last_spoke'),
            sorter: (a, b) => (a.last_spoke_at ?? '').localeCompare(b.last_spoke_at ?? ''),
            render: (_, p) => ago(p.last_spoke_at, words),
          },
        ]}
      />
    </>
  )
}

function Newcomers({ people }: { people: GroupPerson[] }) {
  const words = useWords()
  const { t } = words
  if (!people.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('newcomers_none')} />
  return (
    <Table<GroupPerson>
      size="small"
      rowKey="person"
      dataSource={people}
      pagination={false}
      scroll={{ x: 'max-content' }}
      columns={[
        { title: t('person'), render: (_, p) => <PersonLink person={p.person} name={p.name} /> },
        { title: t('joined_on'), className: 'num', render: (_, p) => day(p.joined_on) },
        { title: t('messages_col'), dataIndex: 'messages', align: 'right', className: 'num' },
        { title: t('replies_received'), dataIndex: 'replies_received', align: 'right', className: 'num' },
        { title: t('last_spoke'), render: (_, p) => ago(p.last_spoke_at, words) },
      ]}
    />
  )
}

function Neighbours({ rows }: { rows: NonNullable<GroupAnswer['overlap']> }) {
  const { t } = useWords()
  const write = useWriting()
  const names = useCatalogue()
  if (!rows.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('overlap_none')} />
  return (
    <Table
      size="small"
      rowKey="group"
      dataSource={rows}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      scroll={{ x: 'max-content' }}
      columns={[
        { title: t('group'), render: (_, r) => <GroupLink group={r.group} name={r.name} /> },
        {
          title: names.metricName('group', 'members'),
          dataIndex: 'members',
          align: 'right',
          className: 'num',
        },
        { title: t('shared'), dataIndex: 'shared', align: 'right', className: 'num' },
        { title: t('jaccard'), align: 'right', className: 'num', render: (_, r) => write.num(r.jaccard) },
      ]}
    />
  )
}

function Messages({ group }: { group: number }) {
  const { t, problem } = useWords()
  const write = useWriting()
  const { message } = App.useApp()
  const { corp } = useHere()
  const key = ['messages', corp.corp_id, group]
  const page = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      get<{ items: Message[]; next: string | null }>(`/api/groups/${group}/messages`, { after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const mark = useMutation({
    mutationFn: (given: { source_id: string; advert: boolean | null }) =>
      post(`/api/messages/${encodeURIComponent(given.source_id)}/mark`, { advert: given.advert }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <div className="stack">
      <div className="muted">{t('marks_teach')}</div>
      <Table<Message>
        size="small"
        rowKey="seq"
        loading={page.isLoading}
        dataSource={rows}
        pagination={false}
        scroll={{ x: 720 }}
        locale={{ emptyText: t('messages_none') }}
        columns={[
          {
            title: t('fact_when'),
            width: 140,
            render: (_, m) => <span className="num">{write.moment(m.happened_at)}</span>,
          },
          {
            title: t('person'),
            width: 150,
            render: (_, m) =>
              m.person ? <PersonLink person={m.person} name={m.name} /> : <Called name={m.name} />,
          },
          { title: t('messages_col'), render: (_, m) => <span className="wrap">{m.text}</span> },
          {
            title: t('advert_score'),
            width: 84,
            align: 'right',
            className: 'num',
            render: (_, m) => (m.advert_score === null ? '—' : percent(m.advert_score)),
          },
          {
            title: '',
            width: 210,
            render: (_, m) =>
              m.marked === null ? (
                <Space>
                  <Button
                    size="small"
                    danger
                    type="text"
                    onClick={() => mark.mutate({ source_id: m.source_id, advert: true })}
                  >
                    {t('mark_advert')}
                  </Button>
                  <Button
                    size="small"
                    type="text"
                    onClick={() => mark.mutate({ source_id: m.source_id, advert: false })}
                  >
                    {t('mark_not')}
                  </Button>
                </Space>
              ) : (
                <Space>
                  <Tag color={m.marked ? 'red' : 'green'}>{t(m.marked ? 'marked_advert' : 'marked_not')}</Tag>
                  <Button
                    size="small"
                    type="link"
                    onClick={() => mark.mutate({ source_id: m.source_id, advert: null })}
                  >
                    {t('unmark')}
                  </Button>
                </Space>
              ),
          },
        ]}
      />
      <More page={page} shown={rows.length} total={null} />
    </div>
  )
}
