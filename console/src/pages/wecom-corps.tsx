/** Every company this account may see, and how each is connected. */
import { PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Form, Input, Modal, theme } from 'antd'
import { useState } from 'react'
import { get, post, queries } from '../api'
import { whole } from '../format'
import { useAddress, useHere } from '../here'
import { useWords } from '../words'
import type { Company } from './wecom-types'

export function Companies() {
  const words = useWords()
  const { t } = words
  const { corp } = useHere()
  const { token } = theme.useToken()
  const [adding, setAdding] = useState(false)
  const go = useGo()
  const page = useQuery({
    queryKey: ['wecom', 'corps'],
    queryFn: () => get<{ items: Company[] }>('/api/wecom/corps'),
    refetchInterval: 15_000,
  })
  const items = page.data?.items ?? []
  return (
    <section className="stack" style={{ gap: 8 }}>
      <div className="between">
        <div>
          <strong>{t('wc_corps')}</strong> <span className="muted">{t('wc_corps_hint')}</span>
        </div>
        <Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t('wc_corp_add')}
        </Button>
      </div>
      <div className="row" style={{ alignItems: 'stretch' }}>
        {items.map((one) => (
          <button
            key={one.corp_id}
            type="button"
            disabled={one.corp_id === corp.corp_id}
            onClick={() => go.mutate(one.corp_id)}
            style={{
              all: 'unset',
              cursor: one.corp_id === corp.corp_id ? 'default' : 'pointer',
              border: `1px solid ${one.corp_id === corp.corp_id ? token.colorPrimary : token.colorBorderSecondary}`,
              borderRadius: token.borderRadius,
              padding: '8px 12px',
              minWidth: 180,
            }}
          >
            <div className="row" style={{ gap: 8 }}>
              <Dot state={one.state} />
              <strong>{one.name}</strong>
              {one.corp_id === corp.corp_id && <span className="muted">{t('wc_corp_here')}</span>}
            </div>
            <div className="muted" style={{ fontSize: 12 }}>
              {t(`wc_corp_${one.state}`)}
              {one.corpid && ` · ${one.corpid}`}
              {one.contacts !== null && ` · ${t('wc_h_contacts')} ${whole(one.contacts)}`}
            </div>
          </button>
        ))}
      </div>
      <Adding open={adding} close={() => setAdding(false)} />
    </section>
  )
}

function Dot({ state }: { state: Company['state'] }) {
  const { token } = theme.useToken()
  const colour = {
    ok: token.colorSuccess,
    failed: token.colorError,
    begun: token.colorWarning,
    none: token.colorBorder,
  }[state]
  return (
    <span style={{ width: 8, height: 8, borderRadius: 4, background: colour, flex: 'none' }} aria-hidden />
  )
}

/** To another company, on this very page. */
function useGo() {
  const { problem } = useWords()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (corp_id: string) => post('/api/corp/switch', { corp_id }),
    onSuccess: startAnew,
    onError: (error) => message.error(problem(error)),
  })
}

async function startAnew() {
  await queries.cancelQueries()
  queries.removeQueries({
    predicate: (query) => query.queryKey[0] !== 'me' && query.queryKey[0] !== 'catalogue',
  })
  await queries.invalidateQueries({ queryKey: ['me'] })
}

function Adding({ open, close }: { open: boolean; close: () => void }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const at = useAddress()
  const make = useMutation({
    mutationFn: (name: string) => post('/api/corps', { name }),
    onSuccess: async () => {
      close()
      at.set({ view: null })
      await startAnew()
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Modal open={open} onCancel={close} title={t('wc_corp_add')} footer={null} destroyOnHidden>
      <Form layout="vertical" onFinish={({ name }: { name: string }) => make.mutate(name)}>
        <p className="muted">{t('wc_corp_add_hint')}</p>
        <Form.Item name="name" label={t('wc_corp_add_name')} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={make.isPending}>
          {t('wc_corp_add_ok')}
        </Button>
      </Form>
    </Modal>
  )
}
