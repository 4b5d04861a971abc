/** What a step, a trigger and a journey say: forms for each. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Form, Input, InputNumber, Select, Space } from 'antd'
import { get } from '../api'
import { MessageEditor } from '../parts/message-editor'
import { WordsChoice } from '../parts/words-choice'
import { useWords } from '../words'
import type { Options, Words } from './broadcast-types'
import type { Drawing, Happening, Kinds, Says, Step, Trigger, Where, Wrong } from './journey-types'

export const useOptions = () =>
  useQuery({ queryKey: ['broadcast-options'], queryFn: () => get<Options>('/api/broadcast-options') }).data

const OPS = ['is', 'is_not', 'at_least', 'at_most', 'contains', 'known'] as const
const SIGNS = { is: '=', is_not: '≠', at_least: '≥', at_most: '≤', contains: '∋', known: '✓' }

function HappeningForm(props: { of: Happening; kinds: Kinds; change: (of: Happening) => void }) {
  const { t, said } = useWords()
  const { of, kinds, change } = props
  const fields = kinds.facts.find((one) => one.key === of.fact)?.fields ?? []
  const where = (n: number, one: Where | null) =>
    change({ ...of, where: of.where.flatMap((old, at) => (at === n ? (one ? [one] : []) : [old])) })
  return (
    <>
      <Form.Item label={t('jo_event')}>
        <Select
          showSearch
          optionFilterProp="label"
          value={of.fact || null}
          aria-label={t('jo_event')}
          options={kinds.facts.map((one) => ({ value: one.key, label: said(one) }))}
          onChange={(fact) => change({ fact, where: [] })}
        />
      </Form.Item>
      {of.where.map((one, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have no name that stays, and typing in one must not lose its place
        <Space.Compact key={n} block style={{ marginBottom: 8 }}>
          <Input
            value={one.field}
            list="jo-fields"
            aria-label={t('jo_field')}
            onChange={(event) => where(n, { ...one, field: event.target.value })}
          />
          <Select
            value={one.op}
            aria-label={t('jo_conditions')}
            style={{ width: 80 }}
            options={OPS.map((op) => ({ value: op, label: SIGNS[op] }))}
            onChange={(op) => where(n, { ...one, op })}
          />
          <Input
            value={String(one.value ?? '')}
            aria-label={t('jo_value')}
            onChange={(event) => where(n, { ...one, value: read(event.target.value) })}
          />
          <Button icon={<DeleteOutlined />} aria-label={t('jo_remove')} onClick={() => where(n, null)} />
        </Space.Compact>
      ))}
      <datalist id="jo-fields">
        {fields.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
      <Button
        size="small"
        icon={<PlusOutlined />}
        onClick={() =>
          change({ ...of, where: [...of.where, { field: fields[0] ?? '', op: 'is', value: '' }] })
        }
      >
        {t('jo_add_condition')}
      </Button>
    </>
  )
}

/** Numbers are compared as numbers. */
const read = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)

function SegmentSelect(props: { value: string | null | undefined; change: (key: string) => void }) {
  const { t } = useWords()
  const options = useOptions()
  return (
    <Select
      showSearch
      optionFilterProp="label"
      value={props.value || null}
      aria-label={t('jo_segment')}
      options={options?.segments.map((one) => ({ value: one.key, label: one.name }))}
      onChange={props.change}
    />
  )
}

function Length(props: {
  value: number | null
  label: string
  change: (minutes: number | null) => void
  endless?: boolean
}) {
  const { t } = useWords()
  const unit = [1440, 60, 1].find((size) => (props.value ?? 1440) % size === 0) ?? 1
  return (
    <Space>
      <InputNumber
        min={1}
        value={props.value === null ? null : props.value / unit}
        placeholder={props.endless ? t('jo_no_timeout') : ''}
        aria-label={props.label}
        onChange={(n) => props.change(n === null ? (props.endless ? null : unit) : Math.round(n * unit))}
      />
      <Select
        value={unit}
        aria-label={props.label}
        options={([1, 60, 1440] as const).map((size) => ({ value: size, label: t(`jo_unit_${size}`) }))}
        onChange={(size) => props.change(((props.value ?? unit) / unit) * size)}
      />
    </Space>
  )
}

const DAYS = ['一 Mon', '二 Tue', '三 Wed', '四 Thu', '五 Fri', '六 Sat', '日 Sun']

