/** A group's page for the boss: one column, light, on paper. The browser prints it, saves it as PDF or makes one picture of it. */
import { ArrowLeftOutlined, FileImageOutlined, PrinterOutlined } from '@ant-design/icons'
import { App, theme as antTheme, Button, Card, ConfigProvider } from 'antd'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ratio, whole } from '../format'
import { useAddress, useCatalogue, useHere, useWriting } from '../here'
import type { GroupAnswer, GroupPerson, Num } from '../types'
import { useWords } from '../words'
import { CircleMap } from './circles'
import { LifeCard, SummaryLine } from './life'
import { OutcomesCard } from './life-outcomes'
import type { Lived } from './life-types'
import type { About } from './numbers'
import { savePicture } from './picture'
import { Called, StageTag } from './tags'

/** Longer than a chart takes to draw itself. */
const DRAWN_MS = 600

export function ReportButtons() {
  const { t } = useWords()
  const at = useAddress()
  return (
    <>
      <Button icon={<PrinterOutlined />} onClick={() => at.set({ report: '1' })}>
        {t('lf_report')}
      </Button>
      <Button icon={<FileImageOutlined />} onClick={() => at.set({ report: 'image' })}>
        {t('lf_report_image')}
      </Button>
    </>
  )
}

export function LifeReport({ page, about }: { page: GroupAnswer & Lived; about: About }) {
  const words = useWords()
  const { t, said, problem } = words
  const at = useAddress()
  const write = useWriting()
  const { message } = App.useApp()
  const { corp } = useHere()
  const { group, reading } = page
  const sheet = useRef<HTMLDivElement>(null)
  const [saving, setSaving] = useState(false)
  const until = page.window?.end ?? reading?.end ?? ''
  const save = useCallback(async () => {
    if (!sheet.current) return
    setSaving(true)
    try {
      await savePicture(sheet.current, `${group.name}-${until}`)
    } catch (error) {
      message.error(problem(error))
    }
    setSaving(false)
  }, [group.name, until, message, problem])
  useSavedAtOnce(at.get('report') === 'image', save, () => at.set({ report: null }))
  if (!reading) return null
  const between = words.language === 'zh' ? '；' : '; '
  return (
    <ConfigProvider
      theme={{
        algorithm: antTheme.defaultAlgorithm,
        token: { colorPrimary: '#0f766e', colorLink: '#0f766e', colorBgLayout: '#fff' },
      }}
    >
      <div className="report" data-testid="report" ref={sheet}>
        <div className="row no-print" style={{ marginBottom: 12 }}>
          <Button icon={<ArrowLeftOutlined />} onClick={() => at.set({ report: null })}>
            {t('lf_report_back')}
          </Button>
          <Button type="primary" icon={<PrinterOutlined />} onClick={() => window.print()}>
            {t('lf_report_print')}
          </Button>
          <Button icon={<FileImageOutlined />} loading={saving} onClick={() => void save()}>
            {t('lf_report_image')}
          </Button>
        </div>
        <h1 className="row" style={{ margin: 0 }}>
          {group.name} <StageTag stage={group.stage} />
        </h1>
        <p style={{ marginTop: 4 }}>
          {[
            `${corp.name} · ${t('lf_report_of')}`,
            page.window && t('lf_report_days', page.window),
            t('as_of', { at: write.moment(reading.as_of), zone: reading.time_zone }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        <div className="stack">
          <SummaryLine summary={page.summary} />
          <OutcomesCard outcomes={page.outcomes} about={about} />
          <LifeCard curve={page.curve ?? []} life={page.life} about={about} asOf={reading.end} paper />
          {page.circles && page.circles.length > 0 && (
            <Card title={t('circle_map')}>
              <CircleMap
                people={page.people ?? []}
                edges={page.edges ?? []}
                circles={page.circles}
                height="420px"
              />
            </Card>
          )}
          <Leaders people={page.leaders ?? []} />
          {page.findings && page.findings.length > 0 && (
            <Card title={t('findings')}>
              {page.findings.map((finding) => (
                <div key={finding.key} className="kept" style={{ marginBottom: 10 }}>
                  <strong>{finding.evidence.map(said).join(between)}</strong>
                  <div>
                    <span className="muted">{t('todo')}: </span>
                    {words.language === 'zh' ? finding.todo_zh : finding.todo_en}
                  </div>
                </div>
              ))}
            </Card>
          )}
          <Figures metrics={page.metrics} />
        </div>
      </div>
    </ConfigProvider>
  )
}

/** Asked for in the address: the report comes, is saved when its charts are drawn, and goes again. */
function useSavedAtOnce(wanted: boolean, save: () => Promise<void>, leave: () => void) {
  const last = useRef({ save, leave })
  last.current = { save, leave }
  useEffect(() => {
    if (!wanted) return
    const drawn = setTimeout(() => void last.current.save().then(() => last.current.leave()), DRAWN_MS)
    return () => clearTimeout(drawn)
  }, [wanted])
}

function Leaders({ people }: { people: GroupPerson[] }) {
  const { t, maybe } = useWords()
  if (!people.length) {
    return (
      <Card title={t('leaders')}>
        <span className="muted">{t('leaders_none')}</span>
      </Card>
    )
  }
  return (
    <Card title={t('leaders')}>
      <table className="figures" style={{ width: '100%' }}>
        <thead>
          <tr>
            {[t('person'), t('role'), t('messages_col'), t('listeners'), t('replies_received')].map(
              (head) => (
                <th key={head}>{head}</th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {people.map((p) => (
            <tr key={p.person}>
              <td>
                <strong>
                  <Called name={p.name} />
                </strong>{' '}
                {!p.here && <span className="muted">{t('gone')}</span>}
              </td>
              <td>{maybe(`role_${p.role}`, p.role)}</td>
              <td className="num">{whole(p.messages)}</td>
              <td className="num">{whole(p.listeners)}</td>
              <td className="num">{whole(p.replies_received)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}

function Figures({ metrics }: { metrics: GroupAnswer['metrics'] }) {
  const words = useWords()
  const { t, said } = words
  const names = useCatalogue()
  const write = useWriting()
  return (
    <Card title={`${t('numbers')} · ${t('lf_definitions')}`}>
      <table className="figures defined">
        <tbody>
          {names
            .metricsPer('group')
            .filter((card) => metrics[card.key]?.whole)
            .map((card) => (
              <tr key={card.key}>
                <td>{said(card)}</td>
                <td className="num">
                  <strong>{write.num(metrics[card.key])}</strong>
                  <Counted num={metrics[card.key]} />
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
  )
}

/** Of how many, where a number is of several. */
function Counted({ num }: { num: Num | undefined }) {
  const { t } = useWords()
  if (!num || num.part === null || !num.whole || num.whole === 1 || ratio(num) === null) return null
  const rounded = (n: number) => (Number.isInteger(n) ? whole(n) : n.toFixed(1))
  return (
    <div className="muted">
      {num.unit === 'fen' || num.unit === 'seconds'
        ? `÷ ${rounded(num.whole)}`
        : t('part_of_whole', { part: rounded(num.part), whole: rounded(num.whole) })}
    </div>
  )
}
