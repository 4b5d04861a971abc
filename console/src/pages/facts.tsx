/** Everything that happened. */
import { Card, DatePicker, Select } from 'antd'
import dayjs from 'dayjs'
import { useAddress, useCatalogue, useHere } from '../here'
import { FactsTable } from '../parts/facts'
import { FirstSteps, Head } from '../parts/page'
import { useWords } from '../words'

export function FactsPage() {
  const words = useWords()
  const { t } = words
  const names = useCatalogue()
  const { corp } = useHere()
  const at = useAddress()
  const [kind, first, last] = [at.get('kind'), at.get('first'), at.get('last')]
  const asked = { kind, first, last, group: at.get('group'), person: at.get('person') }
  return (
    <>
      <Head title={t('facts_title')} hint={t('facts_hint')} />
      <Card>
        {corp.has_facts ? (
          <div className="stack">
            <div className="row">
              <Select
                allowClear
                showSearch={{ optionFilterProp: 'label' }}
                value={kind ?? null}
                placeholder={t('all_kinds')}
                aria-label={t('all_kinds')}
                style={{ minWidth: 180 }}
                options={(names.all?.kinds ?? []).map((k) => ({ value: k.kind, label: words.said(k) }))}
                onChange={(chosen: string | null) => at.set({ kind: chosen })}
              />
              <DatePicker.RangePicker
                allowEmpty={[true, true]}
                value={[first ? dayjs(first) : null, last ? dayjs(last) : null]}
                onChange={(range) =>
                  at.set({
                    first: range?.[0]?.format('YYYY-MM-DD'),
                    last: range?.[1]?.format('YYYY-MM-DD'),
                  })
                }
              />
            </div>
            <FactsTable asked={asked} columns="all" />
          </div>
        ) : (
          <FirstSteps />
        )}
      </Card>
    </>
  )
}
