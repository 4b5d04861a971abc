/** Playbooks: ours, and ready ones for every kind of group. */
import { PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Empty, Progress, Table, Tag } from 'antd'
import { Link, useNavigate } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { useWords } from '../words'
import type { Catalogue, Listed, Playbook, State } from './playbook-types'

export const usePlaybookCatalogue = () =>
  useQuery({
    queryKey: ['catalogue', 'playbooks'],
    queryFn: () => get<Catalogue>('/api/playbooks/catalogue'),
    staleTime: Number.POSITIVE_INFINITY,
  })
const COLOURS: Record<State, string> = {
  draft: 'default',
  running: 'success',
  paused: 'warning',
  stopped: 'default',
}

export function StateTag({ state }: { state: State }) {
  const { t } = useWords()
  return <Tag color={COLOURS[state]}>{t(`pb_state_${state}`)}</Tag>
}

export function PlaybooksPage() {
  const words = useWords()
  const { t, problem, language } = words
  const { message } = App.useApp()
  const navigate = useNavigate()
  const write = useWriting()
  const catalogue = usePlaybookCatalogue()
  const mine = useQuery({
    queryKey: ['playbooks'],
    queryFn: () => get<{ items: Listed[] }>('/api/playbooks'),
    refetchInterval: 20_000,
  })
  const begin = useMutation({
    mutationFn: (body: { ready: string } | { playbook: Playbook }) =>
      post<{ campaign_id: string }>('ready' in body ? '/api/playbooks/from-ready' : '/api/playbooks', body),
    onSuccess: ({ campaign_id }) => {
      void queries.invalidateQueries({ queryKey: ['playbooks'] })
      navigate(`/playbooks/${campaign_id}`)
    },
    onError: (error) => message.error(problem(error)),
  })
  const failed = catalogue.error ?? mine.error
  if (failed) return <Failed error={failed} retry={() => void mine.refetch()} />
  if (!catalogue.data || !mine.data) return <Waiting />
  const kinds = new Map(catalogue.data.group_kinds.map((kind) => [kind.key, kind]))
  const blocks = new Map(catalogue.data.blocks.map((block) => [block.kind, block]))
  return (
    <>
      <Head title={t('pb_title')} hint={t('pb_hint')}>
        <Button
          icon={<PlusOutlined />}
          loading={begin.isPending}
          onClick={() =>
            begin.mutate({ playbook: { name: t('pb_new'), group_kind: 'custom', blocks: [], holdout: 0.05 } })
          }
        >
          {t('pb_new')}
        </Button>
      </Head>
      <div className="stack">
        <Card title={t('pb_mine')} styles={{ body: { padding: 0 } }}>
          <Table<Listed>
            rowKey="campaign_id"
            size="small"
            pagination={false}
            scroll={{ x: 720 }}
            dataSource={mine.data.items}
            locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('pb_none')} /> }}
            columns={[
              {
                title: t('pb_name'),
                render: (_, row) => (
                  <Link to={`/playbooks/${row.campaign_id}`}>
                    {language === 'en' && row.name_en ? row.name_en : row.name}
                  </Link>
                ),
              },
              {
                title: t('pb_kind'),
                render: (_, row) => kinds.get(row.group_kind)?.[language] ?? row.group_kind,
              },
              { title: t('pb_state'), render: (_, row) => <StateTag state={row.state} /> },
              {
                title: t('ta_group'),
                align: 'right',
                render: (_, row) => <span className="num">{row.runs.running ?? 0}</span>,
              },
              { title: t('pb_done'), width: 180, render: (_, row) => <Done blocks={row.blocks} /> },
              {
                title: '',
                render: (_, row) => <span className="muted num">{write.moment(row.changed)}</span>,
              },
            ]}
          />
        </Card>
        <Card title={t('pb_ready')} extra={<span className="muted">{t('pb_ready_hint')}</span>}>
          <div className="grid thirds">
            {catalogue.data.ready.map(({ key, playbook }) => (
              <Card
                key={key}
                size="small"
                title={language === 'en' ? playbook.name_en : playbook.name}
                extra={
                  <Button
                    size="small"
                    type="primary"
                    loading={begin.isPending}
                    onClick={() => begin.mutate({ ready: key })}
                  >
                    {t('pb_use')}
                  </Button>
                }
              >
                <div className="stack" style={{ gap: 8 }}>
                  <div className="row">
                    <Tag>{kinds.get(playbook.group_kind)?.[language]}</Tag>
                    <span className="muted">
                      {playbook.days ? t('pb_days', { n: playbook.days }) : t('pb_endless')} ·{' '}
                      {t('pb_blocks', { n: playbook.blocks.length })}
                    </span>
                  </div>
                  <div>{language === 'en' ? playbook.goal_en : playbook.goal}</div>
                  <div className="row" style={{ gap: 4 }}>
                    {[...new Set(playbook.blocks.map((one) => one.block.kind))].map((kind) => (
                      <Tag key={kind} variant="filled">
                        {blocks.get(kind)?.[language] ?? kind}
                      </Tag>
                    ))}
                  </div>
                </div>
              </Card>
            ))}
          </div>
        </Card>
      </div>
    </>
  )
}

/** Of the blocks that have been opened, how many were done. */
function Done({ blocks }: { blocks: Record<string, number> }) {
  const { done = 0, late = 0, open = 0 } = blocks
  const all = done + late + open
  if (!all) return <span className="muted">—</span>
  return (
    <Progress
      size="small"
      percent={Math.round((done / all) * 100)}
      status={late ? 'exception' : 'normal'}
      format={() => `${done} / ${all}`}
    />
  )
}
