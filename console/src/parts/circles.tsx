/**
 * Who talks with whom, readable at 500 people: each circle is packed into a disc of its own under its number, the person
 * answered by most in the middle; people who have not talked with anybody stand aside in grey. Leaders are always named, in bold.
 */

import { theme } from 'antd'
import { packSiblings } from 'd3-hierarchy'
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { useCalled } from '../called'
import type { Circle, Edge, GroupPerson } from '../types'
import { useWords } from '../words'
import { Chart, COLOURS, plain } from './chart'

const GOLDEN = Math.PI * (3 - Math.sqrt(5))
const NAMED = 24
const ROOM = 17
/** Circles of so many are titled, and so many ties of somebody are told where the pointer is. */
const TITLED = 4
const TOLD = 6

interface Place {
  x: number
  y: number
}

export interface Disc extends Place {
  circle: number
  size: number
  r: number
}

/** Where everybody stands; the same people always stand in the same places. */
export function placesOf(people: GroupPerson[]): { places: Map<number, Place>; discs: Disc[] } {
  const byCircle = new Map<number, GroupPerson[]>()
  const alone: GroupPerson[] = []
  for (const person of people) {
    if (person.circle === null) alone.push(person)
    else byCircle.set(person.circle, [...(byCircle.get(person.circle) ?? []), person])
  }
  const discs = [...byCircle.values()]
    .sort((a, b) => b.length - a.length)
    .map((members) => ({
      members,
      circle: members[0]?.circle ?? 0,
      size: members.length,
      r: ROOM * Math.sqrt(members.length) + ROOM * 1.3,
      x: 0,
      y: 0,
    }))
  packSiblings(discs)
  const places = new Map<number, Place>()
  let reach = 0
  for (const disc of discs) {
    reach = Math.max(reach, Math.hypot(disc.x, disc.y) + disc.r)
    disc.members.toSorted(first).forEach((person, at) => {
      const r = ROOM * Math.sqrt(at)
      places.set(person.person, {
        x: disc.x + r * Math.cos(at * GOLDEN),
        y: disc.y + r * Math.sin(at * GOLDEN),
      })
    })
  }
  // The silent stand in a block to the right, where they are seen to be many without hiding anybody.
  const step = ROOM * 0.8
  const rows = Math.min(
    Math.ceil(Math.sqrt(alone.length * 2.5)),
    Math.max(20, Math.floor((2 * reach) / step)),
  )
  alone.forEach((person, at) => {
    places.set(person.person, {
      x: reach + ROOM * 2 + Math.floor(at / rows) * step,
      y: ((at % rows) - (rows - 1) / 2) * step,
    })
  })
  return { places, discs }
}

const first = (a: GroupPerson, b: GroupPerson) => b.listeners - a.listeners || b.pagerank - a.pagerank

