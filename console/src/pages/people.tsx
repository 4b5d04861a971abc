/** People, by any number. */
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Tooltip } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { get } from '../api'
import { ago } from '../format'
import { choices, ROLES, RUNGS } from '../here'
import { Filter, MetricTable } from '../parts/metrictable'
import { SlippingTag } from '../parts/outlook'
import { Models, Seeds } from '../parts/people'
import { PersonLink, RoleTag, RungTag } from '../parts/tags'
import type { SourceRow } from '../types'
import { useWords } from '../words'
import type { ListedPerson } from './outlook-types'

const USUAL = [
  'money',
  'expected_money_365d',
  'frequency',
  'recency_days',
  'messages',
  'influence',
  'people_brought',
  'groups_in',
]

export function PeoplePage() {
  const words = useWords()
  const { t } = words
  const sources = useQuery({
    queryKey: ['sources'],
    queryFn: () => get<{ items: SourceRow[] }>('/api/sources'),
  })
  const [behind, look] = useState(false)
  return (
    <>
      <MetricTable<ListedPerson>
        per="person"
        path="/api/persons"
        title={t('people_title')}
        sort="money"
        narrowed={['rung', 'role', 'source', 'slipping']}
        search={t('search_people')}
        none={t('no_people_match')}
        idOf={(row) => row.person}
        usual={USUAL}
        filters={
          <>
            <Filter name="rung" all={t('all_rungs')} options={choices(RUNGS, 'rung', words)} />
            <Filter name="role" all={t('all_roles')} options={choices(ROLES, 'role', words)} />
            <Filter
              name="source"
              all={t('all_sources')}
              options={(sources.data?.items ?? []).map((s) => ({ value: String(s.source), label: s.name }))}
            />
            <Link to="/people/same">{t('op_link')}</Link>
            <Filter
              name="slipping"
              all={t('ol_any_rhythm')}
              options={[
                { value: 'true', label: t('ol_slipping') },
                { value: 'false', label: t('ol_in_rhythm') },
              ]}
            />
            <Button onClick={() => look(true)}>{t('ol_quality')}</Button>
          </>
        }
        before={[
          {
            title: t('person'),
            fixed: 'left',
            width: 170,
            render: (_, row) => (
              <>
                <PersonLink person={row.person} name={row.name} /> <SlippingTag slipping={row.slipping} />
              </>
            ),
          },
          {
            title: t('rung'),
            key: 'rung',
            sorter: true,
            width: 108,
            render: (_, row) => <RungTag rung={row.rung} />,
          },
          {
            title: <Tooltip title={t('rfm_hint')}>{t('rfm')}</Tooltip>,
            width: 66,
            className: 'num',
            render: (_, row) => row.rfm_cell ?? '—',
          },
          { title: t('role'), width: 96, render: (_, row) => <RoleTag role={row.role} /> },
        ]}
        after={[
          {
            title: t('source'),
            width: 130,
            render: (_, row) => <span className="nowrap">{row.source_name ?? '—'}</span>,
          },
          {
            title: t('last_seen'),
            key: 'last_seen_at',
            sorter: true,
            width: 112,
            render: (_, row) => <span className="nowrap">{ago(row.last_seen_at, words)}</span>,
          },
        ]}
      />
      <Drawer open={behind} onClose={() => look(false)} size={980} destroyOnHidden>
        <Models />
        <Seeds />
      </Drawer>
    </>
  )
}
