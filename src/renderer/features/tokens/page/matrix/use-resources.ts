import { useQuery } from '@tanstack/react-query'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
import { useApi } from '../../../../lib/api.tsx'

export interface Resources {
  /** Tables of a document or tools of an MCP server. Undefined until they are known, and for an HTTP API. */
  names: readonly string[] | undefined
  tools: readonly McpToolRecord[] | undefined
  /** The document doesn't answer. */
  isFailed: boolean
}

/** Loads what a connection consists of, while `isWanted`. */
export function useResources({ name, kind }: ConnectionRecord, isWanted: boolean): Resources {
  const { query } = useApi()
  const isDocument = kind === 'grist' || kind === 'sqlite'
  const tables = useQuery(
    query.connections.tables.queryOptions({
      input: { name },
      enabled: isWanted && isDocument,
      retry: false,
      staleTime: 0,
      meta: { asksUpstream: true },
    }),
  )
  const tools = useQuery(
    query.connections.tools.queryOptions({ input: { name }, enabled: isWanted && kind === 'mcp', retry: false }),
  )
  return {
    names: isDocument ? tables.data : tools.data?.map((tool) => tool.name),
    tools: tools.data,
    isFailed: tables.isError,
  }
}
