/** The frame: who may come in, where things are, and what goes on behind. */
import { useQuery } from '@tanstack/react-query'
import { Button, Result, Spin } from 'antd'
import { Component, lazy, type ReactNode, Suspense, useEffect } from 'react'
import { Link, Route, Routes, useLocation } from 'react-router'
import { carry, get } from './api'
import { useDay } from './day'
import { Frame } from './frame'
import { SignedProvider } from './here'
import { EnterPage } from './pages/enter'
import { OverviewPage } from './pages/overview'
import { FactsProvider } from './parts/facts'
import { Failed } from './parts/lists'
import type { Me } from './types'
import { keptLanguage, useWords } from './words'

const FindingsPage = lazy(() => import('./pages/findings').then((m) => ({ default: m.FindingsPage })))
const GroupsPage = lazy(() => import('./pages/groups').then((m) => ({ default: m.GroupsPage })))
const GroupPage = lazy(() => import('./pages/group').then((m) => ({ default: m.GroupPage })))
const OverlapPage = lazy(() => import('./pages/overlap').then((m) => ({ default: m.OverlapPage })))
const PeoplePage = lazy(() => import('./pages/people').then((m) => ({ default: m.PeoplePage })))
const PersonPage = lazy(() => import('./pages/person').then((m) => ({ default: m.PersonPage })))
const SplitPage = lazy(() => import('./pages/split').then((m) => ({ default: m.SplitPage })))
const SamePersonPage = lazy(() => import('./pages/same-person').then((m) => ({ default: m.SamePersonPage })))
const TalkPage = lazy(() => import('./pages/talk').then((m) => ({ default: m.TalkPage })))
const SourcesPage = lazy(() => import('./pages/sources').then((m) => ({ default: m.SourcesPage })))
const CohortsPage = lazy(() => import('./pages/cohorts').then((m) => ({ default: m.CohortsPage })))
const FunnelsPage = lazy(() => import('./pages/funnels').then((m) => ({ default: m.FunnelsPage })))
const OffersPage = lazy(() => import('./pages/offers').then((m) => ({ default: m.OffersPage })))
const TasksPage = lazy(() => import('./pages/tasks').then((m) => ({ default: m.TasksPage })))
const PlaybooksPage = lazy(() => import('./pages/playbooks').then((m) => ({ default: m.PlaybooksPage })))
const PlaybookPage = lazy(() => import('./pages/playbook').then((m) => ({ default: m.PlaybookPage })))
const LaunchesPage = lazy(() => import('./pages/launches').then((m) => ({ default: m.LaunchesPage })))
const ForestPage = lazy(() => import('./pages/forest').then((m) => ({ default: m.ForestPage })))
const BroadcastsPage = lazy(() => import('./pages/broadcasts').then((m) => ({ default: m.BroadcastsPage })))
const BroadcastPage = lazy(() => import('./pages/broadcast').then((m) => ({ default: m.BroadcastPage })))
const LaunchPlanPage = lazy(() => import('./pages/launch-plan').then((m) => ({ default: m.LaunchPlanPage })))
const MessagesPage = lazy(() => import('./pages/messages').then((m) => ({ default: m.MessagesPage })))
const ExperimentsPage = lazy(() =>
  import('./pages/experiments').then((m) => ({ default: m.ExperimentsPage })),
)
const ExperimentPage = lazy(() => import('./pages/experiment').then((m) => ({ default: m.ExperimentPage })))
const InvariantsPage = lazy(() => import('./pages/invariants').then((m) => ({ default: m.InvariantsPage })))
const JourneysPage = lazy(() => import('./pages/journeys').then((m) => ({ default: m.JourneysPage })))
const JourneyPage = lazy(() => import('./pages/journey').then((m) => ({ default: m.JourneyPage })))
const ImportsPage = lazy(() => import('./pages/imports').then((m) => ({ default: m.ImportsPage })))
const ImportPage = lazy(() => import('./pages/import').then((m) => ({ default: m.ImportPage })))
const FactsPage = lazy(() => import('./pages/facts').then((m) => ({ default: m.FactsPage })))
const SegmentsPage = lazy(() => import('./pages/segments').then((m) => ({ default: m.SegmentsPage })))
const SegmentPage = lazy(() => import('./pages/segment').then((m) => ({ default: m.SegmentPage })))
const SettingsPage = lazy(() => import('./pages/settings').then((m) => ({ default: m.SettingsPage })))

