/** Stages, rungs, findings: the same colours everywhere. */
import { Tag, Tooltip } from 'antd'
import { Link } from 'react-router'
import { isId, useCalled } from '../called'
import { useCatalogue } from '../here'
import { useWords } from '../words'

export const STAGE_COLOURS: Record<string, string> = {
  introduction: '#4c78c9',
  growth: '#2f9e62',
  maturity: '#0f9d8a',
  decline: '#e8833a',
  dormant: '#8c8c8c',
  revived: '#8f6cc0',
}
export const RUNG_COLOURS: Record<string, string> = {
  none: '#8a9795',
  customer: '#5f86b3',
  user: '#3b8f9c',
  fan: '#0f8a72',
  superfan: '#c2571a',
}
const SEVERITY: Record<number, string> = { 3: 'red', 2: 'orange', 1: 'blue' }

export function StageTag({ stage }: { stage: string | null }) {
  const { maybe } = useWords()
  if (!stage) return null
  return (
    <Tag variant="solid" color={STAGE_COLOURS[stage] ?? 'default'}>
      {maybe(`stage_${stage}`, stage)}
    </Tag>
  )
}

export function RungTag({ rung }: { rung: string | null }) {
  const { maybe } = useWords()
  if (!rung) return null
  return (
    <Tag variant="solid" color={RUNG_COLOURS[rung] ?? 'default'}>
      {maybe(`rung_${rung}`, rung)}
    </Tag>
  )
}

const ROLE_COLOURS: Record<string, string> = {
  leader: 'gold',
  advocate: 'gold',
  rising: 'gold',
  advertiser: 'red',
}

export function RoleTag({ role }: { role: string | null }) {
  const { maybe } = useWords()
  if (!role) return null
  return <Tag color={ROLE_COLOURS[role] ?? 'default'}>{maybe(`role_${role}`, role)}</Tag>
}

export function FindingTag({ detector, severity }: { detector: string; severity: number }) {
  const names = useCatalogue()
  return <Tag color={SEVERITY[severity] ?? 'default'}>{names.detectorName(detector)}</Tag>
}

export const GroupLink = ({ group, name }: { group: number; name: string }) => (
  <Link to={`/groups/${group}`} className="wrap">
    {name}
  </Link>
)
export const PersonLink = ({ person, name }: { person: number; name: string }) => (
  <Link to={`/people/${person}`} className="wrap">
    <Called name={name} />
  </Link>
)

/** Somebody's name; an id in its place is one hover away. */
export function Called({ name }: { name: string }) {
  const called = useCalled()
  return isId(name) ? (
    <Tooltip title={name}>
      <span className="nowrap">{called(name)}</span>
    </Tooltip>
  ) : (
    name
  )
}
