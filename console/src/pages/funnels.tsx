/** Funnels: who takes each step in order. Paths: what people do next. */
import { ArrowUpOutlined, DeleteOutlined, DownloadOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Card, DatePicker, Empty, InputNumber, Segmented, Select, Table, Tag, theme } from 'antd'
import dayjs from 'dayjs'
import { address, get, type Params } from '../api'
import { Waiting } from '../app'
import { percent, ratio, whole } from '../format'
import type { FunnelAnswer, FunnelStep, PathsAnswer } from '../growth-types'
import { useAddress, useWriting } from '../here'
import { ActPicker } from '../parts/acts'
import { Failed } from '../parts/lists'
import { Head, NothingYet } from '../parts/page'
import type { Key } from '../strings'
import { useWords } from '../words'

const STANDARD: Record<string, Key> = {
  newcomers: 'fu_std_newcomers',
  referral: 'fu_std_referral',
  members: 'fu_std_members',
  buyers: 'fu_std_buyers',
}
const MOST_STEPS = 8

export function FunnelsPage() {
  const at = useAddress()
  return at.get('view') === 'paths' ? <PathsView /> : <FunnelView />
}

function ViewSwitch() {
  const { t } = useWords()
  const at = useAddress()
  return (
    <Segmented
      value={at.get('view') ?? 'funnel'}
      onChange={(view) => at.set({ view: view === 'funnel' ? null : view })}
      options={[
        { value: 'funnel', label: t('fu_view_funnel') },
        { value: 'paths', label: t('fu_view_paths') },
      ]}
    />
  )
}

/** Steps in one part of the address, apart by bars; a bar in a name is written out. */
const together = (steps: string[]) => steps.map((step) => step.replace(/[%|]/g, encodeURIComponent)).join('|')
const apart = (text: string | undefined) =>
  text
    ? text.split('|').map((step) => step.replace(/%7C|%25/gi, (found) => decodeURIComponent(found)))
    : undefined

function asking(path: string, steps: string[] | undefined, more: Params): string {
  const rest = address(path, more)
  const named = (steps ?? []).map((step) => `step=${encodeURIComponent(step)}`).join('&')
  return named ? `${rest}${rest.includes('?') ? '&' : '?'}${named}` : rest
}

function FunnelView() {
  const { t } = useWords()
  const at = useAddress()
  const steps = apart(at.get('steps'))
  const more = { days: at.number('days') ?? 30, start: at.get('start'), end: at.get('end') }
  const page = useQuery({
    queryKey: ['funnels', steps, more],
    queryFn: () => get<FunnelAnswer>(asking('/api/funnels', steps, more)),
    placeholderData: (before) => before,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.reading) return <NothingYet title={t('fu_title')} />
  const acts = steps ?? data.steps.map((step) => step.act)
  const change = (next: string[]) => at.set({ steps: together(next) })
  const standard = data.standard.find(
    (s) => s.days === more.days && !more.start && !more.end && together(s.steps) === together(acts),
  )
  return (
    <>
      <Head title={t('fu_title')} hint={t('fu_hint')} reading={data.reading}>
        <ViewSwitch />
        <Button icon={<DownloadOutlined />} href={asking('/api/funnels.csv', steps, more)} download>
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
                const chosen = data.standard.find((s) => s.key === key)
                if (chosen)
                  at.set({ steps: together(chosen.steps), days: chosen.days, start: null, end: null })
              }}
              options={data.standard.map((s) => ({
                value: s.key,
                label: STANDARD[s.key] ? t(STANDARD[s.key] as Key) : s.key,
              }))}
            />
            {acts.map((act, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
              <div className="row" key={n}>
                <span className="muted" style={{ minWidth: 44 }}>
                  {t(n ? 'fu_then' : 'fu_first')}
                </span>
                <ActPicker
                  value={act}
                  onChange={(next) => change(acts.map((one, place) => (place === n ? next : one)))}
                />
                {n > 0 && (
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowUpOutlined />}
                    aria-label={t('fu_up')}
                    onClick={() => change(moved(acts, n))}
                  />
                )}
                {acts.length > 1 && (
                  <Button
                    type="text"
                    size="small"
                    icon={<DeleteOutlined />}
                    aria-label={t('fu_remove')}
                    onClick={() => change(acts.filter((_, place) => place !== n))}
                  />
                )}
              </div>
            ))}
            <div className="row">
              <Button
                icon={<PlusOutlined />}
                disabled={acts.length >= MOST_STEPS}
                onClick={() => change([...acts, 'order.paid'])}
              >
                {t('fu_add')}
              </Button>
              <span style={{ width: 12 }} />
              {t('fu_window')}
              <InputNumber
                min={1}
                max={3660}
                value={more.days}
                aria-label={t('fu_window')}
                style={{ width: 84 }}
                onChange={(days) => days && at.set({ days })}
              />
              {t('fu_window_end')}
              <span style={{ width: 12 }} />
              {t('fu_from')}
              <DatePicker.RangePicker
                allowEmpty={[true, true]}
                placeholder={[t('fu_always'), t('fu_always')]}
                value={[more.start ? dayjs(more.start) : null, more.end ? dayjs(more.end) : null]}
                onChange={(days) =>
                  at.set({
                    start: days?.[0]?.format('YYYY-MM-DD') ?? null,
                    end: days?.[1]?.format('YYYY-MM-DD') ?? null,
                  })
                }
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
        <Card>
          {data.steps[0]?.people ? (
            <Bars steps={data.steps} leak={data.leak} />
          ) : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('fu_none')} />
          )}
        </Card>
        <Card size="small" title={t('gr_definition')}>
          {t('fu_definition')}
        </Card>
      </div>
    </>
  )
}

