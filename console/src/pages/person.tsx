/** All about one person: who, worth what, where, why on this rung, and what happened. */

import { CheckCircleFilled, MoreOutlined } from '@ant-design/icons'
import { type InfiniteData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  Checkbox,
  Descriptions,
  Dropdown,
  Empty,
  Input,
  Modal,
  Select,
  Table,
  Tag,
  Timeline,
  Tooltip,
  Typography,
} from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { get, Problem, post, queries } from '../api'
import { Waiting } from '../app'
import { isId, useCalled } from '../called'
import { ago, day, money } from '../format'
import { useCatalogue, useWriting } from '../here'
import { FactBody } from '../parts/facts'
import { Failed, More } from '../parts/lists'
import { Explained, NumCell } from '../parts/numbers'
import { ForecastCard, InterestsCard, OffersCard, SlippingTag, StandingCard } from '../parts/outlook'
import { Head } from '../parts/page'
import { PressureCard } from '../parts/pressure'
import { Called, GroupLink, PersonLink, RoleTag, RungTag } from '../parts/tags'
import type { Happening, Page, PersonAnswer, PersonRow } from '../types'
import { useWords } from '../words'
import type { PersonOutlook } from './outlook-types'

export function PersonPage() {
  const { id = '' } = useParams()
  const words = useWords()
  const { t, said } = words
  const write = useWriting()
  const names = useCatalogue()
  const called = useCalled()
  const page = useQuery({
    queryKey: ['person', id],
    queryFn: () => get<PersonOutlook>(`/api/persons/${encodeURIComponent(id)}`),
  })
  if (page.error instanceof Problem && page.error.code === 'merged_into') {
    const into = Number(page.error.facts.into)
    return (
      <Alert
        type="info"
        showIcon
        title={
          <>
            {words.problem(page.error)} <PersonLink person={into} name={`#${into}`} />
          </>
        }
      />
    )
  }
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { person, points, metrics, groups, orders, reading, forecast, offers, interests, standing } =
    page.data
  const attributes = Object.entries(person.attributes).filter(([, value]) => value !== null && value !== '')
  return (
    <>
      <Head
        reading={reading}
        title={
          <span className="row">
            <span className="wrap">
              <Called name={person.name} />
              {isId(person.name) && <Typography.Text copyable={{ text: person.name }} />}
            </span>
            <RungTag rung={person.rung} />
            <RoleTag role={person.role} />
            <SlippingTag slipping={forecast?.slipping ?? null} />
            {person.rfm_cell && (
              <Tooltip title={t('rfm_hint')}>
                <Tag className="num">RFM {person.rfm_cell}</Tag>
              </Tooltip>
            )}
            {points !== null && (
              <Tooltip title={t('points_hint')}>
                <Tag className="num">{t('points_of', { points })}</Tag>
              </Tooltip>
            )}
            {person.offer_rung && <Tag>{t('of_person', { name: words.said(person.offer_rung) })}</Tag>}
            {person.staff && <Tag color="blue">{t('staff')}</Tag>}
          </span>
        }
        hint={
          <span className="row" style={{ gap: 14 }}>
            {person.source_name && <span>{`${t('source')} ${person.source_name}`}</span>}
            <span>{`${t('first_seen')} ${day(write.moment(person.first_seen_at))}`}</span>
            <span>{`${t('last_seen')} ${ago(person.last_seen_at, words)}`}</span>
          </span>
        }
      >
        {!person.erased && <Actions page={page.data} />}
      </Head>
      <div className="stack">
        {person.erased && <Alert type="warning" showIcon title={t('erased_person')} />}
        <Card>
          <div className="grid tiles">
            {names.metricsPer('person').map((card) => (
              <div key={card.key}>
                <Tooltip title={<Explained metric={card} num={metrics[card.key]} />}>
                  <div className="muted" style={{ fontSize: 12 }}>
                    {said(card)}
                  </div>
                </Tooltip>
                <div style={{ fontSize: 20, fontWeight: 600 }}>
                  <NumCell
                    metric={card.key}
                    num={metrics[card.key]}
                    about={{ per: 'person', id: person.person, name: called(person.name) }}
                  />
                </div>
              </div>
            ))}
          </div>
        </Card>
        <div className="grid wide-left">
          <div className="stack">
            <div className="grid halves">
              <ForecastCard forecast={forecast} />
              <OffersCard offers={offers} />
              <InterestsCard interests={interests} />
              <StandingCard standing={standing} days={reading?.window_days ?? 30} />
            </div>
            <Card title={t('timeline')}>
              <Happenings person={person.person} first={page.data} />
            </Card>
          </div>
          <div className="stack">
            <Card title={t('why_rung')}>
              <ul className="reasons" style={{ listStyle: 'none', paddingInlineStart: 0 }}>
                {person.rung_reasons.map((reason) => (
                  <li key={reason.en}>
                    <CheckCircleFilled
                      style={{ color: reason.met === false ? '#bbb' : '#2f9e62', marginInlineEnd: 6 }}
                    />
                    {said(reason)}
                  </li>
                ))}
              </ul>
              {person.next_rung_missing.length > 0 ? (
                <>
                  <div style={{ marginTop: 10, fontWeight: 600 }}>{t('next_rung')}</div>
                  <ul className="reasons">
                    {person.next_rung_missing.map((reason) => (
                      <li key={reason.en}>{said(reason)}</li>
                    ))}
                  </ul>
                </>
              ) : (
                person.rung === 'superfan' && <div className="muted">{t('at_top')}</div>
              )}
            </Card>
            {!person.erased && !person.staff && <PressureCard person={person.person} />}
            <Card title={t('in_groups')}>
              <Table
                size="small"
                rowKey="group"
                dataSource={groups}
                pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
                scroll={{ x: 'max-content' }}
                columns={[
                  {
                    title: t('group'),
                    render: (_, g) => (
                      <>
                        <GroupLink group={g.group} name={g.name} />
                        {!g.here && <Tag style={{ marginInlineStart: 4 }}>{t('gone')}</Tag>}
                      </>
                    ),
                  },
                  { title: t('role'), render: (_, g) => <RoleTag role={g.role} /> },
                  { title: t('messages_col'), dataIndex: 'messages', align: 'right', className: 'num' },
                  { title: t('joined_on'), className: 'num', render: (_, g) => day(g.joined_on) },
                ]}
              />
            </Card>
            <Card title={t('orders')}>
              <Orders orders={orders} />
            </Card>
            <Ids page={page.data} />
            {attributes.length > 0 && (
              <Card title={t('attributes')}>
                <Descriptions
                  column={1}
                  size="small"
                  items={attributes.map(([key, value]) => ({
                    key,
                    label: key,
                    children: <span className="wrap">{String(value)}</span>,
                  }))}
                />
              </Card>
            )}
          </div>
        </div>
      </div>
    </>
  )
}

