/** Retention: of those who began in one week or month, how many come back. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Card, Empty, Segmented, Select, Tooltip, theme } from 'antd'
import { useMemo } from 'react'
import { address, get } from '../api'
import { Waiting } from '../app'
import { day, percent, ratio, whole } from '../format'
import type { CohortsAnswer } from '../growth-types'
import { useAddress } from '../here'
import { ActPicker } from '../parts/acts'
import { Chart } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Head, NothingYet } from '../parts/page'
import type { Key } from '../strings'
import { useWords } from '../words'

const STANDARD: { key: Key; start: string; back: string; period: string }[] = [
  { key: 'co_std_joined_spoke', start: 'member.joined', back: 'message.posted', period: 'week' },
  { key: 'co_std_joined_anything', start: 'member.joined', back: 'anything', period: 'week' },
  { key: 'co_std_spoke_spoke', start: 'message.posted', back: 'message.posted', period: 'week' },
  { key: 'co_std_added_paid', start: 'contact.added', back: 'order.paid', period: 'month' },
  { key: 'co_std_paid_paid', start: 'order.paid', back: 'order.paid', period: 'month' },
]

export function CohortsPage() {
  const words = useWords()
  const { t } = words
  const at = useAddress()
  const asked = {
    start: at.get('start') ?? 'member.joined',
    back: at.get('back') ?? 'message.posted',
    period: at.get('period') ?? 'week',
  }
  const page = useQuery({
    queryKey: ['cohorts', asked],
    queryFn: () => get<CohortsAnswer>('/api/cohorts', asked),
    placeholderData: (before) => before,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  const standard = STANDARD.find(
    (s) => s.start === asked.start && s.back === asked.back && s.period === asked.period,
  )
  if (!data.reading) return <NothingYet title={t('co_title')} />
  return (
    <>
      <Head title={t('co_title')} hint={t('co_hint')} reading={data.reading}>
        <Button icon={<DownloadOutlined />} href={address('/api/cohorts.csv', asked)} download>
          {t('csv')}
        </Button>
      </Head>
      <div className="stack">
        <Card>
          <div className="stack" style={{ gap: 12 }}>
            <Segmented
              style={{ maxWidth: '100%', overflowX: 'auto', alignSelf: 'flex-start' }}
              value={standard?.key ?? ''}
              onChange={(key) => {
                const chosen = STANDARD.find((s) => s.key === key)
                if (chosen) at.set({ start: chosen.start, back: chosen.back, period: chosen.period })
              }}
              options={STANDARD.map((s) => ({ value: s.key, label: t(s.key) }))}
            />
            <div className="row">
              {t('co_first')}
              <ActPicker value={asked.start} onChange={(start) => at.set({ start })} without={['anything']} />
              {t('co_then')}
              <ActPicker value={asked.back} onChange={(back) => at.set({ back })} />
              {t('co_by')}
              <Select
                value={asked.period}
                aria-label={t('co_by')}
                style={{ width: 90 }}
                onChange={(period) => at.set({ period })}
                options={[
                  { value: 'week', label: t('co_week') },
                  { value: 'month', label: t('co_month') },
                ]}
              />
              {page.isFetching ? (
                <span className="muted">{t('gr_asking')}</span>
              ) : (
                data.seconds > 0 && (
                  <span className="muted num">{t('gr_live', { n: data.seconds.toFixed(1) })}</span>
                )
              )}
            </div>
          </div>
        </Card>
        <Card styles={{ body: { padding: 12 } }}>
          {data.cohorts.length ? (
            <Heat data={data} />
          ) : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('co_none')} />
          )}
        </Card>
        {data.together.length > 1 && (
          <Card title={t('co_curve')}>
            <Curve data={data} />
          </Card>
        )}
        <Card size="small" title={t('gr_definition')}>
          {t('co_definition', { start: words.said(data.start), back: words.said(data.back) })}
        </Card>
      </div>
    </>
  )
}

function Heat({ data }: { data: CohortsAnswer }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const periods = [...new Set(data.cohorts.flatMap((c) => c.cells.map((cell) => cell.period)))].sort(
    (a, b) => a - b,
  )
  const shares = data.cohorts.flatMap((c) => c.cells.map((cell) => ratio(cell) ?? 0))
  const most = Math.max(0.01, ...shares)
  const name = (n: number) => t(data.period === 'week' ? 'co_period_week' : 'co_period_month', { n })
  const cellOf = (cells: CohortsAnswer['together'], period: number) => {
    const cell = cells.find((one) => one.period === period)
    const share = cell ? ratio(cell) : null
    if (!cell || share === null) return <td key={period} />
    const strength = share / most
    return (
      <td
        key={period}
        className="num"
        style={{
          background: `color-mix(in srgb, #0f9d8a ${Math.round(strength * 82)}%, transparent)`,
          color: strength > 0.85 ? '#fff' : token.colorText,
        }}
      >
        <Tooltip title={t('gr_of', { part: whole(cell.part ?? 0), whole: whole(cell.whole ?? 0) })}>
          {percent(share)}
        </Tooltip>
      </td>
    )
  }
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t('co_cohort')}</th>
            <th scope="col">{t('co_size')}</th>
            {periods.map((n) => (
              <th scope="col" key={n}>
                {name(n)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr style={{ fontWeight: 600 }}>
            <th scope="row">{t('co_all')}</th>
            <td className="num">{whole(data.cohorts.reduce((n, c) => n + c.people, 0))}</td>
            {periods.map((n) => cellOf(data.together, n))}
          </tr>
          {data.cohorts.map((cohort) => (
            <tr key={cohort.cohort}>
              <th scope="row" className="num">
                {day(cohort.cohort)}
              </th>
              <td className="num">{whole(cohort.people)}</td>
              {periods.map((n) => cellOf(cohort.cells, n))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Curve({ data }: { data: CohortsAnswer }) {
  const { t } = useWords()
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', valueFormatter: (n: number) => percent(n) },
      xAxis: {
        type: 'category',
        data: data.together.map((cell) =>
          t(data.period === 'week' ? 'co_period_week' : 'co_period_month', { n: cell.period }),
        ),
      },
      yAxis: { type: 'value', min: 0, axisLabel: { formatter: (n: number) => percent(n) } },
      series: [
        {
          type: 'line',
          name: t('co_curve'),
          data: data.together.map((cell) => ratio(cell)),
          areaStyle: { opacity: 0.12 },
          symbolSize: 7,
        },
      ],
    }),
    [data, t],
  )
  return <Chart option={option} height={240} label={t('co_curve')} />
}
