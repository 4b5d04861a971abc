/** Menu, header, banner: what is around every page. */
import {
  ApartmentOutlined,
  BankOutlined,
  BulbOutlined,
  CalendarOutlined,
  CheckSquareOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  ExperimentOutlined,
  FilterOutlined,
  GlobalOutlined,
  ImportOutlined,
  MenuOutlined,
  MessageOutlined,
  MoonOutlined,
  NodeIndexOutlined,
  NotificationOutlined,
  RiseOutlined,
  SafetyOutlined,
  SendOutlined,
  SettingOutlined,
  ShareAltOutlined,
  SunOutlined,
  TeamOutlined,
  UserOutlined,
} from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Drawer,
  Dropdown,
  Grid,
  Layout,
  Menu,
  type MenuProps,
  Progress,
  Space,
  theme,
} from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { get, post, queries, remove } from './api'
import { lookAt, useDay } from './day'
import { useHere } from './here'
import type { Key } from './strings'
import { useTheme } from './theme'
import type { Work } from './types'
import { useWords } from './words'

interface Place {
  path: string
  title: Key
  icon?: ReactNode
  inside?: Place[]
}
/** Where things are, in the order of the loop: today, what it means, whom to reach, what it changed, what it is made of. */
const SECTIONS: { title?: Key; places: Place[] }[] = [
  {
    places: [
      { path: '/', title: 'nav_overview', icon: <DashboardOutlined /> },
      { path: '/findings', title: 'nav_findings', icon: <BulbOutlined /> },
      { path: '/tasks', title: 'nav_tasks', icon: <CheckSquareOutlined /> },
    ],
  },
  {
    title: 'nav_understand',
    places: [
      { path: '/groups', title: 'nav_groups', icon: <TeamOutlined /> },
      { path: '/overlap', title: 'nav_overlap', icon: <ApartmentOutlined /> },
      { path: '/talk', title: 'nav_talk', icon: <MessageOutlined /> },
      { path: '/people', title: 'nav_people', icon: <UserOutlined /> },
      { path: '/sources', title: 'nav_sources', icon: <ShareAltOutlined /> },
      {
        path: '/growth',
        title: 'nav_growth',
        icon: <RiseOutlined />,
        inside: [
          { path: '/cohorts', title: 'nav_cohorts' },
          { path: '/funnels', title: 'nav_funnels' },
          { path: '/offers', title: 'nav_offers' },
          { path: '/launches', title: 'nav_launches' },
          { path: '/forest', title: 'nav_forest' },
        ],
      },
    ],
  },
  {
    title: 'nav_reach',
    places: [
      { path: '/segments', title: 'nav_segments', icon: <FilterOutlined /> },
      { path: '/broadcasts', title: 'nav_broadcasts', icon: <SendOutlined /> },
      { path: '/journeys', title: 'nav_journeys', icon: <NodeIndexOutlined /> },
      { path: '/playbooks', title: 'nav_playbooks', icon: <CalendarOutlined /> },
      { path: '/messages', title: 'nav_messages', icon: <NotificationOutlined /> },
    ],
  },
  {
    title: 'nav_outcome',
    places: [
      { path: '/experiments', title: 'nav_experiments', icon: <ExperimentOutlined /> },
      { path: '/invariants', title: 'nav_invariants', icon: <SafetyOutlined /> },
    ],
  },
  {
    title: 'nav_ground',
    places: [
      { path: '/imports', title: 'nav_imports', icon: <ImportOutlined /> },
      { path: '/facts', title: 'nav_facts', icon: <DatabaseOutlined /> },
      { path: '/settings', title: 'nav_settings', icon: <SettingOutlined /> },
    ],
  },
]
const PLACES = SECTIONS.flatMap((section) => section.places)

