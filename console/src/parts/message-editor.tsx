/** Writing a message: variables to pick, things to attach, what is found in it while it is written, and how it looks on a phone. */
import { DeleteOutlined, PlusOutlined, UploadOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Card, Dropdown, Input, Select, Space, Tag, Tooltip, Upload } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { get, post, queries } from '../api'
import { bytes } from '../format'
import type { Attachment, Checked, Finding, Message, Purpose, Variable } from '../pages/broadcast-types'
import { useWords } from '../words'
import { Phone } from './phone'

const KINDS = ['image', 'link', 'mini_program', 'file', 'video'] as const
const EMPTY: Record<(typeof KINDS)[number], Attachment> = {
  image: { type: 'image', file: '' },
  file: { type: 'file', file: '' },
  video: { type: 'video', file: '' },
  link: { type: 'link', title: '', url: '', description: '', picture_url: '' },
  mini_program: { type: 'mini_program', title: '', appid: '', page: '', cover: '' },
}

export function MessageEditor(props: {
  message: Message
  change: (message: Message) => void
  channel: 'contact' | 'group'
  purpose: Purpose
  variables: Variable[]
  title: string
  but?: string
}) {
  const { t, said } = useWords()
  const { message, change } = props
  const box = useRef<HTMLTextAreaElement | null>(null)
  const checked = useChecked(props)
  const usable = props.variables.filter(
    (one) => one.of === 'both' || one.of === (props.channel === 'group' ? 'group' : 'person'),
  )
  const insert = (variable: Variable) => {
    const written = `{{ ${variable.key} | or_else("${variable.fallback}") }}`
    const at = box.current?.selectionStart ?? message.text.length
    const to = box.current?.selectionEnd ?? at
    change({ ...message, text: message.text.slice(0, at) + written + message.text.slice(to) })
    requestAnimationFrame(() => {
      box.current?.focus()
      box.current?.setSelectionRange(at + written.length, at + written.length)
    })
  }
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 24, alignItems: 'flex-start' }}>
      <div className="stack" style={{ flex: '1 1 380px', minWidth: 0, gap: 12 }}>
        <Input.TextArea
          ref={(made) => {
            box.current = made?.resizableTextArea?.textArea ?? null
          }}
          value={message.text}
          maxLength={8000}
          autoSize={{ minRows: 7, maxRows: 18 }}
          placeholder={t('bc_text_hint')}
          aria-label={t('bc_text')}
          onChange={(event) => change({ ...message, text: event.target.value })}
        />
        <div className="row" style={{ gap: 4 }}>
          <span className="muted">{t('bc_variables')}</span>
          {usable.map((one) => (
            <Button key={one.key} size="small" onClick={() => insert(one)}>
              {said(one)}
            </Button>
          ))}
        </div>
        <Attachments
          attachments={message.attachments}
          change={(some) => change({ ...message, attachments: some })}
        />
        {checked && (
          <>
            <span className="muted num">
              {t('bc_size', { bytes: checked.bytes.toLocaleString('en-US'), lines: checked.lines })}
            </span>
            <Findings findings={checked.findings} />
          </>
        )}
      </div>
      <Phone message={checked?.example ?? message} title={props.title} />
    </div>
  )
}

/** What is found in a text, a little after the typing stops. */
function useChecked(props: {
  message: Message
  channel: 'contact' | 'group'
  purpose: Purpose
  but?: string
}): Checked | undefined {
  const asked = {
    message: props.message,
    channel: props.channel,
    purpose: props.purpose,
    but: props.but ?? '',
  }
  const [still, setStill] = useState(asked)
  const now = JSON.stringify(asked)
  useEffect(() => {
    const soon = setTimeout(() => setStill(JSON.parse(now)), 300)
    return () => clearTimeout(soon)
  }, [now])
  const { data } = useQuery({
    queryKey: ['copy-check', still],
    queryFn: () => post<Checked>('/api/broadcasts/check', still),
    placeholderData: (before) => before,
  })
  return data
}

const COLOUR = { stop: 'error', warn: 'warning', hint: 'default' } as const

export function Findings({ findings }: { findings: Finding[] }) {
  const { t, said } = useWords()
  if (!findings.length) return <span className="muted">✓ {t('bc_findings_none')}</span>
  return (
    <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} className="stack" data-testid="findings">
      {findings.map((one) => (
        <li
          key={`${one.check.key}${one.where}${one.start}${one.zh}`}
          data-check={one.check.key}
          data-severity={one.severity}
          style={{ display: 'flex', gap: 8, alignItems: 'flex-start' }}
        >
          <Tag color={COLOUR[one.severity]} style={{ flexShrink: 0 }}>
            {t(`bc_sev_${one.severity}`)}
          </Tag>
          <div className="wrap">
            <Tooltip title={one.check.basis}>
              <strong>{said(one.check)}</strong>
            </Tooltip>{' '}
            {said(one)} <span className="muted">{said(one.todo)}</span>
          </div>
        </li>
      ))}
    </ul>
  )
}

