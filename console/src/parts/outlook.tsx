/** What is to be expected of a person: forecast, rhythm, next products, interests, standing; each with its reasons. */
import { DownloadOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Empty, Table, Tag, Tooltip } from 'antd'
import { day, money, percent, whole } from '../format'
import { useWriting } from '../here'
import type { ForecastAnswer, Interest, ModelRow, Offer, StandingAnswer } from '../pages/outlook-types'
import { useWords } from '../words'

const plain = (text: string) => <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text} />
const few = (n: number) => (n < 10 ? n.toFixed(2) : n.toFixed(1))
const FALLEN_BACK = ['pooled_rate', 'pooled_mean', 'unknown']
const SLIPPED = '#cf4a1c'
const FINE = '#0f9d8a'

export function SlippingTag({ slipping }: { slipping: boolean | null }) {
  const { t } = useWords()
  if (!slipping) return null
  return (
    <Tooltip title={t('ol_slipping_hint')}>
      <Tag color="volcano">{t('ol_slipping')}</Tag>
    </Tooltip>
  )
}

/** Everybody's rows of what a card shows. */
function Csv({ href }: { href: string }) {
  const { t } = useWords()
  return (
    <Tooltip title={t('ol_all_csv')}>
      <Button
        type="text"
        size="small"
        icon={<DownloadOutlined />}
        aria-label={t('ol_all_csv')}
        href={href}
        download
      />
    </Tooltip>
  )
}

export function ForecastCard({ forecast }: { forecast: ForecastAnswer | null }) {
  const { t } = useWords()
  return (
    <Card title={t('ol_title')} extra={<Csv href="/api/forecasts.csv" />} data-part="forecast">
      {forecast ? <Forecast forecast={forecast} /> : plain(t('ol_none'))}
    </Card>
  )
}

function Forecast({ forecast }: { forecast: ForecastAnswer }) {
  const { t, maybe } = useWords()
  const { currency } = useWriting()
  const inMoney = (fen: number) => money(Math.round(fen / 100) * 100, currency).replace(/\.00$/, '')
  const why = (code: string) => maybe(`why_${code}`, code)
  return (
    <div className="stack" style={{ gap: 10 }}>
      <Table
        size="small"
        rowKey="days"
        pagination={false}
        dataSource={forecast.horizons}
        columns={[
          { title: t('ol_horizon'), render: (_, h) => t('ol_days', { n: h.days }) },
          {
            title: <Tooltip title={t('ol_bounds_hint')}>{t('ol_orders')}</Tooltip>,
            align: 'right',
            render: (_, h) => (
              <Range value={h.orders} low={h.orders_low} high={h.orders_high} write={few} bound={whole} />
            ),
          },
          {
            title: <Tooltip title={t('ol_bounds_hint')}>{t('ol_money')}</Tooltip>,
            align: 'right',
            render: (_, h) => (
              <Range
                value={h.money_fen}
                low={h.money_low_fen}
                high={h.money_high_fen}
                write={inMoney}
                bound={inMoney}
              />
            ),
          },
        ]}
      />
      <div className="between">
        <span className="muted">{t('ol_active')}</span>
        <span className="num">
          {forecast.active_chance === null
            ? `— ${forecast.orders_before === 1 && !FALLEN_BACK.includes(forecast.orders_by) ? t('ol_active_unknown') : ''}`
            : percent(forecast.active_chance)}
        </span>
      </div>
      <div className="between">
        <span className="muted">{t('ol_paid')}</span>
        <span className="num">{money(forecast.paid_365d_fen, currency)}</span>
      </div>
      {FALLEN_BACK.includes(forecast.orders_by) && (
        <Alert type="warning" showIcon title={t('ol_fallback', { why: why(forecast.why_orders) })} />
      )}
      {FALLEN_BACK.includes(forecast.money_by) && forecast.why_money && (
        <Alert type="warning" showIcon title={t('ol_fallback_money', { why: why(forecast.why_money) })} />
      )}
      <div className="muted" style={{ fontSize: 12 }}>
        {t('ol_by', {
          orders: maybe(`model_${forecast.orders_by}`, forecast.orders_by),
          money: maybe(`model_${forecast.money_by}`, forecast.money_by),
        })}
        {forecast.tests.map((test) => (
          <div key={test.of}>
            <Tested test={test} />
          </div>
        ))}
      </div>
      <Rhythm forecast={forecast} />
    </div>
  )
}

