/** Connecting, step by step: what to click where in WeCom's console, and whether it worked. */
import { CheckOutlined, CloseOutlined, ExportOutlined, ReloadOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Button, Collapse, Popconfirm, Progress, Spin, Tag, theme } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { Link } from 'react-router'
import { post, queries, remove } from '../api'
import { ago } from '../format'
import { useWords } from '../words'
import { AppStep, ArchiveStep, CallbackStep, CorpStep, IpStep, MayStep } from './wecom-steps'
import type { Check, Health, WeComAnswer } from './wecom-types'

export type StepState = 'waiting' | 'ok' | 'failed' | 'off'
export const STEPS = ['corp', 'app', 'callback', 'ip', 'may', 'archive'] as const
export type StepKey = (typeof STEPS)[number]

/** What each step has come to. The archive is optional and counts for nothing while it is off. */
export function statesOf(of: WeComAnswer, health: Health | undefined): Record<StepKey, StepState> {
  const found = new Map(of.checks?.map((check) => [check.key, check]))
  const token = found.get('token')
  const range = found.get('range')
  const may = (of.checks ?? []).filter((c) => c.key.startsWith('may_') && c.facts.required)
  const state = (check: Check | undefined): StepState =>
    check === undefined || check.state === 'unknown' ? 'waiting' : check.state
  const wrongCorp = token?.code === '40013'
  return {
    corp: of.connection === null ? (of.draft.corpid ? 'ok' : 'waiting') : wrongCorp ? 'failed' : 'ok',
    app:
      of.connection === null || token === undefined
        ? 'waiting'
        : token.state === 'failed' && token.code !== '60020'
          ? wrongCorp
            ? 'waiting'
            : 'failed'
          : range?.state === 'failed'
            ? 'failed'
            : 'ok',
    callback: health?.callbacks.verified_at ? 'ok' : health?.callbacks.refused.length ? 'failed' : 'waiting',
    ip: state(found.get('ip')),
    may: may.some((c) => c.state === 'failed')
      ? 'failed'
      : may.length > 0 && may.every((c) => c.state === 'ok')
        ? 'ok'
        : 'waiting',
    archive: of.connection?.archive ? state(found.get('archive')) : 'off',
  }
}

export function useCheck() {
  const { problem } = useWords()
  const { message } = App.useApp()
  return useMutation({
    mutationKey: ['wecom', 'check'],
    mutationFn: () => post<WeComAnswer>('/api/wecom/check'),
    onSuccess: (answer) => queries.setQueryData(['wecom'], answer),
    onError: (error) => message.error(problem(error)),
  })
}

export function Guide({ of, health }: { of: WeComAnswer; health: Health | undefined }) {
  const words = useWords()
  const { t } = words
  const { token } = theme.useToken()
  const states = statesOf(of, health)
  const check = useCheck()
  useLive(of, states, check.mutate, check.isPending)
  const [open, setOpen] = useOpen(states)
  const needed = STEPS.filter((key) => key !== 'archive')
  const done = needed.filter((key) => states[key] === 'ok').length
  const body: Record<StepKey, ReactNode> = {
    corp: <CorpStep of={of} go={() => setOpen(['app'])} />,
    app: <AppStep of={of} check={check} />,
    callback: <CallbackStep of={of} health={health} />,
    ip: <IpStep of={of} />,
    may: <MayStep of={of} />,
    archive: <ArchiveStep of={of} check={check} />,
  }
  return (
    <div className="stack" style={{ maxWidth: 920 }}>
      <div className="between">
        <div style={{ flex: '1 1 420px' }}>
          {done === needed.length ? (
            <>
              {t('wc_all_done')} <Link to="/settings?tab=wecom&view=health">{t('wc_health')}</Link>
            </>
          ) : (
            t('wc_intro')
          )}
        </div>
        <div className="row">
          <Button
            href="https://work.weixin.qq.com/wework_admin/frame"
            target="_blank"
            rel="noreferrer"
            icon={<ExportOutlined />}
          >
            {t('wc_open_admin')}
          </Button>
          {of.connection && (
            <Button
              icon={<ReloadOutlined />}
              loading={check.isPending}
              disabled={!of.owner}
              onClick={() => check.mutate()}
            >
              {check.isPending ? t('wc_checking') : t('wc_recheck')}
            </Button>
          )}
        </div>
      </div>
      <div className="row" style={{ gap: 12 }}>
        <Progress
          percent={Math.round((100 * done) / needed.length)}
          showInfo={false}
          strokeColor={token.colorPrimary}
          style={{ flex: 1, maxWidth: 320 }}
          size="small"
        />
        <span className="muted num">{t('wc_done_count', { n: done, all: needed.length })}</span>
        {of.checked_at && (
          <span className="muted">{t('wc_checked', { ago: ago(of.checked_at, words) })}</span>
        )}
      </div>
      <Collapse
        activeKey={open}
        onChange={(keys) => setOpen(Array.isArray(keys) ? keys : [keys])}
        expandIconPlacement="end"
        items={STEPS.map((key, index) => ({
          key,
          label: (
            <StepTitle
              number={index + 1}
              step={key}
              state={states[key]}
              busy={check.isPending && key !== 'callback'}
              of={of}
            />
          ),
          children: body[key],
        }))}
      />
      {of.connection && of.owner && <Disconnect />}
    </div>
  )
}

