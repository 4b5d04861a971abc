/** The values of one condition, each asked for in its own way. */
import { useQuery } from '@tanstack/react-query'
import { Checkbox, DatePicker, Input, InputNumber, Select } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { get } from '../api'
import { ActPicker } from '../parts/acts'
import type { GroupRow, Page, SourceRow } from '../types'
import { useWords } from '../words'
import type { Audience, Condition, Field, Kind, Segment, SegmentCatalogue } from './segment-types'

interface Asking {
  field: Field
  label: string
  value: unknown
  change: (value: unknown) => void
  condition: Condition
  catalogue: SegmentCatalogue
}

export function Values(props: {
  kind: Kind
  condition: Condition
  catalogue: SegmentCatalogue
  onChange: (condition: Condition) => void
}) {
  const words = useWords()
  return (
    <div className="row" style={{ rowGap: 8 }}>
      {props.kind.fields.map((field) => {
        const named = words.said(field)
        const label = named || words.said(props.kind)
        const change = (value: unknown) => {
          const next = { ...props.condition }
          if (value === undefined || value === null || value === '') delete next[field.name]
          else next[field.name] = value
          props.onChange(next)
        }
        return (
          <span key={field.name} className="row" style={{ gap: 4 }}>
            {named && (
              <span className="muted">
                {named}
                {field.optional && words.t('sg_optional')}
              </span>
            )}
            <Value
              field={field}
              label={label}
              value={props.condition[field.name] ?? field.default}
              change={change}
              condition={props.condition}
              catalogue={props.catalogue}
            />
          </span>
        )
      })}
    </div>
  )
}

function Value(asking: Asking) {
  const { field, value, change, label } = asking
  const words = useWords()
  switch (field.widget) {
    case 'act':
      return <ActPicker value={String(value ?? 'message.posted')} onChange={change} />
    case 'days':
    case 'times':
    case 'score':
      return (
        <InputNumber
          aria-label={label}
          style={{ width: 84 }}
          min={field.minimum ?? 0}
          max={field.maximum ?? 10_000}
          precision={0}
          placeholder={words.t('sg_any_value')}
          value={value as number | undefined}
          onChange={change}
        />
      )
    case 'money':
      return <Scaled {...asking} by={100} suffix="¥" />
    case 'mille':
      return <Scaled {...asking} by={10} suffix="%" />
    case 'number': {
      const unit = asking.catalogue.metrics.find((one) => one.key === asking.condition.metric)?.unit
      if (asking.condition.op === 'known') return null
      if (field.name === 'most' && asking.condition.op !== 'between') return null
      if (unit === 'fen') return <Scaled {...asking} by={100} suffix="¥" />
      return unit === 'share' ? <Scaled {...asking} by={0.01} suffix="%" /> : <Scaled {...asking} by={1} />
    }
    case 'choice':
    case 'choices':
      return (
        <Select
          aria-label={label}
          {...(field.widget === 'choices' ? { mode: 'multiple' as const } : {})}
          style={{ minWidth: 120 }}
          popupMatchSelectWidth={false}
          placeholder={words.t('sg_any_value')}
          value={value as never}
          onChange={change}
          options={(field.options ?? []).map(([key, zh, en]) => ({
            value: key,
            label: words.said({ zh, en }),
          }))}
        />
      )
    case 'metric':
      return (
        <Select
          aria-label={label}
          showSearch
          optionFilterProp="label"
          style={{ minWidth: 160 }}
          popupMatchSelectWidth={false}
          value={(value as string) || null}
          onChange={change}
          options={asking.catalogue.metrics.map((one) => ({ value: one.key, label: words.said(one) }))}
        />
      )
    case 'texts':
      if (asking.condition.op === 'known') return null
      return <Several {...asking} options={[]} />
    case 'tags':
    case 'skus':
      return <Common {...asking} what={field.widget} several />
    case 'attribute':
      return <Common {...asking} what="attributes" />
    case 'staff':
    case 'campaign':
      return <Named {...asking} what={field.widget === 'staff' ? 'staff' : 'campaigns'} />
    case 'groups':
      return <Groups {...asking} />
    case 'sources':
      return <Sources {...asking} />
    case 'segment':
      return <Segments {...asking} />
    case 'audience':
      return <Audiences {...asking} />
    case 'flag':
      return (
        <Checkbox
          aria-label={label}
          checked={value === true}
          onChange={(event) => change(event.target.checked)}
        />
      )
    case 'date':
      return (
        <DatePicker
          aria-label={label}
          value={typeof value === 'string' ? dayjs(value) : null}
          onChange={(at) => change(at ? at.format('YYYY-MM-DD') : null)}
        />
      )
    default:
      return (
        <Input
          aria-label={label}
          style={{ width: 140 }}
          value={String(value ?? '')}
          placeholder={words.t('sg_any_value')}
          onChange={(event) => change(event.target.value)}
        />
      )
  }
}