function moved(acts: string[], from: number): string[] {
  const next = [...acts]
  const [taken] = next.splice(from, 1)
  if (taken !== undefined) next.splice(from - 1, 0, taken)
  return next
}

function Bars({ steps, leak }: { steps: FunnelStep[]; leak: number | null }) {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  const { token } = theme.useToken()
  return (
    <div className="stack" style={{ gap: 14 }} data-testid="funnel">
      {steps.map((step, n) => {
        const share = ratio(step.of_first) ?? 0
        const before = steps[n - 1]?.people
        const lost = before === undefined || step.people === undefined ? 0 : before - step.people
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <div key={n}>
            <div className="between" style={{ marginBottom: 4 }}>
              <span>
                <span className="muted num">{n + 1}</span> <strong>{words.said(step)}</strong>
                {n > 0 && (
                  <span className="muted">
                    {' · '}
                    {t('fu_of_before', { share: percent(ratio(step.of_before) ?? 0) })}
                    {step.people ? ` · ${t('fu_median', { time: write.num(step.median) })}` : ''}
                  </span>
                )}
              </span>
              <span className="row">
                {n === leak && <Tag color="red">{t('fu_leak')}</Tag>}
                {n > 0 && lost > 0 && <span className="muted num">{t('fu_lost', { n: whole(lost) })}</span>}
                <strong className="num">{whole(step.people ?? 0)}</strong>
                <span className="num" style={{ minWidth: 52, textAlign: 'end' }}>
                  {percent(share)}
                </span>
              </span>
            </div>
            <div style={{ background: token.colorFillTertiary, borderRadius: 6, overflow: 'hidden' }}>
              <div
                style={{
                  width: `${Math.max(share * 100, step.people ? 0.4 : 0)}%`,
                  height: 26,
                  background: n === leak ? '#e8833a' : '#0f9d8a',
                  borderRadius: 6,
                }}
              />
            </div>
          </div>
        )
      })}
      <div className="muted num">
        {t('fu_conversion')} {percent(ratio(steps.at(-1)?.of_first) ?? 0)}
      </div>
    </div>
  )
}

// ---- paths ----

