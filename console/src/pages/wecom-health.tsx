/** How the connection is doing: callbacks, sync, what is known, quota, errors. */
import { SyncOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Button, Card, Progress, Table, Tag, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { post, queries } from '../api'
import { ago, DASH, duration, whole } from '../format'
import { useWriting } from '../here'
import { useWords, type Words } from '../words'
import type { Counted, Failure, Health, Sync, Usage } from './wecom-types'

export function HealthView({ health, owner }: { health: Health; owner: boolean }) {
  const words = useWords()
  const { t } = words
  const seen = health.callbacks
  return (
    <div className="stack">
      <div className="grid" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(124px, 1fr))', gap: 10 }}>
        <Tile label={t('wc_h_last')} value={seen.last_at ? ago(seen.last_at, words) : t('never')} />
        <Tile
          label={t('wc_h_lag')}
          value={seen.lag_seconds === null ? DASH : duration(seen.lag_seconds, words)}
        />
        <Tile label={t('wc_h_waiting')} value={whole(seen.waiting)} />
        <Tile label={t('wc_h_staff')} value={known(health.sync.known.staff)} />
        <Tile label={t('wc_h_contacts')} value={known(health.sync.known.contacts)} />
        <Tile label={t('wc_h_groups')} value={known(health.sync.known.groups)} />
        <Tile label={t('wc_h_tags')} value={known(health.sync.known.tags)} />
        <Tile label={t('wc_h_archive')} value={t(health.archive ? 'wc_state_ok' : 'wc_state_off')} />
      </div>
      <SyncCard sync={health.sync} owner={owner} />
      <div className="grid halves">
        <Card size="small" title={t('wc_h_today')} extra={<Odd health={health} />}>
          <Counts rows={seen.events} head={t('wc_h_event')} prefix="wc_v" empty={t('wc_h_today_none')} />
        </Card>
        <Card size="small" title={t('wc_h_refused')}>
          <Counts rows={seen.refused} head={t('wc_h_reason')} prefix="wc_r" empty={t('wc_h_refused_none')} />
        </Card>
      </div>
      {seen.failures.length > 0 && (
        <Card size="small" title={t('wc_h_failures')}>
          <Failures rows={seen.failures} />
        </Card>
      )}
      <Card size="small" title={t('wc_h_quota')}>
        <Quota usage={health.usage} />
      </Card>
      <Card size="small" title={t('wc_h_errors')}>
        <Errors usage={health.usage} />
      </Card>
    </div>
  )
}

const known = (n: number | undefined) => (n === undefined ? DASH : whole(n))

function Tile({ label, value }: { label: string; value: ReactNode }) {
  return (
    <Card size="small" data-tile={label}>
      <div className="muted" style={{ fontSize: 12 }}>
        {label}
      </div>
      <strong className="num" style={{ fontSize: 18 }}>
        {value}
      </strong>
    </Card>
  )
}

function Odd({ health }: { health: Health }) {
  const { t } = useWords()
  const { failed, unknown, again } = health.callbacks
  return (
    <span className="row" style={{ gap: 4 }}>
      {failed > 0 && <Tag color="error">{t('wc_h_failed', { n: failed })}</Tag>}
      {unknown > 0 && <Tag color="warning">{t('wc_h_unknown', { n: unknown })}</Tag>}
      {again > 0 && <Tag>{t('wc_h_again', { n: again })}</Tag>}
    </span>
  )
}

function Counts(props: { rows: Counted[]; head: string; prefix: string; empty: string }) {
  const words = useWords()
  return (
    <Table<Counted>
      size="small"
      rowKey="what"
      dataSource={props.rows}
      pagination={false}
      locale={{ emptyText: props.empty }}
      columns={[
        { title: props.head, render: (_, row) => called(row.what, props.prefix, words) },
        {
          title: words.t('wc_h_times'),
          align: 'right',
          render: (_, row) => <span className="num">{whole(row.times)}</span>,
        },
      ]}
    />
  )
}

