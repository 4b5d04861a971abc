/** Same person? Two records side by side with what speaks for and against it; somebody decides. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Empty, Progress, Space, Spin, Switch, Tag, Tooltip } from 'antd'
import { get, post, put, queries } from '../api'
import { Waiting } from '../app'
import { percent } from '../format'
import { useHere, useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { Called, PersonLink } from '../parts/tags'
import { useWords } from '../words'

interface OneRecord {
  person: number
  name: string
  since: string
  ids: { type: string; value: string }[]
}
interface Pair {
  probability: number
  weight: number
  a: OneRecord
  b: OneRecord
  evidence: { field: string; a: string | null; b: string | null; bits: number | null }[]
}
interface SamePersonAnswer {
  looking: boolean
  looked_at: string | null
  people: number | null
  linked: number
  why: string | null
  upper: number
  lower: number
  link: boolean
  total: number
  items: Pair[]
}

export function SamePersonPage() {
  const { t, problem, maybe } = useWords()
  const { message } = App.useApp()
  const { account } = useHere()
  const write = useWriting()
  const page = useQuery({
    queryKey: ['same-person'],
    queryFn: () => get<SamePersonAnswer>('/api/same-person'),
    refetchInterval: (query) => (query.state.data?.looking ? 1_500 : false),
  })
  const again = () => queries.invalidateQueries({ queryKey: ['same-person'] })
  const failed = (error: unknown) => message.error(problem(error))
  const look = useMutation({
    mutationFn: () => post('/api/same-person/look'),
    onSuccess: again,
    onError: failed,
  })
  const setting = useMutation({
    mutationFn: (link: boolean) => put('/api/same-person/setting', { link }),
    onSuccess: again,
    onError: failed,
  })
  const decide = useMutation({
    mutationFn: (given: { a: number; b: number; same: boolean | null }) =>
      post('/api/same-person/decide', given),
    onSuccess: (_, given) => {
      if (given.same) message.success(t('op_linked'))
      void again()
    },
    onError: failed,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  const owner = !account || account.role === 'owner'
  return (
    <>
      <Head title={t('op_title')} hint={t('op_hint')}>
        <Button type="primary" loading={data.looking || look.isPending} onClick={() => look.mutate()}>
          {t('op_look')}
        </Button>
      </Head>
      <Card size="small" style={{ marginBottom: 16 }}>
        <div className="between">
          <span className="muted">
            {data.looked_at
              ? t('op_looked', {
                  at: write.moment(data.looked_at),
                  people: data.people ?? '—',
                  n: data.total,
                })
              : t('op_never')}
            {data.linked > 0 && ` · ${t('op_linked_n', { n: data.linked })}`}
          </span>
          <Tooltip title={t('op_auto_hint', { upper: percent(data.upper) })}>
            <Space>
              <span>{t('op_auto', { upper: percent(data.upper) })}</span>
              <Switch
                checked={data.link}
                disabled={!owner}
                loading={setting.isPending}
                aria-label={t('op_auto', { upper: percent(data.upper) })}
                onChange={(on) => setting.mutate(on)}
              />
            </Space>
          </Tooltip>
        </div>
      </Card>
      {data.looking && (
        <Card>
          <div className="row" style={{ justifyContent: 'center' }} role="status">
            <Spin /> {t('op_looking')}
          </div>
        </Card>
      )}
      {!data.looking && data.items.length === 0 && (
        <Card>
          <Empty
            image={Empty.PRESENTED_IMAGE_SIMPLE}
            description={
              data.why ? maybe(`op_why_${data.why}`, data.why) : data.looked_at ? t('op_none') : t('op_never')
            }
          />
        </Card>
      )}
      <div className="stack">
        {!data.looking &&
          data.items.map((pair) => (
            <PairCard
              key={`${pair.a.person}-${pair.b.person}`}
              pair={pair}
              owner={owner}
              busy={decide.isPending}
              decide={(same) => decide.mutate({ a: pair.a.person, b: pair.b.person, same })}
            />
          ))}
      </div>
    </>
  )
}

function PairCard(props: {
  pair: Pair
  owner: boolean
  busy: boolean
  decide: (same: boolean | null) => void
}) {
  const { t, maybe } = useWords()
  const write = useWriting()
  const { pair, owner, busy, decide } = props
  const most = Math.max(4, ...pair.evidence.map((e) => Math.abs(e.bits ?? 0)))
  const side = (one: OneRecord) => (
    <div>
      <div style={{ fontSize: 16, fontWeight: 600 }}>
        <PersonLink person={one.person} name={one.name} />
      </div>
      <div className="muted" style={{ fontSize: 12 }}>
        {t('op_since', { at: write.moment(one.since) })}
      </div>
      <div className="row" style={{ gap: 4, marginTop: 4 }}>
        {one.ids.slice(0, 6).map((id) => (
          <Tag key={`${id.type}:${id.value}`}>
            <span className="muted">{id.type}</span> <span className="wrap">{id.value}</span>
          </Tag>
        ))}
      </div>
    </div>
  )
  return (
    <Card data-testid="pair">
      <div className="between" style={{ alignItems: 'flex-start' }}>
        <div className="row" style={{ gap: 12 }}>
          <Progress
            type="circle"
            size={54}
            percent={Math.floor(pair.probability * 100)}
            format={() => (pair.probability > 0.999 ? '>99.9%' : percent(pair.probability))}
          />
          <div className="muted" style={{ fontSize: 12, maxWidth: 300 }}>
            {t('op_probability')}
          </div>
        </div>
        <Space>
          <Button type="primary" disabled={!owner || busy} onClick={() => decide(true)}>
            {t('op_yes')}
          </Button>
          <Button disabled={!owner || busy} onClick={() => decide(false)}>
            {t('op_no')}
          </Button>
          <Button type="text" disabled={!owner || busy} onClick={() => decide(null)}>
            {t('op_later')}
          </Button>
        </Space>
      </div>
      <div className="grid halves" style={{ margin: '12px 0' }}>
        {side(pair.a)}
        {side(pair.b)}
      </div>
      <table style={{ width: '100%', borderCollapse: 'collapse' }}>
        <thead>
          <tr className="muted" style={{ textAlign: 'start', fontSize: 12 }}>
            <th style={CELL}>{t('op_field')}</th>
            <th style={CELL}>
              <Called name={pair.a.name} />
            </th>
            <th style={CELL}>
              <Called name={pair.b.name} />
            </th>
            <th style={{ ...CELL, width: 260 }}>
              <Tooltip title={t('op_bits_hint')}>
                <span className="opens">{t('op_bits')}</span>
              </Tooltip>
            </th>
          </tr>
        </thead>
        <tbody>
          {pair.evidence.map((e) => (
            <tr key={e.field}>
              <td style={CELL}>{maybe(`op_f_${e.field}`, e.field)}</td>
              <td style={CELL} className="wrap">
                {e.a ?? '—'}
              </td>
              <td style={CELL} className="wrap">
                {e.b ?? '—'}
              </td>
              <td style={CELL}>
                <Bits bits={e.bits} most={most} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}

const CELL = { padding: '3px 8px 3px 0', textAlign: 'start' as const, fontWeight: 'normal' as const }

/** For to the right, against to the left. */
function Bits({ bits, most }: { bits: number | null; most: number }) {
  if (bits === null) return <span className="muted">—</span>
  const width = `${(50 * Math.min(1, Math.abs(bits) / most)).toFixed(1)}%`
  return (
    <span className="row" style={{ gap: 8, flexWrap: 'nowrap' }}>
      <span
        style={{
          position: 'relative',
          flex: 1,
          height: 10,
          background: 'rgba(128,128,128,.15)',
          borderRadius: 3,
        }}
      >
        <span
          style={{
            position: 'absolute',
            top: 0,
            bottom: 0,
            width,
            borderRadius: 3,
            background: bits > 0 ? '#0f9d8a' : '#d4527a',
            ...(bits > 0 ? { insetInlineStart: '50%' } : { insetInlineEnd: '50%' }),
          }}
        />
      </span>
      <span className="num" style={{ width: 48, textAlign: 'end' }}>
        {`${bits > 0 ? '+' : '−'}${Math.abs(bits).toFixed(1)}`}
      </span>
    </span>
  )
}
