import type { ConnectionRecord } from '../../../../contract/records.ts'
import { KIND_LABELS } from '../connection-kinds.ts'

interface ConnectionFilter {
  text: string
  /** A kind, or an empty text for all. */
  kind: string
  /** A state of the health, review or paused, or an empty text for any. */
  state: string
}

export const EMPTY_FILTER: ConnectionFilter = { text: '', kind: '', state: '' }

/** Returns whether a connection is found by its name, kind or target. */
export function matchesFilter(connection: ConnectionRecord, { text, kind, state }: ConnectionFilter): boolean {
  const { name, target, description, health, paused, tools } = connection
  const words = `${name} ${KIND_LABELS[connection.kind].label} ${target} ${description}`.toLowerCase()
  if (!words.includes(text.trim().toLowerCase())) return false
  if (kind !== '' && connection.kind !== kind) return false
  if (state === '') return true
  if (state === 'paused') return paused
  return state === 'review' ? (tools?.review ?? 0) > 0 : !paused && health.state === state
}
