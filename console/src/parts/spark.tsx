/** A series as small as a word. The tallest bar is the row's own best. */
import { theme } from 'antd'

export function Spark({ values, label }: { values: number[]; label: string }) {
  const { token } = theme.useToken()
  const most = Math.max(1, ...values)
  const step = 4
  return (
    <svg width={values.length * step} height={24} role="img" aria-label={`${label}: ${values.join(', ')}`}>
      <title>{values.join(' ')}</title>
      {values.map((value, at) => {
        const height = value === 0 ? 1 : Math.max(2, (value / most) * 24)
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a week is known by its place alone
            key={at}
            x={at * step}
            y={24 - height}
            width={step - 1}
            height={height}
            fill={value === 0 ? token.colorBorder : token.colorPrimary}
          />
        )
      })}
    </svg>
  )
}
