/** A finding: what stands out, the evidence, what to do. */
import { Card, Tag } from 'antd'
import { useCatalogue } from '../here'
import type { Finding } from '../types'
import { useWords } from '../words'
import { FindingTag, GroupLink, PersonLink } from './tags'

export function FindingCard({ finding }: { finding: Finding }) {
  const words = useWords()
  const names = useCatalogue()
  const { t, said } = words
  return (
    <Card size="small" data-finding={finding.detector} aria-label={names.detectorName(finding.detector)}>
      <div className="between">
        <strong>
          <FindingTag detector={finding.detector} severity={finding.severity} />
          {finding.entity === 'group' && <GroupLink group={finding.entity_id} name={finding.name} />}
          {finding.entity === 'person' && <PersonLink person={finding.entity_id} name={finding.name} />}
          {finding.entity === 'source' && finding.name}
          {finding.other && (
            <>
              {' · '}
              <GroupLink group={finding.other.id} name={finding.other.name} />
            </>
          )}
        </strong>
        <Tag variant="filled">{t(`severity_${finding.severity}`)}</Tag>
      </div>
      <ul className="reasons" style={{ marginBlock: 6 }}>
        {finding.evidence.map((reason) => (
          <li key={reason.en}>{said(reason)}</li>
        ))}
      </ul>
      <div>
        <span className="muted">{t('todo')}: </span>
        {words.language === 'zh' ? finding.todo_zh : finding.todo_en}
      </div>
    </Card>
  )
}
