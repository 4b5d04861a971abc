/** One import: map its columns, look at what will be understood, start, watch, mend what was refused. */
import { CheckCircleFilled, DownloadOutlined, WarningFilled } from '@ant-design/icons'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  Checkbox,
  Descriptions,
  Form,
  Input,
  Modal,
  Progress,
  Select,
  Space,
  Statistic,
  Table,
  Tag,
  Tooltip,
} from 'antd'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { get, post, put, queries } from '../api'
import { Waiting } from '../app'
import { whole } from '../format'
import { useCatalogue, useHere } from '../here'
import { Failed, More } from '../parts/lists'
import { Head } from '../parts/page'
import type { Import, Preview, Reject } from '../types'
import { useWords } from '../words'
import { RawRow, reasonOf, STATE_COLOURS } from './imports'

export function ImportPage() {
  const { id = '' } = useParams()
  const { t, problem } = useWords()
  const names = useCatalogue()
  const { message } = App.useApp()
  const page = useQuery({
    queryKey: ['import', id],
    queryFn: () => get<Import>(`/api/imports/${encodeURIComponent(id)}`),
    refetchInterval: (query) => (under(query.state.data) ? 700 : false),
  })
  const running = under(page.data)
  useEffect(() => {
    if (!running) void queries.invalidateQueries({ queryKey: ['import', id, 'rejects'] })
  }, [running, id])
  const act = useMutation({
    mutationFn: (what: 'start' | 'cancel') => post(`/api/imports/${encodeURIComponent(id)}/${what}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['import', id] }),
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const one = page.data
  return (
    <>
      <Head
        title={
          <span className="row wrap">
            {one.file_name} <Tag color={STATE_COLOURS[one.state]}>{t(`state_${one.state}`)}</Tag>
          </span>
        }
        hint={<Link to="/imports">{`← ${t('imports_title')}`}</Link>}
      >
        {running && (
          <Button danger onClick={() => act.mutate('cancel')} loading={act.isPending}>
            {t('cancel_import')}
          </Button>
        )}
        {(one.state === 'failed' || one.state === 'cancelled') && (
          <Button type="primary" onClick={() => act.mutate('start')} loading={act.isPending}>
            {t('import_again')}
          </Button>
        )}
      </Head>
      <div className="stack">
        {one.error && <Alert type="error" showIcon title={one.error} />}
        {one.state === 'mapping' ? (
          <MapColumns
            key={one.import_id}
            one={one}
            start={() => act.mutate('start')}
            starting={act.isPending}
          />
        ) : (
          <Card>
            <div className="stack">
              <div className="row" style={{ gap: 40 }}>
                <Statistic title={names.formatName(one.format)} value={whole(one.rows_done)} />
                <Tooltip title={t('accepted_hint')}>
                  <Statistic title={t('accepted')} value={whole(one.accepted)} />
                </Tooltip>
                <Tooltip title={t('duplicates_hint')}>
                  <Statistic title={t('duplicates')} value={whole(one.duplicates)} />
                </Tooltip>
                <Tooltip title={t('rejected_hint')}>
                  <Statistic title={t('rejected')} value={whole(one.rejected)} />
                </Tooltip>
              </div>
              {running && (
                <Progress
                  percent={Math.round(one.progress * 100)}
                  status="active"
                  aria-label={t('importing', { n: one.rows_done })}
                />
              )}
              {one.state === 'finished' && (
                <Space>
                  <CheckCircleFilled style={{ color: '#2f9e62' }} />
                  {t('import_done')}
                  <Link to="/groups">{t('see_groups')}</Link>
                </Space>
              )}
            </div>
          </Card>
        )}
        {one.state !== 'mapping' && one.rejected > 0 && <Rejects one={one} />}
      </div>
    </>
  )
}

const under = (one: Import | undefined) => one?.state === 'running' || one?.state === 'queued'

const UNITS = ['yuan', 'fen', 'cents'] as const
const CHAT = new Set(['platform', 'group_name', 'keep_words', 'day_first', 'time_zone'])
const MONEY = new Set(['platform', 'unit', 'source', 'day_first', 'time_zone', 'id_type'])
const ID_TYPES = [
  'user_id',
  'phone',
  'email',
  'unionid',
  'external_userid',
  'openid',
  'customer_number',
  'handle',
]

function MapColumns({ one, start, starting }: { one: Import; start: () => void; starting: boolean }) {
  const words = useWords()
  const { t, said, problem } = words
  const names = useCatalogue()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const remap = useMutation({
    mutationFn: (given: Partial<Pick<Preview, 'format' | 'mapping' | 'options'>> & { guess?: boolean }) => {
      const seen = one.preview as Preview
      return put<{ preview: Preview }>(`/api/imports/${one.import_id}/mapping`, {
        format: given.format ?? seen.format,
        ...(given.guess ? {} : { columns: given.mapping ?? seen.mapping }),
        options: given.options ?? seen.options,
        encoding: given.guess ? undefined : seen.encoding || undefined,
        delimiter: given.guess ? undefined : seen.delimiter || undefined,
      })
    },
    onSuccess: ({ preview }) =>
      queries.setQueryData<Import>(['import', one.import_id], (before) =>
        before ? { ...before, format: preview.format, preview } : before,
      ),
    onError: (error) => message.error(problem(error)),
  })
  const drop = useMutation({
    mutationFn: () => post(`/api/imports/${one.import_id}/cancel`),
    onSuccess: () => navigate('/imports'),
    onError: (error) => message.error(problem(error)),
  })
  const preview = one.preview
  if (!preview) return <Failed error={new Error(one.error ?? 'preview')} />
  const wide = preview.format === 'orders' || preview.format === 'costs' || preview.format === 'contacts'
  const wanted = wide ? MONEY : CHAT
  const option = (name: string, value: string | boolean) =>
    remap.mutate({ options: { ...preview.options, [name]: value } })
  const known = new Set(preview.columns)
  return (
    <>
      <div className="grid wide-left">
        <Card
          title={t('step_mapping')}
          extra={
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              value={preview.format}
              aria-label={t('import_format')}
              style={{ minWidth: 150 }}
              options={(names.all?.formats ?? []).map((f) => ({ value: f.key, label: said(f) }))}
              onChange={(format) => remap.mutate({ format, guess: true })}
            />
          }
        >
          <p className="muted" style={{ marginTop: 0 }}>
            {t('step_mapping_hint')}
          </p>
          <div
            className="grid"
            style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(230px, 1fr))', gap: '4px 16px' }}
          >
            {preview.fields.map((field) => {
              const chosen = preview.mapping[field.key]
              return (
                <Form.Item
                  key={field.key}
                  layout="vertical"
                  label={said(field)}
                  required={field.required}
                  style={{ marginBottom: 8 }}
                  validateStatus={preview.missing.includes(field.key) ? 'error' : ''}
                >
                  <Select
                    allowClear
                    showSearch={{ optionFilterProp: 'label' }}
                    value={chosen && known.has(chosen) ? chosen : null}
                    placeholder={t('not_used')}
                    aria-label={said(field)}
                    options={preview.columns.map((column) => ({ value: column, label: column }))}
                    onChange={(column: string | null) => {
                      const { [field.key]: _, ...rest } = preview.mapping
                      remap.mutate({ mapping: column ? { ...rest, [field.key]: column } : rest })
                    }}
                  />
                </Form.Item>
              )
            })}
          </div>
        </Card>
        <Card title={t('options')}>
          <Form layout="vertical" size="middle">
            {wanted.has('time_zone') && (
              <Form.Item label={t('option_time_zone')}>
                <ZoneSelect
                  value={String(preview.options.time_zone)}
                  onChange={(z) => option('time_zone', z)}
                />
              </Form.Item>
            )}
            {wanted.has('unit') && (
              <Form.Item label={t('option_unit')}>
                <Select
                  value={String(preview.options.unit)}
                  options={UNITS.map((unit) => ({ value: unit, label: t(`unit_${unit}`) }))}
                  onChange={(unit) => option('unit', unit)}
                />
              </Form.Item>
            )}
            {wanted.has('id_type') && (
              <Form.Item label={t('option_id_type')}>
                <Select
                  value={String(preview.options.id_type)}
                  options={[
                    { value: '', label: t('id_type_guess') },
                    ...ID_TYPES.map((key) => ({ value: key, label: key })),
                  ]}
                  onChange={(key) => option('id_type', key)}
                />
              </Form.Item>
            )}
            {(['platform', 'group_name', 'source'] as const)
              .filter((name) => wanted.has(name))
              .map((name) => (
                <Form.Item
                  key={name}
                  label={t(`option_${name}`)}
                  {...(name === 'platform' ? { extra: t('option_platform_hint') } : {})}
                >
                  <Input
                    key={String(preview.options[name])}
                    defaultValue={String(preview.options[name] ?? '')}
                    maxLength={100}
                    onBlur={(event) =>
                      event.target.value !== preview.options[name] && option(name, event.target.value.trim())
                    }
                  />
                </Form.Item>
              ))}
            <Space orientation="vertical">
              {(['keep_words', 'day_first'] as const)
                .filter((name) => wanted.has(name))
                .map((name) => (
                  <Checkbox
                    key={name}
                    checked={Boolean(preview.options[name])}
                    onChange={(event) => option(name, event.target.checked)}
                  >
                    {t(`option_${name}`)}
                  </Checkbox>
                ))}
            </Space>
          </Form>
          <Descriptions
            size="small"
            column={1}
            items={[
              ...(preview.encoding
                ? [{ key: 'e', label: t('encoding'), children: preview.encoding.toUpperCase() }]
                : []),
              ...(preview.delimiter
                ? [
                    {
                      key: 'd',
                      label: t('delimiter'),
                      children: <code>{preview.delimiter === '\t' ? 'Tab' : preview.delimiter}</code>,
                    },
                  ]
                : []),
            ]}
          />
        </Card>
      </div>
      <Card
        title={t('preview')}
        extra={
          <Space>
            <Button onClick={() => drop.mutate()} loading={drop.isPending}>
              {t('cancel')}
            </Button>
            <Button
              type="primary"
              disabled={preview.missing.length > 0}
              loading={starting || remap.isPending}
              onClick={start}
            >
              {t('start_import')}
            </Button>
          </Space>
        }
      >
        <div className="stack">
          <Verdict preview={preview} />
          <PreviewRows preview={preview} busy={remap.isPending} />
        </div>
      </Card>
    </>
  )
}

export function ZoneSelect(props: { value: string; onChange: (zone: string) => void; id?: string }) {
  const zones = Intl.supportedValuesOf('timeZone')
  const all = zones.includes(props.value) ? zones : [props.value, ...zones]
  return (
    <Select
      showSearch={{ optionFilterProp: 'label' }}
      value={props.value}
      {...(props.id ? { id: props.id } : {})}
      options={['Asia/Shanghai', 'UTC', ...all.filter((z) => z !== 'Asia/Shanghai' && z !== 'UTC')].map(
        (zone) => ({
          value: zone,
          label: zone,
        }),
      )}
      onChange={props.onChange}
    />
  )
}

function Verdict({ preview }: { preview: Preview }) {
  const words = useWords()
  const { t, said } = words
  if (preview.missing.length) {
    const fields = preview.fields.filter((f) => preview.missing.includes(f.key)).map(said)
    return <Alert type="error" showIcon title={t('missing', { fields: fields.join('、') })} />
  }
  if (!preview.will_reject) {
    return <Alert type="success" showIcon title={t('preview_all', { n: whole(preview.sampled) })} />
  }
  return (
    <Alert
      type="warning"
      showIcon
      title={t('preview_text', {
        n: whole(preview.sampled),
        ok: whole(preview.will_accept),
        bad: whole(preview.will_reject),
      })}
      description={
        <Space wrap>
          {Object.entries(preview.codes).map(([code, n]) => (
            <Tag key={code}>{`${reasonOf(words, { code, reason: {} }).replace(/[：:].*$/, '')} ${n}`}</Tag>
          ))}
        </Space>
      }
    />
  )
}

function PreviewRows({ preview, busy }: { preview: Preview; busy: boolean }) {
  const words = useWords()
  const { t } = words
  const names = useCatalogue()
  const { corp } = useHere()
  return (
    <Table
      key={corp.corp_id}
      size="small"
      rowKey={(_, at) => String(at)}
      loading={busy}
      dataSource={preview.rows}
      pagination={false}
      scroll={{ x: 800 }}
      columns={[
        {
          title: t('understood'),
          width: '50%',
          render: (_, row) => {
            if (row.reject) {
              return (
                <span>
                  <WarningFilled style={{ color: '#e8833a', marginInlineEnd: 6 }} />
                  {reasonOf(words, row.reject)}
                </span>
              )
            }
            const facts = Array.isArray(row.understood)
              ? row.understood
              : row.understood
                ? [row.understood]
                : []
            return facts.map((fact, at) => {
              const { kind, ...body } = fact
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: facts of one row have no other name
                <div key={at}>
                  <Tag>{names.kindName(String(kind))}</Tag>
                  <RawRow raw={body} fields />
                </div>
              )
            })
          },
        },
        { title: t('row_raw'), render: (_, row) => <RawRow raw={row.raw} /> },
      ]}
    />
  )
}

function Rejects({ one }: { one: Import }) {
  const words = useWords()
  const { t, problem } = words
  const { message } = App.useApp()
  const [mending, mend] = useState<Reject | null>(null)
  const base = `/api/imports/${one.import_id}`
  const page = useInfiniteQuery({
    queryKey: ['import', one.import_id, 'rejects'],
    queryFn: ({ pageParam }) =>
      get<{ items: Reject[]; next: string | null }>(`${base}/rejects`, { after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const replay = useMutation({
    mutationFn: () => post<{ rejected: number }>(`${base}/replay`),
    onSuccess: async (result) => {
      message.info(t('replay_done', { n: result.rejected }))
      await queries.invalidateQueries({ queryKey: ['import', one.import_id] })
    },
    onError: (error) => message.error(problem(error)),
  })
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <Card
      title={t('rejects')}
      extra={
        <Space wrap>
          <Button icon={<DownloadOutlined />} href={`${base}/rejects.csv`} download>
            {t('download_rejects')}
          </Button>
          <Button onClick={() => replay.mutate()} loading={replay.isPending}>
            {t('replay_all')}
          </Button>
        </Space>
      }
    >
      <Table<Reject>
        size="small"
        rowKey="reject_id"
        loading={page.isLoading}
        dataSource={rows}
        pagination={false}
        scroll={{ x: 720 }}
        locale={{ emptyText: t('rejects_none') }}
        columns={[
          { title: '#', width: 84, render: (_, r) => t('row_number', { n: r.position }) },
          { title: t('reason'), width: 220, render: (_, r) => reasonOf(words, r) },
          { title: t('row_raw'), render: (_, r) => <RawRow raw={r.raw} /> },
          {
            title: '',
            width: 80,
            render: (_, r) => (
              <Button size="small" onClick={() => mend(r)}>
                {t('repair')}
              </Button>
            ),
          },
        ]}
      />
      <More page={page} shown={rows.length} total={one.rejected} />
      {mending && <Repair key={mending.reject_id} one={one} reject={mending} close={() => mend(null)} />}
    </Card>
  )
}

function Repair({ one, reject, close }: { one: Import; reject: Reject; close: () => void }) {
  const words = useWords()
  const { t, problem } = words
  const { message } = App.useApp()
  const [raw, setRaw] = useState<Record<string, unknown>>(reject.raw)
  const [still, setStill] = useState<{ code: string; reason: Record<string, unknown> } | null>(reject)
  const repair = useMutation({
    mutationFn: () =>
      post<{ kept: boolean; reject: { code: string; reason: Record<string, unknown> } | null }>(
        `/api/imports/${one.import_id}/rejects/${reject.reject_id}`,
        {
          raw: Object.fromEntries(
            Object.entries(raw).map(([k, v]) => [
              k,
              typeof v === 'object' && v !== null ? JSON.stringify(v) : v,
            ]),
          ),
        },
      ),
    onSuccess: async (result) => {
      if (result.kept) {
        message.success(t('repair_kept'))
        await queries.invalidateQueries({ queryKey: ['import', one.import_id] })
        close()
      } else setStill(result.reject)
    },
  })
  return (
    <Modal
      open
      width={680}
      title={t('repair_title', { n: reject.position })}
      okText={t('repair')}
      cancelText={t('cancel')}
      confirmLoading={repair.isPending}
      onOk={() => repair.mutate()}
      onCancel={close}
    >
      <Form layout="vertical">
        {still && (
          <Alert type="warning" showIcon title={reasonOf(words, still)} style={{ marginBottom: 12 }} />
        )}
        {repair.error && <Alert type="error" showIcon title={problem(repair.error)} />}
        {Object.entries(raw).map(([column, value]) => (
          <Form.Item key={column} label={column} style={{ marginBottom: 8 }}>
            <Input
              value={value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)}
              aria-label={column}
              onChange={(event) => setRaw({ ...raw, [column]: event.target.value })}
            />
          </Form.Item>
        ))}
      </Form>
    </Modal>
  )
}
