/** The company, its connections, its data, what every number means, who did what. */
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  Form,
  Input,
  Popconfirm,
  Select,
  Space,
  Table,
  Tabs,
  Tag,
  Typography,
} from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { get, post, put, queries, remove } from '../api'
import { ago } from '../format'
import { useAddress, useCatalogue, useHere, useWriting } from '../here'
import { Failed, More } from '../parts/lists'
import { Head } from '../parts/page'
import type { Language, MetricCard } from '../types'
import { useWords } from '../words'
import { AccountForm } from './enter'
import { ZoneSelect } from './import'
import { PolicyForm } from './policy'
import { WeCom } from './wecom'

export function SettingsPage() {
  const { t } = useWords()
  const at = useAddress()
  const { has_accounts } = useHere()
  return (
    <>
      <Head title={t('settings_title')} />
      <Card>
        <Tabs
          activeKey={at.get('tab') ?? 'company'}
          onChange={(tab) => at.set({ tab, account: null, view: null })}
          destroyOnHidden
          items={[
            {
              key: 'company',
              label: t('tab_company'),
              children: (
                <div className="grid halves">
                  <Company />
                  {!has_accounts && (
                    <Card size="small" title={t('make_account')} style={{ alignSelf: 'start' }}>
                      <AccountForm first />
                    </Card>
                  )}
                </div>
              ),
            },
            { key: 'wecom', label: t('tab_wecom'), children: <WeCom /> },
            { key: 'policy', label: t('po_tab'), children: <PolicyForm /> },
            { key: 'keys', label: t('tab_keys'), children: <Connections /> },
            { key: 'data', label: t('tab_data'), children: <Data /> },
            { key: 'metrics', label: t('tab_metrics'), children: <Metrics /> },
            { key: 'audit', label: t('tab_audit'), children: <Audit /> },
          ]}
        />
      </Card>
    </>
  )
}

interface CompanySettings {
  name: string
  time_zone: string
  currency: string
  language: Language
}

