/** Files taken in: drop one, and see what became of the others. */
import { InboxOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Alert, Card, Progress, Table, Tag, Upload } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { get, upload } from '../api'
import { bytes, percent, whole } from '../format'
import { useCatalogue, useHere, useWriting } from '../here'
import { Failed, More } from '../parts/lists'
import { Head } from '../parts/page'
import type { Import, Reject } from '../types'
import { useWords, type Words } from '../words'

export const STATE_COLOURS: Record<Import['state'], string> = {
  mapping: 'gold',
  queued: 'blue',
  running: 'processing',
  finished: 'green',
  failed: 'red',
  cancelled: 'default',
}

export function ImportsPage() {
  const { t } = useWords()
  const names = useCatalogue()
  const write = useWriting()
  const { corp } = useHere()
  const page = useQuery({
    queryKey: ['imports'],
    queryFn: () => get<{ items: Import[] }>('/api/imports'),
    refetchInterval: (query) =>
      query.state.data?.items.some((one) => one.state === 'running' || one.state === 'queued')
        ? 1_000
        : false,
  })
  return (
    <>
      <Head title={t('imports_title')} />
      <div className="stack">
        <Drop />
        <Card>
          {page.error ? (
            <Failed error={page.error} retry={() => void page.refetch()} />
          ) : (
            <Table<Import>
              key={corp.corp_id}
              rowKey="import_id"
              size="middle"
              loading={page.isLoading}
              dataSource={page.data?.items ?? []}
              pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
              scroll={{ x: 'max-content' }}
              locale={{ emptyText: t('imports_none') }}
              columns={[
                {
                  title: t('import_file'),
                  render: (_, one) => (
                    <>
                      <Link to={`/imports/${one.import_id}`} className="wrap">
                        {one.file_name}
                      </Link>{' '}
                      <span className="muted num">{bytes(one.bytes_total)}</span>
                    </>
                  ),
                },
                { title: t('import_format'), render: (_, one) => names.formatName(one.format) },
                {
                  title: t('import_state'),
                  render: (_, one) => (
                    <>
                      <Tag color={STATE_COLOURS[one.state]}>{t(`state_${one.state}`)}</Tag>
                      {one.state === 'running' && (
                        <Progress percent={Math.round(one.progress * 100)} size="small" />
                      )}
                    </>
                  ),
                },
                {
                  title: t('accepted'),
                  align: 'right',
                  className: 'num',
                  render: (_, one) => whole(one.accepted),
                },
                {
                  title: t('duplicates'),
                  align: 'right',
                  className: 'num',
                  render: (_, one) => whole(one.duplicates),
                },
                {
                  title: t('rejected'),
                  align: 'right',
                  className: 'num',
                  render: (_, one) => (
                    <span style={one.rejected ? { color: '#d4527a' } : undefined}>{whole(one.rejected)}</span>
                  ),
                },
                {
                  title: t('import_when'),
                  render: (_, one) => <span className="num">{write.moment(one.created_at)}</span>,
                },
              ]}
            />
          )}
        </Card>
        <RejectedEvents />
      </div>
    </>
  )
}

function Drop() {
  const { t, problem } = useWords()
  const navigate = useNavigate()
  const [sent, setSent] = useState<number | null>(null)
  const take = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData()
      form.append('file', file)
      return upload<Import>('/api/imports', form, setSent)
    },
    onSettled: () => setSent(null),
    onSuccess: (made) => navigate(`/imports/${made.import_id}`),
  })
  return (
    <div className="stack">
      <Upload.Dragger
        showUploadList={false}
        disabled={take.isPending}
        beforeUpload={(file) => {
          take.mutate(file)
          return false
        }}
      >
        <p style={{ fontSize: 34, margin: 4 }}>
          <InboxOutlined />
        </p>
        <p style={{ fontSize: 16, margin: 4 }}>{t('drop_here')}</p>
        <p className="muted" style={{ margin: '4px auto', maxWidth: 720 }}>
          {t('imports_hint')}
        </p>
        {sent !== null && (
          <Progress
            percent={Math.round(sent * 100)}
            format={() => t('uploading', { share: percent(sent) })}
            style={{ maxWidth: 420 }}
          />
        )}
      </Upload.Dragger>
      {take.error && <Alert type="error" showIcon closable title={problem(take.error)} />}
    </div>
  )
}

/** Why a row or an event was refused, for people. */
export function reasonOf(words: Words, refused: { code: string; reason: Record<string, unknown> }): string {
  const facts = Object.fromEntries(Object.entries(refused.reason).map(([k, v]) => [k, String(v)]))
  return words.maybe(`why_${refused.code}`, refused.code, facts)
}

export function RawRow({ raw, fields }: { raw: Record<string, unknown>; fields?: boolean }) {
  const { maybe } = useWords()
  return (
    <span className="wrap">
      {Object.entries(raw)
        .filter(([key, value]) => value !== null && value !== '' && !(fields && key === 'text_hash'))
        .map(([key, value]) => (
          <span key={key} style={{ display: 'inline-block', marginInlineEnd: 12 }}>
            <span className="muted">{fields ? maybe(`field_${key}`, key) : key}</span>{' '}
            {short(fields ? nameIn(value) : value)}
          </span>
        ))}
    </span>
  )
}

/** Somebody in a fact that is not kept yet is [type of id, id]; only the id says anything to people. */
function nameIn(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  if (value.length === 2 && value.every((part) => typeof part === 'string')) return value[1]
  return value.map(nameIn)
}

function short(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

function RejectedEvents() {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  const page = useInfiniteQuery({
    queryKey: ['rejected-events'],
    queryFn: ({ pageParam }) =>
      get<{ items: Reject[]; next: string | null }>('/api/rejected-events', { after: pageParam, limit: 20 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  if (!rows.length) return null
  return (
    <Card title={t('events_rejected')}>
      <Table<Reject>
        size="small"
        rowKey="reject_id"
        dataSource={rows}
        pagination={false}
        scroll={{ x: 640 }}
        columns={[
          { title: t('fact_when'), width: 150, render: (_, r) => write.moment(r.received_at) },
          { title: t('fact_origin'), width: 140, render: (_, r) => r.origin.replace(/^key:/, '') },
          { title: t('reason'), width: 200, render: (_, r) => reasonOf(words, r) },
          { title: t('row_raw'), render: (_, r) => <RawRow raw={r.raw} /> },
        ]}
      />
      <More page={page} shown={rows.length} total={null} />
    </Card>
  )
}
