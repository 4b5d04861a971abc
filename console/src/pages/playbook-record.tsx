/** What the blocks of a playbook were measured to do, with intervals, and how often they were done. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Segmented, Table, Tag, Tooltip } from 'antd'
import { useState } from 'react'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { Failed } from '../parts/lists'
import { useWords } from '../words'
import type { Catalogue, Effect, OnePlaybook, RecordAnswer } from './playbook-types'

const GOOD = {
  more: { higher: 'success', lower: 'error' },
  less: { higher: 'error', lower: 'success' },
} as const
const digits = (value: number | null) => (value === null ? '—' : value.toFixed(Math.abs(value) < 10 ? 2 : 1))
const signed = (value: number | null) => (value !== null && value > 0 ? `+${digits(value)}` : digits(value))

export function RecordTab({ book, catalogue }: { book: OnePlaybook; catalogue: Catalogue }) {
  const words = useWords()
  const { t, problem, language } = words
  const { message } = App.useApp()
  const [of, setOf] = useState<'here' | 'everywhere'>('here')
  const record = useQuery({
    queryKey: ['playbooks', book.campaign_id, 'record'],
    queryFn: () => get<RecordAnswer>(`/api/playbooks/${book.campaign_id}/record`),
  })
  const measure = useMutation({
    mutationFn: () => post<{ measured: number }>('/api/playbooks/measure'),
    onSuccess: ({ measured }) => {
      message.success(measured ? t('pb_measured', { n: measured }) : t('pb_unmeasured'))
      void queries.invalidateQueries({ queryKey: ['playbooks', book.campaign_id, 'record'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  if (record.error) return <Failed error={record.error} retry={() => void record.refetch()} />
  if (!record.data) return <Waiting />
  const { blocks, least_groups } = record.data
  return (
    <div className="stack">
      <div className="between">
        <Segmented
          value={of}
          onChange={setOf}
          options={[
            { value: 'here', label: t('pb_here') },
            { value: 'everywhere', label: t('pb_everywhere') },
          ]}
        />
        <Button loading={measure.isPending} onClick={() => measure.mutate()}>
          {t('pb_measure')}
        </Button>
      </div>
      <Card styles={{ body: { padding: 0 } }}>
        <Table
          rowKey="key"
          size="small"
          pagination={false}
          scroll={{ x: 900 }}
          dataSource={blocks}
          columns={[
            { title: t('ta_task'), dataIndex: language, fixed: 'left' },
            {
              title: `${t('pb_done')} / ${t('pb_late')} / ${t('pb_skipped')}`,
              render: (_, row) => (
                <Tooltip
                  title={Object.entries(row.reasons)
                    .map(([why, n]) => `${words.maybe(`reason_${why}`, why)} ${n}`)
                    .join('；')}
                >
                  <span className="num">
                    {row.states.done ?? 0} / {row.states.late ?? 0} / {row.states.skipped ?? 0}
                  </span>
                </Tooltip>
              ),
            },
            ...catalogue.outcomes.map((outcome) => ({
              title: outcome[language],
              render: (_: unknown, row: RecordAnswer['blocks'][number]) => (
                <Told effect={row[of]?.outcomes.find((one) => one.key === outcome.key)} />
              ),
            })),
          ]}
        />
      </Card>
      <span className="muted">{t('pb_record_hint', { n: least_groups })}</span>
    </div>
  )
}

function Told({ effect }: { effect: Effect | undefined }) {
  const { t } = useWords()
  if (!effect || effect.difference === null) return <span className="muted">—</span>
  const told = effect.verdict === 'cannot_tell'
  const tip =
    effect.against === 'own_past'
      ? t('pb_effect_own')
      : t('pb_effect_tip', {
          after: digits(effect.after),
          before: digits(effect.before),
          groups: effect.groups,
          controls: effect.controls,
        })
  return (
    <Tooltip title={`${tip} · ${t('pb_times', { n: effect.times })}`}>
      <div>
        <strong className="num">{signed(effect.difference)}</strong>{' '}
        {effect.low !== null && (
          <span className="muted num">
            [{signed(effect.low)}, {signed(effect.high)}]
          </span>
        )}{' '}
        <Tag {...(effect.verdict === 'cannot_tell' ? {} : { color: GOOD[effect.verdict][effect.better] })}>
          {t(
            told
              ? 'pb_verdict_cannot_tell'
              : effect.verdict === 'more'
                ? 'pb_verdict_more'
                : 'pb_verdict_less',
          )}
        </Tag>
      </div>
    </Tooltip>
  )
}
