/** How hard people and groups are pressed, what was not sent and why, and what is planned, with whoever would be told twice a day. */
import { useQuery } from '@tanstack/react-query'
import { Card, Empty, Table, Tabs, Tag, Tooltip } from 'antd'
import { Link } from 'react-router'
import { get } from '../api'
import { Waiting } from '../app'
import { whole } from '../format'
import { useAddress } from '../here'
import { Chart } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { type Cost, CostsCard } from '../parts/pressure'
import { GroupLink, PersonLink } from '../parts/tags'
import type { Said } from '../types'
import { useWords } from '../words'

interface Why extends Said {
  reason: string | null
  times: number
  gate: boolean
}

export interface Pressed {
  last_7d: number
  last_30d: number
  spent: number
  budget: number
  left: number
}

interface Pressure {
  states: Record<string, number>
  refused: Why[]
  waiting: Why[]
  told: { messages: number; persons: number }[]
  over: number
  reached: number
  costs: Cost[]
  persons: (Pressed & { person: number; name: string })[]
  groups: (Pressed & { group: number; name: string })[]
}

interface Calendar {
  days: {
    day: string
    collisions: number
    campaigns: { campaign: string; kind: string; name: string; persons: number; groups: number }[]
  }[]
}

export function MessagesPage() {
  const { t } = useWords()
  const at = useAddress()
  return (
    <>
      <Head title={t('ms_title')} hint={t('ms_hint')} />
      <Tabs
        activeKey={at.get('tab') === 'calendar' ? 'calendar' : 'pressure'}
        onChange={(tab) => at.set({ tab: tab === 'calendar' ? tab : null })}
        destroyOnHidden
        items={[
          { key: 'pressure', label: t('ms_tab_pressure'), children: <PressureTab /> },
          { key: 'calendar', label: t('ms_tab_calendar'), children: <CalendarTab /> },
        ]}
      />
    </>
  )
}

