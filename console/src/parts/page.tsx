/** The head of a page: its title, as of when its numbers are, and what can be done. */
import { CalendarOutlined, ReloadOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Card, DatePicker, Empty, Popover, Tooltip, Typography } from 'antd'
import dayjs from 'dayjs'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { address, post, queries } from '../api'
import { lookAt, useDay } from '../day'
import { useWriting } from '../here'
import type { Reading } from '../types'
import { useWords } from '../words'

export function Head(props: {
  title: ReactNode
  hint?: ReactNode
  reading?: Reading | null | undefined
  children?: ReactNode
}) {
  return (
    <div className="between" style={{ marginBottom: 14 }}>
      <div>
        <Typography.Title level={3} style={{ margin: 0 }}>
          {props.title}
        </Typography.Title>
        {props.hint && <div className="muted">{props.hint}</div>}
      </div>
      <div className="row">
        {props.reading && <AsOf reading={props.reading} />}
        {props.children}
      </div>
    </div>
  )
}

function AsOf({ reading }: { reading: Reading }) {
  const { t, problem } = useWords()
  const write = useWriting()
  const { message } = App.useApp()
  const again = useMutation({
    mutationFn: () => post(address('/api/reading')),
    onSuccess: () => {
      message.info(t('reading_asked'))
      void queries.invalidateQueries({ queryKey: ['work'] })
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <span className="row" style={{ gap: 2 }}>
      <span className="muted num" style={{ fontSize: 12 }}>
        {t('as_of', { at: write.moment(reading.as_of), zone: reading.time_zone })} ·{' '}
        {t('window_days', { n: reading.window_days })}
      </span>
      <Tooltip title={reading.stale ? t('reading_stale') : t('read_now')}>
        <Button
          type="text"
          size="small"
          aria-label={t('read_now')}
          icon={<ReloadOutlined />}
          danger={reading.stale}
          loading={again.isPending}
          onClick={() => again.mutate()}
        />
      </Tooltip>
      <DayPicker />
    </span>
  )
}

/** Any past day instead of now: everything is then told as of its end, by what is known today. */
export function DayPicker() {
  const { t } = useWords()
  const day = useDay()
  const [open, setOpen] = useState(false)
  const look = (at: string | null) => {
    lookAt(at)
    setOpen(false)
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      content={
        <div className="stack" style={{ gap: 8 }}>
          <span className="muted">{t('day_hint')}</span>
          <DatePicker
            value={day ? dayjs(day) : null}
            maxDate={dayjs()}
            aria-label={t('day_pick')}
            onChange={(at) => look(at ? at.format('YYYY-MM-DD') : null)}
          />
        </div>
      }
    >
      <Button
        type={day ? 'primary' : 'text'}
        size="small"
        icon={<CalendarOutlined />}
        aria-label={t('day_pick')}
      />
    </Popover>
  )
}

/** A page with nothing to show yet. */
export function NothingYet({
  title,
  reading,
  text,
}: {
  title: string
  reading?: Reading | null
  text?: string
}) {
  return (
    <>
      <Head title={title} reading={reading} />
      <Card>
        <FirstSteps text={text} />
      </Card>
    </>
  )
}

/** Nothing here yet, and what to do about it. */
export function FirstSteps({ text }: { text?: string }) {
  const { t } = useWords()
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      style={{ padding: '48px 0' }}
      description={
        <div style={{ maxWidth: 520, margin: '0 auto' }}>
          <Typography.Title level={4}>{t('empty_title')}</Typography.Title>
          <p>{text ?? t('empty_text')}</p>
        </div>
      }
    >
      <div className="row" style={{ justifyContent: 'center' }}>
        <Link to="/imports">
          <Button type="primary">{t('empty_import')}</Button>
        </Link>
        <Link to="/settings?tab=keys">
          <Button>{t('empty_keys')}</Button>
        </Link>
      </div>
    </Empty>
  )
}
