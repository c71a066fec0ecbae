import type { Dependents } from '../../contract/records.ts'
import { counted } from '../lib/format.ts'
import styles from './dependents-list.module.css'

/**
 * Names what depends on a record that is about to be removed. `lost` says what happens to one token, and to several.
 */
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

/** Returns "Revokes 2 session tokens and interrupts 1 running request." */
export function revokeEffects(sessions: number, running: number): string {
  if (sessions === 0 && running === 0) return 'No session token and no running request depends on it.'
  const ends = `${counted(sessions, 'session token')} ${sessions === 1 ? 'ends' : 'end'} now`
  return running === 0
    ? `${ends}.`
    : `${ends}, ${counted(running, 'request')} in flight ${running === 1 ? 'is' : 'are'} cut off.`
}
