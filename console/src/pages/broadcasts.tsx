/** Broadcasts and launches: what is drafted, waiting, under way and done. */
import { PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import {
  App,
  Button,
  Card,
  DatePicker,
  Drawer,
  Empty,
  Form,
  Input,
  InputNumber,
  Progress,
  Segmented,
  Table,
  Tabs,
  Tag,
  Tooltip,
} from 'antd'
import type { Dayjs } from 'dayjs'
import dayjs from 'dayjs'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { get, post, queries } from '../api'
import { DASH, money, whole } from '../format'
import { useAddress, useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { useWords } from '../words'
import {
  COUNTED,
  type Counts,
  type LaunchRow,
  type Listed,
  type Options,
  type Plan,
  type State,
  type Sum,
} from './broadcast-types'
import { WhomForm } from './broadcast-whom'

export const NOTHING: Plan = {
  whom: {
    type: 'persons',
    everyone: false,
    segments: [],
    audiences: [],
    persons: [],
    without_segments: [],
    not_ordered_since: null,
  },
  variants: [{ name: 'A', message: { text: '', attachments: [] }, share: 1 }],
  goal: { what: 'order', days: 7, planned_orders: null, planned_fen: null },
  when: { kind: 'now', at: null },
  sender: null,
  holdout: 0.05,
  lasts_hours: 72,
  worth_fen: 0,
  words: 'auto',
}
const STATES: State[] = ['draft', 'scheduled', 'approved', 'proposing', 'sending', 'done', 'cancelled']
const COLOUR: Record<string, string> = {
  draft: 'default',
  approved: 'blue',
  scheduled: 'blue',
  proposing: 'processing',
  sending: 'processing',
  running: 'processing',
  done: 'success',
  cancelled: 'default',
}

export function StateTag({ state }: { state: State | LaunchRow['state'] }) {
  const { t } = useWords()
  return (
    <Tag color={COLOUR[state]} data-state={state}>
      {t(`bc_state_${state}`)}
    </Tag>
  )
}

export function BroadcastsPage() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const address = useAddress()
  const go = useNavigate()
  const [planning, setPlanning] = useState(false)
  const tab = address.get('tab') === 'launches' ? 'launches' : 'broadcasts'
  const make = useMutation({
    mutationFn: () =>
      post<Listed>('/api/broadcasts', { name: t('bc_unnamed'), purpose: 'sell', plan: NOTHING }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['broadcasts'] })
      void go(`/broadcasts/${made.campaign_id}`)
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <>
      <Head title={t('bc_title')} hint={t('bc_hint')}>
        {tab === 'launches' ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setPlanning(true)}>
            {t('bc_new_launch')}
          </Button>
        ) : (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            {t('bc_new')}
          </Button>
        )}
      </Head>
      <Tabs
        activeKey={tab}
        onChange={(key) => address.set({ tab: key === 'launches' ? key : null, state: null })}
        items={[
          { key: 'broadcasts', label: t('bc_tab_broadcasts'), children: <Broadcasts /> },
          { key: 'launches', label: t('bc_tab_launches'), children: <Launches /> },
        ]}
      />
      <Drawer
        open={planning}
        onClose={() => setPlanning(false)}
        title={t('bc_new_launch')}
        size={560}
        destroyOnHidden
      >
        <NewLaunch />
      </Drawer>
    </>
  )
}

