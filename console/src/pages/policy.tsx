/** The rules for sending, in plain sentences. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Card, Form, Input, InputNumber, Select, Switch } from 'antd'
import { get, put, queries } from '../api'
import { Waiting } from '../app'
import { Failed } from '../parts/lists'
import { PeopleSelect } from '../parts/person-search'
import { useWords } from '../words'
import type { Options } from './broadcast-types'

interface Quota {
  day: number | null
  week: number | null
  month: number | 'days' | null
}

interface Policy {
  quiet_from: string
  quiet_until: string
  rest: 'never' | 'holidays' | 'holidays_and_weekends'
  rest_also: string[]
  rest_never: string[]
  person: Quota
  group: Quota
  staff_tasks: number
  personal_taps: number
  budget: number
  budget_most: number
  group_cost: number
  group_budget: number
  holdout: number
  blocked: number[]
  blocked_groups: number[]
  consent_needed: string[]
  same_words_days: number
  same_words_share: number
  contact_worth_fen: number
  weary_loss: number
  refuse_unworthy: boolean
}

interface Shown {
  policy: Policy
  broken: { field: string; message: string } | null
  holidays_known: number[]
  holidays_missing: number[]
  may_change: boolean
}

/** As it stands in the form: shares in percent, money in yuan. */
interface Written extends Omit<Policy, 'person' | 'group'> {
  person: Quota & { wecom: boolean }
  group: Quota & { wecom: boolean }
}

const quotaOut = (of: Quota) => ({
  ...of,
  month: of.month === 'days' ? null : of.month,
  wecom: of.month === 'days',
})
const quotaIn = ({ wecom, day, week, month }: Written['person']): Quota => ({
  day: day ?? null,
  week: week ?? null,
  month: wecom ? 'days' : (month ?? null),
})

function out(policy: Policy): Written {
  return {
    ...policy,
    person: quotaOut(policy.person),
    group: quotaOut(policy.group),
    holdout: Math.round(policy.holdout * 1000) / 10,
    same_words_share: Math.round(policy.same_words_share * 1000) / 10,
    contact_worth_fen: policy.contact_worth_fen / 100,
    weary_loss: Math.round(policy.weary_loss * 100),
  }
}

function back(given: Written): Policy {
  return {
    ...given,
    person: quotaIn(given.person),
    group: quotaIn(given.group),
    holdout: given.holdout / 100,
    same_words_share: given.same_words_share / 100,
    contact_worth_fen: Math.round(given.contact_worth_fen * 100),
    weary_loss: given.weary_loss / 100,
  }
}

