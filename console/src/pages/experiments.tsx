/** Experiments: everything with a holdout, to whom orders are owed, and what could be found beforehand. */
import { useQuery } from '@tanstack/react-query'
import { Card, Empty, InputNumber, Segmented, Table, Tabs, Tag, Tooltip } from 'antd'
import { Link } from 'react-router'
import { get } from '../api'
import { Waiting } from '../app'
import { DASH, day, percent } from '../format'
import { useAddress } from '../here'
import type {
  AttributionAnswer,
  ExperimentItem,
  ExperimentsAnswer,
  GivenRow,
  PlanAnswer,
} from '../outcome-types'
import { Failed } from '../parts/lists'
import { Tile } from '../parts/numbers'
import { share, useFigures, useKind, Verdict, whole } from '../parts/outcome'
import { Head } from '../parts/page'
import { useWords } from '../words'

export function ExperimentsPage() {
  const { t } = useWords()
  const at = useAddress()
  return (
    <>
      <Head title={t('ex_title')} hint={t('ex_hint')} />
      <Tabs
        activeKey={at.get('tab') ?? 'list'}
        onChange={(tab) => at.set({ tab: tab === 'list' ? null : tab })}
        destroyOnHidden
        items={[
          { key: 'list', label: t('ex_tab_list'), children: <List /> },
          { key: 'attribution', label: t('ex_tab_attribution'), children: <Attribution /> },
          { key: 'plan', label: t('ex_tab_plan'), children: <Planner /> },
        ]}
      />
    </>
  )
}

function List() {
  const { t } = useWords()
  const kind = useKind()
  const figures = useFigures()
  const page = useQuery({
    queryKey: ['experiments'],
    queryFn: () => get<ExperimentsAnswer>('/api/experiments'),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { items } = page.data
  if (items.length === 0) {
    return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('ex_none')} style={{ padding: 48 }} />
  }
  return (
    <Card styles={{ body: { padding: 0 } }}>
      <Table<ExperimentItem>
        size="small"
        rowKey="id"
        dataSource={items}
        pagination={{ pageSize: 30, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: t('ex_name'),
            render: (_, row) => (
              <Link to={`/experiments/${encodeURIComponent(row.id)}`}>
                {row.kind === 'holdout' ? t('ex_global') : row.name}
              </Link>
            ),
          },
          { title: t('ex_kind'), render: (_, row) => kind(row.kind) },
          { title: t('ex_unit'), render: (_, row) => t(`ex_unit_${row.unit}`) },
          { title: t('ex_began'), render: (_, row) => day(row.began) },
          {
            title: t('ex_state'),
            render: (_, row) => (
              <>
                {t(row.running ? 'ex_running' : 'ex_ended')}
                {row.summary?.ratio_alarm && <Tag color="red">{t('ex_ratio')}</Tag>}
              </>
            ),
          },
          {
            title: t('ex_people'),
            align: 'right',
            render: (_, row) => <span className="num">{row.summary ? whole(row.summary.people) : DASH}</span>,
          },
          {
            title: t('ex_seen'),
            align: 'right',
            render: (_, row) => (
              <span className="num">{row.summary ? share(row.summary.progress) : DASH}</span>
            ),
          },
          {
            title: t('ex_effect_money'),
            align: 'right',
            render: (_, row) => {
              const money = row.summary?.money
              if (!money) return DASH
              const title = `${t('ex_interval')}: ${figures.fen(money.low)} – ${figures.fen(money.high)}`
              return (
                <Tooltip title={title}>
                  <span className="num">{figures.fen(money.effect, true)}</span>
                </Tooltip>
              )
            },
          },
          {
            title: t('ex_total'),
            align: 'right',
            render: (_, row) => (
              <span className="num">{figures.fen(row.summary?.money?.total ?? null, true)}</span>
            ),
          },
          {
            title: t('ex_verdict'),
            render: (_, row) =>
              row.summary?.money ? (
                <Verdict says={row.summary.money.verdict} />
              ) : (
                <span className="muted">{row.summary ? t('at_no_holdout') : t('ex_not_measured')}</span>
              ),
          },
        ]}
      />
    </Card>
  )
}

