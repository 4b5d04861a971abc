/** The inbox of tasks: mine, nobody's, everybody's; done by keyboard, many at once. */

import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import {
  App,
  Badge,
  Button,
  Card,
  Drawer,
  Dropdown,
  Input,
  List,
  Segmented,
  Select,
  Space,
  Table,
  Tabs,
  Tag,
  Typography,
  theme,
} from 'antd'
import { type Key, useEffect, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { get, post, put, queries } from '../api'
import { Waiting } from '../app'
import { useWriting } from '../here'
import { Failed, More } from '../parts/lists'
import { Head } from '../parts/page'
import { Called, PersonLink } from '../parts/tags'
import { useWords } from '../words'
import { Follow } from './task-follow'
import type { Board, OneTask, TaskPage, TaskRow } from './task-types'

const DAY_US = 86_400_000_000
const KIND_COLOURS = { marketing: 'geekblue', sales: 'gold', service: 'green' }

export const useBoard = () =>
  useQuery({
    queryKey: ['tasks', 'board'],
    queryFn: () => get<Board>('/api/tasks/board'),
    refetchInterval: 15_000,
  })

export function TasksPage() {
  const { t } = useWords()
  const [asked, ask] = useSearchParams()
  const board = useBoard()
  if (board.error) return <Failed error={board.error} retry={() => void board.refetch()} />
  if (!board.data) return <Waiting />
  const data = board.data
  const loaded = data.coverage.loads.filter((one) => one.too_many).length + data.coverage.alone_total
  return (
    <>
      <Head title={t('ta_title')} hint={t('ta_hint')}>
        <IAm board={data} />
      </Head>
      <Tabs
        activeKey={asked.get('tab') ?? 'list'}
        onChange={(tab) => ask({ tab })}
        destroyOnHidden
        items={[
          { key: 'list', label: t('ta_tab_list'), children: <Inbox board={data} /> },
          {
            key: 'confirm',
            label: (
              <Badge size="small" offset={[14, 0]} count={data.to_confirm.length}>
                {t('ta_tab_confirm')}
              </Badge>
            ),
            children: <ToConfirm board={data} />,
          },
          {
            key: 'load',
            label: (
              <Badge size="small" offset={[14, 0]} count={loaded}>
                {t('ta_tab_load')}
              </Badge>
            ),
            children: <Coverage board={data} />,
          },
          { key: 'follow', label: t('ta_tab_follow'), children: <Follow board={data} /> },
        ]}
      />
    </>
  )
}

function IAm({ board }: { board: Board }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const be = useMutation({
    mutationFn: (staff: string | null) => put('/api/tasks/me', { staff }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['tasks'] }),
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Space>
      <span className="muted">{t('ta_i_am')}</span>
      <Select
        aria-label={t('ta_i_am')}
        style={{ minWidth: 140 }}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        placeholder="—"
        value={board.me}
        onChange={(staff) => be.mutate(staff ?? null)}
        options={board.staff.filter((s) => !s.gone).map((s) => ({ value: s.userid, label: s.name }))}
      />
    </Space>
  )
}

function useMoving() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (body: {
      ids: string[]
      do: string
      staff?: string | null
      until_us?: number
      text?: string
    }) => post<{ moved: string[]; closed: Record<string, string> }>('/api/tasks/move', body),
    onSuccess: ({ moved, closed }) => {
      message.success(t('ta_moved', { n: moved.length }))
      const before = Object.keys(closed).length
      if (before) message.info(t('ta_closed', { n: before }))
      void queries.invalidateQueries({ queryKey: ['tasks'] })
      void queries.invalidateQueries({ queryKey: ['playbooks'] })
    },
    onError: (error) => message.error(problem(error)),
  })
}