interface HappeningPage {
  items: Happening[]
  next: string | null
}

function Happenings({ person, first }: { person: number; first: PersonAnswer }) {
  const { t, said } = useWords()
  const names = useCatalogue()
  const write = useWriting()
  const page = useInfiniteQuery({
    queryKey: ['person', String(person), 'timeline', first.reading?.reading_id, first.timeline[0]?.seq],
    queryFn: ({ pageParam }) => get<HappeningPage>(`/api/persons/${person}/timeline`, { after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    initialData: {
      pages: [{ items: first.timeline, next: first.next }],
      pageParams: [undefined],
    } as InfiniteData<HappeningPage, string | undefined>,
  })
  const rows = page.data.pages.flatMap((p) => p.items)
  if (!rows.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('timeline_none')} />
  return (
    <>
      <Timeline
        style={{ paddingTop: 6 }}
        items={rows.map((row) => ({
          key: row.seq,
          color: COLOUR_OF[row.kind.split('.')[0] ?? ''] ?? 'gray',
          content: (
            <Tooltip placement="topLeft" title={<FactBody fact={{ body: row.facts, names: {} }} />}>
              <span className="muted num" style={{ marginInlineEnd: 10, fontSize: 12 }}>
                {write.moment(row.happened_at)}
              </span>
              <span className="wrap" title={names.kindName(row.kind)}>
                {said(row)}
              </span>
            </Tooltip>
          ),
        }))}
      />
      <More page={page} shown={rows.length} total={null} />
    </>
  )
}
const COLOUR_OF: Record<string, string> = {
  order: '#c2571a',
  member: '#4c78c9',
  contact: '#2f9e62',
  message: '#0f9d8a',
  tag: '#8f6cc0',
  consent: '#8f6cc0',
}

function Orders({ orders }: { orders: PersonAnswer['orders'] }) {
  const { t, maybe } = useWords()
  const write = useWriting()
  if (!orders.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('orders_none')} />
  return (
    <div className="stack" style={{ gap: 6, maxHeight: 360, overflow: 'auto' }}>
      {orders.map((o) => (
        <div key={`${o.order}${o.kind}${o.happened_at}`} className="between" style={{ flexWrap: 'nowrap' }}>
          <span className="wrap">
            <span className="num muted">{day(write.moment(o.happened_at))}</span>{' '}
            {maybe(o.kind.replace('.', '_'), o.kind)}{' '}
            <span className="muted">{o.lines?.length ? <Lines lines={o.lines} /> : o.order}</span>
          </span>
          <span className="num">
            {money(o.kind === 'order.refunded' ? -o.amount_fen : o.amount_fen, write.currency, true)}
          </span>
        </div>
      ))}
    </div>
  )
}

function Lines({ lines }: { lines: NonNullable<PersonAnswer['orders'][number]['lines']> }) {
  return <>{lines.map((l) => (l.qty === 1 ? l.sku : `${l.sku} × ${l.qty}`)).join(', ')}</>
}

/** The ids that were found to be one person; some can be split off again. */
function Ids({ page }: { page: PersonAnswer }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const [chosen, choose] = useState<number[]>([])
  const { ids, person } = page.person
  const split = useMutation({
    mutationFn: () => post<{ person: number }>(`/api/persons/${person}/split`, { handles: chosen }),
    onSuccess: async (made) => {
      message.success(t('split_done'))
      choose([])
      await queries.invalidateQueries()
      navigate(`/people/${made.person}`)
    },
    onError: (error) => message.error(problem(error)),
  })
  if (!ids.length) return null
  return (
    <Card title={t('ids')} extra={ids.length > 1 && <span className="muted">{t('split_pick')}</span>}>
      <Checkbox.Group
        value={chosen}
        onChange={(values) => choose(values as number[])}
        style={{ display: 'flex', flexDirection: 'column', gap: 4 }}
        options={ids.map((id) => ({
          value: id.handle,
          disabled: ids.length < 2,
          label: (
            <span className="wrap">
              <span className="muted">{id.type}</span> {id.value}
            </span>
          ),
        }))}
      />
      {chosen.length > 0 && chosen.length < ids.length && (
        <Button
          size="small"
          style={{ marginTop: 10 }}
          loading={split.isPending}
          onClick={() => split.mutate()}
        >
          {t('split')}
        </Button>
      )}
    </Card>
  )
}

function Actions({ page }: { page: PersonAnswer }) {
  const { t } = useWords()
  const [doing, setDoing] = useState<'erase' | 'merge' | null>(null)
  const { person, name } = page.person
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            {
              key: 'export',
              label: (
                <a href={`/api/persons/${person}/export`} download>
                  {t('export_person')}
                </a>
              ),
            },
            { key: 'merge', label: t('merge') },
            { type: 'divider' },
            { key: 'erase', danger: true, label: t('erase') },
          ],
          onClick: ({ key }) => (key === 'erase' || key === 'merge') && setDoing(key),
        }}
      >
        <Button icon={<MoreOutlined />} aria-label={t('menu')} />
      </Dropdown>
      {doing === 'erase' && <Erase person={person} name={name} close={() => setDoing(null)} />}
      {doing === 'merge' && <Merge person={person} close={() => setDoing(null)} />}
    </>
  )
}

