/** Which groups share members: a map, the strongest pairs, and who is in how many. */
import { useQuery } from '@tanstack/react-query'
import { Card, Empty, Segmented, Slider, Table, theme } from 'antd'
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force'
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { get } from '../api'
import { Waiting } from '../app'
import { ratio } from '../format'
import { useAddress, useWriting } from '../here'
import { Chart, COLOURS, plain } from '../parts/chart'
import { Failed } from '../parts/lists'
import { FirstSteps, Head } from '../parts/page'
import { GroupLink } from '../parts/tags'
import type { OverlapAnswer } from '../types'
import { useWords } from '../words'

export function OverlapPage() {
  const { t } = useWords()
  const at = useAddress()
  const least = at.number('least') ?? 5
  const sort = at.get('sort') ?? 'shared'
  const page = useQuery({
    queryKey: ['overlap', least, sort],
    queryFn: () => get<OverlapAnswer>('/api/overlap', { least, sort }),
    placeholderData: (before) => before,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.reading) {
    return (
      <>
        <Head title={t('overlap_title')} />
        <Card>
          <FirstSteps />
        </Card>
      </>
    )
  }
  return (
    <>
      <Head title={t('overlap_title')} hint={t('overlap_hint')} reading={data.reading} />
      <div className="grid wide-left">
        <Card
          title={t('least_shared', { n: least })}
          extra={
            <Slider
              style={{ width: 180 }}
              min={1}
              max={60}
              defaultValue={least}
              aria-label={t('least_shared', { n: least })}
              onChangeComplete={(n) => at.set({ least: n })}
            />
          }
        >
          {data.pairs.length ? (
            <OverlapMap data={data} />
          ) : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('overlap_empty')} />
          )}
        </Card>
        <div className="stack">
          <Card title={t('in_how_many')}>
            <Memberships rows={data.memberships} />
          </Card>
          <Card
            title={t('pairs')}
            extra={
              <Segmented
                size="small"
                value={sort}
                onChange={(chosen) => at.set({ sort: chosen === 'shared' ? null : chosen })}
                options={[
                  { value: 'shared', label: t('shared') },
                  { value: 'jaccard', label: t('jaccard') },
                ]}
              />
            }
          >
            <Pairs data={data} />
          </Card>
        </div>
      </div>
    </>
  )
}

function OverlapMap({ data }: { data: OverlapAnswer }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const navigate = useNavigate()
  const option = useMemo(() => {
    const names = new Map(data.groups.map((g) => [g.group, g.name]))
    const parts = components(data)
    const most = Math.max(1, ...data.groups.map((g) => g.members))
    const places = placesOf(data)
    const strongest = Math.max(1, ...data.pairs.map((p) => p.shared))
    return {
      tooltip: {
        formatter: (at: {
          dataType?: string
          name?: string
          data?: { members?: number; pair?: OverlapAnswer['pairs'][number] }
        }) => {
          const pair = at.data?.pair
          if (pair) {
            const jaccard = Math.round((ratio(pair.jaccard) ?? 0) * 100)
            return [
              `${plain(names.get(pair.a) ?? '')} · ${plain(names.get(pair.b) ?? '')}`,
              `${t('shared')} ${pair.shared}`,
              `${t('jaccard')} ${jaccard}%`,
            ].join('<br>')
          }
          return `<b>${plain(at.name ?? '')}</b><br>${t('members_line')} ${at.data?.members ?? ''}`
        },
      },
      series: [
        {
          type: 'graph',
          layout: 'none',
          roam: true,
          preserveAspect: true,
          left: 40,
          right: 90,
          top: 24,
          bottom: 24,
          data: data.groups.map((g) => ({
            id: String(g.group),
            ...places.get(g.group),
            name: g.name,
            members: g.members,
            value: g.members,
            symbolSize: 10 + 34 * Math.sqrt(g.members / most),
            itemStyle: { color: COLOURS[(parts.get(g.group) ?? 0) % COLOURS.length] },
          })),
          links: data.pairs.map((p) => ({
            source: String(p.a),
            target: String(p.b),
            value: p.shared,
            pair: p,
            lineStyle: { width: 0.6 + 7 * (p.shared / strongest), opacity: 0.3 },
          })),
          label: {
            show: true,
            position: 'right',
            fontSize: 11,
            color: token.colorText,
            textBorderColor: token.colorBgContainer,
            textBorderWidth: 2,
          },
          labelLayout: { hideOverlap: true },
          lineStyle: { color: token.colorTextSecondary, curveness: 0.08 },
          emphasis: { focus: 'adjacency', lineStyle: { opacity: 0.8 } },
        },
      ],
    }
  }, [data, token, t])
  return (
    <Chart
      option={option}
      height={620}
      label={t('overlap_title')}
      onClick={(event) => {
        const id = (event.data as { id?: string } | undefined)?.id
        if (event.dataType === 'node' && id) navigate(`/groups/${id}`)
      }}
    />
  )
}

