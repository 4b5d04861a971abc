/** One segment: its rule in sentences, counted while it is being changed, with some of its people beside it. */

import { DownloadOutlined, SaveOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, Col, Input, Row, Statistic, Table } from 'antd'
import { useEffect, useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { get, Problem, post, put, queries } from '../api'
import { Waiting } from '../app'
import { whole } from '../format'
import { useAddress, useWriting } from '../here'
import { Failed, More } from '../parts/lists'
import { Head } from '../parts/page'
import { PersonSearch } from '../parts/person-search'
import { Called } from '../parts/tags'
import { useWords } from '../words'
import {
  asGroup,
  type Preview,
  type Rule,
  type Segment,
  type SegmentCatalogue,
  unfinished,
} from './segment-types'
import { RulePart } from './segments-rule'
import { WhyDrawer } from './segments-why'

export const useSegmentCatalogue = () =>
  useQuery({
    queryKey: ['catalogue', 'segments'],
    queryFn: () => get<SegmentCatalogue>('/api/segments/catalogue'),
    staleTime: Number.POSITIVE_INFINITY,
  })

export function SegmentPage() {
  const { id = 'new' } = useParams()
  const { t } = useWords()
  const at = useAddress()
  const isNew = id === 'new'
  const from = isNew ? at.get('from') : id
  const catalogue = useSegmentCatalogue()
  const page = useQuery({
    queryKey: ['segment', from],
    queryFn: () => get<Segment>(`/api/segments/${from}`),
    enabled: from !== undefined,
  })
  const error = catalogue.error ?? page.error
  if (error) return <Failed error={error} retry={() => void page.refetch()} />
  if (!catalogue.data || (from !== undefined && !page.data)) return <Waiting />
  const starter = catalogue.data.starters.find((one) => one.key === at.get('starter'))
  return (
    <Builder
      key={`${id}-${from}-${page.data?.version}`}
      catalogue={catalogue.data}
      segment={isNew ? undefined : page.data}
      rule={asGroup(page.data?.rule ?? starter?.rule ?? { kind: 'all', rules: [] })}
      starter={starter}
      called={isNew && page.data ? t('sg_copy_of', { name: page.data.name }) : (page.data?.name ?? '')}
    />
  )
}

function Builder(props: {
  catalogue: SegmentCatalogue
  segment: Segment | undefined
  rule: Rule
  starter: SegmentCatalogue['starters'][number] | undefined
  called: string
}) {
  const words = useWords()
  const { t } = words
  const { message } = App.useApp()
  const navigate = useNavigate()
  const { segment } = props
  const [rule, setRule] = useState<Rule>(props.rule)
  const [name, setName] = useState(props.called || (props.starter ? words.said(props.starter) : ''))
  const [note, setNote] = useState(segment?.note ?? '')
  const [person, setPerson] = useState<number | null>(null)
  const asked = useSettled(rule, 350)
  const preview = useQuery({
    queryKey: ['segment-preview', asked],
    queryFn: () =>
      post<Preview>('/api/segments/preview', { rule: asked, segment_id: segment?.segment_id ?? null }),
    enabled: !unfinished(asked),
    placeholderData: (before) => before,
    retry: false,
  })
  const wrong =
    preview.error instanceof Problem && preview.error.code === 'bad_rule'
      ? { place: String(preview.error.facts.place), why: String(preview.error.facts.why) }
      : undefined
  const save = useMutation({
    mutationFn: () =>
      segment
        ? put<Segment>(`/api/segments/${segment.segment_id}`, { version: segment.version, name, note, rule })
        : post<Segment>('/api/segments', { name, note, rule }),
    onSuccess: (saved) => {
      message.success(t('sg_saved'))
      void queries.invalidateQueries({ queryKey: ['segments'] })
      queries.setQueryData(['segment', saved.segment_id], saved)
      if (!segment) navigate(`/segments/${saved.segment_id}`, { replace: true })
    },
  })
  const conflict = save.error instanceof Problem && save.error.code === 'segment_changed'
  return (
    <>
      <Head
        title={segment ? t('sg_edit') : t('sg_new')}
        hint={props.starter && words.said(props.starter.why)}
      >
        {segment && (
          <Button
            icon={<DownloadOutlined />}
            href={`/api/segments/${segment.segment_id}/members.csv`}
            download
          >
            {t('csv')}
          </Button>
        )}
        <Button
          type="primary"
          icon={<SaveOutlined />}
          loading={save.isPending}
          disabled={unfinished(rule) || wrong !== undefined}
          onClick={() => (name.trim() ? save.mutate() : message.warning(t('sg_name_missing')))}
        >
          {t('sg_save')}
        </Button>
      </Head>
      <div className="stack">
        {save.error && (
          <Alert
            type="error"
            showIcon
            title={words.problem(save.error)}
            action={
              conflict && (
                <Button
                  size="small"
                  onClick={() => void queries.invalidateQueries({ queryKey: ['segment'] })}
                >
                  {t('sg_reload')}
                </Button>
              )
            }
          />
        )}
        <div className="row">
          <Input
            value={name}
            maxLength={200}
            placeholder={t('sg_name')}
            aria-label={t('sg_name')}
            style={{ maxWidth: 320 }}
            onChange={(event) => setName(event.target.value)}
          />
          <Input
            value={note}
            maxLength={1000}
            placeholder={t('sg_note')}
            aria-label={t('sg_note')}
            style={{ maxWidth: 420 }}
            onChange={(event) => setNote(event.target.value)}
          />
        </div>
        <Row gutter={[16, 16]}>
          <Col xs={24} lg={16}>
            <RulePart
              rule={rule}
              place="$"
              depth={1}
              preview={preview.data}
              wrong={wrong}
              catalogue={props.catalogue}
              onChange={setRule}
            />
          </Col>
          <Col xs={24} lg={8}>
            <div className="stack">
              <Card>
                {preview.error && !wrong ? (
                  <Failed error={preview.error} retry={() => void preview.refetch()} />
                ) : (
                  <Total preview={preview.data} asking={preview.isFetching} />
                )}
              </Card>
              <Card
                size="small"
                title={t('sg_sample')}
                extra={<span className="muted">{t('sg_sample_hint')}</span>}
              >
                <div className="row" aria-live="polite">
                  {preview.data?.sample.map((one) => (
                    <Button key={one.person} size="small" type="link" onClick={() => setPerson(one.person)}>
                      <Called name={one.name} />
                    </Button>
                  ))}
                </div>
                <div style={{ marginTop: 8 }}>
                  <PersonSearch label={t('sg_look_up')} choose={setPerson} />
                </div>
              </Card>
            </div>
          </Col>
        </Row>
        {segment && <Members segment={segment} choose={setPerson} />}
      </div>
      <WhyDrawer rule={rule} segment={segment?.segment_id} person={person} close={() => setPerson(null)} />
    </>
  )
}

/** A value once it has not changed for a while. */
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const waiting = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(waiting)
  }, [value, milliseconds])
  return settled
}