function Broadcasts() {
  const { t } = useWords()
  const write = useWriting()
  const address = useAddress()
  const state = address.get('state')
  const list = useQuery({
    queryKey: ['broadcasts', state],
    queryFn: () => get<{ items: Listed[] }>('/api/broadcasts', { state }),
    refetchInterval: 5_000,
  })
  const brought = useQuery({
    queryKey: ['broadcasts-brought'],
    queryFn: () => get<{ items: Record<string, Sum> }>('/api/broadcasts-brought'),
    refetchInterval: 60_000,
  })
  if (list.error) return <Failed error={list.error} retry={() => void list.refetch()} />
  const items = list.data?.items
  return (
    <div className="stack">
      <Segmented
        value={state ?? ''}
        onChange={(chosen) => address.set({ state: chosen || null })}
        options={[
          { value: '', label: t('bc_all_states') },
          ...STATES.map((one) => ({ value: one, label: t(`bc_state_${one}`) })),
        ]}
        style={{ alignSelf: 'flex-start', maxWidth: '100%', overflow: 'auto' }}
      />
      {items && !items.length ? (
        <Card>
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('bc_none')}>
            <p className="muted">{t('bc_none_text')}</p>
          </Empty>
        </Card>
      ) : (
        <Card styles={{ body: { padding: 0 } }}>
          <Table
            rowKey="campaign_id"
            loading={!items}
            dataSource={items ?? []}
            pagination={(items?.length ?? 0) > 20 ? { pageSize: 20, showSizeChanger: false } : false}
            scroll={{ x: 820 }}
            columns={[
              {
                title: t('bc_name'),
                render: (_, row) => (
                  <div style={{ maxWidth: 280 }}>
                    <Link to={`/broadcasts/${row.campaign_id}`}>{row.name}</Link>
                    <div
                      className="muted"
                      style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
                    >
                      {asWritten(row.text) || DASH}
                    </div>
                  </div>
                ),
              },
              { title: t('bc_state'), render: (_, row) => <StateTag state={row.state} /> },
              {
                title: t('bc_step_whom'),
                render: (_, row) => (
                  <div>
                    {t(row.channel === 'group' ? 'bc_to_groups' : 'bc_to_persons')}
                    {row.audience !== null && (
                      <div className="muted num">
                        {t('bc_audience_n', { n: whole(row.audience) })}
                        {row.held_out ? ` · ${t('bc_held_out_n', { n: whole(row.held_out) })}` : ''}
                      </div>
                    )}
                  </div>
                ),
              },
              {
                title: t('bc_when'),
                className: 'num',
                render: (_, row) => (row.begins_at ? write.moment(row.begins_at) : DASH),
              },
              { title: t('bc_progress'), width: 220, render: (_, row) => <CountBar counts={row.counts} /> },
              {
                title: t('bc_results'),
                align: 'right',
                className: 'num',
                render: (_, row) => {
                  const sum = brought.data?.items[row.campaign_id]
                  if (!sum) return DASH
                  return (
                    <Link to={`/broadcasts/${row.campaign_id}`}>
                      {t('bc_results_orders', { n: whole(sum.acts), people: whole(sum.people) })}
                      {sum.amount_fen > 0 && <div>{money(sum.amount_fen, write.currency)}</div>}
                    </Link>
                  )
                },
              },
            ]}
          />
        </Card>
      )}
    </div>
  )
}

/** A text in a line: what stands for a variable in place of its code. */
export const asWritten = (text: string) =>
  text.replace(/\{\{\s*([^|}\s]+)\s*(?:\|\s*or_else\(\s*"([^"]*)"\s*\))?\s*\}\}/g, (_, name, otherwise) =>
    otherwise ? `〔${otherwise}〕` : `〔${name}〕`,
  )

/** How many got it, of all that were proposed; the rest by what holds them. */
export function CountBar({ counts }: { counts: Counts }) {
  const { t } = useWords()
  const all = COUNTED.reduce((sum, key) => sum + counts[key], 0)
  if (!all) return <span className="muted">{DASH}</span>
  const told = COUNTED.filter((key) => counts[key] > 0)
  return (
    <Tooltip title={told.map((key) => `${t(`bc_count_${key}`)} ${whole(counts[key])}`).join(' · ')}>
      <div>
        <Progress percent={Math.round((100 * counts.delivered) / all)} size="small" />
        <div className="muted" style={{ fontSize: 12 }}>
          {told.map((key) => `${t(`bc_count_${key}`)} ${whole(counts[key])}`).join(' · ')}
        </div>
      </div>
    </Tooltip>
  )
}

function Launches() {
  const { t, said } = useWords()
  const write = useWriting()
  const list = useQuery({
    queryKey: ['launch-plans'],
    queryFn: () => get<{ items: LaunchRow[] }>('/api/launch-plans'),
    refetchInterval: 10_000,
  })
  const options = useOptions()
  if (list.error) return <Failed error={list.error} retry={() => void list.refetch()} />
  const called = new Map(options?.waves.map((wave) => [wave.key, wave]))
  return (
    <div className="stack">
      <div className="between">
        <span className="muted">{t('la_hint')}</span>
        <Link to="/launches">{t('la_found')}</Link>
      </div>
      {list.data && !list.data.items.length ? (
        <Card>
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('la_none')}>
            <p className="muted">{t('la_none_text')}</p>
          </Empty>
        </Card>
      ) : (
        <Card styles={{ body: { padding: 0 } }}>
          <Table
            rowKey="campaign_id"
            loading={!list.data}
            dataSource={list.data?.items ?? []}
            pagination={false}
            scroll={{ x: 760 }}
            columns={[
              {
                title: t('bc_name'),
                render: (_, row) => (
                  <div>
                    <Link to={`/broadcasts/launches/${row.campaign_id}`}>{row.name}</Link>
                    <div className="muted">{row.goods}</div>
                  </div>
                ),
              },
              { title: t('bc_state'), render: (_, row) => <StateTag state={row.state} /> },
              { title: t('la_opens'), className: 'num', render: (_, row) => write.moment(row.opens_at) },
              {
                title: t('la_waves'),
                render: (_, row) => (
                  <span className="row" style={{ gap: 2 }}>
                    {row.steps.map((step) => {
                      const wave = called.get(step.key)
                      return (
                        <Tooltip key={step.campaign_id} title={t(`bc_state_${step.state}`)}>
                          <Tag color={COLOUR[step.state]}>{wave ? said(wave) : step.key}</Tag>
                        </Tooltip>
                      )
                    })}
                  </span>
                ),
              },
              {
                title: t('la_planned'),
                className: 'num',
                align: 'right',
                render: (_, row) =>
                  row.planned_orders === null
                    ? DASH
                    : `${whole(row.planned_orders)}${row.planned_fen === null ? '' : ` · ${money(row.planned_fen, write.currency)}`}`,
              },
            ]}
          />
        </Card>
      )}
    </div>
  )
}

