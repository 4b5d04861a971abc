/** How right the forecasts were, and how seed members compare: what stands behind the list of people. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Empty, Table, Tag, Tooltip, Typography } from 'antd'
import { get } from '../api'
import { money, percent, ratio, whole } from '../format'
import { useWriting } from '../here'
import type { ModelRow, ModelsAnswer, SeedsAnswer } from '../pages/outlook-types'
import type { Num } from '../types'
import { useWords } from '../words'
import { Failed } from './lists'
import { signed } from './outlook'
import { Head } from './page'

function Csv({ href }: { href: string }) {
  const { t } = useWords()
  return (
    <Button size="small" icon={<DownloadOutlined />} href={href} download>
      {t('csv')}
    </Button>
  )
}

export function Models() {
  const { t, maybe } = useWords()
  const { currency } = useWriting()
  const page = useQuery({ queryKey: ['forecasts'], queryFn: () => get<ModelsAnswer>('/api/forecasts') })
  if (page.error) return <Failed error={page.error} />
  const rows = (page.data?.models ?? []).filter((row) => row.people > 0)
  const write = (row: ModelRow, n: number | null) =>
    n === null ? '—' : row.of === 'money' ? money(n, currency) : n < 10 ? n.toFixed(2) : whole(n)
  return (
    <>
      <Head title={t('ol_quality')} hint={t('ol_quality_hint')} reading={page.data?.reading}>
        <Csv href="/api/forecast-models.csv" />
      </Head>
      <Table
        size="small"
        rowKey={(row) => row.model}
        loading={page.isLoading}
        pagination={false}
        scroll={{ x: 'max-content' }}
        dataSource={rows}
        locale={{ emptyText: t('ol_models_none') }}
        expandable={{
          rowExpandable: (row) => row.parameters.length > 0,
          expandedRowRender: (row) => <Parameters row={row} />,
        }}
        columns={[
          {
            title: t('ol_model'),
            render: (_, row) => (
              <>
                {t(row.of === 'money' ? 'ol_money' : 'ol_orders')} · {maybe(`model_${row.model}`, row.model)}{' '}
                {row.spoke && <Tag color="green">{t('ol_spoke_now')}</Tag>}
                {row.why && (
                  <div className="muted">{`${t('ol_why')}: ${maybe(`why_${row.why}`, row.why)}`}</div>
                )}
              </>
            ),
          },
          {
            title: t('ol_people'),
            align: 'right',
            className: 'num',
            render: (_, row) => whole(row.fitted_to ?? row.people),
          },
          {
            title: t('ol_predicted'),
            align: 'right',
            className: 'num',
            render: (_, row) => (
              <Tooltip
                title={
                  row.held_out_days !== null &&
                  `${t('ol_days', { n: row.held_out_days })}, ${whole(row.held_out_people ?? 0)}`
                }
              >
                {`${write(row, row.predicted)} / ${write(row, row.came)}`}
              </Tooltip>
            ),
          },
          {
            title: t('ol_error'),
            align: 'right',
            className: 'num',
            render: (_, row) => <strong>{signed(row.increment_error)}</strong>,
          },
          {
            title: t('ol_mean_error'),
            align: 'right',
            className: 'num',
            render: (_, row) => `${write(row, row.mean_error)} (${write(row, row.mean_error_of_none)})`,
          },
          {
            title: t('ol_capture'),
            align: 'right',
            className: 'num',
            render: (_, row) =>
              row.capture === null ? '—' : `${percent(row.capture)} (${percent(row.best_capture ?? 0)})`,
          },
          {
            title: t('ol_total'),
            align: 'right',
            className: 'num',
            render: (_, row) =>
              row.total_90d === null
                ? '—'
                : `${write(row, row.total_90d)}${
                    row.total_90d_low === null
                      ? ''
                      : ` (${write(row, row.total_90d_low)} – ${write(row, row.total_90d_high)})`
                  }`,
          },
        ]}
      />
    </>
  )
}

function Parameters({ row }: { row: ModelRow }) {
  const { t } = useWords()
  return (
    <span className="num">
      {`${t('ol_parameters')}: `}
      {row.parameters
        .map(
          (p) => `${p.name} ${p.value.toPrecision(4)} (${p.low.toPrecision(3)} – ${p.high.toPrecision(3)})`,
        )
        .join(', ')}
    </span>
  )
}

export function Seeds() {
  const { t } = useWords()
  const page = useQuery({ queryKey: ['seed-members'], queryFn: () => get<SeedsAnswer>('/api/seed-members') })
  if (page.error) return <Failed error={page.error} />
  const rows = page.data?.items ?? []
  const share = (num: Num) => {
    const value = ratio(num)
    return value === null ? '—' : <Tooltip title={`${num.part} / ${num.whole}`}>{percent(value)}</Tooltip>
  }
  return (
    <>
      <div className="between" style={{ margin: '28px 0 14px' }}>
        <div>
          <Typography.Title level={3} style={{ margin: 0 }}>
            {t('ol_seeds')}
          </Typography.Title>
          <div className="muted">{t('ol_seeds_hint')}</div>
        </div>
        <Csv href="/api/seed-members.csv" />
      </div>
      {page.data && !rows.length ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('ol_seeds_none')} />
      ) : (
        <Table
          size="small"
          rowKey={(row) => `${row.group}${row.seed}`}
          loading={page.isLoading}
          pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          scroll={{ x: 'max-content' }}
          dataSource={rows}
          columns={[
            {
              title: t('group'),
              render: (_, row) => (
                <>
                  {row.name ?? <strong>{t('ol_all_groups')}</strong>} ·{' '}
                  <Tag color={row.seed ? 'gold' : 'default'}>{t(row.seed ? 'ol_seed' : 'ol_rest')}</Tag>
                </>
              ),
            },
            { title: t('ol_members'), dataIndex: 'members', align: 'right', className: 'num' },
            {
              title: t('ol_stayed'),
              align: 'right',
              className: 'num',
              render: (_, row) => share(row.stayed),
            },
            {
              title: t('ol_spoke_share'),
              align: 'right',
              className: 'num',
              render: (_, row) => share(row.spoke),
            },
            {
              title: t('ol_bought_share'),
              align: 'right',
              className: 'num',
              render: (_, row) => share(row.bought),
            },
            {
              title: t('ol_brought_share'),
              align: 'right',
              className: 'num',
              render: (_, row) => share(row.brought),
            },
          ]}
        />
      )}
    </>
  )
}