function Total({ preview, asking }: { preview: Preview | undefined; asking: boolean }) {
  const { t } = useWords()
  const write = useWriting()
  if (!preview) return <span className="muted">{asking ? t('sg_counting') : t('sg_empty_group')}</span>
  const everyone = preview.size === preview.everybody && preview.size > 0
  return (
    <div className="stack" aria-live="polite" aria-busy={asking}>
      <Statistic
        title={t('sg_whole')}
        value={preview.size}
        suffix={
          <span className="muted" style={{ fontSize: 14 }}>
            {t('sg_of_all', { n: whole(preview.everybody) })}
          </span>
        }
      />
      {preview.size === 0 && <Alert type="warning" title={t('sg_nobody')} />}
      {everyone && <Alert type="warning" title={t('sg_everybody')} />}
      <span className="muted num">
        {asking
          ? t('sg_counting')
          : t('sg_live', { n: preview.seconds.toFixed(2), at: write.moment(preview.taken_at) })}
      </span>
    </div>
  )
}

interface MemberRow {
  person: number
  name: string
  entered_at: string
}

function Members({ segment, choose }: { segment: Segment; choose: (person: number) => void }) {
  const words = useWords()
  const { t } = words
  const write = useWriting()
  const { message } = App.useApp()
  const page = useInfiniteQuery({
    queryKey: ['segment-members', segment.segment_id],
    queryFn: ({ pageParam }) =>
      get<{ items: MemberRow[]; next: string | null }>(`/api/segments/${segment.segment_id}/members`, {
        after: pageParam,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: 5_000,
  })
  const rows = page.data?.pages.flatMap((one) => one.items) ?? []
  const freeze = useMutation({
    mutationFn: () =>
      post<{ size: number }>('/api/audiences', { name: segment.name, segment_id: segment.segment_id }),
    onSuccess: (made) => message.success(t('sg_frozen', { n: whole(made.size) })),
    onError: (error) => message.error(words.problem(error)),
  })
  return (
    <Card
      size="small"
      title={t('sg_members')}
      extra={
        <Button size="small" loading={freeze.isPending} onClick={() => freeze.mutate()}>
          {t('sg_freeze')}
        </Button>
      }
      styles={{ body: { padding: 0 } }}
    >
      <Table
        size="small"
        rowKey={(row) => row.person}
        pagination={false}
        loading={page.isLoading}
        dataSource={rows}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: segment.fresh ? t('sg_nobody') : t('sg_building') }}
        columns={[
          {
            title: t('sg_name'),
            render: (_, row) => (
              <Button type="link" size="small" onClick={() => choose(row.person)}>
                <Called name={row.name} />
              </Button>
            ),
          },
          {
            title: t('sg_entered'),
            align: 'right',
            render: (_, row) => <span className="num">{write.moment(row.entered_at)}</span>,
          },
        ]}
      />
      <div style={{ padding: 10 }}>
        <More page={page} shown={rows.length} total={segment.size} />
      </div>
    </Card>
  )
}