/** `change_contact/create_user` by its first half where that says enough, `change_external_chat/update` by its second. */
function called(what: string, prefix: string, words: Words) {
  const [event = '', change = ''] = what.split('/')
  return words.maybe(`${prefix}_${event}`, words.maybe(`${prefix}_${change}`, what))
}

function SyncCard({ sync, owner }: { sync: Sync; owner: boolean }) {
  const words = useWords()
  const { t, problem } = words
  const { message } = App.useApp()
  const busy = sync.running || sync.asked
  const ask = useMutation({
    mutationFn: () => post('/api/wecom/sync'),
    onSuccess: async () => {
      message.info(t('wc_h_sync_asked'))
      await queries.invalidateQueries({ queryKey: ['wecom', 'health'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Card
      size="small"
      title={t('wc_h_sync')}
      extra={
        <Button
          size="small"
          icon={<SyncOutlined spin={busy} />}
          disabled={!owner || busy}
          loading={ask.isPending}
          onClick={() => ask.mutate()}
        >
          {t(sync.running ? 'wc_h_sync_running' : sync.asked ? 'wc_h_sync_asked' : 'wc_h_sync_now')}
        </Button>
      }
    >
      <div className="stack" style={{ gap: 8 }}>
        {sync.running && <UnderWay sync={sync} />}
        <div className="row" style={{ gap: 16 }}>
          <span>
            {t('wc_h_sync_last')}:{' '}
            <strong>{sync.last ? ago(sync.last.at, words) : t('wc_h_sync_never')}</strong>
            {sync.last && (
              <span className="muted">
                {' · '}
                {t('wc_h_sync_took', { took: duration(sync.last.seconds, words) })}
                {' · '}
                {t('wc_h_sync_facts', { n: whole(sync.last.facts), inferred: whole(sync.last.inferred) })}
              </span>
            )}
          </span>
          {sync.forecast_seconds !== null && (
            <span className="muted">
              {t('wc_h_sync_forecast', { took: duration(sync.forecast_seconds, words) })}
            </span>
          )}
        </div>
        {sync.last && sync.last.skipped > 0 && (
          <Alert
            type="warning"
            showIcon
            title={t('wc_h_sync_skipped', { n: sync.last.skipped })}
            description={<Skips of={sync.last.skips} />}
          />
        )}
        {sync.troubles.map((one) => (
          <Alert
            key={one.what}
            type="warning"
            showIcon
            title={words.maybe(`wc_t_${one.what}`, one.what)}
            description={
              <>
                <div className="wrap">{words.maybe(`err_${one.code}`, one.says)}</div>
                <div className="muted">
                  {t('wc_t_times', { n: one.times, ago: ago(one.since, words) })}
                  {one.again_at && ` · ${t('wc_t_again', { ago: ago(one.again_at, words) })}`}
                </div>
              </>
            }
          />
        ))}
      </div>
    </Card>
  )
}

function UnderWay({ sync }: { sync: Sync }) {
  const words = useWords()
  const { t } = words
  const pieces = sync.of === null ? whole(sync.done) : `${whole(sync.done)} / ${whole(sync.of)}`
  return (
    <div role="status" aria-label={t('wc_h_sync_running')}>
      <div className="between">
        <span>
          {sync.steps_done + 1} / {sync.steps} · {words.said(sync)}{' '}
          <span className="muted num">{pieces}</span>
        </span>
        {sync.seconds_left !== null && (
          <span className="muted num">
            {t('wc_h_sync_left', { took: duration(sync.seconds_left, words) })}
          </span>
        )}
      </div>
      <Progress percent={Math.round(sync.fraction * 100)} status="active" />
    </div>
  )
}

function Skips({ of }: { of: NonNullable<Sync['last']>['skips'] }) {
  return (
    <ul className="reasons">
      {of.slice(0, 5).map((one) => (
        <li key={`${one.step}${one.of}${one.code}`} className="wrap">
          {one.step} {one.of} <span className="muted">{one.says}</span>
        </li>
      ))}
    </ul>
  )
}

function Quota({ usage }: { usage: Usage[] }) {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  return (
    <Table<Usage>
      size="small"
      rowKey="endpoint"
      dataSource={usage}
      pagination={usage.length > 12 ? { pageSize: 12, size: 'small', showSizeChanger: false } : false}
      scroll={{ x: 'max-content' }}
      locale={{ emptyText: t('wc_h_quota_none') }}
      columns={[
        {
          title: t('wc_h_endpoint'),
          render: (_, one) => (
            <span>
              <code>{one.endpoint}</code>{' '}
              {one.blocked_until && (
                <Tag color="error">{t('wc_h_blocked', { at: write.moment(one.blocked_until) })}</Tag>
              )}
            </span>
          ),
        },
        {
          title: t('wc_h_minute'),
          width: 190,
          render: (_, one) => <Used used={one.this_minute} of={one.per_minute} />,
        },
        {
          title: t('wc_h_hour'),
          width: 190,
          render: (_, one) => <Used used={one.this_hour} of={one.per_hour} />,
        },
        {
          title: t('wc_h_calls'),
          align: 'right',
          render: (_, one) => <span className="num">{whole(one.calls)}</span>,
        },
        {
          title: t('wc_h_failed_calls'),
          align: 'right',
          render: (_, one) => <span className="num">{one.failed ? whole(one.failed) : DASH}</span>,
        },
      ]}
    />
  )
}

function Failures({ rows }: { rows: Failure[] }) {
  const words = useWords()
  const { t } = words
  return (
    <Table<Failure>
      size="small"
      rowKey="seq"
      dataSource={rows}
      pagination={false}
      scroll={{ x: 'max-content' }}
      columns={[
        { title: t('wc_h_ago'), render: (_, one) => ago(one.at, words) },
        { title: t('wc_h_event'), render: (_, one) => called(`${one.event}/${one.change}`, 'wc_v', words) },
        {
          title: t('wc_h_reason'),
          render: (_, one) => (
            <span className="wrap">
              {one.state === 'unknown' ? t('wc_h_kept') : one.reason}{' '}
              <code className="muted">#{one.seq}</code>
            </span>
          ),
        },
      ]}
    />
  )
}

function Used({ used, of }: { used: number; of: number }) {
  const share = of ? used / of : 0
  return (
    <Tooltip title={`${whole(used)} / ${whole(of)}`}>
      <div className="row" style={{ gap: 8, flexWrap: 'nowrap' }}>
        <Progress
          percent={Math.min(100, share * 100)}
          showInfo={false}
          size="small"
          style={{ width: 70, margin: 0 }}
          status={share > 0.9 ? 'exception' : 'normal'}
        />
        <span className="num muted">
          {whole(used)} / {whole(of)}
        </span>
      </div>
    </Tooltip>
  )
}

function Errors({ usage }: { usage: Usage[] }) {
  const words = useWords()
  const { t, maybe } = words
  const rows = usage
    .filter((one) => one.last_error_at !== null)
    .sort((a, b) => String(b.last_error_at).localeCompare(String(a.last_error_at)))
    .slice(0, 12)
  return (
    <Table<Usage>
      size="small"
      rowKey="endpoint"
      dataSource={rows}
      pagination={false}
      scroll={{ x: 'max-content' }}
      locale={{ emptyText: t('wc_h_errors_none') }}
      columns={[
        { title: t('wc_h_ago'), render: (_, one) => ago(one.last_error_at, words) },
        { title: t('wc_h_endpoint'), render: (_, one) => <code>{one.endpoint}</code> },
        {
          title: t('wc_h_reason'),
          render: (_, one) => (
            <span className="wrap">
              {one.last_error
                ? `${t('wc_errcode', { code: one.last_error })} · ${maybe(`wc_e_${one.last_error}`, '')}`
                : t('wc_h_no_answer')}{' '}
              <span className="muted">{one.last_hint}</span>
            </span>
          ),
        },
      ]}
    />
  )
}
