/** The editor of a playbook: a calendar whose blocks can be dragged, and a form for the chosen one. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  Checkbox,
  DatePicker,
  Dropdown,
  Empty,
  Form,
  Input,
  InputNumber,
  Segmented,
  Select,
  Space,
  Tag,
  theme,
} from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { Problem, post, put, queries } from '../api'
import { useWords } from '../words'
import type { Act, BlockCard, Catalogue, Field, OnePlaybook, Placed, Playbook, When } from './playbook-types'

interface Slot {
  block: string
  day: string
  begins_us: number
}
const MOST_DAYS = 42

export function Editor({ book, catalogue }: { book: OnePlaybook; catalogue: Catalogue }) {
  const { t, problem, language } = useWords()
  const { message } = App.useApp()
  const [draft, setDraft] = useState<Playbook>(book.playbook)
  const [chosen, choose] = useState<string | null>(book.playbook.blocks[0]?.key ?? null)
  const changed = draft !== book.playbook
  const over = book.state === 'stopped'
  const calendar = useQuery({
    queryKey: ['playbooks', 'check', draft],
    queryFn: () => post<{ days: Slot[] }>('/api/playbooks/check', { playbook: draft }),
    retry: false,
    placeholderData: (before) => before,
  })
  const save = useMutation({
    mutationFn: () => put(`/api/playbooks/${book.campaign_id}`, { playbook: draft, version: book.version }),
    onSuccess: () => {
      message.success(t('pb_saved'))
      void queries.invalidateQueries({ queryKey: ['playbooks'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  const wrong = calendar.error instanceof Problem ? String(calendar.error.facts.block ?? '') : null
  const placed = draft.blocks.find((one) => one.key === chosen)
  const change = (key: string, next: Placed) =>
    setDraft({ ...draft, blocks: draft.blocks.map((one) => (one.key === key ? next : one)) })
  const add = (card: BlockCard) => {
    const key = fresh(card.kind, draft)
    const one: Placed = { key, when: { when: 'day', day: 1 }, at: card.at, block: card.defaults }
    setDraft({ ...draft, blocks: [...draft.blocks, one] })
    choose(key)
  }
  const remove = (key: string) => {
    setDraft({ ...draft, blocks: draft.blocks.filter((one) => one.key !== key) })
    choose(null)
  }
  return (
    <div className="stack">
      <div className="between">
        <Space wrap>
          <Dropdown
            trigger={['click']}
            menu={{
              items: catalogue.blocks.map((card) => ({ key: card.kind, label: card[language] })),
              onClick: ({ key }) => {
                const card = catalogue.blocks.find((one) => one.kind === key)
                if (card) add(card)
              },
              style: { maxHeight: 420, overflow: 'auto' },
            }}
          >
            <Button icon={<PlusOutlined />} disabled={over}>
              {t('pb_add')}
            </Button>
          </Dropdown>
          {changed && <Tag color="warning">{t('pb_unsaved')}</Tag>}
        </Space>
        <Button
          type="primary"
          disabled={!changed || over || wrong !== null}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t('pb_save')}
        </Button>
      </div>
      {calendar.error && (
        <Alert
          type="error"
          showIcon
          title={t('pb_cannot')}
          description={problem(calendar.error)}
          action={
            wrong && draft.blocks.some((one) => one.key === wrong) ? (
              <Button size="small" onClick={() => choose(wrong)}>
                {title(draft, catalogue, wrong, language)}
              </Button>
            ) : null
          }
        />
      )}
      <Whole draft={draft} catalogue={catalogue} change={setDraft} />
      <Card title={t('pb_calendar')} extra={<span className="muted">{t('pb_calendar_hint')}</span>}>
        <Calendar
          draft={draft}
          catalogue={catalogue}
          slots={calendar.data?.days ?? []}
          chosen={chosen}
          choose={choose}
          move={(key, from, to) => {
            const one = draft.blocks.find((block) => block.key === key)
            if (one) change(key, { ...one, when: moved(one.when, from, to) })
          }}
        />
      </Card>
      {placed && (
        <Block
          key={placed.key}
          placed={placed}
          card={catalogue.blocks.find((one) => one.kind === placed.block.kind)}
          catalogue={catalogue}
          change={(next) => change(placed.key, next)}
          remove={() => remove(placed.key)}
        />
      )}
    </div>
  )
}

function fresh(kind: string, draft: Playbook): string {
  const taken = new Set(draft.blocks.map((one) => one.key))
  for (let n = 1; ; n++) if (!taken.has(`${kind}_${n}`)) return `${kind}_${n}`
}

function title(draft: Playbook, catalogue: Catalogue, key: string, language: 'zh' | 'en'): string {
  const placed = draft.blocks.find((one) => one.key === key)
  if (placed?.block.kind === 'note' && typeof placed.block.what === 'string') return placed.block.what
  return catalogue.blocks.find((one) => one.kind === placed?.block.kind)?.[language] ?? key
}

/** When a block is after it was dragged from one day of the calendar to another. */
function moved(when: When, from: string, to: string): When {
  const by = dayjs(to).diff(dayjs(from), 'day')
  switch (when.when) {
    case 'day':
      return { when: 'day', day: Math.max(1, when.day + by) }
    case 'date':
      return { when: 'date', on: to }
    case 'week': {
      const iso = (day: string) => dayjs(day).day() || 7
      const others = when.weekdays.filter((day) => day !== iso(from))
      return { ...when, weekdays: [...new Set([...others, iso(to)])].sort() }
    }
  }
}