export function App() {
  const words = useWords()
  const me = useQuery({ queryKey: ['me'], queryFn: () => get<Me>('/api/me') })
  const spoken =
    me.data?.state === 'signed_in' ? (me.data.account?.language ?? me.data.corp.language) : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: the account's language counts once, at sign-in
  useEffect(() => {
    if (spoken && !localStorage.getItem('tiefen-language') && spoken !== keptLanguage()) words.speak(spoken)
  }, [spoken])
  if (me.isLoading) return <Waiting />
  if (me.error || !me.data) {
    return (
      <div className="page">
        <Failed error={me.error} retry={() => void me.refetch()} />
      </div>
    )
  }
  if (me.data.state !== 'signed_in') return <EnterPage me={me.data} />
  carry(me.data.csrf)
  return (
    <SignedProvider value={me.data}>
      <FactsProvider key={me.data.corp.corp_id}>
        <Frame>
          <Pages />
        </Frame>
      </FactsProvider>
    </SignedProvider>
  )
}

function Pages() {
  const { pathname } = useLocation()
  const day = useDay()
  return (
    <Sound key={`${pathname} ${day}`}>
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/" element={<OverviewPage />} />
          <Route path="/findings" element={<FindingsPage />} />
          <Route path="/groups" element={<GroupsPage />} />
          <Route path="/groups/:id" element={<GroupPage />} />
          <Route path="/overlap" element={<OverlapPage />} />
          <Route path="/groups/split" element={<SplitPage />} />
          <Route path="/talk" element={<TalkPage />} />
          <Route path="/people" element={<PeoplePage />} />
          <Route path="/people/same" element={<SamePersonPage />} />
          <Route path="/people/:id" element={<PersonPage />} />
          <Route path="/sources" element={<SourcesPage />} />
          <Route path="/cohorts" element={<CohortsPage />} />
          <Route path="/funnels" element={<FunnelsPage />} />
          <Route path="/offers" element={<OffersPage />} />
          <Route path="/launches" element={<LaunchesPage />} />
          <Route path="/forest" element={<ForestPage />} />
          <Route path="/broadcasts" element={<BroadcastsPage />} />
          <Route path="/broadcasts/:id" element={<BroadcastPage />} />
          <Route path="/broadcasts/launches/:id" element={<LaunchPlanPage />} />
          <Route path="/messages" element={<MessagesPage />} />
          <Route path="/segments" element={<SegmentsPage />} />
          <Route path="/segments/:id" element={<SegmentPage />} />
          <Route path="/experiments" element={<ExperimentsPage />} />
          <Route path="/experiments/:id" element={<ExperimentPage />} />
          <Route path="/invariants" element={<InvariantsPage />} />
          <Route path="/tasks" element={<TasksPage />} />
          <Route path="/playbooks" element={<PlaybooksPage />} />
          <Route path="/playbooks/:id" element={<PlaybookPage />} />
          <Route path="/journeys" element={<JourneysPage />} />
          <Route path="/journeys/:id" element={<JourneyPage />} />
          <Route path="/imports" element={<ImportsPage />} />
          <Route path="/imports/:id" element={<ImportPage />} />
          <Route path="/facts" element={<FactsPage />} />
          <Route path="/settings" element={<SettingsPage />} />
          <Route path="*" element={<Nowhere />} />
        </Routes>
      </Suspense>
    </Sound>
  )
}

export function Waiting() {
  const { t } = useWords()
  return (
    <div
      style={{ display: 'grid', placeItems: 'center', minHeight: 320 }}
      role="status"
      aria-label={t('loading')}
    >
      <Spin size="large" />
    </div>
  )
}

function Nowhere() {
  const { t } = useWords()
  return (
    <Result
      status="404"
      title={t('not_found_title')}
      subTitle={t('not_found_text')}
      extra={<Link to="/">{t('to_overview')}</Link>}
    />
  )
}

/** A page that breaks says so, and leaves the rest standing. */
class Sound extends Component<{ children: ReactNode }, { broken: Error | null }> {
  override state = { broken: null as Error | null }
  static getDerivedStateFromError(broken: Error) {
    return { broken }
  }
  override render() {
    return this.state.broken ? <Broken error={this.state.broken} /> : this.props.children
  }
}

function Broken({ error }: { error: Error }) {
  const { t } = useWords()
  return (
    <Result
      status="error"
      title={t('crashed')}
      subTitle={error.message}
      extra={<Button onClick={() => window.location.reload()}>{t('reload')}</Button>}
    />
  )
}
