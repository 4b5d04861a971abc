/** The six steps: what each asks for and shows. */
import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons'
import { type UseMutationResult, useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Collapse,
  Form,
  Input,
  InputNumber,
  Popconfirm,
  Spin,
  Tag,
  Typography,
  theme,
} from 'antd'
import { useState } from 'react'
import { get, put, queries } from '../api'
import { ago } from '../format'
import { useWords } from '../words'
import { Where, Wrong } from './wecom-guide'
import type { Check, Health, WeComAnswer } from './wecom-types'

type Checking = UseMutationResult<WeComAnswer, Error, void>
type Draft = WeComAnswer['draft']

function keep(answer: WeComAnswer) {
  queries.setQueryData(['wecom'], answer)
}

function useSaving<T>(path: string, after?: () => void) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (given: T) => put<WeComAnswer>(path, given),
    onSuccess: async (answer) => {
      keep(answer)
      message.success(t('wc_saved'))
      await queries.invalidateQueries({ queryKey: ['wecom', 'corps'] })
      after?.()
    },
    onError: (error) => message.error(problem(error)),
  })
}

const checkOf = (of: WeComAnswer, key: string) => of.checks?.find((check) => check.key === key)

export function CorpStep({ of, go }: { of: WeComAnswer; go: () => void }) {
  const { t } = useWords()
  const save = useSaving<Draft>('/api/wecom/draft', go)
  const token = checkOf(of, 'token')
  return (
    <div className="stack">
      <Where step="corp" lines={[t('wc_step_corp_1'), t('wc_step_corp_2')]} />
      <Form
        layout="inline"
        style={{ rowGap: 8 }}
        initialValues={{ corpid: of.draft.corpid }}
        onFinish={({ corpid }: { corpid: string }) => save.mutate({ ...of.draft, corpid: corpid.trim() })}
        disabled={!of.owner}
      >
        <Form.Item
          name="corpid"
          label={t('wc_corpid')}
          rules={[{ required: true, pattern: /^\s*[A-Za-z0-9_-]{1,64}\s*$/, message: t('wc_corpid_rule') }]}
        >
          <Input placeholder="ww1234567890abcdef" style={{ width: 260 }} maxLength={80} />
        </Form.Item>
        <Button type={of.draft.corpid ? 'default' : 'primary'} htmlType="submit" loading={save.isPending}>
          {t('save')}
        </Button>
      </Form>
      {token?.code === '40013' && <Wrong check={token} />}
    </div>
  )
}

interface AppGiven {
  agentid: number
  secret?: string
  base_url?: string
}