/** A value with the bounds in which four of five such people end up. */
function Range(props: {
  value: number | null
  low: number | null
  high: number | null
  write: (n: number) => string
  bound: (n: number) => string
}) {
  const { t } = useWords()
  if (props.value === null) return <span className="num muted">—</span>
  const bounded = props.low !== null && props.high !== null
  return (
    <span className="num">
      <strong>{props.write(props.value)}</strong>{' '}
      <span className="muted">
        {bounded
          ? `(${t('ol_between', { low: props.bound(props.low ?? 0), high: props.bound(props.high ?? 0) })})`
          : `(${t('ol_no_bounds')})`}
      </span>
    </span>
  )
}

/** How right such forecasts were, together, on the days held out. */
function Tested({ test }: { test: ModelRow }) {
  const { t } = useWords()
  const { currency } = useWriting()
  if (test.held_out_days === null || test.predicted === null || test.came === null)
    return <>{t('ol_test_none')}</>
  const write = (n: number) => (test.of === 'money' ? money(n, currency) : whole(n))
  return (
    <>
      {t('ol_test', {
        days: test.held_out_days,
        what: t(test.of === 'money' ? 'ol_money' : 'ol_orders').toLowerCase(),
        predicted: write(test.predicted),
        came: write(test.came),
        error: signed(test.increment_error),
        people: whole(test.held_out_people ?? 0),
      })}
    </>
  )
}

export const signed = (share: number | null) =>
  share === null ? '—' : `${share > 0 ? '+' : share < 0 ? '−' : ''}${(Math.abs(share) * 100).toFixed(1)}%`

/** A line from the last order: how long they usually wait, where it becomes unusual, and where they are now. */
function Rhythm({ forecast }: { forecast: ForecastAnswer }) {
  const { t } = useWords()
  const { usual_gap_days: usual, slips_after_days: border, gap_days: now } = forecast
  if (usual === null || border === null) return <div className="muted">{t('ol_rhythm_none')}</div>
  const reach = Math.max(border, now, usual) * 1.08 || 1
  const at = (days: number) => (days / reach) * 100
  const colour = forecast.slipping ? SLIPPED : FINE
  const told = [
    t('ol_usual', { n: whole(usual) }),
    t('ol_now', { n: whole(now) }),
    t('ol_border', { n: whole(border) }),
  ]
  return (
    <div>
      <div className="row" style={{ marginBottom: 4 }}>
        <strong>{t('ol_rhythm')}</strong>
        <SlippingTag slipping={forecast.slipping} />
      </div>
      <svg width="100%" height="26" role="img" aria-label={told.join(', ')}>
        <rect x="0" y="10" width="100%" height="6" rx="3" fill="currentColor" opacity="0.12" />
        <rect x="0" y="10" width={`${at(now)}%`} height="6" rx="3" fill={colour} />
        <line
          x1={`${at(usual)}%`}
          x2={`${at(usual)}%`}
          y1="4"
          y2="22"
          stroke="currentColor"
          strokeWidth="2"
        />
        <line
          x1={`${at(border)}%`}
          x2={`${at(border)}%`}
          y1="4"
          y2="22"
          stroke={SLIPPED}
          strokeWidth="2"
          strokeDasharray="3 2"
        />
      </svg>
      <div className="row num" style={{ fontSize: 12, gap: 14 }}>
        <span>┃ {told[0]}</span>
        <span style={{ color: colour }}>● {told[1]}</span>
        <span style={{ color: SLIPPED }}>┆ {told[2]}</span>
      </div>
    </div>
  )
}

