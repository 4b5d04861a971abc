/** From a number down to the facts behind it. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { Drawer, Table, Tag, Typography } from 'antd'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { get, type Params } from '../api'
import { useCalled } from '../called'
import { DASH, dayIn, money } from '../format'
import { useCatalogue, useWriting } from '../here'
import type { FactRow, FactsAnswer, MetricCard, Num } from '../types'
import { useWords } from '../words'
import { Failed, More } from './lists'
import type { About } from './numbers'

export interface Behind {
  metric: MetricCard
  about: About
  num: Num | undefined
}
const Opened = createContext<{ open: (behind: Behind) => void }>({ open: () => {} })
export const useFacts = () => useContext(Opened)

export function FactsProvider({ children }: { children: ReactNode }) {
  const [behind, setBehind] = useState<Behind | null>(null)
  const open = useCallback((next: Behind) => setBehind(next), [])
  const value = useMemo(() => ({ open }), [open])
  return (
    <Opened value={value}>
      {children}
      {behind && <FactsDrawer behind={behind} close={() => setBehind(null)} />}
    </Opened>
  )
}

function FactsDrawer({ behind, close }: { behind: Behind; close: () => void }) {
  const words = useWords()
  const { t, said } = words
  const write = useWriting()
  const { metric, about, num } = behind
  const asked: Params = { metric: metric.key, [about.per]: about.id }
  if (about.window) {
    asked.first = about.window.start
    asked.last = about.window.end
  }
  return (
    <Drawer
      open
      onClose={close}
      size={Math.min(920, window.innerWidth)}
      title={t('facts_behind', { metric: said(metric) })}
      destroyOnHidden
    >
      <div className="stack">
        <div className="between">
          <Typography.Title level={4} style={{ margin: 0 }}>
            {about.name}: <span className="num">{write.num(num)}</span>
          </Typography.Title>
          <Tag>{t(metric.grade === 'A' ? 'grade_a' : 'grade_b')}</Tag>
        </div>
        <FactsTable asked={asked} />
      </div>
    </Drawer>
  )
}

export function FactsTable({ asked, columns }: { asked: Params; columns?: 'all' }) {
  const words = useWords()
  const { t, said } = words
  const names = useCatalogue()
  const write = useWriting()
  const page = useInfiniteQuery({
    queryKey: ['facts', asked],
    queryFn: ({ pageParam }) => get<FactsAnswer>('/api/facts', { ...asked, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  const first = page.data?.pages[0]
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  const definition = first?.definition
  return (
    <div className="stack">
      {definition && (
        <div>
          <div>{said(definition)}</div>
          <div className="muted">
            {t('formula')}: <code>{definition.formula}</code> · {t('source_paper')}: {definition.source} ·{' '}
            {t('facts_window', {
              from: definition.from ? dayIn(definition.from, write.zone) : t('always'),
              to: lastDay(definition.to, write.zone),
            })}
          </div>
        </div>
      )}
      <Table<FactRow>
        size="small"
        rowKey="seq"
        loading={page.isLoading}
        dataSource={rows}
        pagination={false}
        scroll={{ x: 640 }}
        locale={{ emptyText: t('facts_none') }}
        columns={[
          {
            title: t('fact_when'),
            width: 150,
            render: (_, fact) => <span className="num">{write.moment(fact.happened_at)}</span>,
          },
          {
            title: t('fact_kind'),
            width: 120,
            render: (_, fact) => <Tag title={fact.kind}>{names.kindName(fact.kind)}</Tag>,
          },
          { title: t('fact_what'), render: (_, fact) => <FactBody fact={fact} /> },
          ...(columns === 'all'
            ? [
                {
                  title: t('fact_origin'),
                  width: 170,
                  render: (_: unknown, fact: FactRow) => <Origin origin={fact.origin} />,
                },
              ]
            : []),
        ]}
      />
      <More page={page} shown={rows.length} total={first?.total ?? null} />
    </div>
  )
}

function lastDay(to: string | null, zone: string): string {
  return to ? dayIn(new Date(new Date(to).getTime() - 1000).toISOString(), zone) : DASH
}

function Origin({ origin }: { origin: string }) {
  const { t } = useWords()
  const [what = '', which = ''] = origin.split(/:(.*)/s)
  if (what === 'import') return <Link to={`/imports/${which}`}>{t('origin_import')}</Link>
  if (what === 'key') return <span>{t('origin_key', { name: which })}</span>
  return <span>{origin}</span>
}

const UNSAID = new Set(['text_hash', 'source_id'])

/** The body of a fact: field and value, with names where something is mentioned. */
export function FactBody({ fact }: { fact: Pick<FactRow, 'body' | 'names'> }) {
  const { currency } = useWriting()
  const { maybe } = useWords()
  const called = useCalled()
  const named = (field: string) => {
    const names = fact.names[field]
    if (names === undefined || /group|source/.test(field)) return names
    return Array.isArray(names) ? names.map(called) : called(names)
  }
  return (
    <span className="wrap">
      {Object.entries(fact.body)
        .filter(([field]) => !UNSAID.has(field))
        .map(([field, value]) => (
          <span key={field} style={{ marginInlineEnd: 12, display: 'inline-block' }}>
            <span className="muted">{maybe(`field_${field}`, field)}</span>{' '}
            {shown(field, value, named(field), currency)}
          </span>
        ))}
    </span>
  )
}

function shown(field: string, value: unknown, name: string | string[] | undefined, currency: string): string {
  if (name !== undefined) return Array.isArray(name) ? name.join('、') : name
  if (field === 'lines' && Array.isArray(value)) {
    return value
      .map((line) => `${line.sku ?? '?'} × ${line.qty ?? 1} ${money(line.amount_fen ?? 0, currency, true)}`)
      .join(', ')
  }
  if (field.endsWith('_fen') && typeof value === 'number') return money(value, currency, true)
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return String(value)
}
