/** Plans of splits and merges: who would go where and why, in a picture and in a table. Nobody is moved. */

import { DownloadOutlined } from '@ant-design/icons'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import {
  Alert,
  Button,
  Card,
  Empty,
  Input,
  InputNumber,
  Segmented,
  Select,
  Slider,
  Spin,
  Table,
  Tag,
  Tooltip,
  theme,
} from 'antd'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { address, get } from '../api'
import { Waiting } from '../app'
import { calledAs, useCalled } from '../called'
import { ratio } from '../format'
import { useAddress, useWriting } from '../here'
import { Chart, COLOURS, plain } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Tile } from '../parts/numbers'
import { Head } from '../parts/page'
import { PersonLink } from '../parts/tags'
import type { GroupRow, Num, Page } from '../types'
import { useWords, type Words } from '../words'
import { Dot } from './overlap'
import type { Attribute, MergeAnswer, PlanReason, SplitAnswer, SplitPlan } from './plan-types'

const colourOf = (part: number) => COLOURS[part % COLOURS.length] ?? '#0f9d8a'
const KNOWN_ATTRIBUTES = new Set([
  'city',
  'province',
  'region',
  'gender',
  'sex',
  'age',
  'birthday',
  'interest',
  'rung',
  'source',
  'job',
  'occupation',
])

export function SplitPage() {
  const { t } = useWords()
  const at = useAddress()
  const mode = at.get('mode') === 'merge' ? 'merge' : 'split'
  const groups = (at.get('groups') ?? '').split(',').filter((word) => /^\d+$/.test(word))
  return (
    <>
      <Head title={t('sp_title')} hint={t('sp_hint')}>
        <Segmented
          value={mode}
          onChange={(chosen) => at.set({ mode: chosen === 'split' ? null : chosen })}
          options={[
            { value: 'split', label: t('sp_mode_split') },
            { value: 'merge', label: t('sp_mode_merge') },
          ]}
        />
      </Head>
      <Card size="small" style={{ marginBottom: 16 }}>
        <GroupChoice groups={groups} choose={(chosen) => at.set({ groups: chosen.join(',') })} />
      </Card>
      {groups.length === 0 ? (
        <Card>
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('sp_choose')} />
        </Card>
      ) : mode === 'merge' ? (
        <Merge groups={groups} />
      ) : (
        <Split key={groups.join(',')} groups={groups} />
      )}
    </>
  )
}

/** A search among all groups; those chosen keep their names. */
function GroupChoice({ groups, choose }: { groups: string[]; choose: (groups: string[]) => void }) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const soon = setTimeout(() => setAsked(typed.trim()), 300)
    return () => clearTimeout(soon)
  }, [typed])
  const found = useQuery({
    queryKey: ['groups-to-plan', asked],
    queryFn: () =>
      get<Page<GroupRow>>('/api/groups', { q: asked, sort: 'members', order: 'desc', limit: 50 }),
    placeholderData: keepPreviousData,
  })
  const named = useQuery({
    queryKey: ['groups-named', groups.join(',')],
    queryFn: async () =>
      Promise.all(
        groups.map(async (group) => {
          const page = await get<{ group: { name: string } }>(`/api/groups/${group}`)
          return { value: group, label: page.group.name }
        }),
      ),
    enabled: groups.length > 0,
    placeholderData: keepPreviousData,
  })
  const options = new Map<string, string>(named.data?.map((g) => [g.value, g.label]))
  for (const row of found.data?.items ?? []) options.set(String(row.group), row.name)
  return (
    <div className="row">
      <span className="muted">{t('sp_groups')}</span>
      <Select
        mode="multiple"
        style={{ minWidth: 260, flex: 1 }}
        maxCount={20}
        value={groups}
        placeholder={t('sp_groups_pick')}
        aria-label={t('sp_groups')}
        loading={found.isFetching}
        showSearch={{ filterOption: false, onSearch: setTyped }}
        options={[...options].map(([value, label]) => ({ value, label }))}
        onChange={choose}
      />
    </div>
  )
}

// ---- split -------------------------------------------------------------------------------------------

function readWishes(text: string | undefined): Record<string, number> {
  const wishes: Record<string, number> = {}
  for (const one of (text ?? '').split(',')) {
    const cut = one.lastIndexOf(':')
    const weight = Number(one.slice(cut + 1))
    if (cut > 0 && Number.isFinite(weight) && weight >= 0 && weight <= 3) wishes[one.slice(0, cut)] = weight
  }
  return wishes
}
const written = (wishes: Record<string, number>) =>
  Object.entries(wishes)
    .filter(([, weight]) => weight > 0)
    .map(([key, weight]) => `${key}:${weight}`)
    .join(',')

