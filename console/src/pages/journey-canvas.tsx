/** A journey from top to bottom: each step a sentence, on every way how many went it. */
import {
  ApiOutlined,
  BellOutlined,
  BranchesOutlined,
  CalendarOutlined,
  ClockCircleOutlined,
  FieldTimeOutlined,
  GiftOutlined,
  LogoutOutlined,
  MessageOutlined,
  PlusOutlined,
  QuestionCircleOutlined,
  RedoOutlined,
  SplitCellsOutlined,
  TagOutlined,
  ThunderboltOutlined,
  UnorderedListOutlined,
} from '@ant-design/icons'
import { Badge, Button, Dropdown, Tag } from 'antd'
import { type ReactNode, useEffect, useRef } from 'react'
import { duration, whole } from '../format'
import { useWords } from '../words'
import type { Drawing, Kinds, Says, StepCounts, Wrong } from './journey-types'

const ICONS: Record<string, ReactNode> = {
  message: <MessageOutlined />,
  clock: <ClockCircleOutlined />,
  schedule: <FieldTimeOutlined />,
  calendar: <CalendarOutlined />,
  bell: <BellOutlined />,
  branch: <BranchesOutlined />,
  question: <QuestionCircleOutlined />,
  split: <SplitCellsOutlined />,
  tag: <TagOutlined />,
  gift: <GiftOutlined />,
  todo: <UnorderedListOutlined />,
  api: <ApiOutlined />,
  redo: <RedoOutlined />,
  logout: <LogoutOutlined />,
}

interface CanvasProps {
  drawing: Drawing
  says: Says
  wrong: Wrong[]
  counts: Record<string, StepCounts>
  kinds: Kinds | undefined
  chosen: string | null
  frozen: boolean
  choose: (at: string) => void
  /** Put a new step of a kind into a way out of a step; null is before the first. */
  add: (kind: string, after: string | null, way: string) => void
}

export function Canvas(props: CanvasProps) {
  const { t, said } = useWords()
  const { drawing, says, wrong } = props
  const bad = wrong.filter((one) => one.at.startsWith('trigger:') || one.at === '')
  const drawn = new Set<string>()
  const begin = useRef<HTMLButtonElement>(null)
  // Where the drawing is wider than the screen its beginning is in the middle, and that comes first.
  useEffect(() => begin.current?.scrollIntoView({ inline: 'center', block: 'nearest' }), [])
  return (
    <div className="jo-canvas" data-testid="canvas">
      <button
        ref={begin}
        type="button"
        className={`jo-node jo-trigger${props.chosen === '' ? ' chosen' : ''}${bad.length ? ' bad' : ''}`}
        onClick={() => props.choose('')}
      >
        <ThunderboltOutlined />
        <span>
          <b>{t('jo_trigger')}</b>
          <span className="jo-says">{says.triggers.length ? says.triggers.map(said).join(' / ') : '…'}</span>
        </span>
      </button>
      <Way {...props} from={null} way="first" to={drawing.steps[0]?.id ?? null} drawn={drawn} />
    </div>
  )
}

function Way(
  props: CanvasProps & { from: string | null; way: string; to: string | null; drawn: Set<string> },
) {
  const { t, said } = useWords()
  const { from, way, to, drawn } = props
  const n = from === null ? undefined : props.counts[from]?.ways[way]
  const again = to !== null && drawn.has(to)
  const known = to !== null && to in props.says.steps
  return (
    <div className="jo-way">
      <span className="jo-line">
        {n !== undefined && n > 0 && <span className="num jo-count">{whole(n)}</span>}
        {!props.frozen && (
          <Dropdown
            trigger={['click']}
            menu={{
              items: (props.kinds?.steps ?? []).map((one) => ({
                key: one.key,
                label: said(one),
                icon: ICONS[one.icon],
              })),
              onClick: ({ key }) => props.add(key, from, way),
            }}
          >
            <Button size="small" shape="circle" icon={<PlusOutlined />} aria-label={t('jo_add')} />
          </Dropdown>
        )}
      </span>
      {to === null || !known ? (
        <Tag>{t('jo_end')}</Tag>
      ) : again ? (
        <Button size="small" type="dashed" onClick={() => props.choose(to)}>
          {t('jo_goes_to', { step: short(said(props.says.steps[to]?.said ?? { zh: to, en: to })) })}
        </Button>
      ) : (
        <Node {...props} id={to} />
      )}
    </div>
  )
}

const short = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text)

function Node(props: CanvasProps & { id: string; drawn: Set<string> }) {
  const words = useWords()
  const { t, said } = words
  const { id, drawn } = props
  drawn.add(id)
  const says = props.says.steps[id]
  const counts = props.counts[id]
  const wrong = props.wrong.filter((one) => one.at === id)
  if (!says) return null
  const unsaid = Object.values(counts?.not_said ?? {}).reduce((sum, n) => sum + n, 0)
  return (
    <>
      <button
        type="button"
        data-step={id}
        className={`jo-node${props.chosen === id ? ' chosen' : ''}${wrong.length ? ' bad' : ''}`}
        onClick={() => props.choose(id)}
      >
        <Badge dot={wrong.length > 0}>{ICONS[says.icon]}</Badge>
        <span>
          <span className="jo-says">{said(says.said)}</span>
          {wrong.length > 0 && <span className="jo-wrong">{wrong.map(said).join(' · ')}</span>}
          {counts && counts.in > 0 && (
            <span className="muted num jo-numbers">
              {t('jo_steps_in', { n: whole(counts.in) })}
              {counts.waiting > 0 && ` · ${t('jo_waiting', { n: whole(counts.waiting) })}`}
              {counts.dwell_s.whole > 0 &&
                counts.dwell_s.part > 60 &&
                ` · ${t('jo_dwell', { time: duration(counts.dwell_s.part / counts.dwell_s.whole, words) })}`}
              {unsaid > 0 && ` · ${t('jo_not_said', { n: whole(unsaid) })}`}
              {counts.plain > 0 && ` · ${t('jo_plain', { n: whole(counts.plain) })}`}
              {counts.messages
                .filter((one) => one.state === 'refused')
                .map((one) => ` · ${one.said ? said(one.said) : one.reason} ${whole(one.n)}`)}
            </span>
          )}
        </span>
      </button>
      {says.ways.length === 1 ? (
        says.ways.map((one) =>
          one.way === 'left' ? null : <Way key={one.way} {...props} from={id} way={one.way} to={one.to} />,
        )
      ) : (
        <div className="jo-fork">
          {says.ways.map((one) => (
            <div key={one.way} className="jo-branch">
              <Tag>{said(one.said)}</Tag>
              <Way {...props} from={id} way={one.way} to={one.to} />
            </div>
          ))}
        </div>
      )}
    </>
  )
}
