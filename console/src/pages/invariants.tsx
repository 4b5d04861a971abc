/** What must always be true: when it was last looked at, and what broke it, opened down to the rows. */

import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, Table, Tag } from 'antd'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { useWriting } from '../here'
import type { InvariantRow, InvariantsAnswer } from '../outcome-types'
import { Failed } from '../parts/lists'
import { whole } from '../parts/outcome'
import { Head } from '../parts/page'
import { GroupLink, PersonLink } from '../parts/tags'
import { useWords } from '../words'

export function InvariantsPage() {
  const { t, said, language, problem } = useWords()
  const { message } = App.useApp()
  const write = useWriting()
  const page = useQuery({
    queryKey: ['invariants'],
    queryFn: () => get<InvariantsAnswer>('/api/invariants'),
    refetchInterval: 60_000,
  })
  const look = useMutation({
    mutationFn: () => post<InvariantsAnswer>('/api/invariants/look'),
    onSuccess: (found) => queries.setQueryData(['invariants'], found),
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const found = page.data
  const bad = found.items.filter((one) => one.run && (one.run.broken > 0 || one.run.trouble))
  const last = found.items.find((one) => one.run)?.run
  return (
    <>
      <Head title={t('in_title')} hint={t('in_hint')}>
        {last && <span className="muted num">{t('in_last', { at: write.moment(last.at) })}</span>}
        <Button onClick={() => look.mutate()} loading={look.isPending}>
          {t('in_look')}
        </Button>
      </Head>
      <div className="stack">
        {last && (
          <Alert
            type={bad.length ? 'error' : 'success'}
            showIcon
            title={bad.length ? t('in_some_broken', { n: bad.length }) : t('in_all_good')}
          />
        )}
        <Card styles={{ body: { padding: 0 } }}>
          <Table<InvariantRow>
            rowKey="key"
            size="small"
            dataSource={found.items}
            pagination={false}
            scroll={{ x: 560 }}
            expandable={{
              rowExpandable: (row) => Boolean(row.run?.rows.length || row.run?.trouble),
              expandedRowRender: (row) => <Broken row={row} found={found} />,
            }}
            columns={[
              {
                title: t('in_title'),
                render: (_, row) => (
                  <div>
                    <div>{said(row)}</div>
                    <div className="muted" style={{ fontSize: 12 }}>
                      {language === 'zh' ? row.says_zh : row.says_en}
                    </div>
                  </div>
                ),
              },
              {
                title: t('ex_state'),
                width: 150,
                render: (_, row) =>
                  !row.run ? (
                    <span className="muted">{t('in_never')}</span>
                  ) : row.run.trouble ? (
                    <Tag color="orange">{t('in_trouble')}</Tag>
                  ) : row.run.broken ? (
                    <Tag color="red">{t('in_broken', { n: row.run.broken })}</Tag>
                  ) : (
                    <Tag color="green">{t('in_good')}</Tag>
                  ),
              },
              {
                title: '',
                width: 220,
                render: (_, row) =>
                  row.run && (
                    <span className="muted num" style={{ fontSize: 12 }}>
                      {t('in_looked_at', { n: whole(row.run.looked_at) })}
                      {row.run.since && ` · ${t('in_since', { at: write.moment(row.run.since) })}`}
                    </span>
                  ),
              },
            ]}
          />
        </Card>
      </div>
    </>
  )
}

function Broken({ row, found }: { row: InvariantRow; found: InvariantsAnswer }) {
  const { t } = useWords()
  const write = useWriting()
  const { run } = row
  if (!run) return null
  if (run.trouble) return <code>{run.trouble}</code>
  const columns = [...new Set(run.rows.flatMap((one) => Object.keys(one)))]
  const shown = (key: string, value: unknown) => {
    if (value === null || value === undefined) return ''
    if (key === 'person') {
      return <PersonLink person={Number(value)} name={found.people[String(value)] ?? `#${String(value)}`} />
    }
    if (key === 'group') {
      return <GroupLink group={Number(value)} name={found.groups[String(value)] ?? `#${String(value)}`} />
    }
    if (key.endsWith('_us') && typeof value === 'number') {
      return write.moment(new Date(value / 1000).toISOString())
    }
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  return (
    <>
      <Table
        size="small"
        rowKey={(one) => JSON.stringify(one)}
        dataSource={run.rows}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={columns.map((key) => ({
          title: key,
          key,
          render: (_: unknown, one: Record<string, unknown>) => shown(key, one[key]),
        }))}
      />
      {run.broken > run.rows.length && <span className="muted">{t('in_first', { n: run.rows.length })}</span>}
    </>
  )
}