export function CircleMap(props: {
  people: GroupPerson[]
  edges: Edge[]
  circles: Circle[]
  height: string
}) {
  const words = useWords()
  const { t } = words
  const called = useCalled()
  const { token } = theme.useToken()
  const navigate = useNavigate()
  const option = useMemo(() => {
    const { people, edges, circles } = props
    const { places, discs } = placesOf(people)
    const colour = new Map(circles.map((c, at) => [c.circle, COLOURS[at % COLOURS.length]]))
    const most = Math.max(1e-9, ...people.map((p) => p.pagerank))
    const leads = (p: GroupPerson) => p.role === 'leader'
    const named = new Set(
      people
        .filter((p) => p.circle !== null)
        .toSorted((a, b) => Number(leads(b)) - Number(leads(a)) || first(a, b))
        .slice(0, NAMED)
        .map((p) => p.person),
    )
    const ties = new Map<number, { name: string; weight: number }[]>()
    const nameOf = new Map(people.map((p) => [p.person, called(p.name)]))
    for (const { a, b, weight } of edges) {
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const name = nameOf.get(other)
        if (name !== undefined) ties.set(one, [...(ties.get(one) ?? []), { name, weight }])
      }
    }
    const nodes = people.map((person) => ({
      id: String(person.person),
      name: called(person.name),
      ...places.get(person.person),
      symbolSize: person.circle === null ? 6 : 7 + 22 * Math.sqrt(person.pagerank / most),
      itemStyle: {
        color: person.circle === null ? token.colorTextQuaternary : colour.get(person.circle),
        opacity: person.here ? 1 : 0.35,
        borderColor: leads(person) ? token.colorText : token.colorBgContainer,
        borderWidth: leads(person) ? 2 : 1,
      },
      label: { show: named.has(person.person), fontWeight: leads(person) ? 'bold' : 'normal' },
      person,
    }))
    const titles = discs
      .filter((disc) => disc.size >= TITLED)
      .slice(0, COLOURS.length)
      .map((disc) => ({
        id: `circle ${disc.circle}`,
        name: t('map_circle', { n: disc.circle + 1, size: disc.size }),
        x: disc.x,
        y: disc.y - disc.r,
        symbolSize: 0,
        tooltip: { show: false },
        label: {
          show: true,
          position: 'inside',
          fontSize: 11,
          fontStyle: 'italic',
          color: colour.get(disc.circle),
        },
      }))
    const tiesOf = (person: number) => {
      const mine = ties.get(person) ?? []
      const most = mine.toSorted((a, b) => b.weight - a.weight).slice(0, TOLD)
      return mine.length
        ? [`${t('map_ties')} ${mine.length}`, ...most.map((o) => `· ${plain(o.name)} ${o.weight}`)]
        : []
    }
    const circleOf = new Map(people.map((p) => [p.person, p.circle]))
    const heaviest = Math.max(1, ...edges.map((e) => e.weight))
    const links = edges.map((edge) => {
      const inside = circleOf.get(edge.a) === circleOf.get(edge.b)
      return {
        source: String(edge.a),
        target: String(edge.b),
        between: `${nameOf.get(edge.a)} – ${nameOf.get(edge.b)} · ${edge.weight}`,
        lineStyle: {
          width: 0.5 + 2.5 * Math.sqrt(edge.weight / heaviest),
          opacity: inside ? 0.35 : 0.14,
          color: inside ? colour.get(circleOf.get(edge.a) ?? -1) : token.colorTextSecondary,
          curveness: inside ? 0.1 : 0.2,
        },
      }
    })
    return {
      animation: false,
      tooltip: {
        formatter: (at: { dataType?: string; data?: { person?: GroupPerson; between?: string } }) => {
          const person = at.data?.person
          if (at.dataType === 'edge' && at.data?.between) return plain(at.data.between)
          if (at.dataType !== 'node' || !person) return ''
          return [
            `<b>${plain(called(person.name))}</b> ${plain(words.maybe(`role_${person.role}`, person.role))}`,
            `${t('messages_col')} ${person.messages}`,
            `${t('listeners')} ${person.listeners}`,
            `${t('replies_received')} ${person.replies_received}`,
            ...tiesOf(person.person),
          ].join('<br>')
        },
      },
      series: [
        {
          type: 'graph',
          layout: 'none',
          roam: true,
          preserveAspect: true,
          scaleLimit: { min: 0.6, max: 8 },
          left: 24,
          right: 24,
          top: 20,
          bottom: 20,
          data: [...nodes, ...titles],
          links,
          label: {
            position: 'top',
            distance: 2,
            fontSize: 11,
            color: token.colorText,
            textBorderColor: token.colorBgContainer,
            textBorderWidth: 2,
            formatter: '{b}',
          },
          labelLayout: { hideOverlap: true },
          emphasis: { focus: 'adjacency', label: { show: true }, lineStyle: { opacity: 0.8 } },
        },
      ],
    }
  }, [props, token, words, t, called])
  return (
    <Chart
      option={option}
      height={props.height}
      label={t('circle_map')}
      onClick={(event) => {
        const person = (event.data as { person?: GroupPerson } | undefined)?.person
        if (event.dataType === 'node' && person) navigate(`/people/${person.person}`)
      }}
    />
  )
}