/** What is true of the whole playbook. */
function Whole({
  draft,
  catalogue,
  change,
}: {
  draft: Playbook
  catalogue: Catalogue
  change: (next: Playbook) => void
}) {
  const { t, language } = useWords()
  const rule = draft.rules?.[0] ?? {}
  const begins = (next: { name_has?: string; group_kind?: string | null }) => {
    const one = { ...rule, ...next }
    const named = Boolean(one.name_has || one.entrance || one.group_kind)
    change({ ...draft, rules: [...(named ? [one] : []), ...(draft.rules ?? []).slice(1)] })
  }
  return (
    <Card size="small">
      <Form layout="vertical">
        <div className="grid thirds" style={{ gap: 12 }}>
          <Form.Item label={t('pb_name')} style={{ margin: 0 }}>
            <Input
              aria-label={t('pb_name')}
              value={draft.name}
              maxLength={80}
              onChange={(e) => change({ ...draft, name: e.target.value })}
            />
          </Form.Item>
          <Form.Item label={t('pb_goal')} style={{ margin: 0 }}>
            <Input
              aria-label={t('pb_goal')}
              value={draft.goal ?? ''}
              maxLength={300}
              onChange={(e) => change({ ...draft, goal: e.target.value })}
            />
          </Form.Item>
          <Form.Item label={t('pb_kind')} style={{ margin: 0 }}>
            <Select
              aria-label={t('pb_kind')}
              value={draft.group_kind}
              onChange={(group_kind) => change({ ...draft, group_kind })}
              options={catalogue.group_kinds.map((kind) => ({ value: kind.key, label: kind[language] }))}
            />
          </Form.Item>
          <Form.Item label={t('pb_anchor')} style={{ margin: 0 }}>
            <Select
              aria-label={t('pb_anchor')}
              value={draft.anchor ?? 'joined'}
              onChange={(anchor) => change({ ...draft, anchor })}
              options={(['birth', 'joined'] as const).map((key) => ({
                value: key,
                label: t(`pb_anchor_${key}`),
              }))}
            />
          </Form.Item>
          <Form.Item label={t('pb_length')} style={{ margin: 0 }}>
            <InputNumber
              aria-label={t('pb_length')}
              min={0}
              max={366}
              value={draft.days ?? 0}
              onChange={(days) => change({ ...draft, days: days ?? 0 })}
            />
          </Form.Item>
          <Form.Item label={t('pb_holdout')} tooltip={t('pb_holdout_hint')} style={{ margin: 0 }}>
            <InputNumber
              aria-label={t('pb_holdout')}
              min={0}
              max={50}
              suffix="%"
              value={Math.round((draft.holdout ?? 0.05) * 100)}
              onChange={(share) => change({ ...draft, holdout: (share ?? 0) / 100 })}
            />
          </Form.Item>
          <Form.Item label={t('pb_rules')} style={{ margin: 0 }}>
            <Input
              aria-label={t('pb_rules')}
              value={rule.name_has ?? ''}
              maxLength={60}
              onChange={(e) => begins({ name_has: e.target.value })}
            />
          </Form.Item>
          <Form.Item label={t('pb_rules_kind')} tooltip={t('pb_rules_kind_hint')} style={{ margin: 0 }}>
            <Select
              allowClear
              aria-label={t('pb_rules_kind')}
              value={rule.group_kind ?? null}
              onChange={(group_kind: string | undefined) => begins({ group_kind: group_kind ?? null })}
              options={catalogue.group_kinds.map((kind) => ({ value: kind.key, label: kind[language] }))}
            />
          </Form.Item>
        </div>
      </Form>
    </Card>
  )
}

