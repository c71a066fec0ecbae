import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionConfig } from '../../../../contract/owner-api/connections-api.ts'
import type { ConnectionKind } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { isLost, callErrorOf, type CallError } from '../../../lib/call-error.ts'
import { fieldLabel } from '../../../lib/field-labels.ts'
import type { GivenSecret } from '../secret-choice.tsx'

interface NewConnection {
  name: string
  config: ConnectionConfig
  secret?: GivenSecret | undefined
}

/**
 * Creates a connection, which the engine tests first. `place` shows an error at its field and returns true, or returns false so
 * that it becomes `problem`. Not a TanStack mutation, because those store their variables, and these hold a secret.
 */
export function useNewConnection(kind: ConnectionKind, project: string, onDone: () => void) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const running = useRef<AbortController | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  const create = async ({ secret, ...values }: NewConnection, place: (error: CallError) => boolean): Promise<void> => {
    const leaving = new AbortController()
    running.current = leaving
    setBusy(true)
    setProblem(null)
    try {
      await owner.connections.create(
        { ...values, project, ...(secret === undefined ? {} : { secret }) },
        { signal: leaving.signal },
      )
      // Refetched before the dialog closes, so that the focus returns to the final screen.
      await queries.invalidateQueries({ queryKey: query.connections.key() })
      onDone()
    } catch (thrown) {
      if (leaving.signal.aborted) return
      const error = callErrorOf(thrown)
      if (isLost(thrown) || !place(error)) {
        const label = error.field === undefined ? null : fieldLabel(error.field, kind)
        const sentence = label === null ? error.sentence : `${label}: ${error.sentence}`
        setProblem(
          secret !== undefined && 'value' in secret
            ? t`${sentence} The secret wasn't stored. Enter it again.`
            : sentence,
        )
      }
    } finally {
      setBusy(false)
    }
  }
  return { create, busy, problem }
}
