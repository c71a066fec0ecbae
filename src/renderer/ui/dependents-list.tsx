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
          Used in {counted(projects.length, 'project')}: <Names names={projects} />
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
  const revoked = sessions === 0 ? '' : `revokes ${counted(sessions, 'session token')}`
  const interrupted = running === 0 ? '' : `interrupts ${counted(running, 'running request')}`
  const effects = [revoked, interrupted].filter((effect) => effect !== '').join(' and ')
  if (effects === '') return 'No session tokens or running requests are affected.'
  return `${effects.charAt(0).toUpperCase()}${effects.slice(1)}.`
}