/** A week a row, from the Monday of this week; blocks are dragged from day to day. */
function Calendar(props: {
  draft: Playbook
  catalogue: Catalogue
  slots: Slot[]
  chosen: string | null
  choose: (key: string) => void
  move: (key: string, from: string, to: string) => void
}) {
  const { t, language } = useWords()
  const { token } = theme.useToken()
  const [over, setOver] = useState<string | null>(null)
  const first = props.slots[0]?.day
  if (!props.draft.blocks.length)
    return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('pb_add')} />
  const today = dayjs().startOf('day')
  const monday = (first ? dayjs(first) : today).subtract(
    ((first ? dayjs(first) : today).day() || 7) - 1,
    'day',
  )
  const last = props.slots.at(-1)?.day ?? monday.add(6, 'day').format('YYYY-MM-DD')
  const length = Math.min(MOST_DAYS, (Math.floor(dayjs(last).diff(monday, 'day') / 7) + 1) * 7)
  const names =
    language === 'zh'
      ? ['一', '二', '三', '四', '五', '六', '日']
      : ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  return (
    <div style={{ overflowX: 'auto' }}>
      <div
        data-testid="playbook-calendar"
        style={{
          display: 'grid',
          gridTemplateColumns: 'repeat(7, minmax(104px, 1fr))',
          gap: 4,
          minWidth: 760,
        }}
      >
        {names.map((name) => (
          <div key={name} className="muted" style={{ textAlign: 'center', fontSize: 12 }}>
            {name}
          </div>
        ))}
        {Array.from({ length }, (_, n) => monday.add(n, 'day').format('YYYY-MM-DD')).map((day) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped here can be moved by the form too
          <div
            key={day}
            onDragOver={(e) => {
              e.preventDefault()
              setOver(day)
            }}
            onDragLeave={() => setOver(null)}
            onDrop={(e) => {
              setOver(null)
              const [key, from] = e.dataTransfer.getData('text/plain').split('|')
              if (key && from && from !== day) props.move(key, from, day)
            }}
            style={{
              minHeight: 74,
              padding: 4,
              borderRadius: token.borderRadius,
              border: `1px ${over === day ? 'dashed' : 'solid'} ${over === day ? token.colorPrimary : token.colorBorderSecondary}`,
            }}
          >
            <div className="muted num" style={{ fontSize: 11 }}>
              {dayjs(day).format('M/D')}
            </div>
            {props.slots
              .filter((slot) => slot.day === day)
              .map((slot) => {
                const placed = props.draft.blocks.find((one) => one.key === slot.block)
                return (
                  <button
                    key={slot.block}
                    type="button"
                    draggable
                    onDragStart={(e) => e.dataTransfer.setData('text/plain', `${slot.block}|${day}`)}
                    onClick={() => props.choose(slot.block)}
                    style={{
                      display: 'block',
                      width: '100%',
                      textAlign: 'start',
                      marginTop: 3,
                      padding: '2px 6px',
                      fontSize: 12,
                      cursor: 'grab',
                      color: token.colorText,
                      borderRadius: token.borderRadiusSM,
                      border: `1px solid ${slot.block === props.chosen ? token.colorPrimary : 'transparent'}`,
                      background:
                        slot.block === props.chosen ? token.colorPrimaryBg : token.colorFillTertiary,
                    }}
                  >
                    <span className="num muted">{placed?.at}</span>{' '}
                    {title(props.draft, props.catalogue, slot.block, language)}
                  </button>
                )
              })}
          </div>
        ))}
      </div>
    </div>
  )
}