function PathsView() {
  const words = useWords()
  const { t } = words
  const at = useAddress()
  const asked = {
    around: at.get('around') ?? 'member.joined',
    before: at.get('side') === 'before',
    steps: at.number('n') ?? 3,
    days: at.number('days') ?? 7,
  }
  const page = useQuery({
    queryKey: ['paths', asked],
    queryFn: () => get<PathsAnswer>('/api/paths', asked),
    placeholderData: (before) => before,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.reading) return <NothingYet title={t('fu_title')} />
  return (
    <>
      <Head title={t('fu_title')} reading={data.reading}>
        <ViewSwitch />
        <Button icon={<DownloadOutlined />} href={address('/api/paths.csv', asked)} download>
          {t('csv')}
        </Button>
      </Head>
      <div className="stack">
        <Card>
          <div className="row">
            {t('pa_start')}
            <ActPicker
              value={asked.around}
              onChange={(around) => at.set({ around })}
              without={['anything']}
            />
            <Select
              value={asked.before ? 'before' : 'after'}
              aria-label={t('fu_view_paths')}
              popupMatchSelectWidth={false}
              onChange={(side) => at.set({ side: side === 'before' ? side : null })}
              options={[
                { value: 'after', label: t('pa_after') },
                { value: 'before', label: t('pa_before') },
              ]}
            />
            <InputNumber
              min={1}
              max={6}
              value={asked.steps}
              aria-label={t('pa_steps')}
              style={{ width: 72 }}
              onChange={(n) => n && at.set({ n })}
            />
            {t('pa_steps')}
            <InputNumber
              min={1}
              max={3660}
              value={asked.days}
              aria-label={t('pa_days')}
              style={{ width: 84 }}
              onChange={(days) => days && at.set({ days })}
            />
            {t('pa_days')}
            {page.isFetching ? (
              <span className="muted">{t('gr_asking')}</span>
            ) : (
              data.seconds > 0 && (
                <span className="muted num">{t('gr_live', { n: data.seconds.toFixed(1) })}</span>
              )
            )}
          </div>
        </Card>
        <Card styles={{ body: { padding: 0 } }}>
          <Table
            size="middle"
            rowKey={(row) => row.steps.map((step) => step.act).join('|')}
            dataSource={data.items}
            pagination={false}
            locale={{ emptyText: t('pa_none') }}
            scroll={{ x: 'max-content' }}
            columns={[
              {
                title: t('pa_path'),
                render: (_, row) => <Path row={row} around={data.around} before={asked.before} />,
              },
              {
                title: t('gr_people'),
                align: 'right',
                render: (_, row) => <span className="num">{whole(row.people.part ?? 0)}</span>,
              },
              {
                width: '30%',
                render: (_, row) => {
                  const share = ratio(row.people) ?? 0
                  const most = ratio(data.items[0]?.people) ?? 1
                  return (
                    <div className="row" style={{ flexWrap: 'nowrap' }}>
                      <div
                        style={{
                          height: 12,
                          width: `${(share / most) * 70}%`,
                          minWidth: 2,
                          background: '#0f9d8a',
                          borderRadius: 4,
                        }}
                      />
                      <span className="num">{percent(share)}</span>
                    </div>
                  )
                },
              },
            ]}
          />
        </Card>
        <Card size="small" title={t('gr_definition')}>
          {t('pa_definition', { act: words.said(data.around) })}
        </Card>
      </div>
    </>
  )
}

function Path(props: { row: PathsAnswer['items'][number]; around: PathsAnswer['around']; before: boolean }) {
  const words = useWords()
  const chips = [
    <Tag key="around" color="green" variant="solid">
      {words.said(props.around)}
    </Tag>,
    ...(props.row.steps.length
      ? props.row.steps.map((step, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <Tag key={n}>{words.said(step)}</Tag>
        ))
      : [
          <span key="end" className="muted">
            {words.t('pa_end')}
          </span>,
        ]),
  ]
  const shown = props.before ? chips.toReversed() : chips
  return (
    <span className="row" style={{ flexWrap: 'nowrap', gap: 4 }}>
      {shown.flatMap((chip, n) =>
        n
          ? [
              // biome-ignore lint/suspicious/noArrayIndexKey: an arrow is its place
              <span key={`to${n}`} className="muted">
                →
              </span>,
              chip,
            ]
          : [chip],
      )}
    </span>
  )
}
