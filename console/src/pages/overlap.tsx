/** Which groups share members: a map or a matrix, clusters, what might be merged, the strongest pairs, who is in how many. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Card, Empty, Segmented, Slider, Table, Tag, Tooltip, theme } from 'antd'
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force'
import { useMemo } from 'react'
import { Link, useNavigate } from 'react-router'
import { address, get } from '../api'
import { Waiting } from '../app'
import { ratio } from '../format'
import { useAddress, useWriting } from '../here'
import { Chart, COLOURS, plain } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Head, NothingYet } from '../parts/page'
import { GroupLink, PersonLink, StageTag } from '../parts/tags'
import { useTheme } from '../theme'
import { useWords } from '../words'
import type { MatrixAnswer, OverlapAnswer } from './plan-types'

export function OverlapPage() {
  const { t } = useWords()
  const at = useAddress()
  const least = at.number('least') ?? 5
  const sort = at.get('sort') ?? 'shared'
  const view = at.get('view') ?? 'map'
  const page = useQuery({
    queryKey: ['overlap', least, sort],
    queryFn: () => get<OverlapAnswer>('/api/overlap', { least, sort }),
    placeholderData: (before) => before,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.reading) return <NothingYet title={t('overlap_title')} />
  return (
    <>
      <Head title={t('overlap_title')} hint={t('overlap_hint')} reading={data.reading}>
        <Button icon={<DownloadOutlined />} href={address('/api/overlap.csv', { sort })} download>
          {t('csv')}
        </Button>
      </Head>
      <div className="grid wide-left">
        <div className="stack">
          <Card
            title={
              <Segmented
                value={view}
                onChange={(chosen) => at.set({ view: chosen === 'map' ? null : chosen })}
                options={[
                  { value: 'map', label: t('view_map') },
                  { value: 'matrix', label: t('view_matrix') },
                ]}
              />
            }
            extra={
              view === 'map' && (
                <span className="row">
                  <span className="muted">{t('least_shared', { n: least })}</span>
                  <Slider
                    style={{ width: 140 }}
                    min={1}
                    max={60}
                    defaultValue={least}
                    aria-label={t('least_shared', { n: least })}
                    onChangeComplete={(n) => at.set({ least: n })}
                  />
                </span>
              )
            }
          >
            {view === 'matrix' ? (
              <Matrix />
            ) : data.pairs.length ? (
              <OverlapMap data={data} />
            ) : (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('overlap_empty')} />
            )}
          </Card>
          <Candidates data={data} />
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
                  { value: 'lift', label: t('sort_lift') },
                ]}
              />
            }
          >
            <Pairs data={data} />
          </Card>
        </div>
        <div className="stack">
          <Clusters data={data} />
          <Card title={t('in_how_many')}>
            <Memberships rows={data.memberships} />
          </Card>
          <Card title={t('ov_many')}>
            <Table
              size="small"
              rowKey="person"
              dataSource={data.many}
              pagination={{ pageSize: 8, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
              columns={[
                { title: t('person'), render: (_, p) => <PersonLink person={p.person} name={p.name} /> },
                {
                  title: t('nav_groups'),
                  align: 'right',
                  className: 'num',
                  render: (_, p) => t('ov_groups_n', { n: p.groups_in }),
                },
              ]}
            />
          </Card>
        </div>
      </div>
    </>
  )
}

/** Every group against every other, in an order in which clusters stand together. */
function Matrix() {
  const { t } = useWords()
  const { token } = theme.useToken()
  const at = useAddress()
  const navigate = useNavigate()
  const by = at.get('by') ?? 'jaccard'
  const { dark } = useTheme()
  const page = useQuery({
    queryKey: ['overlap-matrix'],
    queryFn: () => get<MatrixAnswer>('/api/overlap/matrix'),
  })
  const data = page.data
  const option = useMemo(() => {
    if (!data) return {}
    const { groups, cells, population } = data
    const valued = cells.flatMap(([i, j, shared]) => {
      const a = groups[i]?.members ?? 0
      const b = groups[j]?.members ?? 0
      const value =
        by === 'shared'
          ? shared
          : by === 'lift'
            ? (shared * (population ?? 0)) / (a * b)
            : shared / (a + b - shared)
      return [
        { value: [i, j, value], shared },
        { value: [j, i, value], shared },
      ]
    })
    const sorted = valued.map((cell) => cell.value[2] ?? 0).sort((x, y) => x - y)
    const most = by === 'jaccard' ? (sorted.at(-1) ?? 1) : (sorted[Math.floor(sorted.length * 0.98)] ?? 1)
    const few = groups.length <= 60
    const names = groups.map((g) => g.name)
    const zoom = few
      ? []
      : [
          { type: 'inside', xAxisIndex: 0, filterMode: 'none' },
          { type: 'inside', yAxisIndex: 0, filterMode: 'none' },
          { type: 'slider', xAxisIndex: 0, bottom: 36, height: 14, showDetail: false, filterMode: 'none' },
          { type: 'slider', yAxisIndex: 0, right: 4, width: 14, showDetail: false, filterMode: 'none' },
        ]
    const axis = {
      type: 'category',
      data: names,
      axisTick: { show: false },
      axisLabel: {
        interval: few ? 0 : 'auto',
        fontSize: 10,
        width: few ? 90 : 70,
        overflow: 'truncate',
        hideOverlap: true,
        color: (_: string | undefined, n?: number) => clusterColour(groups[n ?? 0]?.cluster),
      },
    }
    return {
      grid: { left: 8, right: few ? 12 : 26, top: 8, bottom: few ? 44 : 60, containLabel: true },
      tooltip: {
        formatter: (cell: { data: { value: number[]; shared: number } }) => {
          const [i = 0, j = 0] = cell.data.value
          const one = groups[i]
          const other = groups[j]
          if (!one || !other) return ''
          const shared = cell.data.shared
          const lift = (shared * (population ?? 0)) / (one.members * other.members)
          return [
            `<b>${plain(one.name)}</b> · <b>${plain(other.name)}</b>`,
            `${t('shared')} ${shared} (${one.members} · ${other.members})`,
            `${t('jaccard')} ${Math.round((shared / (one.members + other.members - shared)) * 100)}%`,
            `${t('ov_lift')} ${lift.toFixed(1)}`,
          ].join('<br>')
        },
      },
      xAxis: { ...axis, axisLabel: { ...axis.axisLabel, rotate: 60 } },
      yAxis: { ...axis, inverse: true },
      visualMap: {
        type: 'continuous',
        min: by === 'lift' ? 1 : 0,
        max: most,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemWidth: 12,
        calculable: false,
        text: [
          by === 'jaccard' ? `${Math.round(most * 100)}%` : most.toFixed(by === 'lift' ? 1 : 0),
          by === 'lift' ? '1' : '0',
        ],
        textStyle: { color: token.colorTextSecondary, fontSize: 11 },
        inRange: {
          color: dark
            ? ['#17302c', '#1b7567', '#2fc4ad', '#c8fff5']
            : ['#e6f4f1', '#7fd1c4', '#0f9d8a', '#0b4f47'],
        },
      },
      dataZoom: zoom,
      series: [
        {
          type: 'heatmap',
          data: valued,
          progressive: 4000,
          animation: false,
          itemStyle: few ? { borderColor: token.colorBgContainer, borderWidth: 1 } : {},
          emphasis: { itemStyle: { borderColor: token.colorText, borderWidth: 1 } },
        },
      ],
    }
  }, [data, by, token, t, dark])
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!data) return <Waiting />
  if (!data.groups.length) {
    return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('ov_no_clusters')} />
  }
  return (
    <>
      <div className="between" style={{ marginBottom: 8 }}>
        <span className="muted" style={{ flex: 1 }}>
          {t('ov_matrix_hint')} {data.left_out > 0 && t('ov_left_out', { n: data.left_out })}
        </span>
        <Segmented
          size="small"
          value={by}
          aria-label={t('ov_colour')}
          onChange={(chosen) => at.set({ by: chosen === 'jaccard' ? null : chosen })}
          options={[
            { value: 'jaccard', label: t('jaccard') },
            { value: 'shared', label: t('shared') },
            { value: 'lift', label: t('sort_lift') },
          ]}
        />
      </div>
      <Chart
        option={option}
        height={Math.min(820, Math.max(380, 140 + data.groups.length * 15))}
        label={t('view_matrix')}
        onClick={(event) => {
          const value = (event.data as { value?: number[] } | undefined)?.value
          const group = value ? data.groups[value[1] ?? -1] : undefined
          if (group) navigate(`/groups/${group.group}`)
        }}
      />
    </>
  )
}

