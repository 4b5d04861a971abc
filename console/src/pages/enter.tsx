/** First visit and sign-in. */
import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Card, Form, Input } from 'antd'
import { post, queries } from '../api'
import { LanguageSwitch, ThemeSwitch } from '../frame'
import type { Language, Me } from '../types'
import { useWords } from '../words'

export function EnterPage({ me }: { me: Exclude<Me, { state: 'signed_in' }> }) {
  const { t } = useWords()
  const first = me.state === 'first_visit'
  const used = new URLSearchParams(window.location.search).get('link') === 'used'
  return (
    <div style={{ minHeight: '100vh', display: 'grid', placeItems: 'center', padding: 16 }}>
      <div style={{ width: '100%', maxWidth: 400 }} className="stack">
        <div className="between">
          <div className="row">
            <img src="/icon.svg" alt="" width={40} height={40} />
            <div>
              <div style={{ fontSize: 20, fontWeight: 700 }}>{t('app')}</div>
              <div className="muted">{t('tagline')}</div>
            </div>
          </div>
          <div>
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </div>
        {used && <Alert type="warning" showIcon title={t('link_used')} />}
        <Card title={t(first ? 'first_visit' : 'sign_in_title')}>
          <AccountForm first={first} />
        </Card>
        {first && me.demo && <div className="muted">{t('first_visit_demo')}</div>}
      </div>
    </div>
  )
}

interface Given {
  name: string
  email: string
  password: string
}

export function AccountForm({ first }: { first: boolean }) {
  const { t, language, problem } = useWords()
  const enter = useMutation({
    mutationFn: (given: Given) =>
      first
        ? post('/api/setup', { ...given, language: language satisfies Language })
        : post('/api/login', { email: given.email, password: given.password }),
    onSuccess: () => {
      if (window.location.search.includes('link=used')) window.history.replaceState(null, '', '/')
      return queries.invalidateQueries()
    },
  })
  return (
    <Form<Given> layout="vertical" onFinish={(given) => enter.mutate(given)} requiredMark={false}>
      {enter.error && (
        <Alert type="error" showIcon title={problem(enter.error)} style={{ marginBottom: 16 }} />
      )}
      {first && (
        <Form.Item name="name" label={t('your_name')} rules={[{ required: true, whitespace: true }]}>
          <Input autoComplete="name" maxLength={200} />
        </Form.Item>
      )}
      <Form.Item name="email" label={t('email')} rules={[{ required: true, type: 'email' }]}>
        <Input autoComplete="username" maxLength={200} inputMode="email" />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('password')}
        {...(first ? { extra: t('password_hint') } : {})}
        rules={[{ required: true, ...(first ? { min: 10 } : {}) }]}
      >
        <Input.Password autoComplete={first ? 'new-password' : 'current-password'} maxLength={500} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={enter.isPending}>
        {t(first ? 'create_account' : 'sign_in')}
      </Button>
    </Form>
  )
}
