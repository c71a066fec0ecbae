import type { ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { shortId } from '../../ui/copying/short-id.ts'
import styles from './log.module.css'

interface CallerNameProps {
  record: RequestRecord
  Id?: (props: { id: string }) => ReactNode
}

/**
 * Who made a request: the token, its session token, and the token's state then unless it was active. `Id` draws
 * the session token's ID, for example as a button, which can't be inside a link.
 */
export function CallerName({ record, Id = PlainId }: CallerNameProps) {
  const { token, parent, token_state: state, token_prefix: prefix } = record
  if (record.token_kind === 'owner') return <span className={styles.none}>{t`You`}</span>
  if (token === null) return <span className={styles.none}>{strangerName(state, prefix)}</span>
  return (
    <>
      {parent ?? token}
      {parent !== null && (
        <span className={styles.none}>
          {' '}
          › <Id id={token} />
        </span>
      )}
      {state !== null && state !== 'active' && <span className={styles.none}> ({state})</span>}
    </>
  )
}

function PlainId({ id }: { id: string }) {
  return shortId(id)
}

function strangerName(state: RequestRecord['token_state'], prefix: string | null): string {
  if (state === 'unknown') return prefix === null ? t`Unknown token` : t`Unknown ${prefix}`
  return state === 'malformed' ? t`Malformed token` : t`No token`
}

export function callerLabel(record: RequestRecord): string {
  const { token, parent, token_state: state } = record
  if (record.token_kind === 'owner') return t`You, in the app, the web console or the command line`
  if (token === null) return strangerName(state, record.token_prefix)
  const name = parent === null ? token : t`${token} (session token of ${parent})`
  return state === null || state === 'active' ? name : `${name}, ${state} then`
}
