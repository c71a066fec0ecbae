import { rich } from '../lib/rich.ts'
import { plural, t } from '../../contract/text/translate.ts'
import type { Dependents } from '../../contract/records.ts'
import styles from './dependents-list.module.css'

/**
 * Names what depends on a record that is about to be removed. `lost` says what happens to its tokens.
 */
export function DependentsList({ dependents, lost }: { dependents: Dependents; lost: (tokens: number) => string }) {
  const { projects, tokens, sessions, requests_running: running } = dependents
  return (
    <ul className={styles.list}>
      {projects.length > 0 && (
        <li>{rich`Used in ${plural(projects.length, '# project', '# projects')}: ${<Names names={projects} />}`}</li>
      )}
      {tokens.length > 0 && (
        <li>
          {lost(tokens.length)}: <Names names={tokens.map(({ project, name }) => `${project}/${name}`)} />
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
  if (sessions === 0 && running === 0) return t`No session tokens or running requests are affected.`
  if (running === 0) return t`Revokes ${plural(sessions, '# session token', '# session tokens')}.`
  if (sessions === 0) return t`Interrupts ${plural(running, '# running request', '# running requests')}.`
  return t`Revokes ${plural(sessions, '# session token', '# session tokens')} and interrupts ${plural(running, '# running request', '# running requests')}.`
}
