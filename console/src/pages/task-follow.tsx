/** Complaints and findings that are handed to somebody and followed until they are closed. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Form, Input, List, Modal, Select, Tag } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { useCatalogue, useWriting } from '../here'
import { Failed } from '../parts/lists'
import type { Finding } from '../types'
import { useWords } from '../words'
import type { Told } from './talk-types'
import type { Board } from './task-types'

interface About {
  title: string
  detail: string
  kind: string
  group?: number | undefined
  person?: number | undefined
  finding?: string
  message?: string
}

export function Follow({ board }: { board: Board }) {
  const { t, said, language } = useWords()
  const write = useWriting()
  const names = useCatalogue()
  const [about, setAbout] = useState<About | null>(null)
  const complaints = useQuery({
    queryKey: ['tasks', 'complaints'],
    queryFn: async () => {
      const some = await Promise.all(
        ['sure', 'unsure'].map((pick) =>
          get<{ items: Told[] }>('/api/talk/examples', { talk: 'complaint', pick }),
        ),
      )
      return { items: some.flatMap((one) => one.items) }
    },
  })
  const findings = useQuery({
    queryKey: ['tasks', 'findings'],
    queryFn: () => get<{ items: Finding[] }>('/api/findings'),
  })
  const failed = complaints.error ?? findings.error
  if (failed) return <Failed error={failed} />
  if (!complaints.data || !findings.data) return <Waiting />
  return (
    <div className="stack">
      <span className="muted">{t('ta_follow_hint')}</span>
      <div className="grid halves">
        <Card title={t('ta_complaints')} styles={{ body: { padding: 0 } }}>
          <List
            size="small"
            pagination={{ pageSize: 12, size: 'small', showSizeChanger: false }}
            dataSource={complaints.data.items}
            renderItem={(one) => (
              <List.Item
                actions={[
                  <Button
                    key="give"
                    size="small"
                    onClick={() =>
                      setAbout({
                        title: t('ta_complaint_of'),
                        detail: one.text,
                        kind: 'service',
                        group: one.group,
                        person: one.person ?? undefined,
                        message: one.source_id,
                      })
                    }
                  >
                    {t('ta_give')}
                  </Button>,
                ]}
              >
                <div className="wrap">
                  {one.text}
                  <div className="muted">
                    {one.name} · {one.group_name} ·{' '}
                    <span className="num">{write.moment(one.happened_at)}</span>
                  </div>
                </div>
              </List.Item>
            )}
          />
        </Card>
        <Card title={t('ta_findings')} styles={{ body: { padding: 0 } }}>
          <List
            size="small"
            pagination={{ pageSize: 12, size: 'small', showSizeChanger: false }}
            dataSource={findings.data.items}
            renderItem={(one) => (
              <List.Item
                actions={[
                  <Button
                    key="give"
                    size="small"
                    onClick={() =>
                      setAbout({
                        title: names.detectorName(one.detector),
                        detail: [
                          ...one.evidence.map(said),
                          language === 'zh' ? one.todo_zh : one.todo_en,
                        ].join('\n'),
                        kind: 'marketing',
                        finding: one.key,
                        group: one.entity === 'group' ? one.entity_id : undefined,
                        person: one.entity === 'person' ? one.entity_id : undefined,
                      })
                    }
                  >
                    {t('ta_give')}
                  </Button>,
                ]}
              >
                <div>
                  <Tag>{names.detectorName(one.detector)}</Tag>
                  {one.entity === 'source' ? (
                    one.name
                  ) : (
                    <Link to={`/${one.entity === 'group' ? 'groups' : 'people'}/${one.entity_id}`}>
                      {one.name}
                    </Link>
                  )}
                </div>
              </List.Item>
            )}
          />
        </Card>
      </div>
      {about && <Give about={about} board={board} close={() => setAbout(null)} />}
    </div>
  )
}

function Give({ about, board, close }: { about: About; board: Board; close: () => void }) {
  const words = useWords()
  const { t, problem } = words
  const { message } = App.useApp()
  const [title, setTitle] = useState(about.title)
  const [detail, setDetail] = useState(about.detail.slice(0, 2000))
  const [kind, setKind] = useState(about.kind)
  const [staff, setStaff] = useState<string | null>(board.me)
  const give = useMutation({
    mutationFn: () => post<{ new: boolean }>('/api/tasks', { ...about, title, detail, kind, staff }),
    onSuccess: (answer) => {
      message.success(t(answer.new ? 'ta_given' : 'ta_given_before'))
      void queries.invalidateQueries({ queryKey: ['tasks'] })
      close()
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Modal
      open
      title={t('ta_give')}
      okText={t('ta_hand')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !title.trim(), loading: give.isPending }}
      onOk={() => give.mutate()}
      onCancel={close}
    >
      <Form layout="vertical">
        <Form.Item label={t('ta_title_field')}>
          <Input value={title} maxLength={200} onChange={(e) => setTitle(e.target.value)} />
        </Form.Item>
        <Form.Item label={t('ta_detail')}>
          <Input.TextArea
            rows={4}
            value={detail}
            maxLength={2000}
            onChange={(e) => setDetail(e.target.value)}
          />
        </Form.Item>
        <Form.Item label={t('ta_staff')}>
          <Select
            allowClear
            placeholder={t('pb_owner')}
            value={staff}
            onChange={(value) => setStaff(value ?? null)}
            options={board.staff.filter((s) => !s.gone).map((s) => ({ value: s.userid, label: s.name }))}
          />
        </Form.Item>
        <Form.Item label={t('ta_kind')}>
          <Select
            value={kind}
            onChange={setKind}
            options={board.kinds.map((k) => ({ value: k.key, label: k[words.language] }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  )
}
