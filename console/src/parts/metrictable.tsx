/** A long list with numbers of the catalogue as columns: sorted and narrowed in the address, a page at a time, as CSV. */
import { DownloadOutlined, SettingOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Card, Dropdown, Select, Table, Tooltip } from 'antd'
import type { ColumnsType, ColumnType } from 'antd/es/table'
import { type ReactNode, useCallback, useState } from 'react'
import { address, get, type Params } from '../api'
import { useAddress, useCatalogue, useHere } from '../here'
import type { Metrics, Page } from '../types'
import { useWords } from '../words'
import { Failed, More, Search } from './lists'
import { Explained, NumCell } from './numbers'
import { FirstSteps, Head } from './page'

interface Row {
  name: string
  metrics: Metrics
}

export function MetricTable<T extends Row>(props: {
  per: 'group' | 'person'
  path: '/api/groups' | '/api/persons'
  title: string
  /** What the order is, while nobody has chosen another. */
  hint?: string
  sort: string
  /** What the address may narrow the list to, beside `q`. */
  narrowed: string[]
  filters: ReactNode
  search: string
  none: string
  idOf: (row: T) => number
  /** Metrics that are columns until somebody chooses others. */
  usual: string[]
  before: ColumnsType<T>
  after: ColumnsType<T>
  /** What can be done with chosen rows; rows can be chosen only where there is something. */
  several?: (ids: number[], done: () => void) => ReactNode
}) {
  const { t } = useWords()
  const names = useCatalogue()
  const { corp } = useHere()
  const at = useAddress()
  const [chosen, choose] = useState<number[]>([])
  const [shown, show] = useColumns(props.path, props.usual)
  const narrowed: Params = Object.fromEntries(['q', ...props.narrowed].map((key) => [key, at.get(key)]))
  const sort = at.get('sort') ?? props.sort
  const order = at.get('order') ?? 'desc'
  const asked: Params = { ...narrowed, sort, order }
  const page = useInfiniteQuery({
    queryKey: [props.path, asked],
    queryFn: ({ pageParam }) => get<Page<T>>(props.path, { ...asked, after: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const search = useCallback((q: string) => at.set({ q }), [at])
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  const first = page.data?.pages[0]
  if (first && !first.reading) {
    return (
      <>
        <Head title={props.title} />
        <Card>
          <FirstSteps />
        </Card>
      </>
    )
  }
  const ordered = (column: ColumnType<T>): ColumnType<T> =>
    column.sorter
      ? {
          ...column,
          showSorterTooltip: false,
          sortOrder: sort !== column.key ? null : order === 'asc' ? 'ascend' : 'descend',
        }
      : column
  const numbers = shown.map((key): ColumnType<T> => {
    const card = names.metric(props.per, key)
    return {
      key,
      title: (
        <Tooltip title={card && <Explained metric={card} />}>{names.metricName(props.per, key)}</Tooltip>
      ),
      align: 'right',
      sorter: true,
      render: (_, row) => (
        <NumCell
          metric={key}
          num={row.metrics[key]}
          about={{ per: props.per, id: props.idOf(row), name: row.name }}
        />
      ),
    }
  })
  return (
    <>
      <Head title={props.title} hint={sort === props.sort ? props.hint : undefined} reading={first?.reading}>
        <Button icon={<DownloadOutlined />} href={address(`${props.path}.csv`, asked)} download>
          {t('csv')}
        </Button>
      </Head>
      <Card styles={{ body: { padding: 0 } }}>
        <div className="row" style={{ padding: 12 }}>
          <Search value={at.get('q')} onSearch={search} placeholder={props.search} />
          {props.filters}
          <span style={{ flex: 1 }} />
          {first && (
            <span className="muted num">{t('total', { n: first.total.toLocaleString('en-US') })}</span>
          )}
          {props.several?.(chosen, () => choose([]))}
          <ColumnPicker per={props.per} shown={shown} show={show} />
        </div>
        <Table<T>
          key={corp.corp_id}
          size="middle"
          rowKey={(row) => props.idOf(row)}
          loading={page.isLoading}
          rowSelection={
            props.several && {
              fixed: true,
              selectedRowKeys: chosen,
              onChange: (keys) => choose(keys.map(Number)),
            }
          }
          dataSource={rows}
          columns={[...props.before, ...numbers, ...props.after].map((column) => ordered(column))}
          pagination={false}
          scroll={{ x: 'max-content' }}
          sticky={{ offsetHeader: 52 }}
          locale={{ emptyText: props.none }}
          onChange={(_, __, sorter) => {
            const one = Array.isArray(sorter) ? sorter[0] : sorter
            at.set(
              one?.order
                ? { sort: String(one.columnKey), order: one.order === 'ascend' ? 'asc' : null }
                : { sort: null, order: null },
            )
          }}
        />
        <div style={{ padding: 12 }}>
          <More page={page} shown={rows.length} total={first?.total ?? null} />
        </div>
      </Card>
    </>
  )
}

/** One thing the list is narrowed to. */
export function Filter(props: { name: string; all: string; options: { value: string; label: string }[] }) {
  const at = useAddress()
  return (
    <Select
      allowClear
      value={at.get(props.name) ?? null}
      placeholder={props.all}
      aria-label={props.all}
      style={{ minWidth: 132 }}
      popupMatchSelectWidth={false}
      options={props.options}
      onChange={(value: string | null) => at.set({ [props.name]: value })}
    />
  )
}

/** Which metrics are columns; a choice of the person, kept in the browser. */
function useColumns(list: string, usual: string[]): [string[], (keys: string[]) => void] {
  const kept = `tiefen-columns-${list}`
  const [shown, setShown] = useState<string[]>(() => {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(kept) ?? 'null')
      return Array.isArray(found) && found.every((key) => typeof key === 'string') ? found : usual
    } catch {
      return usual
    }
  })
  const show = (keys: string[]) => {
    localStorage.setItem(kept, JSON.stringify(keys))
    setShown(keys)
  }
  return [shown, show]
}

function ColumnPicker(props: { per: string; shown: string[]; show: (keys: string[]) => void }) {
  const words = useWords()
  const names = useCatalogue()
  const all = names.metricsPer(props.per)
  const choose = ({ selectedKeys }: { selectedKeys: string[] }) =>
    props.show(all.map((m) => m.key).filter((key) => selectedKeys.includes(key)))
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        multiple: true,
        selectable: true,
        selectedKeys: props.shown,
        style: { maxHeight: 420, overflow: 'auto' },
        items: all.map((m) => ({ key: m.key, label: words.said(m) })),
        onSelect: choose,
        onDeselect: choose,
      }}
    >
      <Button icon={<SettingOutlined />}>{words.t('columns')}</Button>
    </Dropdown>
  )
}