export function AppStep({ of, check }: { of: WeComAnswer; check: Checking }) {
  const { t } = useWords()
  const [form] = Form.useForm<AppGiven>()
  const save = useSaving<AppGiven & { corpid: string }>('/api/wecom/connection', () => {
    form.setFieldValue('secret', '')
    check.mutate()
  })
  const { connection, draft } = of
  const token = checkOf(of, 'token')
  const range = checkOf(of, 'range')
  return (
    <div className="stack">
      <Where step="app" lines={[t('wc_step_app_1'), t('wc_step_app_2'), t('wc_step_app_3')]} />
      {!draft.corpid && <Alert type="info" showIcon title={t('wc_corp_first')} />}
      <Form<AppGiven>
        form={form}
        layout="vertical"
        style={{ maxWidth: 460 }}
        disabled={!of.owner || !draft.corpid}
        initialValues={{ agentid: draft.agentid || undefined, secret: '', base_url: draft.base_url }}
        onFinish={(given) =>
          save.mutate({
            corpid: draft.corpid,
            agentid: given.agentid,
            secret: given.secret?.trim() ?? '',
            base_url: given.base_url?.trim() ?? draft.base_url,
          })
        }
      >
        <Form.Item name="agentid" label={t('wc_agentid')} rules={[{ required: true }]}>
          <InputNumber min={1} max={2 ** 31} controls={false} style={{ width: 200 }} placeholder="1000002" />
        </Form.Item>
        <Form.Item
          name="secret"
          label={t('wc_secret')}
          rules={connection ? [] : [{ required: true, whitespace: true }]}
        >
          <Input.Password
            autoComplete="off"
            maxLength={200}
            placeholder={connection ? t('wc_secret_kept', { end: connection.secret_end }) : ''}
          />
        </Form.Item>
        <Collapse
          ghost
          size="small"
          defaultActiveKey={draft.base_url ? ['more'] : []}
          style={{ marginBottom: 12 }}
          items={[
            {
              key: 'more',
              label: t('wc_advanced'),
              forceRender: true,
              children: (
                <Form.Item
                  name="base_url"
                  label={t('wc_base_url')}
                  extra={t('wc_base_url_hint', { official: of.official })}
                  rules={[{ pattern: /^\s*(https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?)?\s*$/, message: 'https://…' }]}
                >
                  <Input placeholder={of.official} maxLength={300} />
                </Form.Item>
              ),
            },
          ]}
        />
        <Button type="primary" htmlType="submit" loading={save.isPending || check.isPending}>
          {check.isPending ? t('wc_checking') : connection ? t('wc_reconnect') : t('wc_connect')}
        </Button>
      </Form>
      {token && token.code !== '40013' && token.code !== '60020' && <Wrong check={token} />}
      <Wrong check={range} />
      {range?.state === 'ok' && <Good text={t('wc_range_ok', { n: range.facts.staff ?? 0 })} />}
    </div>
  )
}

export function CallbackStep({ of, health }: { of: WeComAnswer; health: Health | undefined }) {
  const words = useWords()
  const { t } = words
  const seen = health?.callbacks
  const refused = seen?.verified_at ? undefined : seen?.refused[0]
  return (
    <div className="stack">
      <Where step="callback" lines={[t('wc_step_callback_1'), t('wc_step_callback_2'), t('wc_step_may_2')]} />
      {of.connection === null ? (
        <Alert type="info" showIcon title={t('wc_corp_first')} />
      ) : (
        <>
          <PublicAddress of={of} />
          {of.owner && <Keys of={of} verified={Boolean(seen?.verified_at)} />}
          {seen?.verified_at ? (
            <Good
              text={`${t('wc_callback_ok')} · ${seen.last_at ? t('wc_callback_seen', { ago: ago(seen.last_at, words) }) : t('wc_callback_none')}`}
            />
          ) : (
            <span className="row">
              <Spin size="small" /> {t('wc_callback_wait')}
            </span>
          )}
          {refused && (
            <Alert
              type="error"
              showIcon
              title={t('wc_refused_now', { why: words.maybe(`wc_r_${refused.what}`, refused.what) })}
            />
          )}
        </>
      )}
    </div>
  )
}