function Split({ groups }: { groups: string[] }) {
  const words = useWords()
  const { t } = words
  const at = useAddress()
  const asked = {
    groups: groups.join(','),
    parts: at.get('parts') === 'auto' ? undefined : (at.number('parts') ?? 2),
    cap: at.number('cap') ?? 500,
    ties: at.number('ties') ?? 1,
    circles: at.number('circles') ?? 1,
    leaders: at.number('leaders') ?? 1,
    near: at.get('near'),
    contrast: at.get('contrast'),
  }
  const page = useQuery({
    queryKey: ['split', asked],
    queryFn: () => get<SplitAnswer>('/api/split', asked),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { plan, impossible, attributes, people } = page.data
  return (
    <div className="grid narrow-left">
      <Wishes asked={asked} attributes={attributes} people={people} busy={page.isFetching} />
      <div className="stack">
        {impossible && (
          <Alert
            type="warning"
            showIcon
            title={t(`sp_${impossible.code}`, {
              people: impossible.people,
              parts: impossible.parts ?? '—',
              cap: impossible.cap ?? '—',
              needed: impossible.needed ?? '—',
            })}
            action={
              impossible.needed !== null && (
                <Button size="small" onClick={() => at.set({ parts: impossible.needed })}>
                  {t('sp_parts_title', { n: impossible.needed })}
                </Button>
              )
            }
          />
        )}
        {plan && (
          <>
            <Figures plan={plan} />
            <Card title={t('sp_parts_title', { n: plan.parts.length })}>
              <Picture plan={plan} />
              <div className="muted" style={{ fontSize: 12 }}>
                {t('sp_picture')}
              </div>
            </Card>
            <Parts plan={plan} />
            {plan.spread.length > 0 && <Spread plan={plan} words={words} />}
            <Placed plan={plan} people={people} csv={address('/api/split.csv', asked)} />
          </>
        )}
      </div>
    </div>
  )
}

function Wishes(props: {
  asked: {
    parts: number | undefined
    cap: number
    ties: number
    circles: number
    leaders: number
    near: string | undefined
    contrast: string | undefined
  }
  attributes: Attribute[]
  people: number
  busy: boolean
}) {
  const { t, maybe } = useWords()
  const at = useAddress()
  const { asked, attributes, people } = props
  const near = readWishes(asked.near)
  const contrast = readWishes(asked.contrast)
  const called = (key: string) => (KNOWN_ATTRIBUTES.has(key) ? maybe(`attr_${key}`, key) : key)
  const of = (attribute: Attribute) => t('sp_known', { n: attribute.known, all: people })
  return (
    <Card
      title={t('sp_weights')}
      extra={props.busy && <Spin size="small" aria-label={t('sp_working')} />}
      className="stays"
    >
      <div className="stack" style={{ gap: 10 }}>
        <div className="between">
          <span>{t('sp_parts')}</span>
          <span className="row">
            <InputNumber
              style={{ width: 76 }}
              min={1}
              max={Math.max(1, people)}
              precision={0}
              value={asked.parts ?? null}
              aria-label={t('sp_parts')}
              onChange={(n) => at.set({ parts: n === null ? 'auto' : n })}
            />
            <Button
              size="small"
              type={asked.parts === undefined ? 'primary' : 'default'}
              onClick={() => at.set({ parts: asked.parts === undefined ? 2 : 'auto' })}
            >
              {t('sp_parts_auto')}
            </Button>
          </span>
        </div>
        <div className="between">
          <span>{t('sp_cap')}</span>
          <InputNumber
            style={{ width: 96 }}
            min={1}
            max={50_000}
            precision={0}
            value={asked.cap}
            aria-label={t('sp_cap')}
            onChange={(n) => n !== null && at.set({ cap: n })}
          />
        </div>
        <Weight title={t('sp_w_ties')} value={asked.ties} set={(n) => at.set({ ties: n })} />
        <Weight title={t('sp_w_circles')} value={asked.circles} set={(n) => at.set({ circles: n })} />
        <Weight title={t('sp_w_leaders')} value={asked.leaders} set={(n) => at.set({ leaders: n })} />
        {attributes.length === 0 && <div className="muted">{t('sp_no_attributes')}</div>}
        {attributes.length > 0 && (
          <>
            <strong>{t('sp_near')}</strong>
            {attributes.map((attribute) => (
              <Weight
                key={attribute.key}
                title={t('sp_near_add', { what: called(attribute.key) })}
                hint={`${of(attribute)}${attribute.values.length ? ` · ${attribute.values.join(' / ')}` : ''}`}
                value={near[attribute.key] ?? 0}
                set={(n) => at.set({ near: written({ ...near, [attribute.key]: n }) })}
              />
            ))}
            <strong>{t('sp_contrast')}</strong>
            {attributes
              .filter((attribute) => attribute.kind === 'kind')
              .map((attribute) => (
                <Weight
                  key={attribute.key}
                  title={t('sp_contrast_add', { what: called(attribute.key) })}
                  hint={`${of(attribute)} · ${attribute.values.join(' / ')}`}
                  value={contrast[attribute.key] ?? 0}
                  set={(n) => at.set({ contrast: written({ ...contrast, [attribute.key]: n }) })}
                />
              ))}
            <div className="muted" style={{ fontSize: 12 }}>
              {t('sp_three')}
            </div>
          </>
        )}
      </div>
    </Card>
  )
}

/** A slider with a word for where it stands. */
function Weight(props: { title: string; hint?: string; value: number; set: (n: number) => void }) {
  const { t } = useWords()
  const [shown, setShown] = useState(props.value)
  useEffect(() => setShown(props.value), [props.value])
  const word = t((['sp_w_0', 'sp_w_1', 'sp_w_2', 'sp_w_3'] as const)[Math.round(shown)] ?? 'sp_w_1')
  return (
    <div>
      <div className="between">
        <Tooltip title={props.hint}>
          <span>{props.title}</span>
        </Tooltip>
        <span className="muted" style={{ fontSize: 12 }}>
          {word}
        </span>
      </div>
      <Slider
        style={{ margin: '4px 6px' }}
        min={0}
        max={3}
        step={0.5}
        value={shown}
        aria-label={props.title}
        tooltip={{ open: false }}
        onChange={setShown}
        onChangeComplete={props.set}
      />
    </div>
  )
}

function Explain({ text, num, children }: { text: string; num?: Num; children: ReactNode }) {
  const { t } = useWords()
  const of =
    num && ratio(num) !== null && num.unit === 'share'
      ? t('part_of_whole', { part: Math.round(num.part ?? 0), whole: Math.round(num.whole ?? 0) })
      : null
  return (
    <Tooltip
      title={
        <>
          {text}
          {of && <div className="num">{of}</div>}
        </>
      }
    >
      <span>{children}</span>
    </Tooltip>
  )
}

function Figures({ plan }: { plan: SplitPlan }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Card>
      <div className="grid tiles">
        <Tile
          label={t('sp_cut')}
          hint={`${t('sp_by_lot')} ${write.num(plan.cut_by_lot)} · ${t('sp_by_joining')} ${write.num(plan.cut_by_joining)}`}
        >
          <Explain text={t('sp_cut_def')} num={plan.cut}>
            {write.num(plan.cut)}
          </Explain>
        </Tile>
        <Tile label={t('sp_circles_kept')} hint={`${plan.circles.part} / ${plan.circles.whole}`}>
          <Explain text={t('sp_circles_def')} num={plan.circles}>
            {write.num(plan.circles)}
          </Explain>
        </Tile>
        <Tile label={t('sp_torn')} hint={`${plan.torn.part} / ${plan.torn.whole}`}>
          <Explain text={t('sp_torn_def')} num={plan.torn}>
            {write.num(plan.torn)}
          </Explain>
        </Tile>
        <Tile
          label={t('sp_balance')}
          hint={plan.parts
            .map((p) => p.size)
            .slice(0, 8)
            .join(' · ')}
        >
          <Explain text={t('sp_balance_def')} num={plan.balance}>
            {write.num(plan.balance)}
          </Explain>
        </Tile>
      </div>
    </Card>
  )
}

/** Parts as discs of people, those that lose most ties to each other side by side. */
function Picture({ plan }: { plan: SplitPlan }) {
  const { t } = useWords()
  const called = useCalled()
  const { token } = theme.useToken()
  const navigate = useNavigate()
  const option = useMemo(() => {
    const most = Math.max(1, ...plan.parts.map((p) => p.size))
    const radius = (size: number) => 12 + 88 * Math.sqrt(size / most)
    const places = placesOf(plan.parts.map((p) => radius(p.size)))
    const discs = plan.parts.map((p, n) => ({
      id: `part-${p.part}`,
      name: t('sp_part', { n: p.part + 1 }),
      ...places[n],
      symbolSize: 1,
      label: {
        show: true,
        position: 'top',
        distance: radius(p.size) * 0.9,
        formatter: `${t('sp_part', { n: p.part + 1 })} · ${p.size}`,
        color: token.colorText,
        fontWeight: 600,
        backgroundColor: token.colorBgContainer,
        borderRadius: 4,
        padding: [2, 6],
      },
      itemStyle: { color: 'transparent' },
      part: p,
    }))
    const seen = plan.parts.map(() => 0)
    const dots = plan.people.map((person) => {
      const n = seen[person.part] ?? 0
      seen[person.part] = n + 1
      const size = plan.parts[person.part]?.size ?? 1
      const far = radius(size) * 0.86 * Math.sqrt((n + 0.5) / size)
      const angle = n * 2.399963
      const place = places[person.part] ?? { x: 0, y: 0 }
      return {
        id: String(person.person),
        name: called(person.name),
        x: place.x + far * Math.cos(angle),
        y: place.y + far * Math.sin(angle),
        symbolSize: person.leader ? 15 : Math.max(3, Math.min(8, 90 / Math.sqrt(size))),
        itemStyle: {
          color: colourOf(person.part),
          opacity: person.known > 0 && person.lost === person.known ? 0.35 : 0.9,
          borderColor: person.leader ? token.colorText : 'transparent',
          borderWidth: person.leader ? 1.5 : 0,
        },
        person,
      }
    })
    const strongest = Math.max(1e-9, ...plan.between.flat())
    const links = plan.between.flatMap((row, i) =>
      row.flatMap((weight, j) =>
        weight > 0.02 * strongest
          ? [
              {
                source: `part-${i}`,
                target: `part-${j}`,
                value: weight,
                lineStyle: { width: 1 + 11 * (weight / strongest), opacity: 0.28 },
              },
            ]
          : [],
      ),
    )
    return {
      animation: false,
      tooltip: {
        formatter: (over: {
          dataType?: string
          value?: number
          data?: { person?: SplitPlan['people'][number]; part?: SplitPlan['parts'][number] }
        }) => {
          if (over.dataType === 'edge') return `${t('sp_cut')} ${Math.round(over.value ?? 0)}`
          const person = over.data?.person
          if (person) {
            const kept = t('sp_r_ties', { part: person.known - person.lost, whole: person.known })
            return `<b>${plain(called(person.name))}</b><br>${t('sp_part', { n: person.part + 1 })}<br>${kept}`
          }
          return ''
        },
      },
      series: [
        {
          type: 'graph',
          layout: 'none',
          roam: true,
          preserveAspect: true,
          top: 40,
          bottom: 10,
          left: 10,
          right: 10,
          data: [...dots, ...discs],
          links,
          lineStyle: { color: token.colorTextSecondary },
          emphasis: { scale: false },
        },
      ],
    }
  }, [plan, token, t, called])
  return (
    <Chart
      option={option}
      height={plan.parts.length > 6 ? 560 : 440}
      label={t('sp_parts_title', { n: plan.parts.length })}
      onClick={(event) => {
        const person = (event.data as { person?: { person: number } } | undefined)?.person
        if (person) navigate(`/people/${person.person}`)
      }}
    />
  )
}

/** Discs in rows, none over another. */
function placesOf(radii: number[]): { x: number; y: number }[] {
  const columns = radii.length <= 4 ? radii.length : Math.ceil(Math.sqrt(radii.length * 1.9))
  const step = 2 * Math.max(...radii, 1) + 44
  return radii.map((_, n) => {
    const row = Math.floor(n / columns)
    const inRow = Math.min(columns, radii.length - row * columns)
    return { x: ((n % columns) + (columns - inRow) / 2) * step, y: row * step }
  })
}

function Parts({ plan }: { plan: SplitPlan }) {
  const { t } = useWords()
  return (
    <Card styles={{ body: { padding: 0 } }}>
      <Table
        size="small"
        rowKey="part"
        dataSource={plan.parts}
        pagination={{ pageSize: 12, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: '', render: (_, p) => <PartName part={p.part} /> },
          { title: t('sp_size'), dataIndex: 'size', align: 'right', className: 'num' },
          { title: t('sp_leaders'), dataIndex: 'leaders', align: 'right', className: 'num' },
          { title: t('sp_whole_circles'), dataIndex: 'circles_whole', align: 'right', className: 'num' },
          {
            title: t('sp_inside_ties'),
            align: 'right',
            className: 'num',
            render: (_, p) => Math.round(p.ties).toLocaleString('en-US'),
          },
        ]}
      />
    </Card>
  )
}

