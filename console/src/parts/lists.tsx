/** What every list needs: more of it, why it is empty, what went wrong. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Input, Progress } from 'antd'
import { useEffect, useState } from 'react'
import { address, get, Problem, post, queries } from '../api'
import { lookAt, useDay } from '../day'
import type { Work } from '../types'
import { useWords } from '../words'

export function More({
  page,
  shown,
  total,
}: {
  page: UseInfiniteQueryResult<InfiniteData<unknown>>
  shown: number
  total: number | null
}) {
  const { t } = useWords()
  if (shown === 0) return null
  return (
    <div className="row" style={{ justifyContent: 'center' }}>
      {page.hasNextPage ? (
        <Button onClick={() => void page.fetchNextPage()} loading={page.isFetchingNextPage}>
          {t('load_more')}
          {total !== null && (
            <span className="muted num">{`${shown} / ${total.toLocaleString('en-US')}`}</span>
          )}
        </Button>
      ) : (
        <span className="muted">{t('all_shown', { n: shown.toLocaleString('en-US') })}</span>
      )}
    </div>
  )
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { problem, t } = useWords()
  if (error instanceof Problem && error.code === 'day_not_read') return <AskForDay />
  return (
    <Alert
      type="error"
      showIcon
      title={problem(error)}
      action={
        retry && (
          <Button size="small" onClick={retry}>
            {t('reload')}
          </Button>
        )
      }
    />
  )
}

/** Nobody looked at this day yet: its numbers are made when they are asked for, and then the page comes by itself. */
function AskForDay() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const day = useDay()
  const [asked, setAsked] = useState(false)
  const ask = useMutation({
    mutationFn: () => post(address('/api/reading')),
    onSuccess: () => setAsked(true),
    onError: (error) => message.error(problem(error)),
  })
  const work = useQuery({
    queryKey: ['work', 'day'],
    queryFn: () => get<Work>('/api/work'),
    enabled: asked,
    refetchInterval: 1_500,
  })
  const there = work.data?.day_read
  useEffect(() => {
    if (there) void queries.invalidateQueries()
  }, [there])
  const job = Object.entries(work.data?.jobs ?? {}).find(([name]) => name.startsWith('reading:'))?.[1]
  return (
    <Alert
      type="info"
      showIcon
      title={t('day_unread', { day: day ?? '' })}
      description={
        asked && (
          <Progress
            percent={Math.round(100 * (job?.fraction ?? 0))}
            status="active"
            style={{ maxWidth: 420 }}
          />
        )
      }
      action={
        <span className="row">
          <Button size="small" onClick={() => lookAt(null)}>
            {t('day_back')}
          </Button>
          <Button size="small" type="primary" loading={ask.isPending || asked} onClick={() => ask.mutate()}>
            {t('day_read')}
          </Button>
        </span>
      }
    />
  )
}

/** A search that waits until the typing stops. */
export function Search(props: {
  value: string | undefined
  onSearch: (words: string) => void
  placeholder: string
}) {
  const [typed, setTyped] = useState(props.value ?? '')
  const { onSearch, value } = props
  useEffect(() => setTyped(value ?? ''), [value])
  useEffect(() => {
    if (typed === (value ?? '')) return
    const soon = setTimeout(() => onSearch(typed.trim()), 350)
    return () => clearTimeout(soon)
  }, [typed, value, onSearch])
  return (
    <Input.Search
      allowClear
      style={{ width: 220 }}
      maxLength={100}
      value={typed}
      placeholder={props.placeholder}
      aria-label={props.placeholder}
      onChange={(event) => setTyped(event.target.value)}
      onSearch={(words) => onSearch(words.trim())}
    />
  )
}
