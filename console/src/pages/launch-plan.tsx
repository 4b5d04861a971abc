/** A launch: its waves in order, planned against real, and what each group, text and person brought. */

import { StopOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Popconfirm, Progress, Table, Tabs } from 'antd'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { DASH, money, whole } from '../format'
import { useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { PersonLink } from '../parts/tags'
import { useWords } from '../words'
import type { LaunchDetail, LaunchRow, Sum } from './broadcast-types'
import { asWritten, CountBar, StateTag, useOptions } from './broadcasts'

export function LaunchPlanPage() {
  const { t, said, problem } = useWords()
  const { message } = App.useApp()
  const write = useWriting()
  const { id = '' } = useParams()
  const options = useOptions()
  const path = `/api/launch-plans/${encodeURIComponent(id)}`
  const page = useQuery({
    queryKey: ['launch-plan', id],
    queryFn: () => get<LaunchDetail>(path),
    refetchInterval: 10_000,
  })
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['launch-plan', id] })
    void queries.invalidateQueries({ queryKey: ['launch-plans'] })
  }
  const failed = (error: unknown) => message.error(problem(error))
  const approve = useMutation({
    mutationFn: () => post<LaunchRow>(`${path}/approve`),
    onSuccess: () => {
      message.success(t('bc_approved'))
      again()
    },
    onError: failed,
  })
  const cancel = useMutation({
    mutationFn: () => post<LaunchRow & { stopped: number }>(`${path}/cancel`),
    onSuccess: (done) => {
      message.success(t('bc_cancelled', { n: done.stopped }))
      again()
    },
    onError: failed,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data || !options) return <Waiting />
  const one = page.data
  const called = (key: string) => {
    const wave = options.waves.find((each) => each.key === key)
    return wave ? said(wave) : key
  }
  const open = one.waves.some((wave) => wave.state !== 'done' && wave.state !== 'cancelled')
  return (
    <>
      <Head
        title={
          <span className="row">
            {one.name} <StateTag state={one.state} />
          </span>
        }
        hint={
          <span className="num">
            {one.goods} · {t('la_opens')} {write.moment(one.opens_at)}
          </span>
        }
      >
        {one.waves.some((wave) => wave.state === 'draft') && (
          <Popconfirm title={t('la_approve_sure')} onConfirm={() => approve.mutate()}>
            <Button type="primary" loading={approve.isPending}>
              {t('la_approve')}
            </Button>
          </Popconfirm>
        )}
        {open && (
          <Popconfirm title={t('bc_cancel_sure')} onConfirm={() => cancel.mutate()}>
            <Button danger icon={<StopOutlined />} loading={cancel.isPending}>
              {t('la_cancel')}
            </Button>
          </Popconfirm>
        )}
      </Head>
      <div className="stack">
        <Card>
          <div className="grid halves">
            <Against label={t('la_orders')} planned={one.planned_orders} real={one.total.acts} say={whole} />
            <Against
              label={t('la_money')}
              planned={one.planned_fen}
              real={one.total.amount_fen}
              say={(fen) => money(fen, write.currency)}
            />
          </div>
        </Card>
        <Card title={t('la_by_wave')} styles={{ body: { padding: 0 } }}>
          <Table
            rowKey="campaign_id"
            dataSource={one.waves}
            pagination={false}
            scroll={{ x: 960 }}
            columns={[
              {
                title: t('la_wave'),
                render: (_, row) => (
                  <div style={{ maxWidth: 320 }} data-wave={row.wave}>
                    <Link to={`/broadcasts/${row.campaign_id}`}>{called(row.wave)}</Link>
                    <div
                      className="muted"
                      style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
                    >
                      {asWritten(row.text)}
                    </div>
                  </div>
                ),
              },
              { title: t('bc_state'), render: (_, row) => <StateTag state={row.state} /> },
              {
                title: t('bc_when'),
                className: 'num',
                render: (_, row) => (row.begins_at ? write.moment(row.begins_at) : DASH),
              },
              {
                title: t('bc_progress'),
                width: 200,
                render: (_, row) => <CountBar counts={row.counts} />,
              },
              {
                title: `${t('la_orders')}: ${t('la_real')} / ${t('la_planned')}`,
                align: 'right',
                className: 'num',
                render: (_, row) => `${whole(row.acts)} / ${saidOr(row.planned_orders, whole)}`,
              },
              {
                title: `${t('la_money')}: ${t('la_real')} / ${t('la_planned')}`,
                align: 'right',
                className: 'num',
                render: (_, row) =>
                  `${money(row.amount_fen, write.currency)} / ${saidOr(row.planned_fen, (fen) => money(fen, write.currency))}`,
              },
            ]}
          />
        </Card>
        <Card>
          {one.total.acts === 0 ? (
            <span className="muted">{t('la_no_orders')}</span>
          ) : (
            <Tabs
              items={[
                {
                  key: 'groups',
                  label: t('la_by_group'),
                  children: (
                    <Brought
                      rows={one.groups.map((row) => ({
                        ...row,
                        key: String(row.group),
                        name: <Link to={`/groups/${row.group}`}>{row.name}</Link>,
                      }))}
                    />
                  ),
                },
                {
                  key: 'texts',
                  label: t('la_by_text'),
                  children: (
                    <Brought
                      rows={one.texts.map((row) => ({
                        ...row,
                        key: row.wave + row.arm,
                        name: (
                          <span>
                            {called(row.wave)} · {t('bc_variant', { name: row.arm })}
                            <div className="muted">{asWritten(row.text)}</div>
                          </span>
                        ),
                      }))}
                    />
                  ),
                },
                {
                  key: 'people',
                  label: t('la_by_person'),
                  children: (
                    <Brought
                      rows={one.people.map((row) => ({
                        ...row,
                        key: String(row.person),
                        name: (
                          <span>
                            <PersonLink person={row.person} name={row.name} />{' '}
                            <span className="muted num">
                              {called(row.wave)} · {write.moment(row.at)}
                            </span>
                          </span>
                        ),
                      }))}
                    />
                  ),
                },
              ]}
            />
          )}
        </Card>
      </div>
    </>
  )
}

const saidOr = (value: number | null, say: (value: number) => string) => (value === null ? DASH : say(value))

function Against(props: {
  label: string
  planned: number | null
  real: number
  say: (value: number) => string
}) {
  const { t } = useWords()
  return (
    <div>
      <div className="muted">{props.label}</div>
      <div className="row" style={{ alignItems: 'baseline' }}>
        <strong className="num" style={{ fontSize: 24 }}>
          {props.say(props.real)}
        </strong>
        <span className="muted num">
          {t('la_planned')} {saidOr(props.planned, props.say)}
        </span>
      </div>
      {props.planned ? <Progress percent={Math.round((100 * props.real) / props.planned)} /> : null}
    </div>
  )
}

function Brought({ rows }: { rows: (Sum & { key: string; name: ReactNode })[] }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Table
      size="small"
      rowKey="key"
      dataSource={rows}
      pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
      columns={[
        { title: '', dataIndex: 'name' },
        { title: t('la_orders'), align: 'right', className: 'num', render: (_, row) => whole(row.acts) },
        {
          title: t('la_money'),
          align: 'right',
          className: 'num',
          render: (_, row) => money(row.amount_fen, write.currency),
        },
      ]}
    />
  )
}
