import type { SessionRecord } from '../../contract/records.ts'
import { counted } from './tray-state.ts'

const MINUTE = 60_000

/** "Reads and writes sales in demo for 5 minutes, until 14:35. It leaves the clipboard then." */
export function mintedText({ project, connection, permissions, created_at, expires_at }: SessionRecord): string {
  const minutes = Math.max(1, Math.round((Date.parse(expires_at) - Date.parse(created_at)) / MINUTE))
  const rights = permissions.includes('write') ? 'Reads and writes' : 'Reads'
  const until = new Date(expires_at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return `${rights} ${connection} in ${project} for ${counted(minutes, 'minute')}, until ${until}. It leaves the clipboard then.`
}
