/** Trying a journey before it runs: with one person, and over the facts of the last days. */

import { useMutation } from '@tanstack/react-query'
import { Alert, App, Button, Card, Checkbox, InputNumber, Space, Table, Tag, Timeline } from 'antd'
import { useMemo, useState } from 'react'
import { post } from '../api'
import { whole } from '../format'
import { useWriting } from '../here'
import { Chart } from '../parts/chart'
import { Tile } from '../parts/numbers'
import { PersonSearch } from '../parts/person-search'
import { PersonLink } from '../parts/tags'
import { useWords } from '../words'
import { type Drawing, iso, type Rehearsed, type Says, share, type Trial } from './journey-types'

export function TryPanel({ journey, drawing, says }: { journey: string; drawing: Drawing; says: Says }) {
  const { t, said, maybe, problem } = useWords()
  const write = useWriting()
  const { message } = App.useApp()
  const [person, setPerson] = useState<number | null>(null)
  const [happens, setHappens] = useState<string[]>([])
  const go = useMutation({
    mutationFn: () => post<Trial>(`/api/journeys/${journey}/try`, { journey: drawing, person, happens }),
    onError: (error) => message.error(problem(error)),
  })
  const waits = drawing.steps.filter((one) => one.kind === 'wait_for')
  const done = go.data
  const name = (step: string) => said(says.steps[step]?.said ?? { zh: step, en: step })
  return (
    <div className="stack" data-testid="try">
      <Space.Compact block>
        <PersonSearch label={t('jo_try_person')} value={person} choose={setPerson} />
        <Button type="primary" disabled={person === null} loading={go.isPending} onClick={() => go.mutate()}>
          {t('jo_try_go')}
        </Button>
      </Space.Compact>
      {waits.length > 0 && (
        <div>
          <div className="muted">{t('jo_try_happens')}</div>
          <Checkbox.Group
            value={happens}
            options={waits.map((one) => ({ value: one.id, label: name(one.id) }))}
            onChange={setHappens}
          />
        </div>
      )}
      {done?.turned_away && (
        <Alert
          type="warning"
          showIcon
          title={t('jo_try_turned', { why: maybe(`jo_away_${done.turned_away}`, done.turned_away) })}
        />
      )}
      {done && (
        <Timeline
          items={[
            ...done.passed.map((one) => ({
              color: one.outcome === 'refusal' ? 'red' : one.outcome === 'postponed' ? 'orange' : 'green',
              content: (
                <>
                  <span className="muted num">{write.moment(iso(one.at_us))}</span> {said(one.said)}
                  {one.way !== 'next' && <Tag>{said(one.way_said)}</Tag>}
                  {one.says && <div className="jo-quote">{one.says}</div>}
                  {one.reason_said && <div className="muted">{said(one.reason_said)}</div>}
                </>
              ),
            })),
            {
              color: 'gray',
              content:
                done.how === 'waits'
                  ? t('jo_try_waits', { step: name(done.at) })
                  : done.how
                    ? t('jo_try_ends', { how: maybe(`jo_out_${done.how}`, done.how) })
                    : '',
            },
          ]}
        />
      )}
    </div>
  )
}

interface Answer {
  draft: Rehearsed
  live: Rehearsed | null
}

export function RehearsalPanel(props: { journey: string; drawing: Drawing; live: boolean; says: Says }) {
  const { t, said, problem } = useWords()
  const { message } = App.useApp()
  const [days, setDays] = useState(30)
  const [compare, setCompare] = useState(props.live)
  const go = useMutation({
    mutationFn: () =>
      post<Answer>(`/api/journeys/${props.journey}/rehearse`, { journey: props.drawing, days, compare }),
    onError: (error) => message.error(problem(error)),
  })
  return (
    <div className="stack" data-testid="rehearsal">
      <div className="muted">{t('jo_rehearse_hint')}</div>
      <Space wrap>
        <InputNumber
          min={1}
          max={90}
          value={days}
          aria-label={t('jo_rehearse_days')}
          suffix={t('jo_days')}
          onChange={(n) => setDays(n ?? 30)}
        />
        {props.live && (
          <Checkbox checked={compare} onChange={(e) => setCompare(e.target.checked)}>
            {t('jo_rehearse_compare')}
          </Checkbox>
        )}
        <Button type="primary" loading={go.isPending} onClick={() => go.mutate()}>
          {t('jo_rehearse_go')}
        </Button>
      </Space>
      {go.data && (
        <>
          <Figures of={go.data.draft} title={go.data.live ? t('jo_draft_version') : null} />
          {go.data.live && <Figures of={go.data.live} title={t('jo_live_version')} />}
          <Details of={go.data.draft} says={props.says} />
          {go.data.draft.assumed.map((one) => (
            <div key={one.en} className="muted">
              {said(one)}
            </div>
          ))}
        </>
      )}
    </div>
  )
}

