/** Every group, sickest first, with what is worth knowing about it. */
import { DownloadOutlined, SettingOutlined } from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Card, Dropdown, Select, Table, Tooltip } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import { useCallback, useState } from 'react'
import { address, get } from '../api'
import { ago, day } from '../format'
import { choices, HEALTH, STAGES, useAddress, useCatalogue, useHere } from '../here'
import { Failed, More, Search } from '../parts/lists'
import { Explained, NumCell } from '../parts/numbers'
import { FirstSteps, Head } from '../parts/page'
import { Spark } from '../parts/spark'
import { FindingTag, GroupLink, StageTag } from '../parts/tags'
import type { GroupRow, Page } from '../types'
import { useWords } from '../words'

const USUAL = [
  'members',
  'active_30d',
  'speaker_share',
  'messages',
  'newcomer_retention_7d',
  'first_reply_time',
  'strangers',
  'advert_share',
]

export function GroupsPage() {
  const words = useWords()
  const { t } = words
  const names = useCatalogue()
  const { corp } = useHere()
  const at = useAddress()
  const asked = {
    q: at.get('q'),
    stage: at.get('stage'),
    health: at.get('health'),
    finding: at.get('finding'),
    sort: at.get('sort') ?? 'sickness',
    order: at.get('order') ?? 'desc',
  }
  const [shown, show] = useColumns('groups', USUAL)
  const page = useInfiniteQuery({
    queryKey: ['groups', asked],
    queryFn: ({ pageParam }) => get<Page<GroupRow>>('/api/groups', { ...asked, after: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const search = useCallback((q: string) => at.set({ q }), [at])
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  const reading = page.data?.pages[0]?.reading
  const total = page.data?.pages[0]?.total ?? null
  const filtered = asked.q || asked.stage || asked.health || asked.finding
  const sorted = (key: string) => (asked.sort === key ? (asked.order === 'asc' ? 'ascend' : 'descend') : null)
  const columns: ColumnsType<GroupRow> = [
    {
      title: t('group'),
      fixed: 'left',
      width: 190,
      render: (_, row) => <GroupLink group={row.group} name={row.name} />,
    },
    {
      title: t('stage'),
      key: 'sickness',
      sorter: true,
      sortOrder: sorted('sickness'),
      width: 112,
      render: (_, row) => <StageTag stage={row.stage} />,
    },
    {
      title: t('half_year'),
      width: 126,
      render: (_, row) => <Spark values={row.weeks} label={t('half_year')} />,
    },
    ...shown.map((key) => {
      const card = names.metric('group', key)
      return {
        title: (
          <Tooltip title={card && <Explained metric={card} />}>{names.metricName('group', key)}</Tooltip>
        ),
        key,
        align: 'right' as const,
        sorter: true,
        showSorterTooltip: false,
        sortOrder: sorted(key) as 'ascend' | 'descend' | null,
        render: (_: unknown, row: GroupRow) => (
          <NumCell
            metric={key}
            num={row.metrics[key]}
            about={{ per: 'group', id: row.group, name: row.name }}
          />
        ),
      }
    }),
    {
      title: t('last_spoke'),
      key: 'last_spoke_on',
      sorter: true,
      sortOrder: sorted('last_spoke_on'),
      width: 112,
      render: (_, row) => (
        <span className="nowrap" title={day(row.last_spoke_on)}>
          {ago(row.last_spoke_on, words)}
        </span>
      ),
    },
    {
      title: t('findings'),
      width: 200,
      render: (_, row) => (
        <span className="row" style={{ gap: 2 }}>
          {row.findings.map((f) => (
            <FindingTag key={f.detector} detector={f.detector} severity={f.severity} />
          ))}
        </span>
      ),
    },
  ]
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (page.data && !reading) {
    return (
      <>
        <Head title={t('groups_title')} />
        <Card>
          <FirstSteps />
        </Card>
      </>
    )
  }
  return (
    <>
      <Head
        title={t('groups_title')}
        hint={asked.sort === 'sickness' ? t('groups_hint') : undefined}
        reading={reading}
      >
        <Button icon={<DownloadOutlined />} href={address('/api/groups.csv', asked)} download>
          {t('csv')}
        </Button>
      </Head>
      <Card styles={{ body: { padding: 0 } }}>
        <div className="row" style={{ padding: 12 }}>
          <Search value={asked.q} onSearch={search} placeholder={t('search_groups')} />
          <Filter
            name="stage"
            value={asked.stage}
            all={t('all_stages')}
            options={choices(STAGES, 'stage', words)}
          />
          <Filter
            name="health"
            value={asked.health}
            all={t('all_health')}
            options={choices(HEALTH, 'health', words)}
          />
          <Filter
            name="finding"
            value={asked.finding}
            all={t('all_findings_filter')}
            options={(names.all?.detectors ?? []).map((d) => ({ value: d.key, label: words.said(d) }))}
          />
          <span style={{ flex: 1 }} />
          {total !== null && (
            <span className="muted num">{t('total', { n: total.toLocaleString('en-US') })}</span>
          )}
          <ColumnPicker per="group" shown={shown} show={show} />
        </div>
        <Table<GroupRow>
          key={corp.corp_id}
          size="middle"
          rowKey="group"
          loading={page.isLoading}
          dataSource={rows}
          columns={columns}
          pagination={false}
          scroll={{ x: 'max-content' }}
          sticky={{ offsetHeader: 52 }}
          locale={{ emptyText: filtered ? t('no_groups_match') : undefined }}
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
          <More page={page} shown={rows.length} total={total} />
        </div>
      </Card>
    </>
  )
}

export function Filter(props: {
  name: string
  value: string | undefined
  all: string
  options: { value: string; label: string }[]
}) {
  const at = useAddress()
  return (
    <Select
      allowClear
      value={props.value ?? null}
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
export function useColumns(list: string, usual: string[]): [string[], (keys: string[]) => void] {
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

export function ColumnPicker(props: { per: string; shown: string[]; show: (keys: string[]) => void }) {
  const words = useWords()
  const names = useCatalogue()
  const all = names.metricsPer(props.per)
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        multiple: true,
        selectable: true,
        selectedKeys: props.shown,
        style: { maxHeight: 420, overflow: 'auto' },
        items: all.map((m) => ({ key: m.key, label: words.said(m) })),
        onSelect: ({ selectedKeys }) =>
          props.show(all.map((m) => m.key).filter((key) => selectedKeys.includes(key))),
        onDeselect: ({ selectedKeys }) =>
          props.show(all.map((m) => m.key).filter((key) => selectedKeys.includes(key))),
      }}
    >
      <Button icon={<SettingOutlined />}>{words.t('columns')}</Button>
    </Dropdown>
  )
}