function Company() {
  const words = useWords()
  const { t, problem } = words
  const { message } = App.useApp()
  const page = useQuery({ queryKey: ['settings'], queryFn: () => get<CompanySettings>('/api/settings') })
  const save = useMutation({
    mutationFn: (given: CompanySettings) => put<CompanySettings>('/api/settings', given),
    onSuccess: async (kept) => {
      words.speak(kept.language)
      message.success(t('saved'))
      await queries.invalidateQueries()
    },
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} />
  if (!page.data) return null
  return (
    <Form<CompanySettings>
      key={JSON.stringify(page.data)}
      layout="vertical"
      style={{ maxWidth: 440 }}
      initialValues={page.data}
      onFinish={(given) => save.mutate(given)}
    >
      <Form.Item name="name" label={t('company_name')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="time_zone" label={t('time_zone')} extra={t('time_zone_hint')}>
        <ZoneField />
      </Form.Item>
      <Form.Item name="currency" label={t('currency')} rules={[{ required: true, pattern: /^[A-Z]{3}$/ }]}>
        <Select
          showSearch
          options={['CNY', 'HKD', 'TWD', 'SGD', 'USD', 'EUR', 'GBP', 'JPY'].map((c) => ({
            value: c,
            label: c,
          }))}
        />
      </Form.Item>
      <Form.Item name="language" label={t('language')}>
        <Select
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('save')}
      </Button>
    </Form>
  )
}

/** What antd's form hands to a field. */
function ZoneField(props: { value?: string; onChange?: (zone: string) => void; id?: string }) {
  return (
    <ZoneSelect
      value={props.value ?? ''}
      onChange={(z) => props.onChange?.(z)}
      {...(props.id ? { id: props.id } : {})}
    />
  )
}

interface WriteKey {
  write_key: string
  name: string
  strict: boolean
  created_at: string
  revoked: boolean
  last_used_at: string | null
}
interface Token {
  token_id: string
  name: string
  created_at: string
  revoked: boolean
  last_used_at: string | null
}

function Connections() {
  const { t } = useWords()
  const example = `curl -u WRITE_KEY: ${window.location.origin}/v1/track -H 'Content-Type: application/json' \\
  -d '{"userId": "u1", "event": "Order Completed", "properties": {"order_id": "A1", "total": 129.0}}'`
  return (
    <div className="stack">
      <Secrets<WriteKey>
        path="/api/write-keys"
        title={t('write_keys')}
        hint={t('write_keys_hint')}
        button={t('new_key')}
        empty={t('keys_none')}
        idOf={(key) => key.write_key}
        column={{
          title: t('key'),
          render: (_, key) => (
            <Typography.Text copyable code>
              {key.write_key}
            </Typography.Text>
          ),
        }}
      />
      <div>
        <div className="muted">{t('example_code')}</div>
        <Typography.Paragraph copyable={{ text: example }} style={{ margin: 0 }}>
          <pre style={{ overflow: 'auto' }}>{example}</pre>
        </Typography.Paragraph>
      </div>
      <Secrets<Token>
        path="/api/tokens"
        title={t('api_tokens')}
        hint={t('api_tokens_hint')}
        button={t('new_token')}
        empty={t('tokens_none')}
        idOf={(token) => token.token_id}
      />
      <PointsSystem />
    </div>
  )
}

/** Where the brand's own system of points is told of what journeys give. */
function PointsSystem() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const page = useQuery({ queryKey: ['points-hook'], queryFn: () => get<PointsHook>('/api/points-hook') })
  const secret = useMutation({
    mutationFn: (how: typeof get) => how<{ secret: string | null }>('/api/webhook-secret'),
    onError: (error) => message.error(problem(error)),
  })
  const save = useMutation({
    mutationFn: (url: string) => put<PointsHook>('/api/points-hook', { url }),
    onSuccess: (told) => {
      queries.setQueryData(['points-hook'], told)
      message.success(t('saved'))
    },
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} />
  if (!page.data) return null
  const { url, waiting, failed } = page.data
  return (
    <section className="stack" style={{ gap: 8 }}>
      <div>
        <strong>{t('points_system')}</strong>
        <div className="muted">{t('points_system_hint')}</div>
      </div>
      <Form
        layout="inline"
        initialValues={{ url }}
        onFinish={(form: { url?: string }) => save.mutate(form.url ?? '')}
      >
        <Form.Item name="url">
          <Input
            placeholder="https://"
            aria-label={t('points_system')}
            maxLength={500}
            style={{ width: 360 }}
          />
        </Form.Item>
        <Button htmlType="submit" loading={save.isPending}>
          {t('save')}
        </Button>
      </Form>
      {(waiting > 0 || failed > 0) && <div className="muted">{t('points_open', { waiting, failed })}</div>}
      {secret.data ? (
        <Space>
          <span className="muted">{t(secret.data.secret ? 'webhook_secret' : 'webhook_secret_none')}</span>
          {secret.data.secret && (
            <Typography.Text copyable code>
              {secret.data.secret}
            </Typography.Text>
          )}
          {secret.data.secret ? (
            <Popconfirm title={t('webhook_secret_renew_sure')} onConfirm={() => secret.mutate(post)}>
              <Button size="small">{t('webhook_secret_renew')}</Button>
            </Popconfirm>
          ) : (
            <Button size="small" onClick={() => secret.mutate(post)}>
              {t('webhook_secret_make')}
            </Button>
          )}
        </Space>
      ) : (
        <Button
          size="small"
          style={{ alignSelf: 'start' }}
          loading={secret.isPending}
          onClick={() => secret.mutate(get)}
        >
          {t('webhook_secret')}
        </Button>
      )}
    </section>
  )
}

interface PointsHook {
  url: string
  waiting: number
  failed: number
}

type Secret = Omit<Token, 'token_id'>

function Secrets<T extends Secret>(props: {
  path: string
  title: string
  hint: string
  button: string
  empty: string
  idOf: (one: T) => string
  column?: { title: string; render: (_: unknown, one: T) => React.ReactNode }
}) {
  const words = useWords()
  const { t, problem } = words
  const { message } = App.useApp()
  const [shown, setShown] = useState<string | null>(null)
  const page = useQuery({ queryKey: [props.path], queryFn: () => get<{ items: T[] }>(props.path) })
  const again = () => queries.invalidateQueries({ queryKey: [props.path] })
  const make = useMutation({
    mutationFn: (name: string) => post<{ token?: string }>(props.path, { name }),
    onSuccess: async (made) => {
      setShown(made.token ?? null)
      await again()
    },
    onError: (error) => message.error(problem(error)),
  })
  const revoke = useMutation({
    mutationFn: (id: string) => remove(`${props.path}/${encodeURIComponent(id)}`),
    onSuccess: again,
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} />
  return (
    <section className="stack" style={{ gap: 8 }}>
      <div className="between">
        <div>
          <strong>{props.title}</strong>
          <div className="muted">{props.hint}</div>
        </div>
        <Form layout="inline" onFinish={({ name }: { name: string }) => make.mutate(name)}>
          <Form.Item name="name" rules={[{ required: true, whitespace: true, message: '' }]}>
            <Input
              placeholder={t('key_name')}
              aria-label={`${props.title}: ${t('key_name')}`}
              maxLength={100}
            />
          </Form.Item>
          <Button htmlType="submit" loading={make.isPending}>
            {props.button}
          </Button>
        </Form>
      </div>
      {shown && (
        <Alert
          type="success"
          closable={{ onClose: () => setShown(null) }}
          title={t('token_once')}
          description={
            <Typography.Text copyable code>
              {shown}
            </Typography.Text>
          }
        />
      )}
      <Table<T>
        size="small"
        rowKey={props.idOf}
        loading={page.isLoading}
        dataSource={page.data?.items ?? []}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: props.empty }}
        columns={[
          { title: t('key_name'), dataIndex: 'name' },
          ...(props.column ? [props.column] : []),
          { title: t('created_col'), render: (_, one) => ago(one.created_at, words) },
          {
            title: t('last_used'),
            render: (_, one) => (one.last_used_at ? ago(one.last_used_at, words) : t('never')),
          },
          {
            title: '',
            align: 'right',
            render: (_, one) =>
              one.revoked ? (
                <Tag>{t('revoked')}</Tag>
              ) : (
                <Popconfirm
                  title={t('revoke_confirm')}
                  okText={t('revoke')}
                  cancelText={t('cancel')}
                  onConfirm={() => revoke.mutate(props.idOf(one))}
                >
                  <Button size="small" danger type="text">
                    {t('revoke')}
                  </Button>
                </Popconfirm>
              ),
          },
        ]}
      />
    </section>
  )
}

