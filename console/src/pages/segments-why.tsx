/** Why somebody is in a segment or not: every part of the rule, what it stands on, and when time alone may change it. */

import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Drawer, Tag, theme } from 'antd'
import { Link } from 'react-router'
import { post } from '../api'
import { Waiting } from '../app'
import { calledAs } from '../called'
import { useCatalogue, useWriting } from '../here'
import { Failed } from '../parts/lists'
import { useWords } from '../words'
import type { Evidence, Rule, Why } from './segment-types'

export function WhyDrawer(props: {
  rule: Rule
  segment: string | undefined
  person: number | null
  close: () => void
}) {
  const words = useWords()
  const page = useQuery({
    queryKey: ['segment-why', props.rule, props.person],
    queryFn: () =>
      post<Why>('/api/segments/why', {
        rule: props.rule,
        person: props.person,
        segment_id: props.segment ?? null,
      }),
    enabled: props.person !== null,
  })
  const told = page.data
  const title = told && words.t(told.in ? 'sg_why_in' : 'sg_why_out', { name: calledAs(told.name, words) })
  return (
    <Drawer
      open={props.person !== null}
      onClose={props.close}
      size={520}
      title={title ?? words.t('sg_look_up')}
    >
      {page.error ? (
        <Failed error={page.error} retry={() => void page.refetch()} />
      ) : told ? (
        <Reasons why={told} />
      ) : (
        <Waiting />
      )}
    </Drawer>
  )
}

function Reasons({ why }: { why: Why }) {
  const words = useWords()
  const write = useWriting()
  const { token } = theme.useToken()
  return (
    <div className="stack">
      {!why.counts && <Alert type="info" title={words.t('sg_not_counted')} />}
      <Link to={`/people/${why.person}`}>{words.t('sg_open_person')}</Link>
      {why.reasons.map((one) => {
        const depth = one.place.split('.').length - 1
        return (
          <div key={one.place} style={{ marginInlineStart: depth * 18 }}>
            <div className="row" style={{ flexWrap: 'nowrap', alignItems: 'start' }}>
              {one.holds ? (
                <CheckCircleFilled
                  style={{ color: token.colorSuccess, marginTop: 4 }}
                  aria-label={words.t('sg_met')}
                />
              ) : (
                <CloseCircleFilled
                  style={{ color: token.colorTextTertiary, marginTop: 4 }}
                  aria-label={words.t('sg_unmet')}
                />
              )}
              <strong>{words.said(one)}</strong>
            </div>
            <div className="muted num">
              {one.until ? words.t('sg_until', { at: write.moment(one.until) }) : words.t('sg_until_never')}
            </div>
            {one.evidence.length > 0 && (
              <ul style={{ margin: '4px 0 0', paddingInlineStart: 20 }} aria-label={words.t('sg_evidence')}>
                {one.evidence.map((some, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: what it stands on has no other name than its place
                  <li key={n}>
                    <EvidenceLine one={some} />
                  </li>
                ))}
              </ul>
            )}
          </div>
        )
      })}
    </div>
  )
}

function EvidenceLine({ one }: { one: Evidence }) {
  const { t } = useWords()
  const write = useWriting()
  const names = useCatalogue()
  if (one.fact) {
    const more = Object.entries(one.body ?? {})
      .filter(
        ([key, value]) =>
          ['name', 'tag', 'amount_fen', 'purpose', 'page', 'campaign', 'state'].includes(key) && value,
      )
      .map(([key, value]) => (key === 'amount_fen' ? String(Number(value) / 100) : String(value)))
    return (
      <span className="num">
        {write.moment(one.at)} {names.kindName(one.fact)}{' '}
        {more.map((text) => (
          <Tag key={text}>{text}</Tag>
        ))}
      </span>
    )
  }
  if (one.stay !== undefined) {
    return (
      <span className="num">
        {one.name} {write.moment(one.at)} – {one.left ? write.moment(one.left) : ''}
      </span>
    )
  }
  if (one.metric) {
    const value =
      typeof one.value === 'number' ? Number(one.value.toFixed(3)) : (one.value ?? t('sg_no_evidence'))
    return <span className="num">{`${names.metricName('person', one.metric)}: ${value}`}</span>
  }
  if (one.attribute) return <span>{`${one.attribute}: ${String(one.value)}`}</span>
  return <span className="num">{one.share ?? one.audience}</span>
}
