/** All segments and audiences: how many they hold, how fresh they are, and what is made of them. */
import { MoreOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  Col,
  Dropdown,
  Input,
  Modal,
  Popconfirm,
  Row,
  Select,
  Switch,
  Table,
  Tabs,
  Tag,
} from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { get, post, queries, remove } from '../api'
import { Waiting } from '../app'
import { ago, whole } from '../format'
import { useAddress, useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { Spark } from '../parts/spark'
import { useWords } from '../words'
import { useSegmentCatalogue } from './segment'
import type { Audience, Segment } from './segment-types'

export function SegmentsPage() {
  const { t } = useWords()
  const at = useAddress()
  return (
    <>
      <Head title={t('sg_title')} hint={t('sg_hint')}>
        <Link to="/segments/new">
          <Button type="primary" icon={<PlusOutlined />}>
            {t('sg_new')}
          </Button>
        </Link>
      </Head>
      <Tabs
        activeKey={at.get('tab') ?? 'segments'}
        onChange={(tab) => at.set({ tab: tab === 'segments' ? null : tab })}
        items={[
          { key: 'segments', label: t('sg_segments'), children: <Segments /> },
          { key: 'audiences', label: t('sg_audiences'), children: <Audiences /> },
        ]}
      />
    </>
  )
}

function Segments() {
  const words = useWords()
  const { t } = words
  const [archived, setArchived] = useState(false)
  const page = useQuery({
    queryKey: ['segments', archived],
    queryFn: () => get<{ items: Segment[] }>('/api/segments', { archived }),
    refetchInterval: (query) =>
      query.state.data?.items.some((one) => !one.fresh && !one.trouble) ? 2_000 : 20_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  return (
    <div className="stack">
      <Card
        size="small"
        styles={{ body: { padding: 0 } }}
        extra={
          <span className="row">
            <span className="muted">{t('sg_show_archived')}</span>
            <Switch
              size="small"
              checked={archived}
              aria-label={t('sg_show_archived')}
              onChange={setArchived}
            />
          </span>
        }
      >
        <Table
          size="middle"
          rowKey={(row) => row.segment_id}
          dataSource={page.data.items}
          pagination={false}
          scroll={{ x: 'max-content' }}
          locale={{ emptyText: t('sg_none') }}
          columns={[
            { title: t('sg_name'), render: (_, row) => <Named row={row} /> },
            {
              title: t('sg_size'),
              align: 'right',
              render: (_, row) => (
                <span className="num">{row.size === null ? t('sg_building') : whole(row.size)}</span>
              ),
            },
            {
              title: t('sg_trend'),
              render: (_, row) =>
                // One day is no trend.
                row.trend.length > 1 ? (
                  <Spark values={row.trend.map((one) => one.size)} label={t('sg_trend')} />
                ) : (
                  <span className="muted">—</span>
                ),
            },
            {
              title: t('sg_fresh'),
              render: (_, row) => (
                <span className="muted">{row.fresh ? ago(row.kept_at, words) : t('sg_building')}</span>
              ),
            },
            {
              title: t('sg_cost'),
              align: 'right',
              render: (_, row) => (
                <span className="muted num">
                  {row.built_seconds === null ? '—' : t('sg_seconds', { n: row.built_seconds.toFixed(2) })}
                </span>
              ),
            },
            {
              title: t('sg_used_by'),
              render: (_, row) => (
                <span className="row" style={{ gap: 4, maxWidth: 220 }}>
                  {row.used_by.map((one) => (
                    <Tag key={one.id}>{one.name}</Tag>
                  ))}
                </span>
              ),
            },
            { render: (_, row) => <Doing row={row} /> },
          ]}
        />
      </Card>
      {!archived && <Starters />}
    </div>
  )
}

function Named({ row }: { row: Segment }) {
  const words = useWords()
  return (
    <div style={{ maxWidth: 400, whiteSpace: 'normal' }}>
      <Link to={`/segments/${row.segment_id}`}>
        <strong>{row.name}</strong>
      </Link>
      <div className="muted">{words.said(row.sentence)}</div>
      {row.trouble && <Alert type="error" title={words.t('sg_trouble', { why: row.trouble.message })} />}
    </div>
  )
}

function Doing({ row }: { row: Segment }) {
  const words = useWords()
  const { t } = words
  const { message, modal } = App.useApp()
  const navigate = useNavigate()
  const act = useMutation({
    mutationFn: (what: 'archive' | 'restore') =>
      post(`/api/segments/${row.segment_id}/${what}`, { version: row.version }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['segments'] }),
    onError: (error) => message.error(words.problem(error)),
  })
  if (row.state === 'archived') {
    return (
      <Button size="small" loading={act.isPending} onClick={() => act.mutate('restore')}>
        {t('sg_restore')}
      </Button>
    )
  }
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'duplicate', label: t('sg_duplicate') },
          {
            key: 'csv',
            label: (
              <a href={`/api/segments/${row.segment_id}/members.csv`} download>
                {t('csv')}
              </a>
            ),
          },
          { key: 'archive', label: t('sg_archive'), danger: true },
        ],
        onClick: ({ key }) => {
          if (key === 'duplicate') navigate(`/segments/new?from=${row.segment_id}`)
          if (key === 'archive') {
            modal.confirm({
              title: t('sg_archive_sure'),
              okText: t('sg_archive'),
              cancelText: t('cancel'),
              onOk: () => act.mutateAsync('archive').catch(() => undefined),
            })
          }
        },
      }}
    >
      <Button
        type="text"
        size="small"
        icon={<MoreOutlined />}
        aria-label={`${t('menu')}: ${row.name}`}
        loading={act.isPending}
      />
    </Dropdown>
  )
}

