/** A group's page for the boss: one column, light, on paper. The browser prints it or saves it as PDF. */
import { ArrowLeftOutlined, PrinterOutlined } from '@ant-design/icons'
import { theme as antTheme, Button, Card, ConfigProvider } from 'antd'
import { useAddress, useCatalogue, useHere, useWriting } from '../here'
import type { GroupAnswer } from '../types'
import { useWords } from '../words'
import { LifeCard, SummaryLine } from './life'
import { OutcomesCard } from './life-outcomes'
import type { Lived } from './life-types'
import type { About } from './numbers'

export function ReportButton() {
  const { t } = useWords()
  const at = useAddress()
  return (
    <Button className="no-print" icon={<PrinterOutlined />} onClick={() => at.set({ report: '1' })}>
      {t('lf_report')}
    </Button>
  )
}

export function LifeReport({ page, about }: { page: GroupAnswer & Lived; about: About }) {
  const words = useWords()
  const { t, said } = words
  const at = useAddress()
  const names = useCatalogue()
  const write = useWriting()
  const { corp } = useHere()
  const { group, reading, metrics } = page
  if (!reading) return null
  const known = names.metricsPer('group').filter((card) => metrics[card.key]?.whole)
  return (
    <ConfigProvider theme={{ algorithm: antTheme.defaultAlgorithm }}>
      <div className="report" data-testid="report">
        <div className="row no-print" style={{ marginBottom: 12 }}>
          <Button icon={<ArrowLeftOutlined />} onClick={() => at.set({ report: null })}>
            {t('lf_report_back')}
          </Button>
          <Button type="primary" icon={<PrinterOutlined />} onClick={() => window.print()}>
            {t('lf_report_print')}
          </Button>
        </div>
        <h1 style={{ margin: 0 }}>{group.name}</h1>
        <p style={{ marginTop: 4 }}>
          {`${corp.name} · ${t('lf_report_of')} · ${t('as_of', { at: write.moment(reading.as_of), zone: reading.time_zone })}`}
        </p>
        <div className="stack">
          <SummaryLine summary={page.summary} />
          <OutcomesCard outcomes={page.outcomes} about={about} />
          <LifeCard curve={page.curve ?? []} life={page.life} about={about} asOf={reading.end} />
          {page.findings && page.findings.length > 0 && (
            <Card title={t('findings')}>
              {page.findings.map((finding) => (
                <p key={finding.key} style={{ marginTop: 0 }}>
                  {finding.evidence.map(said).join(words.language === 'zh' ? '；' : '; ')}
                </p>
              ))}
            </Card>
          )}
          <Card title={`${t('numbers')} · ${t('lf_definitions')}`}>
            <table className="figures">
              <tbody>
                {known.map((card) => (
                  <tr key={card.key}>
                    <td>{said(card)}</td>
                    <td className="num">
                      <strong>{write.num(metrics[card.key])}</strong>
                    </td>
                    <td className="muted">
                      {words.language === 'zh' ? card.definition_zh : card.definition_en}{' '}
                      {t(card.grade === 'A' ? 'grade_a' : 'grade_b')}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Card>
        </div>
      </div>
    </ConfigProvider>
  )
}
