import { useQuery } from '@tanstack/react-query'
import type { ClientRecord, RequestRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { findSample, type Sample } from './find-sample.ts'
import { useSeenInLog } from './use-seen-in-log.ts'

const QUESTIONS = {
  client: ({ transport, token, status }: RequestRecord) =>
    transport.startsWith('mcp-') && token !== null && status !== null && status < 400,
  script: ({ transport, token_kind: kind, status }: RequestRecord) =>
    transport === 'proxy' && kind === 'session' && status !== null && status < 400,
} as const

/** What the first steps show: each is done when it really happened. */
export interface FirstRun {
  /** Undefined while it loads, null without a document. */
  sample: Sample | null | undefined
  /** The document has returned its tables. */
  isReady: boolean
  clients: readonly ClientRecord[]
  /** A client's configuration has an entry, or a client has called. */
  isConnected: boolean
  call: RequestRecord | null
  script: RequestRecord | null
}

export function useFirstRun(): FirstRun {
  const { query } = useApi()
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: {} }))
  const { data: status } = useQuery(query.status.queryOptions())
  const sample = connections === undefined ? undefined : findSample(connections)
  const { project = '', document = '' } = sample ?? {}
  const hasSample = project !== ''
  const { data: tables } = useQuery(
    query.connections.tables.queryOptions({ input: { name: document }, retry: false, enabled: hasSample }),
  )
  const { data: clients = [] } = useQuery(
    query.clients.list.queryOptions({
      input: { project },
      enabled: hasSample && status?.clients_available === true,
      retry: false,
    }),
  )
  const seen = useSeenInLog(hasSample ? project : null, QUESTIONS)
  return {
    sample,
    isReady: tables !== undefined,
    clients: clients.filter(({ state }) => state !== 'absent'),
    isConnected: seen.client !== null || clients.some(({ state }) => state === 'connected'),
    call: seen.client,
    script: seen.script,
  }
}

export function isFirstRunDone({ isReady, isConnected, call, script }: FirstRun): boolean {
  return isReady && isConnected && call !== null && script !== null
}