function Inbox({ board }: { board: Board }) {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  const { token } = theme.useToken()
  const [asked, ask] = useSearchParams()
  const whose = asked.get('whose') ?? (board.me ? 'mine' : 'all')
  const state = asked.get('state') ?? 'waiting'
  const kind = asked.get('kind')
  const staff = asked.get('staff')
  const open = asked.get('task')
  const [chosen, choose] = useState<string[]>([])
  const [cursor, setCursor] = useState(0)
  const moving = useMoving()
  const set = (changed: Record<string, string | null>) => {
    const next = new URLSearchParams(asked)
    for (const [key, value] of Object.entries(changed)) value ? next.set(key, value) : next.delete(key)
    ask(next, { replace: true })
  }
  const page = useInfiniteQuery({
    queryKey: ['tasks', whose, state, kind, staff],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      get<TaskPage>('/api/tasks', { whose, state, kind, staff, after: pageParam, limit: 50 }),
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const rows = page.data?.pages.flatMap((one) => one.items) ?? []
  const waits = state === 'waiting' || state === 'late'
  useKeys({
    j: () => setCursor((at) => Math.min(at + 1, rows.length - 1)),
    k: () => setCursor((at) => Math.max(at - 1, 0)),
    x: () => {
      const id = rows[cursor]?.task_id
      if (id) choose((some) => (some.includes(id) ? some.filter((one) => one !== id) : [...some, id]))
    },
    e: () => {
      const ids = chosen.length ? chosen : rows[cursor] ? [rows[cursor].task_id] : []
      if (waits && ids.length) moving.mutate({ ids, do: 'done' }, { onSuccess: () => choose([]) })
    },
    enter: () => rows[cursor] && set({ task: rows[cursor].task_id }),
    escape: () => set({ task: null }),
  })
  const counted = (of: (c: Board['counts'][number]) => boolean) =>
    board.counts
      .filter((c) => (c.state === 'opened' || c.state === 'late') && of(c))
      .reduce((sum, c) => sum + c.times, 0)
  const label = (text: string, n: number) => (
    <span>
      {text} <span className="muted num">{n}</span>
    </span>
  )
  return (
    <div className="stack">
      <div className="between">
        <div className="row">
          <Segmented
            aria-label={t('ta_staff')}
            value={whose}
            onChange={(value) => {
              choose([])
              set({ whose: value, staff: null })
            }}
            options={[
              {
                value: 'mine',
                label: label(
                  t('ta_mine'),
                  counted((c) => !!board.me && c.staff === board.me),
                ),
              },
              {
                value: 'nobody',
                label: label(
                  t('ta_nobody'),
                  counted((c) => c.staff === ''),
                ),
              },
              {
                value: 'all',
                label: label(
                  t('ta_all'),
                  counted(() => true),
                ),
              },
            ]}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            style={{ minWidth: 130 }}
            placeholder={t('ta_by_staff')}
            aria-label={t('ta_by_staff')}
            value={staff}
            onChange={(value) => set({ staff: value ?? null, whose: 'all' })}
            options={board.staff.map((s) => ({ value: s.userid, label: s.name }))}
          />
          <Select
            allowClear
            style={{ minWidth: 110 }}
            placeholder={t('ta_kind')}
            aria-label={t('ta_kind')}
            value={kind}
            onChange={(value) => set({ kind: value ?? null })}
            options={board.kinds.map((k) => ({ value: k.key, label: k[words.language] }))}
          />
        </div>
        <Segmented
          aria-label={t('pb_state')}
          value={state}
          onChange={(value) => {
            choose([])
            set({ state: value })
          }}
          options={(['waiting', 'late', 'done', 'skipped'] as const).map((s) => ({
            value: s,
            label: t(`ta_${s}`),
          }))}
        />
      </div>
      {whose === 'mine' && !board.me && <span className="muted">{t('ta_i_am_hint')}</span>}
      {chosen.length > 0 && waits && (
        <Card size="small">
          <div className="row">
            <strong>{t('ta_chosen', { n: chosen.length })}</strong>
            <Doing ids={chosen} board={board} done={() => choose([])} />
          </div>
        </Card>
      )}
      {page.error ? (
        <Failed error={page.error} retry={() => void page.refetch()} />
      ) : (
        <Card styles={{ body: { padding: 0 } }}>
          <Table<TaskRow>
            rowKey="task_id"
            size="small"
            loading={page.isLoading}
            dataSource={rows}
            pagination={false}
            scroll={{ x: 760 }}
            locale={{ emptyText: <div style={{ padding: 24 }}>{t('ta_none')}</div> }}
            {...(waits
              ? {
                  rowSelection: {
                    selectedRowKeys: chosen,
                    onChange: (keys: Key[]) => choose(keys.map(String)),
                  },
                }
              : {})}
            onRow={(row, at) => ({
              onClick: () => {
                setCursor(at ?? 0)
                set({ task: row.task_id })
              },
              style: {
                cursor: 'pointer',
                ...(at === cursor ? { boxShadow: `inset 3px 0 0 ${token.colorPrimary}` } : {}),
              },
            })}
            columns={[
              {
                title: t('ta_due'),
                width: 150,
                render: (_, row) => (
                  <span className="num" style={row.late && waits ? { color: token.colorError } : {}}>
                    {write.moment(row.due)}
                  </span>
                ),
              },
              {
                title: t('ta_task'),
                render: (_, row) => (
                  <>
                    <strong>{row.title}</strong>
                    {row.reason && (
                      <span className="muted"> · {words.maybe(`reason_${row.reason}`, row.reason)}</span>
                    )}
                    {row.say && (
                      <Typography.Paragraph
                        type="secondary"
                        ellipsis={{ rows: 1 }}
                        style={{ margin: 0, maxWidth: 380 }}
                      >
                        {row.say.text}
                      </Typography.Paragraph>
                    )}
                  </>
                ),
              },
              {
                title: t('ta_group'),
                width: 150,
                render: (_, row) =>
                  row.group ? (
                    <Link to={`/groups/${row.group.group}`} onClick={(e) => e.stopPropagation()}>
                      {row.group.name}
                    </Link>
                  ) : row.person ? (
                    <Link to={`/people/${row.person.person}`} onClick={(e) => e.stopPropagation()}>
                      <Called name={row.person.name} />
                    </Link>
                  ) : (
                    '—'
                  ),
              },
              {
                title: t('ta_kind'),
                width: 90,
                render: (_, row) => <KindTag kind={row.kind} board={board} />,
              },
              {
                title: t('ta_role'),
                width: 90,
                render: (_, row) => persona(board, row.role, words.language),
              },
              {
                title: t('ta_staff'),
                width: 110,
                render: (_, row) => row.staff?.name ?? <Tag color="warning">{t('ta_unassigned')}</Tag>,
              },
              {
                width: 64,
                render: (_, row) =>
                  waits && (
                    <Button
                      size="small"
                      type="text"
                      icon={<CheckOutlined />}
                      aria-label={`${t('ta_do')} ${row.title}`}
                      onClick={(e) => {
                        e.stopPropagation()
                        moving.mutate({ ids: [row.task_id], do: 'done' })
                      }}
                    />
                  ),
              },
            ]}
          />
        </Card>
      )}
      <More page={page} shown={rows.length} total={null} />
      <Drawer
        open={!!open}
        onClose={() => set({ task: null })}
        size={520}
        destroyOnHidden
        title={t('ta_task')}
      >
        {open && <One id={open} board={board} />}
      </Drawer>
    </div>
  )
}

export const persona = (board: Board, key: string, language: 'zh' | 'en') =>
  board.personas.find((one) => one.key === key)?.[language] ?? '—'

function KindTag({ kind, board }: { kind: TaskRow['kind']; board: Board }) {
  const { language } = useWords()
  return (
    <Tag color={KIND_COLOURS[kind]}>{board.kinds.find((one) => one.key === kind)?.[language] ?? kind}</Tag>
  )
}

/** What can be done with some tasks. */
function Doing({ ids, board, done }: { ids: string[]; board: Board; done?: () => void }) {
  const { t } = useWords()
  const { modal } = App.useApp()
  const moving = useMoving()
  const go = (body: { do: string; staff?: string | null; until_us?: number; text?: string }) =>
    moving.mutate({ ids, ...body }, { onSuccess: () => done?.() })
  const skip = () => {
    let text = ''
    modal.confirm({
      title: t('ta_why_skip'),
      content: (
        <Input
          autoFocus
          maxLength={200}
          onChange={(e) => {
            text = e.target.value
          }}
        />
      ),
      okText: t('ta_skip'),
      cancelText: t('cancel'),
      onOk: () => go({ do: 'skip', text }),
    })
  }
  return (
    <Space wrap>
      <Button
        type="primary"
        icon={<CheckOutlined />}
        loading={moving.isPending}
        onClick={() => go({ do: 'done' })}
      >
        {t('ta_do')}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            ...board.staff.filter((s) => !s.gone).map((s) => ({ key: s.userid, label: s.name })),
            { type: 'divider' as const },
            { key: '', label: t('ta_unassigned') },
          ],
          onClick: ({ key }) => go({ do: 'hand', staff: key || null }),
          style: { maxHeight: 320, overflow: 'auto' },
        }}
      >
        <Button>{t('ta_hand')}</Button>
      </Dropdown>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: '1', label: t('ta_to_tomorrow') },
            { key: '3', label: t('ta_to_three') },
            { key: '7', label: t('ta_to_week') },
          ],
          onClick: ({ key }) => go({ do: 'snooze', until_us: board.now_us + Number(key) * DAY_US }),
        }}
      >
        <Button>{t('ta_snooze')}</Button>
      </Dropdown>
      <Button onClick={skip}>{t('ta_skip')}</Button>
    </Space>
  )
}

