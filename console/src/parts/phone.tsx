/** A phone that shows a message as WeChat does: to one person, or in a group. */
import { FileOutlined, PlayCircleOutlined } from '@ant-design/icons'
import { theme } from 'antd'
import type { Attachment, Message } from '../pages/broadcast-types'
import { useTheme } from '../theme'
import { useWords } from '../words'

const GREEN = '#95ec69'

export function Phone({ message, title, small }: { message: Message; title: string; small?: boolean }) {
  const { t } = useWords()
  const { dark } = useTheme()
  const { token } = theme.useToken()
  return (
    <section
      aria-label={t('bc_preview')}
      data-testid="phone"
      style={{
        width: small ? 230 : 300,
        maxWidth: '100%',
        minHeight: small ? 150 : 420,
        border: `6px solid ${dark ? '#333' : '#222'}`,
        borderRadius: 26,
        overflow: 'hidden',
        background: dark ? '#111' : '#ededed',
        display: 'flex',
        flexDirection: 'column',
        flexShrink: 0,
      }}
    >
      <header
        style={{
          textAlign: 'center',
          padding: '8px 10px',
          fontSize: 13,
          fontWeight: 600,
          color: token.colorText,
          background: dark ? '#1b1b1b' : '#f5f5f5',
          borderBottom: `1px solid ${token.colorBorderSecondary}`,
          overflow: 'hidden',
          textOverflow: 'ellipsis',
          whiteSpace: 'nowrap',
        }}
      >
        {title}
      </header>
      <div
        style={{
          padding: 10,
          display: 'flex',
          flexDirection: 'column',
          gap: 8,
          maxHeight: small ? 260 : 460,
          overflow: 'auto',
        }}
      >
        {message.text && <Bubble text={message.text} dark={dark} />}
        {message.attachments.map((attachment, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no other name, and are not moved
          <Card key={place} attachment={attachment} dark={dark} />
        ))}
      </div>
    </section>
  )
}

function Bubble({ text, dark }: { text: string; dark: boolean }) {
  return (
    <div style={{ display: 'flex', gap: 6, alignItems: 'flex-start' }}>
      <Face />
      <div
        className="wrap"
        style={{
          background: dark ? '#2b2b2b' : '#fff',
          color: dark ? '#e8e8e8' : '#111',
          borderRadius: 6,
          padding: '7px 10px',
          fontSize: 14,
          lineHeight: 1.5,
          whiteSpace: 'pre-wrap',
          maxWidth: '82%',
        }}
      >
        {text}
      </div>
    </div>
  )
}

function Face() {
  return (
    <span
      aria-hidden
      style={{
        width: 30,
        height: 30,
        borderRadius: 4,
        flexShrink: 0,
        background: `linear-gradient(135deg, #0f766e, ${GREEN})`,
      }}
    />
  )
}

function Card({ attachment, dark }: { attachment: Attachment; dark: boolean }) {
  const { t } = useWords()
  const box = {
    background: dark ? '#2b2b2b' : '#fff',
    color: dark ? '#e8e8e8' : '#111',
    borderRadius: 6,
    padding: 8,
    fontSize: 13,
    width: '76%',
    marginLeft: 36,
  }
  switch (attachment.type) {
    case 'image':
      return attachment.file ? (
        <img
          src={`/api/library/${encodeURIComponent(attachment.file)}`}
          alt={t('bc_attach_image')}
          style={{ maxWidth: '76%', marginLeft: 36, borderRadius: 6 }}
        />
      ) : (
        <div style={box}>{t('bc_attach_image')}</div>
      )
    case 'link':
      return (
        <div style={box}>
          <strong className="wrap">{attachment.title || t('bc_link_title')}</strong>
          <div className="muted wrap" style={{ fontSize: 12 }}>
            {attachment.description || attachment.url}
          </div>
        </div>
      )
    case 'mini_program':
      return (
        <div style={box}>
          <div className="muted" style={{ fontSize: 12 }}>
            {t('bc_attach_mini_program')}
          </div>
          <strong className="wrap">{attachment.title || t('bc_link_title')}</strong>
        </div>
      )
    default:
      return (
        <div style={box} className="wrap">
          {attachment.type === 'video' ? <PlayCircleOutlined /> : <FileOutlined />}{' '}
          {attachment.file.replace(/^[0-9a-f]{16}-/, '') ||
            t(attachment.type === 'video' ? 'bc_attach_video' : 'bc_attach_file')}
        </div>
      )
  }
}