function PressureTab() {
  const { t } = useWords()
  const pressed = usePressed()
  const page = useQuery({
    queryKey: ['pressure'],
    queryFn: () => get<Pressure>('/api/messages/pressure'),
    refetchInterval: 30_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { states, refused, waiting, told, over, reached, costs, persons, groups } = page.data
  const sum = (...names: string[]) => names.reduce((total, name) => total + (states[name] ?? 0), 0)
  const count = (of: Why[]) => of.reduce((total, one) => total + one.times, 0)
  const out = sum('admitted', 'tasked', 'sent', 'delivered')
  const tiles = [
    {
      key: 'sent',
      title: t('ms_sent'),
      n: out,
      of: out + count(refused),
      hint: t('ms_sent_hint'),
    },
    { key: 'delivered', title: t('ms_delivered'), n: sum('delivered'), of: out },
    { key: 'refused', title: t('ms_refused'), n: count(refused), of: out + count(refused) },
    { key: 'waiting', title: t('ms_waiting'), n: count(waiting) },
    { key: 'over', title: t('ms_over'), n: over, of: reached, hint: t('ms_over_hint') },
  ]
  return (
    <div className="stack">
      <Card>
        <div className="grid tiles">
          {tiles.map(({ key, title, n, of, hint }) => (
            <div key={key} data-tile={key}>
              <Tooltip title={hint}>
                <div className="muted" style={{ fontSize: 12 }}>
                  {title}
                </div>
              </Tooltip>
              <div className="num" style={{ fontSize: 20, fontWeight: 600 }}>
                {whole(n)}
              </div>
              {of !== undefined && of > 0 && (
                <div className="muted num" style={{ fontSize: 12 }}>
                  {t('ms_of', { part: whole(n), whole: whole(of) })}
                </div>
              )}
            </div>
          ))}
        </div>
      </Card>
      <div className="grid halves">
        <Card title={t('ms_why_refused')}>
          <Reasons of={refused} none={t('ms_none_refused')} />
        </Card>
        <Card title={t('ms_why_waiting')}>
          <Reasons of={waiting} none={t('ms_none_waiting')} />
        </Card>
      </div>
      {told.length > 0 && (
        <Card title={t('ms_told')}>
          <Told told={told} />
        </Card>
      )}
      <CostsCard costs={costs} />
      <div className="grid halves">
        <Card title={t('ms_persons')}>
          <Table
            size="small"
            rowKey="person"
            dataSource={persons}
            locale={{ emptyText: t('ms_nothing') }}
            pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
            scroll={{ x: 'max-content' }}
            columns={[
              {
                title: t('nav_people'),
                render: (_, one) => <PersonLink person={one.person} name={one.name} />,
              },
              ...pressed,
            ]}
          />
        </Card>
        <Card title={t('ms_groups')}>
          <Table
            size="small"
            rowKey="group"
            dataSource={groups}
            pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
            scroll={{ x: 'max-content' }}
            columns={[
              { title: t('nav_groups'), render: (_, one) => <GroupLink group={one.group} name={one.name} /> },
              ...pressed,
            ]}
          />
        </Card>
      </div>
      <Card size="small" title={t('gr_definition')}>
        {t('ms_definition')}
      </Card>
    </div>
  )
}

function usePressed() {
  const { t } = useWords()
  const number = { align: 'right' as const, className: 'num' }
  return [
    { title: t('ms_7d'), ...number, render: (_: unknown, one: Pressed) => one.last_7d },
    { title: t('ms_30d'), ...number, render: (_: unknown, one: Pressed) => one.last_30d },
    { title: t('ms_spent'), ...number, render: (_: unknown, one: Pressed) => one.spent },
    { title: t('ms_budget'), ...number, render: (_: unknown, one: Pressed) => one.budget },
    {
      title: t('ms_left'),
      ...number,
      render: (_: unknown, one: Pressed) => (one.left < 1 ? <Tag color="red">{one.left}</Tag> : one.left),
    },
  ]
}

function Reasons({ of, none }: { of: Why[]; none: string }) {
  const { t, said } = useWords()
  return (
    <Table
      size="small"
      rowKey={(one) => one.reason ?? ''}
      dataSource={of}
      locale={{ emptyText: none }}
      pagination={false}
      columns={[
        {
          title: t('ms_reason'),
          render: (_, one) => (
            <span data-reason={one.reason ?? 'due'}>
              {one.reason ? said(one) : t('ms_its_time')}{' '}
              {one.reason && !one.gate && <Tag>{t('ms_by_wecom')}</Tag>}
            </span>
          ),
        },
        { title: t('ms_times'), align: 'right', className: 'num', render: (_, one) => whole(one.times) },
      ]}
    />
  )
}

function Told({ told }: { told: Pressure['told'] }) {
  const { t } = useWords()
  return (
    <Chart
      height={180}
      label={t('ms_told')}
      option={{
        grid: { left: 8, right: 24, top: 24, bottom: 4, containLabel: true },
        tooltip: { trigger: 'axis' },
        xAxis: { type: 'category', data: told.map((one) => t('ms_told_axis', { n: one.messages })) },
        yAxis: { type: 'value', minInterval: 1 },
        series: [{ type: 'bar', barMaxWidth: 48, data: told.map((one) => one.persons) }],
      }}
    />
  )
}

const PLACES: Record<string, string> = {
  broadcast: '/broadcasts/',
  launch: '/broadcasts/launches/',
  journey: '/journeys/',
  playbook: '/playbooks/',
}

function CampaignLink({ of }: { of: { campaign: string; kind: string; name: string } }) {
  const place = PLACES[of.kind]
  const name = of.name || of.campaign
  return place ? <Link to={place + encodeURIComponent(of.campaign)}>{name}</Link> : <span>{name}</span>
}

function CalendarTab() {
  const { t } = useWords()
  const page = useQuery({
    queryKey: ['calendar'],
    queryFn: () => get<Calendar>('/api/messages/calendar'),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  if (page.data.days.length === 0) return <Empty description={t('ms_nothing_planned')} />
  return (
    <Card>
      <Table
        size="small"
        rowKey="day"
        dataSource={page.data.days}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: t('ms_day'), dataIndex: 'day', className: 'num' },
          {
            title: t('ms_planned'),
            render: (_, one) =>
              one.campaigns.map((each) => (
                <div key={each.campaign} className="row" style={{ gap: 8 }}>
                  <CampaignLink of={each} />
                  <span className="muted num">
                    {each.persons > 0 && t('ms_to_persons', { n: whole(each.persons) })}{' '}
                    {each.groups > 0 && t('ms_to_groups', { n: whole(each.groups) })}
                  </span>
                </div>
              )),
          },
          {
            title: t('ms_collisions'),
            align: 'right',
            className: 'num',
            render: (_, one) =>
              one.collisions > 0 ? (
                <Tag color="orange">{whole(one.collisions)}</Tag>
              ) : (
                <span className="muted">{t('ms_no_collision')}</span>
              ),
          },
        ]}
      />
    </Card>
  )
}