function Attribution() {
  const { t, said } = useWords()
  const at = useAddress()
  const figures = useFigures()
  const days = at.number('days') ?? 30
  const by = at.get('by') ?? 'campaign'
  const page = useQuery({
    queryKey: ['attribution', days],
    queryFn: () => get<AttributionAnswer>('/api/attribution', { days }),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const found = page.data
  const rows = found.by[by] ?? []
  return (
    <div className="stack">
      <Card
        title={t('at_title', { days })}
        extra={
          <Segmented
            value={days}
            options={[7, 30, 90, 180].map((n) => ({ value: n, label: t('at_days', { n }) }))}
            onChange={(n) => at.set({ days: n })}
          />
        }
      >
        <div className="grid tiles">
          <Tile label={t('at_orders')} hint={figures.fen(found.worth_fen)}>
            {whole(found.orders)}
          </Tile>
          <Tile
            label={t('at_touched', { days: found.lookback_days })}
            hint={`${figures.fen(found.touched_worth_fen)} · ${found.orders ? percent(found.touched_orders / found.orders) : DASH}`}
          >
            {whole(found.touched_orders)}
          </Tile>
        </div>
      </Card>
      <Card
        styles={{ body: { padding: 0 } }}
        title={
          <Segmented
            value={by}
            options={found.dimensions.map((one) => ({ value: one.key, label: said(one) }))}
            onChange={(key) => at.set({ by: key })}
          />
        }
      >
        <Table<GivenRow>
          size="small"
          rowKey="label"
          dataSource={rows}
          pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          scroll={{ x: 'max-content' }}
          locale={{ emptyText: t('at_none') }}
          expandable={
            by === 'campaign'
              ? { expandedRowRender: (row) => (row.explained ? said(row.explained) : null) }
              : {}
          }
          columns={[
            { title: t('ex_name'), dataIndex: 'name' },
            {
              title: t('at_touches'),
              align: 'right',
              render: (_, row) => <span className="num">{whole(row.touches)}</span>,
            },
            ...found.rules.map((rule) => ({
              title: said(rule),
              align: 'right' as const,
              render: (_: unknown, row: GivenRow) => (
                <Tooltip title={`${t('at_orders')}: ${(row.orders[rule.key] ?? 0).toFixed(1)}`}>
                  <span className="num">{figures.fen(row.worth_fen[rule.key] ?? 0)}</span>
                </Tooltip>
              ),
            })),
            ...(by === 'campaign'
              ? [
                  {
                    title: t('at_incremental'),
                    align: 'right' as const,
                    render: (_: unknown, row: GivenRow) =>
                      row.incremental ? (
                        <span className="row" style={{ justifyContent: 'flex-end', gap: 6 }}>
                          <span className="num">{figures.fen(row.incremental.total, true)}</span>
                          <Verdict says={row.incremental.verdict} />
                        </span>
                      ) : (
                        <span className="muted">{t('at_no_holdout')}</span>
                      ),
                  },
                ]
              : []),
          ]}
        />
      </Card>
      <Card size="small" title={t('gr_definition')}>
        <p>{t('at_definition')}</p>
        <p style={{ margin: 0 }}>{t('at_definition_who')}</p>
      </Card>
    </div>
  )
}

function Planner() {
  const { t, said, language } = useWords()
  const at = useAddress()
  const figures = useFigures()
  const units = at.number('units') ?? 2000
  const holdout = at.number('holdout') ?? 10
  const days = at.number('look') ?? 30
  const effect = at.number('effect') ?? 20
  const page = useQuery({
    queryKey: ['experiments-plan', units, holdout, days, effect],
    queryFn: () =>
      get<PlanAnswer>('/api/experiments/plan', { units, holdout: holdout / 100, days, effect: effect / 100 }),
    placeholderData: (before) => before,
  })
  const asked = (key: string, label: string, value: number, min: number, max: number, unit = '') => (
    <div className="row" style={{ gap: 6 }}>
      <span className="muted">{label}</span>
      <InputNumber
        min={min}
        max={max}
        value={value}
        suffix={unit}
        precision={0}
        aria-label={label}
        onChange={(n) => n !== null && at.set({ [key]: n })}
      />
    </div>
  )
  return (
    <div className="stack">
      <Card>
        <div className="row" style={{ flexWrap: 'wrap', gap: 16 }}>
          {asked('units', t('pl_units'), units, 2, 100_000_000)}
          {asked('holdout', t('pl_holdout'), holdout, 1, 50, '%')}
          {asked('look', t('pl_days'), days, 1, 366)}
          {asked('effect', t('pl_effect'), effect, 1, 1000, '%')}
        </div>
      </Card>
      {page.error ? (
        <Failed error={page.error} retry={() => void page.refetch()} />
      ) : !page.data ? (
        <Waiting />
      ) : (
        <>
          <Card styles={{ body: { padding: 0 } }}>
            <Table
              size="small"
              rowKey="key"
              dataSource={page.data.plans}
              pagination={false}
              scroll={{ x: 'max-content' }}
              columns={[
                {
                  title: t('ex_measure_col'),
                  render: (_, row) => {
                    const card = page.data.measures.find((one) => one.key === row.key)
                    return card ? (
                      <Tooltip title={language === 'zh' ? card.says_zh : card.says_en}>{said(card)}</Tooltip>
                    ) : (
                      row.key
                    )
                  },
                },
                {
                  title: t('pl_usual'),
                  align: 'right',
                  render: (_, row) => {
                    const card = page.data.measures.find((one) => one.key === row.key)
                    return <span className="num">{card ? figures.of(card, row.mean) : DASH}</span>
                  },
                },
                {
                  title: t('pl_least'),
                  align: 'right',
                  render: (_, row) => {
                    const card = page.data.measures.find((one) => one.key === row.key)
                    if (!card || row.least === null) return DASH
                    const relative = row.least_share === null ? '' : ` (±${percent(row.least_share)})`
                    return (
                      <span className="num">{`±${figures.of(card, row.least, true).replace('+', '')}${relative}`}</span>
                    )
                  },
                },
                {
                  title: t('pl_needed', { effect: `${effect}%` }),
                  align: 'right',
                  render: (_, row) => (
                    <span className="num">{row.needed === null ? DASH : whole(row.needed)}</span>
                  ),
                },
              ]}
            />
          </Card>
          <Card size="small" title={t('gr_definition')}>
            {t('pl_definition', { days: page.data.days, people: whole(page.data.people) })}
          </Card>
        </>
      )}
    </div>
  )
}