function Figures({ of, title }: { of: Rehearsed; title: string | null }) {
  const { t, maybe } = useWords()
  const write = useWriting()
  const turned = Object.values(of.turned_away).reduce((sum, n) => sum + n, 0)
  return (
    <Card size="small" title={title}>
      <div className="grid tiles">
        <Tile label={t('jo_would_enter')}>{whole(of.entered)}</Tile>
        <Tile label={t('jo_held')}>{whole(of.held_out)}</Tile>
        <Tile
          label={t('jo_would_turn')}
          hint={Object.entries(of.turned_away)
            .map(([why, n]) => `${maybe(`jo_away_${why}`, why)} ${whole(n)}`)
            .join(' · ')}
        >
          {whole(turned)}
        </Tile>
        <Tile
          label={t('jo_would_send')}
          hint={[
            t('jo_taps', { n: whole(of.load.reduce((sum, one) => sum + one.confirmations, 0)) }),
            ...(of.plain ? [t('jo_plain', { n: whole(of.plain) })] : []),
          ].join(' · ')}
        >
          {whole(of.admitted)}
        </Tile>
        <Tile label={t('jo_would_refuse')}>{whole(of.refused)}</Tile>
        <Tile label={t('jo_inside')}>{whole(of.inside)}</Tile>
        <Tile
          label={t('jo_goal')}
          hint={of.goal.whole ? `${whole(of.goal.part)} / ${whole(of.goal.whole)}` : undefined}
        >
          {write.num(share(of.goal))}
        </Tile>
      </div>
    </Card>
  )
}

function Details({ of, says }: { of: Rehearsed; says: Says }) {
  const { t, said } = useWords()
  const write = useWriting()
  const name = (step: string) => said(says.steps[step]?.said ?? { zh: step, en: step })
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 8, top: 32, bottom: 8, containLabel: true },
      legend: { top: 0 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: of.load.map((one) => write.moment(iso(one.hour_us))) },
      yAxis: { type: 'value', minInterval: 1 },
      series: (['messages', 'confirmations', 'tasks'] as const).map((key) => ({
        type: 'bar',
        stack: key === 'messages' ? 'said' : 'done',
        name: t(`jo_load_${key}`),
        data: of.load.map((one) => one[key]),
      })),
    }),
    [of, t, write],
  )
  const why = of.messages.filter((one) => one.outcome === 'refused')
  return (
    <>
      {why.length > 0 && (
        <Card size="small" title={t('jo_why_not')} styles={{ body: { padding: 0 } }}>
          <Table
            size="small"
            rowKey={(row) => `${row.step}-${row.reason}`}
            dataSource={why}
            pagination={false}
            columns={[
              { title: t('jo_step'), render: (_, row) => name(row.step) },
              { title: t('jo_why_not'), render: (_, row) => (row.said ? said(row.said) : row.reason) },
              { title: t('jo_refused'), align: 'right', render: (_, row) => whole(row.n) },
            ]}
          />
        </Card>
      )}
      {of.load.length > 0 && (
        <Card size="small" title={t('jo_load')}>
          <Chart option={option} height={220} label={t('jo_load')} />
        </Card>
      )}
      <Card size="small" title={t('jo_who')} styles={{ body: { padding: 0 } }}>
        <Table
          size="small"
          rowKey={(row) => `${row.person}-${row.step}-${row.at_us}-${row.outcome}`}
          dataSource={of.shown}
          pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
          columns={[
            {
              title: t('jo_at'),
              className: 'num',
              render: (_, row) => write.moment(iso(row.at_us)),
            },
            { title: t('jo_name'), render: (_, row) => <PersonLink person={row.person} name={row.name} /> },
            { title: t('jo_messages'), render: (_, row) => row.text || name(row.step) },
            {
              title: t('jo_state'),
              render: (_, row) => (
                <>
                  <Tag color={row.outcome === 'admitted' ? 'green' : 'default'}>
                    {t(`jo_outcome_${row.outcome}`)}
                  </Tag>
                  {row.reason_said && <span className="muted">{said(row.reason_said)}</span>}
                </>
              ),
            },
          ]}
        />
      </Card>
    </>
  )
}