function Block(props: {
  placed: Placed
  card: BlockCard | undefined
  catalogue: Catalogue
  change: (next: Placed) => void
  remove: () => void
}) {
  const { t, said, language } = useWords()
  const { placed, card, change } = props
  if (!card) return null
  const set = (name: string, value: unknown) =>
    change({ ...placed, block: { ...placed.block, [name]: value } })
  const names = [...Object.keys(card.schema.properties).filter((name) => name !== 'kind'), 'group', 'weekday']
  return (
    <Card
      title={card[language]}
      extra={
        <Button danger type="text" icon={<DeleteOutlined />} onClick={props.remove}>
          {t('pb_remove')}
        </Button>
      }
    >
      <p className="muted" style={{ marginTop: 0 }}>
        {language === 'zh' ? card.about_zh : card.about_en}
      </p>
      <div className="grid halves">
        <Form layout="vertical">
          <Form.Item label={t('pb_when')}>
            <WhenField when={placed.when} change={(when) => change({ ...placed, when })} />
          </Form.Item>
          <Form.Item label={t('pb_at')}>
            <Input
              type="time"
              aria-label={t('pb_at')}
              style={{ width: 130 }}
              value={placed.at}
              onChange={(e) => change({ ...placed, at: e.target.value })}
            />
          </Form.Item>
          {Object.entries(card.schema.properties)
            .filter(([name, field]) => name !== 'kind' && field.widget)
            .map(([name, field]) => (
              <Form.Item key={name} label={field[language]}>
                <Setting
                  field={field}
                  label={field[language]}
                  value={placed.block[name]}
                  change={(value) => set(name, value)}
                />
              </Form.Item>
            ))}
          {card.material.length > 0 && (
            <Form.Item label={t('pb_material')}>
              {card.material.map((one) => (
                <Tag key={one.zh}>{said(one)}</Tag>
              ))}
            </Form.Item>
          )}
        </Form>
        <div className="stack">
          <strong>{t('pb_words')}</strong>
          <span className="muted">
            {t('pb_variables', { names: names.map((n) => `{{ ${n} }}`).join(' ') })}
          </span>
          {card.acts.map((act) => (
            <ActField key={act.key} act={act} placed={placed} catalogue={props.catalogue} change={change} />
          ))}
        </div>
      </div>
    </Card>
  )
}

function WhenField({ when, change }: { when: When; change: (when: When) => void }) {
  const { t, language } = useWords()
  const names =
    language === 'zh' ? ['一', '二', '三', '四', '五', '六', '日'] : ['M', 'T', 'W', 'T', 'F', 'S', 'S']
  const to = (kind: When['when']) => {
    if (kind === 'day') change({ when: 'day', day: 1 })
    else if (kind === 'week') change({ when: 'week', weekdays: [1] })
    else change({ when: 'date', on: dayjs().add(1, 'day').format('YYYY-MM-DD') })
  }
  return (
    <div className="stack" style={{ gap: 8 }}>
      <Segmented
        value={when.when}
        onChange={to}
        options={(['day', 'week', 'date'] as const).map((kind) => ({
          value: kind,
          label: t(`pb_when_${kind}`),
        }))}
      />
      {when.when === 'day' && (
        <InputNumber
          min={1}
          max={366}
          value={when.day}
          onChange={(day) => change({ when: 'day', day: day ?? 1 })}
        />
      )}
      {when.when === 'date' && (
        <DatePicker
          value={dayjs(when.on)}
          allowClear={false}
          onChange={(at) => at && change({ when: 'date', on: at.format('YYYY-MM-DD') })}
        />
      )}
      {when.when === 'week' && (
        <>
          <Checkbox.Group
            value={when.weekdays}
            onChange={(weekdays) =>
              weekdays.length && change({ ...when, weekdays: weekdays.map(Number).sort() })
            }
            options={names.map((label, n) => ({ value: n + 1, label }))}
          />
          <Space>
            <InputNumber
              min={1}
              max={366}
              prefix={t('pb_from_day')}
              value={when.from_day ?? 1}
              onChange={(day) => change({ ...when, from_day: day ?? 1 })}
            />
            <InputNumber
              min={1}
              max={366}
              prefix={t('pb_until_day')}
              value={when.until_day ?? null}
              onChange={(day) => change({ ...when, until_day: day })}
            />
          </Space>
        </>
      )}
    </div>
  )
}