/** WeCom on the internet cannot call an address of this machine alone. */
function PublicAddress({ of }: { of: WeComAnswer }) {
  const { t } = useWords()
  const save = useSaving<Draft>('/api/wecom/draft')
  const reached = of.draft.public_url || of.own_address
  const unreachable = of.connection?.base_url === of.official && isLocal(reached)
  if (!unreachable && !of.draft.public_url) return null
  return (
    <div className="stack" style={{ gap: 8 }}>
      {unreachable && <Alert type="warning" showIcon title={t('wc_callback_local', { address: reached })} />}
      <Form
        layout="inline"
        disabled={!of.owner}
        initialValues={{ public_url: of.draft.public_url }}
        onFinish={({ public_url }: { public_url: string }) =>
          save.mutate({ ...of.draft, public_url: public_url.trim().replace(/\/+$/, '') })
        }
      >
        <Form.Item
          name="public_url"
          label={t('wc_public_url')}
          rules={[{ pattern: /^\s*(https?:\/\/[^\s/?#@]+\/?)?\s*$/, message: 'https://…' }]}
        >
          <Input placeholder="https://tiefen.example.com" style={{ width: 280 }} maxLength={300} />
        </Form.Item>
        <Button htmlType="submit" loading={save.isPending}>
          {t('save')}
        </Button>
      </Form>
    </div>
  )
}

function isLocal(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '')
  return (
    host === 'localhost' ||
    host === '::1' ||
    !/[.:]/.test(host) ||
    /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.)/.test(host)
  )
}

interface Pair {
  token: string
  aes_key: string
}

function Keys({ of, verified }: { of: WeComAnswer; verified: boolean }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const [asked, setAsked] = useState(false)
  const pair = useQuery({
    queryKey: ['wecom', 'keys', of.connection?.corpid],
    queryFn: () => get<Pair>('/api/wecom/callback-keys'),
    enabled: asked || !verified,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const change = useMutation({
    mutationFn: (given: Partial<Pair>) => put<Pair>('/api/wecom/callback-keys', given),
    onSuccess: (made) => {
      queries.setQueryData(['wecom', 'keys', of.connection?.corpid], made)
      message.success(t('wc_keys_changed'))
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <div className="stack" style={{ gap: 8 }}>
      <Copied label={t('wc_url')} value={of.callback_url} />
      {pair.data ? (
        <>
          <Copied label="Token" value={pair.data.token} />
          <Copied label="EncodingAESKey" value={pair.data.aes_key} />
        </>
      ) : (
        verified && (
          <div>
            <Button size="small" onClick={() => setAsked(true)} loading={pair.isFetching}>
              {t('wc_keys_show')}
            </Button>
          </div>
        )
      )}
      <Collapse
        ghost
        size="small"
        items={[
          {
            key: 'theirs',
            label: t('wc_keys_theirs'),
            children: (
              <Form layout="inline" style={{ rowGap: 8 }} onFinish={(given: Pair) => change.mutate(given)}>
                <Form.Item
                  name="token"
                  rules={[{ required: true, pattern: /^[A-Za-z0-9]{1,32}$/, message: 'A–Z a–z 0–9, ≤ 32' }]}
                >
                  <Input placeholder="Token" aria-label="Token" style={{ width: 260 }} />
                </Form.Item>
                <Form.Item
                  name="aes_key"
                  rules={[{ required: true, pattern: /^[A-Za-z0-9]{43}$/, message: 'A–Z a–z 0–9, 43' }]}
                >
                  <Input placeholder="EncodingAESKey" aria-label="EncodingAESKey" style={{ width: 360 }} />
                </Form.Item>
                <Button htmlType="submit" loading={change.isPending}>
                  {t('wc_keys_use')}
                </Button>
                <Popconfirm
                  title={t('wc_keys_renew_sure')}
                  okText={t('wc_keys_renew')}
                  cancelText={t('cancel')}
                  onConfirm={() => change.mutate({})}
                >
                  <Button type="text">{t('wc_keys_renew')}</Button>
                </Popconfirm>
              </Form>
            ),
          },
        ]}
      />
    </div>
  )
}

function Copied({ label, value }: { label: string; value: string }) {
  const { token } = theme.useToken()
  return (
    <div
      className="row"
      style={{
        background: token.colorFillQuaternary,
        borderRadius: 6,
        padding: '6px 10px',
        flexWrap: 'nowrap',
      }}
    >
      <span className="muted" style={{ width: 130, flex: 'none' }}>
        {label}
      </span>
      <Typography.Text copyable={{ text: value }} className="wrap" style={{ fontFamily: 'monospace' }}>
        {value}
      </Typography.Text>
    </div>
  )
}

export function IpStep({ of }: { of: WeComAnswer }) {
  const { t } = useWords()
  const check = checkOf(of, 'ip')
  const ip = check?.facts.ip ?? checkOf(of, 'token')?.facts.ip
  return (
    <div className="stack">
      <Where step="ip" lines={[t(ip ? 'wc_step_ip_1' : 'wc_step_ip_1_unknown'), t('wc_step_ip_2')]} />
      {ip && <Copied label={t('wc_ip')} value={ip} />}
      {check?.state === 'ok' && <Good text={t('wc_ip_ok')} />}
      <Wrong check={check} />
    </div>
  )
}

export function MayStep({ of }: { of: WeComAnswer }) {
  const { t } = useWords()
  const asked = (of.checks ?? []).filter((check) => check.key.startsWith('may_'))
  const wrong = asked.find((check) => check.state === 'failed' && check.facts.required)
  return (
    <div className="stack">
      <Where step="may" lines={[t('wc_step_may_1'), t('wc_step_may_3')]} />
      <Wrong check={wrong} />
      {asked.length > 0 && (
        <div
          className="grid"
          style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))', gap: 8 }}
        >
          {asked.map((check) => (
            <May key={check.key} check={check} />
          ))}
        </div>
      )}
    </div>
  )
}

function May({ check }: { check: Check }) {
  const { t, maybe } = useWords()
  const { token } = theme.useToken()
  const key = check.key.slice(4)
  const icon = {
    ok: <CheckCircleFilled style={{ color: token.colorSuccess }} />,
    failed: (
      <CloseCircleFilled style={{ color: check.facts.required ? token.colorError : token.colorWarning }} />
    ),
    unknown: <MinusCircleOutlined style={{ color: token.colorTextQuaternary }} />,
  }[check.state]
  return (
    <div
      className="row"
      style={{ flexWrap: 'nowrap', alignItems: 'start' }}
      data-check={key}
      data-state={check.state}
    >
      <span style={{ paddingTop: 1 }}>{icon}</span>
      <div>
        {maybe(`wc_may_${key}`, key)}{' '}
        {check.facts.required && <Tag variant="filled">{t('wc_may_needed')}</Tag>}
        {check.state === 'failed' && <Tag color="error">{check.code}</Tag>}
        <div className="muted" style={{ fontSize: 12 }}>
          {maybe(`wc_may_for_${key}`, '')}
        </div>
      </div>
    </div>
  )
}

interface ArchiveGiven {
  secret: string
  url?: string
}

export function ArchiveStep({ of, check }: { of: WeComAnswer; check: Checking }) {
  const { t } = useWords()
  const save = useSaving<ArchiveGiven>('/api/wecom/archive', () => check.mutate())
  const { connection } = of
  const found = checkOf(of, 'archive')
  return (
    <div className="stack">
      <Where
        step="archive"
        lines={[t('wc_step_archive_1'), t('wc_step_archive_2'), t('wc_step_archive_3')]}
      />
      <Form<ArchiveGiven>
        layout="vertical"
        style={{ maxWidth: 460 }}
        disabled={!of.owner || connection === null}
        initialValues={{ url: connection?.archive_url ?? '' }}
        onFinish={(given) => save.mutate({ secret: given.secret.trim(), url: given.url?.trim() ?? '' })}
      >
        <Form.Item
          name="secret"
          label={t('wc_archive_secret')}
          rules={[{ required: true, whitespace: true }]}
        >
          <Input.Password
            autoComplete="off"
            maxLength={200}
            placeholder={
              connection?.archive ? t('wc_secret_kept', { end: connection.archive_secret_end }) : ''
            }
          />
        </Form.Item>
        <Form.Item name="url" label={t('wc_archive_url')}>
          <Input maxLength={300} placeholder="https://…" />
        </Form.Item>
        <div className="row">
          <Button htmlType="submit" loading={save.isPending || check.isPending}>
            {t('wc_archive_on')}
          </Button>
          {connection?.archive && (
            <Button type="text" danger onClick={() => save.mutate({ secret: '' })}>
              {t('wc_archive_off')}
            </Button>
          )}
        </div>
      </Form>
      <Wrong check={found} />
      {found?.state === 'ok' && <Good text={t('wc_archive_staff', { n: found.facts.staff ?? 0 })} />}
    </div>
  )
}

function Good({ text }: { text: string }) {
  const { token } = theme.useToken()
  return (
    <span className="row">
      <CheckCircleFilled style={{ color: token.colorSuccess }} /> {text}
    </span>
  )
}
