/** A broadcast that was approved: how far it is, what waits for which staff, who did not get it and why, and what followed. */

import {
  BellOutlined,
  CopyOutlined,
  DownloadOutlined,
  RollbackOutlined,
  StopOutlined,
} from '@ant-design/icons'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Popconfirm, Progress, Segmented, Table, Tag } from 'antd'
import { Link, useNavigate } from 'react-router'
import { address, get, post, queries } from '../api'
import { ago, money, whole } from '../format'
import { useAddress, useHere, useWriting } from '../here'
import { Failed, More } from '../parts/lists'
import { Head } from '../parts/page'
import { Phone } from '../parts/phone'
import { Called } from '../parts/tags'
import { useWords } from '../words'
import {
  type Broadcast,
  COUNTED,
  type Detail,
  type Options,
  type Recipient,
  type Results,
} from './broadcast-types'
import { StateTag } from './broadcasts'

export function BroadcastDetail({ one, options }: { one: Detail; options: Options }) {
  const { t, said } = useWords()
  const write = useWriting()
  const { corp } = useHere()
  const wave = options.waves.find((each) => each.key === one.plan.wave)
  const total = COUNTED.reduce((sum, key) => sum + one.counts[key], 0)
  return (
    <>
      <Head
        title={
          <span className="row">
            {one.name} <StateTag state={one.state} />
            {one.plan.launch && (
              <Link to={`/broadcasts/launches/${one.plan.launch}`}>
                <Tag color="purple">{wave ? said(wave) : t('la_wave')}</Tag>
              </Link>
            )}
          </span>
        }
        hint={
          <span>
            {one.begins_at && write.moment(one.begins_at)}
            {one.approved_by && ` · ${t('bc_approved_by', { who: one.approved_by })}`}
            {one.progress && ` · ${t('bc_audience_n', { n: whole(one.progress.audience) })}`}
            {one.progress?.plain ? ` · ${t('bc_plain_n', { n: whole(one.progress.plain) })}` : ''}
            {one.progress?.held_out ? ` · ${t('bc_held_out_n', { n: whole(one.progress.held_out) })}` : ''}
          </span>
        }
      >
        <Acts one={one} />
      </Head>
      <div className="stack">
        <Card>
          {one.progress && one.progress.done < one.progress.audience && (
            <Progress
              percent={Math.floor((100 * one.progress.done) / one.progress.audience)}
              status="active"
            />
          )}
          <div className="row" style={{ gap: 32 }}>
            {COUNTED.map((key) => (
              <div key={key} data-count={key} style={{ opacity: one.counts[key] ? 1 : 0.45 }}>
                <div className="muted">{t(`bc_count_${key}`)}</div>
                <strong className="num" style={{ fontSize: 22 }}>
                  {whole(one.counts[key])}
                </strong>
                {total > 0 && one.counts[key] > 0 && (
                  <span className="muted num"> {Math.round((100 * one.counts[key]) / total)}%</span>
                )}
              </div>
            ))}
          </div>
          {total > 0 && (
            <div className="muted" style={{ fontSize: 12, marginTop: 8 }}>
              {t('bc_counts_text', { n: whole(total) })}
            </div>
          )}
        </Card>
        <div className="grid halves">
          <Staff one={one} />
          <Why one={one} />
        </div>
        <Followed one={one} />
        <Card
          title={t('bc_step_message')}
          extra={one.plan.sender && <span className="muted">{one.plan.sender}</span>}
        >
          <div style={{ display: 'flex', gap: 24, overflow: 'auto' }}>
            {one.samples.map((sample) => {
              const arm = one.arms.find((each) => each.arm === sample.arm)
              return (
                <div key={sample.arm} className="stack" style={{ gap: 6, flexShrink: 0 }}>
                  <span>
                    {t('bc_variant', { name: sample.arm })}{' '}
                    <span className="muted num">{t('bc_told', { n: whole(arm?.delivered ?? 0) })}</span>
                  </span>
                  <Phone small message={sample.message} title={corp.name} />
                </div>
              )
            })}
          </div>
        </Card>
        <Recipients one={one} />
      </div>
    </>
  )
}

