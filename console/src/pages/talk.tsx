/** What is said: kinds of talk by group, themes of complaints, floods, selling against giving; and marks that teach. */
import { DownloadOutlined } from '@ant-design/icons'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, Empty, Modal, Segmented, Select, Table, Tag, Tooltip } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { address, get, type Params, post, queries } from '../api'
import { Waiting } from '../app'
import { percent, ratio, whole } from '../format'
import { useAddress, useCatalogue, useHere, useWriting } from '../here'
import { Chart, plain } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Explained, NumCell } from '../parts/numbers'
import { Head, NothingYet } from '../parts/page'
import { Spark } from '../parts/spark'
import { Called, GroupLink, PersonLink } from '../parts/tags'
import type { Num } from '../types'
import { useWords } from '../words'
import type { Flood, Kind, TalkAnswer, TalkClass, TalkGroup, Told, Topic } from './talk-types'

const COLOUR: Record<Kind, string> = {
  question: '#4c78c9',
  answer: '#0f9d8a',
  sharing: '#8f6cc0',
  complaint: '#d4527a',
  praise: '#7a9a3a',
  advert: '#e8833a',
  small_talk: '#a9b3b1',
}
const NUMBERS = [
  'sell_give',
  'repeated_text',
  'repeated_nearly',
  'crowding',
  'crowding_peak',
  'advert_share',
  'reply_time',
]

export function TalkPage() {
  const { t } = useWords()
  const at = useAddress()
  const group = at.number('group')
  const [shown, show] = useState<Asked | null>(null)
  const page = useQuery({
    queryKey: ['talk', group],
    queryFn: () => get<TalkAnswer>('/api/talk', { group }),
    placeholderData: keepPreviousData,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.reading || (!data.groups.length && group === undefined))
    return <NothingYet title={t('tk_title')} reading={data.reading} text={t('tk_empty')} />
  return (
    <>
      <Head title={t('tk_title')} hint={t('tk_hint')} reading={data.reading}>
        {group !== undefined && (
          <Button onClick={() => at.set({ group: null })}>
            {data.groups[0]?.name ?? `#${group}`} · {t('tk_all')} ×
          </Button>
        )}
        <Button icon={<DownloadOutlined />} href={address('/api/talk.csv', { group })} download>
          {t('csv')}
        </Button>
      </Head>
      <div className="stack">
        <div className="grid wide-left">
          <Groups data={data} choose={(id) => at.set({ group: id })} />
          <Kinds data={data} look={(talk) => show({ title: talk, talk, group })} />
        </div>
        {group === undefined && <Topics data={data} show={show} />}
        <Floods floods={data.floods} group={group} show={show} />
        <Numbers groups={data.groups} />
        <Marking data={data} group={group} />
      </div>
      {shown && <Originals asked={shown} classes={data.classes} close={() => show(null)} />}
    </>
  )
}

/** Which messages are to be shown. */
interface Asked {
  title: string
  talk?: Kind
  group?: number | undefined
  topic?: number
  flood?: Flood
}

function useSaid() {
  const { language } = useWords()
  return (one: TalkClass) => (language === 'zh' ? one.zh : one.en)
}

/** What a kind of talk is, one hover away. */
function KindName({ one }: { one: TalkClass }) {
  const { language } = useWords()
  const said = useSaid()
  return (
    <Tooltip title={language === 'zh' ? one.definition_zh : one.definition_en}>
      <span style={{ whiteSpace: 'nowrap' }}>
        <span
          style={{
            display: 'inline-block',
            width: 10,
            height: 10,
            borderRadius: 3,
            marginInlineEnd: 6,
            background: COLOUR[one.key],
          }}
        />
        {said(one)}
      </span>
    </Tooltip>
  )
}

function ShareOf({ num }: { num: Num | undefined }) {
  const { t } = useWords()
  const value = ratio(num)
  if (value === null || !num) return <span className="muted">—</span>
  return (
    <Tooltip
      title={t('part_of_whole', { part: whole(num.part ?? 0), whole: whole(num.whole ?? 0) })}
      placement="topRight"
    >
      <span className="num">{percent(value)}</span>
    </Tooltip>
  )
}

/** Percentage points more or less than in as many days before. */
function Change({ now, before }: { now: Num | undefined; before: Num | undefined }) {
  const { t } = useWords()
  const a = ratio(now)
  const b = ratio(before)
  if (a === null || b === null) return <span className="muted">—</span>
  const points = (a - b) * 100
  const part = t('part_of_whole', { part: whole(before?.part ?? 0), whole: whole(before?.whole ?? 0) })
  return (
    <Tooltip title={`${t('tk_before')}: ${percent(b)} (${part})`} placement="topRight">
      <span className="num">{`${points > 0 ? '+' : ''}${points.toFixed(1)}`}</span>
    </Tooltip>
  )
}

function Kinds({ data, look }: { data: TalkAnswer; look: (talk: Kind) => void }) {
  const { t } = useWords()
  const said = useSaid()
  const all = data.total.small_talk?.share.whole ?? 0
  return (
    <Card title={t('tk_kind')} extra={<span className="muted">{t('window_days', { n: 30 })}</span>}>
      <Table<TalkClass>
        size="small"
        rowKey="key"
        pagination={false}
        dataSource={data.classes}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: t('tk_kind'), render: (_, one) => <KindName one={one} /> },
          {
            title: t('tk_messages'),
            align: 'right',
            className: 'num',
            render: (_, one) => whole(data.total[one.key]?.share.part ?? 0),
          },
          {
            title: t('tk_share'),
            align: 'right',
            render: (_, one) => <ShareOf num={data.total[one.key]?.share} />,
          },
          {
            title: t('tk_change'),
            align: 'right',
            render: (_, one) => (
              <Change now={data.total[one.key]?.share} before={data.total[one.key]?.before} />
            ),
          },
          {
            title: '',
            render: (_, one) => (
              <Button
                size="small"
                type="link"
                aria-label={`${t('tk_originals')}: ${said(one)}`}
                onClick={() => look(one.key)}
              >
                {t('tk_originals')}
              </Button>
            ),
          },
        ]}
      />
      <div className="muted" style={{ fontSize: 12, marginTop: 8 }}>
        {t('tk_share_definition', { n: whole(all) })}
      </div>
    </Card>
  )
}

