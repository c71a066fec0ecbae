import { plural, t } from '../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import { formatDuration, formatMoment } from '../../lib/format.ts'
import { StatusLabel, type Tone } from '../../ui/status-label.tsx'

/** Returns a connection's state in a few words, the most important first. */
export function healthText({ health, paused, tools }: ConnectionRecord): { tone: Tone; text: string } {
  const review = tools?.review ?? 0
  const toReview = review === 0 ? null : t`${plural(review, '# tool', '# tools')} to review`
  if (paused) return { tone: 'none', text: toReview === null ? t`Paused` : t`Paused, ${toReview}` }
  if (health.state === 'down')
    return {
      tone: 'bad',
      text: health.failing_since === null ? t`Down` : t`Down since ${formatMoment(health.failing_since)}`,
    }
  if (health.state === 'unknown')
    return toReview === null
      ? { tone: 'none', text: t`Not checked` }
      : { tone: 'wait', text: t`Not checked, ${toReview}` }
  if (toReview !== null) return { tone: 'wait', text: t`Up, ${toReview}` }
  return { tone: 'ok', text: health.latency_ms === null ? t`Up` : t`Up, ${formatDuration(health.latency_ms)}` }
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
