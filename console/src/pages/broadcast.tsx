/** One broadcast: written and checked while it is a draft, watched once it is approved. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { get } from '../api'
import { Waiting } from '../app'
import { Failed } from '../parts/lists'
import { BroadcastDetail } from './broadcast-detail'
import { BroadcastEditor } from './broadcast-editor'
import type { Detail } from './broadcast-types'
import { useOptions } from './broadcasts'

export function BroadcastPage() {
  const { id = '' } = useParams()
  const options = useOptions()
  const page = useQuery({
    queryKey: ['broadcast', id],
    queryFn: () => get<Detail>(`/api/broadcasts/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'draft' ? 3_000 : false),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data || !options) return <Waiting />
  const one = page.data
  return one.state === 'draft' ? (
    <BroadcastEditor key={one.campaign_id} saved={one} options={options} />
  ) : (
    <BroadcastDetail one={one} options={options} />
  )
}
