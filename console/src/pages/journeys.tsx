/** Journeys: what runs, who is inside, and what came of it beside those held out. */
import { PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Empty, Modal, Table, Tag } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { get, post } from '../api'
import { Waiting } from '../app'
import { DASH, whole } from '../format'
import { useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { useWords } from '../words'
import { type Kinds, type Listed, share, type Whole } from './journey-types'
import '../journeys.css'

const COLOURS = { draft: 'default', live: 'green', paused: 'orange', stopped: 'red' }

export function JourneysPage() {
  const { t, said } = useWords()
  const [making, setMaking] = useState(false)
  const page = useQuery({
    queryKey: ['journeys'],
    queryFn: () => get<{ items: Listed[] }>('/api/journeys'),
    refetchInterval: 10_000,
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { items } = page.data
  return (
    <>
      <Head title={t('jo_title')} hint={t('jo_hint')}>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
          {t('jo_new')}
        </Button>
      </Head>
      {items.length === 0 ? (
        <Card>
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('jo_none')} />
          <Templates />
        </Card>
      ) : (
        <Card styles={{ body: { padding: 0 } }}>
          <Table
            rowKey="journey"
            dataSource={items}
            pagination={false}
            scroll={{ x: 'max-content' }}
            columns={[
              {
                title: t('jo_name'),
                render: (_, row) => (
                  <>
                    <Link to={`/journeys/${row.journey}`}>{row.name}</Link>
                    <div className="muted">{row.triggers.map(said).join(' · ')}</div>
                  </>
                ),
              },
              {
                title: t('jo_state'),
                render: (_, row) => (
                  <>
                    <StateTag state={row.state} />
                    {row.has_draft && row.live > 0 && <Tag>{t('jo_has_draft')}</Tag>}
                  </>
                ),
              },
              ...(['entered', 'inside', 'held_out', 'proposed', 'refused'] as const).map((key) => ({
                title: t(NAMES[key]),
                align: 'right' as const,
                className: 'num',
                render: (_: unknown, row: Listed) => whole(row[key]),
              })),
              {
                title: t('jo_goal'),
                align: 'right',
                render: (_, row) => <Of of={row.goal} />,
              },
              {
                title: t('jo_goal_held'),
                align: 'right',
                render: (_, row) => <Of of={row.goal_held_out} />,
              },
            ]}
          />
          <p className="muted" style={{ margin: 0, padding: '10px 12px' }}>
            {t('jo_definition')}
          </p>
        </Card>
      )}
      <Modal
        open={making}
        title={t('jo_templates')}
        footer={null}
        width={760}
        onCancel={() => setMaking(false)}
      >
        <Templates />
      </Modal>
    </>
  )
}

/** A share with how many it is of: a tenth of ten says less than a tenth of a thousand. */
function Of({ of }: { of: { part: number; whole: number } }) {
  const write = useWriting()
  if (!of.whole) return <span className="muted">{DASH}</span>
  return (
    <span className="num">
      {write.num(share(of))}{' '}
      <span className="muted">
        {whole(of.part)} / {whole(of.whole)}
      </span>
    </span>
  )
}

const NAMES = {
  entered: 'jo_entered',
  inside: 'jo_inside',
  held_out: 'jo_held',
  proposed: 'jo_messages',
  refused: 'jo_refused',
} as const

export function StateTag({ state }: { state: Listed['state'] }) {
  const { t } = useWords()
  return <Tag color={COLOURS[state]}>{t(`jo_state_${state}`)}</Tag>
}

/** One click makes a draft of one of these. */
function Templates() {
  const { t, said, problem, language } = useWords()
  const { message } = App.useApp()
  const go = useNavigate()
  const kinds = useQuery({
    queryKey: ['journey-kinds'],
    queryFn: () => get<Kinds>('/api/journey-kinds'),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const make = useMutation({
    mutationFn: (body: { name: string; template?: string }) =>
      post<Whole>('/api/journeys', { ...body, language }),
    onSuccess: (made) => go(`/journeys/${made.journey}`),
    onError: (error) => message.error(problem(error)),
  })
  return (
    <div style={{ display: 'grid', gap: 12, gridTemplateColumns: 'repeat(auto-fill, minmax(210px, 1fr))' }}>
      {kinds.data?.templates.map((one) => (
        <button
          key={one.key}
          type="button"
          className="jo-card"
          disabled={make.isPending}
          onClick={() => make.mutate({ name: said(one), template: one.key })}
        >
          <b>{said(one)}</b>
          <span className="muted">{said({ zh: one.about_zh, en: one.about_en })}</span>
        </button>
      ))}
      <button
        type="button"
        className="jo-card"
        disabled={make.isPending}
        onClick={() => make.mutate({ name: t('jo_new') })}
      >
        <b>{t('jo_blank')}</b>
      </button>
    </div>
  )
}