/** Groups that share many members stand near each other; the same groups always stand in the same places. */
function placesOf(data: OverlapAnswer): Map<number, { x: number; y: number }> {
  const nodes = data.groups.map((g) => ({ id: g.group, x: 0, y: 0 }))
  nodes.forEach((node, at) => {
    node.x = 20 * Math.sqrt(at) * Math.cos(at * 2.4)
    node.y = 20 * Math.sqrt(at) * Math.sin(at * 2.4)
  })
  const links = data.pairs.map((p) => ({ source: p.a, target: p.b, near: ratio(p.jaccard) ?? 0 }))
  const nearest = Math.max(1e-9, ...links.map((l) => l.near))
  forceSimulation(nodes)
    .force(
      'link',
      forceLink<(typeof nodes)[number], (typeof links)[number]>(links)
        .id((node) => node.id)
        .distance((link) => 200 - 150 * Math.sqrt(link.near / nearest))
        .strength((link) => 0.02 + 0.5 * (link.near / nearest)),
    )
    .force('apart', forceManyBody().strength(-340).distanceMax(500))
    .force('room', forceCollide(34))
    .force('x', forceX(0).strength(0.035))
    .force('y', forceY(0).strength(0.04))
    .stop()
    .tick(300)
  return new Map(nodes.map((node) => [node.id, { x: node.x, y: node.y }]))
}

/** Groups that hang together by their strongest ties share a colour: each joins the neighbour it shares most with. */
function components(data: OverlapAnswer): Map<number, number> {
  const root = new Map(data.groups.map((g) => [g.group, g.group]))
  const find = (n: number): number => {
    const up = root.get(n) ?? n
    return up === n ? n : find(up)
  }
  const joined = new Set<number>()
  for (const pair of data.pairs.toSorted((a, b) => (ratio(b.jaccard) ?? 0) - (ratio(a.jaccard) ?? 0))) {
    if (joined.has(pair.a) && joined.has(pair.b)) continue
    joined.add(pair.a)
    joined.add(pair.b)
    root.set(find(pair.a), find(pair.b))
  }
  const numbers = new Map<number, number>()
  const parts = new Map<number, number>()
  for (const g of data.groups) {
    const top = find(g.group)
    if (!numbers.has(top)) numbers.set(top, numbers.size)
    parts.set(g.group, numbers.get(top) ?? 0)
  }
  return parts
}

function Memberships({ rows }: { rows: OverlapAnswer['memberships'] }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 40, top: 8, bottom: 4, containLabel: true },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'log', min: 0.5, axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: rows.map((r) => t('groups_in_axis', { n: r.groups_in })),
      },
      series: [
        {
          type: 'bar',
          name: t('persons_axis'),
          data: rows.map((r) => r.persons),
          label: { show: true, position: 'right', color: token.colorText },
        },
      ],
    }),
    [rows, t, token],
  )
  return <Chart option={option} height={Math.min(300, 30 + rows.length * 26)} label={t('in_how_many')} />
}

function Pairs({ data }: { data: OverlapAnswer }) {
  const { t } = useWords()
  const write = useWriting()
  const names = new Map(data.groups.map((g) => [g.group, g.name]))
  return (
    <Table
      size="small"
      rowKey={(p) => `${p.a}-${p.b}`}
      dataSource={data.pairs}
      pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
      scroll={{ x: 'max-content' }}
      columns={[
        {
          title: `${t('group_a')} · ${t('group_b')}`,
          render: (_, p) => (
            <>
              <GroupLink group={p.a} name={names.get(p.a) ?? ''} />
              {' · '}
              <GroupLink group={p.b} name={names.get(p.b) ?? ''} />
            </>
          ),
        },
        { title: t('shared'), dataIndex: 'shared', align: 'right', className: 'num' },
        { title: t('jaccard'), align: 'right', className: 'num', render: (_, p) => write.num(p.jaccard) },
      ]}
    />
  )
}
