/** Where people come from, what they cost and what they are worth. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Card, Table, Tooltip } from 'antd'
import { useMemo } from 'react'
import { get } from '../api'
import { Waiting } from '../app'
import { ratio } from '../format'
import { useCatalogue, useWriting } from '../here'
import { Chart, plain } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Explained, NumCell } from '../parts/numbers'
import { Head, NothingYet } from '../parts/page'
import type { Reading, SourceRow } from '../types'
import { useWords } from '../words'

export function SourcesPage() {
  const { t, said } = useWords()
  const names = useCatalogue()
  const page = useQuery({
    queryKey: ['sources'],
    queryFn: () => get<{ items: SourceRow[]; reading: Reading | null }>('/api/sources'),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const rows = page.data.items
  if (!rows.length)
    return <NothingYet title={t('sources_title')} reading={page.data.reading} text={t('sources_empty')} />
  return (
    <>
      <Head title={t('sources_title')} reading={page.data.reading}>
        <Button icon={<DownloadOutlined />} href="/api/sources.csv" download>
          {t('csv')}
        </Button>
      </Head>
      <div className="stack">
        <Card styles={{ body: { padding: 0 } }}>
          <Table<SourceRow>
            rowKey="source"
            size="middle"
            dataSource={rows}
            pagination={false}
            scroll={{ x: 'max-content' }}
            columns={[
              { title: t('source'), dataIndex: 'name', fixed: 'left' },
              ...names.metricsPer('source').map((card) => ({
                title: (
                  <Tooltip title={<Explained metric={card} />}>
                    <span>{said(card)}</span>
                  </Tooltip>
                ),
                align: 'right' as const,
                showSorterTooltip: false,
                sorter: (a: SourceRow, b: SourceRow) =>
                  (ratio(a.metrics[card.key]) ?? -1) - (ratio(b.metrics[card.key]) ?? -1),
                render: (_: unknown, row: SourceRow) => (
                  <NumCell
                    metric={card.key}
                    num={row.metrics[card.key]}
                    about={{ per: 'source', id: row.source, name: row.name }}
                  />
                ),
              })),
            ]}
          />
        </Card>
        <Card title={t('sources_chart')} extra={<span className="muted">{t('sources_chart_hint')}</span>}>
          <Returns rows={rows} />
        </Card>
      </div>
    </>
  )
}

function Returns({ rows }: { rows: SourceRow[] }) {
  const { t } = useWords()
  const write = useWriting()
  const names = useCatalogue()
  const option = useMemo(() => {
    const points = rows.flatMap((row) => {
      const cost = row.metrics.cost?.part
      const people = row.metrics.arrivals?.part
      const revenue = ratio(row.metrics.revenue_180d)
      if (!cost || !people || revenue === null) return []
      return [{ row, cost: cost / 100, people, revenue: (revenue * people) / 100 }]
    })
    const most = Math.min(
      Math.max(1, ...points.map((p) => p.cost)),
      Math.max(1, ...points.map((p) => p.revenue)),
    )
    const crowd = Math.max(1, ...points.map((p) => p.people))
    return {
      grid: { left: 16, right: 64, top: 30, bottom: 30, containLabel: true },
      tooltip: {
        formatter: (at: { data: { point?: (typeof points)[number] } }) => {
          const point = at.data.point
          if (!point) return ''
          const lines = ['arrivals', 'cost', 'cac', 'revenue_180d', 'ltv_cac'].map(
            (key) => `${plain(names.metricName('source', key))} ${write.num(point.row.metrics[key])}`,
          )
          return [`<b>${plain(point.row.name)}</b>`, ...lines].join('<br>')
        },
      },
      xAxis: { type: 'value', name: t('cost_axis'), nameLocation: 'middle', nameGap: 28 },
      yAxis: { type: 'value', name: t('revenue_axis') },
      series: [
        {
          type: 'scatter',
          data: points.map((point) => ({
            name: point.row.name,
            value: [point.cost, point.revenue],
            symbolSize: 12 + 40 * Math.sqrt(point.people / crowd),
            point,
          })),
          itemStyle: { opacity: 0.75 },
          label: { show: true, position: 'right', formatter: '{b}', color: 'inherit' },
          labelLayout: { hideOverlap: true },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { type: 'dashed' },
            data: [[{ coord: [0, 0] }, { coord: [most, most] }]],
          },
        },
      ],
    }
  }, [rows, t, write, names])
  return <Chart option={option} height={380} label={t('sources_chart')} />
}
