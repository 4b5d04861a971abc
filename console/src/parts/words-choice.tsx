/** Words of their own, a tap of staff each, or the same for all. */
import { Radio } from 'antd'
import { WORDS, type Words } from '../pages/broadcast-types'
import { useWords } from '../words'

export function WordsChoice({ value, change }: { value: Words; change: (to: Words) => void }) {
  const { t } = useWords()
  return (
    <div className="stack" style={{ gap: 4, marginTop: 12 }} data-testid="words">
      <span>{t('bc_words')}</span>
      <Radio.Group
        value={value}
        onChange={(event) => change(event.target.value)}
        options={WORDS.map((one) => ({ value: one, label: t(`bc_words_${one}`) }))}
      />
      <span className="muted">{t(`bc_words_${value}_hint`)}</span>
    </div>
  )
}
