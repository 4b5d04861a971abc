/** Groups by days: which block of which day is planned, under way, late, done or skipped in which group. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { App, Button, Card, DatePicker, Empty, Input, Popover, Space, Tag, theme } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { Link } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { useWriting } from '../here'
import { Failed, More } from '../parts/lists'
import { useWords } from '../words'
import type { Cell, Matrix, OnePlaybook, RunRow } from './playbook-types'

const STATES = ['planned', 'open', 'late', 'done', 'skipped'] as const

function useColours(): Record<Cell['state'], string> {
  const { token } = theme.useToken()
  return {
    planned: token.colorFillSecondary,
    open: token.colorInfo,
    late: token.colorError,
    done: token.colorSuccess,
    skipped: token.colorTextQuaternary,
  }
}

export function Runs({ book }: { book: OnePlaybook }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const colours = useColours()
  const [since, setSince] = useState<string | null>(null)
  const page = useInfiniteQuery({
    queryKey: ['playbooks', book.campaign_id, 'matrix', since],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      get<Matrix>(`/api/playbooks/${book.campaign_id}/matrix`, { since, after: pageParam, limit: 50 }),
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 10_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  const first = page.data?.pages[0]
  if (!first) return <Waiting />
  const rows = page.data?.pages.flatMap((one) => one.rows) ?? []
  if (!rows.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('pb_no_runs')} />
  const days = Array.from({ length: first.days }, (_, n) => dayjs(first.first).add(n, 'day'))
  const today = dayjs(first.now_us / 1000).format('YYYY-MM-DD')
  const line = `1px solid ${token.colorBorderSecondary}`
  return (
    <div className="stack">
      <div className="between">
        <div className="row">
          {STATES.map((state) => (
            <span key={state} className="row" style={{ gap: 4 }}>
              <i
                style={{
                  width: 12,
                  height: 12,
                  borderRadius: 3,
                  background: colours[state],
                  display: 'inline-block',
                }}
              />
              {t(`pb_${state}`)} <span className="muted num">{book.blocks[state] ?? 0}</span>
            </span>
          ))}
        </div>
        <DatePicker
          value={dayjs(since ?? first.first)}
          allowClear={false}
          aria-label={t('pb_from_day')}
          onChange={(at) => setSince(at ? at.format('YYYY-MM-DD') : null)}
        />
      </div>
      <Card styles={{ body: { padding: 0, overflow: 'auto' } }}>
        <table
          style={{ borderCollapse: 'collapse', width: '100%', fontSize: 12 }}
          data-testid="playbook-matrix"
        >
          <thead>
            <tr>
              <th style={{ textAlign: 'start', padding: '6px 12px', minWidth: 150 }}>{t('ta_group')}</th>
              {days.map((day) => (
                <th
                  key={day.format('MMDD')}
                  className="num"
                  style={{
                    padding: '4px 2px',
                    fontWeight: day.format('YYYY-MM-DD') === today ? 700 : 400,
                    color: day.format('YYYY-MM-DD') === today ? token.colorPrimary : token.colorTextSecondary,
                  }}
                >
                  {day.date() === 1 || day === days[0] ? day.format('M/D') : day.format('D')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.group} style={{ borderTop: line }}>
                <td style={{ padding: '6px 12px' }}>
                  <Row row={row} book={book} />
                </td>
                {days.map((day) => {
                  const on = day.format('YYYY-MM-DD')
                  return (
                    <td
                      key={on}
                      style={{
                        padding: 2,
                        textAlign: 'center',
                        background: on === today ? token.colorFillQuaternary : 'transparent',
                      }}
                    >
                      {row.cells
                        .filter((cell) => cell.on === on)
                        .map((cell) => (
                          <One
                            key={`${cell.block}${cell.day}`}
                            cell={cell}
                            row={row}
                            matrix={first}
                            book={book}
                          />
                        ))}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
      <More page={page} shown={rows.length} total={first.total} />
    </div>
  )
}

function useChange(book: OnePlaybook, path: 'groups' | 'block') {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (body: Record<string, unknown>) => post(`/api/playbooks/${book.campaign_id}/${path}`, body),
    onSuccess: () => {
      message.success(t('pb_changed'))
      void queries.invalidateQueries({ queryKey: ['playbooks', book.campaign_id] })
    },
    onError: (error) => message.error(problem(error)),
  })
}

function Row({ row, book }: { row: RunRow; book: OnePlaybook }) {
  const { t } = useWords()
  const change = useChange(book, 'groups')
  const go = (what: string) => change.mutate({ groups: [row.group], do: what })
  return (
    <Popover
      trigger="click"
      content={
        <div className="stack" style={{ gap: 6 }}>
          <span className="muted">
            {t('pb_day', { n: 1 })}: {row.first_day} · {row.owner ?? t('ta_unassigned')}
          </span>
          <Space>
            <Link to={`/groups/${row.group}`}>{t('ta_group')}</Link>
            {row.state === 'running' && (
              <Button size="small" onClick={() => go('pause')}>
                {t('pb_pause')}
              </Button>
            )}
            {row.state === 'paused' && (
              <Button size="small" onClick={() => go('resume')}>
                {t('pb_resume')}
              </Button>
            )}
            {row.state !== 'ended' && (
              <Button size="small" danger onClick={() => go('end')}>
                {t('pb_end_here')}
              </Button>
            )}
          </Space>
        </div>
      }
    >
      <button type="button" className="opens" style={{ all: 'unset', cursor: 'pointer' }}>
        {row.name} {row.state !== 'running' && <Tag>{t(`pb_state_${row.state}`)}</Tag>}
      </button>
    </Popover>
  )
}

function One({ cell, row, matrix, book }: { cell: Cell; row: RunRow; matrix: Matrix; book: OnePlaybook }) {
  const words = useWords()
  const { t, language } = words
  const write = useWriting()
  const colours = useColours()
  const { token } = theme.useToken()
  const change = useChange(book, 'block')
  const [reason, setReason] = useState('')
  const title = matrix.blocks.find((one) => one.key === cell.block)?.[language] ?? cell.block
  const about = { groups: [row.group], block: cell.block, day: cell.day }
  const at = write.moment(new Date(cell.begins_us / 1000).toISOString())
  return (
    <Popover
      trigger="click"
      title={title}
      content={
        <div className="stack" style={{ gap: 8, maxWidth: 280 }}>
          <span>
            {row.name} · <span className="num">{at}</span>
          </span>
          <span>
            {t(`pb_${cell.state}`)}
            {cell.reason && ` · ${words.maybe(`reason_${cell.reason}`, cell.reason)}`}
          </span>
          {cell.state === 'planned' && (
            <>
              <DatePicker
                showTime={{ format: 'HH:mm' }}
                format="YYYY-MM-DD HH:mm"
                placeholder={t('pb_move_to')}
                minDate={dayjs(matrix.now_us / 1000)}
                onChange={(to) =>
                  to && change.mutate({ ...about, do: 'move', begins_us: to.valueOf() * 1000 })
                }
              />
              <Space.Compact>
                <Input
                  placeholder={t('pb_why')}
                  maxLength={200}
                  value={reason}
                  onChange={(e) => setReason(e.target.value)}
                />
                <Button onClick={() => change.mutate({ ...about, do: 'skip', reason })}>
                  {t('pb_skip_it')}
                </Button>
              </Space.Compact>
            </>
          )}
          {cell.state !== 'planned' && (
            <Link
              to={`/tasks?whose=all&state=${cell.state === 'done' ? 'done' : cell.state === 'skipped' ? 'skipped' : 'waiting'}`}
            >
              {t('nav_tasks')}
            </Link>
          )}
        </div>
      }
    >
      <button
        type="button"
        aria-label={`${row.name} ${title} ${cell.on} ${t(`pb_${cell.state}`)}`}
        title={title}
        style={{
          width: 16,
          height: 16,
          margin: 1,
          padding: 0,
          borderRadius: 4,
          cursor: 'pointer',
          border: cell.moved ? `2px solid ${token.colorWarning}` : `1px solid ${token.colorBorder}`,
          background: colours[cell.state],
        }}
      />
    </Popover>
  )
}
