/** Launches: bursts of orders, what they sold above the usual, and which groups carried them. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Card, Empty, Select, Table } from 'antd'
import { useMemo } from 'react'
import { get } from '../api'
import { Waiting } from '../app'
import { day, whole } from '../format'
import type { LaunchesAnswer, LaunchRow } from '../growth-types'
import { useAddress, useWriting } from '../here'
import { Chart } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Tile } from '../parts/numbers'
import { FirstSteps, Head } from '../parts/page'
import { GroupLink } from '../parts/tags'
import { useWords } from '../words'

export function LaunchesPage() {
  const { t } = useWords()
  const at = useAddress()
  const page = useQuery({ queryKey: ['launches'], queryFn: () => get<LaunchesAnswer>('/api/launches') })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { items, reading } = page.data
  const chosen = items.find((one) => one.launch === at.number('launch')) ?? items[0]
  return (
    <>
      <Head title={t('la_title')} hint={t('la_hint')} reading={reading}>
        {reading && (
          <Button icon={<DownloadOutlined />} href="/api/launches.csv" download>
            {t('csv')}
          </Button>
        )}
      </Head>
      {chosen ? (
        <div className="stack">
          <Card
            title={
              <Select
                value={chosen.launch}
                aria-label={t('la_title')}
                popupMatchSelectWidth={false}
                onChange={(launch) => at.set({ launch })}
                options={items.map((one) => ({
                  value: one.launch,
                  label: `${day(one.start)} – ${day(one.end)} · ${whole(one.orders)}`,
                }))}
              />
            }
          >
            <One launch={chosen} />
          </Card>
          <div className="grid wide-left">
            <Card title={t('la_groups')} styles={{ body: { padding: 0 } }}>
              <Groups launch={chosen} />
            </Card>
            <Card title={t('la_products')} styles={{ body: { padding: 0 } }}>
              <Table
                size="small"
                rowKey="sku"
                dataSource={chosen.products}
                pagination={false}
                columns={[
                  { title: t('la_product'), dataIndex: 'sku' },
                  { title: t('la_orders'), align: 'right', dataIndex: 'orders', className: 'num' },
                  { title: t('la_usual'), align: 'right', dataIndex: 'expected', className: 'num' },
                ]}
              />
            </Card>
          </div>
          <Card size="small" title={t('gr_definition')}>
            {t('la_definition')}
          </Card>
        </div>
      ) : (
        <Card>
          {reading ? (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('la_none')} />
          ) : (
            <FirstSteps />
          )}
        </Card>
      )}
    </>
  )
}

function One({ launch }: { launch: LaunchRow }) {
  const { t } = useWords()
  const write = useWriting()
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 16, top: 52, bottom: 8, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: launch.days.map((one) => one.day.slice(5)) },
      yAxis: [
        { type: 'value', name: t('la_orders') },
        { type: 'value', name: t('la_said'), splitLine: { show: false } },
      ],
      series: [
        {
          type: 'bar',
          name: t('la_orders'),
          data: launch.days.map((one) => ({
            value: one.orders,
            itemStyle: {
              color: one.day >= launch.start && one.day <= launch.end ? '#e8833a' : '#a9bfbb',
            },
          })),
          itemStyle: { color: '#e8833a' },
        },
        {
          type: 'line',
          name: t('la_usual'),
          data: launch.days.map((one) => one.usual),
          symbol: 'none',
          lineStyle: { type: 'dashed' },
          itemStyle: { color: '#4c78c9' },
        },
        {
          type: 'line',
          name: t('la_said'),
          yAxisIndex: 1,
          data: launch.days.map((one) => one.said),
          symbol: 'none',
          lineStyle: { opacity: 0.6 },
          itemStyle: { color: '#8f6cc0' },
        },
      ],
    }),
    [launch, t],
  )
  return (
    <div className="stack">
      <div className="grid tiles">
        <Tile label={t('la_orders')} hint={t('la_expected_n', { n: launch.expected.toFixed(1) })}>
          {whole(launch.orders)}
        </Tile>
        <Tile label={t('la_times')}>{write.num(launch.times)}</Tile>
        <Tile label={t('la_amount')} hint={`${t('la_extra')} ${write.num(launch.extra)}`}>
          {write.num(launch.amount)}
        </Tile>
        <Tile label={t('la_buyers')}>{whole(launch.buyers)}</Tile>
        <Tile
          label={t('la_new_buyers')}
          hint={t('part_of_whole', {
            part: whole(launch.new_buyers.part ?? 0),
            whole: whole(launch.new_buyers.whole ?? 0),
          })}
        >
          {write.num(launch.new_buyers)}
        </Tile>
        <Tile
          label={t('la_announced')}
          hint={t('la_expected_n', { n: launch.announcements_expected.toFixed(0) })}
        >
          {whole(launch.announcements)}
        </Tile>
        <Tile label={t('la_touches')}>{whole(launch.touches)}</Tile>
        <Tile label={t('la_peak')}>{day(launch.peak).slice(5)}</Tile>
      </div>
      <Chart option={option} height={300} label={t('la_title')} />
    </div>
  )
}

function Groups({ launch }: { launch: LaunchRow }) {
  const { t } = useWords()
  const write = useWriting()
  const of = (n: number) => <span className="num">{n.toFixed(1)}</span>
  return (
    <Table
      size="small"
      rowKey={(row) => row.group ?? 0}
      dataSource={launch.groups}
      pagination={{ pageSize: 12, hideOnSinglePage: true, showSizeChanger: false }}
      scroll={{ x: 'max-content' }}
      columns={[
        {
          title: t('group'),
          render: (_, row) =>
            row.group === null ? (
              <span className="muted">{t('la_no_group')}</span>
            ) : (
              <GroupLink group={row.group} name={row.name ?? ''} />
            ),
        },
        { title: t('la_orders'), align: 'right', render: (_, row) => of(row.orders) },
        { title: t('la_usual'), align: 'right', render: (_, row) => of(row.expected) },
        { title: t('la_more'), align: 'right', render: (_, row) => of(row.orders - row.expected) },
        {
          title: t('la_amount'),
          align: 'right',
          render: (_, row) => <span className="num">{write.num(row.amount)}</span>,
        },
        { title: t('la_buyers'), align: 'right', dataIndex: 'buyers', className: 'num' },
        { title: t('la_announced'), align: 'right', dataIndex: 'announcements', className: 'num' },
      ]}
    />
  )
}
