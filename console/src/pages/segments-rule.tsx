/** A rule as sentences in nested groups: each shows how many it holds, opens to change its values, and can be turned round. */
import { DeleteOutlined, PlusOutlined, SwapOutlined } from '@ant-design/icons'
import { Button, Card, Dropdown, Select, Tag, Tooltip, theme } from 'antd'
import { useState } from 'react'
import { whole } from '../format'
import { useWords } from '../words'
import {
  begun,
  type Condition,
  type Group,
  isGroup,
  isOpposite,
  opposite,
  type Preview,
  type Rule,
  type SegmentCatalogue,
} from './segment-types'
import { Values } from './segments-condition'

const MOST_DEEP = 5
const FAMILIES: [string, string[]][] = [
  ['sg_group_1', ['did', 'did_not', 'did_money', 'first_did', 'last_did', 'sequence', 'bought', 'touched']],
  ['sg_group_2', ['in_group', 'contact', 'came_from', 'in_segment', 'in_audience']],
  ['sg_group_3', ['tagged', 'attribute', 'on_date', 'on_rung', 'has_role', 'rfm', 'number', 'consent']],
  ['sg_group_4', ['random_share']],
]

export interface Counted {
  preview: Preview | undefined
  /** Where the server found something wrong, and what. */
  wrong: { place: string; why: string } | undefined
  catalogue: SegmentCatalogue
}

interface Part extends Counted {
  rule: Rule
  place: string
  depth: number
  onChange: (rule: Rule) => void
  onRemove?: () => void
}

export function RulePart(props: Part) {
  const { rule } = props
  if (isOpposite(rule)) {
    return (
      <Inner
        {...props}
        rule={rule.rule}
        place={`${props.place}.rule`}
        turned
        onChange={(inner) => props.onChange({ kind: 'not', rule: inner })}
        turn={() => props.onChange(rule.rule)}
        outer={props.place}
      />
    )
  }
  return <Inner {...props} turned={false} turn={() => props.onChange(opposite(rule))} outer={props.place} />
}

interface InnerPart extends Part {
  turned: boolean
  turn: () => void
  /** Where the part is together with what turns it round. */
  outer: string
}

function Inner(props: InnerPart) {
  if (isGroup(props.rule)) return <GroupPart {...props} rule={props.rule} />
  if (isOpposite(props.rule)) return <RulePart {...props} />
  return <ConditionPart {...props} rule={props.rule} />
}

function GroupPart(props: InnerPart & { rule: Group }) {
  const { t } = useWords()
  const { rule, place, preview } = props
  const at = (n: number) => `${place}.rules[${n}]`
  const put = (rules: Rule[]) => props.onChange({ kind: rule.kind, rules })
  return (
    <Card
      size="small"
      type={props.depth > 1 ? 'inner' : undefined}
      title={
        <span className="row">
          {props.turned && <Tag color="red">{t('sg_not')}</Tag>}
          <Select
            value={rule.kind}
            size="small"
            aria-label={t('sg_rule')}
            popupMatchSelectWidth={false}
            onChange={(kind: Group['kind']) => props.onChange({ ...rule, kind })}
            options={[
              { value: 'all', label: t('sg_all') },
              { value: 'any', label: t('sg_any') },
            ]}
          />
          <Count n={preview?.counts[props.outer]} />
        </span>
      }
      extra={props.onRemove && <PartTools turn={props.turn} remove={props.onRemove} turned={props.turned} />}
    >
      <div className="stack" style={{ gap: 10 }}>
        {rule.rules.length === 0 && <span className="muted">{t('sg_empty_group')}</span>}
        {rule.rules.map((one, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part of a rule is known by its place alone
          <div key={n}>
            {n > 0 && (
              <div className="muted" style={{ padding: '0 0 6px 4px' }}>
                {t(rule.kind === 'all' ? 'sg_all_word' : 'sg_any_word')}
              </div>
            )}
            <RulePart
              preview={preview}
              wrong={props.wrong}
              catalogue={props.catalogue}
              rule={one}
              place={at(n)}
              depth={props.depth + 1}
              onChange={(changed) => put(rule.rules.map((other, m) => (m === n ? changed : other)))}
              onRemove={() => put(rule.rules.filter((_, m) => m !== n))}
            />
            {place === '$' &&
              rule.kind === 'all' &&
              rule.rules.length > 1 &&
              preview?.steps[at(n)] !== undefined && (
                <div className="muted num" style={{ textAlign: 'end', paddingTop: 4 }}>
                  {t('sg_step', { n: whole(preview.steps[at(n)] ?? 0) })}
                </div>
              )}
          </div>
        ))}
        <Add
          catalogue={props.catalogue}
          deeper={props.depth < MOST_DEEP}
          add={(more) => put([...rule.rules, more])}
        />
      </div>
    </Card>
  )
}