function Attachments(props: { attachments: Attachment[]; change: (some: Attachment[]) => void }) {
  const { t } = useWords()
  const { attachments, change } = props
  const set = (place: number, to: Attachment) =>
    change(attachments.map((one, at) => (at === place ? to : one)))
  return (
    <div className="stack" style={{ gap: 8 }}>
      {attachments.map((one, place) => (
        <Card
          // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no other name
          key={place}
          size="small"
          title={t(`bc_attach_${one.type}`)}
          extra={
            <Button
              type="text"
              size="small"
              icon={<DeleteOutlined />}
              aria-label={t('of_remove')}
              onClick={() => change(attachments.filter((_, at) => at !== place))}
            />
          }
        >
          <OneAttachment attachment={one} set={(to) => set(place, to)} />
        </Card>
      ))}
      {attachments.length < 9 && (
        <Dropdown
          trigger={['click']}
          menu={{
            items: KINDS.map((kind) => ({ key: kind, label: t(`bc_attach_${kind}`) })),
            onClick: ({ key }) => change([...attachments, EMPTY[key as (typeof KINDS)[number]]]),
          }}
        >
          <Button icon={<PlusOutlined />} style={{ alignSelf: 'flex-start' }}>
            {t('bc_attachments')}
          </Button>
        </Dropdown>
      )}
    </div>
  )
}

function OneAttachment({ attachment, set }: { attachment: Attachment; set: (to: Attachment) => void }) {
  const { t } = useWords()
  const field = (label: string, value: string, write: (value: string) => Attachment) => (
    <Input
      key={label}
      value={value}
      placeholder={label}
      aria-label={label}
      maxLength={label === t('bc_link_url') ? 2000 : 200}
      onChange={(event) => set(write(event.target.value))}
    />
  )
  switch (attachment.type) {
    case 'link':
      return (
        <div className="stack" style={{ gap: 8 }}>
          {field(t('bc_link_title'), attachment.title, (title) => ({ ...attachment, title }))}
          {field(t('bc_link_url'), attachment.url, (url) => ({ ...attachment, url }))}
          {field(t('bc_link_description'), attachment.description, (description) => ({
            ...attachment,
            description,
          }))}
        </div>
      )
    case 'mini_program':
      return (
        <div className="stack" style={{ gap: 8 }}>
          {field(t('bc_link_title'), attachment.title, (title) => ({ ...attachment, title }))}
          {field(t('bc_mp_appid'), attachment.appid, (appid) => ({ ...attachment, appid }))}
          {field(t('bc_mp_page'), attachment.page, (page) => ({ ...attachment, page }))}
          <FromLibrary
            kind="image"
            label={t('bc_mp_cover')}
            file={attachment.cover}
            set={(cover) => set({ ...attachment, cover })}
          />
        </div>
      )
    default:
      return (
        <FromLibrary
          kind={attachment.type}
          label={t('bc_library')}
          file={attachment.file}
          set={(file) => set({ ...attachment, file })}
        />
      )
  }
}

interface LibraryFile {
  file: string
  kind: 'image' | 'file' | 'video'
  bytes: number
}

function FromLibrary(props: {
  kind: 'image' | 'file' | 'video'
  label: string
  file: string
  set: (file: string) => void
}) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const { data } = useQuery({
    queryKey: ['library'],
    queryFn: () => get<{ items: LibraryFile[] }>('/api/library'),
  })
  const add = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData()
      form.append('file', file)
      form.append('kind', props.kind)
      return post<LibraryFile>('/api/library', form)
    },
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['library'] })
      props.set(made.file)
    },
    onError: (error) => message.error(problem(error)),
  })
  const fits = data?.items.filter((one) => one.kind === props.kind) ?? []
  return (
    <Space.Compact style={{ width: '100%' }}>
      <Select
        style={{ flex: 1, minWidth: 0 }}
        showSearch
        value={props.file || undefined}
        placeholder={props.label}
        aria-label={props.label}
        onChange={props.set}
        options={fits.map((one) => ({
          value: one.file,
          label: `${one.file.replace(/^[0-9a-f]{16}-/, '')} · ${bytes(one.bytes)}`,
        }))}
      />
      <Upload
        showUploadList={false}
        accept={{ image: 'image/png,image/jpeg', video: 'video/mp4', file: '' }[props.kind]}
        beforeUpload={(file) => {
          add.mutate(file)
          return false
        }}
      >
        <Button icon={<UploadOutlined />} loading={add.isPending}>
          {t('bc_upload')}
        </Button>
      </Upload>
    </Space.Compact>
  )
}