function PartName({ part }: { part: number }) {
  const { t } = useWords()
  return (
    <span className="row nowrap" style={{ gap: 6 }}>
      <Dot colour={colourOf(part)} />
      {t('sp_part', { n: part + 1 })}
    </span>
  )
}

function Spread({ plan, words }: { plan: SplitPlan; words: Words }) {
  const { t } = words
  return (
    <Card title={t('sp_spread')}>
      {plan.spread.map((one) => (
        <Table
          key={one.key}
          size="small"
          rowKey="value"
          dataSource={one.values}
          pagination={false}
          scroll={{ x: 'max-content' }}
          columns={[
            { title: words.maybe(`attr_${one.key}`, one.key), dataIndex: 'value' },
            ...plan.parts.slice(0, 20).map((p) => ({
              title: <PartName part={p.part} />,
              align: 'right' as const,
              className: 'num',
              render: (_: unknown, row: { counts: number[] }) => row.counts[p.part] ?? 0,
            })),
          ]}
        />
      ))}
    </Card>
  )
}

function sentence(reason: PlanReason, words: Words): string {
  const { part, whole } = reason
  const what = reason.what ? words.maybe(`attr_${reason.what}`, reason.what) : ''
  if (reason.code === 'seat') return words.t('sp_r_seat', { n: part + 1 })
  return words.t(`sp_r_${reason.code}`, { part, whole, what })
}