function Groups({ data, choose }: { data: TalkAnswer; choose: (group: number) => void }) {
  const { t } = useWords()
  const said = useSaid()
  const [as, setAs] = useState<'chart' | 'table'>('chart')
  const option = useMemo(() => {
    const rows = data.groups
    return {
      grid: { left: 8, right: 24, top: 34, bottom: 8, containLabel: true },
      legend: { top: 0, type: 'scroll', itemWidth: 12, itemHeight: 10, itemGap: 8 },
      tooltip: {
        formatter: (at: { dataIndex: number }) => {
          const row = rows[at.dataIndex]
          if (!row) return ''
          const lines = data.classes.flatMap((one) => {
            const mine = row.classes[one.key]
            return mine ? [`${plain(said(one))} ${mine.share.part} · ${percent(ratio(mine.share) ?? 0)}`] : []
          })
          return [`<b>${plain(row.name)}</b> ${whole(row.of)}`, ...lines].join('<br>')
        },
      },
      xAxis: { type: 'value', max: 1, axisLabel: { formatter: (v: number) => `${Math.round(v * 100)}%` } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map((row) => row.name),
        axisLabel: { width: 132, overflow: 'truncate' },
      },
      series: data.classes.map((one) => ({
        type: 'bar',
        stack: 'talk',
        name: said(one),
        barMaxWidth: 16,
        itemStyle: { color: COLOUR[one.key] },
        data: rows.map((row) => ratio(row.classes[one.key]?.share) ?? 0),
      })),
    }
  }, [data, said])
  return (
    <Card
      title={t('tk_by_group')}
      extra={
        <Segmented
          size="small"
          value={as}
          onChange={setAs}
          options={[
            { value: 'chart', label: t('tk_as_chart') },
            { value: 'table', label: t('tk_as_table') },
          ]}
        />
      }
    >
      <div className="muted" style={{ fontSize: 12, marginBottom: 6 }}>
        {t('tk_by_group_hint', { n: data.groups.length, all: data.groups_in_all })}
      </div>
      {as === 'chart' ? (
        <Chart
          option={option}
          height={Math.max(160, 60 + data.groups.length * 22)}
          label={t('tk_by_group')}
          onClick={(event) => {
            const row = data.groups.find((one) => one.name === event.name)
            if (row) choose(row.group)
          }}
        />
      ) : (
        <Table<TalkGroup>
          size="small"
          rowKey="group"
          dataSource={data.groups}
          pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          scroll={{ x: 'max-content' }}
          columns={[
            {
              title: t('nav_groups'),
              fixed: 'left',
              render: (_, row) => <GroupLink group={row.group} name={row.name} />,
            },
            { title: t('tk_messages'), align: 'right', className: 'num', dataIndex: 'of' },
            ...data.classes.map((one) => ({
              title: <KindName one={one} />,
              align: 'right' as const,
              render: (_: unknown, row: TalkGroup) => <ShareOf num={row.classes[one.key]?.share} />,
            })),
          ]}
        />
      )}
    </Card>
  )
}