function One({ id, board }: { id: string; board: Board }) {
  const words = useWords()
  const { t, problem } = words
  const write = useWriting()
  const { message } = App.useApp()
  const [text, setText] = useState('')
  const one = useQuery({
    queryKey: ['tasks', 'one', id],
    queryFn: () => get<OneTask>('/api/tasks/one', { task_id: id }),
  })
  const note = useMutation({
    mutationFn: () => post(`/api/tasks/note?task_id=${encodeURIComponent(id)}`, { text }),
    onSuccess: () => {
      setText('')
      void queries.invalidateQueries({ queryKey: ['tasks', 'one', id] })
    },
    onError: (error) => message.error(problem(error)),
  })
  if (one.error) return <Failed error={one.error} />
  if (!one.data) return <Waiting />
  const task = one.data
  const name = (userid: string) => board.staff.find((s) => s.userid === userid)?.name ?? userid
  const told = (what: string, said: string) => {
    if (what === 'snoozed') return write.moment(new Date(Number(said) / 1000).toISOString())
    if (what !== 'handed') return words.maybe(`reason_${said}`, said)
    const [from = '', to = ''] = said.split('→').map((side) => side.trim())
    return `${from ? name(from) : t('ta_unassigned')} → ${to ? name(to) : t('ta_unassigned')}`
  }
  return (
    <div className="stack">
      <div>
        <Typography.Title level={4} style={{ margin: 0 }}>
          {task.title}
        </Typography.Title>
        <div className="row" style={{ marginTop: 6 }}>
          <KindTag kind={task.kind} board={board} />
          {task.role && <Tag>{persona(board, task.role, words.language)}</Tag>}
          <span>{task.staff?.name ?? t('ta_unassigned')}</span>
          <span className="muted num">{write.moment(task.due)}</span>
          {task.group && <Link to={`/groups/${task.group.group}`}>{task.group.name}</Link>}
          {task.person && <PersonLink person={task.person.person} name={task.person.name} />}
        </div>
      </div>
      {task.detail && <div className="wrap">{task.detail}</div>}
      {task.say && (
        <Card
          size="small"
          title={t('ta_words')}
          extra={
            <Button
              size="small"
              icon={<CopyOutlined />}
              onClick={() =>
                void navigator.clipboard
                  ?.writeText(task.say?.text ?? '')
                  .then(() => message.success(t('ta_copied')))
              }
            >
              {t('ta_copy')}
            </Button>
          }
        >
          <div className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
            {task.say.text}
          </div>
        </Card>
      )}
      {task.guests.length > 0 && (
        <Card
          size="small"
          title={t('ta_guests')}
          extra={<span className="muted">{t('ta_guests_hint')}</span>}
        >
          <div className="stack" style={{ gap: 4 }}>
            {task.guests.map((one) => (
              <div key={one.person} className="between">
                <PersonLink person={one.person} name={one.name} />
                <span className="muted">{t('ta_listeners', { n: one.listeners })}</span>
              </div>
            ))}
          </div>
        </Card>
      )}
      {(task.state === 'opened' || task.state === 'late') && <Doing ids={[id]} board={board} />}
      <Card size="small" title={t('ta_notes')}>
        <div className="stack" style={{ gap: 6 }}>
          {task.notes.map((one) => (
            <div key={`${one.at}${one.what}${one.text}`} className="wrap">
              <span className="muted num">{write.moment(one.at)}</span> {one.who}{' '}
              <Tag>{words.maybe(`ta_what_${one.what}`, one.what)}</Tag>
              {told(one.what, one.text)}
            </div>
          ))}
          <Space.Compact>
            <Input
              value={text}
              maxLength={2000}
              placeholder={t('ta_note_add')}
              aria-label={t('ta_note_add')}
              onChange={(e) => setText(e.target.value)}
              onPressEnter={() => text.trim() && note.mutate()}
            />
            <Button disabled={!text.trim()} loading={note.isPending} onClick={() => note.mutate()}>
              {t('ta_note_save')}
            </Button>
          </Space.Compact>
        </div>
      </Card>
    </div>
  )
}

