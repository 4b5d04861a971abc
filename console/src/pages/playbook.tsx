/** One playbook: its calendar and words, the groups it runs in, what it was measured to do. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Alert, App, Button, Popconfirm, Tabs } from 'antd'
import { useState } from 'react'
import { useParams, useSearchParams } from 'react-router'
import { get, post, queries } from '../api'
import { Waiting } from '../app'
import { Failed } from '../parts/lists'
import { Head } from '../parts/page'
import { useWords } from '../words'
import { Assign } from './playbook-assign'
import { Editor } from './playbook-editor'
import { Runs } from './playbook-matrix'
import { RecordTab } from './playbook-record'
import type { OnePlaybook } from './playbook-types'
import { StateTag, usePlaybookCatalogue } from './playbooks'

export function PlaybookPage() {
  const { id = '' } = useParams()
  const { t, problem, language } = useWords()
  const { message } = App.useApp()
  const [asked, ask] = useSearchParams()
  const [assigning, setAssigning] = useState(false)
  const catalogue = usePlaybookCatalogue()
  const one = useQuery({
    queryKey: ['playbooks', id],
    queryFn: () => get<OnePlaybook>(`/api/playbooks/${id}`),
    refetchInterval: 10_000,
  })
  const turn = useMutation({
    mutationFn: (state: string) => post(`/api/playbooks/${id}/state`, { state }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['playbooks'] }),
    onError: (error) => message.error(problem(error)),
  })
  const failed = one.error ?? catalogue.error
  if (failed) return <Failed error={failed} retry={() => void one.refetch()} />
  if (!one.data || !catalogue.data) return <Waiting />
  const book = one.data
  const running = book.runs.running ?? 0
  const over = book.state === 'stopped'
  return (
    <>
      <Head
        title={
          <span className="row">
            {language === 'en' && book.name_en ? book.name_en : book.name} <StateTag state={book.state} />
          </span>
        }
        hint={book.goal}
      >
        <Button onClick={() => setAssigning(true)} disabled={over || !book.size}>
          {t('pb_assign')}
        </Button>
        {book.state !== 'running' && (
          <Button
            type="primary"
            disabled={over || !book.size}
            loading={turn.isPending}
            onClick={() => turn.mutate('running')}
          >
            {t(book.state === 'paused' ? 'pb_resume' : 'pb_start')}
          </Button>
        )}
        {book.state === 'running' && <Button onClick={() => turn.mutate('paused')}>{t('pb_pause')}</Button>}
        {!over && book.state !== 'draft' && (
          <Popconfirm
            title={t('pb_stop')}
            description={<div style={{ maxWidth: 280 }}>{t('pb_stop_sure')}</div>}
            okText={t('pb_stop')}
            cancelText={t('cancel')}
            onConfirm={() => turn.mutate('stopped')}
          >
            <Button danger>{t('pb_stop')}</Button>
          </Popconfirm>
        )}
      </Head>
      {book.state === 'draft' && running > 0 && (
        <Alert type="info" showIcon title={t('pb_not_running')} style={{ marginBottom: 12 }} />
      )}
      <Tabs
        activeKey={asked.get('tab') ?? 'edit'}
        onChange={(tab) => ask({ tab })}
        items={[
          {
            key: 'edit',
            label: t('pb_tab_edit'),
            children: <Editor key={book.version} book={book} catalogue={catalogue.data} />,
          },
          { key: 'runs', label: `${t('pb_tab_runs')} ${running || ''}`, children: <Runs book={book} /> },
          {
            key: 'record',
            label: t('pb_tab_record'),
            children: <RecordTab book={book} catalogue={catalogue.data} />,
          },
        ]}
      />
      {assigning && <Assign book={book} catalogue={catalogue.data} close={() => setAssigning(false)} />}
    </>
  )
}
