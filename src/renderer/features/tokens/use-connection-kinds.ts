import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ConnectionKind } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'

/** Returns the kind of a connection by name, or undefined if the project doesn't include it. */
export function useConnectionKinds(project: string): (connection: string) => ConnectionKind | undefined {
  const { query } = useApi()
  const { data } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  return useMemo(() => {
    const kinds = new Map(data?.map(({ name, kind }) => [name, kind]))
    return (connection) => kinds.get(connection)
  }, [data])
}
