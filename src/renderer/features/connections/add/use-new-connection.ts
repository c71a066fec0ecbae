import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ConnectionConfig } from '../../../../contract/owner-api/connections-api.ts'
import { useApi } from '../../../lib/api.tsx'
import { isLost, callErrorOf, type CallError } from '../../../lib/call-error.ts'
import type { GivenSecret } from '../secret-choice.tsx'
import { inScreenWords } from './place-refusal.ts'

interface Order {
  name: string
  config: ConnectionConfig
  secret?: GivenSecret | undefined
}

/**
 * Makes a connection, which the engine tries against its upstream first. A refusal goes to the field it names, through `place`
 * (true: it found its field), else it is `problem`. Not a TanStack mutation: those keep their variables, and here is a secret.
 */
export function useNewConnection(project: string, onDone: () => void) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const running = useRef<AbortController | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  const create = async ({ secret, ...order }: Order, place: (refusal: CallError) => boolean): Promise<void> => {
    const leaving = new AbortController()
    running.current = leaving
    setBusy(true)
    setProblem(null)
    try {
      await owner.connections.create(
        { ...order, project, ...(secret === undefined ? {} : { secret }) },
        { signal: leaving.signal },
      )
      // Shown before the dialog goes, so that the focus finds the screen as it stays.
      await queries.invalidateQueries({ queryKey: query.connections.key() })
      onDone()
    } catch (thrown) {
      if (leaving.signal.aborted) return
      const refusal = callErrorOf(thrown)
      if (isLost(thrown) || !place(refusal)) {
        const sentence = inScreenWords(refusal.sentence)
        setProblem(
          secret !== undefined && 'value' in secret ? `${sentence} The secret was not kept: type it again.` : sentence,
        )
      }
    } finally {
      setBusy(false)
    }
  }
  return { create, busy, problem }
}
