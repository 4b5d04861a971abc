/** Settings → WeCom: the steps of connecting, how the connection is doing, and the other companies. */
import { useQuery } from '@tanstack/react-query'
import { Alert, Segmented, Spin } from 'antd'
import { useEffect, useState } from 'react'
import { get } from '../api'
import { useAddress } from '../here'
import { Failed } from '../parts/lists'
import { useWords } from '../words'
import { Companies } from './wecom-corps'
import { Guide } from './wecom-guide'
import { HealthView } from './wecom-health'
import type { Health, WeComAnswer } from './wecom-types'

export function WeCom() {
  const { t } = useWords()
  const at = useAddress()
  const page = useQuery({ queryKey: ['wecom'], queryFn: () => get<WeComAnswer>('/api/wecom') })
  const connected = page.data?.connection !== null && page.data !== undefined
  const health = useQuery({
    queryKey: ['wecom', 'health'],
    queryFn: () => get<Health>('/api/wecom/health'),
    enabled: connected,
    refetchInterval: (query) =>
      query.state.data?.sync.running || query.state.data?.sync.asked ? 1_500 : 4_000,
  })
  const first = useFirstView(page.data, health.data)
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data || (connected && health.isLoading)) return <Spin />
  const view = connected ? (at.get('view') ?? first) : 'guide'
  return (
    <div className="stack">
      <Companies />
      {page.data.sealed && <Alert type="warning" showIcon title={t('wc_sealed')} />}
      {!page.data.owner && <Alert type="info" showIcon title={t('wc_owner_only')} />}
      {connected && (
        <Segmented
          value={view}
          onChange={(next) => at.set({ view: String(next) })}
          options={[
            { value: 'guide', label: t('wc_guide') },
            { value: 'health', label: t('wc_health') },
          ]}
          style={{ alignSelf: 'start' }}
        />
      )}
      {view === 'guide' || !connected ? (
        <Guide of={page.data} health={health.data} />
      ) : health.error ? (
        <Failed error={health.error} retry={() => void health.refetch()} />
      ) : health.data ? (
        <HealthView health={health.data} owner={page.data.owner} />
      ) : (
        <Spin />
      )}
    </div>
  )
}

/** Whoever comes to a connection that works sees how it is doing; whoever is still connecting stays with the steps. */
function useFirstView(page: WeComAnswer | undefined, health: Health | undefined) {
  const [first, setFirst] = useState<'guide' | 'health'>()
  const corpid = page?.connection?.corpid
  const begun = page !== undefined && (page.connection === null || health !== undefined)
  useEffect(() => {
    if (begun && first === undefined) setFirst(corpid && health?.callbacks.verified_at ? 'health' : 'guide')
  }, [begun, first, corpid, health])
  return first ?? 'guide'
}
