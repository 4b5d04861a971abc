/** One journey: drawn from top to bottom, tried, rehearsed, published over those inside. */

import {
  PauseOutlined,
  PlayCircleOutlined,
  SaveOutlined,
  StopOutlined,
  TeamOutlined,
} from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, Drawer, Input, Modal, Popconfirm, Select, Space, Table, Tag } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useParams } from 'react-router'
import { get, Problem, post, put, queries } from '../api'
import { Waiting } from '../app'
import { whole } from '../format'
import { useWriting } from '../here'
import { Failed } from '../parts/lists'
import { PeopleSelect } from '../parts/person-search'
import { PersonLink } from '../parts/tags'
import { useWords } from '../words'
import { Canvas } from './journey-canvas'
import { SettingsForm, StepForm } from './journey-forms'
import { RehearsalPanel, TryPanel } from './journey-trying'
import {
  type Check,
  type Drawing,
  iso,
  type Kinds,
  type Moving,
  type Step,
  type Whole,
} from './journey-types'
import '../journeys.css'
import { StateTag } from './journeys'

export function JourneyPage() {
  const { id = '' } = useParams()
  const page = useQuery({
    queryKey: ['journey', id],
    queryFn: () => get<Whole>(`/api/journeys/${id}`),
    refetchInterval: 5_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  return <Editor key={id} whole={page.data} />
}

function Editor({ whole: of }: { whole: Whole }) {
  const { t, said, problem } = useWords()
  const { message } = App.useApp()
  // What is drawn here stays until it is saved, whatever the server counts meanwhile.
  const [drawing, setDrawing] = useState<Drawing>(of.drawing)
  const [name, setName] = useState(of.name)
  const [touched, setTouched] = useState(false)
  const [version, setVersion] = useState(of.version)
  const [chosen, setChosen] = useState<string | null>(null)
  const [panel, setPanel] = useState<'try' | 'rehearse' | 'versions' | 'inside' | null>(null)
  const [moving, setMoving] = useState<Moving[] | null>(null)
  const [check, setCheck] = useState<Check>({ wrong: of.wrong, says: of.says, moving: [] })
  const kinds = useQuery({
    queryKey: ['journey-kinds'],
    queryFn: () => get<Kinds>('/api/journey-kinds'),
    staleTime: Number.POSITIVE_INFINITY,
  }).data
  const where = `/api/journeys/${of.journey}`
  const frozen = of.state === 'stopped'

  useEffect(() => {
    if (!touched) return
    let late = false
    const soon = setTimeout(() => {
      post<Check>(`${where}/check`, { journey: drawing })
        .then((told) => {
          if (!late) setCheck(told)
        })
        .catch((error: unknown) => {
          if (!late && error instanceof Problem) message.error(problem(error))
        })
    }, 250)
    return () => {
      late = true
      clearTimeout(soon)
    }
  }, [drawing, touched, where, message, problem])

  const draw = (next: Drawing) => {
    setDrawing(next)
    setTouched(true)
  }
  const told = (whole: Whole) => {
    queries.setQueryData(['journey', of.journey], whole)
    void queries.invalidateQueries({ queryKey: ['journeys'] })
    setDrawing(whole.drawing)
    setName(whole.name)
    setVersion(whole.version)
    setCheck({ wrong: whole.wrong, says: whole.says, moving: [] })
    setTouched(false)
  }
  const failed = (error: unknown) => message.error(problem(error))
  const save = useMutation({
    mutationFn: () => put<Whole>(where, { version, name, journey: drawing }),
    onSuccess: (whole) => {
      told(whole)
      message.success(t('jo_saved'))
    },
    onError: failed,
  })
  const state = useMutation({
    mutationFn: (change: string) => post<Whole>(`${where}/state/${change}`, { version }),
    onSuccess: told,
    onError: failed,
  })
  const publish = useMutation({
    mutationFn: (moves: Record<string, string | null>) => post<Whole>(`${where}/publish`, { version, moves }),
    onSuccess: (whole) => {
      told(whole)
      setMoving(null)
      message.success(t('jo_published', { n: whole.live }))
    },
    onError: failed,
  })
  const ask = async () => {
    try {
      if (touched) told(await put<Whole>(where, { version, name, journey: drawing }))
      const found = await post<Check>(`${where}/check`, { journey: drawing })
      setCheck(found)
      if (found.wrong.length)
        setChosen(found.wrong[0]?.at.startsWith('trigger') ? '' : (found.wrong[0]?.at ?? ''))
      else setMoving(found.moving)
    } catch (error) {
      failed(error)
    }
  }
  const step = drawing.steps.find((one) => one.id === chosen)
  const wrongAt = (at: string) => check.wrong.filter((one) => one.at === at)
  return (
    <>
      <div className="between" style={{ marginBottom: 14 }}>
        <Space wrap>
          <Input
            value={name}
            disabled={frozen}
            aria-label={t('jo_name')}
            style={{ fontSize: 18, fontWeight: 600, width: 260 }}
            onChange={(e) => {
              setName(e.target.value)
              setTouched(true)
            }}
          />
          <StateTag state={of.state} />
          {of.live > 0 && <Tag>{t('jo_version', { n: of.live })}</Tag>}
          {touched ? (
            <Tag color="orange">{t('jo_unsaved')}</Tag>
          ) : (
            of.has_draft && of.live > 0 && <Tag color="blue">{t('jo_has_draft')}</Tag>
          )}
        </Space>
        <Space wrap>
          {of.live > 0 && (
            <>
              <Button icon={<TeamOutlined />} onClick={() => setPanel('inside')}>
                {t('jo_inside_n', { n: whole(of.inside) })}
              </Button>
              <Link to={`/experiments/${of.journey}`}>
                <Button>{t('jo_outcome')}</Button>
              </Link>
            </>
          )}
          <Button onClick={() => setPanel('try')}>{t('jo_try')}</Button>
          <Button onClick={() => setPanel('rehearse')}>{t('jo_rehearse')}</Button>
          <Button onClick={() => setPanel('versions')}>{t('jo_versions')}</Button>
          {of.state === 'live' && (
            <Button icon={<PauseOutlined />} onClick={() => state.mutate('pause')}>
              {t('jo_pause')}
            </Button>
          )}
          {of.state === 'paused' && (
            <Button icon={<PlayCircleOutlined />} onClick={() => state.mutate('continue')}>
              {t('jo_continue')}
            </Button>
          )}
          {of.live > 0 && of.has_draft && !frozen && (
            <Button onClick={() => state.mutate('drop-draft')}>{t('jo_drop')}</Button>
          )}
          {!frozen && (
            <>
              <Popconfirm
                title={t('jo_stop_sure', { n: whole(of.inside) })}
                onConfirm={() => state.mutate('stop')}
              >
                <Button danger icon={<StopOutlined />}>
                  {t('jo_stop')}
                </Button>
              </Popconfirm>
              <Button
                icon={<SaveOutlined />}
                disabled={!touched}
                loading={save.isPending}
                onClick={() => save.mutate()}
              >
                {t('jo_save')}
              </Button>
              <Button type="primary" onClick={() => void ask()}>
                {t('jo_publish')}
              </Button>
            </>
          )}
        </Space>
      </div>
      {check.wrong.length > 0 && (
        <Alert
          type="warning"
          style={{ marginBottom: 12 }}
          title={t('jo_wrong', { n: check.wrong.length })}
          description={
            <Space wrap>
              {check.wrong.map((one) => (
                <Button
                  key={`${one.at}-${one.en}`}
                  size="small"
                  type="link"
                  onClick={() => setChosen(one.at === '' || one.at.startsWith('trigger') ? '' : one.at)}
                >
                  {said(one)}
                </Button>
              ))}
            </Space>
          }
        />
      )}
      <Card styles={{ body: { overflow: 'auto' } }}>
        <Canvas
          drawing={drawing}
          says={check.says}
          wrong={check.wrong}
          counts={of.steps}
          kinds={kinds}
          chosen={chosen}
          frozen={frozen}
          choose={setChosen}
          add={(kind, after, way) => {
            const made = added(drawing, kind, after, way)
            draw(made.drawing)
            setChosen(made.id)
          }}
        />
      </Card>
      <Drawer
        open={chosen !== null && kinds !== undefined && (chosen === '' || step !== undefined)}
        title={
          chosen === ''
            ? t('jo_settings')
            : said(check.says.steps[chosen ?? '']?.title ?? { zh: t('jo_step'), en: t('jo_step') })
        }
        size={step?.kind === 'send' ? 820 : 460}
        onClose={() => setChosen(null)}
      >
        {kinds && chosen === '' && (
          <SettingsForm
            drawing={drawing}
            wrong={check.wrong.filter((one) => one.at === '' || one.at.startsWith('trigger'))}
            kinds={kinds}
            change={draw}
          />
        )}
        {kinds && step && (
          <StepForm
            step={step}
            drawing={drawing}
            says={check.says}
            wrong={wrongAt(step.id)}
            kinds={kinds}
            change={(next) =>
              draw({ ...drawing, steps: drawing.steps.map((one) => (one.id === next.id ? next : one)) })
            }
            lead={(way, to) =>
              draw({
                ...drawing,
                steps: drawing.steps.map((one) => (one.id === step.id ? led(one, way, to) : one)),
              })
            }
            remove={() => {
              draw(removed(drawing, step))
              setChosen(null)
            }}
          />
        )}
      </Drawer>
      <Drawer open={panel === 'try'} title={t('jo_try')} size={520} onClose={() => setPanel(null)}>
        <TryPanel journey={of.journey} drawing={drawing} says={check.says} />
      </Drawer>
      <Drawer open={panel === 'rehearse'} title={t('jo_rehearse')} size={860} onClose={() => setPanel(null)}>
        <RehearsalPanel journey={of.journey} drawing={drawing} live={of.live > 0} says={check.says} />
      </Drawer>
      <Drawer open={panel === 'versions'} title={t('jo_versions')} size={520} onClose={() => setPanel(null)}>
        <Versions of={of} told={told} />
      </Drawer>
      <Drawer open={panel === 'inside'} title={t('jo_inside')} size={720} onClose={() => setPanel(null)}>
        {panel === 'inside' && <Inside of={of} />}
      </Drawer>
      {moving && (
        <Publish
          moving={moving}
          drawing={drawing}
          check={check}
          busy={publish.isPending}
          close={() => setMoving(null)}
          go={(moves) => publish.mutate(moves)}
        />
      )}
    </>
  )
}

interface Waiter {
  person: number
  name: string
  step: string
  since_us: number
  due_us: number | null
}

/** Who is inside and at which step, those who move on next first. */
function Inside({ of }: { of: Whole }) {
  const { t, said } = useWords()
  const write = useWriting()
  const page = useQuery({
    queryKey: ['journey-inside', of.journey],
    queryFn: () => get<{ items: Waiter[] }>(`/api/journeys/${of.journey}/people`),
    refetchInterval: 5_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  const items = page.data?.items ?? []
  return (
    <div className="stack" data-testid="inside">
      {of.state === 'live' && <PutIn journey={of.journey} />}
      <Table
        size="small"
        rowKey="person"
        loading={page.isLoading}
        dataSource={items}
        locale={{ emptyText: t('jo_nobody_inside') }}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: t('nav_people'),
            render: (_, row) => <PersonLink person={row.person} name={row.name} />,
          },
          {
            title: t('jo_step'),
            render: (_, row) => (
              <div style={{ maxWidth: 260, whiteSpace: 'normal' }}>
                {said(of.says.steps[row.step]?.said ?? { zh: row.step, en: row.step })}
              </div>
            ),
          },
          {
            title: t('jo_entered_at'),
            className: 'num',
            render: (_, row) => write.moment(iso(row.since_us)),
          },
          {
            title: t('jo_due'),
            className: 'num',
            render: (_, row) => (row.due_us === null ? '—' : write.moment(iso(row.due_us))),
          },
        ]}
      />
      <span className="muted num">
        {t('part_of_whole', { part: whole(items.length), whole: whole(of.inside) })}
      </span>
    </div>
  )
}

/** Somebody is put in by hand, as far as the journey's rules let them. */
function PutIn({ journey }: { journey: string }) {
  const { t, maybe, problem } = useWords()
  const { message } = App.useApp()
  const [people, setPeople] = useState<number[]>([])
  const put_in = useMutation({
    mutationFn: () =>
      post<{ entered: Record<string, number> }>(`/api/journeys/${journey}/enter`, { persons: people }),
    onSuccess: ({ entered }) => {
      setPeople([])
      void queries.invalidateQueries({ queryKey: ['journey', journey] })
      void queries.invalidateQueries({ queryKey: ['journey-inside', journey] })
      for (const [what, n] of Object.entries(entered)) {
        const [how, why = ''] = what.split(':')
        if (how === 'turned_away')
          message.warning(`${t('jo_would_turn')} ${n}: ${maybe(`jo_away_${why}`, why)}`)
        else message.success(t(why === 'holdout' ? 'jo_put_held' : 'jo_put', { n: whole(n) }))
      }
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Space.Compact block>
      <PeopleSelect label={t('jo_put_whom')} value={people} onChange={setPeople} />
      <Button
        type="primary"
        disabled={people.length === 0}
        loading={put_in.isPending}
        onClick={() => put_in.mutate()}
      >
        {t('jo_put_in')}
      </Button>
    </Space.Compact>
  )
}

/** Who moves where, before it is done. */
function Publish(props: {
  moving: Moving[]
  drawing: Drawing
  check: Check
  busy: boolean
  close: () => void
  go: (moves: Record<string, string | null>) => void
}) {
  const { t, said } = useWords()
  const [moves, setMoves] = useState<Record<string, string | null>>(
    Object.fromEntries(props.moving.map((one) => [one.step, one.to])),
  )
  const options = [
    { value: '', label: t('jo_leaves') },
    ...props.drawing.steps.map((one) => ({
      value: one.id,
      label: said(props.check.says.steps[one.id]?.said ?? { zh: one.id, en: one.id }),
    })),
  ]
  return (
    <Modal
      open
      title={t('jo_publish_title')}
      okText={t('jo_publish')}
      confirmLoading={props.busy}
      onCancel={props.close}
      onOk={() => props.go(moves)}
    >
      {props.moving.length === 0 && <p>{t('jo_nobody_moves')}</p>}
      {props.moving.map((one) => (
        <div key={one.step} style={{ marginBottom: 12 }}>
          <div>{t('jo_moves', { n: whole(one.waiting), step: said(one.said) })}</div>
          <Select
            value={moves[one.step] ?? ''}
            aria-label={one.step}
            style={{ width: '100%' }}
            options={options}
            onChange={(to) => setMoves({ ...moves, [one.step]: to || null })}
          />
        </div>
      ))}
    </Modal>
  )
}

function Versions({ of, told }: { of: Whole; told: (whole: Whole) => void }) {
  const { t, problem } = useWords()
  const write = useWriting()
  const { message } = App.useApp()
  const back = useMutation({
    mutationFn: (to: number) =>
      post<Whole>(`/api/journeys/${of.journey}/roll-back`, { version: of.version, to }),
    onSuccess: told,
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Table
      size="small"
      rowKey="version"
      dataSource={of.versions}
      pagination={false}
      columns={[
        { title: t('jo_versions'), render: (_, row) => t('jo_version', { n: row.version }) },
        { title: t('jo_at'), render: (_, row) => write.moment(iso(row.published_us)) },
        { title: t('jo_step'), align: 'right', dataIndex: 'steps' },
        {
          render: (_, row) =>
            row.version !== of.live &&
            of.state !== 'stopped' && (
              <Button size="small" loading={back.isPending} onClick={() => back.mutate(row.version)}>
                {t('jo_roll_back')}
              </Button>
            ),
        },
      ]}
    />
  )
}

// ---- drawing ----

const BLANK: Record<string, Omit<Step, 'id' | 'kind'>> = {
  send: {
    message: { text: '', attachments: [] },
    purpose: null,
    worth_fen: 0,
    words: 'auto',
    expires_hours: 24,
    sender: null,
  },
  wait: { minutes: 1440 },
  wait_until_time: { start: '10:00', end: '20:00', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  wait_until_date: { day: '', at: '10:00' },
  wait_for: { happening: { fact: 'order.paid', where: [] }, segment: null, minutes: 4320 },
  branch_by_segment: { segment: '' },
  branch_by_condition: { of: 'attribute', key: '', op: 'is', value: '' },
  split: {
    arms: [
      { name: 'A', share: 50, next: null },
      { name: 'B', share: 50, next: null },
    ],
  },
  tag: { tag: '', off: false },
  points: { points: 10, because: '' },
  task: { what: '', how: '', staff: null, due_hours: 24 },
  webhook: { url: 'https://' },
  jump: { to: '', times: 1 },
  leave: {},
}
const FORKED = ['wait_for', 'branch_by_segment', 'branch_by_condition']

/** A step whose way leads elsewhere. */
function led(step: Step, way: string, to: string | null): Step {
  if (step.kind === 'split') {
    return { ...step, arms: (step.arms ?? []).map((one) => (one.name === way ? { ...one, next: to } : one)) }
  }
  if (way === 'again') return { ...step, to: to ?? '' }
  if (way === 'enough') return { ...step, next: to }
  if (way === 'happened' || way === 'yes') return { ...step, yes: to }
  if (way === 'timeout' || way === 'no') return { ...step, no: to }
  return { ...step, next: to }
}

/** Where the ways of a step lead, except back. */
function leads(step: Step): (string | null)[] {
  if (step.kind === 'split') return (step.arms ?? []).map((one) => one.next ?? null)
  if (FORKED.includes(step.kind)) return [step.yes ?? null, step.no ?? null]
  return [step.next ?? null]
}

function target(step: Step, way: string): string | null {
  if (step.kind === 'split') return step.arms?.find((one) => one.name === way)?.next ?? null
  if (way === 'again') return step.to ?? null
  if (way === 'happened' || way === 'yes') return step.yes ?? null
  if (way === 'timeout' || way === 'no') return step.no ?? null
  return step.next ?? null
}

/** A new step in a way out of another; what came after comes after it. */
function added(drawing: Drawing, kind: string, after: string | null, way: string) {
  let n = drawing.steps.length + 1
  while (drawing.steps.some((one) => one.id === `${kind}_${n}`)) n += 1
  const id = `${kind}_${n}`
  const before = drawing.steps.find((one) => one.id === after)
  const to = before ? target(before, way) : (drawing.steps[0]?.id ?? null)
  let made: Step = { kind, id, ...structuredClone(BLANK[kind] ?? {}) }
  if (FORKED.includes(kind)) made = { ...made, yes: null, no: to }
  else if (kind === 'split') made = led(made, 'A', to)
  else if (kind === 'jump') made = { ...made, to: drawing.steps[0]?.id ?? '', next: to }
  else if (kind !== 'leave') made = { ...made, next: to }
  const steps = drawing.steps.map((one) => (one.id === after ? led(one, way, id) : one))
  return { id, drawing: { ...drawing, steps: after === null ? [made, ...steps] : [...steps, made] } }
}

/** Without a step: whatever led to it leads to what came first after it; what nothing leads to any more goes with it. */
function removed(drawing: Drawing, step: Step): Drawing {
  const to = leads(step).find((one) => one !== null && one !== step.id) ?? null
  const first = drawing.steps[0]?.id === step.id ? to : (drawing.steps[0]?.id ?? null)
  const past = (one: string | null | undefined) => (one === step.id ? to : (one ?? null))
  const rewired = drawing.steps
    .filter((one) => one.id !== step.id)
    .map((one) => {
      let next = one
      if (one.kind === 'split') {
        next = { ...next, arms: (one.arms ?? []).map((arm) => ({ ...arm, next: past(arm.next) })) }
      } else if (FORKED.includes(one.kind)) next = { ...next, yes: past(one.yes), no: past(one.no) }
      else if (one.kind !== 'leave') next = { ...next, next: past(one.next) }
      return one.kind === 'jump' && one.to === step.id ? { ...next, to: to ?? '' } : next
    })
  const begin = rewired.find((one) => one.id === first)
  const ordered = begin ? [begin, ...rewired.filter((one) => one !== begin)] : rewired
  const reached = new Set<string>()
  const front = begin ? [begin.id] : []
  while (front.length) {
    const at = front.pop() as string
    if (reached.has(at)) continue
    reached.add(at)
    const here = ordered.find((one) => one.id === at)
    if (here) front.push(...[...leads(here), here.to ?? null].filter((one): one is string => !!one))
  }
  return { ...drawing, steps: ordered.filter((one) => reached.has(one.id)) }
}