export function OffersCard({ offers }: { offers: Offer[] }) {
  const { t } = useWords()
  return (
    <Card title={t('ol_offers')} extra={<Csv href="/api/offers.csv" />} data-part="offers">
      {offers.length
        ? offers.map((offer) => (
            <div key={offer.sku} style={{ marginBottom: 8 }}>
              <span className="num muted">{offer.rank}.</span>{' '}
              <Tag color={offer.kind === 'again' ? 'green' : 'blue'}>
                {t(offer.kind === 'again' ? 'ol_kind_again' : 'ol_kind_new')}
              </Tag>
              <span className="wrap">{offer.sku}</span>
              <div className="muted" style={{ fontSize: 12, paddingInlineStart: 18 }}>
                <OfferReason offer={offer} />
              </div>
            </div>
          ))
        : plain(t('ol_offers_none'))}
    </Card>
  )
}

function OfferReason({ offer }: { offer: Offer }) {
  const { t } = useWords()
  const buyers = whole(offer.buyers)
  if (offer.kind === 'again') {
    const share = percent(offer.again_share)
    return <>{t('ol_again', { n: offer.times, day: day(offer.last_on), buyers, share })}</>
  }
  if (offer.because !== null) {
    const of = whole(offer.because_buyers ?? 0)
    return <>{t('ol_because', { because: offer.because, of, both: whole(offer.both ?? 0) })}</>
  }
  return <>{t(offer.by === 'popular' ? 'ol_popular' : 'ol_similar', { buyers })}</>
}

export function InterestsCard({ interests }: { interests: Interest[] }) {
  const { t } = useWords()
  const most = Math.max(...interests.map((one) => one.share), 0.01)
  return (
    <Card
      title={<Tooltip title={t('ol_interests_hint')}>{t('ol_interests')}</Tooltip>}
      extra={<Csv href="/api/interests.csv" />}
      data-part="interests"
    >
      {interests.length
        ? interests.map((one) => (
            <div key={one.rank} style={{ marginBottom: 8 }}>
              <div className="between" style={{ flexWrap: 'nowrap' }}>
                <span className="wrap">
                  {one.interest}{' '}
                  {one.need && (
                    <Tooltip title={t('ol_need_hint')}>
                      <Tag color="orange">{t('ol_need')}</Tag>
                    </Tooltip>
                  )}
                </span>
                <span className="num muted" style={{ fontSize: 12 }}>
                  {signs(one)
                    .map(([key, n]) => t(key, { n }))
                    .join(' · ')}{' '}
                  · {day(one.last_on)}
                </span>
              </div>
              <div
                style={{
                  height: 4,
                  borderRadius: 2,
                  background: FINE,
                  width: `${(one.share / most) * 100}%`,
                }}
              />
            </div>
          ))
        : plain(t('ol_interests_none'))}
    </Card>
  )
}

const KEYS = ['tagged', 'bought', 'looked', 'followed', 'spoke'] as const
const signs = (one: Interest) =>
  KEYS.filter((key) => one[key] > 0).map((key) => [`ol_${key}` as const, one[key]] as const)

/** The numbers behind somebody's role, and what a would-be leader has that they have not. */
export function StandingCard({ standing, days }: { standing: StandingAnswer | null; days: number }) {
  const { t } = useWords()
  if (!standing) return <Card title={t('ol_standing')}>{plain(t('ol_standing_none'))}</Card>
  const { answered_by: a, answered_by_before: b } = standing
  const missing = [
    a >= 3 && a > b ? null : t('ol_miss_answered'),
    standing.helped >= 3 ? null : t('ol_miss_helped'),
    standing.brought >= 1 ? null : t('ol_miss_brought'),
  ].filter((line) => line !== null)
  const above = standing.role === 'leader' || standing.role === 'advocate'
  return (
    <Card title={t('ol_standing')} data-part="standing">
      <ul className="reasons">
        <li>{t('ol_answered', { n: days, a, b })}</li>
        <li>{t('ol_helped', { n: days, a: standing.helped })}</li>
        <li>{t('ol_brought', { a: standing.brought })}</li>
        {standing.adverts > 0 && (
          <li>{t('ol_adverts', { adverts: standing.adverts, said: standing.said })}</li>
        )}
      </ul>
      {!above && missing.length > 0 && (
        <>
          <div style={{ marginTop: 10, fontWeight: 600 }}>{t('ol_to_advocate')}</div>
          <ul className="reasons">
            {missing.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
    </Card>
  )
}