function Acts({ one }: { one: Detail }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const write = useWriting()
  const go = useNavigate()
  const path = `/api/broadcasts/${one.campaign_id}`
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['broadcast', one.campaign_id] })
    void queries.invalidateQueries({ queryKey: ['broadcasts'] })
  }
  const failed = (error: unknown) => {
    message.error(problem(error))
    again()
  }
  const undo = useMutation({
    mutationFn: () => post<Broadcast>(`${path}/undo`, { version: one.version }),
    onSuccess: () => {
      message.success(t('bc_undone'))
      again()
    },
    onError: failed,
  })
  const cancel = useMutation({
    mutationFn: () => post<Broadcast & { stopped: number }>(`${path}/cancel`, { version: one.version }),
    onSuccess: (done) => {
      message.success(t('bc_cancelled', { n: done.stopped }))
      again()
    },
    onError: failed,
  })
  const nudge = useMutation({
    mutationFn: () => post<{ tasks: number; nudged: number; again_at: string | null }>(`${path}/nudge`),
    onSuccess: (done) => {
      if (!done.tasks) message.info(t('bc_nudge_none'))
      else if (done.nudged) message.success(t('bc_nudged', { n: done.nudged }))
      else message.warning(t('bc_nudge_wait', { at: done.again_at ? write.moment(done.again_at) : '—' }))
      again()
    },
    onError: failed,
  })
  const copy = useMutation({
    mutationFn: () => post<Broadcast>(`${path}/duplicate`),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['broadcasts'] })
      void go(`/broadcasts/${made.campaign_id}`)
    },
    onError: failed,
  })
  const open = one.state !== 'done' && one.state !== 'cancelled'
  const withStaff = one.counts.tasked + one.counts.sent + one.counts.delivered + one.counts.failed > 0
  return (
    <>
      {one.counts.tasked > 0 && (
        <Button icon={<BellOutlined />} loading={nudge.isPending} onClick={() => nudge.mutate()}>
          {t('bc_nudge')}
        </Button>
      )}
      {open && !withStaff && (
        <Button icon={<RollbackOutlined />} loading={undo.isPending} onClick={() => undo.mutate()}>
          {t('bc_undo')}
        </Button>
      )}
      {open && (
        <Popconfirm title={t('bc_cancel_sure')} onConfirm={() => cancel.mutate()}>
          <Button danger icon={<StopOutlined />} loading={cancel.isPending}>
            {t('bc_cancel')}
          </Button>
        </Popconfirm>
      )}
      <Button icon={<CopyOutlined />} loading={copy.isPending} onClick={() => copy.mutate()}>
        {t('bc_duplicate')}
      </Button>
    </>
  )
}

function Staff({ one }: { one: Detail }) {
  const words = useWords()
  const { t } = words
  return (
    <Card size="small" title={t('bc_load')}>
      {one.staff.length ? (
        <Table
          size="small"
          rowKey="userid"
          dataSource={one.staff}
          pagination={one.staff.length > 8 ? { pageSize: 8, size: 'small' } : false}
          scroll={{ x: 'max-content' }}
          columns={[
            {
              title: t('bc_staff'),
              render: (_, row) => (
                <span>
                  {row.name}{' '}
                  {row.nudged > 0 && <span className="muted">{t('bc_times_nudged', { n: row.nudged })}</span>}
                </span>
              ),
            },
            {
              title: t('bc_waiting'),
              align: 'right',
              className: 'num',
              render: (_, row) =>
                row.waiting ? (
                  <Tag color="warning">{`${whole(row.waiting)} · ${t('bc_load_taps')} ${whole(row.tasks)}`}</Tag>
                ) : (
                  0
                ),
            },
            { title: t('bc_since'), render: (_, row) => (row.since ? ago(row.since, words) : '') },
            {
              title: t('bc_count_delivered'),
              align: 'right',
              className: 'num',
              render: (_, row) => whole(row.delivered),
            },
            {
              title: t('bc_count_failed'),
              align: 'right',
              className: 'num',
              render: (_, row) => whole(row.failed),
            },
          ]}
        />
      ) : (
        <span className="muted">{t('bc_waiting_none')}</span>
      )}
    </Card>
  )
}

