/** What every list needs: more of it, why it is empty, what went wrong. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { useEffect, useState } from 'react'
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
