/** The ladder of offers: rungs from hook to premium, who climbs, and the step that leaks. */
import { DeleteOutlined, DownloadOutlined, PlusOutlined, SettingOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import {
  Alert,
  App,
  Button,
  Card,
  Drawer,
  Input,
  InputNumber,
  Progress,
  Select,
  Table,
  Tag,
  theme,
} from 'antd'
import { useState } from 'react'
import { get, put, queries } from '../api'
import { Waiting } from '../app'
import { percent, ratio, whole } from '../format'
import { useHere, useWriting } from '../here'
import { Failed } from '../parts/lists'
import { Head, NothingYet } from '../parts/page'
import type { Num, Reading } from '../types'
import { useWords } from '../words'

interface Climb {
  moved: Num
  low: number | null
  high: number | null
}
interface RungRow extends Climb {
  rung: number
  zh: string
  en: string
  goods: number
  buyers: number
  standing: number
  least: Num
  most: Num
  money: Num
  median_days: Num
}
interface Good extends Climb {
  sku: string
  rung: number | null
  price: Num
  buyers: number
  money: Num
}
interface RungSetting {
  name: string
  skus: string[]
  from_fen: number | null
  to_fen: number | null
}
interface LadderAnswer {
  items: RungRow[]
  goods: Good[]
  leak: number | null
  days: number
  set_up: RungSetting[]
  most_rungs: number
  reading: Reading | null
}

export function OffersPage() {
  const { t } = useWords()
  const { account } = useHere()
  const [editing, setEditing] = useState(false)
  const page = useQuery({ queryKey: ['offers'], queryFn: () => get<LadderAnswer>('/api/offer-ladder') })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const data = page.data
  if (!data.items.length)
    return <NothingYet title={t('of_title')} reading={data.reading} text={t('of_none')} />
  return (
    <>
      <Head title={t('of_title')} hint={t('of_hint')} reading={data.reading}>
        {account?.role === 'owner' && (
          <Button icon={<SettingOutlined />} onClick={() => setEditing(true)}>
            {t('of_edit')}
          </Button>
        )}
        <Button icon={<DownloadOutlined />} href="/api/offer-ladder.csv" download>
          {t('csv')}
        </Button>
      </Head>
      <div className="stack">
        <Card extra={<span className="muted">{t(data.set_up.length ? 'of_said' : 'of_auto')}</span>}>
          <Rungs data={data} />
        </Card>
        <Card title={t('of_goods')} styles={{ body: { padding: 0 } }}>
          <Goods data={data} />
        </Card>
        <Card size="small" title={t('gr_definition')}>
          {t('of_definition', { days: data.days })}
        </Card>
      </div>
      <Drawer
        open={editing}
        onClose={() => setEditing(false)}
        title={t('of_edit')}
        size={560}
        destroyOnHidden
      >
        <Editor data={data} done={() => setEditing(false)} />
      </Drawer>
    </>
  )
}

/** Stairs: the highest rung on top, each as wide as the people who ever bought there. */
function Rungs({ data }: { data: LadderAnswer }) {
  const words = useWords()
  const { t, said } = words
  const { token } = theme.useToken()
  const write = useWriting()
  const most = Math.max(...data.items.map((rung) => rung.buyers), 1)
  return (
    <div className="stack" style={{ gap: 18 }}>
      {[...data.items].reverse().map((rung) => {
        const leaks = rung.rung === data.leak
        const price =
          rung.least.part === rung.most.part
            ? write.num(rung.least)
            : `${write.num(rung.least)} – ${write.num(rung.most)}`
        return (
          <div key={rung.rung}>
            <div className="between">
              <span className="row">
                <strong>{said(rung)}</strong>
                <span className="muted num">
                  {price} · {t('of_n_goods', { n: rung.goods })}
                </span>
                {leaks && <Tag color="error">{t('of_leak')}</Tag>}
              </span>
              <span className="num">
                {t('of_buyers')} {whole(rung.buyers)} · {t('of_standing')} {whole(rung.standing)} ·{' '}
                {write.num(rung.money)}
              </span>
            </div>
            <Progress
              percent={(100 * rung.buyers) / most}
              showInfo={false}
              strokeColor={leaks ? token.colorError : token.colorPrimary}
            />
            <Climbing
              climb={rung}
              days={data.days}
              median={rung.median_days}
              top={rung === data.items.at(-1)}
            />
            {leaks && rung.moved.part !== null && rung.moved.whole !== null && (
              <div style={{ color: token.colorError }}>
                {t('of_leak_text', {
                  began: whole(rung.moved.whole),
                  moved: whole(rung.moved.part),
                  days: data.days,
                })}
              </div>
            )}
          </div>
        )
      })}
    </div>
  )
}

function Climbing({ climb, days, median, top }: { climb: Climb; days: number; median: Num; top: boolean }) {
  const { t } = useWords()
  const write = useWriting()
  if (top) return <div className="muted">{t('of_top')}</div>
  const share = ratio(climb.moved)
  if (share === null) return <div className="muted">{t('of_unjudged', { days })}</div>
  return (
    <div className="muted">
      ↑ {t('of_moved', { days })} <strong>{percent(share)}</strong> (
      {t('part_of_whole', { part: whole(climb.moved.part ?? 0), whole: whole(climb.moved.whole ?? 0) })}
      {climb.low !== null && climb.high !== null && (
        <>
          {' · '}
          {t('of_range', { low: percent(climb.low), high: percent(climb.high) })}
        </>
      )}
      ){ratio(median) !== null && ` · ${t('of_median')} ${write.num(median)}`}
    </div>
  )
}

function Goods({ data }: { data: LadderAnswer }) {
  const { t, said } = useWords()
  const write = useWriting()
  const called = new Map(data.items.map((rung) => [rung.rung, said(rung)]))
  return (
    <Table
      size="small"
      rowKey="sku"
      dataSource={data.goods}
      scroll={{ x: 720 }}
      pagination={data.goods.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
      columns={[
        { title: t('of_goods'), dataIndex: 'sku' },
        {
          title: t('of_rung'),
          dataIndex: 'rung',
          render: (rung: number | null) => (rung === null ? '—' : (called.get(rung) ?? rung)),
          filters: data.items.map((rung) => ({ text: said(rung), value: rung.rung })),
          onFilter: (rung, row) => row.rung === rung,
        },
        {
          title: t('of_price'),
          align: 'right',
          className: 'num',
          render: (_, row) => write.num(row.price),
          sorter: (a, b) => (a.price.part ?? 0) - (b.price.part ?? 0),
        },
        {
          title: t('of_buyers'),
          align: 'right',
          className: 'num',
          dataIndex: 'buyers',
          sorter: (a, b) => a.buyers - b.buyers,
        },
        { title: t('of_money'), align: 'right', className: 'num', render: (_, row) => write.num(row.money) },
        {
          title: t('of_moved', { days: data.days }),
          align: 'right',
          className: 'num',
          sorter: (a, b) => (ratio(a.moved) ?? -1) - (ratio(b.moved) ?? -1),
          render: (_, row) =>
            ratio(row.moved) === null
              ? '—'
              : `${write.num(row.moved)} (${whole(row.moved.part ?? 0)} / ${whole(row.moved.whole ?? 0)})`,
        },
      ]}
    />
  )
}

type Draft = RungSetting & { key: number }

function Editor({ data, done }: { data: LadderAnswer; done: () => void }) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const [rungs, setRungs] = useState<Draft[]>(() => data.set_up.map((rung, key) => ({ ...rung, key })))
  const save = useMutation({
    mutationFn: () => put('/api/offer-ladder', { rungs: rungs.map(({ key: _, ...rung }) => rung) }),
    onSuccess: () => {
      message.success(t('of_saved'))
      void queries.invalidateQueries({ queryKey: ['offers'] })
      void queries.invalidateQueries({ queryKey: ['work'] })
      done()
    },
    onError: (error) => message.error(problem(error)),
  })
  const change = (key: number, to: Partial<RungSetting>) =>
    setRungs(rungs.map((rung) => (rung.key === key ? { ...rung, ...to } : rung)))
  const whole_ = rungs.every(
    (rung) => rung.name.trim() && (rung.skus.length || rung.from_fen !== null || rung.to_fen !== null),
  )
  return (
    <div className="stack">
      <p className="muted">{t('of_edit_hint')}</p>
      {rungs.map((rung, place) => (
        <Card
          key={rung.key}
          size="small"
          title={`${place + 1}`}
          extra={
            <Button
              type="text"
              size="small"
              icon={<DeleteOutlined />}
              aria-label={t('of_remove')}
              onClick={() => setRungs(rungs.filter((one) => one.key !== rung.key))}
            />
          }
        >
          <div className="stack" style={{ gap: 8 }}>
            <Input
              value={rung.name}
              maxLength={200}
              placeholder={t('of_name')}
              aria-label={t('of_name')}
              onChange={(event) => change(rung.key, { name: event.target.value })}
            />
            <Select
              mode="tags"
              value={rung.skus}
              placeholder={t('of_skus')}
              aria-label={t('of_skus')}
              onChange={(skus) => change(rung.key, { skus })}
              options={data.goods.map((good) => ({ value: good.sku, label: good.sku }))}
            />
            <div className="row">
              <span>{t('of_from')}</span>
              <Yuan
                value={rung.from_fen}
                label={t('of_from')}
                set={(from_fen) => change(rung.key, { from_fen })}
              />
              <span>{t('of_to')}</span>
              <Yuan value={rung.to_fen} label={t('of_to')} set={(to_fen) => change(rung.key, { to_fen })} />
            </div>
          </div>
        </Card>
      ))}
      {rungs.length < data.most_rungs && (
        <Button
          icon={<PlusOutlined />}
          onClick={() =>
            setRungs([
              ...rungs,
              {
                key: Math.max(0, ...rungs.map((rung) => rung.key)) + 1,
                name: '',
                skus: [],
                from_fen: null,
                to_fen: null,
              },
            ])
          }
        >
          {t('of_add')}
        </Button>
      )}
      {!whole_ && <Alert type="info" title={t('of_incomplete')} />}
      <Button type="primary" disabled={!whole_} loading={save.isPending} onClick={() => save.mutate()}>
        {t('of_save')}
      </Button>
    </div>
  )
}

function Yuan(props: { value: number | null; label: string; set: (fen: number | null) => void }) {
  return (
    <InputNumber<number>
      min={0}
      precision={2}
      prefix="¥"
      aria-label={props.label}
      value={props.value === null ? null : props.value / 100}
      onChange={(yuan) => props.set(yuan === null ? null : Math.round(yuan * 100))}
    />
  )
}