export function Frame({ children }: { children: ReactNode }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  const { md, lg } = Grid.useBreakpoint()
  const [open, setOpen] = useState(false)
  const places = (named: boolean) => <Places go={() => setOpen(false)} named={named} />
  return (
    <Layout style={{ minHeight: '100vh' }}>
      {md && (
        <Layout.Sider
          theme="light"
          collapsed={!lg}
          width={196}
          collapsedWidth={60}
          style={{
            borderInlineEnd: `1px solid ${token.colorBorderSecondary}`,
            position: 'sticky',
            top: 0,
            height: '100vh',
            overflow: 'auto',
          }}
        >
          <Brand small={!lg} />
          {places(lg ?? false)}
        </Layout.Sider>
      )}
      <Layout>
        <Layout.Header
          className="bar"
          style={{
            background: token.colorBgContainer,
            borderBottom: `1px solid ${token.colorBorderSecondary}`,
            position: 'sticky',
            top: 0,
            zIndex: 20,
            lineHeight: 'normal',
          }}
        >
          {!md && (
            <Button
              type="text"
              icon={<MenuOutlined />}
              aria-label={t('menu')}
              onClick={() => setOpen(true)}
            />
          )}
          <CorpSwitch />
          <span style={{ flex: 1 }} />
          <UnderWay />
          <LanguageSwitch />
          <ThemeSwitch />
          <Account />
        </Layout.Header>
        <DemoBanner />
        <PastDay />
        <Layout.Content>
          <main className="page">{children}</main>
        </Layout.Content>
      </Layout>
      <Drawer
        open={open && !md}
        placement="left"
        size={236}
        onClose={() => setOpen(false)}
        styles={{ body: { padding: 0 } }}
        title={t('app')}
      >
        {places(true)}
      </Drawer>
    </Layout>
  )
}

/** Says on every page that a past day is looked at. */
function PastDay() {
  const { t } = useWords()
  const day = useDay()
  if (!day) return null
  return (
    <Alert
      banner
      type="warning"
      title={t('day_looked_at', { day })}
      action={
        <Button size="small" onClick={() => lookAt(null)}>
          {t('day_back')}
        </Button>
      }
    />
  )
}

function Brand({ small }: { small: boolean }) {
  const { t } = useWords()
  return (
    <Link
      to="/"
      style={{ display: 'flex', gap: 10, alignItems: 'center', padding: '12px 16px', color: 'inherit' }}
    >
      <img src="/icon.svg" alt="" width={28} height={28} />
      {!small && <strong style={{ fontSize: 17 }}>{t('app')}</strong>}
    </Link>
  )
}

/** The menu; `named` where there is room for the names of its sections. */
function Places({ go, named }: { go: () => void; named: boolean }) {
  const { t } = useWords()
  const { pathname } = useLocation()
  const chosen = PLACES.flatMap((p) => p.inside ?? [p]).findLast(
    (p) => pathname === p.path || (p.path !== '/' && pathname.startsWith(p.path)),
  )
  const around = PLACES.find((p) => p.inside?.some((one) => one.path === chosen?.path))
  const entry = (place: Place) => ({
    key: place.path,
    icon: place.icon,
    label: (
      <Link to={place.path} onClick={go}>
        {t(place.title)}
      </Link>
    ),
  })
  const shown = (place: Place) =>
    place.inside
      ? { key: place.path, icon: place.icon, label: t(place.title), children: place.inside.map(entry) }
      : entry(place)
  return (
    <Menu
      mode="inline"
      style={{ borderInlineEnd: 'none' }}
      selectedKeys={[chosen?.path ?? '/']}
      defaultOpenKeys={around ? [around.path] : []}
      items={SECTIONS.flatMap((section): NonNullable<MenuProps['items']> => {
        const children = section.places.map(shown)
        if (!section.title) return children
        return named
          ? [{ type: 'group' as const, key: section.title, label: t(section.title), children }]
          : [{ type: 'divider' as const, key: section.title }, ...children]
      })}
    />
  )
}

/** After the company has changed, nothing that was known of the other one may stay. */
async function startAnew() {
  await queries.cancelQueries()
  queries.removeQueries({
    predicate: (query) => query.queryKey[0] !== 'me' && query.queryKey[0] !== 'catalogue',
  })
  await queries.invalidateQueries({ queryKey: ['me'] })
}

function useSwitchCorp() {
  const { message } = App.useApp()
  const { problem } = useWords()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (corp_id: string) => post('/api/corp/switch', { corp_id }),
    onSuccess: async () => {
      await startAnew()
      navigate('/')
    },
    onError: (error) => message.error(problem(error)),
  })
}

function CorpSwitch() {
  const { t } = useWords()
  const { corp, corps } = useHere()
  const change = useSwitchCorp()
  const { sm } = Grid.useBreakpoint()
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectedKeys: [corp.corp_id],
        items: corps.map((c) => ({ key: c.corp_id, label: c.name, icon: <BankOutlined /> })),
        onClick: ({ key }) => key !== corp.corp_id && change.mutate(key),
      }}
    >
      <Button type="text" aria-label={t('switch_corp')} loading={change.isPending}>
        <span
          style={{ maxWidth: sm ? 280 : 108, overflow: 'hidden', textOverflow: 'ellipsis', fontWeight: 600 }}
        >
          {corp.name}
        </span>
      </Button>
    </Dropdown>
  )
}

