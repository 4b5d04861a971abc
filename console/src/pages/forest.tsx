/** Referrals: who brought whom, how many one brings in the end, and rings of made-up people. */

import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Card, Drawer, Empty, Table, Tooltip, theme } from 'antd'
import { tree as layout, stratify } from 'd3-hierarchy'
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { get } from '../api'
import { Waiting } from '../app'
import { useCalled } from '../called'
import { DASH, dayIn, percent, ratio, whole } from '../format'
import type { ForestAnswer, RingRow, TreePerson, TreeRow } from '../growth-types'
import { useWriting } from '../here'
import { COLOURS } from '../parts/chart'
import { Failed } from '../parts/lists'
import { Tile } from '../parts/numbers'
import { Head, NothingYet } from '../parts/page'
import { PersonLink } from '../parts/tags'
import type { Num } from '../types'
import { useWords } from '../words'

export function ForestPage() {
  const { t } = useWords()
  const page = useQuery({ queryKey: ['forest'], queryFn: () => get<ForestAnswer>('/api/forest') })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.forest || !data.reading) return <NothingYet title={t('fo_title')} reading={data.reading} />
  return (
    <>
      <Head title={t('fo_title')} hint={t('fo_hint')} reading={data.reading}>
        <Button icon={<DownloadOutlined />} href="/api/forest.csv" download>
          {t('csv')}
        </Button>
      </Head>
      <div className="stack">
        <Card>
          <Numbers forest={data.forest} />
        </Card>
        <Card title={t('fo_picture')} extra={<span className="muted">{t('fo_picture_hint')}</span>}>
          {data.drawn.length ? (
            <Trees trees={data.trees} people={data.drawn} />
          ) : (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('fo_none')} />
          )}
        </Card>
        <div className="grid halves">
          <Card title={t('fo_generations')} styles={{ body: { padding: 0 } }}>
            <Generations rows={data.generations} />
          </Card>
          <Card title={t('fo_steps')} styles={{ body: { padding: 0 } }}>
            <Steps rows={data.steps} />
          </Card>
        </div>
        <Rings rings={data.rings} />
        <Card title={t('fo_trees')} styles={{ body: { padding: 0 } }}>
          <TreeTable rows={data.trees} />
        </Card>
      </div>
    </>
  )
}

function Numbers({ forest }: { forest: NonNullable<ForestAnswer['forest']> }) {
  const { t, maybe } = useWords()
  const write = useWriting()
  const two = (n: number | null) => (n === null ? DASH : n.toFixed(2))
  const chance = (num: Num) => {
    const share = ratio(num)
    return share === null ? undefined : t('fo_by_chance', { share: percent(share) })
  }
  const corrected = forest.k_by !== 'seen' && forest.k_by !== 'unknown'
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="grid tiles">
        <Tile
          label={t('fo_k')}
          hint={t('fo_k_interval', { low: two(forest.k_low), high: two(forest.k_high) })}
        >
          <span data-testid="k">{write.num(forest.k)}</span>
          {!corrected && (
            <span className="muted" style={{ fontSize: 12, fontWeight: 400 }}>
              {' '}
              {t('fo_k_floor')}
            </span>
          )}
        </Tile>
        <Tile
          label={t('fo_k_naive')}
          hint={t('part_of_whole', {
            part: whole(forest.naive.part ?? 0),
            whole: whole(forest.naive.whole ?? 0),
          })}
        >
          {write.num(forest.naive)}
        </Tile>
        <Tile label={t('fo_k_within', { n: forest.within_days })}>{write.num(forest.k_within)}</Tile>
        <Tooltip title={t('fo_cycle_hint')}>
          <div>
            <Tile label={t('fo_cycle')} hint={t('fo_cycle_seen', { time: write.num(forest.cycle_seen) })}>
              {write.num(forest.cycle)}
            </Tile>
          </div>
        </Tooltip>
        <Tile
          label={t('fo_brought')}
          hint={t('part_of_whole', { part: whole(forest.brought.part ?? 0), whole: whole(forest.people) })}
        >
          {write.num(forest.brought)}
        </Tile>
        <Tile label={t('fo_deepest')}>{t('fo_deepest_n', { n: forest.deepest })}</Tile>
        <Tooltip title={t('fo_virality_hint')}>
          <div>
            <Tile label={t('fo_virality')}>{write.num(forest.virality)}</Tile>
          </div>
        </Tooltip>
        <Tile label={t('fo_same_source')} hint={chance(forest.same_source_chance)}>
          {write.num(forest.same_source)}
        </Tile>
        <Tile label={t('fo_same_tag')} hint={chance(forest.same_tag_chance)}>
          {write.num(forest.same_tag)}
        </Tile>
      </div>
      {forest.k_why && <Alert type="info" showIcon title={maybe(`fo_why_${forest.k_why}`, forest.k_why)} />}
      <details>
        <summary>{t('gr_definition')}</summary>
        {t('fo_k_definition', { law: maybe(`fo_law_${forest.k_by}`, forest.k_by) })}
      </details>
    </div>
  )
}

