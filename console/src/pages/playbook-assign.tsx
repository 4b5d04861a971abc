/** In which groups a playbook begins, with what that would bring beforehand. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Checkbox, Form, Input, Modal, Select, Tag } from 'antd'
import { useState } from 'react'
import { get, post, queries } from '../api'
import { useWords } from '../words'
import type { Catalogue, OnePlaybook, Preview } from './playbook-types'
import { useBoard } from './tasks'

interface Options {
  groups: { group: number; name: string }[]
}

export function Assign({
  book,
  catalogue,
  close,
}: {
  book: OnePlaybook
  catalogue: Catalogue
  close: () => void
}) {
  const { t, problem, language } = useWords()
  const { message } = App.useApp()
  const [groups, setGroups] = useState<number[]>([])
  const [name_has, setNameHas] = useState('')
  const [same_kind, setSameKind] = useState(false)
  const [staff, setStaff] = useState<Record<string, string>>({})
  const board = useBoard()
  const options = useQuery({
    queryKey: ['broadcast-options'],
    queryFn: () => get<Options>('/api/broadcast-options'),
  })
  const body = { groups, name_has, same_kind, staff }
  const some = groups.length > 0 || name_has.trim() !== '' || same_kind
  const preview = useQuery({
    queryKey: ['playbooks', book.campaign_id, 'preview', body],
    queryFn: () => post<Preview>(`/api/playbooks/${book.campaign_id}/assign`, { ...body, preview: true }),
    enabled: some,
    retry: false,
  })
  const begin = useMutation({
    mutationFn: () => post<{ begun: number[] }>(`/api/playbooks/${book.campaign_id}/assign`, body),
    onSuccess: ({ begun }) => {
      message.success(t('pb_begun', { n: begun.length }))
      void queries.invalidateQueries({ queryKey: ['playbooks'] })
      close()
    },
    onError: (error) => message.error(problem(error)),
  })
  const kind = catalogue.group_kinds.find((one) => one.key === book.group_kind)
  const used = new Set(
    book.playbook.blocks.flatMap((placed) => {
      const card = catalogue.blocks.find((one) => one.kind === placed.block.kind)
      return card?.acts.map((act) => placed.personas?.[act.key] ?? act.persona) ?? []
    }),
  )
  const called = (userid: string) =>
    board.data?.staff.find((s) => s.userid === userid)?.name ?? (userid || t('ta_unassigned'))
  const seen = preview.data
  return (
    <Modal
      open
      width={680}
      title={t('pb_assign')}
      okText={t('pb_begin')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !some || !seen?.total, loading: begin.isPending }}
      onOk={() => begin.mutate()}
      onCancel={close}
    >
      <Form layout="vertical">
        <Form.Item label={t('pb_choose_groups')}>
          <Select
            mode="multiple"
            aria-label={t('pb_choose_groups')}
            maxTagCount={6}
            showSearch={{ optionFilterProp: 'label' }}
            loading={options.isLoading}
            value={groups}
            onChange={setGroups}
            options={options.data?.groups.map((one) => ({ value: one.group, label: one.name })) ?? []}
          />
        </Form.Item>
        <div className="row">
          <Input
            style={{ width: 220 }}
            placeholder={t('pb_name_has')}
            aria-label={t('pb_name_has')}
            maxLength={60}
            value={name_has}
            onChange={(e) => setNameHas(e.target.value)}
          />
          {kind && kind.key !== 'custom' && (
            <Checkbox checked={same_kind} onChange={(e) => setSameKind(e.target.checked)}>
              {t('pb_same_kind', { kind: kind[language] })}
            </Checkbox>
          )}
        </div>
        <Form.Item label={t('pb_who_is')} style={{ marginTop: 16 }}>
          <div className="row">
            {catalogue.personas
              .filter((one) => used.has(one.key))
              .map((one) => (
                <Select
                  key={one.key}
                  allowClear
                  style={{ minWidth: 180 }}
                  prefix={<span className="muted">{one[language]}</span>}
                  aria-label={one[language]}
                  placeholder={t('pb_owner')}
                  value={staff[one.key]}
                  onChange={(value?: string) => {
                    const { [one.key]: _, ...rest } = staff
                    setStaff(value ? { ...rest, [one.key]: value } : rest)
                  }}
                  options={
                    board.data?.staff
                      .filter((s) => !s.gone)
                      .map((s) => ({ value: s.userid, label: s.name })) ?? []
                  }
                />
              ))}
          </div>
        </Form.Item>
      </Form>
      {some && preview.error && <Alert type="error" showIcon title={problem(preview.error)} />}
      {some && seen && (
        <div className="stack" style={{ gap: 8 }} data-testid="playbook-preview">
          <strong>{t('pb_preview')}</strong>
          <span>
            {t('pb_preview_is', {
              groups: seen.total,
              blocks: seen.blocks,
              tasks: seen.tasks,
              messages: seen.messages,
            })}
          </span>
          <div className="row">
            <span className="muted">{t('pb_preview_staff')}</span>
            {seen.by_staff.slice(0, 12).map((one) => (
              <Tag key={one.staff} {...(one.staff ? {} : { color: 'warning' })}>
                {called(one.staff)} {one.tasks}
              </Tag>
            ))}
          </div>
          {seen.collisions.length > 0 && (
            <Alert
              type="warning"
              showIcon
              title={t('pb_collisions', { n: seen.collisions.length })}
              description={[...new Set(seen.collisions.map((hit) => hit.name))].slice(0, 8).join('、')}
            />
          )}
          {seen.over.length > 0 && (
            <Alert type="warning" showIcon title={t('pb_over', { n: seen.over.length })} />
          )}
        </div>
      )}
    </Modal>
  )
}
