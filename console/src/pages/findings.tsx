/** All that stands out, by kind. */
import { useQuery } from '@tanstack/react-query'
import { Card, Empty, Segmented } from 'antd'
import { get } from '../api'
import { Waiting } from '../app'
import { useAddress, useCatalogue } from '../here'
import { FindingCard } from '../parts/findings'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import type { Finding } from '../types'
import { useWords } from '../words'

export function FindingsPage() {
  const { t } = useWords()
  const names = useCatalogue()
  const at = useAddress()
  const detector = at.get('detector')
  const page = useQuery({
    queryKey: ['findings', detector],
    queryFn: () =>
      get<{ items: Finding[]; counts: { detector: string; findings: number }[] }>('/api/findings', {
        detector,
      }),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const counts = page.data.counts
  return (
    <>
      <Head title={t('findings_title')} />
      <div className="stack">
        <Segmented
          value={detector ?? ''}
          onChange={(key) => at.set({ detector: key })}
          style={{ maxWidth: '100%', overflowX: 'auto', alignSelf: 'flex-start' }}
          options={[
            { value: '', label: `${t('all_findings_filter')} ${counts.reduce((n, c) => n + c.findings, 0)}` },
            ...counts.map((c) => ({
              value: c.detector,
              label: `${names.detectorName(c.detector)} ${c.findings}`,
            })),
          ]}
        />
        {page.data.items.length === 0 && (
          <Card>
            <Empty description={t('findings_none')} />
          </Card>
        )}
        <div className="grid halves">
          {page.data.items.map((finding) => (
            <FindingCard key={finding.key} finding={finding} />
          ))}
        </div>
      </div>
    </>
  )
}
