/** What kind a group is of: what somebody said, or a guess from its name that is told apart from it. */
import { useMutation } from '@tanstack/react-query'
import { App, Button, Select, Tag, Tooltip } from 'antd'
import { useState } from 'react'
import { post, queries } from '../api'
import { useCatalogue } from '../here'
import type { GroupKind } from '../types'
import { useWords } from '../words'

const GUESS = ''
/** The server takes so many groups at once. */
const MOST = 500

export function KindTag({ of }: { of: GroupKind }) {
  const { t } = useWords()
  const names = useCatalogue()
  if (of.kind_said) return <Tag color="blue">{names.groupKindName(of.kind)}</Tag>
  return (
    <Tooltip title={t('gk_guess_hint')}>
      <Tag variant="outlined" className="muted">
        {of.kind === 'custom' ? t('gk_nothing') : t('gk_guessed', { kind: names.groupKindName(of.kind) })}
      </Tag>
    </Tooltip>
  )
}

function useSaying(done?: () => void) {
  const { t, problem } = useWords()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (given: { groups: number[]; kind: string }) =>
      post<{ changed: number }>('/api/groups/kind', { ...given, kind: given.kind || null }),
    onSuccess: ({ changed }) => {
      message.success(t('gk_said', { n: changed }))
      for (const key of ['group', '/api/groups', 'segments', 'playbooks'])
        void queries.invalidateQueries({ queryKey: [key] })
      done?.()
    },
    onError: (error) => message.error(problem(error)),
  })
}

function useKinds(guess?: string) {
  const { t } = useWords()
  const names = useCatalogue()
  const back = guess ? t('gk_back_to', { kind: names.groupKindName(guess) }) : t('gk_back')
  return [
    ...(names.all?.group_kinds ?? []).map((one) => ({ value: one.key, label: names.groupKindName(one.key) })),
    { value: GUESS, label: back },
  ]
}

/** The kind of one group, to be changed. */
export function KindSelect({ group, of }: { group: number; of: GroupKind }) {
  const { t } = useWords()
  const say = useSaying()
  const options = useKinds(of.kind_guess)
  return (
    <span className="row" style={{ gap: 6 }}>
      <span>{t('gk_kind')}</span>
      <Select
        size="small"
        aria-label={t('gk_kind')}
        style={{ minWidth: 120 }}
        popupMatchSelectWidth={false}
        loading={say.isPending}
        value={of.kind_said ? of.kind : GUESS}
        labelRender={of.kind_said ? undefined : () => <KindTag of={of} />}
        options={options}
        onChange={(kind: string) => say.mutate({ groups: [group], kind })}
      />
    </span>
  )
}

/** Say of several groups at once what kind they are of. */
export function KindOfSeveral({ groups, done }: { groups: number[]; done: () => void }) {
  const { t } = useWords()
  const [kind, choose] = useState<string>()
  const say = useSaying(done)
  const options = useKinds()
  if (groups.length === 0) return null
  return (
    <span className="row">
      <span className="num">{t('gk_chosen', { n: groups.length })}</span>
      <Select
        aria-label={t('gk_set')}
        placeholder={t('gk_set')}
        style={{ minWidth: 150 }}
        popupMatchSelectWidth={false}
        value={kind}
        onChange={choose}
        options={options}
      />
      <Button
        type="primary"
        disabled={kind === undefined || groups.length > MOST}
        loading={say.isPending}
        onClick={() => kind !== undefined && say.mutate({ groups, kind })}
      >
        {t('gk_do')}
      </Button>
      <Button onClick={done}>{t('cancel')}</Button>
    </span>
  )
}