function Placed({ plan, people, csv }: { plan: SplitPlan; people: number; csv: string }) {
  const words = useWords()
  const { t } = words
  const called = useCalled()
  const [part, setPart] = useState<number | null>(null)
  const [name, setName] = useState('')
  const rows = plan.people.filter(
    (p) =>
      (part === null || p.part === part) && called(p.name).toLowerCase().includes(name.trim().toLowerCase()),
  )
  return (
    <Card
      title={t('sp_people')}
      extra={
        <Button size="small" icon={<DownloadOutlined />} href={csv} download>
          {t('csv')}
        </Button>
      }
    >
      <div className="row" style={{ marginBottom: 8 }}>
        <Select
          style={{ width: 150 }}
          value={part ?? -1}
          aria-label={t('sp_all_parts')}
          onChange={(n) => setPart(n < 0 ? null : n)}
          options={[
            { value: -1, label: t('sp_all_parts') },
            ...plan.parts.map((p) => ({ value: p.part, label: t('sp_part', { n: p.part + 1 }) })),
          ]}
        />
        <Input
          allowClear
          style={{ width: 180 }}
          value={name}
          placeholder={t('search_people')}
          aria-label={t('search_people')}
          onChange={(event) => setName(event.target.value)}
        />
        {plan.people.length < people && (
          <span className="muted">{t('sp_people_capped', { n: plan.people.length })}</span>
        )}
      </div>
      <Table
        size="small"
        rowKey="person"
        dataSource={rows}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
        scroll={{ x: 640 }}
        columns={[
          {
            title: t('person'),
            render: (_, p) => (
              <>
                <PersonLink person={p.person} name={p.name} />{' '}
                {p.leader && <Tag color="gold">{t('role_leader')}</Tag>}
              </>
            ),
          },
          { title: t('sp_where'), width: 100, render: (_, p) => <PartName part={p.part} /> },
          {
            title: t('sp_why'),
            render: (_, p) => (
              <span className="wrap">
                {p.reasons.map((reason, n) => (
                  <span key={`${reason.code}${reason.what ?? ''}`} className={n ? 'muted' : ''}>
                    {n > 0 && ' · '}
                    {sentence(reason, words)}
                  </span>
                ))}
              </span>
            ),
          },
          {
            title: t('sp_lost'),
            align: 'right',
            className: 'num',
            sorter: (a, b) => a.lost - b.lost,
            render: (_, p) => (p.known ? `${p.lost} / ${p.known}` : '—'),
          },
        ]}
      />
    </Card>
  )
}