function Setting(props: { field: Field; label: string; value: unknown; change: (value: unknown) => void }) {
  const { field, label, value, change } = props
  const { maybe } = useWords()
  switch (field.widget) {
    case 'number':
      return (
        <InputNumber
          aria-label={label}
          {...(field.minimum === undefined ? {} : { min: field.minimum })}
          {...(field.maximum === undefined ? {} : { max: field.maximum })}
          value={value as number}
          onChange={(n) => change(n ?? field.minimum ?? 0)}
        />
      )
    case 'money':
      return (
        <InputNumber
          aria-label={label}
          prefix="¥"
          precision={2}
          min={(field.minimum ?? 0) / 100}
          max={(field.maximum ?? 1e9) / 100}
          value={(value as number) / 100}
          onChange={(yuan) => change(Math.round((yuan ?? 0) * 100))}
        />
      )
    case 'lines':
      return (
        <Input.TextArea
          aria-label={label}
          autoSize={{ minRows: 2, maxRows: 8 }}
          value={((value as string[] | undefined) ?? []).join('\n')}
          onChange={(e) => change(e.target.value.split('\n'))}
        />
      )
    case 'choice':
      return (
        <Select
          aria-label={label}
          value={value as string}
          onChange={change}
          options={(field.enum ?? []).map((one) => ({ value: one, label: maybe(`pb_how_${one}`, one) }))}
        />
      )
    case 'text':
      return (
        <Input.TextArea
          aria-label={label}
          autoSize={{ minRows: 2, maxRows: 8 }}
          maxLength={field.maxLength ?? 1200}
          value={value as string}
          onChange={(e) => change(e.target.value)}
        />
      )
    default:
      return (
        <Input
          aria-label={label}
          maxLength={field.maxLength ?? 200}
          value={value as string}
          onChange={(e) => change(e.target.value)}
        />
      )
  }
}

/** One thing that is done: in whose voice, as a task or a message, with which words. */
function ActField(props: { act: Act; placed: Placed; catalogue: Catalogue; change: (next: Placed) => void }) {
  const { t, said, language } = useWords()
  const { act, placed, change } = props
  const variants = placed.words?.[act.key] ?? act.say
  const write = (next: string[]) => change({ ...placed, words: { ...placed.words, [act.key]: next } })
  const after = act.after_minutes
  return (
    <Card
      size="small"
      title={said(act)}
      extra={
        <span className="muted num">
          {after === 0
            ? t('pb_on_time')
            : t(after > 0 ? 'pb_minutes_after' : 'pb_minutes_before', { n: Math.abs(after) })}
        </span>
      }
    >
      <div className="stack" style={{ gap: 8 }}>
        <Space wrap>
          <Select
            size="small"
            style={{ minWidth: 110 }}
            aria-label={t('ta_role')}
            value={placed.personas?.[act.key] ?? act.persona}
            onChange={(persona) =>
              change({ ...placed, personas: { ...placed.personas, [act.key]: persona } })
            }
            options={props.catalogue.personas.map((one) => ({ value: one.key, label: one[language] }))}
          />
          <Segmented
            size="small"
            value={placed.how?.[act.key] ?? act.how}
            onChange={(how) => change({ ...placed, how: { ...placed.how, [act.key]: how } })}
            options={(['task', 'message'] as const).map((how) => ({ value: how, label: t(`pb_how_${how}`) }))}
          />
        </Space>
        {act.detail && <span className="muted">{act.detail}</span>}
        {variants.map((words, n) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: variants are told apart by their place alone
            key={`${act.key}${n}${variants.length}`}
            className="row"
            style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}
          >
            <Input.TextArea
              aria-label={t('pb_variant', { n: n + 1 })}
              autoSize={{ minRows: 2, maxRows: 10 }}
              maxLength={1200}
              value={words}
              onChange={(e) => write(variants.map((one, at) => (at === n ? e.target.value : one)))}
            />
            <Button
              type="text"
              size="small"
              icon={<DeleteOutlined />}
              aria-label={`${t('pb_remove')} ${t('pb_variant', { n: n + 1 })}`}
              onClick={() => write(variants.filter((_, at) => at !== n))}
            />
          </div>
        ))}
        <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => write([...variants, ''])}>
          {t('pb_variant_add')}
        </Button>
      </div>
    </Card>
  )
}