/** Messages that staff have as a task in WeCom and have not confirmed yet. */
function ToConfirm({ board }: { board: Board }) {
  const { t } = useWords()
  const write = useWriting()
  return (
    <Card styles={{ body: { padding: 0 } }}>
      <List
        locale={{ emptyText: t('ta_confirm_none') }}
        dataSource={board.to_confirm}
        renderItem={(one) => (
          <List.Item style={{ padding: '10px 16px' }}>
            <List.Item.Meta
              title={one.name ?? one.campaign_id}
              description={
                <>
                  {board.staff.find((s) => s.userid === one.sender)?.name ?? one.sender ?? '—'} ·{' '}
                  {t(one.channel === 'group' ? 'ta_confirm_groups' : 'ta_confirm_for', { n: one.recipients })}
                </>
              }
            />
            <span className="muted num">
              {t('ta_since')} {write.moment(one.since)}
            </span>
          </List.Item>
        )}
      />
    </Card>
  )
}

function Coverage({ board }: { board: Board }) {
  const { t } = useWords()
  const { coverage } = board
  return (
    <div className="stack">
      <Card
        styles={{ body: { padding: 0 } }}
        title={t('ta_covered', { n: coverage.groups - coverage.alone_total, all: coverage.groups })}
      >
        <Table
          rowKey="userid"
          size="small"
          pagination={false}
          dataSource={coverage.loads}
          columns={[
            {
              title: t('ta_staff'),
              render: (_, row) => (
                <>
                  <Link to={`/tasks?whose=all&staff=${encodeURIComponent(row.userid)}`}>{row.name}</Link>{' '}
                  {row.gone && <Tag>{t('ta_gone')}</Tag>}
                  {row.too_many && <Tag color="error">{t('ta_too_many')}</Tag>}
                </>
              ),
            },
            { title: t('ta_groups_owned'), dataIndex: 'groups', align: 'right' },
            { title: t('ta_load_waiting'), dataIndex: 'waiting', align: 'right' },
            { title: t('ta_load_late'), dataIndex: 'late', align: 'right' },
            { title: t('ta_load_done'), dataIndex: 'done', align: 'right' },
          ]}
        />
      </Card>
      <Card title={t('ta_alone', { n: coverage.alone_total })}>
        {coverage.alone.length ? (
          <div className="row">
            {coverage.alone.map((one) => (
              <Link key={one.group} to={`/groups/${one.group}`}>
                <Tag color="warning">{one.name}</Tag>
              </Link>
            ))}
          </div>
        ) : (
          <span className="muted">{t('ta_alone_none')}</span>
        )}
      </Card>
    </div>
  )
}

/** Keys that act while nobody is typing. */
function useKeys(keys: Record<string, () => void>) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))
        return
      if (event.key === 'Enter' && at.tagName !== 'BODY') return
      const act = keys[event.key.toLowerCase()]
      if (act) {
        event.preventDefault()
        act()
      }
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  })
}
