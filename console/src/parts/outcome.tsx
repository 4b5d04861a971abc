/** What experiments share: how an effect is written, and a verdict in one word. */
import { Tag } from 'antd'
import { DASH, money, percent, whole } from '../format'
import { useHere } from '../here'
import type { MeasureCard, VerdictWord } from '../outcome-types'
import type { Key } from '../strings'
import { useWords } from '../words'

const COLOUR = { better: 'green', worse: 'red', cannot_tell: 'default', too_few: 'default' } as const

export function Verdict({ says }: { says: VerdictWord }) {
  const { t } = useWords()
  return <Tag color={COLOUR[says]}>{t(`ex_v_${says}`)}</Tag>
}

/** A figure of a measure a head; with `signed` a difference. Unknown is a dash, and a share's difference is in points. */
export function useFigures() {
  const here = useHere()
  return {
    of: (card: MeasureCard, value: number | null, signed = false): string => {
      if (value === null) return DASH
      const sign = signed && value > 0 ? '+' : ''
      switch (card.kind) {
        case 'fen':
          return sign + (value < 0 ? '-' : '') + money(Math.abs(value), here.corp.currency)
        case 'share':
          return signed ? `${sign}${(value * 100).toFixed(2)} pp` : `${(value * 100).toFixed(2)}%`
        default:
          return sign + (Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(1))
      }
    },
    fen: (value: number | null, signed = false): string =>
      value === null
        ? DASH
        : `${signed && value > 0 ? '+' : ''}${value < 0 ? '-' : ''}${money(Math.abs(value), here.corp.currency)}`,
  }
}

const ARMS: Record<string, Key> = {
  '*': 'ex_arm_all',
  holdout: 'ex_arm_holdout',
  sent: 'ex_arm_sent',
  reached: 'ex_arm_reached',
  journey: 'ex_arm_journey',
}
export function useArm() {
  const { t } = useWords()
  return (arm: string) => (ARMS[arm] ? t(ARMS[arm]) : arm)
}

const KINDS = ['broadcast', 'launch', 'journey', 'playbook', 'holdout'] as const
export function useKind() {
  const { t } = useWords()
  return (kind: string) => {
    const known = KINDS.find((one) => one === kind)
    return known ? t(`ex_kind_${known}`) : kind
  }
}

export const share = (value: number) => percent(Math.min(Math.max(value, 0), 1))
export const p3 = (p: number) => (p < 0.001 ? '< 0.001' : p.toFixed(3))
export { whole }