function Starters() {
  const words = useWords()
  const catalogue = useSegmentCatalogue()
  if (!catalogue.data) return null
  return (
    <>
      <h3 style={{ margin: 0 }}>{words.t('sg_starters')}</h3>
      <Row gutter={[12, 12]}>
        {catalogue.data.starters.map((one) => (
          <Col key={one.key} xs={24} sm={12} xl={8}>
            <Card size="small" title={words.said(one)} style={{ height: '100%' }}>
              <p style={{ marginTop: 0 }}>{words.said(one.sentence)}</p>
              <div className="between">
                <span className="muted">{words.said(one.why)}</span>
                <Link to={`/segments/new?starter=${one.key}`}>
                  <Button size="small">{words.t('sg_use')}</Button>
                </Link>
              </div>
            </Card>
          </Col>
        ))}
      </Row>
    </>
  )
}

// ---- audiences ----

function Audiences() {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  const { message } = App.useApp()
  const [making, setMaking] = useState(false)
  const page = useQuery({
    queryKey: ['audiences'],
    queryFn: () => get<{ items: Audience[] }>('/api/audiences'),
  })
  const drop = useMutation({
    mutationFn: (id: string) => remove(`/api/audiences/${id}`),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['audiences'] }),
    onError: (error) => message.error(words.problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  return (
    <Card
      size="small"
      styles={{ body: { padding: 0 } }}
      extra={
        <Button size="small" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
          {t('au_new')}
        </Button>
      }
    >
      <Table
        size="middle"
        rowKey={(row) => row.audience_id}
        dataSource={page.data.items}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('au_none') }}
        columns={[
          { title: t('sg_name'), render: (_, row) => <strong>{row.name}</strong> },
          {
            title: t('sg_size'),
            align: 'right',
            render: (_, row) => <span className="num">{whole(row.size)}</span>,
          },
          { title: t('au_origin'), render: (_, row) => t(`au_${row.origin}`) },
          {
            title: t('au_created'),
            render: (_, row) => <span className="num">{write.moment(row.created_at)}</span>,
          },
          {
            render: (_, row) => (
              <span className="row">
                <Button size="small" href={`/api/audiences/${row.audience_id}.csv`} download>
                  {t('csv')}
                </Button>
                <Popconfirm title={t('au_remove_sure')} onConfirm={() => drop.mutate(row.audience_id)}>
                  <Button size="small" danger>
                    {t('au_remove')}
                  </Button>
                </Popconfirm>
              </span>
            ),
          },
        ]}
      />
      <Modal
        open={making}
        onCancel={() => setMaking(false)}
        footer={null}
        title={t('au_new')}
        destroyOnHidden
      >
        <NewAudience />
      </Modal>
    </Card>
  )
}

function NewAudience() {
  const words = useWords()
  const { t } = words
  const catalogue = useSegmentCatalogue()
  const [by, setBy] = useState<'upload' | 'query'>('upload')
  const [name, setName] = useState('')
  const [idType, setIdType] = useState('phone')
  const [text, setText] = useState('')
  const make = useMutation({
    mutationFn: () =>
      post<Audience>(
        '/api/audiences',
        by === 'query'
          ? { name, sql: text }
          : { name, id_type: idType, ids: text.split(/\s+/).filter((line) => line !== '') },
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['audiences'] }),
  })
  const attempt = useMutation({
    mutationFn: () => post<{ size: number }>('/api/audiences/query', { sql: text }),
  })
  const error = make.error ?? attempt.error
  const unknown = make.data?.unknown ?? []
  return (
    <div className="stack">
      <Tabs
        activeKey={by}
        onChange={(key) => setBy(key as typeof by)}
        items={[
          { key: 'upload', label: t('au_upload') },
          { key: 'query', label: t('au_query') },
        ]}
      />
      <Input
        value={name}
        maxLength={200}
        placeholder={t('sg_name')}
        aria-label={t('sg_name')}
        onChange={(event) => setName(event.target.value)}
      />
      {by === 'upload' && (
        <Select
          value={idType}
          aria-label={t('au_id_type')}
          onChange={setIdType}
          options={catalogue.data?.id_types.map((one) => ({ value: one.key, label: words.said(one) })) ?? []}
        />
      )}
      <Input.TextArea
        rows={8}
        value={text}
        aria-label={t(by === 'upload' ? 'au_ids' : 'au_sql')}
        placeholder={by === 'upload' ? t('au_ids') : 'SELECT DISTINCT person FROM order_paid'}
        onChange={(event) => setText(event.target.value)}
      />
      {by === 'query' && <span className="muted">{t('au_sql_hint')}</span>}
      {error && <Alert type="error" title={words.problem(error)} />}
      {attempt.data && <Alert type="info" title={t('au_tried', { n: whole(attempt.data.size) })} />}
      {make.data && <Alert type="success" title={t('au_made', { n: whole(make.data.size) })} />}
      {unknown.length > 0 && (
        <Alert
          type="warning"
          title={t('au_unknown', { n: unknown.length })}
          description={unknown.slice(0, 20).join(' ')}
        />
      )}
      <span className="row">
        {by === 'query' && (
          <Button loading={attempt.isPending} disabled={!text.trim()} onClick={() => attempt.mutate()}>
            {t('au_try')}
          </Button>
        )}
        <Button
          type="primary"
          loading={make.isPending}
          disabled={!name.trim() || !text.trim()}
          onClick={() => make.mutate()}
        >
          {t('au_create')}
        </Button>
      </span>
    </div>
  )
}