function Why({ one }: { one: Detail }) {
  const { t, said } = useWords()
  const look = useAddress()
  return (
    <Card size="small" title={t('bc_reasons')}>
      {one.reasons.length ? (
        <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
          {one.reasons.map((why) => (
            <li
              key={why.state + why.reason}
              data-reason={why.reason}
              className="between"
              style={{ flexWrap: 'nowrap', padding: '3px 0' }}
            >
              <span>
                <Tag>{t(`bc_count_${why.state as (typeof COUNTED)[number]}`)}</Tag>
                {said(why)}
              </span>
              <Button
                type="link"
                size="small"
                className="num"
                onClick={() => look.set({ state: why.state, reason: why.reason })}
              >
                {whole(why.times)}
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <span className="muted">{t('bc_reasons_none')}</span>
      )}
    </Card>
  )
}

function Followed({ one }: { one: Detail }) {
  const { t } = useWords()
  const write = useWriting()
  const reached = one.counts.sent + one.counts.delivered
  const results = useQuery({
    queryKey: ['broadcast-results', one.campaign_id, reached],
    queryFn: () => get<Results>(`/api/broadcasts/${one.campaign_id}/results`),
    enabled: reached > 0,
    refetchInterval: 30_000,
  })
  if (!reached) return null
  if (results.error) return <Failed error={results.error} />
  const data = results.data
  return (
    <Card
      size="small"
      title={t('bc_results')}
      loading={!data}
      data-testid="followed"
      extra={<Link to={`/experiments/${one.campaign_id}`}>{t('bc_experiment')}</Link>}
    >
      {data && (
        <div className="stack" style={{ gap: 10 }}>
          <div className="row" style={{ gap: 24 }}>
            <strong style={{ fontSize: 18 }} className="num">
              {t('bc_results_orders', { n: whole(data.total.acts), people: whole(data.total.people) })}
            </strong>
            {data.goal.what === 'order' && (
              <strong className="num" style={{ fontSize: 18 }}>
                {money(data.total.amount_fen, write.currency)}
              </strong>
            )}
          </div>
          {data.arms.length > 1 && (
            <Table
              size="small"
              rowKey="arm"
              pagination={false}
              dataSource={data.arms}
              columns={[
                { title: '', render: (_, row) => t('bc_variant', { name: row.arm }) },
                {
                  title: t('bc_count_delivered'),
                  align: 'right',
                  className: 'num',
                  render: (_, row) => whole(row.told),
                },
                {
                  title: t(`bc_goal_${data.goal.what}`),
                  align: 'right',
                  className: 'num',
                  render: (_, row) => whole(row.acts),
                },
                {
                  title: t('la_money'),
                  align: 'right',
                  className: 'num',
                  render: (_, row) => money(row.amount_fen, write.currency),
                },
              ]}
            />
          )}
          <span className="muted">
            {t('bc_results_text', { days: data.goal.days, goal: t(`bc_goal_${data.goal.what}`) })}
          </span>
        </div>
      )}
    </Card>
  )
}

function Recipients({ one }: { one: Detail }) {
  const { t, language } = useWords()
  const write = useWriting()
  const look = useAddress()
  const state = look.get('state')
  const reason = look.get('reason')
  const path = `/api/broadcasts/${one.campaign_id}/recipients`
  const list = useInfiniteQuery({
    queryKey: ['broadcast-recipients', one.campaign_id, state, reason, JSON.stringify(one.counts)],
    queryFn: ({ pageParam }) =>
      get<{ items: Recipient[]; next: string | null }>(path, { state, reason, after: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: 10_000,
  })
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Card
      title={t('bc_recipients')}
      extra={
        <Button
          size="small"
          icon={<DownloadOutlined />}
          href={address(`${path}.csv`, { state, reason })}
          download
        >
          {t('csv')}
        </Button>
      }
      styles={{ body: { padding: 0 } }}
    >
      <div style={{ padding: '10px 12px', overflow: 'auto' }}>
        <Segmented
          size="small"
          value={state ?? ''}
          onChange={(chosen) => look.set({ state: chosen || null, reason: null })}
          options={[
            { value: '', label: t('bc_all_states') },
            ...COUNTED.map((key) => ({
              value: key,
              label: `${t(`bc_count_${key}`)} ${whole(one.counts[key])}`,
            })),
          ]}
        />
        {reason && (
          <Tag closable onClose={() => look.set({ reason: null })} style={{ marginLeft: 8 }}>
            {reason}
          </Tag>
        )}
      </div>
      <Table
        size="small"
        rowKey={(row) => `${row.person ?? ''}g${row.group ?? ''}`}
        loading={list.isLoading}
        dataSource={rows}
        pagination={false}
        scroll={{ x: 640 }}
        columns={[
          {
            title: t('bc_step_whom'),
            render: (_, row) => (
              <Link to={row.group === null ? `/people/${row.person}` : `/groups/${row.group}`}>
                {row.group === null ? <Called name={row.name} /> : row.name}
              </Link>
            ),
          },
          ...(one.arms.length > 1
            ? [{ title: t('bc_share'), render: (_: unknown, row: Recipient) => row.arm }]
            : []),
          {
            title: t('bc_state'),
            render: (_, row) => (
              <span>
                {t(`bc_count_${row.state as (typeof COUNTED)[number]}`)}
                {row.reason && <span className="muted"> {language === 'zh' ? row.zh : row.en}</span>}
              </span>
            ),
          },
          { title: t('bc_staff'), render: (_, row) => row.sender_name ?? '—' },
          { title: t('bc_when'), className: 'num', render: (_, row) => write.moment(row.moved_at) },
        ]}
      />
      <div style={{ padding: 10 }}>
        <More page={list} shown={rows.length} total={null} />
      </div>
    </Card>
  )
}