// ---- the picture ----

const SIZE = 320

function Trees({ trees, people }: { trees: TreeRow[]; people: TreePerson[] }) {
  const drawn = trees.filter((tree) => people.some((person) => person.root === tree.root))
  return (
    <div
      style={{
        display: 'grid',
        gap: 16,
        gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 300px), 1fr))',
      }}
    >
      {drawn.map((tree) => (
        <Tree key={tree.root} tree={tree} people={people.filter((person) => person.root === tree.root)} />
      ))}
    </div>
  )
}

function Tree({ tree, people }: { tree: TreeRow; people: TreePerson[] }) {
  const { t } = useWords()
  const called = useCalled()
  const write = useWriting()
  const { token } = theme.useToken()
  const navigate = useNavigate()
  const drawn = useMemo(() => {
    const known = new Set(people.map((person) => person.person))
    const inside = people.filter(
      (person) => person.parent === null || person.person === tree.root || known.has(person.parent),
    )
    const root = stratify<TreePerson>()
      .id((person) => String(person.person))
      .parentId((person) => (person.person === tree.root ? null : String(person.parent)))(inside)
    const placed = layout<TreePerson>()
      .size([2 * Math.PI, SIZE / 2 - 26])
      .separation((a, b) => (a.parent === b.parent ? 1 : 2) / Math.max(1, a.depth))(root)
    const at = (node: { x: number; y: number }) => ({
      x: SIZE / 2 + node.y * Math.cos(node.x - Math.PI / 2),
      y: SIZE / 2 + node.y * Math.sin(node.x - Math.PI / 2),
    })
    return {
      nodes: placed.descendants().map((node) => ({ ...at(node), depth: node.depth, of: node.data })),
      links: placed
        .links()
        .map((link) => ({ from: at(link.source), to: at(link.target), key: link.target.id })),
    }
  }, [people, tree.root])
  const small = drawn.nodes.length > 150
  return (
    <figure style={{ margin: 0 }}>
      <svg
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label={`${called(tree.name)}: ${tree.size}`}
        style={{ width: '100%', display: 'block' }}
      >
        {drawn.links.map((link) => (
          <line
            key={link.key}
            x1={link.from.x}
            y1={link.from.y}
            x2={link.to.x}
            y2={link.to.y}
            stroke={token.colorTextQuaternary}
            strokeWidth={small ? 0.6 : 1.1}
          />
        ))}
        {drawn.nodes.map((node) => (
          // biome-ignore lint/a11y/useSemanticElements: a dot of a drawing cannot be an anchor with layout
          <circle
            key={node.of.person}
            role="link"
            tabIndex={node.of.children ? 0 : -1}
            aria-label={called(node.of.name)}
            cx={node.x}
            cy={node.y}
            r={(small ? 2 : 3.2) + Math.min(9, 1.7 * Math.sqrt(node.of.children))}
            fill={COLOURS[node.depth % COLOURS.length]}
            stroke={token.colorBgContainer}
            strokeWidth={0.8}
            style={{ cursor: 'pointer' }}
            onClick={() => navigate(`/people/${node.of.person}`)}
            onKeyDown={(event) => event.key === 'Enter' && navigate(`/people/${node.of.person}`)}
          >
            <title>{`${called(node.of.name)} · ${node.of.children}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption style={{ textAlign: 'center' }}>
        <PersonLink person={tree.root} name={tree.name} />
        <div className="muted">
          {t('fo_size')} {whole(tree.size)} · {t('fo_depth')} {tree.depth} · {t('fo_virality')}{' '}
          {write.num(tree.virality)}
        </div>
      </figcaption>
    </figure>
  )
}

// ---- tables ----

function Generations({ rows }: { rows: ForestAnswer['generations'] }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Table
      size="small"
      rowKey="generation"
      dataSource={rows}
      pagination={false}
      scroll={{ x: 'max-content' }}
      columns={[
        {
          title: t('fo_generation'),
          render: (_, row) =>
            row.generation ? t('fo_generation_n', { n: row.generation }) : t('fo_generation_0'),
        },
        { title: t('gr_people'), align: 'right', render: (_, row) => <N n={row.people} /> },
        { title: t('fo_bringers'), align: 'right', render: (_, row) => <N n={row.bringers} /> },
        { title: t('fo_each_brought'), align: 'right', render: (_, row) => <Share num={row.brought} /> },
        {
          title: t('fo_delay'),
          align: 'right',
          render: (_, row) => <span className="num">{write.num(row.delay)}</span>,
        },
      ]}
    />
  )
}

function Steps({ rows }: { rows: ForestAnswer['steps'] }) {
  const { t, maybe } = useWords()
  return (
    <>
      <Table
        size="small"
        rowKey="step"
        dataSource={rows}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: t('fo_step'), render: (_, row) => maybe(`fo_step_${row.step}`, row.step) },
          { title: t('fo_by_others'), align: 'right', render: (_, row) => <Share num={row.brought} /> },
          { title: t('fo_by_self'), align: 'right', render: (_, row) => <Share num={row.others} /> },
        ]}
      />
      <div className="muted" style={{ padding: '8px 12px', fontSize: 12 }}>
        {t('fo_steps_hint')}
      </div>
    </>
  )
}

const N = ({ n }: { n: number }) => <span className="num">{whole(n)}</span>

function Share({ num }: { num: Num }) {
  const { t } = useWords()
  const write = useWriting()
  const told = ratio(num) !== null
  return (
    <Tooltip title={told && t('gr_of', { part: whole(num.part ?? 0), whole: whole(num.whole ?? 0) })}>
      <span className="num">{write.num(num)}</span>
    </Tooltip>
  )
}

function TreeTable({ rows }: { rows: TreeRow[] }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Table
      size="small"
      rowKey="root"
      dataSource={rows}
      pagination={{ pageSize: 15, hideOnSinglePage: true, showSizeChanger: false }}
      locale={{ emptyText: t('fo_none') }}
      scroll={{ x: 'max-content' }}
      columns={[
        { title: t('fo_root'), render: (_, row) => <PersonLink person={row.root} name={row.name} /> },
        { title: t('fo_size'), align: 'right', render: (_, row) => <N n={row.size} /> },
        { title: t('fo_depth'), align: 'right', render: (_, row) => <N n={row.depth} /> },
        { title: t('fo_widest'), align: 'right', render: (_, row) => <N n={row.widest} /> },
        { title: t('fo_bringers'), align: 'right', render: (_, row) => <N n={row.bringers} /> },
        { title: t('fo_virality'), align: 'right', render: (_, row) => <Share num={row.virality} /> },
        { title: t('fo_same_source'), align: 'right', render: (_, row) => <Share num={row.same_source} /> },
        { title: t('fo_began'), render: (_, row) => dayIn(row.began_at, write.zone) },
        { title: t('fo_last'), render: (_, row) => dayIn(row.last_at, write.zone) },
      ]}
    />
  )
}

// ---- rings ----

function Rings({ rings }: { rings: RingRow[] }) {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  const [shown, show] = useState<RingRow | null>(null)
  return (
    <Card
      title={t('fo_rings')}
      extra={
        rings.length > 0 && (
          <Button size="small" icon={<DownloadOutlined />} href="/api/rings.csv" download>
            {t('fo_rings_csv')}
          </Button>
        )
      }
    >
      {rings.length === 0 ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('fo_no_rings')} />
      ) : (
        <div className="stack">
          <span className="muted">{t('fo_rings_hint')}</span>
          <div className="grid halves">
            {rings.map((ring) => (
              <Card key={ring.ring} size="small" data-testid="ring">
                <div className="between">
                  <strong>
                    {t('fo_ring_line', { n: ring.size, from: write.moment(ring.began_at) })}
                    {ring.source_name ? ` · ${ring.source_name}` : ''}
                  </strong>
                  <Button size="small" onClick={() => show(ring)}>
                    {t('fo_ring_people')}
                  </Button>
                </div>
                <ul className="reasons">
                  {ring.evidence.map((reason) => (
                    <li key={reason.zh}>{words.said(reason)}</li>
                  ))}
                </ul>
              </Card>
            ))}
          </div>
        </div>
      )}
      <Drawer open={shown !== null} onClose={() => show(null)} size={420} title={t('fo_ring_people')}>
        {shown && <RingPeople ring={shown.ring} />}
      </Drawer>
    </Card>
  )
}

function RingPeople({ ring }: { ring: number }) {
  const { t } = useWords()
  const page = useQuery({
    queryKey: ['ring', ring],
    queryFn: () => get<{ items: { person: number; ties: number; name: string }[] }>(`/api/rings/${ring}`),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  return (
    <Table
      size="small"
      rowKey="person"
      dataSource={page.data.items}
      pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
      columns={[
        { title: t('gr_people'), render: (_, row) => <PersonLink person={row.person} name={row.name} /> },
        { title: t('fo_ring_ties'), align: 'right', render: (_, row) => <N n={row.ties} /> },
      ]}
    />
  )
}
