import type { Dependents } from '../../contract/records.ts'
import { counted } from '../lib/format.ts'
import styles from './dependents-list.module.css'

/** What hangs on a thing that is about to go, by name. `lost` says what becomes of one token, and of several. */
export function DependentsList({
  dependents,
  lost,
}: {
  dependents: Dependents
  lost: readonly [one: string, several: string]
}) {
  const { projects, tokens, sessions, requests_running: running } = dependents
  return (
    <ul className={styles.list}>
      {projects.length > 0 && (
        <li>
          {counted(projects.length, 'project')} {projects.length === 1 ? 'includes' : 'include'} it:{' '}
          <Names names={projects} />
        </li>
      )}
      {tokens.length > 0 && (
        <li>
          {counted(tokens.length, 'token')} {lost[tokens.length === 1 ? 0 : 1]}:{' '}
          <Names names={tokens.map(({ project, name }) => `${project}/${name}`)} />
        </li>
      )}
      <li>{revokeEffects(sessions, running)}</li>
    </ul>
  )
}

function Names({ names }: { names: string[] }) {
  return <span className="hp-mono">{names.join(', ')}</span>
}

/** "2 session tokens end now, 1 request in flight is cut off." */
export function revokeEffects(sessions: number, running: number): string {
  if (sessions === 0 && running === 0) return 'No session token and no running request depends on it.'
  const ends = `${counted(sessions, 'session token')} ${sessions === 1 ? 'ends' : 'end'} now`
  return running === 0
    ? `${ends}.`
    : `${ends}, ${counted(running, 'request')} in flight ${running === 1 ? 'is' : 'are'} cut off.`
}
