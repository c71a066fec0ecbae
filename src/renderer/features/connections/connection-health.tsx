import type { ConnectionRecord } from '../../../contract/records.ts'
import { counted, formatDuration, formatMoment } from '../../lib/format.ts'
import { StatusLabel, type Tone } from '../../ui/status-label.tsx'

/** Returns a connection's state in a few words, the most important first. */
export function healthText({ health, paused, tools }: ConnectionRecord): { tone: Tone; text: string } {
  const review = tools === null || tools.review === 0 ? '' : `, ${counted(tools.review, 'tool')} to review`
  if (paused) return { tone: 'none', text: `Paused${review}` }
  if (health.state === 'down')
    return {
      tone: 'bad',
      text: health.failing_since === null ? 'Down' : `Down since ${formatMoment(health.failing_since)}`,
    }
  if (health.state === 'unknown') return { tone: review === '' ? 'none' : 'wait', text: `Not checked${review}` }
  const latency = health.latency_ms === null ? '' : `, ${formatDuration(health.latency_ms)}`
  return review === '' ? { tone: 'ok', text: `Up${latency}` } : { tone: 'wait', text: `Up${review}` }
}

export function ConnectionHealth({ connection }: { connection: ConnectionRecord }) {
  const { tone, text } = healthText(connection)
  const { message } = connection.health
  return (
    <StatusLabel tone={tone} {...(message === null ? {} : { title: message })}>
      {text}
    </StatusLabel>
  )
}