export function useOptions(): Options | undefined {
  const { data } = useQuery({
    queryKey: ['broadcast-options'],
    queryFn: () => get<Options>('/api/broadcast-options'),
  })
  return data
}

/** What a clock of the company's zone shows, as an instant, and back. */
export const instantOf = (at: Dayjs, zone: string) =>
  dayjs.tz(at.format('YYYY-MM-DDTHH:mm:ss'), zone).toISOString()
export const clockOf = (at: string, zone: string) => dayjs(dayjs(at).tz(zone).format('YYYY-MM-DDTHH:mm:ss'))

interface NewLaunchForm {
  name: string
  goods: string
  opens: Dayjs
  orders?: number
  price?: number
}

function NewLaunch() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const write = useWriting()
  const go = useNavigate()
  const options = useOptions()
  const [whom, setWhom] = useState<Plan['whom']>({ type: 'groups', everyone: true, groups: [], stages: [] })
  const make = useMutation({
    mutationFn: (form: NewLaunchForm) =>
      post<LaunchRow>('/api/launch-plans', {
        name: form.name,
        goods: form.goods,
        opens_at: instantOf(form.opens, write.zone),
        whom,
        planned_orders: form.orders ?? null,
        price_fen: form.price === undefined || form.price === null ? null : Math.round(form.price * 100),
      }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['launch-plans'] })
      void go(`/broadcasts/launches/${made.campaign_id}`)
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Form<NewLaunchForm>
      layout="vertical"
      initialValues={{ opens: dayjs().add(4, 'day').hour(20).minute(0).second(0) }}
      onFinish={(form) => make.mutate(form)}
    >
      <p className="muted">{t('la_hint')}</p>
      <Form.Item name="name" label={t('bc_name')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="goods" label={t('la_goods')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item
        name="opens"
        label={t('la_opens')}
        extra={t('bc_zone', { zone: write.zone })}
        rules={[{ required: true }]}
      >
        <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item label={t('bc_step_whom')}>
        {options && <WhomForm whom={whom} change={setWhom} options={options} />}
      </Form.Item>
      <div className="row" style={{ gap: 16 }}>
        <Form.Item name="orders" label={t('la_planned_orders')}>
          <InputNumber min={0} max={1_000_000} precision={0} />
        </Form.Item>
        <Form.Item name="price" label={t('la_price')}>
          <InputNumber min={0} precision={2} prefix="¥" />
        </Form.Item>
      </div>
      <Button type="primary" htmlType="submit" loading={make.isPending}>
        {t('la_create')}
      </Button>
    </Form>
  )
}