function Clusters({ data }: { data: OverlapAnswer }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Card
      title={
        <Tooltip title={t('ov_clusters_hint')}>
          <span>{t('ov_clusters')}</span>
        </Tooltip>
      }
    >
      {data.clusters.length === 0 && (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('ov_no_clusters')} />
      )}
      <div className="stack" style={{ gap: 12, maxHeight: 420, overflow: 'auto' }}>
        {data.clusters.map((cluster) => (
          <div key={cluster.cluster}>
            <div className="between">
              <span className="row" style={{ gap: 6 }}>
                <Dot colour={COLOURS[cluster.cluster % COLOURS.length]} />
                {t('ov_cluster_line', {
                  n: cluster.groups.length,
                  persons: cluster.persons ?? '—',
                  mean: cluster.persons && cluster.stays ? (cluster.stays / cluster.persons).toFixed(1) : '—',
                })}
              </span>
              <span className="muted num">{`${t('ov_inside')} ${write.num(cluster.inside)}`}</span>
            </div>
            <div style={{ fontSize: 12 }}>
              {cluster.groups.slice(0, 12).map((group, n) => (
                <span key={group.group}>
                  {n > 0 && ' · '}
                  <GroupLink group={group.group} name={group.name} />
                </span>
              ))}
              {cluster.groups.length > 12 && ` … +${cluster.groups.length - 12}`}
            </div>
          </div>
        ))}
      </div>
    </Card>
  )
}