function Topics({ data, show }: { data: TalkAnswer; show: (asked: Asked) => void }) {
  const { t } = useWords()
  const title = (topic: Topic) => topic.words.slice(0, 5).join(' · ') || t('tk_topic_nameless')
  return (
    <Card
      title={t('tk_topics')}
      extra={
        <Button size="small" icon={<DownloadOutlined />} href="/api/talk/topics.csv" download>
          {t('csv')}
        </Button>
      }
    >
      <div className="muted" style={{ fontSize: 12, marginBottom: 8 }}>
        {t('tk_topics_hint')}
      </div>
      {data.topics.some((topic) => !topic.settled) && (
        <Alert type="warning" showIcon title={t('tk_topics_rough')} style={{ marginBottom: 8 }} />
      )}
      <Table<Topic>
        size="small"
        rowKey="topic"
        dataSource={data.topics}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('tk_topics_few') }}
        columns={[
          { title: t('tk_topic'), render: (_, topic) => <strong>{title(topic)}</strong> },
          {
            title: t('tk_messages'),
            align: 'right',
            className: 'num',
            render: (_, topic) => topic.share.part,
          },
          { title: t('tk_share'), align: 'right', render: (_, topic) => <ShareOf num={topic.share} /> },
          { title: t('tk_before'), align: 'right', className: 'num', dataIndex: 'messages_before' },
          { title: t('tk_people'), align: 'right', className: 'num', dataIndex: 'people' },
          { title: t('tk_groups'), align: 'right', className: 'num', dataIndex: 'groups' },
          {
            title: t('tk_trend'),
            render: (_, topic) => <Spark values={topic.weeks} label={t('tk_trend')} />,
          },
          {
            title: '',
            render: (_, topic) => (
              <Button
                size="small"
                type="link"
                aria-label={`${t('tk_originals')}: ${title(topic)}`}
                onClick={() => show({ title: title(topic), topic: topic.topic, talk: 'complaint' })}
              >
                {t('tk_originals')}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  )
}

function Floods(props: { floods: Flood[]; group: number | undefined; show: (asked: Asked) => void }) {
  const { t, said } = useWords()
  const write = useWriting()
  return (
    <Card
      title={t('tk_floods')}
      extra={
        <Button
          size="small"
          icon={<DownloadOutlined />}
          href={address('/api/talk/floods.csv', { group: props.group })}
          download
        >
          {t('csv')}
        </Button>
      }
    >
      <div className="muted" style={{ fontSize: 12, marginBottom: 8 }}>
        {t('tk_floods_hint')}
      </div>
      <Table<Flood>
        size="small"
        rowKey={(flood) => `${flood.group}-${flood.kind}-${flood.began_us}-${flood.person?.id ?? ''}`}
        dataSource={props.floods}
        pagination={{ pageSize: 8, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
        scroll={{ x: 960 }}
        locale={{ emptyText: t('tk_floods_none') }}
        columns={[
          {
            title: t('tk_when'),
            render: (_, flood) => <span className="num">{write.moment(flood.began_at)}</span>,
          },
          {
            title: t('nav_groups'),
            render: (_, flood) => <GroupLink group={flood.group} name={flood.name} />,
          },
          {
            title: t('tk_kind'),
            render: (_, flood) => (
              <Tag color={flood.kind === 'adverts' ? 'orange' : 'blue'}>{t(`tk_flood_${flood.kind}`)}</Tag>
            ),
          },
          {
            title: t('tk_who'),
            render: (_, flood) =>
              flood.person ? (
                <PersonLink person={flood.person.id} name={flood.person.name} />
              ) : (
                t('tk_many', { n: flood.people })
              ),
          },
          { title: t('tk_messages'), align: 'right', className: 'num', dataIndex: 'messages' },
          {
            title: t('tk_why'),
            width: 380,
            render: (_, flood) => <Reasons reasons={flood.reasons.map((reason) => said(reason))} />,
          },
          {
            title: '',
            render: (_, flood) => (
              <Button
                size="small"
                type="link"
                onClick={() =>
                  props.show({ title: `${flood.name} · ${write.moment(flood.began_at)}`, flood })
                }
              >
                {t('tk_originals')}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  )
}

const Reasons = ({ reasons }: { reasons: string[] }) => <span className="wrap">{reasons.join('；')}</span>

function Numbers({ groups }: { groups: TalkGroup[] }) {
  const { t } = useWords()
  const names = useCatalogue()
  return (
    <Card title={t('tk_sell')} styles={{ body: { padding: 0 } }}>
      <Table<TalkGroup>
        size="small"
        rowKey="group"
        dataSource={groups}
        pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: t('nav_groups'),
            fixed: 'left',
            render: (_, row) => <GroupLink group={row.group} name={row.name} />,
          },
          ...NUMBERS.map((key) => {
            const card = names.metric('group', key)
            return {
              title: (
                <Tooltip title={card && <Explained metric={card} />}>
                  {names.metricName('group', key)}
                </Tooltip>
              ),
              align: 'right' as const,
              showSorterTooltip: false,
              sorter: (a: TalkGroup, b: TalkGroup) =>
                (ratio(a.metrics[key]) ?? -1) - (ratio(b.metrics[key]) ?? -1),
              render: (_: unknown, row: TalkGroup) => (
                <NumCell
                  metric={key}
                  num={row.metrics[key]}
                  about={{ per: 'group', id: row.group, name: row.name }}
                />
              ),
            }
          }),
        ]}
      />
    </Card>
  )
}

function Marking({ data, group }: { data: TalkAnswer; group: number | undefined }) {
  const { t } = useWords()
  const said = useSaid()
  const at = useAddress()
  const talk = (data.classes.find((one) => one.key === at.get('talk'))?.key ?? 'complaint') as Kind
  const pick = at.get('pick') === 'sure' ? 'sure' : 'unsure'
  const [open, setOpen] = useState(false)
  return (
    <Card title={t('tk_mark')}>
      <div className="muted">{t('tk_mark_hint', { n: data.marks.least })}</div>
      <div className="row" style={{ flexWrap: 'wrap', marginBlock: 10 }}>
        {data.classes.map((one) => (
          <span key={one.key} className="row" style={{ gap: 4 }}>
            <KindName one={one} />
            <span className="muted num">{t('tk_marks_count', { n: data.marks.marked[one.key] ?? 0 })}</span>
            <Tag color={data.marks.learned.includes(one.key) ? 'green' : 'default'}>
              {t(data.marks.learned.includes(one.key) ? 'tk_learned' : 'tk_by_rules')}
            </Tag>
          </span>
        ))}
      </div>
      <div className="row" style={{ marginBottom: 10 }}>
        <Select
          value={talk}
          aria-label={t('tk_kind')}
          style={{ minWidth: 120 }}
          options={data.classes.map((one) => ({ value: one.key, label: said(one) }))}
          onChange={(chosen: Kind) => at.set({ talk: chosen })}
        />
        <Segmented
          value={pick}
          onChange={(chosen) => at.set({ pick: chosen === 'sure' ? 'sure' : null })}
          options={[
            { value: 'unsure', label: t('tk_unsure') },
            { value: 'sure', label: t('tk_sure') },
          ]}
        />
        {!open && <Button onClick={() => setOpen(true)}>{t('tk_originals')}</Button>}
      </div>
      {open && <Messages path="/api/talk/examples" params={{ talk, pick, group }} classes={data.classes} />}
    </Card>
  )
}

function Originals({ asked, classes, close }: { asked: Asked; classes: TalkClass[]; close: () => void }) {
  const said = useSaid()
  const [path, params]: [string, Params] = asked.flood
    ? ['/api/talk/floods/messages', { group: asked.flood.group, began_us: asked.flood.began_us }]
    : asked.topic !== undefined
      ? [`/api/talk/topics/${asked.topic}/messages`, {}]
      : ['/api/talk/examples', { talk: asked.talk, group: asked.group, pick: 'sure' }]
  const kind = classes.find((one) => one.key === asked.title)
  return (
    <Modal open width={920} footer={null} onCancel={close} title={kind ? said(kind) : asked.title}>
      <Messages path={path} params={params} classes={classes} />
    </Modal>
  )
}

/** Messages with the reasons for their kind, each to be marked. */
function Messages(props: { path: string; params: Params; classes: TalkClass[] }): ReactNode {
  const { t, said, problem } = useWords()
  const name = useSaid()
  const write = useWriting()
  const { message } = App.useApp()
  const { corp } = useHere()
  const key = ['talk-messages', corp.corp_id, props.path, props.params]
  const page = useQuery({
    queryKey: key,
    queryFn: () => get<{ items: Told[] }>(props.path, props.params),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const mark = useMutation({
    mutationFn: (given: { source_id: string; talk: Kind | null }) =>
      post(`/api/messages/${encodeURIComponent(given.source_id)}/mark`, { talk: given.talk }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['talk'] })
      return queries.invalidateQueries({ queryKey: key })
    },
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  return (
    <Table<Told>
      size="small"
      rowKey="seq"
      loading={page.isLoading}
      dataSource={page.data?.items ?? []}
      pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
      scroll={{ x: 720 }}
      locale={{
        emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('tk_examples_none')} />,
      }}
      columns={[
        {
          title: t('tk_text'),
          render: (_, one) => (
            <div>
              <div className="wrap">{one.text}</div>
              <div className="muted" style={{ fontSize: 12 }}>
                {one.person ? <PersonLink person={one.person} name={one.name} /> : <Called name={one.name} />}{' '}
                · <GroupLink group={one.group} name={one.group_name} /> · {write.moment(one.happened_at)}
              </div>
            </div>
          ),
        },
        {
          title: t('tk_why'),
          width: 230,
          render: (_, one) => <Reasons reasons={one.reasons.map((reason) => said(reason))} />,
        },
        {
          title: t('tk_is'),
          width: 170,
          render: (_, one) => (
            <div className="row" style={{ gap: 4 }}>
              <Select<Kind>
                size="small"
                style={{ width: 104 }}
                aria-label={`${t('tk_is')}: ${one.text.slice(0, 40)}`}
                value={one.marked === 'not_advert' ? null : one.marked}
                placeholder={one.marked === 'not_advert' ? t('tk_not_advert') : '—'}
                options={props.classes.map((c) => ({ value: c.key, label: name(c) }))}
                onChange={(talk) => mark.mutate({ source_id: one.source_id, talk })}
              />
              {one.marked && (
                <Button
                  size="small"
                  type="link"
                  onClick={() => mark.mutate({ source_id: one.source_id, talk: null })}
                >
                  {t('tk_take_back')}
                </Button>
              )}
            </div>
          ),
        },
      ]}
    />
  )
}