function ConditionPart(props: InnerPart & { rule: Condition }) {
  const words = useWords()
  const { token } = theme.useToken()
  const kind = props.catalogue.kinds.find((one) => one.kind === props.rule.kind)
  const wrong = props.wrong?.place.startsWith(props.place) ? props.wrong.why : undefined
  const [open, setOpen] = useState(props.preview?.sentences[props.place] === undefined)
  const told = props.preview?.sentences[props.place]
  if (!kind) return <Tag color="error">{props.rule.kind}</Tag>
  return (
    <div
      style={{
        border: `1px solid ${wrong ? token.colorErrorBorder : token.colorBorderSecondary}`,
        borderRadius: 8,
        padding: '6px 10px',
      }}
    >
      <div className="between" style={{ flexWrap: 'nowrap' }}>
        <button
          type="button"
          className="plain"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          style={{ all: 'unset', cursor: 'pointer', flex: 1, outline: 'revert' }}
        >
          {props.turned && <Tag color="red">{words.t('sg_not')}</Tag>}
          {told ? words.said(told) : words.said(kind)}
        </button>
        <span className="row" style={{ flexWrap: 'nowrap' }}>
          <Count n={props.preview?.counts[props.outer]} />
          {props.onRemove && <PartTools turn={props.turn} remove={props.onRemove} turned={props.turned} />}
        </span>
      </div>
      {wrong && <div style={{ color: token.colorError }}>{wrong}</div>}
      {open && (
        <div style={{ paddingTop: 8 }}>
          <Values kind={kind} condition={props.rule} catalogue={props.catalogue} onChange={props.onChange} />
        </div>
      )}
    </div>
  )
}

function Count({ n }: { n: number | undefined }) {
  const { t } = useWords()
  if (n === undefined) return null
  return <Tag className="num">{t('sg_here', { n: whole(n) })}</Tag>
}

function PartTools({ turn, remove, turned }: { turn: () => void; remove: () => void; turned: boolean }) {
  const { t } = useWords()
  return (
    <span className="row" style={{ gap: 0, flexWrap: 'nowrap' }}>
      <Tooltip title={t('sg_not_hint')}>
        <Button
          type="text"
          size="small"
          danger={turned}
          icon={<SwapOutlined />}
          aria-pressed={turned}
          aria-label={t('sg_not')}
          onClick={turn}
        />
      </Tooltip>
      <Button
        type="text"
        size="small"
        icon={<DeleteOutlined />}
        aria-label={t('sg_remove')}
        onClick={remove}
      />
    </span>
  )
}

function Add(props: { catalogue: SegmentCatalogue; deeper: boolean; add: (rule: Rule) => void }) {
  const words = useWords()
  const kinds = new Map(props.catalogue.kinds.map((kind) => [kind.kind, kind]))
  const known = new Set(FAMILIES.flatMap(([, some]) => some))
  const rest = props.catalogue.kinds.filter((kind) => !known.has(kind.kind)).map((kind) => kind.kind)
  const families = FAMILIES.map(
    ([title, some], n) => [title, n === FAMILIES.length - 1 ? [...some, ...rest] : some] as const,
  )
  return (
    <span className="row">
      <Dropdown
        trigger={['click']}
        menu={{
          style: { maxHeight: 420, overflow: 'auto' },
          onClick: ({ key }) => {
            const kind = kinds.get(key)
            if (kind) props.add(begun(kind))
          },
          items: families.map(([title, some]) => ({
            type: 'group',
            key: title,
            label: words.maybe(title, title),
            children: some
              .map((key) => kinds.get(key))
              .filter((kind) => kind !== undefined)
              .map((kind) => ({ key: kind.kind, label: words.said(kind) })),
          })),
        }}
      >
        <Button size="small" icon={<PlusOutlined />}>
          {words.t('sg_add')}
        </Button>
      </Dropdown>
      {props.deeper && (
        <Button size="small" type="text" onClick={() => props.add({ kind: 'any', rules: [] })}>
          {words.t('sg_add_group')}
        </Button>
      )}
    </span>
  )
}