export function PolicyForm() {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  const [form] = Form.useForm<Written>()
  const page = useQuery({ queryKey: ['policy'], queryFn: () => get<Shown>('/api/policy') })
  const options = useQuery({
    queryKey: ['broadcast-options'],
    queryFn: () => get<Options>('/api/broadcast-options'),
    staleTime: 60_000,
  })
  const groups = options.data?.groups.map((one) => ({ value: one.group, label: one.name })) ?? []
  const save = useMutation({
    mutationFn: (given: Policy) => put<Shown>('/api/policy', given),
    onSuccess: (kept) => {
      queries.setQueryData(['policy'], kept)
      message.success(t('saved'))
    },
    onError: (error) => message.error(problem(error)),
  })
  if (page.error) return <Failed error={page.error} retry={() => void page.refetch()} />
  if (!page.data) return <Waiting />
  const { policy, broken, holidays_known, holidays_missing, may_change } = page.data
  const clock = [{ required: true, pattern: /^([01]\d|2[0-3]):[0-5]\d$/ }]
  const purposes = (['sell', 'give', 'care', 'service'] as const).map((value) => ({
    value,
    label: t(`po_${value}`),
  }))
  return (
    <Form<Written>
      form={form}
      key={JSON.stringify(policy)}
      layout="vertical"
      disabled={!may_change}
      initialValues={out(policy)}
      // What the form does not show stays as it is.
      onFinish={(given) => save.mutate(back({ ...out(policy), ...given }))}
    >
      {broken && (
        <Alert
          type="error"
          showIcon
          title={t('po_broken', { why: broken.message })}
          style={{ marginBottom: 12 }}
        />
      )}
      <div className="grid halves">
        <Card size="small" title={t('po_when')}>
          <Form.Item label={t('po_quiet')} extra={t('po_quiet_hint')}>
            <div className="row">
              <Form.Item name="quiet_from" noStyle rules={clock}>
                <Input style={{ width: 90 }} maxLength={5} aria-label={t('po_quiet')} />
              </Form.Item>
              {t('po_until')}
              <Form.Item name="quiet_until" noStyle rules={clock}>
                <Input style={{ width: 90 }} maxLength={5} aria-label={t('po_until')} />
              </Form.Item>
            </div>
          </Form.Item>
          <Form.Item
            name="rest"
            label={t('po_rest')}
            extra={
              <>
                {t('po_holidays', { years: holidays_known.join('、') })}{' '}
                {holidays_missing.length > 0 && (
                  <strong>{t('po_holidays_missing', { years: holidays_missing.join('、') })}</strong>
                )}
              </>
            }
          >
            <Select
              options={(['never', 'holidays', 'holidays_and_weekends'] as const).map((value) => ({
                value,
                label: t(`po_rest_${value}`),
              }))}
            />
          </Form.Item>
          <Form.Item name="rest_also" label={t('po_rest_also')} extra={t('po_days_hint')}>
            <Select mode="tags" open={false} />
          </Form.Item>
          <Form.Item name="rest_never" label={t('po_rest_but')} extra={t('po_days_hint')}>
            <Select mode="tags" open={false} />
          </Form.Item>
        </Card>
        <Card size="small" title={t('po_often')}>
          <QuotaFields of="person" />
          <QuotaFields of="group" />
          <div className="muted" style={{ marginBottom: 12 }}>
            {t('po_quota_hint')}
          </div>
          <Form.Item name="staff_tasks" label={t('po_staff')}>
            <InputNumber min={1} max={1000} />
          </Form.Item>
          <Form.Item name="personal_taps" label={t('po_taps')} extra={t('po_taps_hint')}>
            <InputNumber min={0} max={1000} precision={0} />
          </Form.Item>
        </Card>
        <Card size="small" title={t('po_attention')}>
          <Form.Item name="budget" label={t('po_budget')} extra={t('po_budget_hint')}>
            <InputNumber min={0} max={50} step={0.5} />
          </Form.Item>
          <Form.Item name="budget_most" label={t('po_most')}>
            <InputNumber min={0.5} max={50} step={0.5} />
          </Form.Item>
          <Form.Item name="group_cost" label={t('po_group_cost')}>
            <InputNumber min={0} max={1} step={0.05} />
          </Form.Item>
          <Form.Item name="group_budget" label={t('po_group_budget')}>
            <InputNumber min={0} max={50} step={1} />
          </Form.Item>
          <Form.Item name="contact_worth_fen" label={t('po_worth')}>
            <InputNumber min={0} max={1_000_000} />
          </Form.Item>
          <Form.Item name="weary_loss" label={t('po_weary')} extra={t('po_weary_hint')}>
            <InputNumber min={0} max={500} step={5} />
          </Form.Item>
          <Form.Item name="refuse_unworthy" label={t('po_unworthy')} valuePropName="checked">
            <Switch />
          </Form.Item>
        </Card>
        <Card size="small" title={t('po_whom')}>
          <Form.Item name="holdout" label={t('po_holdout')} extra={t('po_holdout_hint')}>
            <InputNumber min={0} max={50} step={1} />
          </Form.Item>
          <Form.Item name="consent_needed" label={t('po_consent')}>
            <Select mode="multiple" options={purposes} />
          </Form.Item>
          <Form.Item name="same_words_days" label={t('po_same')}>
            <InputNumber min={0} max={365} />
          </Form.Item>
          <Form.Item name="same_words_share" label={t('po_same_share')}>
            <InputNumber min={0} max={100} />
          </Form.Item>
          <Form.Item name="blocked" label={t('po_blocked')}>
            <PeopleSelect label={t('po_blocked')} disabled={!may_change} />
          </Form.Item>
          <Form.Item name="blocked_groups" label={t('po_blocked_groups')}>
            <Select mode="multiple" optionFilterProp="label" options={groups} />
          </Form.Item>
        </Card>
      </div>
      <p className="muted">{t('po_service_note')}</p>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('po_save')}
      </Button>
    </Form>
  )
}

function QuotaFields({ of }: { of: 'person' | 'group' }) {
  const { t } = useWords()
  const wecom = Form.useWatch([of, 'wecom'])
  return (
    <Form.Item label={t(`po_${of}`)}>
      <div className="row">
        <Form.Item name={[of, 'day']} noStyle>
          <InputNumber min={0} max={1000} style={{ width: 150 }} prefix={t('po_per_day')} />
        </Form.Item>
        <Form.Item name={[of, 'week']} noStyle>
          <InputNumber min={0} max={1000} style={{ width: 150 }} prefix={t('po_per_week')} />
        </Form.Item>
        <Form.Item name={[of, 'month']} noStyle>
          <InputNumber
            min={0}
            max={1000}
            style={{ width: 150 }}
            prefix={t('po_per_month')}
            disabled={wecom !== false}
          />
        </Form.Item>
      </div>
      <div className="row" style={{ marginTop: 6 }}>
        <Form.Item name={[of, 'wecom']} noStyle valuePropName="checked">
          <Switch size="small" aria-label={t('po_month_days')} />
        </Form.Item>
        {t('po_month_days')}
      </div>
    </Form.Item>
  )
}