/** A number that people write in another unit than it is kept in. */
function Scaled(props: Asking & { by: number; suffix?: string }) {
  const shown = typeof props.value === 'number' ? Number((props.value / props.by).toFixed(6)) : null
  return (
    <InputNumber
      aria-label={props.label}
      style={{ width: 120 }}
      value={shown}
      {...(props.suffix ? { suffix: props.suffix } : {})}
      onChange={(n) => {
        if (n === null) return props.change(props.field.optional ? null : 0)
        const kept = n * props.by
        props.change(props.by >= 1 ? (props.by === 1 ? kept : Math.round(kept)) : Number(kept.toFixed(9)))
      }}
    />
  )
}

interface Option {
  value: string | number
  label: string
}

/** Several values, of those there are or any other. */
function Several(props: Asking & { options: Option[] }) {
  return (
    <Select
      mode="tags"
      aria-label={props.label}
      style={{ minWidth: 180, maxWidth: 420 }}
      tokenSeparators={[',', '，', '\n']}
      value={(props.value as string[] | undefined) ?? []}
      onChange={(chosen: string[]) => props.change(chosen)}
      options={props.options}
    />
  )
}

function Common(props: Asking & { what: string; several?: boolean }) {
  const rows = useQuery({
    queryKey: ['segment-values', props.what],
    queryFn: () => get<{ items: { value: string; people: number }[] }>(`/api/segments/values/${props.what}`),
    staleTime: 120_000,
  })
  const options = (rows.data?.items ?? []).map((one) => ({
    value: one.value,
    label: one.people ? `${one.value} · ${one.people}` : one.value,
  }))
  if (props.several) return <Several {...props} options={options} />
  return (
    <Select
      mode="tags"
      maxCount={1}
      aria-label={props.label}
      style={{ minWidth: 140 }}
      popupMatchSelectWidth={false}
      value={props.value ? [String(props.value)] : []}
      onChange={(chosen: string[]) => props.change(chosen.at(-1))}
      options={options}
    />
  )
}

function Named(props: Asking & { what: string }) {
  const { t } = useWords()
  const rows = useQuery({
    queryKey: ['segment-values', props.what],
    queryFn: () =>
      get<{ items: { value: string | number; name: string }[] }>(`/api/segments/values/${props.what}`),
  })
  return (
    <One
      {...props}
      options={(rows.data?.items ?? []).map((one) => ({ value: one.value, label: one.name }))}
      placeholder={t('sg_any_value')}
    />
  )
}

function One(props: Asking & { options: Option[]; placeholder?: string }) {
  return (
    <Select
      allowClear={props.field.optional}
      showSearch
      optionFilterProp="label"
      aria-label={props.label}
      style={{ minWidth: 140, maxWidth: 260 }}
      popupMatchSelectWidth={false}
      placeholder={props.placeholder}
      value={(props.value as string | number | undefined) || null}
      onChange={(chosen: string | number | null) => props.change(chosen ?? undefined)}
      options={props.options}
    />
  )
}

function Groups(props: Asking) {
  const { t } = useWords()
  const [typed, setTyped] = useState('')
  const rows = useQuery({
    queryKey: ['groups-to-choose', typed],
    queryFn: () => get<Page<GroupRow>>('/api/groups', { q: typed, limit: 50 }),
    placeholderData: (before) => before,
  })
  return (
    <Select
      mode="multiple"
      filterOption={false}
      onSearch={setTyped}
      aria-label={props.label}
      placeholder={t('gr_any_group')}
      style={{ minWidth: 140, maxWidth: 420 }}
      popupMatchSelectWidth={false}
      value={(props.value as number[] | undefined) ?? []}
      onChange={(chosen: number[]) => props.change(chosen)}
      options={rows.data?.items.map((row) => ({ value: row.group, label: row.name })) ?? []}
    />
  )
}

function Sources(props: Asking) {
  const rows = useQuery({ queryKey: ['sources'], queryFn: () => get<{ items: SourceRow[] }>('/api/sources') })
  return (
    <Select
      mode="multiple"
      showSearch
      optionFilterProp="label"
      aria-label={props.label}
      style={{ minWidth: 140, maxWidth: 420 }}
      popupMatchSelectWidth={false}
      value={(props.value as number[] | undefined) ?? []}
      onChange={(chosen: number[]) => props.change(chosen)}
      options={rows.data?.items.map((row) => ({ value: row.source, label: row.name })) ?? []}
    />
  )
}

function Segments(props: Asking) {
  const rows = useQuery({ queryKey: ['segments'], queryFn: () => get<{ items: Segment[] }>('/api/segments') })
  return (
    <One
      {...props}
      options={(rows.data?.items ?? []).map((one) => ({ value: one.segment_id, label: one.name }))}
    />
  )
}

function Audiences(props: Asking) {
  const rows = useQuery({
    queryKey: ['audiences'],
    queryFn: () => get<{ items: Audience[] }>('/api/audiences'),
  })
  return (
    <One
      {...props}
      options={(rows.data?.items ?? []).map((one) => ({ value: one.audience_id, label: one.name }))}
    />
  )
}
