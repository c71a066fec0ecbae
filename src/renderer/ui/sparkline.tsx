import styles from './sparkline.module.css'

interface SparklineProps {
  values: readonly number[]
  width?: number
  height?: number
  tone?: 'ok' | 'denied' | 'failed'
}

const GAP = 1

/** Small bars beside a figure that says the same. A value above zero is at least one pixel high. */
export function Sparkline({ values, width = 72, height = 16, tone = 'ok' }: SparklineProps) {
  const highest = Math.max(1, ...values)
  const step = values.length === 0 ? 0 : width / values.length
  return (
    <svg className={styles.line} data-tone={tone} width={width} height={height} aria-hidden focusable="false">
      <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
      {values.map((value, index) => {
        if (value <= 0) return null
        const tall = Math.max(1, Math.round((value / highest) * (height - 1)))
        return (
          <rect key={index} x={index * step} y={height - tall} width={Math.max(1, step - GAP)} height={tall} rx={0.5} />
        )
      })}
    </svg>
  )
}