export function StepForm(props: {
  step: Step
  drawing: Drawing
  says: Says
  wrong: Wrong[]
  kinds: Kinds
  change: (step: Step) => void
  lead: (way: string, to: string | null) => void
  remove: () => void
}) {
  const { t, said } = useWords()
  const options = useOptions()
  const { step, change } = props
  const set = (more: Record<string, unknown>) => change({ ...step, ...more } as Step)
  const text = (key: string, label: string, long = false) => (
    <Form.Item label={label}>
      {long ? (
        <Input.TextArea value={String(step[key] ?? '')} onChange={(e) => set({ [key]: e.target.value })} />
      ) : (
        <Input
          value={String(step[key] ?? '')}
          aria-label={label}
          onChange={(e) => set({ [key]: e.target.value })}
        />
      )}
    </Form.Item>
  )
  const number = (key: string, label: string) => (
    <Form.Item label={label}>
      <InputNumber
        min={0}
        value={Number(step[key] ?? 0)}
        aria-label={label}
        onChange={(n) => set({ [key]: n ?? 0 })}
      />
    </Form.Item>
  )
  const staff = (key: string) => (
    <Form.Item label={t('jo_sender')}>
      <Select
        allowClear
        value={(step[key] as string | null) ?? null}
        placeholder={t('jo_sender_auto')}
        aria-label={t('jo_sender')}
        options={options?.staff.map((one) => ({ value: one.userid, label: one.name }))}
        onChange={(userid) => set({ [key]: userid ?? null })}
      />
    </Form.Item>
  )
  const fields = () => {
    switch (step.kind) {
      case 'send':
        return (
          <>
            <MessageEditor
              message={step.message ?? { text: '', attachments: [] }}
              change={(message) => set({ message })}
              channel="contact"
              purpose={(step.purpose as Drawing['purpose'] | null) ?? props.drawing.purpose}
              variables={options?.variables ?? []}
              title={t('jo_title')}
            />
            {JSON.stringify(step.message ?? '').includes('{{') && (
              <WordsChoice
                value={(step.words as Words | undefined) ?? 'auto'}
                change={(words) => set({ words })}
              />
            )}
            <Form.Item label={t('jo_purpose')} style={{ marginTop: 12 }}>
              <PurposeSelect
                value={(step.purpose as Drawing['purpose'] | null) ?? props.drawing.purpose}
                change={(purpose) => set({ purpose })}
              />
            </Form.Item>
            {number('worth_fen', t('jo_worth'))}
            {number('expires_hours', t('jo_expires'))}
            {staff('sender')}
          </>
        )
      case 'wait':
        return (
          <Form.Item label={t('jo_minutes')}>
            <Length
              value={Number(step.minutes)}
              label={t('jo_minutes')}
              change={(minutes) => set({ minutes })}
            />
          </Form.Item>
        )
      case 'wait_until_time':
        return (
          <>
            <Form.Item label={t('jo_from')}>
              <Space>
                <Input
                  type="time"
                  value={String(step.start)}
                  aria-label={t('jo_from')}
                  onChange={(e) => set({ start: e.target.value })}
                />
                {t('jo_to')}
                <Input
                  type="time"
                  value={String(step.end)}
                  aria-label={t('jo_to')}
                  onChange={(e) => set({ end: e.target.value })}
                />
              </Space>
            </Form.Item>
            <Form.Item label={t('jo_weekdays')}>
              <Checkbox.Group
                value={step.weekdays as number[]}
                options={DAYS.map((label, n) => ({ label, value: n + 1 }))}
                onChange={(weekdays) => set({ weekdays })}
              />
            </Form.Item>
          </>
        )
      case 'wait_until_date':
        return (
          <Form.Item label={t('jo_day')}>
            <Space>
              <Input
                type="date"
                value={String(step.day)}
                aria-label={t('jo_day')}
                onChange={(e) => set({ day: e.target.value })}
              />
              <Input
                type="time"
                value={String(step.at)}
                aria-label={t('jo_at')}
                onChange={(e) => set({ at: e.target.value })}
              />
            </Space>
          </Form.Item>
        )
      case 'wait_for':
        return (
          <>
            <Form.Item label={t('jo_wait_what')}>
              <Select
                value={step.happening ? 'event' : 'segment'}
                aria-label={t('jo_wait_what')}
                options={[
                  { value: 'event', label: t('jo_event') },
                  { value: 'segment', label: t('jo_segment') },
                ]}
                onChange={(what) =>
                  set(
                    what === 'event'
                      ? { happening: { fact: 'order.paid', where: [] }, segment: null }
                      : { happening: null, segment: '' },
                  )
                }
              />
            </Form.Item>
            {step.happening ? (
              <HappeningForm
                of={step.happening}
                kinds={props.kinds}
                change={(happening) => set({ happening })}
              />
            ) : (
              <SegmentSelect value={step.segment} change={(segment) => set({ segment })} />
            )}
            <Form.Item label={t('jo_timeout')} style={{ marginTop: 12 }}>
              <Length
                value={(step.minutes as number | null) ?? null}
                label={t('jo_timeout')}
                endless
                change={(minutes) => set({ minutes })}
              />
            </Form.Item>
          </>
        )
      case 'branch_by_segment':
        return (
          <Form.Item label={t('jo_segment')}>
            <SegmentSelect value={step.segment} change={(segment) => set({ segment })} />
          </Form.Item>
        )
      case 'branch_by_condition':
        return (
          <>
            <Form.Item label={t('jo_of')}>
              <Select
                value={step.of as string}
                aria-label={t('jo_of')}
                options={(['attribute', 'tag', 'contact', 'goal'] as const).map((of) => ({
                  value: of,
                  label: t(`jo_of_${of}`),
                }))}
                onChange={(of) => set({ of })}
              />
            </Form.Item>
            {(step.of === 'attribute' || step.of === 'tag') && text('key', t('jo_key'))}
            {step.of === 'attribute' && (
              <Space.Compact block>
                <Select
                  value={step.op as Where['op']}
                  aria-label={t('jo_conditions')}
                  style={{ width: 90 }}
                  options={OPS.map((op) => ({ value: op, label: SIGNS[op] }))}
                  onChange={(op) => set({ op })}
                />
                <Input
                  value={String(step.value ?? '')}
                  aria-label={t('jo_value')}
                  onChange={(e) => set({ value: read(e.target.value) })}
                />
              </Space.Compact>
            )}
          </>
        )
      case 'split':
        return (
          <Form.Item label={t('jo_arms')}>
            {(step.arms ?? []).map((arm, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no name that stays, and typing in one must not lose its place
              <Space.Compact key={n} block style={{ marginBottom: 8 }}>
                <Input
                  value={arm.name}
                  aria-label={t('jo_name')}
                  onChange={(e) =>
                    set({
                      arms: step.arms?.map((one, at) => (at === n ? { ...one, name: e.target.value } : one)),
                    })
                  }
                />
                <InputNumber
                  min={1}
                  max={99}
                  suffix="%"
                  value={arm.share}
                  aria-label={`${arm.name} %`}
                  onChange={(share) =>
                    set({
                      arms: step.arms?.map((one, at) => (at === n ? { ...one, share: share ?? 1 } : one)),
                    })
                  }
                />
                <Button
                  icon={<DeleteOutlined />}
                  aria-label={t('jo_remove')}
                  onClick={() => set({ arms: step.arms?.filter((_, at) => at !== n) })}
                />
              </Space.Compact>
            ))}
            <Button
              size="small"
              icon={<PlusOutlined />}
              aria-label={t('jo_arms')}
              onClick={() =>
                set({
                  arms: [
                    ...(step.arms ?? []),
                    { name: String.fromCharCode(65 + (step.arms?.length ?? 0)), share: 10, next: null },
                  ],
                })
              }
            />
          </Form.Item>
        )
      case 'tag':
        return (
          <>
            {text('tag', t('jo_tag'))}
            <Checkbox checked={Boolean(step.off)} onChange={(e) => set({ off: e.target.checked })}>
              {t('jo_tag_off')}
            </Checkbox>
          </>
        )
      case 'points':
        return (
          <>
            {number('points', t('jo_points'))}
            {text('because', t('jo_because'))}
          </>
        )
      case 'task':
        return (
          <>
            {text('what', t('jo_task'))}
            {text('how', t('jo_how'), true)}
            {number('due_hours', t('jo_due_hours'))}
            {staff('staff')}
          </>
        )
      case 'webhook':
        return text('url', t('jo_url'))
      case 'jump':
        return number('times', t('jo_times'))
      default:
        return null
    }
  }
  const steps = props.drawing.steps
    .filter((one) => one.id !== step.id)
    .map((one) => ({
      value: one.id,
      label: said(props.says.steps[one.id]?.said ?? { zh: one.id, en: one.id }),
    }))
  return (
    <Form layout="vertical" data-testid="step-form">
      {props.wrong.map((one) => (
        <Alert key={one.en} type="error" showIcon title={said(one)} style={{ marginBottom: 8 }} />
      ))}
      {fields()}
      {(props.says.steps[step.id]?.ways ?? [])
        .filter((one) => one.way !== 'left')
        .map((one) => (
          <Form.Item
            key={one.way}
            label={one.way === 'next' ? t('jo_leads') : t('jo_way', { way: said(one.said) })}
          >
            <Select
              allowClear={one.way !== 'again'}
              value={one.to}
              placeholder={t('jo_end')}
              aria-label={said(one.said)}
              options={steps}
              onChange={(to) => props.lead(one.way, to ?? null)}
            />
          </Form.Item>
        ))}
      <Button danger icon={<DeleteOutlined />} onClick={props.remove}>
        {t('jo_remove')}
      </Button>
    </Form>
  )
}