function Erase({ person, name, close }: { person: number; name: string; close: () => void }) {
  const { t, problem } = useWords()
  const { modal } = App.useApp()
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: () => post<{ receipt_id: string }>(`/api/persons/${person}/erase`, { confirm: typed }),
    onSuccess: async (receipt) => {
      modal.success({ title: t('erase_done', { id: receipt.receipt_id }) })
      navigate('/people')
      await queries.invalidateQueries()
    },
  })
  return (
    <Modal
      open
      title={t('erase_title', { name })}
      okText={t('erase')}
      cancelText={t('cancel')}
      okButtonProps={{ danger: true, disabled: typed.trim() !== name }}
      confirmLoading={erase.isPending}
      onOk={() => erase.mutate()}
      onCancel={close}
    >
      <div className="stack">
        <div>
          {t('erase_text')} <strong>{name}</strong>
        </div>
        <Input value={typed} aria-label={t('confirm')} onChange={(event) => setTyped(event.target.value)} />
        {erase.error && <Alert type="error" showIcon title={problem(erase.error)} />}
      </div>
    </Modal>
  )
}

function Merge({ person, close }: { person: number; close: () => void }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const [q, setQ] = useState('')
  const [other, setOther] = useState<number>()
  const called = useCalled()
  const found = useQuery({
    queryKey: ['/api/persons', 'pick', q],
    queryFn: () => get<Page<PersonRow>>('/api/persons', { q, limit: 20 }),
    enabled: q.trim().length > 0,
  })
  const merge = useMutation({
    mutationFn: () => post(`/api/persons/${person}/merge`, { with: other }),
    onSuccess: async () => {
      message.success(t('merged'))
      close()
      await queries.invalidateQueries()
    },
  })
  return (
    <Modal
      open
      title={t('merge_title')}
      okText={t('merge')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: other === undefined }}
      confirmLoading={merge.isPending}
      onOk={() => merge.mutate()}
      onCancel={close}
    >
      <div className="stack">
        <div>{t('merge_text')}</div>
        <Select
          showSearch={{ filterOption: false, onSearch: setQ }}
          value={other ?? null}
          placeholder={t('merge_pick')}
          notFoundContent={null}
          onChange={(chosen: number) => setOther(chosen)}
          options={(found.data?.items ?? [])
            .filter((p) => p.person !== person)
            .map((p) => ({ value: p.person, label: `${called(p.name)} #${p.person}` }))}
        />
        {merge.error && <Alert type="error" showIcon title={problem(merge.error)} />}
      </div>
    </Modal>
  )
}
