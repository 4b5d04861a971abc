/** Writing a broadcast in four steps: to whom, what, when, and the check before it goes out. */
import { CheckCircleOutlined, DeleteOutlined, PlusOutlined, SaveOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  DatePicker,
  Input,
  InputNumber,
  Popconfirm,
  Radio,
  Select,
  Tabs,
} from 'antd'
import { useEffect, useState } from 'react'
import { get, Problem, post, put, queries } from '../api'
import { useHere, useWriting } from '../here'
import { MessageEditor } from '../parts/message-editor'
import { Head } from '../parts/page'
import { WordsChoice } from '../parts/words-choice'
import { useWords } from '../words'
import { Checks, TryIt } from './broadcast-check'
import type { Broadcast, Detail, Goal, Options, Plan, Preflight, Purpose } from './broadcast-types'
import { Labelled, WhomForm } from './broadcast-whom'
import { clockOf, instantOf, StateTag } from './broadcasts'

const NAMES = ['A', 'B', 'C', 'D']
const PURPOSES: Purpose[] = ['sell', 'give', 'care', 'service']
const GOALS: Goal[] = ['order', 'reply', 'click', 'visit']

interface Draft {
  name: string
  purpose: Purpose
  plan: Plan
}

export function BroadcastEditor({ saved, options }: { saved: Broadcast; options: Options }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const { corp } = useHere()
  const [draft, setDraft] = useState<Draft>({ name: saved.name, purpose: saved.purpose, plan: saved.plan })
  const [kept, setKept] = useState<Broadcast>(saved)
  const [seen, setSeen] = useState<Preflight | null>(null)
  const { plan } = draft
  const changed =
    JSON.stringify(draft) !== JSON.stringify({ name: kept.name, purpose: kept.purpose, plan: kept.plan })
  const setPlan = (to: Partial<Plan>) => setDraft({ ...draft, plan: { ...plan, ...to } })
  const path = `/api/broadcasts/${saved.campaign_id}`
  const page = ['broadcast', saved.campaign_id]
  const take = (now: Broadcast) => {
    setKept(now)
    setDraft({ name: now.name, purpose: now.purpose, plan: now.plan })
  }
  // Somebody else saved it: whoever changed nothing sees theirs, whoever did is told when they save.
  const newer = saved.version > kept.version && !changed
  useEffect(() => {
    if (newer) take(saved)
  })

  const save = useMutation({
    mutationFn: async () =>
      changed ? await put<Broadcast>(path, { ...draft, version: kept.version }) : kept,
    onSuccess: (now) => {
      take(now)
      queries.setQueryData<Detail>(page, (old) => old && { ...old, ...now })
      void queries.invalidateQueries({ queryKey: ['broadcasts'] })
    },
  })
  const check = useMutation({
    mutationFn: async () => {
      await save.mutateAsync()
      return await post<Preflight>(`${path}/preflight`)
    },
    onSuccess: setSeen,
    onError: (error) => message.error(problem(error)),
  })
  const approve = useMutation({
    mutationFn: () => post<Broadcast>(`${path}/approve`, { version: kept.version }),
    onSuccess: () => {
      message.success(t('bc_approved'))
      void queries.invalidateQueries({ queryKey: page })
      void queries.invalidateQueries({ queryKey: ['broadcasts'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  const newest = useMutation({
    mutationFn: () => get<Detail>(path),
    onSuccess: (now) => {
      for (const one of [save, check, approve]) one.reset()
      queries.setQueryData(page, now)
      take(now)
    },
    onError: (error) => message.error(problem(error)),
  })
  const conflict = [save.error, check.error, approve.error].some(
    (error) => error instanceof Problem && error.code === 'campaign_changed',
  )
  const fresh = seen !== null && !changed && seen.version === kept.version
  return (
    <>
      <Head
        title={
          <span className="row">
            {draft.name || t('bc_unnamed')} <StateTag state="draft" />
          </span>
        }
        hint={changed ? t('bc_unsaved') : undefined}
      >
        <Button
          icon={<SaveOutlined />}
          disabled={!changed}
          loading={save.isPending}
          onClick={() =>
            save.mutate(undefined, {
              onSuccess: () => message.success(t('bc_saved')),
              onError: (error) => message.error(problem(error)),
            })
          }
        >
          {t('bc_save')}
        </Button>
        <Button
          type={fresh ? 'default' : 'primary'}
          icon={<CheckCircleOutlined />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t('bc_check')}
        </Button>
        <Popconfirm
          title={t('bc_approve_sure', { n: seen?.go ?? 0 })}
          onConfirm={() => approve.mutate()}
          disabled={!fresh || seen.stops}
        >
          <Button
            type={fresh ? 'primary' : 'default'}
            disabled={!fresh || seen.stops}
            loading={approve.isPending}
          >
            {t('bc_approve')}
          </Button>
        </Popconfirm>
      </Head>
      <div className="stack">
        {conflict && (
          <Alert
            type="warning"
            showIcon
            title={t('bc_conflict')}
            description={t('bc_conflict_text')}
            action={
              <Button size="small" loading={newest.isPending} onClick={() => newest.mutate()}>
                {t('bc_load_newest')}
              </Button>
            }
          />
        )}
        <Card title={`1 · ${t('bc_step_whom')}`}>
          <div className="grid halves">
            <div className="stack" style={{ gap: 12 }}>
              <Labelled label={t('bc_name')}>
                <Input
                  value={draft.name}
                  maxLength={200}
                  aria-label={t('bc_name')}
                  onChange={(event) => setDraft({ ...draft, name: event.target.value })}
                />
              </Labelled>
              <Labelled label={t('bc_purpose')}>
                <Radio.Group
                  value={draft.purpose}
                  onChange={(event) => setDraft({ ...draft, purpose: event.target.value })}
                  options={PURPOSES.map((one) => ({ value: one, label: t(`bc_purpose_${one}`) }))}
                />
              </Labelled>
            </div>
            <WhomForm whom={plan.whom} change={(whom) => setPlan({ whom })} options={options} />
          </div>
        </Card>
        <Card title={`2 · ${t('bc_step_message')}`}>
          <Variants
            plan={plan}
            purpose={draft.purpose}
            options={options}
            but={saved.campaign_id}
            title={corp.name}
            setPlan={setPlan}
          />
          {plan.variants.some((one) => JSON.stringify(one.message).includes('{{')) && (
            <WordsChoice value={plan.words} change={(words) => setPlan({ words })} />
          )}
        </Card>
        <Card title={`3 · ${t('bc_step_when')}`}>
          <When plan={plan} options={options} setPlan={setPlan} />
        </Card>
        <Card
          title={`4 · ${t('bc_step_check')}`}
          extra={
            <TryIt
              path={path}
              variants={plan.variants.map((one) => one.name)}
              staff={options.staff}
              save={() => save.mutateAsync()}
            />
          }
        >
          {seen ? (
            <div className="stack">
              {!fresh && <Alert type="info" showIcon title={t('bc_stale')} />}
              <Checks seen={seen} plan={kept.plan} />
            </div>
          ) : (
            <div className="row">
              <span className="muted">{t('bc_not_checked')}</span>
              <Button type="link" loading={check.isPending} onClick={() => check.mutate()}>
                {t('bc_check')}
              </Button>
            </div>
          )}
        </Card>
      </div>
    </>
  )
}

function Variants(props: {
  plan: Plan
  purpose: Purpose
  options: Options
  but: string
  title: string
  setPlan: (to: Partial<Plan>) => void
}) {
  const { t } = useWords()
  const { plan, setPlan } = props
  const [open, setOpen] = useState(plan.variants[0]?.name ?? 'A')
  const free = NAMES.find((name) => !plan.variants.some((one) => one.name === name))
  const add = () => {
    if (!free) return
    const like = plan.variants[0]?.message ?? { text: '', attachments: [] }
    setPlan({ variants: [...plan.variants, { name: free, message: like, share: 1 }] })
    setOpen(free)
  }
  const several = plan.variants.length > 1
  return (
    <Tabs
      activeKey={open}
      onChange={setOpen}
      tabBarExtraContent={
        free && (
          <Button size="small" icon={<PlusOutlined />} onClick={add}>
            {t('bc_add_variant')}
          </Button>
        )
      }
      items={plan.variants.map((variant) => ({
        key: variant.name,
        label: t('bc_variant', { name: variant.name }),
        children: (
          <div className="stack">
            {several && (
              <div className="row">
                <span>{t('bc_share')}</span>
                <InputNumber
                  min={1}
                  max={100}
                  precision={0}
                  value={variant.share}
                  aria-label={t('bc_share')}
                  onChange={(share) =>
                    setPlan({
                      variants: plan.variants.map((one) =>
                        one.name === variant.name ? { ...one, share: share ?? 1 } : one,
                      ),
                    })
                  }
                />
                <span className="muted">{t('bc_variants_hint')}</span>
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('bc_remove_variant')}
                  onClick={() => {
                    const left = plan.variants.filter((one) => one.name !== variant.name)
                    setPlan({ variants: left })
                    setOpen(left[0]?.name ?? 'A')
                  }}
                />
              </div>
            )}
            <MessageEditor
              message={variant.message}
              change={(message) =>
                setPlan({
                  variants: plan.variants.map((one) =>
                    one.name === variant.name ? { ...one, message } : one,
                  ),
                })
              }
              channel={plan.whom.type === 'groups' ? 'group' : 'contact'}
              purpose={props.purpose}
              variables={props.options.variables}
              title={props.title}
              but={props.but}
            />
          </div>
        ),
      }))}
    />
  )
}

function When(props: { plan: Plan; options: Options; setPlan: (to: Partial<Plan>) => void }) {
  const { t } = useWords()
  const write = useWriting()
  const { plan, setPlan } = props
  return (
    <div className="grid halves">
      <div className="stack" style={{ gap: 12 }}>
        <Radio.Group
          value={plan.when.kind}
          onChange={(event) => {
            const kind = event.target.value as Plan['when']['kind']
            setPlan({
              when: { kind, at: kind === 'now' ? null : (plan.when.at ?? new Date().toISOString()) },
            })
          }}
          options={[
            { value: 'now', label: t('bc_when_now') },
            { value: 'at', label: t('bc_when_at') },
            ...(plan.whom.type === 'persons' ? [{ value: 'best', label: t('bc_when_best') }] : []),
          ]}
        />
        {plan.when.kind !== 'now' && (
          <Labelled
            label={plan.when.kind === 'best' ? t('bc_when_from') : t('bc_when')}
            hint={t('bc_zone', { zone: write.zone })}
          >
            <DatePicker
              showTime={{ format: 'HH:mm' }}
              format="YYYY-MM-DD HH:mm"
              allowClear={false}
              aria-label={t('bc_when')}
              value={plan.when.at ? clockOf(plan.when.at, write.zone) : null}
              onChange={(at) => at && setPlan({ when: { ...plan.when, at: instantOf(at, write.zone) } })}
            />
          </Labelled>
        )}
        {plan.whom.type === 'persons' && (
          <Labelled label={t('bc_sender')}>
            <Select
              style={{ width: '100%', maxWidth: 360 }}
              value={plan.sender ?? ''}
              aria-label={t('bc_sender')}
              showSearch={{ optionFilterProp: 'label' }}
              onChange={(sender) => setPlan({ sender: sender || null })}
              options={[
                { value: '', label: t('bc_sender_closest') },
                ...props.options.staff.map((one) => ({ value: one.userid, label: one.name })),
              ]}
            />
          </Labelled>
        )}
        <Labelled label={t('bc_lasts')}>
          <InputNumber
            min={1}
            max={720}
            precision={0}
            value={plan.lasts_hours}
            aria-label={t('bc_lasts')}
            onChange={(hours) => setPlan({ lasts_hours: hours ?? 72 })}
          />
        </Labelled>
      </div>
      <div className="stack" style={{ gap: 12 }}>
        <Labelled label={t('bc_goal')}>
          <div className="row">
            <Select
              style={{ minWidth: 140 }}
              value={plan.goal.what}
              aria-label={t('bc_goal')}
              onChange={(what) => setPlan({ goal: { ...plan.goal, what } })}
              options={GOALS.map((one) => ({ value: one, label: t(`bc_goal_${one}`) }))}
            />
            <span className="muted">{t('bc_goal_days')}</span>
            <InputNumber
              min={1}
              max={90}
              precision={0}
              value={plan.goal.days}
              aria-label={t('bc_goal_days')}
              onChange={(days) => setPlan({ goal: { ...plan.goal, days: days ?? 7 } })}
            />
          </div>
        </Labelled>
        <Labelled label={t('bc_holdout')} hint={t('bc_holdout_hint')}>
          <InputNumber<number>
            min={0}
            max={50}
            precision={0}
            suffix="%"
            value={Math.round(plan.holdout * 100)}
            aria-label={t('bc_holdout')}
            onChange={(share) => setPlan({ holdout: (share ?? 0) / 100 })}
          />
        </Labelled>
        <Labelled label={t('bc_worth')} hint={t('bc_worth_hint')}>
          <InputNumber<number>
            min={0}
            precision={2}
            prefix="¥"
            value={plan.worth_fen / 100}
            aria-label={t('bc_worth')}
            onChange={(yuan) => setPlan({ worth_fen: Math.round((yuan ?? 0) * 100) })}
          />
        </Labelled>
      </div>
    </div>
  )
}