/** The step to be done is open; whoever opens another one keeps it open. */
function useOpen(states: Record<StepKey, StepState>) {
  const next = STEPS.find((key) => key !== 'archive' && states[key] !== 'ok')
  const [open, setOpen] = useState<string[]>(next ? [next] : [])
  useEffect(() => setOpen(next ? [next] : []), [next])
  return [open, setOpen] as const
}

/** Looks again by itself: at once where nothing was looked at, and every twenty seconds while the address waits to be trusted. */
function useLive(of: WeComAnswer, states: Record<StepKey, StepState>, check: () => void, busy: boolean) {
  const unchecked = of.owner && of.connection !== null && of.checks === null
  const waits = of.owner && (states.ip === 'failed' || states.may === 'failed')
  useEffect(() => {
    if (unchecked) check()
  }, [unchecked, check])
  useEffect(() => {
    if (!waits || busy) return
    const soon = setTimeout(check, 20_000)
    return () => clearTimeout(soon)
  }, [waits, busy, check])
  useEffect(() => {
    const again = setInterval(
      () => void queries.invalidateQueries({ queryKey: ['wecom'], exact: true }),
      8_000,
    )
    return () => clearInterval(again)
  }, [])
}

function StepTitle(props: {
  number: number
  step: StepKey
  state: StepState
  busy: boolean
  of: WeComAnswer
}) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const { state } = props
  const colours = {
    ok: [token.colorSuccess, '#fff'],
    failed: [token.colorError, '#fff'],
    waiting: [token.colorFillSecondary, token.colorText],
    off: [token.colorFillSecondary, token.colorTextSecondary],
  }[state]
  const colour = { ok: 'success', failed: 'error', waiting: 'default', off: 'default' }[state]
  const word = props.busy && state !== 'ok' ? t('wc_checking') : t(`wc_state_${state}`)
  return (
    <div className="between" data-step={props.step} data-state={state} style={{ flexWrap: 'nowrap' }}>
      <span className="row" style={{ gap: 10, flexWrap: 'nowrap' }}>
        <span
          style={{
            width: 24,
            height: 24,
            borderRadius: 12,
            display: 'grid',
            placeItems: 'center',
            flex: 'none',
            fontSize: 12,
            background: colours?.[0],
            color: colours?.[1],
          }}
        >
          {state === 'ok' ? <CheckOutlined /> : state === 'failed' ? <CloseOutlined /> : props.number}
        </span>
        <strong>{t(`wc_step_${props.step}`)}</strong>
        {props.step === 'archive' && <span className="muted">{t('wc_optional')}</span>}
      </span>
      <Tag color={colour} style={{ marginInlineEnd: 0 }}>
        {props.busy && state !== 'ok' && <Spin size="small" />} {word}
      </Tag>
    </div>
  )
}

/** Where to click, and then what to do. */
export function Where({ step, lines }: { step: StepKey; lines: ReactNode[] }) {
  const { t } = useWords()
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div>
        <Tag>{t('wc_where')}</Tag>
        <strong style={{ fontWeight: 500 }}>{t(`wc_step_${step}_where`)}</strong>
      </div>
      <ol style={{ margin: 0, paddingInlineStart: 22 }}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a step do not change their order
          <li key={index} style={{ marginBlock: 4 }}>
            {line}
          </li>
        ))}
      </ol>
    </div>
  )
}

/** What went wrong, in plain words, and what to do about it. */
export function Wrong({ check }: { check: Check | undefined }) {
  const { t, maybe } = useWords()
  if (check?.state !== 'failed') return null
  const facts = { code: check.code, errmsg: check.facts.errmsg ?? '' }
  const key = ALIKE[check.code] ?? check.code
  const says = maybe(`wc_e_${key}`, t('wc_e_other', facts))
  return (
    <Alert
      type="error"
      showIcon
      title={says}
      description={
        <>
          <div>{maybe(`wc_e_${key}_do`, t('wc_e_other_do'))}</div>
          <div className="muted wrap" style={{ fontSize: 12 }}>
            {/^-?\d+$/.test(check.code) && t('wc_errcode', facts)}
            {check.facts.hint && ` · hint ${check.facts.hint}`}
            {check.facts.why && check.facts.why}
          </div>
        </>
      }
    />
  )
}

/** Errcodes that mean the same to somebody who connects. */
const ALIKE: Record<string, string> = {
  '40091': '40001',
  '40014': '40001',
  '42001': '40001',
  '60031': '50003',
  '48001': '48002',
  '610024': '610023',
}

function Disconnect() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const cut = useMutation({
    mutationFn: () => remove('/api/wecom'),
    onSuccess: async () => {
      message.success(t('wc_disconnected'))
      queries.removeQueries({ queryKey: ['wecom', 'health'] })
      await queries.invalidateQueries({ queryKey: ['wecom'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <div>
      <Popconfirm
        title={t('wc_disconnect_sure')}
        description={<div style={{ maxWidth: 380 }}>{t('wc_disconnect_text')}</div>}
        okText={t('wc_disconnect')}
        okButtonProps={{ danger: true }}
        cancelText={t('cancel')}
        onConfirm={() => cut.mutate()}
      >
        <Button danger type="text" loading={cut.isPending}>
          {t('wc_disconnect')}
        </Button>
      </Popconfirm>
    </div>
  )
}