export function Dot({ colour }: { colour: string | undefined }) {
  return (
    <span
      aria-hidden
      style={{ width: 10, height: 10, borderRadius: 5, background: colour, display: 'inline-block' }}
    />
  )
}

function Candidates({ data }: { data: OverlapAnswer }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Card
      title={
        <Tooltip title={t('ov_candidates_hint')}>
          <span>{t('ov_candidates')}</span>
        </Tooltip>
      }
      extra={
        <Button
          size="small"
          icon={<DownloadOutlined />}
          href="/api/overlap/candidates.csv"
          download
          disabled={!data.candidates.length}
        >
          {t('csv')}
        </Button>
      }
    >
      {data.candidates.length === 0 ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('ov_no_candidates')} />
      ) : (
        <Table
          size="small"
          rowKey={(c) => `${c.a.group}-${c.b.group}`}
          dataSource={data.candidates}
          pagination={{ pageSize: 8, hideOnSinglePage: true, showSizeChanger: false, size: 'small' }}
          scroll={{ x: 'max-content' }}
          columns={[
            {
              title: `${t('group_a')} · ${t('group_b')}`,
              render: (_, c) => (
                <div>
                  {[c.a, c.b].map((side) => (
                    <div key={side.group} className="row" style={{ gap: 6 }}>
                      <GroupLink group={side.group} name={side.name} />
                      <span className="muted num">{side.members}</span>
                      <StageTag stage={side.stage} />
                      {c.keeper === side.group && <Tag color="green">{t('ov_keep')}</Tag>}
                    </div>
                  ))}
                </div>
              ),
            },
            { title: t('ov_doubles'), dataIndex: 'shared', align: 'right', className: 'num' },
            {
              title: t('ov_merged'),
              align: 'right',
              className: 'num',
              render: (_, c) => (
                <>
                  {c.merged}
                  {!c.fits && <Tag color="red">{t('ov_over_cap', { cap: c.cap })}</Tag>}
                </>
              ),
            },
            { title: t('jaccard'), align: 'right', className: 'num', render: (_, c) => write.num(c.jaccard) },
            {
              title: t('ov_talk'),
              align: 'right',
              className: 'num',
              render: (_, c) => write.num(c.messages),
            },
            {
              title: t('ov_speakers'),
              align: 'right',
              className: 'num',
              render: (_, c) => (
                <Tooltip title={c.speakers.whole ? `${c.speakers.part} / ${c.speakers.whole}` : t('unknown')}>
                  <span>{write.num(c.speakers)}</span>
                </Tooltip>
              ),
            },
            {
              title: '',
              render: (_, c) => (
                <Link to={`/groups/split?mode=merge&groups=${c.a.group},${c.b.group}`}>{t('ov_look')}</Link>
              ),
            },
          ]}
        />
      )}
    </Card>
  )
}

const clusterColour = (cluster: number | null | undefined) =>
  cluster === null || cluster === undefined ? '#9aa5a3' : COLOURS[cluster % COLOURS.length]

function OverlapMap({ data }: { data: OverlapAnswer }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const navigate = useNavigate()
  const option = useMemo(() => {
    const names = new Map(data.groups.map((g) => [g.group, g.name]))
    const parts = new Map(data.groups.map((g) => [g.group, g.cluster]))
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
            itemStyle: { color: clusterColour(parts.get(g.group)) },
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
        {
          title: (
            <Tooltip title={t('ov_lift_hint', { n: data.population ?? '—' })}>
              <span className="opens">{t('ov_lift')}</span>
            </Tooltip>
          ),
          align: 'right',
          className: 'num',
          render: (_, p) => (
            <Tooltip title={`${p.shared} ÷ ${p.lift.whole?.toFixed(2)}`}>
              <span>
                {write.num(p.lift)}{' '}
                <span className="muted">{`(${p.lift_low.toFixed(1)}–${p.lift_high.toFixed(1)})`}</span>
              </span>
            </Tooltip>
          ),
        },
      ]}
    />
  )
}
