/** People to choose from by a part of their name or id: nobody knows them by number. */

import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { get } from '../api'
import { useCalled } from '../called'
import { useWords } from '../words'

interface Named {
  person: number
  name: string
}

/** One person: chosen at once. */
export function PersonSearch(props: {
  label: string
  choose: (person: number) => void
  /** Who is chosen, where that stays to be seen. */
  value?: number | null
}) {
  const { found, setTyped, named } = useFound(props.value ? [props.value] : [])
  return (
    <Select
      showSearch={{ filterOption: false, onSearch: setTyped }}
      value={props.value ?? null}
      placeholder={props.label}
      aria-label={props.label}
      notFoundContent={null}
      style={{ width: '100%' }}
      onChange={(person: number | null) => person !== null && props.choose(person)}
      options={[...named, ...found]}
    />
  )
}

/** Several people, kept by number and shown by name. */
export function PeopleSelect(props: {
  value?: number[]
  onChange?: (people: number[]) => void
  label: string
  disabled?: boolean
}) {
  const { t } = useWords()
  const value = props.value ?? []
  const { found, setTyped, named } = useFound(value)
  return (
    <Select
      mode="multiple"
      showSearch={{ filterOption: false, onSearch: setTyped }}
      value={value}
      disabled={props.disabled ?? false}
      placeholder={t('search_people')}
      aria-label={props.label}
      notFoundContent={null}
      maxTagCount={50}
      style={{ width: '100%' }}
      onChange={(people: number[]) => props.onChange?.(people)}
      options={[...named, ...found]}
    />
  )
}

function useFound(chosen: number[]) {
  const [typed, setTyped] = useState('')
  const found = useQuery({
    queryKey: ['people-to-choose', typed],
    queryFn: () => get<{ items: Named[] }>('/api/persons', { q: typed, limit: 10 }),
    enabled: typed.length > 0,
    placeholderData: (before) => before,
  })
  const names = useQuery({
    queryKey: ['person-names', [...chosen].sort()],
    queryFn: () => get<{ items: Named[] }>('/api/person-names', { of: chosen.slice(0, 200).join(',') }),
    enabled: chosen.length > 0,
    placeholderData: (before) => before,
    staleTime: 60_000,
  })
  const called = useCalled()
  const told = new Map(names.data?.items.map((one) => [one.person, one.name]))
  const named = chosen.map((person) => ({ value: person, label: called(told.get(person) ?? `#${person}`) }))
  const some = typed ? (found.data?.items ?? []) : []
  return {
    setTyped,
    named,
    found: some
      .filter((one) => !chosen.includes(one.person))
      .map((one) => ({ value: one.person, label: called(one.name) })),
  }
}
