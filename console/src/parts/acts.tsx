/** Choosing what people did: a kind, and where it has one a name, a source or a group. */
import { useQuery } from '@tanstack/react-query'
import { Select, Space } from 'antd'
import { useState } from 'react'
import { get } from '../api'
import type { ActCard } from '../growth-types'
import type { GroupRow, Page, SourceRow } from '../types'
import { useWords } from '../words'

interface Act {
  what: string
  name?: string | undefined
  source?: string | undefined
  group?: string | undefined
}

export function readAct(text: string): Act {
  const at = text.indexOf(';name=')
  const [what = '', ...rest] = (at < 0 ? text : text.slice(0, at)).split(';')
  const act: Act = { what }
  if (at >= 0) act.name = text.slice(at + 6)
  for (const part of rest) {
    const [word, value] = part.split('=')
    if (word === 'source' || word === 'group') act[word] = value
  }
  return act
}

export function writeAct(act: Act): string {
  const parts = [act.what]
  if (act.source) parts.push(`source=${act.source}`)
  if (act.group) parts.push(`group=${act.group}`)
  if (act.name) parts.push(`name=${act.name}`)
  return parts.join(';')
}

export function useActs() {
  return useQuery({ queryKey: ['acts'], queryFn: () => get<{ items: ActCard[] }>('/api/acts') })
}

export function ActPicker(props: { value: string; onChange: (act: string) => void; without?: string[] }) {
  const words = useWords()
  const cards = useActs().data?.items ?? []
  const act = readAct(props.value)
  const card = cards.find((one) => one.what === act.what)
  const change = (more: Partial<Act>) => props.onChange(writeAct({ ...act, ...more }))
  return (
    <Space.Compact className="folds">
      <Select
        value={act.what}
        aria-label={words.t('gr_act')}
        popupMatchSelectWidth={false}
        style={{ minWidth: 120 }}
        options={cards
          .filter((one) => !props.without?.includes(one.what))
          .map((one) => ({ value: one.what, label: words.said(one) }))}
        onChange={(what) => props.onChange(what)}
      />
      {card?.narrowed_by.includes('name') && (card.names.length > 0 || act.name) && (
        <Select
          allowClear
          showSearch
          value={act.name ?? null}
          placeholder={words.t('gr_any_name')}
          aria-label={words.t('gr_any_name')}
          popupMatchSelectWidth={false}
          style={{ minWidth: 110, maxWidth: 220 }}
          options={card.names.map((one) => ({ value: one.name, label: `${one.name} · ${one.people}` }))}
          onChange={(name: string | null) => change({ name: name ?? undefined })}
        />
      )}
      {card?.narrowed_by.includes('source') && (
        <SourcePicker value={act.source} onChange={(source) => change({ source })} />
      )}
      {card?.narrowed_by.includes('group') && (
        <GroupPicker value={act.group} onChange={(group) => change({ group })} />
      )}
    </Space.Compact>
  )
}

interface Picking {
  value: string | undefined
  onChange: (value: string | undefined) => void
}

function SourcePicker({ value, onChange }: Picking) {
  const { t } = useWords()
  const rows = useQuery({
    queryKey: ['sources'],
    queryFn: () => get<{ items: SourceRow[] }>('/api/sources'),
  })
  return (
    <Select
      allowClear
      showSearch
      optionFilterProp="label"
      value={value ?? null}
      placeholder={t('gr_any_source')}
      aria-label={t('gr_any_source')}
      popupMatchSelectWidth={false}
      style={{ minWidth: 104, maxWidth: 200 }}
      options={rows.data?.items.map((row) => ({ value: String(row.source), label: row.name })) ?? []}
      onChange={(chosen: string | null) => onChange(chosen ?? undefined)}
    />
  )
}

function GroupPicker({ value, onChange }: Picking) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const rows = useQuery({
    queryKey: ['groups-to-choose', typed],
    queryFn: () => get<Page<GroupRow>>('/api/groups', { q: typed, limit: 50 }),
    placeholderData: (before) => before,
  })
  return (
    <Select
      allowClear
      showSearch
      filterOption={false}
      onSearch={setTyped}
      value={value ?? null}
      placeholder={t('gr_any_group')}
      aria-label={t('gr_any_group')}
      popupMatchSelectWidth={false}
      style={{ minWidth: 96, maxWidth: 220 }}
      options={rows.data?.items.map((row) => ({ value: String(row.group), label: row.name })) ?? []}
      onChange={(chosen: string | null) => onChange(chosen ?? undefined)}
    />
  )
}