function PurposeSelect(props: { value: Drawing['purpose']; change: (purpose: Drawing['purpose']) => void }) {
  const { t } = useWords()
  return (
    <Select
      value={props.value}
      aria-label={t('jo_purpose')}
      options={(['care', 'give', 'service', 'sell'] as const).map((one) => ({
        value: one,
        label: t(`jo_purpose_${one}`),
      }))}
      onChange={props.change}
    />
  )
}

const NEW_TRIGGER: Record<string, Trigger> = {
  event: { kind: 'event', happening: { fact: 'order.paid', where: [] } },
  segment: { kind: 'segment', segment: '', what: 'entered' },
  joined: { kind: 'joined', groups: [] },
  contact: { kind: 'contact', state: null },
  date: { kind: 'date', attribute: 'birthday', days: 0, at: '10:00', yearly: true },
  schedule: { kind: 'schedule', rule: 'FREQ=WEEKLY;BYDAY=MO;BYHOUR=10;BYMINUTE=0', segment: '' },
  by_hand: { kind: 'by_hand' },
}

/** Who enters, how often, how many, and when somebody leaves early. */
export function SettingsForm(props: {
  drawing: Drawing
  wrong: Wrong[]
  kinds: Kinds
  change: (drawing: Drawing) => void
}) {
  const { t, said } = useWords()
  const options = useOptions()
  const { drawing, change, kinds } = props
  const set = (more: Partial<Drawing>) => change({ ...drawing, ...more })
  const trigger = (n: number, one: Trigger | null) =>
    set({ triggers: drawing.triggers.flatMap((old, at) => (at === n ? (one ? [one] : []) : [old])) })
  const limit = (key: 'most_a_day' | 'most') => (
    <Form.Item label={t(`jo_${key}`)}>
      <InputNumber
        min={1}
        value={drawing[key]}
        placeholder={t('jo_no_limit')}
        aria-label={t(`jo_${key}`)}
        onChange={(n) => set({ [key]: n })}
      />
    </Form.Item>
  )
  return (
    <Form layout="vertical" data-testid="settings-form">
      {props.wrong.map((one) => (
        <Alert key={one.en} type="error" showIcon title={said(one)} style={{ marginBottom: 8 }} />
      ))}
      {drawing.triggers.map((one, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have no name that stays, and typing in one must not lose its place
        <div key={n} className="jo-box">
          <Space.Compact block style={{ marginBottom: 8 }}>
            <Select
              value={one.kind}
              aria-label={t('jo_trigger')}
              style={{ flex: 1 }}
              options={kinds.triggers.map((kind) => ({ value: kind.key, label: said(kind) }))}
              onChange={(kind) => trigger(n, NEW_TRIGGER[kind] ?? null)}
            />
            <Button icon={<DeleteOutlined />} aria-label={t('jo_remove')} onClick={() => trigger(n, null)} />
          </Space.Compact>
          {one.kind === 'event' && one.happening && (
            <HappeningForm
              of={one.happening}
              kinds={kinds}
              change={(happening) => trigger(n, { ...one, happening })}
            />
          )}
          {(one.kind === 'segment' || one.kind === 'schedule') && (
            <Form.Item label={t('jo_segment')}>
              <SegmentSelect
                value={one.segment as string}
                change={(segment) => trigger(n, { ...one, segment })}
              />
            </Form.Item>
          )}
          {one.kind === 'segment' && (
            <Select
              value={one.what as string}
              aria-label={t('jo_what')}
              options={(['entered', 'left'] as const).map((what) => ({
                value: what,
                label: t(`jo_what_${what}`),
              }))}
              onChange={(what) => trigger(n, { ...one, what })}
            />
          )}
          {one.kind === 'schedule' && (
            <Form.Item label={t('jo_rule')}>
              <Input
                value={String(one.rule)}
                aria-label={t('jo_rule')}
                onChange={(e) => trigger(n, { ...one, rule: e.target.value })}
              />
            </Form.Item>
          )}
          {one.kind === 'joined' && (
            <Form.Item label={t('jo_groups')}>
              <Select
                mode="multiple"
                optionFilterProp="label"
                value={one.groups as number[]}
                aria-label={t('jo_groups')}
                options={options?.groups.map((group) => ({ value: group.group, label: group.name }))}
                onChange={(groups) => trigger(n, { ...one, groups })}
              />
            </Form.Item>
          )}
          {one.kind === 'contact' && (
            <Form.Item label={t('jo_source_state')}>
              <Input
                value={String(one.state ?? '')}
                aria-label={t('jo_source_state')}
                onChange={(e) => trigger(n, { ...one, state: e.target.value || null })}
              />
            </Form.Item>
          )}
          {one.kind === 'date' && (
            <>
              <Form.Item label={t('jo_attribute')}>
                <Input
                  value={String(one.attribute)}
                  aria-label={t('jo_attribute')}
                  onChange={(e) => trigger(n, { ...one, attribute: e.target.value })}
                />
              </Form.Item>
              <Space>
                <InputNumber
                  value={Number(one.days)}
                  aria-label={t('jo_days_off')}
                  suffix={t('jo_days')}
                  onChange={(days) => trigger(n, { ...one, days: days ?? 0 })}
                />
                <Input
                  type="time"
                  value={String(one.at)}
                  aria-label={t('jo_at')}
                  onChange={(e) => trigger(n, { ...one, at: e.target.value })}
                />
                <Checkbox
                  checked={Boolean(one.yearly)}
                  onChange={(e) => trigger(n, { ...one, yearly: e.target.checked })}
                >
                  {t('jo_yearly')}
                </Checkbox>
              </Space>
            </>
          )}
        </div>
      ))}
      <Button
        icon={<PlusOutlined />}
        style={{ marginBottom: 16 }}
        onClick={() => set({ triggers: [...drawing.triggers, NEW_TRIGGER.contact as Trigger] })}
      >
        {t('jo_add_trigger')}
      </Button>
      <Form.Item label={t('jo_purpose')}>
        <PurposeSelect value={drawing.purpose} change={(purpose) => set({ purpose })} />
      </Form.Item>
      <Form.Item label={t('jo_goal_what')}>
        <Checkbox
          checked={drawing.goal !== null}
          onChange={(e) =>
            set({
              goal: e.target.checked ? { happening: { fact: 'order.paid', where: [] }, days: 30 } : null,
            })
          }
        >
          {t('jo_goal_what')}
        </Checkbox>
      </Form.Item>
      {drawing.goal && (
        <div className="jo-box">
          <HappeningForm
            of={drawing.goal.happening}
            kinds={kinds}
            change={(happening) => set({ goal: { happening, days: drawing.goal?.days ?? 30 } })}
          />
          <Form.Item label={t('jo_goal_days')} style={{ marginTop: 8 }}>
            <InputNumber
              min={1}
              max={366}
              value={drawing.goal.days}
              aria-label={t('jo_goal_days')}
              onChange={(days) => drawing.goal && set({ goal: { ...drawing.goal, days: days ?? 1 } })}
            />
          </Form.Item>
        </div>
      )}
      <Form.Item label={t('jo_exit')}>
        <Select
          value={drawing.exit}
          aria-label={t('jo_exit')}
          options={(['on_goal', 'on_trigger_gone', 'on_both', 'only_at_end'] as const).map((one) => ({
            value: one,
            label: t(`jo_exit_${one}`),
          }))}
          onChange={(exit) => set({ exit })}
        />
      </Form.Item>
      <Form.Item label={t('jo_again')}>
        <Space wrap>
          <Select
            value={drawing.again.rule}
            aria-label={t('jo_again')}
            options={(['once', 'every_time', 'cooldown', 'per_entity'] as const).map((one) => ({
              value: one,
              label: t(`jo_again_${one}`),
            }))}
            onChange={(rule) => set({ again: { ...drawing.again, rule } })}
          />
          {drawing.again.rule === 'cooldown' && (
            <InputNumber
              min={1}
              value={drawing.again.days}
              aria-label={t('jo_days')}
              suffix={t('jo_days')}
              onChange={(days) => set({ again: { ...drawing.again, days: days ?? 1 } })}
            />
          )}
          {drawing.again.rule === 'per_entity' && (
            <Input
              value={drawing.again.field}
              aria-label={t('jo_field')}
              placeholder="order"
              onChange={(e) => set({ again: { ...drawing.again, field: e.target.value } })}
            />
          )}
        </Space>
      </Form.Item>
      <Form.Item label={t('jo_holdout')}>
        <InputNumber
          min={0}
          max={50}
          value={Math.round(drawing.holdout * 100)}
          aria-label={t('jo_holdout')}
          onChange={(n) => set({ holdout: (n ?? 0) / 100 })}
        />
      </Form.Item>
      {limit('most_a_day')}
      {limit('most')}
    </Form>
  )
}
