/** People, by any number. */
import { DownloadOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Card, Table, Tooltip } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import { useCallback } from 'react'
import { address, get } from '../api'
import { ago } from '../format'
import { choices, ROLES, RUNGS, useAddress, useCatalogue, useHere } from '../here'
import { Failed, More, Search } from '../parts/lists'
import { Explained, NumCell } from '../parts/numbers'
import { FirstSteps, Head } from '../parts/page'
import { PersonLink, RoleTag, RungTag } from '../parts/tags'
import type { Page, PersonRow, SourceRow } from '../types'
import { useWords } from '../words'
import { ColumnPicker, Filter, useColumns } from './groups'

const USUAL = ['money', 'frequency', 'recency_days', 'messages', 'influence', 'people_brought', 'groups_in']

export function PeoplePage() {
  const words = useWords()
  const { t } = words
  const names = useCatalogue()
  const { corp } = useHere()
  const at = useAddress()
  const asked = {
    q: at.get('q'),
    rung: at.get('rung'),
    role: at.get('role'),
    source: at.get('source'),
    sort: at.get('sort') ?? 'money',
    order: at.get('order') ?? 'desc',
  }
  const [shown, show] = useColumns('people', USUAL)
  const sources = useQuery({
    queryKey: ['sources'],
    queryFn: () => get<{ items: SourceRow[] }>('/api/sources'),
  })
  const page = useInfiniteQuery({
    queryKey: ['persons', asked],
    queryFn: ({ pageParam }) =>
      get<Page<PersonRow>>('/api/persons', { ...asked, after: pageParam, limit: 50 }),
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
        <Head title={t('people_title')} />
        <Card>
          <FirstSteps />
        </Card>
      </>
    )
  }
  const sorted = (key: string) => (asked.sort === key ? (asked.order === 'asc' ? 'ascend' : 'descend') : null)
  const columns: ColumnsType<PersonRow> = [
    {
      title: t('person'),
      fixed: 'left',
      width: 170,
      render: (_, row) => <PersonLink person={row.person} name={row.name} />,
    },
    {
      title: t('rung'),
      key: 'rung',
      sorter: true,
      sortOrder: sorted('rung'),
      width: 108,
      render: (_, row) => <RungTag rung={row.rung} />,
    },
    {
      title: <Tooltip title={t('rfm_hint')}>{t('rfm')}</Tooltip>,
      width: 66,
      className: 'num',
      render: (_, row) => row.rfm_cell ?? '—',
    },
    { title: t('role'), width: 96, render: (_, row) => <RoleTag role={row.role} /> },
    ...shown.map((key) => {
      const card = names.metric('person', key)
      return {
        title: (
          <Tooltip title={card && <Explained metric={card} />}>{names.metricName('person', key)}</Tooltip>
        ),
        key,
        align: 'right' as const,
        sorter: true,
        showSorterTooltip: false,
        sortOrder: sorted(key) as 'ascend' | 'descend' | null,
        render: (_: unknown, row: PersonRow) => (
          <NumCell
            metric={key}
            num={row.metrics[key]}
            about={{ per: 'person', id: row.person, name: row.name }}
          />
        ),
      }
    }),
    {
      title: t('source'),
      width: 130,
      render: (_, row) => <span className="nowrap">{row.source_name ?? '—'}</span>,
    },
    {
      title: t('last_seen'),
      key: 'last_seen_at',
      sorter: true,
      sortOrder: sorted('last_seen_at'),
      width: 112,
      render: (_, row) => <span className="nowrap">{ago(row.last_seen_at, words)}</span>,
    },
  ]
  return (
    <>
      <Head title={t('people_title')} reading={first?.reading}>
        <Button
          icon={<DownloadOutlined />}
          href={address('/api/persons.csv', { ...asked, source: undefined })}
          download
        >
          {t('csv')}
        </Button>
      </Head>
      <Card styles={{ body: { padding: 0 } }}>
        <div className="row" style={{ padding: 12 }}>
          <Search value={asked.q} onSearch={search} placeholder={t('search_people')} />
          <Filter
            name="rung"
            value={asked.rung}
            all={t('all_rungs')}
            options={choices(RUNGS, 'rung', words)}
          />
          <Filter
            name="role"
            value={asked.role}
            all={t('all_roles')}
            options={choices(ROLES, 'role', words)}
          />
          <Filter
            name="source"
            value={asked.source}
            all={t('all_sources')}
            options={(sources.data?.items ?? []).map((s) => ({ value: String(s.source), label: s.name }))}
          />
          <span style={{ flex: 1 }} />
          {first && (
            <span className="muted num">{t('total', { n: first.total.toLocaleString('en-US') })}</span>
          )}
          <ColumnPicker per="person" shown={shown} show={show} />
        </div>
        <Table<PersonRow>
          key={corp.corp_id}
          size="middle"
          rowKey="person"
          loading={page.isLoading}
          dataSource={rows}
          columns={columns}
          pagination={false}
          scroll={{ x: 'max-content' }}
          sticky={{ offsetHeader: 52 }}
          locale={{ emptyText: t('no_people_match') }}
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