const STAYING = new Set(['catalogue', 'work', 'messages', 'facts'])

/** What goes on behind: a reading, with how far it is. When there is a newer one, the pages ask anew. */
function UnderWay() {
  const words = useWords()
  const { corp } = useHere()
  const { sm } = Grid.useBreakpoint()
  const work = useQuery({
    queryKey: ['work'],
    queryFn: () => get<Work>('/api/work'),
    refetchInterval: (query) => (Object.keys(query.state.data?.jobs ?? {}).length ? 1_000 : 4_000),
  })
  const job = work.data?.jobs[`reading:${corp.corp_id}`]
  const reading = work.data?.reading
  const before = useRef(reading)
  useEffect(() => {
    if (before.current !== undefined && reading !== before.current) {
      void queries.invalidateQueries({ predicate: (query) => !STAYING.has(String(query.queryKey[0])) })
    }
    before.current = reading
  }, [reading])
  if (!job) return null
  return (
    <Space size={6} title={words.said(job)} role="status" aria-label={words.t('reading_now')}>
      <Progress type="circle" size={20} percent={Math.round(job.fraction * 100)} showInfo={false} />
      {sm && <span className="muted">{words.t('reading_now')}</span>}
    </Space>
  )
}

export function LanguageSwitch() {
  const words = useWords()
  return (
    <Button
      type="text"
      icon={<GlobalOutlined />}
      aria-label={words.language === 'zh' ? 'English' : '中文'}
      onClick={() => words.speak(words.language === 'zh' ? 'en' : 'zh')}
    >
      {words.language === 'zh' ? 'EN' : '中'}
    </Button>
  )
}

export function ThemeSwitch() {
  const { t } = useWords()
  const { mode, choose, dark } = useTheme()
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        selectedKeys: [mode],
        items: [
          { key: 'light', label: t('theme_light') },
          { key: 'dark', label: t('theme_dark') },
          { key: 'auto', label: t('theme_auto') },
        ],
        onClick: ({ key }) => choose(key as typeof mode),
      }}
    >
      <Button
        type="text"
        icon={dark ? <MoonOutlined /> : <SunOutlined />}
        aria-label={dark ? t('theme_dark') : t('theme_light')}
      />
    </Dropdown>
  )
}

function Account() {
  const { t, problem } = useWords()
  const { account, has_accounts } = useHere()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const out = useMutation({
    mutationFn: () => post('/api/logout'),
    onSuccess: () => {
      queries.clear()
      navigate('/')
      window.location.reload()
    },
    onError: (error) => message.error(problem(error)),
  })
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'who', disabled: true, label: account?.email ?? t('looking_by_link') },
          ...(has_accounts ? [] : [{ key: 'make', label: t('make_account') }]),
          { key: 'out', label: t('sign_out') },
        ],
        onClick: ({ key }) => (key === 'out' ? out.mutate() : navigate('/settings?tab=company&account=new')),
      }}
    >
      <Button type="text" icon={<UserOutlined />} aria-label={account?.name ?? t('looking_by_link')} />
    </Dropdown>
  )
}

function DemoBanner() {
  const { t, problem } = useWords()
  const { corp } = useHere()
  const { modal, message } = App.useApp()
  const change = useSwitchCorp()
  const navigate = useNavigate()
  if (!corp.demo) return null
  const ask = () =>
    modal.confirm({
      title: t('demo_remove_title'),
      content: t('demo_remove_text'),
      okText: t('demo_remove'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: async () => {
        try {
          await remove('/api/demo')
          await startAnew()
          navigate('/')
          message.success(t('demo_removed'))
        } catch (error) {
          message.error(problem(error))
        }
      },
    })
  return (
    <Alert
      banner
      type="info"
      data-testid="demo-banner"
      title={
        <div className="between">
          <span>{t('demo_banner')}</span>
          <Space wrap>
            <Button size="small" onClick={() => change.mutate('main')} loading={change.isPending}>
              {t('to_own')}
            </Button>
            <Button size="small" type="text" danger onClick={ask}>
              {t('demo_remove')}
            </Button>
          </Space>
        </div>
      }
    />
  )
}