// ---- merge -------------------------------------------------------------------------------------------

function Merge({ groups }: { groups: string[] }) {
  const words = useWords()
  const { t } = words
  const at = useAddress()
  const write = useWriting()
  const cap = at.number('cap') ?? 500
  const page = useQuery({
    queryKey: ['merge', groups.join(','), cap],
    queryFn: () => get<MergeAnswer>('/api/merge', { groups: groups.join(','), cap }),
    placeholderData: keepPreviousData,
    enabled: groups.length > 1,
  })
  if (groups.length < 2) return <Alert type="info" showIcon title={t('mg_two')} />
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { merge } = page.data
  if (!merge) return <Empty description={t('reading_now')} />
  const names = new Map(page.data.groups.map((g) => [g.group, g.name]))
  const called = (group: number) => names.get(group) ?? `#${group}`
  const coming = merge.invited.reduce((sum, row) => sum + row.people, 0)
  const leads = merge.leads.slice(0, 3).map((lead) => calledAs(lead.name, words))
  return (
    <div className="stack">
      <Card
        title={t('mg_title')}
        extra={
          <Button
            size="small"
            icon={<DownloadOutlined />}
            href={address('/api/merge.csv', { groups: groups.join(','), cap })}
            download
          >
            {t('csv')}
          </Button>
        }
      >
        <div className="grid tiles">
          <Tile
            label={t('mg_people')}
            hint={t(merge.fits ? 'mg_fits' : 'mg_over', { cap: merge.cap, needed: merge.needed })}
          >
            {merge.people}
          </Tile>
          <Tile
            label={t('mg_doubles')}
            hint={write.num({ part: merge.double_count, whole: merge.people, unit: 'share' })}
          >
            {merge.double_count}
          </Tile>
          <Tile label={t('mg_keeper')} hint={t(merge.because === 'talk' ? 'mg_by_talk' : 'mg_by_size')}>
            <span style={{ fontSize: 16 }}>{called(merge.keeper)}</span>
          </Tile>
          <Tile label={t('sp_cap')}>
            <InputNumber
              min={1}
              max={50_000}
              precision={0}
              value={merge.cap}
              aria-label={t('sp_cap')}
              onChange={(n) => n !== null && at.set({ cap: n })}
            />
          </Tile>
        </div>
        {!merge.fits && (
          <Alert
            style={{ marginTop: 12 }}
            type="warning"
            showIcon
            title={t('mg_over', { cap: merge.cap, needed: merge.needed })}
            action={
              <Button size="small" onClick={() => at.set({ mode: null, parts: merge.needed })}>
                {t('mg_to_split')}
              </Button>
            }
          />
        )}
      </Card>
      <div className="grid halves">
        <Card title={t('mg_invite')}>
          {merge.invited.map((row) => (
            <div key={row.group}>{t('mg_invite_line', { group: called(row.group), n: row.people })}</div>
          ))}
        </Card>
        <Card title={t('mg_leads')}>
          {merge.leads.length === 0 && <span className="muted">—</span>}
          {merge.leads.map((lead) => (
            <div key={lead.person} className="between">
              <span>
                <PersonLink person={lead.person} name={lead.name} />{' '}
                <span className="muted">{called(lead.group)}</span>
              </span>
              <span className="muted num">{t('mg_listens', { n: lead.listeners })}</span>
            </div>
          ))}
        </Card>
        <Card title={t('mg_say')}>
          <p>
            <strong>{called(merge.keeper)}</strong>
            <br />
            {t('mg_say_keeper', {
              others: merge.invited.map((row) => `“${called(row.group)}”`).join(' · '),
              n: coming,
              leads: leads.join(' · ') || '—',
            })}
          </p>
          {merge.invited.map((row) => (
            <p key={row.group}>
              <strong>{called(row.group)}</strong>
              <br />
              {t('mg_say_other', {
                keeper: called(merge.keeper),
                n: row.people,
                doubles: merge.double_count,
              })}
            </p>
          ))}
        </Card>
        <Card title={`${t('mg_doubles')} · ${merge.double_count}`}>
          <Table
            size="small"
            rowKey="person"
            showHeader={false}
            dataSource={merge.doubles}
            pagination={{ pageSize: 12, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
            columns={[{ render: (_, p) => <PersonLink person={p.person} name={p.name} /> }]}
          />
        </Card>
      </div>
    </div>
  )
}