function Data() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const backup = useMutation({
    mutationFn: () => post<{ file: string }>('/api/backup'),
    onSuccess: ({ file }) => {
      message.success(t('backup_done'))
      window.location.assign(`/api/backup/${encodeURIComponent(file)}`)
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Space orientation="vertical" size="large">
      <div className="stack" style={{ gap: 6 }}>
        <strong>{t('backup')}</strong>
        <div className="muted">{t('backup_hint')}</div>
        <div>
          <Button onClick={() => backup.mutate()} loading={backup.isPending}>
            {t('make_backup')}
          </Button>
        </div>
      </div>
      <div className="stack" style={{ gap: 6 }}>
        <strong>{t('erase_export')}</strong>
        <div className="muted">{t('erase_export_hint')}</div>
        <Input.Search
          style={{ maxWidth: 360 }}
          placeholder={t('search_people')}
          enterButton={t('find_person')}
          onSearch={(q) => navigate(`/people?q=${encodeURIComponent(q)}`)}
        />
      </div>
    </Space>
  )
}

function Metrics() {
  const words = useWords()
  const { t, said } = words
  const names = useCatalogue()
  return (
    <div className="stack">
      {(['group', 'person', 'source'] as const).map((per) => (
        <Table<MetricCard>
          key={per}
          size="small"
          rowKey="key"
          title={() => <strong>{t(`per_${per}`)}</strong>}
          dataSource={names.metricsPer(per)}
          pagination={false}
          scroll={{ x: 900 }}
          columns={[
            { title: '', width: 150, render: (_, m) => said(m) },
            {
              title: t('definition'),
              render: (_, m) => (words.language === 'zh' ? m.definition_zh : m.definition_en),
            },
            { title: t('formula'), width: 230, render: (_, m) => <code>{m.formula}</code> },
            { title: t('source_paper'), width: 220, dataIndex: 'source' },
            {
              title: '',
              width: 50,
              render: (_, m) => <Tag title={t(m.grade === 'A' ? 'grade_a' : 'grade_b')}>{m.grade}</Tag>,
            },
          ]}
        />
      ))}
    </div>
  )
}

interface Noted {
  at: string
  who: string
  did: string
  what: string
}

function Audit() {
  const { t } = useWords()
  const write = useWriting()
  const page = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) =>
      get<{ items: Noted[]; next: string | null }>('/api/audit', { after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  if (page.error) return <Failed error={page.error} />
  const rows = page.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <div className="stack">
      <Table<Noted>
        size="small"
        rowKey={(row) => `${row.at}${row.did}${row.what}`}
        loading={page.isLoading}
        dataSource={rows}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('audit_none') }}
        columns={[
          { title: t('audit_when'), render: (_, row) => <span className="num">{write.moment(row.at)}</span> },
          { title: t('audit_who'), dataIndex: 'who' },
          {
            title: t('audit_did'),
            render: (_, row) => (
              <span className="wrap">
                {row.did} <span className="muted">{row.what}</span>
              </span>
            ),
          },
        ]}
      />
      <More page={page} shown={rows.length} total={null} />
    </div>
  )
}
